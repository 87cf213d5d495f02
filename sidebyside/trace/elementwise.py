"""
# What operations compute, as expressions

Each of these does one thing to each element, so one expression speaks for all. torch's methods and
functions have these names, NumPy's are translated. What is not here no proof can follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import sympy

__all__ = ["COMPARISONS", "OPERATIONS", "UFUNCS", "divisors", "needs", "under"]


# Remembered: to compare two expressions takes SymPy long, and configurations ask the same.
_max = lru_cache(maxsize=None)(sympy.Max)
_min = lru_cache(maxsize=None)(sympy.Min)


def _clamp(x: sympy.Expr, min: Any = None, max: Any = None) -> sympy.Expr:  # noqa: A002
    x = x if min is None else _max(x, min)
    return x if max is None else _min(x, max)


# What torch's methods and functions of these names compute. `name_` is the same, in place.
OPERATIONS: dict[str, Callable[..., sympy.Expr]] = {
    "abs": sympy.Abs,
    "acos": sympy.acos,
    "add": lambda x, other, alpha=1: x + alpha * other,
    "addcdiv": lambda x, a, b, value=1: x + value * a / b,
    "addcmul": lambda x, a, b, value=1: x + value * a * b,
    "asin": sympy.asin,
    "atan": sympy.atan,
    "clamp": _clamp,
    "clamp_max": _min,
    "clamp_min": _max,
    "clip": _clamp,
    "clone": lambda x: x,
    "copy": lambda x, other: other,
    "cos": sympy.cos,
    "cosh": sympy.cosh,
    "detach": lambda x: x,
    "div": lambda x, other: x / other,
    "exp": sympy.exp,
    "exp2": lambda x: 2**x,
    "expm1": lambda x: sympy.exp(x) - 1,
    "fill": lambda x, other: other,
    "lerp": lambda x, end, weight: x + weight * (end - x),
    "log": sympy.log,
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "log1p": lambda x: sympy.log(1 + x),
    "log2": lambda x: sympy.log(x) / sympy.log(2),
    "maximum": _max,
    "minimum": _min,
    "mul": lambda x, other: x * other,
    "neg": lambda x: -x,
    "ones_like": lambda x: sympy.Integer(1),
    "pow": lambda x, exponent: x**exponent,
    "reciprocal": lambda x: 1 / x,
    "relu": lambda x: _max(x, sympy.Integer(0)),
    "rsqrt": lambda x: 1 / sympy.sqrt(x),
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "sign": sympy.sign,
    "sin": sympy.sin,
    "sinh": sympy.sinh,
    "sqrt": sympy.sqrt,
    "square": lambda x: x**2,
    "sub": lambda x, other, alpha=1: x - alpha * other,
    "tan": sympy.tan,
    "tanh": sympy.tanh,
    "zero": lambda x: sympy.Integer(0),
    "zeros_like": lambda x: sympy.Integer(0),
}

# The names of NumPy's functions, where they are others.
UFUNCS: Mapping[str, str] = {
    **{name: name for name in ("exp", "exp2", "expm1", "log", "log10", "log1p", "log2")},
    **{name: name for name in ("cos", "cosh", "sin", "sinh", "tan", "tanh", "sign", "sqrt")},
    **{name: name for name in ("add", "maximum", "minimum", "reciprocal", "square")},
    **{f"{name}_like": f"{name}_like" for name in ("ones", "zeros")},
    "clip": "clip",
    "absolute": "abs",
    "arccos": "acos",
    "arcsin": "asin",
    "arctan": "atan",
    "divide": "div",
    "fabs": "abs",
    "float_power": "pow",
    "multiply": "mul",
    "negative": "neg",
    "positive": "clone",
    "power": "pow",
    "subtract": "sub",
}
COMPARISONS: Mapping[str, Callable[..., sympy.Basic]] = {
    "equal": sympy.Eq,
    "greater": sympy.Gt,
    "greater_equal": sympy.Ge,
    "less": sympy.Lt,
    "less_equal": sympy.Le,
    "not_equal": sympy.Ne,
}


def under(x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
    """Return y / x."""
    return y / x


# Of an operation, which of its numbers must not be 0.
_DIVISORS: Mapping[Callable[..., Any], int] = {
    **{OPERATIONS[name]: 0 for name in ("log", "log10", "log2", "reciprocal", "rsqrt")},
    OPERATIONS["div"]: 1,
    OPERATIONS["addcdiv"]: 2,
    under: 0,
}
_ROOTS = {OPERATIONS[name] for name in ("log", "log10", "log2", "rsqrt", "sqrt")}
_ARCS = {OPERATIONS[name] for name in ("acos", "asin")}


def divisors(operation: Callable[..., Any], values: list[sympy.Expr]) -> Iterator[sympy.Expr]:
    """Yield what must not be 0, or an operation has no result."""
    if operation in _DIVISORS:
        yield values[_DIVISORS[operation]]
    elif operation is OPERATIONS["log1p"]:
        yield 1 + values[0]
    elif operation is OPERATIONS["tan"]:
        yield sympy.cos(values[0])
    elif operation is OPERATIONS["pow"] and not values[1].is_nonnegative:
        yield values[0]


def needs(operation: Callable[..., Any], values: list[sympy.Expr]) -> Iterator[sympy.Expr]:
    """Yield what must not be negative, or an operation has no real result."""
    if operation in _ROOTS:
        yield values[0]
    elif operation is OPERATIONS["log1p"]:
        yield 1 + values[0]
    elif operation in _ARCS:
        yield 1 - values[0] ** 2
    elif operation is OPERATIONS["pow"] and not values[1].is_integer:
        yield values[0]
