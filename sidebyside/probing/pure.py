"""
# Functions that only compute

What changes nothing may be called a second time, to find out what it does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["ARITHMETIC", "BOUNDED", "CONVERSIONS", "METHODS", "is_method", "is_pure"]

_BUILT_IN = (abs, max, min, round, sorted, pow)
# What may be called inside of what is tried, and is not tried itself.
CONVERSIONS = (all, any, bool, float, int, len, str, sum)
_ARRAYS = (
    *("abs", "clip", "clamp", "clamp_max", "clamp_min", "cummax", "fix", "hypot", "interp"),
    *("maximum", "median", "minimum", "nan_to_num", "norm", "real", "relu", "round", "select"),
    *("sort", "trunc", "unique", "where"),
)
# Sums and products, which a setting may leave without effect.
ARITHMETIC = ("add", "addcdiv", "addcmul", "div", "lerp", "mul", "sub")
METHODS = (
    *("abs", "clamp", "clamp_max", "clamp_min", "clip", "maximum", "minimum", "nan_to_num"),
    *("relu", "round", *ARITHMETIC),
)
_ANY_OF = ("math", "statistics", "heapq")  # modules of which every function only computes
# Functions that come to a bound, and the bounds.
BOUNDED = {"tanh": (-1.0, 1.0), "erf": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "expit": (0.0, 1.0)}


def is_method(function: Any) -> bool:
    """Whether a function is a method of an object, with a name that no array's method has."""
    return hasattr(function, "__self__") and function.__name__ not in METHODS


def is_pure(function: Any) -> bool:
    """Whether a function computes a result from its arguments, and does nothing else."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if any(function is each for each in (*_BUILT_IN, *CONVERSIONS)) or isinstance(
        function, np.ufunc
    ):
        return True
    if owner is math or isinstance(owner, np.ufunc):
        return True
    home = str(getattr(function, "__module__", None) or getattr(owner, "__module__", ""))
    is_array = isinstance(owner, np.ndarray) or hasattr(owner, "detach")
    if is_array:
        return name in METHODS
    if home in _ANY_OF:
        return True
    return home.partition(".")[0] in ("numpy", "torch") and name in (*_ARRAYS, *BOUNDED)
