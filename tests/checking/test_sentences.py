"""What a sentence supposes, and what it states."""

from __future__ import annotations

import pytest

from sidebyside.claims.sentences import sentences, statements, suppositions
from sidebyside.formula import to_text
from sidebyside.source.prose import Text, read_prose
from sidebyside.source.sections import Line

COMPUTED = {"m", "v"}


def read(text: str) -> list[tuple[list[str], list[str]]]:
    lines = [Line(n, line) for n, line in enumerate(text.split("\n"), 1)]
    (block,) = read_prose(lines, path="m.py", comment=False)
    assert isinstance(block, Text)
    return [
        (
            [to_text(each) for each in suppositions(sentence, COMPUTED)],
            [to_text(each) for each in statements(sentence, COMPUTED)],
        )
        for sentence in sentences(block)
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
