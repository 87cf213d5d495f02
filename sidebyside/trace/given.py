"""
# What the user gave

An algorithm is about the call that its user makes: `Adam([param], lr=0.1)`, a gradient in
`param.grad`, and `step()`. What a constructor or a hook makes of that on the way to the method that
takes the step is code, and may be wrong. So the arguments of the constructor are kept as they were
given, the settings as they stand where the user can see and change them, and the parameter and its
gradient at the moment at which the user's call begins.

The settings are dictionaries that the object keeps, alone or in a list, such as `param_groups`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import EnumType
from functools import cache
from types import FrameType
from typing import Any

import numpy as np

from sidebyside.trace.trace import NOTHING, PLAIN, Leaf, freeze

__all__ = [
    "Given",
    "Made",
    "arguments_of",
    "constants_of",
    "kept_of",
    "lost",
    "made",
    "settings_of",
]


@dataclass(eq=False)
class Made:
    """
    How an object was made: its constructor's `arguments`, and its `settings` right after.

    `plain` tells whether all arguments are numbers, switches, texts, and tuples of them, so that
    none of them can decide about another.
    """

    arguments: Mapping[str, Any]
    plain: bool
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Given:
    """
    What a user's call begins with: the parameter, its gradient, and the settings.

    `after` is the parameter when the user goes on. What is not known is `NOTHING`.
    """

    param: Any
    grad: Any
    settings: Mapping[str, Any]
    after: Any = NOTHING


def arguments_of(frame: FrameType) -> dict[str, Any]:
    """Return what a function was called with; those of `**kwargs` are arguments, too."""
    code, seen = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    found = {name: seen[name] for name in code.co_varnames[:count] if name in seen}
    if code.co_flags & inspect.CO_VARKEYWORDS:
        found |= seen[code.co_varnames[count + bool(code.co_flags & inspect.CO_VARARGS)]]
    return found


def made(arguments: Mapping[str, Any], leaf: Leaf) -> Made:
    """Return what is kept of the names at the start of a constructor."""
    rest = {name: value for name, value in arguments.items() if name not in ("self", "params")}
    kept = {name: _kept(value, leaf) for name, value in rest.items() if is_plain(value)}
    return Made(kept, len(kept) == len(rest))


def is_plain(value: Any) -> bool:
    """Whether a value is a number, a switch, a text, or a collection of them."""
    if isinstance(value, tuple | list):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(map(is_plain, value.values()))
    return isinstance(value, PLAIN) or not getattr(value, "shape", (1,)) or _is_constant(value)


def _is_constant(value: Any) -> bool:
    return any(value is each for each in constants_of(value.__class__))


@cache
def constants_of(kind: Any) -> tuple[Any, ...]:
    """Return the values of a type that its module names: data types, members of an enumeration."""
    if isinstance(kind, EnumType):
        return tuple(kind)
    name = getattr(kind, "__module__", "builtins")
    names = vars(sys.modules[name]) if name != "builtins" and name in sys.modules else {}
    found = {id(each): each for each in list(names.values()) if type(each) is kind}
    return tuple(each for each in found.values() if not hasattr(each, "__dict__"))


def _kept(value: Any, leaf: Leaf) -> Any:
    """A copy of a value; a constant is its own."""
    return value if _is_constant(value) else freeze(value, leaf, {})


def settings_of(owner: Any, names: Mapping[str, Any], param: Any, leaf: Leaf) -> dict[str, Any]:
    """Return the settings of an object for one parameter, as far as arguments have their names."""
    for each in _dictionaries(owner, param):
        found = {name: each[name] for name in names if name in each and is_plain(each[name])}
        if found:
            return {name: _kept(value, leaf) for name, value in found.items()}
    return {}


def kept_of(owner: Any, names: Mapping[str, Any], leaf: Leaf) -> dict[str, Any]:
    """Return what a new object keeps of its arguments: settings, or numbers of the same name."""
    found = settings_of(owner, names, None, leaf)
    for name, given in names.items():
        if name not in found and is_number(given):
            kept = getattr(owner, name, None)
            if is_number(kept):
                found[name] = kept
    return found


def is_number(value: Any) -> bool:
    """Whether a value is a number of Python, and no switch."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _dictionaries(owner: Any, param: Any) -> Iterator[Mapping[str, Any]]:
    """The dictionaries that an object keeps; of several in a list, those of this parameter."""
    for value in list(getattr(owner, "__dict__", {}).values()):
        if isinstance(value, list) and all(isinstance(each, dict) for each in value):
            its = [d for d in value if any(each is param for each in _members(d.get("params")))]
            yield from its or value[:1]
    for name, value in list(getattr(owner, "__dict__", {}).items()):
        if isinstance(value, dict) and name != "defaults":
            yield value


def _members(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def lost(made: Made) -> Iterator[tuple[str, Any, Any]]:
    """Yield the arguments that the settings do not have as they were given, with both values."""
    if made.plain:  # else one argument may be meant to replace another
        for name, value in made.settings.items():
            if name in made.arguments and not _equal(made.arguments[name], value):
                yield name, made.arguments[name], value


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool | str | None) or isinstance(other, bool | str | None):
        return one is other or one == other
    return bool(np.array_equal(np.asarray(one, object), np.asarray(other, object)))
