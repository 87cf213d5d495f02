"""
# Where statements break

Numbers drawn at random are of ordinary size, and never hit the one point where a formula divides by
zero. So a statement between symbols is also tried with very large numbers, and the points where a
denominator vanishes are looked for.

Far out, a difference of large numbers has few correct digits left. What seems false there is tried
again with many more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import sympy

from sidebyside.checking import bounds
from sidebyside.checking.domains import Domain
from sidebyside.checking.symbols import to_sympy, with_signs
from sidebyside.checking.unfolding import NoValue
from sidebyside.checking.values import evaluate
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    Call,
    Divide,
    Expression,
    Formula,
    Negative,
    Power,
    Relation,
    Root,
    Symbol,
    walk,
)

__all__ = ["is_defined", "is_equal", "is_false", "pole"]

Point: TypeAlias = "Mapping[Symbol, float]"
Definitions: TypeAlias = "Mapping[Symbol, Expression]"

DIGITS = 60
GRID = 200
ALMOST = 1e-12  # a root of what is 0 up to rounding is 0
HIGHEST_DEGREE = 12


def is_equal(link: Relation, point: Point, definitions: Definitions) -> bool:
    """Whether both sides of a relation are the same number at a point, to fifty digits."""
    numbers = {symbol: _exactly(value) for symbol, value in point.items()}
    (_, right), left = link.rest[0], link.first
    assert left is not None
    try:
        a, b = (_expression(side, numbers, definitions).evalf(DIGITS) for side in (left, right))
    except NoValue:
        return False
    if not (a.is_Float or a.is_Integer) or not (b.is_Float or b.is_Integer):
        return False
    return bool(abs(a - b) <= sympy.Float("1e-50") * max(abs(a), abs(b)))


def _exactly(value: float) -> sympy.Expr:
    """A number of a point, with many digits."""
    return sympy.Integer(int(value)) if value == int(value) else sympy.Rational(repr(value))


def is_false(
    link: Relation, point: Point, definitions: Definitions, tolerance: float
) -> bool | None:
    """
    Return whether a relation of two sides is false at a point beyond all doubt about rounding.

    None where that cannot be told.
    """
    numbers = {symbol: _exactly(value) for symbol, value in point.items()}
    (sign, right), left = link.rest[0], link.first
    assert left is not None
    try:
        a, b = (_expression(side, numbers, definitions).evalf(DIGITS) for side in (left, right))
    except NoValue:
        return None
    if not (a.is_Float or a.is_Integer) or not (b.is_Float or b.is_Integer):
        return None
    if sign in bounds.HOLDS:
        return not bounds.holds(a, sign, b)
    return bool(abs(a - b) > tolerance * max(abs(a), abs(b)))


def pole(
    link: Relation,
    unknowns: Mapping[Symbol, Domain],
    points: Sequence[Point],
    definitions: Definitions,
) -> str:
    """Return where a formula has no value, in words; empty if nowhere that could be found."""
    for spot in _spots(link, definitions):
        for symbol, domain in unknowns.items():
            found = [
                x for point in points for x in _broken(spot, symbol, domain, point, definitions)
            ]
            if found:
                name = to_text(symbol)
                return (
                    f"{spot.what} in `{to_text(spot.whole)}` at {name} = {found[0]:g}, which is in "
                    f"{domain}; say in the notation list what `{name}` may be"
                )
    return ""


@dataclass(frozen=True)
class _Spot:
    """
    A part of a formula that must not be zero, or, with `least`, not less than that.

    `whole` is what has no value else, `what` says so.
    """

    whole: Expression
    part: Expression
    what: str
    least: float | None = None


def _spots(tree: Formula, definitions: Definitions) -> Iterator[_Spot]:
    """Where a formula, and those that its symbols stand for, may have no value."""
    for node in walk(tree):
        match node:
            case Divide(_, denominator):
                yield _Spot(node, denominator, "a division by zero")
            case Power(base, Negative()):
                yield _Spot(node, base, "a division by zero")
            case Call(Symbol("tan"), (inside,)):
                yield _Spot(node, Call(Symbol("cos"), (inside,)), "a division by zero")
            case Call(Symbol("log" | "ln"), (inside,)):
                yield _Spot(node, inside, "the logarithm of a number that is not positive", 0.0)
            case Root(inside):
                yield _Spot(node, inside, "the root of a negative number", -ALMOST)
            case Symbol() if node in definitions:
                yield from _spots(definitions[node], definitions)


def is_defined(link: Relation, unknowns: Mapping[Symbol, Domain], definitions: Definitions) -> bool:
    """
    Whether a formula is known to have a value everywhere in the domains of its symbols.

    A polynomial that must not be zero has been searched for its roots already.
    """
    names = {symbol: domain.symbol(to_text(symbol)) for symbol, domain in unknowns.items()}
    decays = [names[symbol] for symbol, domain in unknowns.items() if domain.decay]
    for spot in _spots(link, definitions):
        try:
            found = with_signs(_expression(spot.part, names, definitions), decays)
        except NoValue:
            return False
        known = found.is_nonzero if spot.least is None else found.is_nonnegative
        if spot.least == 0:
            known = found.is_positive
        polynomial = spot.least is None and found.is_polynomial(*found.free_symbols)
        if not known and not polynomial:
            return False
    return True


def _broken(
    spot: _Spot, symbol: Symbol, domain: Domain, point: Point, definitions: Definitions
) -> Iterator[float]:
    """Where in a domain a part of a formula is what it must not be; others are as at the point."""
    if spot.least is None:
        numbers = {s: sympy.Rational(repr(value)) for s, value in point.items()}
        yield from (x for x in _roots(spot.part, symbol, numbers, definitions) if x in domain)
    yield from _scanned(spot, symbol, domain, point, definitions)


def _scanned(
    spot: _Spot, symbol: Symbol, domain: Domain, point: Point, definitions: Definitions
) -> Iterator[float]:
    """The same by looking at many numbers, and closer where the sign changes."""

    def value(x: float) -> float:
        def lookup(each: Symbol) -> Any:
            if each == symbol:
                return x
            if each in point:
                return point[each]
            if each in definitions:
                return evaluate(definitions[each], lookup)
            raise NoValue(f"nothing says what `{to_text(each)}` is")

        return float(evaluate(spot.part, lookup))

    xs = domain.grid(GRID)
    try:
        found = [value(x) for x in xs]
    except NoValue:
        return
    if len(set(found)) == 1:
        return  # it does not depend on the symbol
    if spot.least is not None:
        least = spot.least
        yield from (x for x, f in zip(xs, found, strict=True) if f < least or f == least == 0)
        return
    for (x, f), (y, g) in pairwise(zip(xs, found, strict=True)):
        if f == 0 and x in domain:
            yield x
        elif f * g < 0 and not domain.whole:
            yield _halved(value, x, y)


def _halved(value: Callable[[float], float], low: float, high: float) -> float:
    """Where a function is zero between two numbers at which it has other signs."""
    sign = value(low) > 0
    for _ in range(60):
        middle = (low + high) / 2
        if (value(middle) > 0) == sign:
            low = middle
        else:
            high = middle
    return low


def _roots(
    tree: Expression, symbol: Symbol, numbers: Mapping[Symbol, Any], definitions: Definitions
) -> Iterator[float]:
    """Where a polynomial in one symbol is zero; the other symbols are these numbers."""
    x = sympy.Dummy("x", real=True)
    try:
        found = _expression(tree, {**numbers, symbol: x}, definitions)
    except NoValue:
        return
    if found.has(x) and found.is_polynomial(x) and sympy.degree(found, x) <= HIGHEST_DEGREE:
        yield from (float(root) for root in sympy.real_roots(sympy.Poly(found, x)))


def _expression(
    tree: Expression, numbers: Mapping[Symbol, Any], definitions: Definitions
) -> sympy.Expr:
    def lookup(symbol: Symbol) -> Any:
        if symbol in numbers:
            return numbers[symbol]
        if symbol in definitions:
            return to_sympy(definitions[symbol], lookup)
        raise NoValue(f"nothing says what `{to_text(symbol)}` is")

    return to_sympy(tree, lookup)
