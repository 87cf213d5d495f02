"""
# What each symbol is

A page tells its readers what a symbol is, in a list:

    * $mₜ$ is `state["exp_avg"]`, the running mean of the gradient

The same line tells the checker where the symbol lives. So this list is a symbol table, with scopes:
a symbol is looked up in the method, then in the class and the classes it extends, then in the
module. The inner meaning wins. A line may say more about *when*:

    * $ε̂$ is `group["eps"]` when `optimized_update`, …      a guard, Python over the names in sight
    * $θₜ₋₁$ is `param` at entry, …                          the value when the method starts
    * $rₜ$ is `return`, …                                    what the method returns
    * $ρ > 4$ is any number of gradients                     no code: a free symbol, and its domain
    * $β < 1$ is `group["beta"]`, …                          code, and the domain it keeps to
    * $ψ²$ is distributed as `scaled_inverse_chi2(ρ, 1/σ²)`  a random variable
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import NamedTuple, cast

from sidebyside.formula import identity
from sidebyside.formula.tree import Negative, Number, Power, Relation, Sum, Symbol


class Scope(NamedTuple):
    """A definition by its qualified name; the module itself has the empty name."""

    path: str
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.path


@dataclass(frozen=True)
class Meaning:
    """
    One line of a notation list, which stands in a file `path`.

    `code` is empty for a symbol that stands for no piece of code. `domain` is the relation that
    such a symbol satisfies, `law` the distribution that it, or its `power`, follows; each if given.
    """

    symbol: Symbol
    scope: Scope
    path: str
    line: int
    code: str = ""
    at_entry: bool = False
    guard: str = ""
    domain: Relation | None = None
    law: str = ""
    power: Power | None = None
    text: str = ""

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.path, self.line, self.symbol))

    @property
    def key(self) -> str:
        """The symbol without its time index."""
        return identity(self.symbol)

    @property
    def is_words(self) -> bool:
        """Whether it only says in words what the symbol is, which nothing can be held against."""
        return not (self.code or self.domain or self.law or self.power)

    @property
    def back(self) -> int | None:
        """How many steps back the symbol is said to be, if it carries a time at all."""
        return steps_back(self.symbol)


@dataclass(frozen=True)
class Notation:
    """The notation lists of some modules."""

    meanings: tuple[Meaning, ...]
    bases: dict[Scope, tuple[Scope, ...]] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> dict[tuple[Scope, str], list[Meaning]]:
        """The lines by where they stand, and what they are about."""
        found: dict[tuple[Scope, str], list[Meaning]] = {}
        for line in self.meanings:
            found.setdefault((line.scope, line.key), []).append(line)
        return found

    def find(self, symbol: Symbol, scopes: Iterable[Scope]) -> Iterator[Meaning]:
        """Yield what a symbol may mean, the innermost scope first; guards choose among them."""
        key, back = identity(symbol), steps_back(symbol)
        for scope in scopes:
            here = self._lines.get((scope, key), ())
            # A list may have lines for `θₜ` and `θₜ₋₁`, or for `ρₜ` and any `ρ`; the same wins.
            yield from (m for m in here if m.back == back)
            yield from (m for m in here if m.back != back and not m.back)

    def lines(self, symbol: Symbol, scopes: Iterable[Scope]) -> tuple[Meaning, ...]:
        """Return what says what a symbol is; words do only where nothing else does."""
        found = tuple(self.find(symbol, scopes))
        return tuple(each for each in found if not each.is_words) or found

    def explained(self, symbol: Symbol, scopes: Sequence[Scope]) -> tuple[Meaning, ...]:
        """Return the lines for a symbol; `s₁` and `sᵢ` are explained by those for `sₜ`."""
        found = self.lines(symbol, scopes)
        if not found and symbol.index:
            running = self.lines(replace(symbol, index=(_NOW,)), scopes)
            found = tuple(line for line in running if line.back is not None)
        return found

    def lineage(self, scope: Scope) -> tuple[Scope, ...]:
        """A class and the known classes that it extends, in Python's order."""
        bases = self.bases.get(scope, ())
        return (scope, *_merged([*(self.lineage(base) for base in bases), bases]))

    def scopes(self, scope: Scope, running: Sequence[Scope] = ()) -> tuple[Scope, ...]:
        """
        Return the scopes in which a formula of this scope looks up its symbols.

        `running` are the classes of the object that runs, the most derived one first. A class that
        extends another may rename what its inherited formulas speak of.
        """
        parts = scope.name.split(".") if scope.name else []
        outer = [Scope(scope.path, ".".join(parts[:n])) for n in range(len(parts), 0, -1)]
        owner = next((each for each in outer if each in self.bases), None)
        inner = outer[: outer.index(owner)] if owner else outer
        classes = self.lineage(owner) if owner else ()
        if owner in running:
            classes = (*running, *(each for each in classes if each not in running))
        modules = [Scope(each.path) for each in classes]
        return tuple(dict.fromkeys([*inner, *classes, *modules, Scope(scope.path)]))


def _merged(orders: Sequence[Sequence[Scope]]) -> Iterator[Scope]:
    """Merge the orders of several classes as Python does: no class before one that extends it."""
    rest = [list(order) for order in orders if order]
    while rest:
        later = {each for order in rest for each in order[1:]}
        # Python refuses classes for which there is no order; any will do then.
        first = next((order[0] for order in rest if order[0] not in later), rest[0][0])
        yield first
        rest = [[each for each in order if each != first] for order in rest]
        rest = [order for order in rest if order]


_NOW = Symbol("t")


@cache
def steps_back(symbol: Symbol) -> int | None:
    """Return 0 for `mₜ`, 1 for `mₜ₋₁`, and None for a symbol without a time."""
    for part in symbol.index:
        if part == _NOW:
            return 0
        match part:
            case Sum((first, Negative(Number(steps)))) if first == _NOW and steps.isdigit():
                return int(steps)
    return None


@cache
def step_number(symbol: Symbol) -> int | None:
    """Return the step that a symbol such as `v₁` may name, if the notation explains `vₜ`."""
    numbers = [part.text for part in symbol.index if isinstance(part, Number)]
    return int(numbers[0]) if numbers and numbers[0].isdigit() else None


# `return` is a keyword, so it cannot be looked up by that name in an expression.
RETURN_NAME = "_returned_"


def python_of(code: str) -> str:
    """
    Return the Python expression that a notation means.

    `return[0]` is part of what is returned; `amsgrad, rectify=False` are two conditions.
    """
    code = re.sub(r"\breturn\b", RETURN_NAME, code)
    try:
        # Two conditions may be two expressions; as a tuple they would always be true.
        is_one = not isinstance(ast.parse(code, mode="eval").body, ast.Tuple)
    except SyntaxError:
        is_one = False
    if not is_one:
        code = " and ".join(f"({part})" for part in conditions(code))
    return code


def conditions(code: str) -> list[str]:
    """Return the conditions in a notation, each as a Python expression."""
    call = ast.parse(f"_({code})", mode="eval").body
    assert isinstance(call, ast.Call)
    named = [f"{each.arg} == {ast.unparse(each.value)}" for each in call.keywords]
    return [*map(ast.unparse, call.args), *named]


@cache
def root(code: str) -> str:
    """Return the variable that a piece of code starts from: `state` for `state["exp_avg"]`."""
    found = [node.id for node in ast.walk(parsed(code)) if isinstance(node, ast.Name)]
    return found[0] if found else ""


@cache
def parsed(code: str) -> ast.Expression:
    """Return the Python that a notation means, to be looked up among the names of a snapshot."""
    tree = ast.parse(python_of(code), mode="eval")
    return cast(ast.Expression, _Attributes().visit(tree))


class _Attributes(ast.NodeTransformer):
    """Looks up `self.rectify` under that name, since snapshots keep no objects."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:  # ast's name
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return ast.copy_location(ast.Name(ast.unparse(node), ast.Load()), node)
        return node


def attributes(code: str) -> set[str]:
    """Return the attributes of `self` that a piece of code speaks of, as in `self.rectify`."""
    names = (node.id for node in ast.walk(parsed(code)) if isinstance(node, ast.Name))
    return {name for name in names if "." in name}


@cache
def names_in(code: str) -> frozenset[str]:
    """Return the variables that a piece of code reads."""
    return frozenset(n.id for n in ast.walk(parsed(code)) if isinstance(n, ast.Name))


@cache
def words(code: str) -> frozenset[str]:
    """Return the names in a piece of code, and the keys: `lr` of `group["lr"]`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(python_of(code))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


def keys_in(codes: Collection[str]) -> frozenset[str] | None:
    """Return the keys that some code speaks of, be it as names; None if one is computed."""
    for code in codes:
        for node in ast.walk(ast.parse(python_of(code))):
            if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
                return None
    return frozenset().union(*map(words, codes))
