"""
# Which signs an expression may have

An inequality for all numbers of some domains is a statement about the sign of a difference. For a
quotient of polynomials it can be decided: the factors are looked at one by one. One of a single
symbol has its roots counted, exactly. One of several is positive if, with each symbol written as
its lower end and something positive, no coefficient is negative.

Parts that are no polynomials, such as `βᵗ` or a root, are taken for numbers of their own, with no
more known of them than their sign, or that they are between 0 and 1. That is more numbers than
there are, so what holds for them holds. Whether a root or a logarithm has a real value is not asked
here: the signs are those wherever all parts have one. It is asked [elsewhere](defined.py).
"""

from __future__ import annotations

import math
import random
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

    def at(self, share: sympy.Rational) -> sympy.Expr:
        """A number between the ends, nearer to the upper one the larger a share of 1 is."""
        low, high, beyond = self.low, self.high, share / (1 - share)
        if low.is_finite:
            return low + (high - low) * share if high.is_finite else low + beyond
        return high - 1 / beyond if high.is_finite else beyond - 1 / beyond


_TRIES = 16
_REAL = _Interval(-sympy.oo, sympy.oo)
_SHARE = _Interval(sympy.Integer(0), sympy.Integer(1))
_ABOVE = _Interval(sympy.Integer(0), sympy.oo)
_FROM_ZERO = _Interval(sympy.Integer(0), sympy.oo, low_open=False)
# Functions that are real wherever they have a value, if what they are given is.
_REAL_FUNCTIONS = (
    *(sympy.Abs, sympy.Max, sympy.Min, sympy.log, sympy.sign, sympy.floor, sympy.ceiling),
    *(sympy.sin, sympy.cos, sympy.tan, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan),
)


def signs(expression: sympy.Expr, domains: Mapping[sympy.Symbol, Domain]) -> Signs:
    """
    Return the signs that an expression may have where its symbols are in these domains.

    There, and where all of its parts have real values. All signs where nothing is known, also of a
    domain that is empty, or a single number.
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
    if expression.is_Rational:
        return frozenset((int(sympy.sign(expression)),))
    found = _by_form(expression, known)  # quick, and often enough
    found = found if len(found) == 1 else found & _of_quotient(expression, known)
    return found if len(found) == 1 else found & _of_terms(expression, known)


def _by_form(expression: sympy.Expr, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    """The signs that show at a glance, as those of a root, or of a sum of what is not negative."""
    if expression.is_Rational:
        return frozenset((int(sympy.sign(expression)),))
    if expression.is_Symbol:
        place = known[expression]
        return ALLOWED[">" if place.low_open else "≥"] if place.low == 0 else ANY
    if expression.is_Add:
        terms = [_by_form(each, known) for each in expression.args]
        if all(each <= ALLOWED["≥"] for each in terms):
            return ALLOWED[">" if any(0 not in each for each in terms) else "≥"]
    if expression.is_Mul:
        return times(_by_form(each, known) for each in expression.args)
    if expression.is_Pow and expression.exp.is_Rational and expression.exp.q % 2 == 0:
        return ALLOWED["≥" if expression.exp > 0 else ">"]  # a root that is real
    return ANY


def _of_terms(expression: sympy.Expr, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    """The signs of a sum, a product or a power, by those of its terms as they are written."""
    if expression.is_Add:
        terms = [_signs(each, known) for each in expression.args]
        for allowed in (ALLOWED["≥"], ALLOWED["≤"]):
            if all(each <= allowed for each in terms):
                return allowed - {0} if any(0 not in each for each in terms) else allowed
    if expression.is_Mul:
        return times(_signs(each, known) for each in expression.args)
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        return frozenset(sign ** int(expression.exp) for sign in _signs(expression.base, known))
    return ANY


def _of_quotient(expression: sympy.Expr, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    """The signs of a quotient of polynomials."""
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
        self.places, self.known = known, dict(known)
        self.failed = False
        self._names: dict[sympy.Expr, sympy.Symbol] = {}

    def __call__(self, part: sympy.Expr) -> sympy.Expr:
        if part.is_Rational or part.is_Symbol:
            return part
        if part.is_Add or part.is_Mul:
            return part.func(*map(self, part.args))
        if part.is_Pow and part.exp.is_Integer:
            return self(part.base) ** part.exp
        if part.is_Pow and part.exp.is_Rational:
            root = part.base ** sympy.Rational(1, part.exp.q)
            return self.name(root, self._above(part.base)) ** part.exp.p
        if part.is_Pow:
            return self._power(part)
        if part.is_positive or isinstance(part, sympy.exp):
            return self.name(part, _ABOVE)
        self.failed = self.failed or not (part.is_real or isinstance(part, _REAL_FUNCTIONS))
        return self.name(part, self._place(part))

    def _power(self, part: sympy.Pow) -> sympy.Expr:
        """A power whose exponent has symbols."""
        place = self._share(part.base)
        factor, exponent = part.exp.as_coeff_Mul()
        if place is not None and factor.is_Integer and exponent.is_positive:
            return self.name(part.base**exponent, place) ** factor
        is_positive = part.is_positive or self._above(part.base) == _ABOVE
        self.failed = self.failed or not (is_positive or part.is_real)
        place = _FROM_ZERO if part.is_nonnegative else _REAL
        return self.name(part, _ABOVE if is_positive else place)

    def _share(self, base: sympy.Expr) -> _Interval | None:
        """Where the powers of a number between 0 and 1 lie; None if it may be none."""
        place = self.known.get(base)
        if base.is_Rational:
            return _SHARE if 0 < base < 1 else None
        if place is None or not (place.low >= 0 and place.high <= 1):
            return None
        ends = place.low_open or place.low > 0, place.high_open or place.high < 1
        return _Interval(sympy.Integer(0), sympy.Integer(1), *ends)

    def _above(self, part: sympy.Expr) -> _Interval:
        """Where the roots of a number lie."""
        return _ABOVE if self._signs(part) <= POSITIVE else _FROM_ZERO

    def _place(self, part: sympy.Expr) -> _Interval:
        """Where the value of a function lies."""
        if isinstance(part, sympy.Abs):
            return _ABOVE if 0 not in self._signs(part.args[0]) else _FROM_ZERO
        if isinstance(part, sympy.Max | sympy.Min):
            among = any if isinstance(part, sympy.Max) else all
            found = [self._signs(each) for each in part.args]
            for allowed, place in ((POSITIVE, _ABOVE), (ALLOWED["≥"], _FROM_ZERO)):
                if among(each <= allowed for each in found):
                    return place
        return _FROM_ZERO if part.is_nonnegative else _REAL

    def _signs(self, part: sympy.Expr) -> Signs:
        return _signs(part, self.places)

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
    if _takes_both_signs(expression, its, known):
        return ANY
    scale, factors = sympy.factor_list(sympy.Poly(expression, *its, domain="QQ"))
    found = [_of_factor(factor.exclude(), known, count) for factor, count in factors]
    return times([frozenset((int(sympy.sign(scale)),)), *found])


def _takes_both_signs(
    expression: sympy.Expr, its: Iterable[sympy.Symbol], known: Mapping[sympy.Symbol, _Interval]
) -> bool:
    """Whether a polynomial is seen to, at a few points: much quicker than to factor it."""
    chance, seen = random.Random(0), set()
    for _ in range(_TRIES):
        shares = {each: sympy.Rational(chance.randrange(1, 16), 16) for each in its}
        value = expression.xreplace({each: known[each].at(s) for each, s in shares.items()})
        seen.add(sympy.sign(value))
        if {1, -1} <= seen:
            return True
    return False


def _of_factor(factor: sympy.Poly, known: Mapping[sympy.Symbol, _Interval], count: int) -> Signs:
    """The signs of an irreducible polynomial to a power."""
    found = _of_one(factor, known) if len(factor.gens) == 1 else _of_several(factor, known)
    return found if count % 2 else frozenset(sign**2 for sign in found)


def _of_one(factor: sympy.Poly, known: Mapping[sympy.Symbol, _Interval]) -> Signs:
    place = known[factor.gen]
    inside = int(sympy.sign(factor.eval(place.at(sympy.Rational(1, 2)))))
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
