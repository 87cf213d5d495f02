"""
# What verdicts say

A verdict gives its reasons as data: a key, and fields. Here, and only here, they become sentences.
Who shows them in another language has other frames for the same keys. (What is wrong with a formula
is told to its author, in English.) This module needs the standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["FRAMES", "Field", "Reason", "in_words", "plain", "say"]

Field: TypeAlias = "str | int | Sequence[str]"


@dataclass(frozen=True)
class Reason:
    """
    One thing that a verdict says: the key of a frame, and the fields that fill it.

    A field that is a list is shown with commas between its members. Lists of symbols say where
    they lie in the signs of math, `β₁ ∈ (0, 1)`, and so need no words.
    """

    key: str
    fields: Mapping[str, Field] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.key)


FRAMES: Mapping[str, str] = {
    # What only gives a name.
    "used": "the formulas that use it are compared",
    # What was compared with code.
    "agrees-line": "agrees with line {line}",
    "agrees-lines": "agrees with lines {line}–{last}",
    "agrees-call": "agrees with what {name} does",
    "agrees-class": "agrees with what {name} computes",
    "holds-line": "holds after line {line}",
    "holds-lines": "holds after lines {line}–{last}",
    "holds-call": "holds after each call of {name}",
    "holds-class": "holds after each step of {name}",
    "attacked": "also for {families} families of gradients made to break it",
    "runs": "in {runs} runs, {times} comparisons",
    "run": "in 1 run, {times} comparisons",
    "error": "largest relative error {error}",
    "digits": "to the last digit",
    "only": "tried with {symbols} only",
    "coarse": "to the precision of {type}, in which the code computes",
    # What algebra showed.
    "for-all": "for all {symbols}",
    "for-all-values": "for all values",
    "by-algebra": "by algebra",
    "steps": "in the steps in which {conditions}",
    # What was tried on numbers.
    "points": "holds at {points} points",
    "points-in": "holds at {points} points, {symbols}",
    "attack": "held under attack at {points} points",
    "attack-in": "held under attack at {points} points, {symbols}",
    "integration": "agrees with integration at {points} points",
    "integration-in": "agrees with integration at {points} points, {symbols}",
    "where": "where {relations}",
    "limit": "its relative error falls like 1/{symbol}^{order} as {symbol} grows: {errors}",
    "limit-all": "its relative error vanishes as {symbol} grows: {errors}",
    # Why something was not compared.
    "unused": "it defines a symbol that no compared formula uses",
    "grammar": "the grammar does not cover it: {text}",
    "no-relation": "it states no relation",
    "no-run": "no run is about what it speaks of",
    # The words of an author, or for one.
    "words": "{text}",
}


def in_words(text: str) -> tuple[Reason, ...]:
    """Return a reason that is a sentence already: what is wrong, or what an author wrote."""
    return (Reason("words", {"text": text}),)


def plain(name: str, value: Field) -> str:
    """Return a field as text."""
    return str(value) if isinstance(value, str | int) else ", ".join(value)


def say(
    reasons: Iterable[Reason],
    frames: Mapping[str, str] = FRAMES,
    shown: Callable[[str, Field], str] = plain,
) -> list[str]:
    """
    Return the reasons as clauses, one each.

    `frames` are those of a language; a key that it has no frame for is said in English. `shown`
    returns a field, by its name and value, as it is to be shown.
    """
    return [
        frames.get(each.key, FRAMES[each.key]).format(
            **{name: shown(name, value) for name, value in each.fields.items()}
        )
        for each in reasons
    ]
