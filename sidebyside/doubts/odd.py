"""
# Numbers that nobody chooses, and inputs as nobody gives them

Whoever chooses settings takes ordinary ones: positive, no two of them equal, the lower bound first.
And inputs are seldom equal, at a setting, or half-way between two points of a grid. So each setting
is 0 once, and of the other sign; two of one type are equal, and exchanged; all are nearly equal;
a whole number is each of the first ones; some together are one more or less; all switches are on,
or off; and inputs are such numbers.

An input lies seldom right beside a number of the code, or so close to the one before it that a
tolerance takes both for one. Whole numbers are tried at a few places, and a wrong sequence may
begin like a right one. And two inputs keep their order in all calls, as bounds do, and lists their
lengths. So all inputs of a call are changed together, each within the domain that a page declares.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from sidebyside.algebra.domain import Domain, beside
from sidebyside.doubts.kinds import inside
from sidebyside.doubts.probes import Change, Together, changed
from sidebyside.probing.noticed import is_input

__all__ = [
    "BESIDE",
    "CLOSE",
    "ODD",
    "ORDINARY",
    "exactly",
    "near",
    "odd_calls",
    "odd_inputs",
    "odd_settings",
]

Settings = Mapping[str, Any]
Inputs = Mapping[str, Any]
Domains = Mapping[str, Domain]

BESIDE = "inputs beside numbers of the code"
CLOSE = "inputs that are close to each other"
# After how many steps inputs come close again, and how close they are at first.
TURNS = 6
CLOSEST = 1e-12
# Whole numbers from the lower end of a domain on, and a large one.
FIRST, LARGE = 13, 101
MOST_RUNS = 4  # for a list of numbers, of which each call takes one

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


def near(numbers: Sequence[float]) -> Change:
    """Return a change that makes inputs some numbers, in turn, and then close to each other."""

    def change(k: int, value: Any) -> Any:
        if (k - 1) // TURNS % 2:
            return _closely(k, value, Domain())
        return np.copysign(_picked(numbers, k - 1, value), value)

    return change


def odd_calls(
    numbers: Sequence[float], calls: int, whole: Collection[str], domains: Domains
) -> Iterator[tuple[str, Together]]:
    """
    Yield words for a change of all inputs of a call, and the change.

    `numbers` are those of the code, `calls` how many a run has. The inputs called `whole` have
    symbols, so that a formula may be about each whole number that they are.
    """
    yield (
        CLOSE,
        lambda turn, inputs: _each(
            inputs, lambda name, value: _closely(turn, value, domains.get(name, Domain()))
        ),
    )
    listed = beside(numbers) if numbers else []
    for first in range(0, min(len(listed), MOST_RUNS * calls), calls):
        for sign in (1, -1):
            for alone in (True, False):
                yield BESIDE, _beside(listed[first:] + listed[:first], sign, alone, domains)
    for name in whole:
        low = domains.get(name, Domain(0)).low
        start = int(low) if np.isfinite(low) else 0
        row = [n for n in range(start, start + FIRST) if n in domains.get(name, Domain())]
        parts = [row[n : n + calls] for n in range(0, len(row), calls)][:MOST_RUNS]
        for part in (*parts, [LARGE]):
            yield f"`{name}` = {', '.join(map(str, part))}", _one_by_one(name, part)
    yield "inputs exchanged with each other", _exchanged
    yield "inputs with one element more", lambda _, inputs: _lengths(1, inputs)
    yield "inputs with one element less", lambda _, inputs: _lengths(-1, inputs)


def _picked(numbers: Sequence[float], k: int, value: Any) -> Any:
    places = np.arange(np.size(value)).reshape(np.shape(value))
    return np.asarray(numbers)[(k * np.size(value) + places) % len(numbers)]


def _closely(k: int, value: Any, domain: Domain) -> Any:
    """Numbers in a domain that differ from those of the last call by less than any tolerance."""
    places = np.arange(np.size(value)).reshape(np.shape(value))
    share = (0.37 + 0.1 * (places % TURNS)) * (1 + CLOSEST * 100.0 ** ((k - 1) % TURNS))
    if np.isfinite(domain.low):
        return domain.low + share * (domain.high - domain.low if np.isfinite(domain.high) else 1)
    return domain.high - share if np.isfinite(domain.high) else share


def _each(inputs: Inputs, change: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Inputs, of which each number and array of floats is changed; raise `ValueError` if none."""
    if not _floats(inputs):
        raise ValueError("no input is a float")

    def other(name: str, value: Any) -> Any:
        return changed(lambda _, each: change(name, each), 0, value) if is_input(value) else value

    return {name: inside(name, value, other) for name, value in inputs.items()}


def _floats(inputs: Inputs) -> list[str]:
    """The inputs that are floats, also those in others, by the code for them."""
    found: dict[str, Any] = {}
    for name, value in inputs.items():
        inside(name, value, found.__setitem__)
    return [name for name, value in found.items() if is_input(value)]


def _beside(numbers: Sequence[float], sign: int, alone: bool, domains: Domains) -> Together:
    """Let one input after the other be some numbers; if `alone`, while the others are 1."""

    def change(turn: int, inputs: Inputs) -> dict[str, Any]:
        names = _floats(inputs)
        round_, place = divmod(turn - 1, max(len(names), 1))

        def other(name: str, value: Any) -> Any:
            domain = domains.get(name, Domain())
            if name != names[place]:
                return np.ones(np.shape(value)) if alone and 1 in domain else np.asarray(value)
            known = [sign * each for each in numbers if sign * each in domain]
            return _picked(known, round_, value) if known else np.asarray(value)

        return _each(inputs, other)

    return change


def _one_by_one(name: str, numbers: Sequence[int]) -> Together:
    """Let an input be some whole numbers, in turn."""

    def change(turn: int, inputs: Inputs) -> dict[str, Any]:
        if type(inputs.get(name)) is not int:
            raise ValueError(f"`{name}` is no whole number")
        return {**inputs, name: numbers[(turn - 1) % len(numbers)]}

    return change


def _exchanged(_: int, inputs: Inputs) -> dict[str, Any]:
    """Let inputs of one type and shape come in the other order."""
    kinds: dict[Any, list[str]] = {}
    for name, value in inputs.items():
        if is_input(value) or type(value) is int:
            kinds.setdefault((type(value), np.shape(value)), []).append(name)
    found = dict(inputs)
    for names in kinds.values():
        found.update(zip(names, [inputs[name] for name in reversed(names)], strict=True))
    if all(found[name] is each for name, each in inputs.items()):
        raise ValueError("no two inputs are of one kind")
    return found


def _lengths(more: int, inputs: Inputs) -> dict[str, Any]:
    """Let lists, and arrays with one axis, have one element more, or one less."""
    found = {name: _resized(value, more) for name, value in inputs.items()}
    if all(found[name] is each for name, each in inputs.items()):
        raise ValueError("no input has a length")
    return found


def _resized(value: Any, more: int) -> Any:
    is_list = type(value) in (list, tuple) and all(type(each) in (int, float) for each in value)
    if not (is_list or (isinstance(value, np.ndarray) and np.ndim(value) == 1)) or not len(value):
        return value
    if more < 0:  # an array with one number is as long as any
        return value[:more] if is_list or len(value) > 2 else value
    last = 0.6 * value[-1] + 0.37
    return type(value)([*value, last]) if is_list else np.append(value, last).astype(value.dtype)
