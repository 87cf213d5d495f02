"""
# What constructors make of their arguments

A configuration has few values for an argument, and a constructor may treat others differently:
`max(eps, 1e-12)` changes an ε of 1e-16, and no other that anybody thought of. So each class is made
once more with its defaults, and with each argument at numbers far from those, or at other values of
its type, such as each of torch's data types. No step is taken: only the arguments are compared with
the settings that the constructor leaves behind.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from sidebyside.settings import Configuration, Run
from sidebyside.trace.given import constants_of, lost
from sidebyside.trace.recorder import Recorder

# Small and large, and shares. A constructor may refuse any of them.
NUMBERS = (0.0, 1e-300, 1e-20, 1e-9, 1e-5, 0.03, 0.7, 0.9999999, 2.5, 3e4, 1e12, -0.4)
WHOLE = (0, 1, 2, 17, 3000)  # as many parameters still fit into memory


def lost_arguments(
    configurations: Iterable[Configuration],
    run: Run,
    recorder: Recorder,
    said: Collection[str] = (),
) -> Iterator[tuple[type, str, str]]:
    """
    Yield what constructors do not hand on as it was given.

    Each argument is told once, with the class and the configuration; but for those of which it is
    `said` in a formula what they become.
    """
    told: set[tuple[type, str]] = set()
    for cls, label, arguments in _made(configurations):
        made = recorder.made(partial(run, cls, arguments), cls, arguments)
        for name, given, kept in lost(made) if made else ():
            if (cls, name) not in told and name not in said:
                told.add((cls, name))
                problem = f"`{name}` was given as {given!r}, and the settings have {kept!r}"
                yield cls, label, f"{problem}; let the constructor hand it on"


def _made(
    configurations: Iterable[Configuration],
) -> Iterator[tuple[type, str, Mapping[str, Any]]]:
    """The classes, each with the arguments of all configurations, its defaults, and others."""
    classes: dict[type, Configuration] = {}
    for each in configurations:
        classes.setdefault(each.cls, each)
        yield each.cls, each.label, each.arguments
    for cls, first in classes.items():
        defaults = _defaults(cls)
        if defaults:
            yield cls, f"{cls.__name__} as it is made by default", defaults
        kinds = _kinds(cls)
        for name, value in {**first.arguments, **defaults}.items():
            for other in _others(value, kinds.get(name, ())):
                yield cls, f"{cls.__name__}({name}={other!r})", {**first.arguments, name: other}


def _defaults(cls: type) -> dict[str, Any]:
    parameters = inspect.signature(cls).parameters.values()
    empty = inspect.Parameter.empty
    return {each.name: each.default for each in parameters if each.default is not empty}


def _kinds(cls: type) -> dict[str, tuple[Any, ...]]:
    """The types of the arguments of a constructor, as far as it says."""
    try:
        hints = typing.get_type_hints(vars(cls).get("__init__"))
    except (NameError, TypeError, AttributeError, SyntaxError):
        return {}  # a name that only a type checker knows
    return {name: typing.get_args(hint) or (hint,) for name, hint in hints.items()}


def _others(value: Any, kinds: Iterable[Any]) -> list[Any]:
    """Other values of the same kind; in place of none, those of the kinds that are announced."""
    match value:
        case None:
            first = {bool: (True, False), int: WHOLE, float: NUMBERS}
            return [each for kind in kinds for each in first.get(kind) or constants_of(kind)]
        case bool():
            return [not value]
        case int():
            return [each for each in WHOLE if each != value]
        case float():
            return [each for each in NUMBERS if each != value]
        case tuple() | list() if value and all(type(each) is float for each in value):
            kind = type(value)
            return [
                kind([*value[:place], each, *value[place + 1 :]])
                for place in range(len(value))
                for each in NUMBERS
            ]
    return [each for each in constants_of(value.__class__) if each is not value]
