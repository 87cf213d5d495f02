"""
# Symbols that are one number

A symbol that is the same number in all runs, also in those in which its author's choices are
changed, could be replaced by that number. It is no evidence about the symbol then, unless the code
reads what it stands for. Nor is there evidence where code does one thing for some numbers, and all
runs that come there have the same.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import evaluate
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import Symbol, assignment, symbols_of
from sidebyside.judging.environment import NotThere, run
from sidebyside.reasons import Reason
from sidebyside.source.notation import parsed

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker, Moment

__all__ = ["Constant", "Constants", "constants", "in_both", "one_number"]


@dataclass(frozen=True)
class Constant:
    """What a symbol is in all runs so far: one number, or none yet; and the code it stands for."""

    number: Any = None
    codes: frozenset[str] = frozenset()


# What a test may call.
_PLAIN = {each.__name__: each for each in (abs, all, any, bool, float, int, len, max, min, sum)}
# What an array is that has one number only.
EQUAL = "one number again and again"


class Case(NamedTuple):
    """A symbol; and where it is one number, if not everywhere: where a test is true, or false."""

    symbol: Symbol
    test: str = ""
    way: bool = True


Constants: TypeAlias = "Mapping[Case, Constant]"


def constants(claim: Claim, checker: Checker, known: Constants | None = None) -> Constants:
    """Return the symbols of a claim, or of those `known`, that are one number in some runs."""
    assert claim.formula is not None
    target = assignment(claim.formula)
    symbols = [
        s for s in dict.fromkeys(symbols_of(claim.formula)) if target is None or s != target[0]
    ]
    ways = [("", True), *((test, way) for test in claim.tests for way in _narrow(test))]
    cases = known if known is not None else [Case(s, *way) for s in symbols for way in ways]
    moments = list(checker.moments(claim))
    found = {each: _constant(each, claim, checker, moments) for each in cases}
    mine = {case: each for case, each in found.items() if each is not None}
    return mine if known is None else in_both(known, mine)


def in_both(one: Constants, other: Constants) -> Constants:
    """Return what is the same number in the runs of both."""
    found = {}
    for case in (each for each in one if each in other):
        a, b = one[case], other[case]
        if a.number is None or b.number is None or a.number == b.number:
            number = b.number if a.number is None else a.number
            found[case] = Constant(number, a.codes | b.codes)
    return found


def one_number(found: Constants, texts: Collection[str]) -> Reason | None:
    """
    Return which symbol is one and the same number in all runs, the changed ones included.

    Where it stands for one of the `texts`, the pieces of the code, the code reads it, too. That is
    no excuse where it is one number on one side of a decision only.
    """
    for case, each in found.items():
        is_read = any(_text(code) in texts for code in each.codes)
        number = each.number if each.number == EQUAL else f"{float(each.number or 0):g}"
        fields = {"symbol": to_text(case.symbol), "number": number}
        if each.number is not None and case.test:
            where = {"test": case.test, "way": "true" if case.way else "false"}
            return Reason("one-number-where", {**fields, **where})
        if each.number is not None and not is_read:
            return Reason("one-number", fields)
    return None


def _constant(
    case: Case, claim: Claim, checker: Checker, moments: Sequence[Moment]
) -> Constant | None:
    """The number that a symbol always is; None if it varies, or stands for no code."""
    first, codes = None, set()
    for moment in moments:
        if case.test and _way(case.test, moment) is not case.way:
            continue
        place = checker.place(claim.scope, moment, evaluate)
        meaning = place.meaning(case.symbol)
        if meaning is None or not meaning.code or _text(meaning.code) in _sides(case.test):
            return None
        codes.add(meaning.code)
        with suppress(NoValue):
            value = place(case.symbol)
            if case.test and np.size(value) > 1 and np.ptp(value) == 0:
                value = EQUAL
            is_number = isinstance(value, int | float | str) or np.ndim(value) == 0
            if not is_number or value is None or (first is not None and value != first):
                return None
            first = value
    return Constant(first, frozenset(codes))


def _sides(test: str) -> tuple[str, ...]:
    """What a test asks to be equal, which is one number there by itself."""
    match parsed(test).body if test else None:
        case ast.Compare(left, [ast.Eq() | ast.NotEq()], [right]):
            return ast.unparse(left), ast.unparse(right)
    return ()


def _narrow(test: str) -> tuple[bool, ...]:
    """On which sides of a test not nearly all numbers are."""
    match parsed(test):
        case ast.Expression(ast.Compare(ops=[ast.Eq()])):
            return (True,)
        case ast.Expression(ast.Compare(ops=[ast.NotEq()])):
            return (False,)
    return (True, False)


def _way(test: str, moment: Moment) -> bool | None:
    """Which way a test decides at a moment; None where nobody knows."""
    for names in (moment.now.names, moment.step.entry.names):
        with suppress(NotThere, ValueError, RuntimeError):
            return bool(run(test, {**_PLAIN, **names}))
    return None


def _text(code: str) -> str:
    """A piece of code as Python writes it."""
    return ast.unparse(parsed(code))
