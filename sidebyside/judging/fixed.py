"""
# Symbols that are one number

A symbol that is the same number in all runs, also in those in which its author's choices are
changed, could be replaced by that number. It is no evidence about the symbol then, unless the code
reads what it stands for.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import evaluate
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import Symbol, assignment, symbols_of
from sidebyside.reasons import Reason
from sidebyside.source.notation import parsed

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker

__all__ = ["Constant", "Constants", "constants", "in_both", "one_number"]


@dataclass(frozen=True)
class Constant:
    """What a symbol is in all runs so far: one number, or none yet; and the code it stands for."""

    number: Any = None
    codes: frozenset[str] = frozenset()


Constants: TypeAlias = "Mapping[Symbol, Constant]"


def constants(claim: Claim, checker: Checker, known: Constants | None = None) -> Constants:
    """Return the symbols of a claim, or of those `known`, that are one number in some runs."""
    assert claim.formula is not None
    target = assignment(claim.formula)
    symbols = dict.fromkeys(symbols_of(claim.formula)) if known is None else known
    found = {s: _constant(s, claim, checker) for s in symbols if target is None or s != target[0]}
    mine = {symbol: each for symbol, each in found.items() if each is not None}
    return mine if known is None else in_both(known, mine)


def in_both(one: Constants, other: Constants) -> Constants:
    """Return what is the same number in the runs of both."""
    found = {}
    for symbol in (each for each in one if each in other):
        a, b = one[symbol], other[symbol]
        if a.number is None or b.number is None or a.number == b.number:
            number = b.number if a.number is None else a.number
            found[symbol] = Constant(number, a.codes | b.codes)
    return found


def one_number(found: Constants, texts: Collection[str]) -> Reason | None:
    """
    Return which symbol is one and the same number in all runs, the changed ones included.

    Where it stands for one of the `texts`, the pieces of the code, the code reads it, too.
    """
    for symbol, each in found.items():
        is_read = any(_text(code) in texts for code in each.codes)
        if each.number is not None and not is_read:
            fields = {"symbol": to_text(symbol), "number": f"{float(each.number):g}"}
            return Reason("one-number", fields)
    return None


def _constant(symbol: Symbol, claim: Claim, checker: Checker) -> Constant | None:
    """The number that a symbol always is; None if it varies, or stands for no code."""
    first, codes = None, set()
    for moment in checker.moments(claim):
        place = checker.place(claim.scope, moment, evaluate)
        meaning = place.meaning(symbol)
        if meaning is None or not meaning.code:
            return None
        codes.add(meaning.code)
        with suppress(NoValue):
            value = place(symbol)
            is_number = isinstance(value, int | float) or np.ndim(value) == 0
            if not is_number or value is None or (first is not None and value != first):
                return None
            first = value
    return Constant(first, frozenset(codes))


def _text(code: str) -> str:
    """A piece of code as Python writes it."""
    return ast.unparse(parsed(code))
