"""
# Inputs as nobody gives them

An input lies seldom right beside a number of the code, or so close to the one before it that a
tolerance takes both for one. Whole numbers are tried at a few places, and a wrong sequence may
begin like a right one. And two inputs keep their order in all calls, as bounds do, and lists their
lengths. So all inputs of a call are changed together, each within the domain that a page declares.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sidebyside.algebra.domain import Domain, beside
from sidebyside.doubts.kinds import inside
from sidebyside.doubts.probes import Change, Together, changed
from sidebyside.probing.noticed import is_input

__all__ = ["BESIDE", "CLOSE", "near", "odd_calls"]

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
