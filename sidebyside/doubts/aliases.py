"""
# An input that is what the step changes

`step(theta, g)` may be called with one array for both. Code that changes θ first, and then reads g,
does something else then, and no formula says so: its symbols are two. So steps are taken twice from
the same state, once with a copy of what is in memory as their input, and once with that itself. It
is a difference if what they leave behind is not the same.

What autograd hands on as a gradient is never the parameter, so this is about arrays only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

import numpy as np

from sidebyside.probing.replacing import replaced
from sidebyside.trace.contained import MAKING_SECONDS, contained

__all__ = ["aliased"]

SOME_CALLS = 3


def aliased(
    run: Callable[..., object],
    owner: type,
    arguments: Mapping[str, Any],
    name: str,
    memory: Collection[str],
) -> set[tuple[str, str]]:
    """Return the inputs of a step that must not be what is in memory, each with that."""
    method = getattr(owner, name)
    names = [*inspect.signature(method).parameters][1:]
    found: set[tuple[str, str]] = set()
    calls = 0

    def step(this: Any, *given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= SOME_CALLS and not named:
            pairs = list(_pairs(dict(zip(names, given, strict=False)), memory))
            found.update(p for p in pairs if _differ(method, this, given, names, *p))
        return method(this, *given, **named)

    # What the code does not take is no finding.
    with replaced(owner, name, step), suppress(Exception), contained(MAKING_SECONDS):
        run(owner, dict(arguments), lambda *_: None)
    return found


def _pairs(given: Mapping[str, Any], memory: Collection[str]) -> Iterator[tuple[str, str]]:
    """The inputs that could as well be what is in memory."""
    arrays = {name: each for name, each in given.items() if isinstance(each, np.ndarray)}
    for kept in (name for name in arrays if name in memory):
        for name, each in arrays.items():
            same = each.shape == arrays[kept].shape and each.dtype == arrays[kept].dtype
            if name not in memory and same and not np.may_share_memory(each, arrays[kept]):
                yield name, kept


def _differ(
    method: Callable[..., Any],
    this: Any,
    given: tuple[Any, ...],
    names: list[str],
    name: str,
    kept: str,
) -> bool:
    """Whether a step does something else if an input is what is in memory, not a copy."""
    left: list[Any] = []
    for is_copy in (True, False):
        its, values = deepcopy((this, list(given)))
        value = values[names.index(kept)]
        values[names.index(name)] = value.copy() if is_copy else value
        try:
            method(its, *values)
        except Exception:  # it may refuse one array for both
            return False
        left.append([value, *(each for each in vars(its).values() if _is_number(each))])
    return not all(map(_agree, *left)) if len(left[0]) == len(left[1]) else True


def _is_number(value: Any) -> bool:
    return isinstance(value, np.ndarray | float | int)


def _agree(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and bool(np.allclose(one, other, equal_nan=True))
