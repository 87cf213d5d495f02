"""
# Without the compiler

torch marks the methods that its compiler must leave alone. The first call of such a method loads
the compiler, 800 modules, only to be told so. Nothing is compiled while formulas are checked, so
the methods are called directly: that saves a third of the time that one file takes. Where the mark
looks different in another version of torch, it is not found, and nothing changes but the time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

_COMPILER = "torch._dynamo"
_DIRECT = "__dynamo_disable"  # where torch keeps what to call instead of a marked function


@contextmanager
def uncompiled(classes: Iterable[type]) -> Iterator[None]:
    """Call the marked methods of some classes directly, unless the compiler is there already."""
    changed: list[Callable[..., Any]] = []
    try:
        for function in () if _COMPILER in sys.modules else set(_marked(classes)):
            setattr(function, _DIRECT, function)
            changed.append(function)
        yield
    finally:
        for function in changed:
            delattr(function, _DIRECT)


def _marked(classes: Iterable[type]) -> Iterator[Callable[..., Any]]:
    for owner in {base for cls in classes for base in cls.__mro__}:
        for method in vars(owner).values():
            function = getattr(method, "__wrapped__", None)
            module = getattr(method, "__globals__", {}).get("__name__")
            if function and module == "torch._compile" and not hasattr(function, _DIRECT):
                yield function
