"""Numbers and relations in words are compared where a phrase can mean one thing only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sidebyside.claims.claims import Claim
from sidebyside.judging.checker import Checker
from sidebyside.judging.spoken import wrong_phrases
from tests.checking.our_pages import pages
from tests.checking.tiny import RUN, check

MODULE = '''"""
# Tiny

{top}
"""


class X:
    """
    ## X

    {words}

    * $x$ is `x`, the input
    * $mₜ$ is `self.m`, the state
    * $w$ is `self.w`, the weight
    """

    def __init__(self, w=0.5, slow=True):
        """
        ### Arguments

        * `w`: how much is kept{more}
        """
        self.m, self.w = 0.0, w

    def step(self, x):
        """
        ### Add

        {within}
        """
        # mₜ ← w·mₜ₋₁ + x
        self.m = self.w * self.m + x
        # r ← 1 / (1 − w)
        horizon = 1 / (1 - self.w)
        return horizon
'''


def problems(folder: Path, **texts: str) -> list[str]:
    usual = {"top": "", "words": "One.", "more": "", "within": "It adds."}
    return list(check(folder, MODULE.format(**{**usual, **texts}), RUN).problems)


# True, and false with the second number in place of the first.
SENTENCES = [
    ("The state $mₜ$ is at least 0.", "0", "3"),
    ("Here $mₜ$ is positive.", "positive", "negative"),
    ("So $mₜ$ is between 1 and 20.", "20", "5"),
    ("So $mₜ$ is never more than $6·x$.", "6", "1"),
    ("The state $mₜ$ is less than $10·x$.", "less", "more"),
    ("So $mₜ − w·mₜ₋₁ + x$ is twice $x$.", "twice", "half"),
    ("So $mₜ − w·mₜ₋₁$ is 1 times $x$.", "1", "3"),
    ("For $w = 0.9$ it holds that $r$ is 10.", "10", "11"),
    ("It holds $1 / (1 − w)$, with the usual $w = 0.9$ ten times $1$.", "ten", "twelve"),
    ("It lasts for $r$ steps, 2 of them by default.", "2", "3"),
    ("Early on $1 / (1 − wᵗ)$ weighs more: $wᵗ < 0.1$, the fourth for $w = 0.5$.", "4", "4"),
]
TOLD = [each for each in SENTENCES if each[1] != each[2]]


@pytest.mark.parametrize(("sentence", "right", "wrong"), TOLD, ids=[s[0] for s in TOLD])
def test_a_phrase_is_compared(sentence: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert problems(tmp_path, words=sentence) == []
    [problem] = problems(tmp_path, words=sentence.replace(right, wrong, 1))
    assert problem.startswith("tiny.py:")


def test_each_phrase_on_our_pages_is_compared_and_false_in_another_number() -> None:
    package = pages().package
    checker = Checker(package.meanings, pages().recordings)
    assert list(wrong_phrases(package.wanted, package.modules, checker)) == []
    for words, other in (("the sixth", "the fifth"), ("a thousand times", "a hundred times")):
        wrong = [_with_words(claim, words, other) for claim in package.wanted]
        problems = list(wrong_phrases(wrong, package.modules, checker))
        assert any(other in problem for problem in problems), words


def _with_words(claim: Claim, words: str, other: str) -> Claim:
    """A claim in the same sentence with another word in it."""
    sentence = tuple(replace(i, after=i.after.replace(words, other)) for i in claim.sentence)
    return replace(claim, sentence=sentence)


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("between 1 and 20", "between 1 and 5"),
        ("at least 0", "at least 3"),
        ("positive", "negative"),
    ],
)
@pytest.mark.parametrize("lead", ["", "what is kept of all inputs, "])
def test_in_which_numbers_a_list_says_that_something_lies_is_compared(
    words: str, other: str, lead: str, tmp_path: Path
) -> None:
    listed = "It keeps $sₜ$.\n\n    * $sₜ$ is `self.m`, {}{}"
    assert problems(tmp_path, words=listed.format(lead, words)) == []
    [problem] = problems(tmp_path, words=listed.format(lead, other))
    assert f"{other}: does not hold (X(), step " in problem


def test_the_step_at_which_something_becomes_true_is_computed(tmp_path: Path) -> None:
    sentence = "It has $wᵗ < 0.1$, the {} for $w = 0.5$."
    assert problems(tmp_path, words=sentence.format("fourth")) == []
    [early] = problems(tmp_path, words=sentence.format("third"))
    [late] = problems(tmp_path, words=sentence.format("fifth"))
    assert early.endswith("the third: at step 3, `wᵗ < 0.1` is not yet true")
    assert late.endswith("the fifth: at step 4, `wᵗ < 0.1` is true already")


@pytest.mark.parametrize(
    "sentence",
    [
        "If $mₜ$ is negative, it grows.",
        "The best $mₜ$ is 0.",
        "Where $x$ is 7, all is well, when $mₜ$ is zero too.",
        "A state of $mₜ$ is about 3.",
        "Somebody may say that $w$ is 0.3.",
        "It is said that $mₜ$ is 2 steps late.",
    ],
)
def test_other_words_are_left_to_their_author(sentence: str, tmp_path: Path) -> None:
    assert problems(tmp_path, words=sentence) == []


DEFAULTS = [
    {"more": " (default {0.5})"},
    {"more": ", default: `{0.5}`"},
    {"more": "; {0.5}, the default, is the mean"},
    {"more": "\n        * `slow`: not used (default `{True}`)"},
    {"more": "\n\n        `slow` is {on} by default."},
    {"more": "\n\n        All with `w` at {0.5} by default."},
    {"top": "With this class's default of {0.5} it forgets."},
]
OTHERS = {"0.5": "0.05", "True": "False", "on": "off"}


@pytest.mark.parametrize(
    "texts", DEFAULTS, ids=lambda texts: str(next(iter(texts.values()))).strip()
)
def test_a_default_is_compared_with_the_signature(texts: dict[str, str], tmp_path: Path) -> None:
    def filled(wrong: bool) -> dict[str, str]:
        found = dict(texts)
        for name, text in texts.items():
            for right, other in OTHERS.items():
                text = text.replace(f"{{{right}}}", other if wrong else right)
            found[name] = text
        return found

    assert problems(tmp_path, **filled(False)) == []
    [problem] = problems(tmp_path, **filled(True))
    assert "the docstring says that the default of" in problem


FAMILY = '''"""
# Two
"""

import numpy as np


class Base:
    """
    ## Base

    * $x$ is `x`, the input
    """

    def __init__(self, w=0.5, *, slow=False):
        self.w, self.slow = w, slow

    def step(self, x):
        # x + 1
        return x + 1


class X(Base):
    """
    ## X
    """

    def __init__(self, w={w}, *, slow={slow}):
        """
        ### Arguments

        Those of [the base](tiny.py#Base.__init__){but}
        """
        super().__init__(w, slow=slow)
'''


@pytest.mark.parametrize(
    ("w", "slow", "but", "told"),
    [
        ("0.5", "False", ".", ""),
        ("0.5", "True", ", though `slow` is on by default.", ""),
        ("0.25", "False", ", with `w` at 0.25 by default.", ""),
        ("0.25", "True", ", with `w` at 0.25 and `slow` at `True` by default.", ""),
        ("(0.5, 1.5)", "False", ", with `w` at (0.5, 1.5) by default.", ""),
        (
            "(0.5, 1.5)",
            "False",
            ", with `w` at (0.5, 2.5) by default.",
            "`w` is (0.5, 2.5); it is (0.5, 1.5)",
        ),
        ("0.25", "False", ".", "`w` is 0.5; it is 0.25"),
        ("0.5", "True", ".", "`slow` is False; it is True"),
        ("0.25", "True", ", though `slow` is on by default.", "`w` is 0.5; it is 0.25"),
    ],
)
def test_those_of_another_constructor_have_its_defaults(
    w: str, slow: str, but: str, told: str, tmp_path: Path
) -> None:
    source = FAMILY.format(w=w, slow=slow, but=but)
    found = check(tmp_path, source, RUN, memory=()).problems
    said = [
        each.partition("the default of ")[2].partition("; correct one of them")[0] for each in found
    ]
    assert said == ([told] if told else [])
