"""Relations in sentences that are true or false. Most stand on one page, which is checked once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sidebyside.report import Entry
from tests.checking.toy import SOURCE, check

INTRODUCTION = "    ## The toy\n"
KEEP = "        ### Keep the largest\n"
MOVE = "        ### Move\n"
TOLD: dict[str, list[str]] = {INTRODUCTION: [], KEEP: [], MOVE: []}
Find = Callable[[str], Entry]


def said(sentence: str, place: str = INTRODUCTION) -> str:
    """Put a sentence on the page, below a heading."""
    TOLD[place].append(sentence)
    return sentence


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Find:
    """Find what became of the last formula of a sentence."""
    changes, text = [], SOURCE
    for place, sentences in TOLD.items():
        margin = " " * (len(place) - len(place.lstrip()))
        told = place + "".join(f"\n{margin}{sentence}\n" for sentence in sentences)
        if place == MOVE:
            told += f"\n{margin}* $c$ is `correction`, a number\n"
        changes.append((place, told))
        text = text.replace(place, told)
    entries = check(tmp_path_factory.mktemp("told"), *changes).entries["momentum.py"]

    def find(sentence: str) -> Entry:
        line = text[: text.index(sentence)].count("\n") + 1
        return [each for each in entries if each.line == line][-1]

    return find


ABOUT_THE_RUN = {
    said("After one step $m₁ = (1 − β)·g₁$."): said("After one step $m₁ = β·g₁$."),
    said("It starts from $v₀ = 0$."): said("It starts from $v₀ = 1$."),
    said("The largest $uₜ ≥ vₜ$."): said("The largest $uₜ ≤ vₜ/2$."),
    said("The sum is $vₜ = gₜ² + β·vₜ₋₁$ each time."): said("The sum is $vₜ = gₜ² − β·vₜ₋₁$."),
}


@pytest.mark.parametrize(("right", "wrong"), ABOUT_THE_RUN.items())
def test_a_statement_about_the_run_is_compared_with_it(entry: Find, right: str, wrong: str) -> None:
    found = entry(right)
    assert found.status == "tried"
    assert found.detail.startswith("holds after each step of Toy; in ")
    assert found.times > 0
    found = entry(wrong)
    assert found.status == "failed"
    assert found.detail.startswith("does not hold (Toy(), step ")


def test_a_failure_gives_both_values(entry: Find) -> None:
    detail = entry("It starts from $v₀ = 1$.").detail
    assert detail == "does not hold (Toy(), step 1): `v₀` is 0, not 1"


EQUAL = said("Of course $(1 − β)·α = α − α·β$.")
UNEQUAL = said("Of course $(1 − β)·α = α + α·β$.")


def test_a_statement_between_symbols_that_can_be_chosen_is_proved(entry: Find) -> None:
    assert entry(EQUAL).status == "proved"
    found = entry(UNEQUAL)
    assert found.status == "failed"
    assert 'if it is a condition, say so with a word before it, such as "when"' in found.detail


RIGHT_NUMBER = said("For $β = 0.5$ and $t = 3$, we find $c = 0.875$.", MOVE)
WRONG_NUMBER = said("For $β = 0.5$ and $t = 3$, we find $c = 0.873$.", MOVE)

IN_MORE_WORDS = [
    said("Apart from $β = 0.5$ and $t = 3$ it is $c = 0.875$.", MOVE),
    said("Other than for $β = 0.5$ and $t = 3$, we find $c = 0.875$.", MOVE),
]


@pytest.mark.parametrize("sentence", IN_MORE_WORDS)
def test_what_holds_in_one_case_is_not_proved_in_words_that_may_say_more(
    entry: Find, sentence: str
) -> None:
    found = entry(sentence)
    assert found.status == "tried"
    assert "the words around it" in found.detail


def test_the_formulas_of_the_page_say_what_a_symbol_is(entry: Find) -> None:
    found = entry(RIGHT_NUMBER)
    why = r"not proved, as line \d+, on which it rests, is not"
    assert re.fullmatch(f"by algebra; where `β = 0.5`, `t = 3`; {why}", found.detail)
    assert found.status == "tried"
    found = entry(WRONG_NUMBER)
    assert found.status == "failed"
    assert "`c` is 0.875, not 0.873" in found.detail


WITHIN_RANGE = said("If $β ≤ 1/2$, then $c ≥ 1/2$.", MOVE)
BEYOND_RANGE = said("If $β ≤ 2/3$, then $c ≥ 1/2$.", MOVE)
WITHOUT_RANGE = said("Always $c ≥ 1/2$.", MOVE)


def test_a_range_may_be_supposed(entry: Find) -> None:
    assert entry(WITHIN_RANGE).status == "tried"
    assert entry(BEYOND_RANGE).status == "failed"
    assert entry(WITHOUT_RANGE).status == "failed"


SOME = said("When $λ = 0.1$, a step keeps $|θₜ| < 5 + 40·λ$.")
SOME_ONLY = said("When $λ = 0.1$, the truth is $9·gₜ = 9·gₜ + λ − 0.1$.")
NONE = said("When $λ = 0.2$, the truth is $9·gₜ = 9·gₜ + λ − 0.2$.")


def test_a_supposition_selects_configurations(entry: Find) -> None:
    assert entry(SOME).status == "tried"
    assert "where `λ = 0.1`" in entry(SOME_ONLY).detail
    found = entry(NONE)
    assert found.status == "failed"
    assert "only, add a configuration with that" in found.detail


MET_NOWHERE = [
    said("If $α > 900$, the largest $uₜ ≥ vₜ$."),
    said("For $β² = 4$ the largest $uₜ ≥ vₜ$."),
]
MET_BY_NO_CLAUSE_OF_ITS_OWN = [
    said("As $α = 900$ is of no use, the largest $uₜ ≥ vₜ$."),
    said("When $α = 900$ all is lost; the largest $uₜ ≥ vₜ$."),
]


@pytest.mark.parametrize("sentence", MET_NOWHERE)
def test_a_condition_that_no_run_meets_makes_a_statement_empty(entry: Find, sentence: str) -> None:
    line = entry(sentence)
    assert line.status == "failed"
    assert line.detail.startswith("says nothing: no run meets the condition `")
    assert line.detail.endswith("; correct it, or add a configuration with that")


@pytest.mark.parametrize("sentence", MET_BY_NO_CLAUSE_OF_ITS_OWN)
def test_a_condition_of_another_clause_may_be_met_nowhere(entry: Find, sentence: str) -> None:
    assert entry(sentence).status == "tried"


NEARLY = said("Nearly $mₜ ≈ gₜ$.")


def test_what_cannot_be_checked_says_why(entry: Find) -> None:
    found = entry(NEARLY)
    assert found.status == "not checked"
    assert found.detail == "`≈` says nothing that numbers could refute"


NOT_FINITE = said("It is $√(vₜ·gₜ) = √vₜ·√gₜ$.")
FINITE = said("If $gₜ > 0$, it is $√(vₜ·gₜ) = √vₜ·√gₜ$.")


def test_a_statement_without_a_finite_value_fails(entry: Find) -> None:
    found = entry(NOT_FINITE)
    assert found.status == "failed"
    assert "the root of a negative number in `√(vₜ·gₜ)`" in found.detail
    assert entry(FINITE).status == "tried"


BEFORE_THE_FIRST = said("After one step $m₁ = (1 − β)·g₀$.")


def test_a_step_before_the_first_one_is_never_compared_and_fails(entry: Find) -> None:
    found = entry(BEFORE_THE_FIRST)
    assert found.status == "failed"
    assert "`g₀` has no value in step " in found.detail


KEPT = said("What is kept is $uₜ ≥ vₜ$.", KEEP)


def test_a_statement_about_a_function_is_compared_at_its_calls(entry: Find) -> None:
    assert entry(KEPT).status == "tried"


def test_a_statement_in_a_comment_is_compared_with_the_code_below(tmp_path: Path) -> None:
    comment = "        # √vₜ + ε\n"
    for sentence, status in (
        ("Positive, as $√vₜ + ε > 0$.", "tried"),
        ("Negative, as $√vₜ + ε < 0$.", "failed"),
    ):
        report = check(tmp_path, (comment, f"        # {sentence}\n        #\n{comment}"))
        found = next(
            e for e in report.entries["momentum.py"] if e.text in sentence and "ε " in e.text
        )
        assert found.status == status


CONDITIONS = (
    said("It rests when $mₜ = 0$."),
    said("A step size $α > 7$."),
    said("With $β = 0.9$ it forgets."),
)


@pytest.mark.parametrize("sentence", CONDITIONS)
def test_a_condition_is_only_a_mention(entry: Find, sentence: str) -> None:
    assert entry(sentence).status == "mention"
