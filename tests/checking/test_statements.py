"""Relations in sentences that are true or false."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.report import Entry
from tests.checking.toy import check

INTRODUCTION = "    ## The toy\n"
METHOD = "        ### Keep the largest\n"


def entry(tmp_path: Path, sentence: str, *, place: str = INTRODUCTION, text: str = "") -> Entry:
    """Check the toy with a sentence more, and return what became of its last formula."""
    margin = " " * (len(place) - len(place.lstrip()))
    report = check(tmp_path, (place, f"{place}\n{margin}{sentence}\n"))
    line = next(e.line for e in report.entries["momentum.py"] if f"${e.text}$" in sentence)
    found = [e for e in report.entries["momentum.py"] if e.line == line]
    return next(e for e in found if e.text == text) if text else found[-1]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("After one step $m₁ = (1 − β)·g₁$.", "After one step $m₁ = β·g₁$."),
        ("It starts from $v₀ = 0$.", "It starts from $v₀ = 1$."),
        ("The largest $uₜ ≥ vₜ$.", "The largest $uₜ ≤ vₜ/2$."),
        ("The sum is $vₜ = gₜ² + β·vₜ₋₁$ each time.", "The sum is $vₜ = gₜ² − β·vₜ₋₁$."),
    ],
)
def test_a_statement_about_the_run_is_compared_with_it(
    tmp_path: Path, right: str, wrong: str
) -> None:
    found = entry(tmp_path, right)
    assert found.status == "checked"
    assert found.detail.startswith("holds after each step of Toy; in ")
    assert found.times > 0
    found = entry(tmp_path, wrong)
    assert found.status == "failed"
    assert found.detail.startswith("does not hold (Toy(), step ")


def test_a_failure_gives_both_values(tmp_path: Path) -> None:
    detail = entry(tmp_path, "It starts from $v₀ = 1$.").detail
    assert detail == "does not hold (Toy(), step 1): `v₀` is 0, not 1"


def test_a_statement_between_symbols_that_can_be_chosen_is_proved(tmp_path: Path) -> None:
    found = entry(tmp_path, "Of course $(1 − β)·α = α − α·β$.")
    assert found.status == "proved"
    found = entry(tmp_path, "Of course $(1 − β)·α = α + α·β$.")
    assert found.status == "failed"
    assert 'if it is a condition, say so with a word before it, such as "when"' in found.detail


CORRECTION = "        # c = 1 − βᵗ"


def with_formula(tmp_path: Path, sentence: str) -> Entry:
    place = "        ### Move\n"
    report = check(
        tmp_path,
        (place, f"{place}\n        {sentence}\n\n        * $c$ is `correction`, a number\n"),
    )
    return [e for e in report.entries["momentum.py"] if f"${e.text}$" in sentence][-1]


def test_the_formulas_of_the_page_say_what_a_symbol_is(tmp_path: Path) -> None:
    found = with_formula(tmp_path, "For $β = 0.5$ and $t = 3$, we find $c = 0.875$.")
    assert (found.status, found.detail) == ("proved", "by algebra; where `β = 0.5`, `t = 3`")
    found = with_formula(tmp_path, "For $β = 0.5$ and $t = 3$, we find $c = 0.873$.")
    assert found.status == "failed"
    assert "`c` is 0.875, not 0.873" in found.detail


def test_a_range_may_be_supposed(tmp_path: Path) -> None:
    assert with_formula(tmp_path, "If $β ≤ 1/2$, then $c ≥ 1/2$.").status == "checked"
    assert with_formula(tmp_path, "If $β ≤ 2/3$, then $c ≥ 1/2$.").status == "failed"
    assert with_formula(tmp_path, "Always $c ≥ 1/2$.").status == "failed"


def test_a_supposition_selects_configurations(tmp_path: Path) -> None:
    right = "When $λ = 0.1$, a step keeps $|θₜ| < 5 + 40·λ$."
    assert entry(tmp_path, right).status == "checked"
    only = "When $λ = 0.1$, the truth is $9·gₜ = 9·gₜ + λ − 0.1$."
    assert "where `λ = 0.1`" in entry(tmp_path, only).detail
    other = "When $λ = 0.2$, the truth is $9·gₜ = 9·gₜ + λ − 0.2$."
    found = entry(tmp_path, other)
    assert found.status == "failed"
    assert "only, add a configuration with that" in found.detail


def test_what_cannot_be_checked_says_why(tmp_path: Path) -> None:
    found = entry(tmp_path, "Nearly $mₜ ≈ gₜ$.")
    assert found.status == "not checked"
    assert found.detail == "`≈` says nothing that numbers could refute"


def test_a_statement_without_a_finite_value_fails(tmp_path: Path) -> None:
    found = entry(tmp_path, "It is $√(vₜ·gₜ) = √vₜ·√gₜ$.")
    assert found.status == "failed"
    assert "the root of a negative number in `√(vₜ·gₜ)`" in found.detail
    assert entry(tmp_path, "If $gₜ > 0$, it is $√(vₜ·gₜ) = √vₜ·√gₜ$.").status == "checked"


def test_a_step_before_the_first_one_is_never_compared_and_fails(tmp_path: Path) -> None:
    found = entry(tmp_path, "After one step $m₁ = (1 − β)·g₀$.")
    assert found.status == "failed"
    assert "`g₀` has no value in step " in found.detail


def test_a_statement_about_a_function_is_compared_at_its_calls(tmp_path: Path) -> None:
    found = entry(tmp_path, "What is kept is $uₜ ≥ vₜ$.", place=METHOD)
    assert found.status == "checked"


def test_a_statement_in_a_comment_is_compared_with_the_code_below(tmp_path: Path) -> None:
    comment = "        # √vₜ + ε\n"
    for sentence, status in (
        ("Positive, as $√vₜ + ε > 0$.", "checked"),
        ("Negative, as $√vₜ + ε < 0$.", "failed"),
    ):
        report = check(tmp_path, (comment, f"        # {sentence}\n        #\n{comment}"))
        found = next(
            e for e in report.entries["momentum.py"] if e.text in sentence and "ε " in e.text
        )
        assert found.status == status


def test_a_condition_is_only_a_mention(tmp_path: Path) -> None:
    for sentence in (
        "It rests when $mₜ = 0$.",
        "A step size $α > 7$.",
        "With $β = 0.9$ it forgets.",
    ):
        assert entry(tmp_path, sentence).status == "mention"
