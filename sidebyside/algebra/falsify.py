"""
# Where statements break

Numbers drawn at random are of ordinary size, and never hit the one point where a formula divides by
zero. So a statement between symbols is also tried with very large numbers, and the points where a
denominator vanishes are looked for.

Far out, a difference of large numbers has few correct digits left. What seems false there is tried
again with many more.

What is rounded down jumps where it passes a whole number. An absolute value, a square, and what is
the largest of several have a corner where something is zero. And a bump as narrow as you like is
highest where what it is a function of is zero. So a statement is tried there, and right beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any, Literal, TypeAlias

import sympy

from sidebyside.algebra.agreement import HOLDS, SHARE, holds
from sidebyside.algebra.domain import Domain, Terms
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import length, to_sympy
from sidebyside.algebra.numeric import evaluate
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    Absolute,
    Call,
    Divide,
    Expression,
    Formula,
    Negative,
    Power,
    Relation,
    Root,
    Sum,
    Symbol,
    walk,
)

Point: TypeAlias = "Mapping[Symbol, float]"

DIGITS = 60
GRID = 200
HIGHEST_DEGREE = 12
LONGEST_TO_TURN = 1000  # parts of what has its turning points looked for
CORNERS = 100  # numbers between which they are looked for
MOST = 6  # for each part of a formula
# Whole numbers are never far from the corners of what is rounded, or periodic.
WHOLE = (*range(1000), *(10**k + n for k in range(3, 10) for n in (-1, 0, 1)))
# How far from a corner numbers are tried, as a share of where it is.
BESIDE = (0.0, 1e-9, -1e-9, 1e-5, -1e-5)


@dataclass(frozen=True)
class Link:
    """`left sign right`, one link of a chain, and what its symbols are."""

    left: Expression
    sign: str
    right: Expression
    terms: Terms

    @cached_property
    def relation(self) -> Relation:
        """The same as a formula."""
        return Relation(self.left, ((self.sign, self.right),))

    @cached_property
    def unknowns(self) -> Mapping[Symbol, Domain]:
        """The symbols that it depends on, with their domains."""
        return self.terms.unknowns(self.relation)

    @cached_property
    def is_random(self) -> bool:
        """Whether it speaks of an expectation or a variance."""
        return self.terms.random(self.relation)

    @cached_property
    def names(self) -> Mapping[Symbol, sympy.Symbol]:
        """What SymPy calls the symbols, each with what is known of it."""
        return {symbol: domain.symbol(to_text(symbol)) for symbol, domain in self.unknowns.items()}

    @cached_property
    def decays(self) -> list[sympy.Symbol]:
        """The symbols that are between 0 and 1."""
        return [self.names[symbol] for symbol, domain in self.unknowns.items() if domain.decay]

    def expression(self, tree: Expression, numbers: Mapping[Symbol, Any]) -> sympy.Expr:
        """Return what a part of it is to SymPy, where its symbols are these numbers."""
        return to_sympy(tree, self.terms.lookup(numbers, to_sympy))

    def differs(self, point: Point, share: str) -> bool | None:
        """
        Return whether its sides are apart by more than a share, with many digits; None if unknown.

        A side may be no real number there.
        """
        sides = self._sides(point)
        if sides is None:
            return None
        a, b = sides
        return bool(abs(a - b) > SHARE[share] * max(abs(a), abs(b)))

    def is_false(self, point: Point) -> bool | None:
        """Return whether it is false beyond all doubt about rounding; None if that is unknown."""
        sides = self._sides(point)
        if self.sign not in HOLDS or sides is None:
            return self.differs(point, "points")
        return not holds(sides[0], self.sign, sides[1])

    def is_false_to_the_last_digit(self, point: Point) -> bool:
        """Return whether it is false, though by no more than numbers are rounded."""
        sides = self._sides(point)
        if sides is None or not self.differs(point, "most digits"):
            return False
        return self.sign not in HOLDS or not HOLDS[self.sign](*sides)

    def _sides(self, point: Point) -> tuple[sympy.Expr, sympy.Expr] | None:
        """Both sides at a point, with many digits; None where one is no real number."""
        numbers = {symbol: _exactly(value) for symbol, value in point.items()}
        try:
            sides = [self.expression(s, numbers).evalf(DIGITS) for s in (self.left, self.right)]
        except NoValue:
            return None
        return (sides[0], sides[1]) if all(s.is_Float or s.is_Integer for s in sides) else None


def _exactly(value: float) -> sympy.Expr:
    """A number of a point, with many digits."""
    return sympy.Integer(int(value)) if value == int(value) else sympy.Rational(repr(value))


Kind: TypeAlias = Literal["division", "logarithm", "root"]


@dataclass(frozen=True)
class Pole:
    """Where a formula has no value: what is undefined, and at which number of a domain."""

    kind: Kind
    whole: Expression
    symbol: Symbol
    number: float
    domain: Domain


def pole(link: Link, points: Sequence[Point]) -> Pole | None:
    """Return where a formula has no value; None if nowhere that could be found."""
    for spot in spots(link.relation, link.terms):
        for symbol, domain in link.unknowns.items():
            for point in points:
                for number in _broken(spot, symbol, link, point):
                    return Pole(spot.kind, spot.whole, symbol, number, domain)
    return None


@dataclass(frozen=True)
class Spot:
    """
    A part of a formula that must not be zero, or, with `least`, not less than that.

    `whole` is what has no value else.
    """

    whole: Expression
    part: Expression
    kind: Kind
    least: float | None = None


def spots(tree: Formula, terms: Terms) -> Iterator[Spot]:
    """Where a formula, and those that its symbols stand for, may have no value."""
    for node in walk(tree):
        match node:
            case Divide(_, denominator):
                yield Spot(node, denominator, "division")
            case Power(base, Negative()):
                yield Spot(node, base, "division")
            case Call(Symbol("tan"), (inside,)):
                yield Spot(node, Call(Symbol("cos"), (inside,)), "division")
            case Call(Symbol("log" | "ln"), (inside,)):
                yield Spot(node, inside, "logarithm", 0.0)
            case Root(inside):
                yield Spot(node, inside, "root", -SHARE["points"])
            case Symbol() if node in terms.definitions:
                yield from spots(terms.definitions[node], terms)


def _broken(spot: Spot, symbol: Symbol, link: Link, point: Point) -> Iterator[float]:
    """Where in a domain a part of a formula is what it must not be; others are as at the point."""
    domain = link.unknowns[symbol]
    if spot.least is None:
        x = sympy.Dummy("x", real=True)
        numbers = {s: sympy.Rational(repr(value)) for s, value in point.items()}
        with suppress(NoValue):
            found = link.expression(spot.part, {**numbers, symbol: x})
            yield from (root for root in _roots(found, x) or () if root in domain)

    def value(number: float) -> float:
        return float(evaluate(spot.part, link.terms.lookup({**point, symbol: number}, evaluate)))

    yield from _scanned(value, domain, spot.least)


def _scanned(
    value: Callable[[float], float], domain: Domain, least: float | None
) -> Iterator[float]:
    """The same by looking at many numbers, and closer where the sign changes."""
    xs = domain.grid(GRID)
    try:
        found = [value(x) for x in xs]
    except NoValue:
        return
    if len(set(found)) == 1:
        return  # it does not depend on the symbol
    if least is not None:
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


def _roots(found: sympy.Expr, x: sympy.Symbol) -> list[float] | None:
    """Where a polynomial is zero; None for what is none, or one that is too much for SymPy."""
    if not found.has(x) or not found.is_polynomial(x) or sympy.degree(found, x) > HIGHEST_DEGREE:
        return None
    try:
        return [float(root) for root in sympy.real_roots(sympy.Poly(found, x))]
    except NotImplementedError:  # of one whose coefficients are no fractions
        return None


def turning_points(link: Link, point: Point) -> dict[Symbol, list[float]]:
    """
    Return where the difference of two sides is smallest or largest, if it is a polynomial.

    All symbols but one are as they are at the point.
    """
    found: dict[Symbol, list[float]] = {}
    exact = {each: _exactly(value) for each, value in point.items()}
    for symbol, domain in link.unknowns.items():
        x = sympy.Dummy("x", real=True)
        with suppress(NoValue):
            left, right = (link.expression(s, exact | {symbol: x}) for s in (link.left, link.right))
            difference = left - right
            if length(difference) <= LONGEST_TO_TURN:
                roots = _roots(sympy.diff(difference, x), x)
                found[symbol] = [root for root in roots or () if root in domain]
    return found


def corners(link: Link, point: Point) -> dict[Symbol, list[float]]:
    """Return where the parts of both sides turn; all symbols but one are as at the point."""
    found: dict[Symbol, list[float]] = {}
    parts = dict.fromkeys(_parts(link.relation, link))
    for symbol, domain in link.unknowns.items():
        if domain.whole and any(is_rounded or isinstance(each, Call) for each, is_rounded in parts):
            found[symbol] = [float(n) for n in WHOLE if n in domain]
        for part, is_rounded in parts:
            at = _corners(_function(part, symbol, link, point), domain, is_rounded)
            found.setdefault(symbol, []).extend(x for x in at if x in domain)
    return found


def _parts(tree: Formula, link: Link) -> Iterator[tuple[Expression, bool]]:
    """What has a corner where it is zero; or, where it is rounded, a whole number."""
    for node in walk(tree):
        match node:
            case Call(Symbol("floor" | "ceil"), (inside,)):
                yield inside, True
            case Call(Symbol("max" | "min"), sides):
                for one, other in combinations(sides, 2):
                    yield Sum((one, Negative(other))), False
            case Call(_, (inside,)):
                yield node, False
                yield inside, False
            case Absolute(inside) | Root(inside) | Power(inside, _):
                yield inside, False
            case Sum():
                yield node, False
            case Symbol() if node in link.terms.definitions:
                yield from _parts(link.terms.definitions[node], link)


def _function(
    part: Expression, symbol: Symbol, link: Link, point: Point
) -> Callable[[float], float]:
    def value(number: float) -> float:
        try:
            known = link.terms.lookup({**point, symbol: number}, evaluate)
            return float(evaluate(part, known))
        except (NoValue, TypeError):
            return math.nan

    return value


def _corners(value: Callable[[float], float], domain: Domain, is_rounded: bool) -> Iterator[float]:
    xs, count = domain.grid(CORNERS), 0
    pairs = [(x, value(x)) for x in xs]
    if len({f for _, f in pairs}) == 1:
        return  # it does not depend on the symbol
    for (x, f), (y, g) in pairwise(pairs):
        zero = float(math.floor(max(f, g))) if is_rounded and math.isfinite(f + g) else 0.0
        if (f - zero) * (g - zero) >= 0 or count == MOST:
            continue
        count += 1
        root = _halved(lambda number, zero=zero: value(number) - zero, x, y)  # type: ignore[misc]
        if domain.whole:
            yield from (math.floor(root), math.ceil(root))
        else:
            yield from (root + share * max(abs(root), 1e-3) for share in BESIDE)
