"""What a sentence supposes, and what it states."""

from __future__ import annotations

import pytest

from sidebyside.claims.sentences import (
    conditions,
    sentences,
    statements,
    suppositions,
    turned_condition,
)
from sidebyside.formula import to_text
from sidebyside.source.prose import Text, read_prose
from sidebyside.source.sections import Line

COMPUTED = {"m", "v"}


def read_text(text: str) -> Text:
    lines = [Line(n, line) for n, line in enumerate(text.split("\n"), 1)]
    (block,) = read_prose(lines, path="m.py", comment=False)
    assert isinstance(block, Text)
    return block


def read(text: str) -> list[tuple[list[str], list[str]]]:
    return [
        (
            [to_text(each) for each in suppositions(sentence, COMPUTED)],
            [to_text(each) for each in statements(sentence, COMPUTED)],
        )
        for sentence in sentences(read_text(text))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Nothing moves when $m = 0$.",
        "It is finite if $m > v$.",
        "From the step on at which $m > 5$, all is well.",
        "For $m = 1$ and $v = 2$ it is simple.",
        "A step size $α ≥ 0$.",
        "With $β = 0.5$ it forgets.",
        "On $−1 ≤ θ ≤ 1$, the mean is positive.",
        "* $m > 4$ is any number",
    ],
)
def test_what_somebody_may_choose_is_supposed(text: str) -> None:
    ((supposed, stated),) = read(text)
    assert supposed
    assert not stated


@pytest.mark.parametrize(
    "text",
    [
        "After one step $m = 0$.",
        "Then $m ≤ 1$ for ever.",
        "So $α = 2·β$.",
        "Which is why $(1 − β)·α = α − α·β$.",
        "We find that $α < β$.",
        "It is $1 = 2$.",
        "* $m > 4$, always",
        "The mean, $m ≈ v$, is small.",
    ],
)
def test_what_is_true_or_false_is_stated(text: str) -> None:
    ((supposed, stated),) = read(text)
    assert stated
    assert not supposed


def test_a_comma_ends_what_is_supposed() -> None:
    assert read("For $m = 1$, $v = 2$.") == [(["m = 1"], ["v = 2"])]


@pytest.mark.parametrize(
    "text",
    [
        "We choose $β = 0.9$. Then $m = 2$.",
        "We choose $β = 0.9$\n\nThen $m = 2$.",
        "* we choose $β = 0.9$\n* then $m = 2$",
        "(We choose $β = 0.9$.) Then $m = 2$.",
    ],
)
def test_a_supposition_ends_with_its_sentence(text: str) -> None:
    assert read(text) == [(["β = 0.9"], []), ([], ["m = 2"])]


def test_a_number_with_a_point_ends_no_sentence() -> None:
    assert read("For $β = 0.9$ that is 0.65, e.g. $m = 2$.") == [(["β = 0.9"], ["m = 2"])]


TURNED = (
    "In each mode, and so in particular when `a`:",
    "Among others, when `a`:",
    "In both modes, when `a`:",
    "The same in both, when `a`:",
    "At any time, say when `a`:",
    "Most of the time, when `a`:",
    "Sometimes, so when `a`:",
    "This goes on even when `a`:",
    "Especially when `a`:",
    "As is so when `a`:",
    "Much as when `a`:",
    "When `a`, too:",
    "When `a`, as well:",
    "When `a`, as always:",
    "When `a`, for example:",
    "When `a`, or otherwise:",
    "When `a` or b:",
    "When `a` matters little:",
    "When `a` is off:",
)
PLAIN = (
    "When `a`:",
    "When `a` and when `not b`, it waits:",
    "First a step; so when `a`, it is",
    "The faster order, when `a`:",
    "It runs when `a`:",
    "Of the two, this is the sum of both, when `a`:",
    "From the sixth step on, when `a` and when `b` is a number, the last line becomes",
    "The paper's order, with the step size as it is, and only when `a`:",
    "It holds in all modes but one. There, when `a`, it is",
)


@pytest.mark.parametrize("words", TURNED)
def test_a_condition_among_words_that_may_turn_it_around_is_refused(words: str) -> None:
    assert turned_condition(words)


@pytest.mark.parametrize("words", PLAIN)
def test_a_condition_that_opens_a_display_is_one(words: str) -> None:
    assert not turned_condition(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("If $α < 1$, then $m ≤ v$.", ["α < 1"]),
        ("For $α = 1$ and $β = 2$ we have $m ≤ v$.", ["α = 1", "β = 2"]),
        ("So $m ≤ v$ when $α < 1$.", ["α < 1"]),
        ("So $m ≤ v$, and when $α < 1$, it grows.", []),
        ("If $α < 1$ it grows; always $m ≤ v$.", []),
        ("So $m ≤ v$ and $α = 1$ is of no use.", []),
    ],
)
def test_the_conditions_of_a_statement_stand_in_its_clause(text: str, expected: list[str]) -> None:
    [sentence] = sentences(read_text(text))
    assert [to_text(each) for each in conditions(sentence, "m ≤ v")] == expected
