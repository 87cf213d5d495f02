"""
# The table of operations

Torch knows more than a thousand operations. What an elementwise update asks of it comes down to
thirty that any language can write: sums, products, roots, comparisons. This table says how. It
names no language; the printers for [C](printing_c.py) and [Triton](printing_triton.py) say how each
of the thirty is written there.

Where torch's own kernels round once for a product and a sum, so does the table: that is `fma`. So
most numbers come out equal to the bit.

What is not in the table is not elementwise, or nobody has needed it yet.
"""

from collections.abc import Callable
from typing import Any

# Emits one of the thirty, and returns the value that stands for its result.
Emit = Callable[..., Any]


def _add(emit: Emit, x: Any, y: Any, alpha: Any = 1) -> Any:
    return emit("add", x, y) if alpha == 1 else emit("fma", alpha, y, x)


def _sub(emit: Emit, x: Any, y: Any, alpha: Any = 1) -> Any:
    return emit("sub", x, y) if alpha == 1 else emit("fma", emit("neg", alpha), y, x)


def _addcmul(emit: Emit, x: Any, y: Any, z: Any, value: Any = 1) -> Any:
    return emit("fma", y if value == 1 else emit("mul", value, y), z, x)


def _addcdiv(emit: Emit, x: Any, y: Any, z: Any, value: Any = 1) -> Any:
    return emit("add", x, emit("div", y if value == 1 else emit("mul", value, y), z))


def _lerp(emit: Emit, x: Any, y: Any, weight: Any) -> Any:
    # Torch measures from the nearer end.
    near = emit("lt", emit("abs", weight), 0.5)
    share = emit("where", near, weight, emit("sub", weight, 1))
    return emit("fma", share, emit("sub", y, x), emit("where", near, x, y))


def _pow(emit: Emit, x: Any, exponent: Any) -> Any:
    if exponent == 2:
        return emit("mul", x, x)
    return emit("sqrt", x) if exponent == 0.5 else emit("pow", x, exponent)


def _clamp(emit: Emit, x: Any, low: Any = None, high: Any = None) -> Any:
    x = x if low is None else emit("max", x, low)
    return x if high is None else emit("min", x, high)


def _sign(emit: Emit, x: Any) -> Any:
    negative = emit("where", emit("lt", x, 0), -1, emit("mul", 0, x))
    return emit("where", emit("lt", 0, x), 1, negative)


def _itself(name: str) -> Callable[..., Any]:
    return lambda emit, *args: emit(name, *args)


# What is the same word in torch and here
ITSELF = ("mul", "div", "neg", "sqrt", "abs", "where", "exp", "log", "tanh", "lt", "le", "gt", "ge",
          "eq", "ne", "floor", "ceil")  # fmt: skip
# By the name that torch's operation has without its trailing underscore.
OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: _itself(name) for name in ITSELF},
    "add": _add,
    "sub": _sub,
    "rsub": lambda emit, x, y, alpha=1: _sub(emit, y, x, alpha),
    "addcmul": _addcmul,
    "addcdiv": _addcdiv,
    "lerp": _lerp,
    "pow": _pow,
    "square": lambda emit, x: emit("mul", x, x),
    "reciprocal": lambda emit, x: emit("div", 1, x),
    "rsqrt": lambda emit, x: emit("div", 1, emit("sqrt", x)),
    "maximum": _itself("max"),
    "minimum": _itself("min"),
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": lambda emit, x, high: _clamp(emit, x, None, high),
    "sign": _sign,
    "zeros_like": lambda emit, x: 0,
    "ones_like": lambda emit, x: 1,
    "full_like": lambda emit, x, value: value,
    "logical_not": _itself("not"),
    "logical_and": _itself("and"),
    "logical_or": _itself("or"),
    "bitwise_not": _itself("not"),
    "bitwise_and": _itself("and"),
    "bitwise_or": _itself("or"),
    "bitwise_right_shift": _itself("shift_right"),
}
# Operations that leave each number as it is, and so need no line of their own.
COPIES = {"clone", "_to_copy", "lift_fresh", "copy", "fill", "zero", "empty_like"}
