"""
# Poles of the code

SymPy cancels: `(1 − x²) / (1 − x)` is `1 + x`, for all x, but the code divides by zero where x is
1. So what a symbolic run divides by is kept as it was computed, and has to be shown not to be 0,
for all numbers in the domains of its symbols: else there is no proof. Where it is made of settings
only, and changes its sign among samples, and no formula divides by it, a page has to say in which
domain they lie.

So it does with roots: `(√x)²` is x, for all x, but the code has no real number where x is negative.
What the code takes a root or a logarithm of has to be shown not to be negative wherever what the
formulas of the run take roots of is not. Nothing is supposed of memory: that a running mean of
squares is never negative, no proof says. Where it is, formulas have no value, nor has the code.

A formula may have poles of its own. So what it needs, and the formulas that its symbols stand for,
has to be shown as well, wherever the code has real numbers.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.printing.numpy import NumPyPrinter

from sidebyside.algebra.agreement import HOLDS
from sidebyside.algebra.defined import Need, Needs
from sidebyside.algebra.domain import Domain
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import exactly, to_sympy, within
from sidebyside.algebra.signs import ALLOWED, NONZERO, POSITIVE
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import Relation, Symbol
from sidebyside.judging.checker import Checker
from sidebyside.proving.proofs import Found, SymbolicRun
from sidebyside.reasons import Reason

__all__ = ["Compared", "Poles", "is_shown", "poles"]

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


def relations(run: SymbolicRun, bounds: Sequence[Relation]) -> Iterator[sympy.Basic]:
    """Yield what relations between settings say of the numbers of a run."""
    named = {str(each): each for each in run.numbers}
    for relation in bounds:
        with suppress(NoValue):
            sides = [to_sympy(each, _among(named)) for each in relation.sides if each is not None]
            for (sign, _), left, right in zip(relation.rest, sides, sides[1:], strict=False):
                if sign in _RELATIONS:
                    yield _RELATIONS[sign](left, right, evaluate=False)


_RELATIONS: Mapping[str, Callable[..., sympy.Basic]] = {
    "<": sympy.StrictLessThan,
    "≤": sympy.LessThan,
    ">": sympy.StrictGreaterThan,
    "≥": sympy.GreaterThan,
    "≠": sympy.Unequality,
}


def _among(named: Mapping[str, sympy.Symbol]) -> Callable[[Symbol], sympy.Symbol]:
    def lookup(symbol: Symbol) -> sympy.Symbol:
        if to_text(symbol) not in named:
            raise NoValue("no setting is `{}`", symbol)
        return named[to_text(symbol)]

    return lookup


def _from_zero(parts: Iterable[sympy.Expr]) -> list[sympy.Basic]:
    """That some numbers are not negative."""
    open_ = [each for each in dict.fromkeys(parts) if each.free_symbols]
    return [sympy.GreaterThan(each, 0, evaluate=False) for each in open_]


def is_shown(need: Need, run: SymbolicRun, given: Sequence[sympy.Basic]) -> bool:
    """Return whether a part has one of the signs that it may have, for all numbers of a run."""
    return within(_is_shown, need, run, given)


def _is_shown(need: Need, run: SymbolicRun, given: Sequence[sympy.Basic]) -> bool:
    part, allowed = need
    same = [e.lhs for e in given if isinstance(e, sympy.GreaterThan) and e.rhs == 0]
    same = same if ALLOWED["≥"] <= allowed else []
    return (  # what is quick comes first
        any(_is_alike(part, each, run) for each in same)
        or run.always(part) <= allowed
        or any(_core(part, run) == _core(each, run) for each in same)
        or run.signs(part) <= allowed
        or run.signs(part, given) <= allowed
    )


def _is_alike(one: sympy.Expr, other: sympy.Expr, run: SymbolicRun) -> bool:
    """Whether what only one of two is multiplied by is made of settings, and positive."""
    factors = {*sympy.Mul.make_args(one)} ^ {*sympy.Mul.make_args(other)}
    is_simple = all(each.free_symbols <= run.numbers.keys() for each in factors)
    return is_simple and all(run.always(each) <= POSITIVE for each in factors)


def _core(expression: sympy.Expr, run: SymbolicRun) -> sympy.Expr:
    """An expression without the factors that are positive anyway: it has the same signs."""
    parts = sympy.Mul.make_args(expression)
    return _product(tuple(each for each in parts if not run.always(each) <= POSITIVE))


@functools.cache
def _product(factors: tuple[sympy.Expr, ...]) -> sympy.Expr:
    """A product, written out; many runs ask for the same."""
    return sympy.expand(sympy.Mul(*factors))


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
        return f"points[{sympy.srepr(symbol)!r}]"

    _print_Dummy = _print_Symbol  # noqa: N815 - another name there


def _on(points: Mapping[sympy.Symbol, Any], tree: Any) -> Any:
    """The values of an expression at all points; NaN where it has none."""
    named = {sympy.srepr(symbol): numbers for symbol, numbers in points.items()}
    known = {"numpy": np, "functools": functools, "points": named}
    value = np.asarray(eval(_Printer().doprint(tree), known))
    shape = (_POINTS,)
    return np.broadcast_to(np.asarray(np.real(value), np.float64), shape)


def _in_bounds(relation: Relation, points: Mapping[sympy.Symbol, Any]) -> Any:
    """At which points a relation between settings holds; at all if it speaks of something else."""
    lookup = _among({str(each): each for each in points})
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
    """
    The poles of symbolic runs, by the identity of their recordings, and those of formulas.

    `bounds` relate settings with each other. `stated` is what formulas divide by, `roots` what
    those of each recording take roots of.
    """

    runs: Mapping[int, tuple[SymbolicRun, list[sympy.Expr]]]
    bounds: Sequence[Relation] = ()
    stated: set[sympy.Expr] = field(default_factory=set)
    roots: dict[int, set[sympy.Expr]] = field(default_factory=dict)
    known: dict[Any, bool] = field(default_factory=dict)
    shown: dict[Any, bool] = field(default_factory=dict)

    def compared(self, claim: Claim, checker: Checker) -> Compared:
        """Compare a claim in the runs, and take in what it divides by, and takes roots of."""
        its, found = Needs(), Compared()
        for moment, sides in checker.comparisons(claim, its):
            place = id(moment.recording)
            found.comparisons.append((moment, sides))
            found.needs.setdefault(place, []).extend(its.taken())
            if any(poles for _, poles in self.runs.values()) and not isinstance(sides, NoValue):
                self.stated |= denominators(exactly(sides.formula))
        for place, needs in found.needs.items():
            roots = {part for part, allowed in needs if allowed and min(allowed) >= 0}
            self.roots.setdefault(place, set()).update(roots)
        return found

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

    def stand_between(self, found: Compared) -> bool:
        """Whether code, or a formula that is to be proved, may have no real number."""
        places = {id(moment.recording) for moment, _ in found.comparisons}
        return not all(map(self.has_values, places)) or not all(
            self._are_shown(needs, self.runs[place][0], self.runs[place][0].radicands)
            for place, needs in found.needs.items()
        )

    def has_values(self, place: int) -> bool:
        """Whether a run has real numbers wherever the formulas have some that it is told by."""
        if place not in self.known:
            run, _ = self.runs[place]
            divisors = [(each, NONZERO) for each in run.divisors]
            radicands = [(each, ALLOWED["≥"]) for each in run.radicands]
            self.known[place] = self._are_shown(divisors, run, run.radicands) and self._are_shown(
                radicands, run, self.roots.get(place, set())
            )
        return self.known[place]

    def _are_shown(
        self, needs: Iterable[Need], run: SymbolicRun, real: Iterable[sympy.Expr]
    ) -> bool:
        """Whether all needs are shown where some numbers are not negative."""
        given = (*relations(run, self.bounds), *_from_zero(real))
        return all(self._is_shown(each, run, given) for each in dict.fromkeys(needs))

    def _is_shown(self, need: Need, run: SymbolicRun, given: tuple[sympy.Basic, ...]) -> bool:
        """Whether a need is shown, which many runs ask."""
        numbers = frozenset(run.numbers.items())
        key = need, frozenset(given), frozenset(run.conditions), numbers
        if key not in self.shown:
            self.shown[key] = is_shown(need, run, given)
        return self.shown[key]


@dataclass
class Compared:
    """A claim in symbolic runs, and what it needs to have a value, by the runs' recordings."""

    comparisons: list[Found] = field(default_factory=list)
    needs: dict[int, list[Need]] = field(default_factory=dict)
