"""
# What follows from conditions

In a branch that asks `rho > 5`, the statement `ρₜ > 5` is true, and so is `ρₜ ≥ 4`. A comparison
that was answered says which sign a difference has. If the difference of a statement is that one and
something of a known sign, or that one times something, its own sign may be known as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import sympy
from sympy.polys.polyerrors import BasePolynomialError

from sidebyside.algebra.domain import Domain
from sidebyside.algebra.signs import ALLOWED, ANY, Signs, signs, times

_SIGNS: Mapping[type, Signs] = {
    sympy.StrictLessThan: ALLOWED["<"],
    sympy.LessThan: ALLOWED["≤"],
    sympy.StrictGreaterThan: ALLOWED[">"],
    sympy.GreaterThan: ALLOWED["≥"],
    sympy.Equality: frozenset((0,)),
    sympy.Unequality: ALLOWED["≠"],
}


def signs_under(
    conditions: Iterable[sympy.Basic],
    expression: sympy.Expr,
    domains: Mapping[sympy.Symbol, Domain],
) -> Signs:
    """
    Return the signs that an expression may have where all conditions are met.

    `domains` are those of all symbols, also of the conditions.
    """
    conditions = tuple(conditions)
    found = _of_parts(conditions, expression, domains)  # much quicker than the whole
    found = found if len(found) == 1 else found & signs(expression, domains)
    for condition in conditions:
        known = _SIGNS.get(type(condition))
        if known is None or len(found) == 1:
            continue
        asked = condition.lhs - condition.rhs
        for way in (1, -1):
            rest = signs(expression - way * asked, domains)
            found &= _sum(frozenset(way * each for each in known), rest)
        found &= times((known, signs(_share(expression, asked), domains)))
    return found


def _of_parts(
    conditions: Sequence[sympy.Basic],
    expression: sympy.Expr,
    domains: Mapping[sympy.Symbol, Domain],
) -> Signs:
    """The signs of a product or a power, by those of its parts."""
    if not conditions:
        return ANY
    if expression.is_Mul:
        return times(signs_under(conditions, each, domains) for each in expression.args)
    if expression.is_Pow and expression.exp.is_Integer:
        base = signs_under(conditions, expression.base, domains)
        if expression.exp > 0 or 0 not in base:
            return frozenset(sign ** abs(int(expression.exp)) for sign in base)
    return ANY


def _share(expression: sympy.Expr, of: sympy.Expr) -> sympy.Expr:
    """By what another expression is to be multiplied."""
    try:
        return sympy.cancel(expression / of) if of != 0 else sympy.nan
    except BasePolynomialError:
        return sympy.nan


def _sum(some: Signs, others: Signs) -> Signs:
    """The signs that a sum may have."""
    found: set[int] = set()
    for a, b in product(some, others):
        found |= ANY if a * b < 0 else {a or b}
    return frozenset(found)
