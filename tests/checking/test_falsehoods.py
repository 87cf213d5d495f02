"""Nothing false gets a sign. Each falsehood that still gets one is listed, so that none is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.falsehoods import (
    bounds,
    conditions,
    definitions,
    helpers,
    identities,
    inputs,
    loops,
    memory,
    others,
    rounding,
    sentences,
    settings,
)
from tests.checking.falsehoods.table import SIGNS, Case, entry_of

KINDS = (
    settings,
    helpers,
    loops,
    conditions,
    rounding,
    inputs,
    bounds,
    identities,
    memory,
    definitions,
    sentences,
    others,
)
CASES = [case for kind in KINDS for case in kind.CASES]
# What the checker does not see yet. Whoever closes one takes it out here, and corrects the number
# in docs/checking.md.
SIGNED = ["symmetric", "id-approx", "bound-far-out", "sentence-of-the-default"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_falsehood_gets_no_sign(case: Case, tmp_path: Path) -> None:
    found = entry_of(case, tmp_path)
    assert (found.status in SIGNS) is (case.name in SIGNED), found.detail


def test_what_is_listed_is_in_the_tables() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert set(SIGNED) <= set(names)


def test_the_page_says_how_many_get_a_sign() -> None:
    page = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")
    told = f"Of {len(CASES)} such formulas, {len(SIGNED)} still get a sign"
    assert told in " ".join(page.split())
