"""
# What is noticed besides

What a run shows of arguments that no formula speaks of: which of them never varied, which the
caller changed on the way to the method that takes the step, which of them the object keeps as they
are, so that their owner may change them later; which are of a type that cannot hold all whole
numbers; and how often the loops went round in which steps are taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Arguments", "Noticed", "is_input", "is_narrow", "is_same_memory"]

Place: TypeAlias = "tuple[str, int]"  # a file and a line
_PLAIN = (bool, int, float, str, type(None))


@dataclass
class Arguments:
    """The arguments of functions that had one plain value in all calls, by function and name."""

    known: dict[Place, dict[str, Any]] = field(default_factory=dict)

    def of(self, place: Place) -> Mapping[str, Any]:
        """Return the arguments of a function that never varied."""
        return self.known.get(place, {})

    def first(self, frame: FrameType) -> dict[str, Any]:
        """Take in what a function is called with, and return what it was in all calls so far."""
        code = frame.f_code
        place = (code.co_filename, code.co_firstlineno)
        if place in self.known:  # by another process, or other code in the same place
            note(self.known[place], frame)
        else:
            self.known[place] = dict(_given(code, frame.f_locals))
        return self.known[place]

    def add(self, other: Arguments) -> None:
        """Take in the calls of other runs."""
        for place, theirs in other.known.items():
            mine = self.known.setdefault(place, theirs)
            for name in [n for n, v in mine.items() if not _is_same(theirs.get(n), v)]:
                del mine[name]


def note(found: dict[str, Any], frame: FrameType) -> None:
    """Leave of some arguments those that a function is called with once more."""
    seen = frame.f_locals
    for name in [n for n, value in found.items() if not _is_same(seen.get(n), value)]:
        del found[name]


def _given(code: CodeType, seen: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        if name in seen and type(seen[name]) in _PLAIN:
            yield name, seen[name]


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


@dataclass
class Noticed:
    """
    What one run shows. `types` are those of the numbers that steps were given, each with its shape.

    `altered` are the arguments of the entry method that the user's call had as other values, `kept`
    the names under which an object keeps an input as it is, `narrow` the names of whole numbers
    that are bounded, each with their type. `kinds` has, for each argument of a step, the types that
    are no numbers with a fraction, and "" for all others. `shared` are the attributes of an object
    that are a global of its module or belong to its class, `writing` the code that changes an
    object when it is read, `tampered` the attributes that were changed from outside. `between`
    has the methods that were called between steps, with the attributes that they changed before a
    step. `rounds` has, for each line that calls the entry method,
    how many things each variable there was, at most, in one call.
    """

    altered: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    narrow: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    types: dict[str, None] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    writing: set[str] = field(default_factory=set)
    tampered: set[str] = field(default_factory=set)
    between: dict[Place, set[str]] = field(default_factory=dict)
    rounds: dict[Place, dict[str, int]] = field(default_factory=dict)
    _met: dict[int, tuple[FrameType, dict[str, dict[int, Any]]]] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_met": {}}  # no other process has the frames

    def note_types(self, names: Mapping[str, Any]) -> None:
        """Find numbers among the arguments of a step that have few digits."""
        for name, value in names.items():
            if is_narrow(value):
                self.narrow[name] = str(value.dtype)
            self.kinds.setdefault(name, set()).add(_kind(value))
            self.types.update(dict.fromkeys(_type(value)))

    def note_round(self, frame: FrameType) -> None:
        """Count what the variables of a frame are that takes steps in a loop."""
        known = self._met.setdefault(id(frame), (frame, {}))[1]
        here = self.rounds.setdefault((frame.f_code.co_filename, frame.f_lineno), {})
        for name, value in frame.f_locals.items():
            same = known.setdefault(name, {})
            same[id(value)] = value
            here[name] = max(here.get(name, 0), len(same))

    def note_kept(self, owner: Any, roots: Mapping[str, Any], inputs: Collection[Any]) -> None:
        """Find what an object, or its memory, keeps of the inputs of a step."""
        for name, value in [*vars(owner).items()] if hasattr(owner, "__dict__") else ():
            if any(is_same_memory(value, each) for each in inputs):
                self.kept.add(f"self.{name}")
        for root, held in roots.items():
            for key, value in held.items() if isinstance(held, dict) else ():
                if any(is_same_memory(value, each) for each in inputs):
                    self.kept.add(f"{root}[{key!r}]")


def _kind(value: Any) -> str:
    """The type of whole numbers, truth values or lists; empty for all else."""
    if isinstance(value, bool | list | tuple):
        return f"a {type(value).__name__}"
    kind = str(getattr(value, "dtype", "")).rpartition(".")[2]
    return f"of the type {kind}" if kind.startswith(("int", "uint", "bool")) else ""


def _type(value: Any) -> Iterator[str]:
    """The type and the shape of a number, or of an array: `float64 (2 × 3)`."""
    if type(value) in (float, int, complex):
        yield type(value).__name__
    elif hasattr(value, "dtype") and hasattr(value, "shape"):
        shape = " × ".join(map(str, value.shape))
        kind = str(value.dtype).rpartition(".")[2]
        yield f"{kind} ({shape})" if shape else kind


def is_narrow(value: Any) -> bool:
    """Return whether a number or an array is of whole numbers of less than 64 bits."""
    if not isinstance(value, np.ndarray | np.integer):
        return False
    return value.dtype.kind in "iu" and value.dtype.itemsize < 8


def is_input(value: Any) -> bool:
    """Return whether a value is a float, or an array or a tensor of floats."""
    return type(value) is float or "float" in str(getattr(value, "dtype", ""))


def is_same_memory(one: Any, other: Any) -> bool:
    """Return whether two arrays or tensors share their numbers."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one is other or bool(np.may_share_memory(one, other))
    if hasattr(one, "data_ptr") and hasattr(other, "data_ptr"):
        return one is other or bool(one.data_ptr() == other.data_ptr() != 0)
    return False
