"""
# Functions that are called by themselves

A function beside a class has formulas of its own, and is there for all to call. Its class may call
it with positive numbers only, or with the larger one first. So whenever it is called, it is called
once more, with copies of what it was given, changed. What begins with an underscore is its class's
own affair.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from copy import deepcopy
from functools import wraps
from inspect import signature
from types import FunctionType, ModuleType
from typing import Any, NamedTuple, TypeAlias
from unittest.mock import patch

import numpy as np

from sidebyside.algebra.domain import Domain, domains_of
from sidebyside.probing.noticed import is_input
from sidebyside.source.notation import Meaning

__all__ = ["ALONE", "Known", "called_alone", "functions_in"]

Change: TypeAlias = "Callable[[int, Sequence[Any]], Sequence[Any]]"  # the turn, and what is given

MOST_CALLS = 40  # of each function


def _each(change: Callable[[Any], Any]) -> Change:
    """Change all numbers, and each second time one of them only."""

    def changed(turn: int, given: Sequence[Any]) -> Sequence[Any]:
        places = [n for n, each in enumerate(given) if is_input(each)]
        if turn % 2 and places:
            places = [places[turn // 2 % len(places)]]
        return [change(each) if n in places else each for n, each in enumerate(given)]

    return changed


def _swapped(turn: int, given: Sequence[Any]) -> Sequence[Any]:
    """The numbers the other way round, arrays among arrays."""
    found = list(given)
    for kind in {_kind(each) for each in given if is_input(each)}:
        places = [n for n, each in enumerate(given) if is_input(each) and _kind(each) == kind]
        for place, other in zip(places, places[::-1], strict=True):
            found[place] = given[other]
    return found


def _sized(turn: int, given: Sequence[Any]) -> Sequence[Any]:
    """Larger numbers in two turns, smaller ones in the next two."""
    factor = 37.3 if turn // 2 % 2 else 0.013
    return _each(lambda value: factor * value)(turn, given)


# Words for what functions are given in the place of numbers.
ALONE: Mapping[str, Change] = {
    "functions called with numbers of the other sign": _each(lambda value: -value),
    "functions called with 0": _each(lambda value: 0 * value),
    "functions called with larger and smaller numbers": _sized,
    "functions called with numbers exchanged": _swapped,
}


class Known(NamedTuple):
    """A function, by its `name` in a `module`, and the domains of its arguments."""

    module: ModuleType
    name: str
    domains: Mapping[str, Domain]


def functions_in(files: Collection[str], meanings: Sequence[Meaning]) -> list[Known]:
    """Return the public functions of some files; `meanings` is what lists say of arguments."""
    return [
        Known(module, name, domains_of(m for m in meanings if m.scope.name == each.__qualname__))
        for module in [*sys.modules.values()]
        if getattr(module, "__file__", None) in files
        for name, each in vars(module).items()
        if isinstance(each, FunctionType)
        and each.__code__.co_filename in files
        and not name.startswith("_")
    ]


class _Caller:
    """Calls functions once more, with other numbers, a `change` of those they are given."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.times: Counter[FunctionType] = Counter()
        self.depth = 0

    def around(self, function: FunctionType, domains: Mapping[str, Domain]) -> Callable[..., Any]:
        """Return a function that is called twice."""
        places = [*signature(function).parameters]

        @wraps(function)
        def call(*given: Any, **named: Any) -> Any:
            self.times[function] += 1
            if not self.depth and self.times[function] <= MOST_CALLS:
                self.depth = 1
                with suppress(Exception):  # it may refuse them
                    names = [*places[: len(given)], *named]
                    before = deepcopy([*given, *named.values()])
                    values = self.change(self.times[function], before)
                    inside = map(_or_before, values, before, map(domains.get, names))
                    function(**dict(zip(names, inside, strict=True)))
                self.depth = 0
            return function(*given, **named)

        return call


@contextmanager
def called_alone(functions: Collection[Known], words: str) -> Iterator[None]:
    """
    Let functions be called once more, each time.

    Raises `ValueError` if none is called.
    """
    caller = _Caller(ALONE[words])
    with ExitStack() as stack:
        for module, name, domains in functions:
            other = caller.around(getattr(module, name), domains)
            stack.enter_context(patch.object(module, name, other))
        yield
    if not caller.times:
        raise ValueError("no function is called")


def _or_before(value: Any, before: Any, domain: Domain | None) -> Any:
    """A number, or what it was before, if it is outside of a domain."""
    is_inside = domain is None or all(each in domain for each in np.ravel(np.asarray(value)))
    return value if is_inside else before


def _kind(value: Any) -> Any:
    return type(value), np.shape(value)
