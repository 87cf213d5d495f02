"""
# Odd classes

A class may have other attributes than one sees. A proof is about none of those.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from sidebyside.trace.captured import Part
from sidebyside.trace.symbolic import ProofError

__all__ = ["refuse_odd_classes"]

# Methods by which an object may have other attributes than one sees.
_ODD = {"__getattr__", "__getattribute__", "__setattr__", "__delattr__"}
# Where torch keeps what `@torch.no_grad()` makes of a function, and what it makes of each `step`.
_TORCH = ("torch/utils/_contextlib.py", "torch/optim/optimizer.py")


def refuse_odd_classes(part: Part, is_project: Callable[[str], bool]) -> None:
    """Raise `ProofError` for a class with more than methods, properties and numbers."""
    for base in part.owner.__mro__ if part.owner is not None else ():
        if not is_project(getattr(sys.modules.get(base.__module__), "__file__", None) or ""):
            continue
        for name, value in vars(base).items():
            is_plain = _is_plain_member(value, is_project)
            if name in _ODD if name.startswith("__") else not is_plain:
                raise ProofError(f"{base.__name__}.{name}")
    if part.kind in ("tuple", "dict", "object"):
        for inner in part.value.values():
            refuse_odd_classes(inner, is_project)


def _is_plain_member(value: Any, is_project: Callable[[str], bool]) -> bool:
    if isinstance(value, FunctionType):
        file = value.__code__.co_filename
        return is_project(file) or file.endswith(_TORCH)
    is_known = isinstance(value, property | staticmethod | classmethod)
    return is_known or not hasattr(type(value), "__get__")
