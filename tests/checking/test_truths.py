"""What is true keeps its sign, also where it looks like what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.falsehoods.table import AGREE, Case, entry_of
from tests.checking.falsehoods.truths import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_true_formula_keeps_its_sign(case: Case, tmp_path: Path) -> None:
    found = entry_of(case, tmp_path)
    assert found.status in AGREE, found.detail
