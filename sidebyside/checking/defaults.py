"""
# Which arguments are unusual
"""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["is_unusual"]


def is_unusual(cls: type, name: str, value: Any) -> bool:
    """Whether an argument to make a class with is not the default."""
    parameters = inspect.signature(cls).parameters
    return name not in parameters or _differ(parameters[name].default, value)


def _differ(one: Any, other: Any) -> bool:
    """Whether two values differ. Arrays answer for each element, and are equal if all are."""
    try:
        found = one != other
        return bool(found.any() if hasattr(found, "any") else found)
    except Exception:  # whatever people's objects raise
        return one is not other
