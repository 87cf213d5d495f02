"""A definition counts only if a formula that uses it is compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.tiny import check, entry, of_class

STEP = '''
    def step(self, x):
        """
            q = 3·x
{more}        """
        # {formula}
        self.m = self.m + 3 * x
        # mₜ = mₜ₋₁ + 3·x
        return self.m
'''


def status(tmp_path: Path, formula: str, more: str = "") -> str:
    """What becomes of `q = 3·x` when this formula stands beside the code."""
    report = check(tmp_path, of_class(STEP.format(formula=formula, more=more)))
    return entry(report, "q = 3·x").status


def test_a_definition_is_compared_by_way_of_its_users(tmp_path: Path) -> None:
    assert status(tmp_path, "mₜ = mₜ₋₁ + q") == "definition"


def test_a_bound_that_another_definition_keeps_to_does_not_show_it(tmp_path: Path) -> None:
    assert status(tmp_path, "mₜ < mₜ₋₁ + 2·q") == "failed"


@pytest.mark.parametrize("formula", ["mₜ ≈ q", "mₜ = Σⱼ q", "mₜ ∝ q"])
def test_a_formula_that_cannot_be_compared_uses_nothing(tmp_path: Path, formula: str) -> None:
    assert status(tmp_path, formula) == "not checked"


def test_a_definition_may_be_used_by_way_of_another(tmp_path: Path) -> None:
    more = "            r = q + 1\n"
    assert status(tmp_path, "mₜ = mₜ₋₁ + r − 1", more) == "definition"


def test_two_definitions_that_are_compared_only_together_are_none(tmp_path: Path) -> None:
    more = "            r = 2·q\n"
    report = check(tmp_path, of_class(STEP.format(formula="mₜ = mₜ₋₁ + r/2", more=more)))
    found = entry(report, "q = 3·x")
    assert found.detail.startswith("`q = 2·(3·x)` with `r = 0.5·(2·q)` would agree, too")
    assert status(tmp_path, "mₜ = mₜ₋₁ + 3·x", more) == "not checked"
