"""
# Attacks on bounds

`|θₜ − θₜ₋₁| ≤ α` is a claim about every sequence of gradients. No number of runs proves it, and one
refutes it. So a claim with `<`, `≤`, `>`, `≥` or `≠` is tried on gradients made to break it: the
families below have, in the papers' proofs and in practice, broken one optimizer or another.
Optimizers work elementwise, so one tensor holds all families, one in each element.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["HOLDS", "Strict", "adversarial_gradients", "counterexample", "holds", "is_close"]

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
