"""
# Which signs an expression may have

An inequality for all numbers of some domains is a statement about the sign of a difference. For a
quotient of polynomials it can be decided: the factors are looked at one by one. One of a single
symbol has its roots counted, exactly. One of several is positive if, with each symbol written as
its lower end and something positive, no coefficient is negative.

Parts that are no polynomials, such as `βᵗ` or a root, are taken for numbers of their own, with no
more known of them than their sign, or that they are between 0 and 1. That is more numbers than
there are, so what holds for them holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import sympy
from sympy.polys.polyerrors import BasePolynomialError

from sidebyside.algebra.domain import Domain, exact_end

Signs: TypeAlias = frozenset[int]  # of −1, 0 and 1, all that may be

ANY: Signs = frozenset((-1, 0, 1))
POSITIVE: Signs = frozenset((1,))
NONZERO: Signs = frozenset((-1, 1))
ALLOWED: Mapping[str, Signs] = {
    "<": frozenset((-1,)),
    "≤": frozenset((-1, 0)),
    ">": POSITIVE,
    "≥": frozenset((0, 1)),
    "≠": NONZERO,
}


@dataclass(frozen=True)
class _Interval:
    """Where a number lies; the ends are exact. Infinite ends are open."""

    low: sympy.Expr
    high: sympy.Expr
    low_open: bool = True
    high_open: bool = True

    def __contains__(self, number: sympy.Expr) -> bool:
        above = self.low < number or (self.low == number and not self.low_open)
        return bool(above and (number < self.high or (number == self.high and not self.high_open)))

    @property
    def inside(self) -> sympy.Expr:
        """A number between the ends."""
        if self.low.is_finite:
            return (self.low + self.high) / 2 if self.high.is_finite else self.low + 1
        return self.high - 1 if self.high.is_finite else sympy.Integer(0)


_REAL = _Interval(-sympy.oo, sympy.oo)
_SHARE = _Interval(sympy.Integer(0), sympy.Integer(1))
_ABOVE = _Interval(sympy.Integer(0), sympy.oo)
_FROM_ZERO = _Interval(sympy.Integer(0), sympy.oo, low_open=False)


def signs(expression: sympy.Expr, domains: Mapping[sympy.Symbol, Domain]) -> Signs:
    """
    Return the signs that an expression may have where its symbols are in these domains.

    All of them where nothing is known, also of a domain that is empty, or a single number.
    """
    places = {symbol: _interval(domain) for symbol, domain in domains.items()}
    known = {symbol: place for symbol, place in places.items() if place is not None}
    try:
        return _signs(expression, known)
    except BasePolynomialError:
        return ANY


def _signs(expression: sympy.Expr, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    numbers = sympy.Float, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan, sympy.I
    if not expression.free_symbols <= known.keys() or expression.has(*numbers):
        return ANY
    named = _Names(known)
    found = named(sympy.expand_power_exp(expression))
    if named.failed:
        return ANY
    numerator, denominator = sympy.fraction(sympy.together(found))
    below = _of_polynomial(denominator, named.known)
    return ANY if 0 in below else times((_of_polynomial(numerator, named.known), below))


def _interval(domain: Domain) -> _Interval | None:
    """A domain as an interval of all real numbers between its ends; None if it has not two."""
    low, high = exact_end(domain.low), exact_end(domain.high)
    if low is None or high is None or not low < high:
        return None
    ends = domain.low_open or math.isinf(domain.low), domain.high_open or math.isinf(domain.high)
    return _Interval(low, high, *ends)


class _Names:
    """Gives what is no polynomial a name. `known` says where each symbol and name lies."""

    def __init__(self, known: Mapping[sympy.Symbol, _Interval]) -> None:
        self.known = dict(known)
        self.failed = False
        self._names: dict[sympy.Expr, sympy.Symbol] = {}

    def __call__(self, part: sympy.Expr) -> sympy.Expr:
        if part.is_Rational or part.is_Symbol:
            return part
        if part.is_Add or part.is_Mul:
            return part.func(*map(self, part.args))
        if part.is_Pow and part.exp.is_Integer:
            return self(part.base) ** part.exp
        if part.is_Pow and self._is_share(part.base):
            factor, exponent = part.exp.as_coeff_Mul()
            if factor.is_Integer and exponent.is_positive:
                return self.name(part.base**exponent, _SHARE) ** factor
        if part.is_positive:
            return self.name(part, _ABOVE)
        self.failed = self.failed or not part.is_real
        return self.name(part, _FROM_ZERO if part.is_nonnegative else _REAL)

    def _is_share(self, base: sympy.Expr) -> bool:
        """Whether a number is strictly between 0 and 1."""
        place = self.known.get(base)
        return place is not None and all(
            end in _SHARE or (end in (0, 1) and is_open)
            for end, is_open in ((place.low, place.low_open), (place.high, place.high_open))
        )

    def name(self, part: sympy.Expr, place: _Interval) -> sympy.Symbol:
        symbol = self._names.setdefault(part, sympy.Dummy("part", real=True))
        self.known[symbol] = place
        return symbol


def times(factors: Iterable[Signs]) -> Signs:
    """The signs that a product may have."""
    return frozenset(map(math.prod, product(*factors)))


def _of_polynomial(expression: sympy.Expr, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    its = sorted(expression.free_symbols, key=str)
    if not expression.is_polynomial(*its):
        return ANY
    if not its:
        return frozenset((int(sympy.sign(expression)),)) if expression.is_Rational else ANY
    scale, factors = sympy.factor_list(sympy.Poly(expression, *its, domain="QQ"))
    found = [_of_factor(factor.exclude(), known, count) for factor, count in factors]
    return times([frozenset((int(sympy.sign(scale)),)), *found])


def _of_factor(factor: sympy.Poly, known: Mapping[sympy.Symbol, _Interval], count: int) -> Signs:
    """The signs of an irreducible polynomial to a power."""
    found = _of_one(factor, known) if len(factor.gens) == 1 else _of_several(factor, known)
    return found if count % 2 else frozenset(sign**2 for sign in found)


def _of_one(factor: sympy.Poly, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    place = known[factor.gen]
    inside = int(sympy.sign(factor.eval(place.inside)))
    if factor.degree() == 1:
        root = -factor.coeff_monomial(1) / factor.coeff_monomial(factor.gen)
        if place.low < root < place.high:
            return ANY
        return frozenset((inside, 0)) if root in place else frozenset((inside,))
    # It has no factor, so no root is a fraction, as the ends are.
    low, high = (end if end.is_finite else None for end in (place.low, place.high))
    return ANY if factor.count_roots(low, high) else frozenset((inside,))


def _of_several(factor: sympy.Poly, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    for sign in (1, -1):
        found = _positive(factor * sign, known)
        if found is not None:
            return frozenset(sign * each for each in found)
    return ANY


def _positive(factor: sympy.Poly, known: Mapping[sympy.Symbol, _Interval]) -> Signs | None:
    """The signs of a polynomial that is nowhere negative; None if that is not known."""
    changed, nowhere_zero, is_open = {}, set(), True
    steps = [sympy.Dummy("p") for _ in factor.gens]
    for symbol, p in zip(factor.gens, steps, strict=True):
        place = known[symbol]
        # Of what p is from 0 on without end, 0 is one end of the interval, and no end the other.
        low, high, first_open, last_open = place.low, place.high, place.low_open, place.high_open
        if low.is_finite and high.is_finite:
            changed[symbol] = (low + high * p) / (1 + p)
            is_open = is_open and last_open
        elif low.is_finite or high.is_finite:
            changed[symbol] = low + p if low.is_finite else high - p
            first_open = first_open if low.is_finite else last_open
        else:
            changed[symbol], first_open = p, False
        if first_open:
            nowhere_zero.add(p)
    numerator, _ = sympy.fraction(sympy.together(factor.as_expr().subs(changed, simultaneous=True)))
    terms = sympy.Poly(numerator, *steps, domain="QQ").terms()
    anything = [n for n, symbol in enumerate(factor.gens) if known[symbol] == _REAL]
    for powers, number in terms:
        if number < 0 or any(powers[n] % 2 for n in anything):
            return None
    lasting = (
        all(p in nowhere_zero for p, n in zip(steps, powers, strict=True) if n)
        for powers, _ in terms
    )
    return POSITIVE if is_open and any(lasting) else frozenset((0, 1))
