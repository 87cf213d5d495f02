"""
# The tree of a formula

Both spellings, plain and LaTeX, give this tree. It says what a formula means, not how it was
written: brackets that change nothing, spaces, colors, and the choice between `a / b` and
`\\frac{a}{b}` are gone. The same formula has the same tree in both.

## Changing a tree

Trees are immutable; to change one part is to build the tree again around it. A *position* is the
way from the root of a tree to one of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from typing import Any, TypeAlias, TypeVar

from sidebyside.formula.letters import ASCII_NAMES


@dataclass(frozen=True)
class Expression:
    """Anything that has a value. Trees are immutable, hashable and compare by content."""


@dataclass(frozen=True)
class Number(Expression):
    """A constant as written, `0.999` or `1e-8`; `∞` is one, too."""

    text: str


@dataclass(frozen=True)
class Symbol(Expression):
    """
    A letter with its accent and indices: `m̂ₜ` is `Symbol("m", "hat", (Symbol("t"),))`.

    `name` is one letter (Greek letters as themselves), the name of a function such as `max`, or,
    inside an index only, a word: the `var` of `C_{var}`. `accent` is `""` or one of
    `letters.ACCENTS`, where `star` and `prime` count as accents.
    """

    name: str
    accent: str = ""
    index: tuple[Expression, ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Symbols are looked up all the time, and their hash goes through all of their index."""
        return hash((self.name, self.accent, self.index))


@dataclass(frozen=True)
class Dots(Expression):
    """The ellipsis of `max(s₁, …, sₜ)`."""


@dataclass(frozen=True)
class Blank(Expression):
    """The dot that stands for any argument, as in `ψ(·)`."""


@dataclass(frozen=True)
class Sum(Expression):
    """
    Terms; a subtracted one is a `Negative`. Written brackets stay as a nested `Sum`.

    A single term is one that was written with its sign, as in `+1`.
    """

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Negative(Expression):
    """`−value`."""

    value: Expression


@dataclass(frozen=True)
class Product(Expression):
    """Two or more factors, multiplied elementwise."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Divide(Expression):
    """A fraction."""

    numerator: Expression
    denominator: Expression


@dataclass(frozen=True)
class Power(Expression):
    """`base` to the power of `exponent`."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Root(Expression):
    """The square root."""

    value: Expression


@dataclass(frozen=True)
class Absolute(Expression):
    """`|value|`."""

    value: Expression


@dataclass(frozen=True)
class Norm(Expression):
    """`‖value‖`, or `‖value‖₂` with an order."""

    value: Expression
    order: Expression | None = None


@dataclass(frozen=True)
class Call(Expression):
    """
    A function and its arguments: `max(a, b)`, `f(θ)`, `E[x]`.

    The operators of `∇f` and `Δθ` are functions, too. `brackets` are those of an author who chose
    others than `()`: for what is shown, `U[0, 1]` is not `U(0, 1)`.
    """

    function: Symbol
    arguments: tuple[Expression, ...]
    brackets: str = field(default="", compare=False)


@dataclass(frozen=True)
class Series(Expression):
    """
    `Σ` (`kind == "sum"`) or `∏` (`"product"`) of `body`.

    `variable` runs from `lower` to `upper`; each of the three is None where it is left out.
    """

    kind: str
    variable: Symbol | None
    lower: Expression | None
    upper: Expression | None
    body: Expression


@dataclass(frozen=True)
class Listing(Expression):
    """
    Several things in a row: the pair `(β₁, β₂)`, the interval `[0, 1)`, the set `{1, 2}`, or,
    without brackets, `g₁, …, gₜ`. `left` and `right` are the brackets, or both empty.
    """

    items: tuple[Expression, ...]
    left: str = ""
    right: str = ""


@dataclass(frozen=True)
class Relation:
    """
    A chain: `first`, then each relation sign with what follows it.

    `a = b ≤ c` is `(a, (("=", b), ("≤", c)))`. Without `first`, as in `= c`, it goes on from what
    stands before it: the end of the row above, or a word of the sentence.
    """

    first: Expression | None
    rest: tuple[tuple[str, Expression], ...]

    @property
    def sides(self) -> list[Expression | None]:
        """What the signs stand between."""
        return [self.first, *(side for _, side in self.rest)]


Formula: TypeAlias = Expression | Relation

# The signs of a relation that say that both sides are the same.
EQUALITIES = ("←", "=", "≡")


# Expectation and variance.
MOMENTS = ("E", "Var")


def is_moment(tree: Formula) -> bool:
    """Return whether a node is `E[…]` or `Var[…]`."""
    return isinstance(tree, Call) and tree.function.name in MOMENTS and len(tree.arguments) == 1


def children(tree: Formula) -> Iterator[Expression]:
    """Yield the parts of a node from left to right, the indices of a symbol included."""
    if isinstance(tree, Relation):
        if tree.first is not None:
            yield tree.first
        yield from (side for _, side in tree.rest)
        return
    for each in fields(tree):
        value = getattr(tree, each.name)
        yield from (part for part in _tuple(value) if isinstance(part, Expression))


def walk(tree: Formula) -> Iterator[Formula]:
    """Yield every node of a tree, parents first, from left to right."""
    yield tree
    for child in children(tree):
        yield from walk(child)


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


Part: TypeAlias = tuple[str, int]  # from a node to one of its parts: the field, and where in it
Position: TypeAlias = tuple[Part, ...]
Tree = TypeVar("Tree", bound=Formula)


def parts(tree: Formula) -> Iterator[tuple[Part, Expression]]:
    """Yield the parts of a node, each with the step that leads to it."""
    if isinstance(tree, Relation):
        if tree.first is not None:
            yield ("first", 0), tree.first
        for n, (_, side) in enumerate(tree.rest):
            yield ("rest", n), side
        return
    for each in fields(tree):
        value = getattr(tree, each.name)
        members: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
        for n, part in enumerate(members):
            if isinstance(part, Expression):
                yield (each.name, n), part


def positions(tree: Formula, start: Position = ()) -> Iterator[tuple[Position, Formula]]:
    """Yield every node of a tree with its position, parents first."""
    yield start, tree
    for step, part in parts(tree):
        yield from positions(part, (*start, step))


def at(tree: Formula, position: Position) -> Any:
    """Return the node at a position."""
    for step in position:
        tree = dict(parts(tree))[step]
    return tree


def put(tree: Formula, position: Position, part: Any) -> Any:
    """Return `tree` with another node at a position."""
    if not position:
        return part
    (name, n), *inner = position
    new = put(dict(parts(tree))[name, n], tuple(inner), part)
    old: Any = getattr(tree, name)
    if isinstance(tree, Relation) and name == "rest":
        new = (old[n][0], new)
    changed: Any = {name: (*old[:n], new, *old[n + 1 :]) if isinstance(old, tuple) else new}
    return replace(tree, **changed)


def rewrite(tree: Tree, change: Callable[[Formula], Formula | None]) -> Tree:
    """
    Return `tree` with each node replaced for which `change` returns another.

    Parents are asked first; within a replacement nothing is replaced again.
    """
    new = change(tree)
    if new is not None:
        return new  # type: ignore[return-value]  # an expression stays one, whatever its kind
    for step, part in list(parts(tree)):
        changed = rewrite(part, change)
        if changed is not part:
            tree = put(tree, (step,), changed)
    return tree


TIME = Symbol("t")

# Letters that everybody reads as one number: π, and the base of `e^x`.
PI, EULER, IMAGINARY = Symbol("π"), Symbol("e"), Symbol("i")


def is_exponential(tree: Formula) -> bool:
    """Return whether a node is a power of the number e; `e²` may be the square of an error."""
    if not isinstance(tree, Power) or tree.base != EULER:
        return False
    exponent = tree.exponent.value if isinstance(tree.exponent, Negative) else tree.exponent
    return not isinstance(exponent, Number)


def constants(tree: Formula) -> Iterator[Symbol]:
    """Yield the letters that stand for a number in a formula, and i next to e."""
    for node in walk(tree):
        if node == PI:
            yield PI
        elif is_exponential(node):
            assert isinstance(node, Power)
            yield EULER
            yield from (IMAGINARY for part in walk(node.exponent) if part == IMAGINARY)


def identity(symbol: Symbol, running: bool = False, bound: Collection[Symbol] = ()) -> str:
    """
    Return what a symbol is called: plain text that is the same for `sₜ`, `sₜ₋₁` and `s`.

    Numbers, `∞`, words and letters in the index belong to the name (`beta-2`, `rho-infinity`,
    `C-var`, `K-p`). A time does not, nor does a letter in `bound`: the variable of a series around
    the symbol. With `running`, numbers are running, too: so it is next to an ellipsis, where `s₁`
    is the first of `s₁, …, sₜ`.
    """
    return _identity(symbol, running, tuple(bound))


@cache
def _identity(symbol: Symbol, running: bool, bound: tuple[Symbol, ...]) -> str:
    parts = [ASCII_NAMES.get(symbol.name, symbol.name), symbol.accent]
    for part in symbol.index:
        if not is_running(part, bound):
            parts += _names(part, running)
    return "-".join(part for part in parts if part)


def is_running(index: Expression, bound: Collection[Symbol] = ()) -> bool:
    """Whether an index counts steps, or the terms of a series."""
    return any(part == TIME or part in bound for part in walk(index))


def at_time(symbol: Symbol, bound: Collection[Symbol]) -> Symbol:
    """Return a symbol such as `xᵢ` as `xₜ` if a series in `bound` runs through its index."""
    index = tuple(TIME if any(v in walk(part) for v in bound) else part for part in symbol.index)
    return replace(symbol, index=index) if index != symbol.index else symbol


def _names(index: Expression, running: bool) -> Iterator[str]:
    """The numbers, words and letters in an index, as plain text."""
    for part in walk(index):
        if isinstance(part, Number) and not running:
            yield part.text.replace("∞", "infinity").replace(".", "-")
        elif isinstance(part, Symbol):
            yield ASCII_NAMES.get(part.name, part.name)


def bounded_by(relation: Relation) -> Symbol | None:
    """
    Return the symbol that a relation bounds: `x` in `0 ≤ x ≤ π`, `x < y` and `0 < x`.

    None if that is none.
    """
    sides = [relation.first, *(side for _, side in relation.rest)]
    chosen = sides[1:2] if len(sides) == 3 else sides if len(sides) == 2 else []
    return next((side for side in chosen if isinstance(side, Symbol) and side != PI), None)


def symbols_of(tree: Formula, bound: tuple[Symbol, ...] = ()) -> Iterator[Symbol]:
    """
    Yield the symbols that need a meaning: not indices, functions, or variables of a series.

    In `Σ_{i=1}^{t} xᵢ` that is `xₜ`, since i runs through the steps.
    """
    if not isinstance(tree, Symbol) and not bound:
        if id(tree) not in _SYMBOLS:
            if len(_SYMBOLS) > _MOST_KNOWN:
                _SYMBOLS.clear()
            _SYMBOLS[id(tree)] = (tree, tuple(_symbols_of(tree, bound)))
        yield from _SYMBOLS[id(tree)][1]
    else:
        yield from _symbols_of(tree, bound)


# By the identity of a formula; with it, so that it lives on.
_MOST_KNOWN = 10_000
_SYMBOLS: dict[int, tuple[Formula, tuple[Symbol, ...]]] = {}


def _symbols_of(tree: Formula, bound: tuple[Symbol, ...]) -> Iterator[Symbol]:
    if isinstance(tree, Symbol):
        if tree not in bound and tree != PI:
            yield at_time(tree, bound)
        return
    if isinstance(tree, Series) and tree.variable is not None:
        bound = (*bound, tree.variable)
    parts = tree.arguments if isinstance(tree, Call) else children(tree)
    if isinstance(tree, Power) and is_exponential(tree):
        parts = (tree.exponent,)
    for part in parts:
        yield from symbols_of(part, bound)


def assignment(formula: Formula | None) -> tuple[Symbol, Expression] | None:
    """Return the two sides of a formula that starts with `symbol ←` or `symbol =`."""
    if isinstance(formula, Relation) and isinstance(formula.first, Symbol):
        sign, right = formula.rest[0]
        if sign in EQUALITIES:
            return formula.first, right
    return None
