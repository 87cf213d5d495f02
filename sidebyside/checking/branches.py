"""
# Every way through the branches

Code that compares a number which stands for all numbers cannot be told which way to go: both are
possible. So it is run once for each way, and what was answered is remembered.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Collection, Iterator
from typing import Any

import sympy

from sidebyside.checking.unfolding import NoValue

__all__ = ["Branches", "ProofError", "decided", "opposite_of"]

MOST_WAYS = 64


class ProofError(Exception):
    """The code does something that a proof cannot follow. Its text says what."""


class Branches:
    """
    Every way through the branches of some code.

    `for _ in branches:` runs its body once for each way. Within it, `decide` answers a comparison,
    `conditions` holds what was answered so far, and `words` says it for people.
    """

    def __init__(self) -> None:
        self.conditions: list[sympy.Basic] = []
        self.words: list[str] = []
        self.refused = ""
        self._plan: list[bool] = []

    def __iter__(self) -> Iterator[None]:
        for _ in range(MOST_WAYS):
            self.conditions, self.words, self.refused = [], [], ""
            yield
            answers = self._plan
            while answers and not answers[-1]:
                answers.pop()
            if not answers:
                return
            answers[-1] = False
        raise ProofError(f"more than {MOST_WAYS} ways through the branches")

    def refuse(self, reason: str) -> ProofError:
        """
        Return the error for something that a proof cannot follow.

        It is remembered, as the code may catch it, and go on where no number would.
        """
        self.refused = self.refused or reason
        return ProofError(reason)

    def decide(self, condition: sympy.Basic) -> bool:
        """Answer a comparison: yes at first, no when the code is run again."""
        known = _answer(self.conditions, condition)
        if known is not None:
            return known
        place = len(self.conditions)
        if place == len(self._plan):
            self._plan.append(True)
        answer = self._plan[place]
        self.conditions.append(condition if answer else sympy.Not(condition))
        self.words.append(f"`{_asking_code() if answer else opposite_of(_asking_code())}`")
        return answer


def decided(conditions: Collection[sympy.Basic], condition: Any) -> bool:
    """Return whether a condition follows from others; raise `NoValue` if it may hold or not."""
    known = _answer(conditions, condition)
    if known is None:
        raise NoValue(f"nothing decides whether {condition}")
    return known


def _answer(conditions: Collection[sympy.Basic], condition: Any) -> bool | None:
    if not isinstance(condition, sympy.logic.boolalg.Boolean):
        return bool(condition)
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    if condition in conditions:
        return True
    return False if sympy.Not(condition) in conditions else None


def _asking_code() -> str:
    """The line of code that waits for an answer, as it stands in its file."""
    frame = sys._getframe()
    while frame.f_globals["__name__"].startswith(__package__) and frame.f_back is not None:
        frame = frame.f_back
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return re.sub(r"^(?:el)?if |^while |:$", "", line)


_OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def opposite_of(code: str) -> str:
    """Return what is true when a condition is false: `rho > 5` for `rho <= 5`."""
    comparison = re.fullmatch(r"([\w.\[\]\"']+) (<=?|>=?|==|!=) ([\w.\[\]\"']+)", code)
    if comparison:
        return f"{comparison[1]} {_OPPOSITES[comparison[2]]} {comparison[3]}"
    return f"not {code}" if re.fullmatch(r"[\w.\[\]\"']+", code) else f"not ({code})"
