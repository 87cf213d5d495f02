"""
# Where formulas have values

SymPy cancels: `(x − 1)/(x − 1)` is 1 to it, also where x is 1. So before something is proved of a
formula, each of its parts is asked what it needs: a denominator must not be 0, what a logarithm is
taken of is positive, and so on. What is needed is shown by [signs](signs.py) for all numbers, or
there is no proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

import sympy

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import LONGEST, Lookup, length, to_sympy
from sidebyside.algebra.falsify import Link
from sidebyside.algebra.signs import ALLOWED, NONZERO, POSITIVE, Signs
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    Call,
    Divide,
    Dots,
    Expression,
    Formula,
    Power,
    Root,
    Series,
    Symbol,
    is_exponential,
    is_moment,
    parts,
    symbols_of,
)

__all__ = ["Bound", "Need", "Needs", "Value", "has_values", "needs", "trees_of"]

Bound: TypeAlias = Mapping[Symbol, sympy.Symbol]  # the variables of series
Value: TypeAlias = Callable[[Expression, Bound], sympy.Expr]
Need: TypeAlias = tuple[sympy.Expr, Signs]  # a part, and the signs that it may have

_FROM_ZERO = ALLOWED["≥"]
_EVERYWHERE = {
    *("exp", "sin", "cos", "arctan", "sinh", "cosh", "tanh", "max", "min", "abs", "clip"),
    *("cbrt", "floor", "ceil", "sign"),
}


def has_values(tree: Formula, value: Value, signs_of: Callable[[sympy.Expr], Signs]) -> bool:
    """
    Return whether all parts of a formula are known to have a value.

    `value` is the expression of a part, and `signs_of` says which signs that may have.
    """
    try:
        return all(signs_of(part) <= allowed for part, allowed in needs(tree, value))
    except NoValue:
        return False


def needs(tree: Formula, value: Value, bound: Bound | None = None) -> Iterator[Need]:
    """Yield what a formula needs, to have a value; raise `NoValue` where that is not known."""
    inside = bound = bound or {}
    if isinstance(tree, Symbol):
        return
    if isinstance(tree, Series):
        inside = {**bound, **_variable(tree, value, bound)}
    yield from _own(tree, lambda part: value(part, bound))
    for (name, _), part in parts(tree):
        if name in ("function", "variable") or (name == "base" and is_exponential(tree)):
            continue
        yield from needs(part, value, inside if name == "body" else bound)


def _own(tree: Formula, value: Callable[[Expression], sympy.Expr]) -> Iterator[Need]:
    """What an operation needs of what it is done to."""
    match tree:
        case Divide(_, denominator):
            yield value(denominator), NONZERO
        case Root(inside):
            yield value(inside), _FROM_ZERO
        case Call(Symbol("log" | "ln"), (inside,)):
            yield value(inside), POSITIVE
        case Call(Symbol("tan"), (inside,)):
            yield sympy.cos(value(inside)), NONZERO
        case Call(Symbol("arcsin" | "arccos"), (inside,)):
            yield 1 - value(inside) ** 2, _FROM_ZERO
        case Call(function) if not is_moment(tree) and function.name not in _EVERYWHERE:
            raise NoValue(f"the function in `{to_text(tree)}` is not known")
        case Power(base, exponent) if not is_exponential(tree):
            allowed = of_base(value(exponent))
            if allowed is not None:
                yield value(base), allowed
        case Dots():
            raise NoValue("what `…` leaves out")


def of_base(exponent: sympy.Expr) -> Signs | None:
    """Return which signs the base of a power may have; None if any."""
    if exponent.is_integer:
        return None if exponent.is_nonnegative else NONZERO
    return _FROM_ZERO if exponent.is_positive else POSITIVE


def _variable(series: Series, value: Value, bound: Bound) -> Bound:
    """The variable of a series, as a whole number from its start on."""
    if series.variable is None or series.lower is None or series.upper is None:
        raise NoValue(f"`{to_text(series)}` does not say from where to where it runs")
    lower = value(series.lower, bound)
    facts = {"nonnegative": True} if lower.is_Integer and lower >= 0 else {}
    return {series.variable: sympy.Dummy(integer=True, **facts)}


def trees_of(link: Link) -> Iterator[Formula]:
    """A link, the formulas that its symbols stand for, and the parameters of what is random."""
    todo: list[Formula] = [link.relation]
    seen: set[Symbol] = set()
    for tree in todo:
        yield tree
        for symbol in {*symbols_of(tree)} - seen - {*link.unknowns}:
            seen.add(symbol)
            if symbol in link.terms.definitions:
                todo.append(link.terms.definitions[symbol])
            elif symbol in link.terms.distributions:
                todo += link.terms.distributions[symbol].parameters


@dataclass(eq=False)
class Needs:
    """
    Returns the expressions of formulas, and keeps what they need to have a value.

    Given as what evaluates a claim, it is asked for the formulas of its symbols, too.
    """

    kept: list[Need] = field(default_factory=list)

    def __call__(self, tree: Expression, lookup: Lookup) -> sympy.Expr:
        lookup = cache(lookup)  # a symbol may stand for a formula, and that for others

        def value(part: Expression, bound: Bound) -> sympy.Expr:
            return to_sympy(
                part, lambda symbol: bound[symbol] if symbol in bound else lookup(symbol)
            )

        found = to_sympy(tree, lookup)
        if length(found) > LONGEST:
            raise NoValue(f"`{to_text(tree)}` is too long")
        try:
            self.kept += needs(tree, value)
        except NoValue:
            self.kept.append((sympy.nan, frozenset()))
        return found

    def taken(self) -> list[Need]:
        """Return what was kept since this was asked for last."""
        kept, self.kept = list(dict.fromkeys(self.kept)), []
        return kept
