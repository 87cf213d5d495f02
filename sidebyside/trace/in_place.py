"""
# What an array would do

`x += 1` gives a number another value, and changes an array where it is: whoever holds the array
under another name has another one, too. A run with numbers does not show that. So where a number
is held under two names, such a line is not followed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

__all__ = ["ChangedInPlace"]

_NOT_LOOKED_INTO = (type, ModuleType, FunctionType)


class ChangedInPlace:
    """A number in whose place there may be an array."""

    branches: Any

    def _alone(self) -> Any:
        """The number, unless an array in its place would be held under another name, too."""
        names = list(_names(self, sys._getframe(2).f_locals, "{}", set()))
        if len(names) > 1:
            raise self.branches.refuse(", ".join(names), "unproved-alias")
        return self

    def __iadd__(self, other: Any) -> Any:
        return self._alone() + other

    def __isub__(self, other: Any) -> Any:
        return self._alone() - other

    def __imul__(self, other: Any) -> Any:
        return self._alone() * other

    def __itruediv__(self, other: Any) -> Any:
        return self._alone() / other

    def __ipow__(self, other: Any) -> Any:
        return self._alone() ** other


def _names(value: Any, seen: Mapping[Any, Any], form: str, known: set[int]) -> Iterator[str]:
    """The names under which a value is held, in variables and what they have."""
    for key, held in [*seen.items()]:
        name = form.format(key)
        if held is value:
            yield name
        elif id(held) not in known and not isinstance(held, _NOT_LOOKED_INTO):
            known.add(id(held))
            if type(held) is dict:
                yield from _names(value, held, f"{name}[{{!r}}]", known)
            elif type(held) in (tuple, list):
                yield from _names(value, dict(enumerate(held)), f"{name}[{{}}]", known)
            elif not isinstance(held, ChangedInPlace) and hasattr(held, "__dict__"):
                yield from _names(value, vars(held), f"{name}.{{}}", known)
