"""
# Where statements break

Numbers drawn at random are of ordinary size, and never hit the one point where a formula divides by
zero. So a statement between symbols is also tried with very large numbers, and the points where a
denominator vanishes are looked for.

Far out, a difference of large numbers has few correct digits left. What seems false there is tried
again with many more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import sympy

from sidebyside.checking import bounds
from sidebyside.checking.domains import Domain
from sidebyside.checking.symbols import to_sympy
from sidebyside.checking.unfolding import NoValue
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    Divide,
    Expression,
    Formula,
    Negative,
    Power,
    Relation,
    Symbol,
    walk,
)

__all__ = ["is_false", "pole"]

Point: TypeAlias = "Mapping[Symbol, float]"
Definitions: TypeAlias = "Mapping[Symbol, Expression]"

DIGITS = 60
HIGHEST_DEGREE = 12


def is_false(link: Relation, point: Point, definitions: Definitions, tolerance: float) -> bool:
    """Whether a relation of two sides is false at a point beyond all doubt about rounding."""
    numbers = {symbol: sympy.Float(repr(value), DIGITS) for symbol, value in point.items()}
    numbers |= {s: sympy.Integer(int(v)) for s, v in point.items() if v == int(v)}
    (sign, right), left = link.rest[0], link.first
    assert left is not None
    try:
        a, b = (_expression(side, numbers, definitions).evalf(DIGITS) for side in (left, right))
    except NoValue:
        return False
    if not (a.is_Float and b.is_Float):
        return False
    if sign in bounds.HOLDS:
        return not bounds.holds(a, sign, b)
    return bool(abs(a - b) > tolerance * max(abs(a), abs(b)))


def pole(
    link: Relation, unknowns: Mapping[Symbol, Domain], point: Point, definitions: Definitions
) -> str:
    """Return where a formula divides by zero, in words; empty if nowhere that could be found."""
    for divide, denominator in _divisions(link, definitions):
        for symbol, domain in unknowns.items():
            numbers = {s: sympy.Rational(repr(value)) for s, value in point.items()}
            for root in _roots(denominator, symbol, numbers, definitions):
                if root in domain:
                    name = to_text(symbol)
                    return (
                        f"a division by zero in `{to_text(divide)}` at {name} = {root:g}, which "
                        f"is in {domain}; say in the notation list what `{name}` may be"
                    )
    return ""


def _divisions(tree: Formula, definitions: Definitions) -> Iterator[tuple[Expression, Expression]]:
    """The quotients in a formula and in those its symbols stand for, each with its denominator."""
    for node in walk(tree):
        match node:
            case Divide(_, denominator):
                yield node, denominator
            case Power(base, Negative()):
                yield node, base
            case Symbol() if node in definitions:
                yield from _divisions(definitions[node], definitions)


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
