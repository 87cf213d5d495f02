"""
# Mathematics that understands symbols

Functions such as `math.sqrt` take only real floats. While code runs on symbols, its modules see
others in their place, which compute the same.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from types import ModuleType, SimpleNamespace
from typing import Any

from sidebyside.trace.elementwise import OPERATIONS
from sidebyside.trace.symbolic import SymbolicNumber, as_instance, expression_of, type_of

__all__ = ["symbolic_mathematics"]

# The names of functions of `math`, where they are not torch's.
_OTHERS = {"fabs": "abs"}
_SAME = (
    *("acos", "asin", "atan", "cos", "cosh", "exp", "exp2", "expm1", "log", "log10", "log1p"),
    *("log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh"),
)


def _function(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(real)
    def call(*values: Any) -> Any:
        stand_in = next((each for each in values if isinstance(each, SymbolicNumber)), None)
        if stand_in is None:
            return real(*values)
        if any(isinstance(each, SymbolicNumber) and not _is_number(each) for each in values):
            raise stand_in.branches.refuse(f"math.{name} of an array")
        numbers = [SymbolicNumber(expression_of(each), stand_in.branches) for each in values]
        if name == "log" and len(values) == 2:
            return call(values[0]) / call(values[1])
        return numbers[0]._apply(OPERATIONS[_OTHERS.get(name, name)], *numbers[1:])

    return call


def _is_number(value: Any) -> bool:
    return type(value) is SymbolicNumber


_MATH = {
    getattr(math, name): _function(name, getattr(math, name))
    for name in (*_SAME, *_OTHERS)
    if hasattr(math, name)
}
_NAMESPACE = SimpleNamespace(
    **(vars(math) | {real.__name__: other for real, other in _MATH.items()})
)


def _float(value: Any) -> Any:
    return value if isinstance(value, SymbolicNumber) else float(value)


def _extreme(real: Callable[..., Any], name: str, *values: Any, **options: Any) -> Any:
    """The largest or smallest of some numbers."""
    known = [_is_number(each) or type(each) in (int, float) for each in values]
    if options or len(values) < 2 or not all(known) or not any(map(_is_number, values)):
        return real(*values, **options)
    branches = next(each for each in values if _is_number(each)).branches
    first, *rest = [SymbolicNumber(expression_of(each), branches) for each in values]
    for each in rest:
        first = first._apply(OPERATIONS[name], each)
    return first


_BUILT_IN: dict[str, Callable[..., Any]] = {
    "float": _float,
    "isinstance": as_instance,
    "max": partial(_extreme, builtins.max, "maximum"),
    "min": partial(_extreme, builtins.min, "minimum"),
    "type": type_of,
}


@contextmanager
def symbolic_mathematics(modules: Iterable[ModuleType]) -> Iterator[None]:
    """Let some modules see functions that understand symbols."""
    saved = [(module, dict(vars(module))) for module in modules]
    for module, _ in saved:
        _patch(module)
    try:
        yield
    finally:
        for module, names in saved:
            vars(module).clear()
            vars(module).update(names)


def _patch(module: ModuleType) -> None:
    for name, value in list(vars(module).items()):
        if value is math:
            setattr(module, name, _NAMESPACE)
        elif type(value) is type(math.sqrt) and value in _MATH:
            setattr(module, name, _MATH[value])
    # A global of this name hides the built-in one.
    vars(module).update({k: v for k, v in _BUILT_IN.items() if k not in vars(module)})
