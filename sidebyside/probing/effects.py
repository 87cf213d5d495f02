"""
# Whether a number was changed

Formulas and code agree up to rounding. So what changes a number by no more than that has shown
nothing, and what counts is clearly more.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CHANGED_EFFECT", "EFFECT", "alike", "numbers", "share_of"]

# What an operation has to change of a number, as a share of it: clearly more than two sides of a
# formula may differ by, be it in the author's own runs, in changed ones, or with fewer digits.
EFFECT = 1e-9
CHANGED_EFFECT = 1e-5
EPSILONS = 64


def numbers(value: Any) -> Any:
    """A number or an array as an array of real numbers; None if it is something else."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, bool | str | None):
        return None
    array = np.asarray(value)
    return np.asarray(array, np.float64) if array.dtype.kind in "iuf" and array.size else None


def _epsilon(value: Any) -> float:
    """How exact a number or an array is: the distance of 1 from the next number of its type."""
    kind = str(getattr(value, "dtype", "")).rpartition(".")[2]
    return {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}.get(kind, 2.0**-52)


def share_of(effect: float, value: Any) -> float:
    """Return the share below which nothing counts in numbers of some type."""
    return max(effect, EPSILONS * _epsilon(value))


def alike(value: Any, other: Any, share: float, size: Any, *, spread: bool) -> bool:
    """
    Whether two arrays are equal up to a share of the second, or of a larger size.

    With `spread`, one number may stand for many.
    """
    if other is None or (value.shape != other.shape and not spread):
        return False
    return bool(np.all(np.abs(value - other) <= share * np.maximum(np.abs(other), size)))
