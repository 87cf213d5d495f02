"""What a sentence supposes, and what it states."""

from __future__ import annotations

import pytest

from sidebyside.claims.plain import is_plain, is_unsure
from sidebyside.claims.sentences import (
    conditions,
    sentences,
    statements,
    suppositions,
    turned_condition,
)
from sidebyside.formula import to_text
from sidebyside.source.prose import Display, Text, read_prose
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


SURE = (
    "{}",
    "When `fast`:\n\n{}",
    "When `fast` and when `not big`:\n\n{}",
    "## The rule\n\nWhen `fast`:\n\n{}",
    "* $x$ is `x`, the input\n\nWhen `fast`:\n\n{}",
    "The gradient is never modified.\n\nWhen `fast`:\n\n{}",
    "A mean, corrected for having started at zero:\n\n{}",
    "## Without momentum\n\n{}\n\n* $y$ is `y`, not x",
    "The gradient is never modified.\n\n{}",
    "So it is\n\n{}\n\nwhere $x$ is the input.",
    "{}\n\nThis does not depend on the parameter, and nobody has to tune it.",
    "{}\n\nWhen `not fast`:",
)
UNSURE = (
    "Left out, when `fast`:\n\n{}",
    "When `fast`, or so:\n\n{}",
    "When `fast`\n\n{}",
    "* When `fast`:\n\n{}",
    "A joke:\n\nWhen `fast`:\n\n{}",
    "Is it so?\n\nWhen `fast`:\n\n{}",
    "When `fast`:\n\n{}\n\nWell, no.",
    "It is wrong to say:\n\nWhen `fast`:\n\n{}",
    "## Not so\n\nWhen `fast`:\n\n{}",
    "What is wrong:\n\n{}",
    "This is wrong.\n\n{}",
    "It is not\n\n{}",
    "Never:\n\n{}",
    "It used to be:\n\n{}",
    "Minus\n\n{}",
    "At most twice:\n\n{}",
    "## What it does not do\n\n{}",
    "!!! failure\n\n{}",
    "<!-- old\n\n{}",
    "~~Old~~\n\n{}",
    "Raises:\n\n{}",
    "{}\n\nis wrong.",
    "{}\n\nThis is false.",
    "{}\n\nNever.",
    "{}\n\nminus 1",
    "{}\n\nif it is fast",
    "{}\n\n(left out)",
)


def unsure(text: str, guarded: bool) -> bool:
    whole = text.format("    y ← 2·x").split("\n")
    lines = [Line(n, line) for n, line in enumerate(whole, 1)]
    blocks = [None, *read_prose(lines, path="m.py", comment=False), None]
    (place,) = [n for n, each in enumerate(blocks) if isinstance(each, Display)]
    return is_unsure(blocks[place - 1], blocks[place + 1], guarded)


@pytest.mark.parametrize("text", SURE)
def test_a_formula_among_words_of_an_exact_form_may_be_proved(text: str) -> None:
    assert not unsure(text, "{}" in text.partition("When `")[2])


@pytest.mark.parametrize("text", UNSURE)
def test_a_formula_that_its_neighbors_may_turn_around_is_not_proved(text: str) -> None:
    assert unsure(text, "hen `" in text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("For $α = 1$, $m = v$.", True),
        ("If $α = 1$, then $m = v$.", True),
        ("When $α = 1$ and $β = 2$, we have $m = v$.", True),
        ("For $α = 1$ that is $m = v$.", True),
        ("$m = v$ when $α = 1$.", True),
        ("So $m = v$, if $α = 1$ and $β = 2$.", True),
        ("Always $m = v$, and for $α = 1$ it is $m = 2·v$.", False),
        ("In general $m = v$; if $α = 1$, this is $m = 2·v$.", False),
        ("Other than for $α = 1$, $m = v$.", False),
        ("For all but $α = 1$, $m = v$.", False),
        ("Even for $α = 1$, $m = v$.", False),
        ("For $α = 1$, $m = v$, as for all.", False),
        ("For $α = 1$, $m = v$, which is the case for all $β$.", False),
        ("Outside of the case in which $α = 1$, $m = v$.", False),
        ("For example, $m = v$ when $α = 1$.", False),
        ("$m = v$, also when $α = 1$.", False),
        ("* For $α = 1$, $m = v$.", False),
        ("With $α = 1$ in mind, $m = v$.", False),
        ("~~For $α = 1$, $m = v$.~~", False),
        ("For $α$ and $β = 1$, $m = v$.", False),
    ],
)
def test_what_is_supposed_has_one_of_two_exact_forms(text: str, plain: bool) -> None:
    (sentence,) = sentences(read_text(text))
    stated = [each.formula.text for each in sentence if each.formula.text.startswith("m")]
    assert all(is_plain(sentence, each) == plain for each in stated)
