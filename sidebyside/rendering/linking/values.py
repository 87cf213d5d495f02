"""
# What an expression can turn out to be

As far as links need it: a thing that has a name, or an object of a known class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Thing:
    """A module, class, function or variable, by its canonical path."""

    path: str


@dataclass(frozen=True)
class Instance:
    """An object of the class with this path."""

    path: str


@dataclass(frozen=True)
class Above:
    """`super()` in the class with this path."""

    path: str


@dataclass(frozen=True)
class Local:
    """A function or class defined inside a function, at this line."""

    line: int


@dataclass(frozen=True)
class Several:
    """A tuple, element by element."""

    items: tuple[Value | None, ...]


@dataclass(frozen=True)
class Pending:
    """Not known yet: the variable is just being worked out."""


Value: TypeAlias = Thing | Instance | Above | Local | Several | Pending
PENDING = Pending()
