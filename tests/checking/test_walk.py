"""How many files a formula's way to its verdict leads through: a reader has to open them all."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import sidebyside
from sidebyside.claims.claims import Claim
from sidebyside.judging.checker import Checker
from tests.checking.our_pages import pages

HOME = Path(sidebyside.__file__).parent
# By what a formula is about: the code beside it, or symbols that no code computes. Those go on into
# algebra, and may be tried in runs after that.
MOST = {"code": 10, "symbols": 14}


def files_of(claim: Claim, checker: Checker) -> set[str]:
    """The files in which a function was called while a claim was judged."""
    seen: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            seen.add(frame.f_code.co_filename)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        checker.verdict(claim)
    finally:
        sys.setprofile(before)
    paths = [Path(file) for file in seen if file.startswith(str(HOME))]
    return {path.relative_to(HOME).as_posix() for path in paths}


@lru_cache(maxsize=1)
def walks() -> dict[str, list[tuple[Claim, set[str]]]]:
    meanings = pages().package.meanings
    checker = Checker(meanings, pages().recordings)
    found: dict[str, list[tuple[Claim, set[str]]]] = {"code": [], "symbols": []}
    for claim in pages().claims:
        is_free = claim.kind == "statement" or meanings.ground(claim) == "free"
        found["symbols" if is_free else "code"].append((claim, files_of(claim, checker)))
    return found


@pytest.mark.parametrize("about", MOST)
def test_a_verdict_is_reached_in_few_files(about: str) -> None:
    assert len(walks()[about]) > 5
    long = {str(claim): files for claim, files in walks()[about] if len(files) > MOST[about]}
    assert not long


def test_half_of_the_formulas_beside_code_take_at_most_nine_files() -> None:
    counts = sorted(len(files) for _, files in walks()["code"])
    assert counts[len(counts) // 2] <= 9
