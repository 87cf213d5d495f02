"""
# When two numbers agree

Computers round, so a true formula and right code differ in their last digits. There is one rule:
two numbers agree if they differ by no more than a *share* of the larger of them, or, where that is
a small difference of large numbers, of those. `SHARE` says which share, and why, for each way in
which numbers are found; nobody else has a number for that.

Of a bound, `a ≤ b`, the same rule says where rounding hides who is larger.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import Lookup, NotFinite, evaluate
from sidebyside.formula.tree import EQUALITIES, Expression, Formula, Relation, Symbol, walk

SHARE: Mapping[str, float] = {
    # Doubles have sixteen digits, and the order of operations may cost two of them.
    "code": 1e-14,
    # Code that computes with fewer digits agrees with a formula to those.
    "float32": 5e-6,
    "float16": 2e-2,
    # Both sides of a formula, at numbers that may be far apart; and who is larger of two.
    "points": 1e-12,
    # A moment of a random number is a sum over points of its density.
    "integration": 1e-9,
    # A run with larger inputs: rounding takes more digits; in what goes on step by step, half.
    "changed line": 1e-12,
    "changed row": 1e-6,
    # A run with numbers of another type; of bytes, some functions are float16.
    "another type": 2e-2,
    # What changes less than this had no effect that could be told from rounding.
    "effect": 1e-9,
    # Where two sides of a bound touch, and how far they are apart beside that point: of what they
    # usually are apart.
    "touching": 1e-12,
    "beside": 1e-9,
    # SymPy is asked for sixty digits. Equal numbers have nearly all of them in common; between
    # the two shares, nothing is decided.
    "every digit": 1e-50,
    "most digits": 1e-40,
}
# The numbers with fewer digits than doubles, and up to where they are exact if they are whole.
WHOLE = {"float32": 2.0**24, "float16": 2.0**11}
# Where one side is rounded to a float32 or two, its error is of this size.
_ROUNDED = (1e-9, 3e-7)
_JITTER = 1e-9


HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "≤": operator.le,
    ">": operator.gt,
    "≥": operator.ge,
    "≠": operator.ne,
}


def holds(left: Any, sign: str, right: Any, room: Any = 0.0) -> Any:
    """
    Return whether a bound holds for two numbers, or those of two arrays; `room` is for rounding.

    Two numbers that differ by no more than rounding refute nothing but `≠`: `1 − βᵗ < 1` is true,
    although a computer finds both sides equal for large t. Next to 0 nothing is rounded.
    """
    direct = HOLDS[sign](left, right)
    if sign == "≠":
        return direct
    equal = is_close(left, right) | (np.abs(left - right) <= room)
    return np.where(equal, (sign in "≤≥") | (left != right) | (left != 0), direct)


def is_close(left: Any, right: Any) -> Any:
    """Whether two numbers, or those of two arrays, differ by no more than rounding."""
    return np.abs(left - right) <= SHARE["points"] * np.maximum(np.abs(left), np.abs(right))


def error_of(one: Any, other: Any, scale: Any = 0.0) -> Any:
    """Return how far two numbers are apart, as a share of the larger one, or of a larger scale."""
    size = np.maximum(np.maximum(np.abs(one), np.abs(other)), scale)
    return np.abs(one - other) / np.where(size > 0, size, 1.0)


def looks_rounded(error: float) -> bool:
    """Whether an error is of the size that rounding to a float32 makes."""
    return _ROUNDED[0] < error < _ROUNDED[1]


def no_claim(sign: str) -> NoValue:
    """Return the error about a relation that numbers cannot refute."""
    return NoValue(f"`{sign}` says nothing that numbers could refute")


def is_bound(formula: Formula | None) -> bool:
    """Whether a formula says that something is smaller or larger, not what it is."""
    return isinstance(formula, Relation) and all(sign in HOLDS for sign, _ in formula.rest)


def meaningless(formula: Formula | None) -> NoValue | None:
    """Return why a formula has no numeric meaning, whatever its symbols are; None if it has."""
    parts: list[Formula | None] = [formula]
    if isinstance(formula, Relation):
        parts = [*formula.sides]
        for sign, _ in formula.rest:
            if sign not in EQUALITIES and sign not in HOLDS:
                return no_claim(sign)
    for part in parts:
        try:
            if isinstance(part, Expression):
                evaluate(part, lambda symbol: 2.0)
        except NotFinite:
            continue
        except NoValue as error:
            return error
    return None


@dataclass(frozen=True)
class Sides:
    """
    Two values that a formula relates: what it says, and what it is held against.

    `row` is the line of the formula, where it is not the one in question but one that uses it.
    `tree` is the formula: if no symbol is in it, one number may stand for many.
    `scale` returns how large the numbers are that each element of the formula is made of.
    """

    code: Any
    sign: str
    formula: Any
    row: int = 0
    tree: Expression | None = None
    scale: Callable[[], Any] = lambda: 0.0


@dataclass(frozen=True)
class Comparison:
    """
    The outcome for two sides: the relative error, and both values where it is largest.

    Empty tensors agree with everything, so `empty` ones show nothing. `coarse` is the type of the
    code's numbers where they have fewer digits than doubles.
    """

    agrees: bool
    error: float
    code: float = 0.0
    formula: float = 0.0
    element: int = 0
    empty: bool = False
    coarse: str = ""


def compare(found: Sides) -> Comparison:
    """
    Compare two sides as numbers; raise `NoValue` when one of them is none.

    The error is relative to each element. Where it is larger than rounding, the element may be a
    small difference of large numbers; then it is relative to those.
    """
    coarse = _coarse(found)
    code, formula = _array(found.code, "the code"), _array(found.formula, "the formula")
    if found.sign not in (*HOLDS, *EQUALITIES):
        raise no_claim(found.sign)
    _refuse_one_for_many(found, code, formula)
    code, formula = _of_one_shape(code, formula)
    if code.size == 0:
        return Comparison(True, 0.0, empty=True)
    if found.sign in HOLDS:
        broken = counterexample(code, found.sign, formula)
        if broken and found.sign != "≠":  # it may be a small difference of large numbers
            room = SHARE[coarse or "points"] * np.abs(found.scale())
            broken = counterexample(code, found.sign, formula, room)
        if broken is None:
            return Comparison(True, 0.0)
        return Comparison(False, 0.0, code=broken[1], formula=broken[2], element=broken[0])
    if (code == formula).all():
        return Comparison(True, 0.0, coarse=coarse)
    tolerance = SHARE[coarse or "code"]
    errors = error_of(code, formula)
    if errors.max() > tolerance:
        errors = error_of(code, formula, np.abs(found.scale()))
    worst = int(errors.argmax())
    error = float(errors.flat[worst])
    values = float(code.flat[worst]), float(formula.flat[worst])
    return Comparison(error <= tolerance, error, *values, worst, coarse=coarse)


def _of_one_shape(code: Any, formula: Any) -> Sequence[Any]:
    if code.shape == formula.shape:
        return code, formula
    try:
        return np.broadcast_arrays(code, formula)
    except ValueError:
        shapes = f"{code.shape} and {formula.shape}"
        raise NotFinite(f"the code and the formula have different shapes, {shapes}") from None


def _coarse(found: Sides) -> str:
    """The type of the code's numbers, if it is not as exact as doubles."""
    if getattr(found.code, "dtype", np.float64) == np.float64:
        return ""
    kind = str(found.code.dtype)
    if kind not in WHOLE:
        return ""
    is_whole = found.code == np.rint(found.code)
    # Then it is exact, or counts something.
    return "" if np.all(is_whole & (np.abs(found.code) < WHOLE[kind])) else kind


def _refuse_one_for_many(found: Sides, code: Any, formula: Any) -> None:
    """Raise `NotFinite` where many numbers are said to be one that is computed: are they alike?"""
    one = found.sign in EQUALITIES and code.size > 1 and formula.size == 1
    if one and found.tree is not None and not is_constant(found.tree):
        reason = f"the code computes {code.size} numbers, and the formula one for all of them"
        raise NotFinite(f"{reason}; give each a symbol, or write the formula for one of them")


def scale_of(
    tree: Expression,
    lookup: Callable[[Symbol], Any],
    evaluate: Callable[[Expression, Lookup], Any],
    value: Any,
    size: Callable[[Symbol, Any], Any] = lambda symbol, known: np.abs(known),
) -> Any:
    """
    Return how large the numbers are that the value of a formula is made of.

    Each symbol by itself is changed by a billionth of its size; how much the value changes tells
    with what numbers its rounding began. In `1 − x` near x = 1, that is 1, not the difference.
    """
    chance = np.random.default_rng(0)
    asked: dict[Symbol, Any] = {}

    def noted(symbol: Symbol) -> Any:
        asked[symbol] = lookup(symbol)
        return asked[symbol]

    with suppress(NoValue):
        evaluate(tree, noted)
    total: Any = 0.0
    for changed, known in asked.items():
        if not isinstance(known, float | np.ndarray) or np.all(known == np.rint(known)):
            continue  # it may count something
        # Elements that are added up must not cancel, either.
        signs = chance.choice([-1.0, 1.0], size=np.shape(known))
        near = {**asked, changed: known + _JITTER * signs * size(changed, known)}
        with suppress(NoValue):
            total = total + np.abs(evaluate(tree, near.__getitem__) - value) / _JITTER
    return total


def _array(value: Any, whose: str) -> Any:
    if type(value) is np.ndarray and value.dtype == np.float64 and np.isfinite(value).all():
        return value
    if type(value) in (float, np.float64) and math.isfinite(value):
        return np.float64(value)
    if np.iscomplexobj(value):
        raise NotFinite(f"{whose} gives a complex number, and formulas are about real ones")
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


def is_constant(tree: Expression) -> bool:
    """Whether a formula has no symbols, so that it is the same number wherever it is asked."""
    return not any(isinstance(node, Symbol) for node in walk(tree))


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
    room: Any = 0.0,
) -> tuple[int, float, float] | None:
    """Return the first element for which a bound fails, and both values there; or None."""
    sides = (np.asarray(each, np.float64) for each in (left, right, room))
    a, b, c = (each.ravel() for each in np.broadcast_arrays(*sides))
    broken = np.flatnonzero(~holds(a, sign, b, c))
    return (int(broken[0]), float(a[broken[0]]), float(b[broken[0]])) if broken.size else None
