"""
# Numbers without a largest one

`ln(1 + eˣ)` has a value for any x, but on the way to it a double may overflow, and the code beside
the formula is often written so that it does not. Then the formula is evaluated once more, in
numbers of mpmath, whose exponents have no end. Such a value is exact enough to agree with the
code's; one that does not refutes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import MPContext

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import Lookup, NotFinite, Value, once_compiled, plain
from sidebyside.formula.tree import Expression

__all__ = ["unlimited"]

# Bits of a number, and the largest exponent, beyond which nothing is told in time.
PRECISION = 120
LARGEST = 1e300

_CONTEXT: Any = MPContext()
_CONTEXT.prec = PRECISION
_raised = _CONTEXT.mpf.__pow__


def _power(base: Any, exponent: Any) -> Any:
    if base and abs(exponent * _CONTEXT.log(abs(base))) > LARGEST:
        raise OverflowError
    return _raised(base, exponent)


def _exponential(number: Any) -> Any:
    return _power(+_CONTEXT.e, number)


def _give(name: str, function: Any) -> None:
    """Give numbers a function of their own, by which NumPy asks each of an array of objects."""
    setattr(_CONTEXT.mpf, name, lambda number, *more: function(number, *more))


_give("__pow__", _power)
_give("exp", _exponential)
for _name in ("sqrt", "log", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"):
    _give(_name, getattr(_CONTEXT, _name))
for _name in ("sin", "cos", "tan"):
    _give(f"arc{_name}", getattr(_CONTEXT, f"a{_name}"))


def unlimited(tree: Expression, lookup: Lookup) -> Value:
    """
    Return the value of a formula that may have larger numbers on the way than a double has.

    Raises `NoValue` where it takes more than operations on numbers.
    """
    compiled = once_compiled(tree)
    values = [plain(lookup(symbol)) for symbol in compiled.symbols]
    if compiled.compute is None or any(value is None for value in values):
        raise NoValue("`{}` takes more than operations", tree)
    try:
        with np.errstate(all="ignore"):
            found = np.frompyfunc(float, 1, 1)(compiled.compute([*map(_numbers, values)]))
    except (ArithmeticError, ValueError, TypeError):  # no number, or not a real one
        raise NotFinite("`{}` has no value", tree) from None
    value: Value = np.asarray(found, np.float64)[()]
    if not np.isfinite(value).all():
        raise NotFinite("`{}` is not finite", tree)
    return value


def _numbers(value: Value) -> Any:
    return np.frompyfunc(_CONTEXT.mpf, 1, 1)(value)
