"""
# What three dots leave out

`max(s₁, …, sₜ)` names the first and the last of a row of things. At step 3 it means
`max(s₁, s₂, s₃)`. The two ends are laid over each other; where they differ, both are whole numbers,
and the things in between count from one to the other. In `β^{t−1}·g₁ + … + β^0·gₜ` one place counts
up while another counts down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    Dots,
    Expression,
    Formula,
    Number,
    Position,
    Symbol,
    at,
    parts,
    put,
)

Whole: TypeAlias = Callable[[Expression], int]  # evaluates an index or exponent


class NoValue(Exception):  # noqa: N818  # not always an error: much good math has no number
    """
    A formula, or a part of one, is not a number here.

    It is raised with words, or with a frame and what fills it, trees or other reasons. Many are
    raised and few are read, so a tree becomes text only when `reason` is asked for.
    """

    @property
    def reason(self) -> str:
        """Why there is no number, in words."""
        words, *parts = self.args
        texts = (to_text(part) if isinstance(part, Formula) else str(part) for part in parts)
        return words.format(*texts) if parts else str(words)

    def __str__(self) -> str:
        return self.reason


def unfold(items: tuple[Expression, ...], whole: Whole) -> tuple[Expression, ...]:
    """
    Return `items` with what its `…` stands for written out.

    The row may begin with several things, and end before it began: at step 1, `s₁, s₂, …, sₜ` is
    only `s₁`. Raises `NoValue` where a reader could not be sure what is meant.
    """
    dots = [n for n, item in enumerate(items) if isinstance(item, Dots)]
    if not dots:
        return items
    end = dots[0]
    if len(dots) > 1 or not 0 < end < len(items) - 1:
        raise NoValue("`…` needs something before and after it, and may stand only once")
    last, start = items[end + 1], end - 1
    places = _differences(items[start], last)
    while start and _differences(items[start - 1], last) == places:
        start -= 1
    row = list(_row(items[start], last, places, whole))
    for item, expected in zip(items[start:end], row, strict=False):
        if _numbers(item, places, whole) != expected:
            raise NoValue("what stands before `…` does not count up one by one")
    between = tuple(_with(items[start], numbers) for numbers in row)
    return (*items[:start], *between, *items[end + 2 :])


def _row(
    first: Expression, last: Expression, places: list[Position], whole: Whole
) -> Iterator[dict[Position, int]]:
    """The numbers that change, from `first` to `last`, both included."""
    starts, ends = _numbers(first, places, whole), _numbers(last, places, whole)
    distances = {place: ends[place] - starts[place] for place in places}
    signs = {p: _direction(at(first, p), at(last, p), distances[p]) for p in places}
    lengths = {distances[place] * signs[place] + 1 for place in places}
    if len(lengths) != 1 or min(lengths) < 0:
        raise NoValue("what stands before and after `…` does not count from one to the other")
    for k in range(lengths.pop()):
        yield {place: starts[place] + signs[place] * k for place in places}


def _direction(first: Expression, last: Expression, distance: int) -> int:
    """
    Whether a place counts up (1) or down (−1).

    Between two constants, as their values say. From an expression to a constant, as in
    `β^{t−1} + … + β^0`, down. Otherwise up, and a distance of −1 is a row of nothing.
    """
    if isinstance(first, Number) and isinstance(last, Number):
        return 1 if distance >= 0 else -1
    return -1 if isinstance(last, Number) else 1


def _differences(first: Expression, last: Expression) -> list[Position]:
    """The smallest parts in which two trees differ."""
    if first == last:
        return []
    these, others = dict(parts(first)), dict(parts(last))
    alike = type(first) is type(last) and these and these.keys() == others.keys()
    if alike and isinstance(first, Symbol) and isinstance(last, Symbol):
        alike = (first.name, first.accent) == (last.name, last.accent)
    if not alike:
        return [()]
    inner = ((step, _differences(part, others[step])) for step, part in these.items())
    return [(step, *place) for step, places in inner for place in places]


def _numbers(tree: Expression, places: list[Position], whole: Whole) -> dict[Position, int]:
    return {place: whole(at(tree, place)) for place in places}


def _with(tree: Expression, numbers: dict[Position, int]) -> Expression:
    """Return `tree` with these whole numbers in these places."""
    for place, number in numbers.items():
        tree = put(tree, place, Number(str(number)))
    return tree
