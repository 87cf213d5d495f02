"""Names in code that readers cannot tell apart are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.tiny import STEP, check, of_class

NAMED = """
    def keep(self, beta, α):
        self.beta = beta
        self.{name} = α
"""


@pytest.mark.parametrize("name", ["b\u0435ta", "bet\u0430"])
def test_a_name_with_a_letter_of_another_alphabet_is_told(tmp_path: Path, name: str) -> None:
    report = check(tmp_path, of_class(STEP + NAMED.format(name=name)))
    [problem] = [each for each in report.problems if "alphabet" in each]
    assert f"`{name}` looks like `beta` in line" in problem


@pytest.mark.parametrize("name", ["alpha", "β", "Δx"])
def test_names_that_look_different_are_fine(tmp_path: Path, name: str) -> None:
    report = check(tmp_path, of_class(STEP + NAMED.format(name=name)))
    assert not [each for each in report.problems if "alphabet" in each]
