"""
# Symbols that nobody could tell apart

If α and ε are 0.1 in every run, a formula that has one in place of the other agrees just as well.
So numbers that never change in a run, and are the same in all of them, are refused as evidence for
a formula that has one of them; a configuration in which they differ is all it takes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sidebyside.checking.meanings import Meanings, assignment, symbols_of
from sidebyside.checking.moments import Place
from sidebyside.checking.unfolding import NoValue
from sidebyside.formula import to_text
from sidebyside.formula.tree import Formula, Symbol

__all__ = ["twins"]


def twins(formula: Formula, places: Sequence[Sequence[Place]], meanings: Meanings) -> str:
    """
    Return which symbol a formula could have in place of one of its own, in words; empty if none.

    `places` are the moments of each run in which it was compared.
    """
    ends = [(each[0], each[-1]) for each in places if each]
    if not ends:
        return ""
    target = assignment(formula)
    for symbol in dict.fromkeys(symbols_of(formula)):
        is_target = target is not None and symbol == target[0]
        if is_target or not _is_argument(symbol, ends[0][0]):
            continue
        values = _constants(symbol, ends)
        if values is None:
            continue
        for other in _others(symbol, ends[0][0], meanings):
            if _constants(other, ends) == values:
                return (
                    f"`{to_text(symbol)}` and `{to_text(other)}` are one number in all runs, so "
                    "one in place of the other would agree, too; add a configuration in which they "
                    "differ"
                )
    return ""


def _others(symbol: Symbol, place: Place, meanings: Meanings) -> list[Symbol]:
    """The symbols that other code stands for, where a formula looks up its own."""
    known = place.meaning(symbol)
    code = known.code if known is not None else ""
    scopes = set(place.scopes)
    found = [
        each.symbol
        for each in meanings.notation.meanings
        if each.scope in scopes and each.code not in ("", code)
    ]
    return [each for each in dict.fromkeys(found) if each != symbol and _is_argument(each, place)]


def _is_argument(symbol: Symbol, place: Place) -> bool:
    """Whether a symbol stands for a part of what somebody sets: `group["lr"]`, `self.eps`."""
    meaning = place.meaning(symbol)
    return meaning is not None and ("[" in meaning.code or "." in meaning.code)


def _constants(symbol: Symbol, ends: Sequence[tuple[Place, Place]]) -> list[float] | None:
    """The number that a symbol is in each run; None if it changes, or is no number."""
    found: list[float] = []
    for first, last in ends:
        try:
            a, b = first(symbol), last(symbol)
        except NoValue:
            return None
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (a, b)):
            return None
        if not np.isclose(a, b, rtol=1e-12, atol=0.0):
            return None
        found.append(float(a))
    return found
