"""
# Is a formula true?

A formula beside a line is looked at each time the line has run, in every configuration: it is
evaluated with the values that its symbols had, and compared with what the code computed. It has to
agree each time, to twelve digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sidebyside.checking import bounds
from sidebyside.checking.claims import Claim
from sidebyside.checking.moments import Evaluate, NotThere, Place
from sidebyside.checking.recording import Recording
from sidebyside.checking.unfolding import NoValue
from sidebyside.checking.values import NotFinite, evaluate
from sidebyside.formula import to_text
from sidebyside.formula.tree import Expression, Relation, Symbol

__all__ = ["EQUALITIES", "Comparison", "Sides", "Status", "Verdict", "compare", "sides"]

Status = Literal["checked", "proved", "definition", "mention", "not checked", "failed"]

# Doubles have sixteen digits, and the order of operations may cost a few of them.
TOLERANCE = 1e-12
EQUALITIES = ("←", "=", "≡")


@dataclass(frozen=True)
class Verdict:
    """
    What became of a claim, and why.

    `runs` counts the configurations in which it was compared, `times` the comparisons, `error` is
    the largest relative error among them.
    """

    claim: Claim
    status: Status
    detail: str
    runs: int = 0
    times: int = 0
    error: float = 0.0


@dataclass(frozen=True)
class Sides:
    """Two values that a formula relates: what it says, and what it is held against."""

    code: Any
    sign: str
    formula: Any


@dataclass(frozen=True)
class Comparison:
    """The outcome for two sides: the relative error, and both values where it is largest."""

    agrees: bool
    error: float
    code: float = 0.0
    formula: float = 0.0


def sides(claim: Claim, place: Place, evaluate: Evaluate) -> Iterator[Sides]:
    """
    Yield what has to agree, if the claim is true, at one moment of a run.

    Raises `NoValue` where something has no value.
    """
    formula = claim.formula
    if isinstance(formula, Expression):
        yield Sides(computed(claim, place), "=", evaluate(formula, place))
        return
    assert isinstance(formula, Relation)
    assert formula.first is not None
    left: Any
    if isinstance(formula.first, Symbol) and formula.rest[0][0] in EQUALITIES:
        left = assigned(claim, formula.first, place)
    else:
        left = evaluate(formula.first, place)
    for sign, side in formula.rest:
        right = evaluate(side, place)
        yield Sides(left, sign, right)
        left = right


def assigned(claim: Claim, symbol: Symbol, place: Place) -> Any:
    """
    Return what the code made of the symbol on the left.

    That is what the notation says it is; where that does not exist yet, or the notation has no such
    symbol, it is what the code beside the formula computes.
    """
    meaning = place.meaning(symbol)
    if meaning is None and claim.values:
        return computed(claim, place)
    try:
        return place(symbol)
    except NotThere:
        if not claim.values:
            raise
        return computed(claim, place)


def computed(claim: Claim, place: Place) -> Any:
    """Return the last number or tensor that the code beside a formula computes."""
    for code in reversed(claim.values):
        value = place.run(code)
        if not isinstance(value, dict | list | str | bool | None):
            return value
    raise NotThere("the code beside it computes no number or tensor")


def compare(found: Sides) -> Comparison:
    """Compare two sides as numbers; raise `NoValue` when one of them is none."""
    code, formula = _array(found.code, "the code"), _array(found.formula, "the formula")
    if found.sign in bounds.HOLDS:
        broken = bounds.counterexample(code, found.sign, formula)
        return Comparison(False, 0.0, *broken[1:]) if broken else Comparison(True, 0.0)
    if found.sign not in EQUALITIES:
        raise NoValue(f"`{found.sign}` says nothing that numbers could refute")
    try:
        code, formula = np.broadcast_arrays(code, formula)
    except ValueError:
        shapes = f"{code.shape} and {formula.shape}"
        raise NotFinite(f"the code and the formula have different shapes, {shapes}") from None
    if code.size == 0:
        return Comparison(True, 0.0)
    difference = np.abs(code - formula)
    scale = max(np.abs(code).max(), np.abs(formula).max())
    error = float(difference.max() / scale) if scale else 0.0
    worst = int(difference.argmax())
    values = float(code.flat[worst]), float(formula.flat[worst])
    return Comparison(error <= TOLERANCE, error, *values)


def _array(value: Any, whose: str) -> Any:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotFinite(f"{whose} gives {_kind(value)}, not a number") from None
    if value is None or not np.isfinite(array).all():
        kind = _kind(value) if value is None else "a number that is not finite"
        raise NotFinite(f"{whose} gives {kind}")
    return array


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
