"""
# Poles of the code

SymPy cancels: `(1 − x²) / (1 − x)` is `1 + x`, for all x, but the code divides by zero where x is
1. So what a symbolic run divides by, or takes the logarithm of, is kept as it was computed, and
tried on many numbers in the domains of its symbols. Where it changes its sign, it is 0 in between:
there is no proof. If it is made of settings only, and no formula divides by it, a page has to say
in which domain they lie.

So it does with roots: `(√x)²` is x, for all x, but the code has no real number where x is negative.
What it takes a root or a logarithm of may be negative only where something is that both sides of a
formula still take one of.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.printing.numpy import NumPyPrinter

from sidebyside.algebra.agreement import HOLDS
from sidebyside.algebra.domain import Domain
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import exactly, to_sympy
from sidebyside.formula import to_text
from sidebyside.formula.tree import Relation, Symbol
from sidebyside.proving.proofs import Found, SymbolicRun
from sidebyside.reasons import Reason

__all__ = ["Poles", "poles"]

_POINTS = 400
_FAR = 3.0  # how far the numbers in tensors go


def poles(run: SymbolicRun, bounds: Sequence[Relation], known: dict[Any, bool]) -> list[sympy.Expr]:
    """
    Return what a run divides by and may be 0; `bounds` relate settings with each other.

    In `known` it keeps what it has found, as other runs divide by the same.
    """
    found = []
    for divisor in dict.fromkeys(run.divisors):
        key = (divisor, run.conditions, frozenset(run.numbers.items()))
        if key not in known:
            known[key] = _may_be_zero(divisor, run, bounds)
        if known[key]:
            found.append(divisor)
    return found


def is_of_settings(pole: sympy.Expr, run: SymbolicRun) -> bool:
    """Whether nothing but hyper-parameters and t decide what a number is."""
    return bool(pole.free_symbols) and pole.free_symbols <= run.numbers.keys()


def denominators(formula: sympy.Expr) -> set[sympy.Expr]:
    """Return the factors of what a formula divides by, and their opposites."""
    powers = formula.atoms(sympy.Pow)
    bases = {each.base for each in powers if each.exp.could_extract_minus_sign()}
    factors = {factor for base in bases for factor in sympy.Mul.make_args(base)}
    return factors | {sympy.expand(-each) for each in factors}


def may_be_unreal(run: SymbolicRun, stated: Collection[sympy.Expr], known: dict[Any, Any]) -> bool:
    """
    Return whether a run takes a root of what may be negative, and no formula does.

    `stated` is what formulas, and what the code beside them has computed, take roots of.
    """
    open_ = [each for each in dict.fromkeys(run.radicands) if each not in stated]
    open_ = [each for each in open_ if each.free_symbols and not each.is_nonnegative]
    if not open_:
        return False
    missing = [_negative(each, run, known) for each in open_]
    told = [_negative(each, run, known) for each in stated if each.free_symbols]
    return bool((np.any(missing, axis=0) & ~np.any([*told, np.zeros(_POINTS, bool)], axis=0)).any())


def radicands(expression: sympy.Expr) -> set[sympy.Expr]:
    """Return what an expression takes a root or a logarithm of."""
    powers = {each.base for each in expression.atoms(sympy.Pow) if not each.exp.is_integer}
    return powers | {each.args[0] for each in expression.atoms(sympy.log)}


def _negative(radicand: sympy.Expr, run: SymbolicRun, known: dict[Any, Any]) -> Any:
    """At which points of a run something is negative."""
    key = ("negative", radicand, run.conditions, frozenset(run.numbers.items()))
    if key not in known:
        points = _points(run, radicand)
        with np.errstate(all="ignore"):
            inside = np.ones(_POINTS, bool)
            for each in run.conditions:
                inside &= _on(points, each) == 1
            known[key] = inside & (_on(points, radicand) < 0)
    return known[key]


def _may_be_zero(divisor: sympy.Expr, run: SymbolicRun, bounds: Sequence[Relation]) -> bool:
    if not divisor.free_symbols:
        return False
    if divisor.is_positive or divisor.is_negative:
        return False
    points = _points(run, divisor)
    conditions = [each for each in run.conditions if each.free_symbols <= points.keys()]
    with np.errstate(all="ignore"):
        values = _on(points, divisor)
        inside = np.isfinite(values)
        for each in conditions:
            inside &= _on(points, each) == 1
        for relation in bounds:
            inside &= _in_bounds(relation, points)
    seen = values[inside]
    return bool((seen > 0).any() and (seen < 0).any())


def _points(run: SymbolicRun, divisor: sympy.Expr) -> Mapping[sympy.Symbol, Any]:
    """Numbers for all symbols of a run, in their domains."""
    asked = divisor.free_symbols.union(*(each.free_symbols for each in run.conditions))
    symbols = sorted(asked | {*run.numbers}, key=str)
    return {symbol: _numbers(str(symbol), run.numbers.get(symbol)) for symbol in symbols}


@functools.cache
def _numbers(name: str, domain: Domain | None) -> NDArray[np.float64]:
    """Numbers for one symbol; for those of tensors, which have no domain, of either sign."""
    chance = random.Random(name)
    if domain is None:
        return np.array([chance.uniform(-_FAR, _FAR) for _ in range(_POINTS)])
    numbers = domain.samples(chance, _POINTS)
    chance.shuffle(numbers)
    return np.array(numbers, np.float64)


class _Printer(NumPyPrinter):  # type: ignore[misc]
    """Writes an expression as Python; to give symbols names first, SymPy would make it anew."""

    def _print_Symbol(self, symbol: sympy.Symbol) -> str:  # noqa: N802 - its name there
        return f"points[{str(symbol)!r}]"


def _on(points: Mapping[sympy.Symbol, Any], tree: Any) -> Any:
    """The values of an expression at all points; NaN where it has none."""
    named = {str(symbol): numbers for symbol, numbers in points.items()}
    known = {"numpy": np, "functools": functools, "points": named}
    value = np.asarray(eval(_Printer().doprint(tree), known))
    shape = (_POINTS,)
    return np.broadcast_to(np.asarray(np.real(value), np.float64), shape)


def _in_bounds(relation: Relation, points: Mapping[sympy.Symbol, Any]) -> Any:
    """At which points a relation between settings holds; at all if it speaks of something else."""
    named = {str(each): each for each in points}

    def lookup(symbol: Symbol) -> Any:
        if to_text(symbol) not in named:
            raise NoValue("no setting is `{}`", symbol)
        return named[to_text(symbol)]

    try:
        sides = [to_sympy(each, lookup) for each in relation.sides if each is not None]
    except NoValue:
        return True
    values = [_on(points, each) for each in sides]
    inside = np.ones(_POINTS, bool)
    for n, (sign, _) in enumerate(relation.rest):
        if sign in HOLDS:
            inside &= np.asarray(HOLDS[sign](values[n], values[n + 1]))
    return inside


@dataclass
class Poles:
    """The poles of symbolic runs, by the identity of their recordings, and those of formulas."""

    runs: Mapping[int, tuple[SymbolicRun, list[sympy.Expr]]]
    stated: set[sympy.Expr] = field(default_factory=set)
    roots: dict[int, set[sympy.Expr]] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict)

    def note(self, comparisons: Sequence[Found]) -> None:
        """Take in what a formula divides by, and what it takes roots of."""
        for moment, sides in comparisons:
            if not isinstance(sides, NoValue):
                with suppress(NoValue):
                    both = radicands(exactly(sides.formula)) | radicands(exactly(sides.code))
                    self.roots.setdefault(id(moment.recording), set()).update(both)
        if any(found for _, found in self.runs.values()):
            for _, sides in comparisons:
                if not isinstance(sides, NoValue):
                    self.stated |= denominators(exactly(sides.formula))

    def reason(self, comparisons: Iterable[Found]) -> Reason | None:
        """Return which settings the code of a claim cannot take, and no formula says so."""
        for moment, _ in comparisons:
            run, found = self.runs[id(moment.recording)]
            for pole in found:
                parts = {*sympy.Mul.make_args(sympy.factor(pole)), pole, sympy.expand(pole)}
                if is_of_settings(pole, run) and not parts & self.stated:
                    names = sorted(map(str, pole.free_symbols))
                    return Reason("code-pole", {"code": str(pole), "symbols": names})
        return None

    def stand_between(self, comparisons: Iterable[Found]) -> bool:
        """Whether code may have no real number where a formula is to be proved."""
        places = {id(moment.recording) for moment, _ in comparisons}
        return any(self.runs[each][1] or self.is_unreal(each) for each in places)

    def is_unreal(self, place: int) -> bool:
        """Whether a run takes a root of what may be negative, and no formula does."""
        run, _ = self.runs[place]
        if ("unreal", place) not in self.known:
            stated = self.roots.get(place, set())
            self.known["unreal", place] = may_be_unreal(run, stated, self.known)
        return bool(self.known["unreal", place])
