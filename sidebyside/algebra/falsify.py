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
from typing import Any, Literal, TypeAlias

import sympy

from sidebyside.algebra.agreement import HOLDS, SHARE, holds
from sidebyside.algebra.domain import Domain
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import to_sympy, with_signs
from sidebyside.algebra.numeric import evaluate
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

__all__ = [
    "Pole",
    "is_defined",
    "is_equal",
    "is_false",
    "is_false_to_the_last_digit",
    "pole",
    "turning_points",
]


Point: TypeAlias = "Mapping[Symbol, float]"
Definitions: TypeAlias = "Mapping[Symbol, Expression]"

DIGITS = 60
GRID = 200
HIGHEST_DEGREE = 12


def is_equal(link: Relation, point: Point, definitions: Definitions) -> bool:
    """Whether both sides of a relation are the same number at a point, to fifty digits."""
    sides = _sides(link, point, definitions)
    if sides is None:
        return False
    a, b = sides
    return bool(abs(a - b) <= SHARE["every digit"] * max(abs(a), abs(b)))


def _exactly(value: float) -> sympy.Expr:
    """A number of a point, with many digits."""
    return sympy.Integer(int(value)) if value == int(value) else sympy.Rational(repr(value))


def _sides(
    link: Relation, point: Point, definitions: Definitions
) -> tuple[sympy.Expr, sympy.Expr] | None:
    """Both sides of a relation at a point, with many digits; None where one is no real number."""
    numbers = {symbol: _exactly(value) for symbol, value in point.items()}
    (_, right), left = link.rest[0], link.first
    assert left is not None
    try:
        a, b = (_expression(side, numbers, definitions).evalf(DIGITS) for side in (left, right))
    except NoValue:
        return None
    real = (a.is_Float or a.is_Integer) and (b.is_Float or b.is_Integer)
    return (a, b) if real else None


def is_false(link: Relation, point: Point, definitions: Definitions) -> bool | None:
    """
    Return whether a relation of two sides is false at a point beyond all doubt about rounding.

    None where that cannot be told.
    """
    sides = _sides(link, point, definitions)
    if sides is None:
        return None
    a, b = sides
    if (sign := link.rest[0][0]) in HOLDS:
        return not holds(a, sign, b)
    return bool(abs(a - b) > SHARE["points"] * max(abs(a), abs(b)))


def is_false_to_the_last_digit(link: Relation, point: Point, definitions: Definitions) -> bool:
    """Return whether a relation is false at a point, though by no more than numbers are rounded."""
    sides = _sides(link, point, definitions)
    if sides is None:
        return False
    a, b = sides
    if abs(a - b) <= SHARE["most digits"] * max(abs(a), abs(b)):
        return False
    sign = link.rest[0][0]
    return not HOLDS[sign](a, b) if sign in HOLDS else True


Kind: TypeAlias = Literal["division", "logarithm", "root"]


@dataclass(frozen=True)
class Pole:
    """Where a formula has no value: what is undefined, and at which number of a domain."""

    kind: Kind
    whole: Expression
    symbol: Symbol
    number: float
    domain: Domain


def pole(
    link: Relation,
    unknowns: Mapping[Symbol, Domain],
    points: Sequence[Point],
    definitions: Definitions,
) -> Pole | None:
    """Return where a formula has no value; None if nowhere that could be found."""
    for spot in _spots(link, definitions):
        for symbol, domain in unknowns.items():
            for point in points:
                for number in _broken(spot, symbol, domain, point, definitions):
                    return Pole(spot.kind, spot.whole, symbol, number, domain)
    return None


@dataclass(frozen=True)
class _Spot:
    """
    A part of a formula that must not be zero, or, with `least`, not less than that.

    `whole` is what has no value else.
    """

    whole: Expression
    part: Expression
    kind: Kind
    least: float | None = None


def _spots(tree: Formula, definitions: Definitions) -> Iterator[_Spot]:
    """Where a formula, and those that its symbols stand for, may have no value."""
    for node in walk(tree):
        match node:
            case Divide(_, denominator):
                yield _Spot(node, denominator, "division")
            case Power(base, Negative()):
                yield _Spot(node, base, "division")
            case Call(Symbol("tan"), (inside,)):
                yield _Spot(node, Call(Symbol("cos"), (inside,)), "division")
            case Call(Symbol("log" | "ln"), (inside,)):
                yield _Spot(node, inside, "logarithm", 0.0)
            case Root(inside):
                yield _Spot(node, inside, "root", -SHARE["points"])
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


def turning_points(
    link: Relation, unknowns: Mapping[Symbol, Domain], point: Point, definitions: Definitions
) -> dict[Symbol, list[float]]:
    """
    Return where the difference of two sides is smallest or largest, if it is a polynomial.

    All symbols but one are as they are at the point.
    """
    found: dict[Symbol, list[float]] = {}
    for symbol, domain in unknowns.items():
        x = sympy.Dummy("x", real=True)
        numbers = {each: _exactly(value) for each, value in point.items()} | {symbol: x}
        assert link.first is not None
        try:
            sides = [_expression(s, numbers, definitions) for s in (link.first, link.rest[0][1])]
        except NoValue:
            continue
        slope = sympy.diff(sides[0] - sides[1], x)
        if slope.has(x) and slope.is_polynomial(x) and sympy.degree(slope, x) <= HIGHEST_DEGREE:
            roots = map(float, sympy.real_roots(sympy.Poly(slope, x)))
            found[symbol] = [root for root in roots if root in domain]
    return found


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
