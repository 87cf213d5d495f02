"""
# The number a formula stands for

A formula is evaluated with numpy in double precision. What each symbol is, a `Lookup` decides; it
may be a number or an array, and everything is elementwise. Whatever has no numeric meaning raises
`NoValue` with the reason: a check must never compare with a number that nobody wrote down.

A formula is evaluated at thousands of moments. So it is compiled once, to a function that applies
numpy's operations in the same order. Where that does not go well, the tree is evaluated node by
node: only this way knows what is wrong, and where.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, reduce
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sidebyside.algebra.dots import NoValue, unfold
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    PI,
    Absolute,
    Call,
    Divide,
    Dots,
    Expression,
    Negative,
    Norm,
    Number,
    Power,
    Product,
    Root,
    Series,
    Sum,
    Symbol,
    is_exponential,
    walk,
)

Value: TypeAlias = np.float64 | NDArray[np.float64]
Lookup: TypeAlias = Callable[[Symbol], Any]

# A series longer than this is a mistake in its bounds, and would keep a build busy for minutes.
LONGEST_SERIES = 100_000


class Matrix(np.ndarray):
    """A table of numbers that the page calls a matrix."""


class NotFinite(NoValue):
    """
    A formula has a meaning, but not with these numbers: it divides by zero, takes the root of a
    negative number, overflows, or counts to something that is not whole.
    """


def evaluate(tree: Expression, lookup: Lookup) -> Value:
    """
    Return the value of a formula.

    `lookup` is asked for each symbol as it is written, with one exception: an index that depends on
    the variable of a series, or stands for one of the things that `…` leaves out, arrives as a
    number. For `Σ_{i=1}^{t} gᵢ` it is asked for t, `g₁`, `g₂` and so on.

    Raises `NoValue` where the formula has no numeric meaning, and `NotFinite` where it has one, but
    no finite value with these numbers.
    """
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        value = _quickly(tree, lookup)
        if value is None:
            value = _Evaluation(lookup).value(tree)
    return _finite(value, tree)


def saturated(tree: Expression, lookup: Lookup) -> Value:
    """
    Return the value of a formula where a number on the way may be too large, as code goes on.

    In `1 / (1 + exp(−x))` the exponential may be infinite, and the value is 0. Such a value is as
    coarse as the code's: it may agree with that, but refutes nothing.
    """
    with np.errstate(divide="raise", over="ignore", invalid="raise", under="ignore"):
        return _finite(_Evaluation(lookup, endless=True).value(tree), tree)


def _finite(value: Value, tree: Expression) -> Value:
    if not _is_finite(value):
        raise NotFinite("`{}` is not finite", tree)
    return value


def _is_finite(value: Value) -> bool:
    """Whether a number, or all of an array are; to ask NumPy about one takes ten times as long."""
    return math.isfinite(value) if isinstance(value, float) else bool(np.isfinite(value).all())


_OF_ONE_NUMBER = "exp log sin cos tan sign arcsin arccos arctan floor ceil sinh cosh tanh cbrt"
_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {  # with the number of arguments
    **{name: (1, getattr(np, name)) for name in _OF_ONE_NUMBER.split()},
    "ln": (1, np.log),
    "clip": (3, np.clip),
}
_OF_ONE: dict[type, Any] = {Negative: np.negative, Root: np.sqrt, Absolute: np.absolute}
_CHOICES: dict[str, Callable[[Value, Value], Any]] = {"max": np.maximum, "min": np.minimum}

Compute: TypeAlias = Callable[[list[Any]], Any]  # from the values of the symbols


class _Compiled(NamedTuple):
    """A formula as a function of its symbols, in the order in which they are looked up."""

    tree: Expression
    symbols: tuple[Symbol, ...]
    compute: Compute | None


# By the identity of the tree, which is quicker than its content; with it, so that it lives on.
_COMPILED: dict[int, _Compiled] = {}
_SYMBOLS: dict[Symbol, Symbol] = {}
_MOST_COMPILED = 10_000


def _quickly(tree: Expression, lookup: Lookup) -> Value | None:
    """The value by the compiled formula; None where it has to be looked at more closely."""
    compiled, values = once_compiled(tree), []
    if compiled.compute is None:
        return None
    for symbol in compiled.symbols:
        value = plain(lookup(symbol))
        if value is None or (value.ndim > 1 and symbol.name.isupper()):
            return None
        values.append(value)
    try:
        return compiled.compute(values)  # type: ignore[no-any-return]
    except (FloatingPointError, ValueError):
        return None


def once_compiled(tree: Expression) -> _Compiled:
    """Return a formula as a function of its symbols, if it is one."""
    compiled = _COMPILED.get(id(tree))
    if compiled is None:
        if len(_COMPILED) > _MOST_COMPILED:
            _COMPILED.clear()
            _SYMBOLS.clear()
        compiled = _COMPILED[id(tree)] = _compiled(tree)
    return compiled


def plain(found: Any) -> Any:
    """Return a finite number or array in double precision; None for all else."""
    if type(found) in (float, int):
        found = np.float64(found)
    is_array = type(found) is np.ndarray and found.dtype == np.float64
    is_plain = is_array or type(found) is np.float64
    return found[()] if is_plain and _is_finite(found) else None


def _compiled(tree: Expression) -> _Compiled:
    slots: dict[Symbol, int] = {}
    try:
        compute = _function(tree, slots)
    except NoValue:
        return _Compiled(tree, (), None)
    # One object for all that are equal is found quickly in a dictionary.
    return _Compiled(tree, tuple(_SYMBOLS.setdefault(each, each) for each in slots), compute)


def _function(tree: Expression, slots: dict[Symbol, int]) -> Compute:
    """The function that a node is; raise `NoValue` for what takes more than operations."""
    match tree:
        case Number(text):
            number = np.float64("inf" if text == "∞" else text)
            return lambda values: number
        case _ if tree == PI:
            return lambda values: np.float64(np.pi)
        case Symbol():
            place = slots.setdefault(tree, len(slots))
            return lambda values: values[place]
        case Sum((_, *_) as parts):
            return _folded(np.add, parts, slots)
        case Product((_, *_) as parts):
            return _folded(np.multiply, parts, slots)
        case Divide(numerator, denominator):
            return _folded(np.divide, (numerator, denominator), slots)
        case Power(_, exponent) if is_exponential(tree):
            return _applied(np.exp, exponent, slots)
        case Power(base, exponent) if exponent != Symbol("T"):
            return _folded(np.power, (base, exponent), slots)
        case Negative(part) | Root(part) | Absolute(part):
            return _applied(_OF_ONE[type(tree)], part, slots)
        case Call(Symbol(name, "", ()), (part,)) if _FUNCTIONS.get(name, (0,))[0] == 1:
            return _applied(_FUNCTIONS[name][1], part, slots)
        case Call(Symbol(name, "", ()), (_, _, *_) as parts) if name in _CHOICES:
            return _folded(_CHOICES[name], parts, slots)
    raise NoValue("not by operations alone")


def _applied(operation: Any, part: Expression, slots: dict[Symbol, int]) -> Compute:
    inside = _function(part, slots)
    return lambda values: operation(inside(values))


def _folded(operation: Any, parts: Sequence[Expression], slots: dict[Symbol, int]) -> Compute:
    first, *rest = [_function(part, slots) for part in parts]

    def compute(values: list[Any]) -> Any:
        value = first(values)
        for part in rest:
            value = operation(value, part(values))
        return value

    return compute


class _Evaluation:
    """The value of each kind of node, for one meaning of the symbols; some may be `endless`."""

    def __init__(self, lookup: Lookup, endless: bool = False) -> None:
        self.lookup, self.endless = lookup, endless
        self.known: dict[Symbol, Value] = {}
        self.matrices: set[Symbol] = set()
        self.has_tables = False  # whether any value has rows and columns

    def value(self, tree: Expression) -> Value:
        try:
            return self.node(tree)
        except FloatingPointError as error:
            raise NotFinite(_explain(error) + " in `{}`", tree) from None

    def values(self, trees: Sequence[Expression]) -> list[Value]:
        if any(isinstance(tree, Dots) for tree in trees):
            trees = unfold(tuple(trees), self.whole)
        return [self.value(tree) for tree in trees]

    def node(self, tree: Expression) -> Value:
        match tree:
            case Number(text):
                return np.float64("inf" if text == "∞" else text)
            case _ if tree == PI:
                return np.float64(np.pi)
            case Symbol():
                return self.symbol(tree)
            case Sum(terms):
                return _combined(np.add, self.values(terms), "a sum")
            case Product(factors):
                found = self.values(factors)
                if sum(np.size(each) > 1 for each in found) > 1:
                    self.refuse_matrices(tree, *factors)
                return _combined(np.multiply, found, "a product")
            case Negative(value):
                return np.negative(self.value(value))
            case Divide(numerator, denominator):
                values = [self.value(numerator), self.value(denominator)]
                self.refuse_matrices(tree, denominator)
                return _combined(np.divide, values, "")
            case Power(_, exponent) if is_exponential(tree):
                return np.exp(self.entries(tree, exponent))
            case Power(base, exponent):
                values = [self.value(base), self.value(exponent)]
                self.refuse_matrices(tree, base, exponent)
                if exponent == Symbol("T") and np.ndim(values[0]):
                    raise NoValue(f"`{to_text(tree)}`: {_ELEMENTWISE}")
                return _combined(np.power, values, "")
            case Root(part) | Absolute(part):
                return _OF_ONE[type(tree)](self.entries(tree, part))  # type: ignore[no-any-return]
            case Norm(value, order):
                return self.norm(value, order)
            case Call():
                return self.call(tree)
            case Series():
                return self.series(tree)
            case _:
                raise NoValue("`{}` is not a number", tree)

    def entries(self, tree: Expression, part: Expression) -> Value:
        """The value of a part of which a function is taken, entry by entry."""
        value = self.value(part)
        self.refuse_matrices(tree, part)
        return value

    def refuse_matrices(self, tree: Expression, *parts: Expression) -> None:
        """
        Raise `NoValue` where readers would take matrices for what they are, and numpy would not.

        A matrix has a capital letter, or is called one where it is explained. Other tables of
        numbers, such as a batch of examples, are what they look like: many numbers.
        """
        for part in parts if self.has_tables else ():
            for node in walk(part):
                if isinstance(node, Symbol) and self.is_matrix(node):
                    raise NoValue(f"`{to_text(tree)}`: {_ELEMENTWISE}")

    def is_matrix(self, symbol: Symbol) -> bool:
        known = self.known.get(symbol)
        named = symbol.name.isupper() or symbol in self.matrices
        return named and known is not None and np.ndim(known) > 1

    def symbol(self, symbol: Symbol) -> Value:
        if symbol not in self.known:
            self.known[symbol] = value = self.number(symbol)
            self.has_tables = self.has_tables or np.ndim(value) > 1
        return self.known[symbol]

    def number(self, symbol: Symbol) -> Value:
        found = self.lookup(symbol)
        if found is None:  # which numpy would take for NaN
            raise NoValue("`{}` is None, not a number", symbol)
        if isinstance(found, Matrix):
            self.matrices.add(symbol)
        if np.iscomplexobj(found):
            raise NoValue("`{}` is complex, not a real number", symbol)
        try:
            value = np.asarray(found, dtype=np.float64)[()]
        except (TypeError, ValueError):
            kind = type(found).__name__
            raise NoValue(f"`{to_text(symbol)}` is a {kind}, not a number") from None
        if np.isnan(value).any() if self.endless else not np.isfinite(value).all():
            raise NotFinite("`{}` is not finite", symbol)
        return value

    def whole(self, tree: Expression) -> int:
        """An index, exponent or bound that has to be a whole number."""
        value = self.value(tree)
        if np.ndim(value) or value == np.inf:
            raise NoValue("`{}` is not a whole number", tree)
        if value != np.rint(value):
            raise NotFinite(f"`{{}}` is {value:g}, not a whole number", tree)
        return int(value)

    def norm(self, inside: Expression, order: Expression | None) -> Value:
        value = np.absolute(self.value(inside))
        power = np.float64(2.0) if order is None else self.value(order)
        if np.ndim(power) or power < 1:
            raise NoValue("the order of a norm is a number from 1 to ∞")
        if power == np.inf:
            return np.float64(np.max(value, initial=0.0))
        return np.power(np.sum(np.power(value, power)), 1 / power)  # type: ignore[no-any-return]

    def call(self, call: Call) -> Value:
        name = call.function.name
        plain = call.function == Symbol(name)
        if plain and name in _CHOICES:
            values = self.values(call.arguments)
            if len(values) == 1 and len(call.arguments) == 1:
                raise NoValue(f"`{to_text(call)}` compares one thing with nothing")
            return _combined(_CHOICES[name], values, f"`{name}`")
        if plain and name in _FUNCTIONS:
            count, function = _FUNCTIONS[name]
            arguments = call.arguments
            if name == "clip" and len(arguments) == 2:  # between −b and b
                arguments = (arguments[0], Negative(arguments[1]), arguments[1])
            if len(arguments) != count:
                raise NoValue(f"`{name}` takes {count} arguments, not {len(arguments)}")
            values = self.values(arguments)
            self.refuse_matrices(call, *arguments)
            return function(*values)  # type: ignore[no-any-return]
        hint = f"; for a product write `{name}·(…)`" if len(name) == 1 and name.isalpha() else ""
        raise NoValue("the function in `{}` is not known" + hint, call)

    def series(self, series: Series) -> Value:
        if series.variable is None or series.lower is None or series.upper is None:
            raise NoValue(f"`{to_text(series)}` does not say from where to where it runs")
        lower, upper = self.whole(series.lower), self.whole(series.upper)
        if upper - lower >= LONGEST_SERIES:
            raise NoValue(f"`{to_text(series)}` has {upper - lower + 1} terms, which is too many")
        combine, empty = (np.add, 0.0) if series.kind == "sum" else (np.multiply, 1.0)
        result: Value = np.float64(empty)
        terms = self.terms(series, series.variable, lower, upper)
        if terms is not None:  # each after the other, as below
            return combine(result, combine.accumulate(terms)[-1])  # type: ignore[no-any-return]
        for k in range(lower, upper + 1):
            inner = _Evaluation(_bind(self, series.variable, k))
            result = _combined(combine, [result, inner.value(series.body)], "")
        return result

    def terms(
        self, series: Series, variable: Symbol, lower: int, upper: int
    ) -> NDArray[np.float64] | None:
        """All terms of a series at once, where all but its variable are single numbers."""
        compiled = once_compiled(series.body)
        if compiled.compute is None or upper < lower:
            return None
        values: list[Any] = []
        for symbol in compiled.symbols:
            if symbol == variable:
                values.append(np.arange(lower, upper + 1, dtype=np.float64))
            elif _depends(symbol, variable) or np.ndim(self.symbol(symbol)):
                return None
            else:
                values.append(self.symbol(symbol))
        try:
            found = compiled.compute(values)
        except FloatingPointError:
            return None  # one by one, to say where
        return np.broadcast_to(found, upper + 1 - lower)


def _bind(outer: _Evaluation, variable: Symbol, k: int) -> Lookup:
    """The meaning of symbols inside a series whose variable is now `k`."""

    def lookup(symbol: Symbol) -> Any:
        if symbol == variable:
            return k
        if not _depends(symbol, variable):
            return outer.symbol(symbol)
        inner = _Evaluation(lookup)
        index = tuple(Number(str(inner.whole(part))) for part in symbol.index)
        return outer.symbol(replace(symbol, index=index))

    return lookup


@cache
def _depends(symbol: Symbol, variable: Symbol) -> bool:
    """Whether an index of a symbol changes from term to term."""
    return any(variable in walk(index) for index in symbol.index)


_ELEMENTWISE = (
    "products are elementwise here, there is no transpose and no inverse of a matrix; give what "
    "the code computes a symbol of its own, or compare it with tensors of one dimension"
)


def _combined(combine: Callable[[Any, Any], Any], values: Sequence[Value], what: str) -> Value:
    if not values:
        raise NoValue(f"{what} of nothing has no value")
    try:
        return reduce(combine, values)
    except ValueError:
        shapes = " and ".join(str(np.shape(value)) for value in values)
        raise NoValue(f"arrays of shapes {shapes} do not go together") from None


_REASONS = {"divide by zero": "a division by zero", "overflow": "a number too large"}
_REASONS |= {"sqrt": "the root of a negative number"}


def _explain(error: FloatingPointError) -> str:
    found = (reason for text, reason in _REASONS.items() if text in str(error))
    return next(found, "something undefined, such as 0 / 0,")
