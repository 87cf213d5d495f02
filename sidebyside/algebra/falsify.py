"""
# Where statements break

Numbers drawn at random are of ordinary size, and never hit the one point where a formula divides by
zero. So a statement between symbols is also tried with very large numbers, and the points where a
denominator vanishes are looked for.

Far out, a difference of large numbers has few correct digits left. What seems false there is tried
again with many more.

## Attacks on bounds

`|θₜ − θₜ₋₁| ≤ α` is a claim about every sequence of gradients. No number of runs proves it, and one
refutes it. So a claim with `<`, `≤`, `>`, `≥` or `≠` is tried on gradients made to break it: the
families below have, in the papers' proofs and in practice, broken one optimizer or another.
Optimizers work elementwise, so one tensor holds all families, one in each element.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import sympy
from numpy.typing import NDArray

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
    "HOLDS",
    "Strict",
    "adversarial_gradients",
    "counterexample",
    "holds",
    "is_close",
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
ALMOST = 1e-12  # a root of what is 0 up to rounding is 0
HIGHEST_DEGREE = 12


def is_equal(link: Relation, point: Point, definitions: Definitions) -> bool:
    """Whether both sides of a relation are the same number at a point, to fifty digits."""
    sides = _sides(link, point, definitions)
    if sides is None:
        return False
    a, b = sides
    return bool(abs(a - b) <= sympy.Float("1e-50") * max(abs(a), abs(b)))


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


def is_false(
    link: Relation, point: Point, definitions: Definitions, tolerance: float
) -> bool | None:
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
    return bool(abs(a - b) > tolerance * max(abs(a), abs(b)))


def is_false_to_the_last_digit(link: Relation, point: Point, definitions: Definitions) -> bool:
    """Return whether a relation is false at a point, though by no more than numbers are rounded."""
    sides = _sides(link, point, definitions)
    if sides is None:
        return False
    a, b = sides
    if abs(a - b) <= sympy.Float("1e-40") * max(abs(a), abs(b)):
        return False
    sign = link.rest[0][0]
    return not HOLDS[sign](a, b) if sign in HOLDS else True


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


HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "≤": operator.le,
    ">": operator.gt,
    "≥": operator.ge,
    "≠": operator.ne,
}
ROUNDING = 1e-12


def holds(left: float, sign: str, right: float) -> bool:
    """
    Return whether a bound holds for two numbers.

    Two numbers that differ by no more than rounding refute nothing but `≠`: `1 − βᵗ < 1` is true,
    although a computer finds both sides equal for large t. Next to 0 nothing is rounded.
    """
    if is_close(left, right) and sign != "≠":
        return sign in "≤≥" or left != right or left != 0
    return HOLDS[sign](left, right)


def is_close(left: Any, right: Any) -> Any:
    """Whether two numbers, or those of two arrays, differ by no more than rounding."""
    return np.abs(left - right) <= ROUNDING * np.maximum(np.abs(left), np.abs(right))


class Strict:
    """
    Whether a strict inequality has been seen to be more than an equality.

    Where both sides are equal up to rounding, nothing is decided. Each element has to be decided
    once in a run.
    """

    def __init__(self) -> None:
        self.undecided: dict[Any, Any] = {}  # by the run, and the shape

    def add(self, run: Any, left: Any, sign: str, right: Any) -> None:
        """Take in two sides that were compared in a run."""
        if sign in "<>":
            sides = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
            close = is_close(*sides)
            key = (run, close.shape)
            self.undecided[key] = close & self.undecided.get(key, True)

    @property
    def is_empty(self) -> bool:
        """Whether an element was equal on both sides whenever it was compared."""
        return any(bool(np.any(each)) for each in self.undecided.values())


def counterexample(
    left: NDArray[np.float64] | float,
    sign: str,
    right: NDArray[np.float64] | float,
) -> tuple[int, float, float] | None:
    """Return the first element for which a bound fails, and both values there; or None."""
    pairs = np.broadcast_arrays(np.asarray(left, np.float64), np.asarray(right, np.float64))
    for place, (a, b) in enumerate(zip(pairs[0].ravel(), pairs[1].ravel(), strict=True)):
        if not holds(float(a), sign, float(b)):
            return place, float(a), float(b)
    return None


def adversarial_gradients(steps: int) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of the families, and their gradients: one row per step."""
    chance = np.random.default_rng(0)
    families: dict[str, Sequence[float] | NDArray[np.float64]] = dict(_families(steps))
    families["normal noise"] = chance.normal(size=steps)
    families["heavy-tailed noise"] = chance.standard_cauchy(size=steps)
    families["random signs"] = chance.choice([-1.0, 1.0], size=steps)
    families["noise over twelve orders of magnitude"] = chance.choice(
        [-1.0, 1.0], size=steps
    ) * 10.0 ** chance.uniform(-6, 6, size=steps)
    table = np.array([np.asarray(column, np.float64) for column in families.values()])
    return list(families), table.T


def _families(steps: int) -> Iterator[tuple[str, NDArray[np.float64]]]:
    t = np.arange(steps, dtype=np.float64)
    yield "constant", np.ones(steps)
    yield "zero", np.zeros(steps)
    yield "tiny and constant", np.full(steps, 1e-12)
    yield "huge and constant", np.full(steps, 1e12)
    yield "alternating signs", (-1.0) ** t
    yield "one spike at the start", np.where(t == 0, 1e3, 1e-3)
    yield "one spike after silence", np.where(t == steps - 1, 1.0, 0.0)
    yield "one spike in the middle", np.where(t == steps // 2, 1e6, 1.0)
    yield "sign flip half-way", np.where(t < steps // 2, 1.0, -1.0)
    yield "sparse", np.where(t % 5 == 4, 1.0, 0.0)
    yield "growing", 2.0**t
    # A running mean is largest, beside one of squares, if all that it remembers weighs the same:
    # if gradients grow as quickly as it forgets.
    for rate in (1.02, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.6, 1.8):
        yield f"growing by {rate}", rate**t
        yield f"growing by {rate} until the last step", np.where(t < steps - 1, rate**t, 0.0)
    yield "shrinking", 0.5**t
    # Reddi et al. 2018, Theorem 1: on average uphill, yet Adam goes the other way.
    yield "3, −1, −1", np.where(t % 3 == 0, 3.0, -1.0)
