"""
# Among which numbers a formula was tried

What agreed with numbers is known for these numbers. So whoever reads of it is told which they were:
a symbol with a few values has them listed, another one lies between the smallest and the largest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import evaluate
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import Symbol, assignment, symbols_of

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker

_FEW = 3


def ranges(claim: Claim, checker: Checker) -> list[str]:
    """Return where the symbols of a compared formula lay, as in `β ∈ {0.5, 0.8}`."""
    if claim.formula is None:
        return []
    target = assignment(claim.formula)
    symbols = [s for s in dict.fromkeys(symbols_of(claim.formula)) if not target or s != target[0]]
    found = ((symbol, _numbers(symbol, claim, checker)) for symbol in symbols)
    return [_told(to_text(symbol), numbers) for symbol, numbers in found if numbers]


def _numbers(symbol: Symbol, claim: Claim, checker: Checker) -> set[float]:
    """The numbers that a symbol was: of an array, the smallest and the largest."""
    around = claim if claim.kind == "statement" else None
    found: set[float] = set()
    for moment in checker.moments(claim):
        with suppress(NoValue):
            found.update(_ends(checker.place(claim.scope, moment, evaluate, around)(symbol)))
    return found


def _ends(value: Any) -> Iterator[float]:
    numbers = np.asarray(value)
    if numbers.size and numbers.dtype.kind in "biuf":
        yield float(numbers.min())
        yield float(numbers.max())


def _told(name: str, numbers: set[float]) -> str:
    shown = [f"{each:.3g}".replace("-", "−") for each in sorted(numbers)]
    if len(numbers) == 1:
        return f"{name} = {shown[0]}"
    if len(numbers) <= _FEW:
        return f"{name} ∈ {{{', '.join(shown)}}}"
    return f"{name} ∈ [{shown[0]}, {shown[-1]}]"
