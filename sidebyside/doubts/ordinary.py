"""
# Numbers that nobody chooses

Whoever chooses settings takes ordinary ones: positive, no two of them equal, the lower bound first.
And inputs are seldom equal, at a setting, or half-way between two points of a grid. So each setting
is 0 once, and of the other sign; two of one type are equal, and exchanged; all are nearly equal;
a whole number is each of the first ones; some together are one more or less; all switches are on,
or off; and inputs are such numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from sidebyside.algebra.domain import Domain

__all__ = ["ODD", "ORDINARY", "exactly", "odd_inputs", "odd_settings"]

Settings = Mapping[str, Any]
# How the words for a change of settings end.
ORDINARY = "among its settings"
_ALL_EQUAL = "inputs that are all equal"
_HALF_WAY = "inputs half-way between whole numbers"
_SETTINGS = "inputs that are settings, or half of one"
# Those for a change that lets no number become larger than it may well be.
ODD = (ORDINARY, _ALL_EQUAL, _HALF_WAY, _SETTINGS)
MOST_PAIRS = 8
# What whole numbers are: the first ones, as sequences often begin alike, and a large one.
WHOLE = (*range(13), 101)
# By how much nearly equal numbers differ.
NEARLY = 1e-6
# Their sums are exact, and so are means of those that are equal.
EQUAL = (1.5, -0.5, 2.25)


def odd_settings(
    given: Settings, tried: Sequence[Settings], domains: Mapping[str, Domain]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    Yield arguments to change, with words for the change.

    `tried` are those of all configurations, and `domains` those that lists declare, by code.
    """
    numbers = {name: each for name, each in given.items() if _has_numbers(each)}
    for name, value in numbers.items():
        for factor in (-1, 0):
            yield _told({name: _times(factor, value)}, f"`{name}` times {factor}")
        if type(value) is int:
            yield from (_told({name: each}) for each in WHOLE if each != value)
        elif isinstance(value, list | tuple):
            yield _told({name: type(value)([*value, _another(value[-1])])})
            if len(value) > 1:
                yield _told({name: value[:-1]})
                yield _told({name: type(value)(reversed(value))})
                yield _told({name: type(value)([value[0]] * len(value))})
    alike = [(a, b) for a, b in combinations(numbers, 2) if _are_alike(given[a], given[b])]
    for a, b in alike[:MOST_PAIRS]:
        yield _told({b: given[a]})
        yield _told({a: given[b], b: given[a]})
    yield from _nearly_equal(given, domains)
    switches = [name for name in given if all(type(each[name]) is bool for each in tried)]
    for value in (True, False) if len(switches) > 1 else ():
        at_once = dict.fromkeys(switches, value)
        if not any(at_once.items() <= each.items() for each in tried):
            yield _told(at_once)


def _nearly_equal(
    given: Settings, domains: Mapping[str, Domain]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield floats that are nearly equal: to one of them, and to 1."""
    floats = [name for name, each in given.items() if type(each) is float and each]
    for centre in (*[given[name] for name in floats[:1] if len(floats) > 1], 1.0):
        beside = {name: centre * (1 - n * NEARLY) for n, name in enumerate(floats, 1)}
        fits = {n: v for n, v in beside.items() if v in domains.get(f"self.{n}", Domain())}
        if fits:
            yield _told(fits)


def odd_inputs(given: Settings) -> Iterator[tuple[str, dict[str, Any], Callable[[int, Any], Any]]]:
    """Yield words for a change of inputs, arguments to change with them, and the change."""
    floats = {name: each for name, each in given.items() if type(each) is float and each}
    yield _ALL_EQUAL, {}, lambda k, value: 0 * value + EQUAL[k % len(EQUAL)]
    yield _HALF_WAY, {}, _half_way
    if floats:
        ones = dict.fromkeys(floats, 1.0)
        yield f"{_HALF_WAY}, and 1 {ORDINARY}", ones, _half_way
        at = [share * each for share in (1, 0.5, -0.5) for each in floats.values()]
        yield _SETTINGS, {}, exactly([*dict.fromkeys(at)])


def exactly(numbers: list[float]) -> Callable[[int, Any], Any]:
    """Return a change that makes inputs the numbers given, in turn."""

    def change(k: int, value: Any) -> Any:
        places = np.arange(np.size(value)).reshape(np.shape(value))
        return np.asarray(numbers)[(k - 1 + places) % len(numbers)]

    return change


def _half_way(k: int, value: Any) -> Any:
    return np.asarray(np.floor(value) + 0.5)


def _told(changed: dict[str, Any], words: str = "") -> tuple[str, dict[str, Any]]:
    """Some arguments, behind words for them; those given stand for what is long."""
    if not words or all(_is_number(each) for each in changed.values()):
        words = ", ".join(f"`{name}` = {value!r}" for name, value in changed.items())
    return f"{words} {ORDINARY}", changed


def _another(value: Any) -> Any:
    return value + 1 if type(value) is int else 0.6 * value + 0.37


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _are_alike(one: Any, other: Any) -> bool:
    return _is_number(one) and type(one) is type(other) and one != other


def _has_numbers(value: Any) -> bool:
    """Whether a setting is a number but 0, some together, or an array of floats."""
    if isinstance(value, list | tuple):
        return bool(value) and all(map(_is_number, value))
    return (_is_number(value) and value != 0) or "float" in str(getattr(value, "dtype", ""))


def _times(factor: int, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)([factor * each for each in value])
    return factor * value + 0 if _is_number(value) else value * factor
