"""The page that shows what is printed for each annotated line of a step."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from mkdocs.exceptions import PluginError

ROOT = Path(__file__).parents[2]
KERNEL = runpy.run_path(str(ROOT / "docs" / "kernel.py"))
HOOK = runpy.run_path(str(ROOT / "docs" / "hooks" / "kernel.py"))
RECORDED: dict[str, Any] = json.loads(KERNEL["RECORD"].read_text(encoding="utf-8"))


def test_what_is_recorded_is_what_is_printed_now() -> None:
    assert KERNEL["current"]() == RECORDED, "run `python docs/kernel.py`"


@pytest.mark.parametrize("language", ["c", "triton"])
def test_every_line_of_the_printed_step_is_beside_the_line_it_comes_from(language: str) -> None:
    rows = [
        line for row in RECORDED["rows"] for line in row["once"][language] + row["each"][language]
    ]
    fetched = [line for each in RECORDED["fetched"] for line in each[language]]
    shown = [*fetched, *rows, *RECORDED["stored"][language]]
    assert len({*shown}) == len(shown)
    source = RECORDED["sources"][language]
    assert {*re.findall(r"\bx\d+ = .*", source)} == {
        found[0] for line in shown if (found := re.search(r"\bx\d+ = .*", line))
    }


def test_the_formulas_are_those_above_the_lines() -> None:
    formulas = {row["code"]: row["formulas"] for row in RECORDED["rows"]}
    assert formulas["m.lerp_(grad, 1 - beta1)"] == ["mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ"]
    assert formulas["s.add_(eps)"] == ["sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε"]


def test_a_line_that_is_no_longer_there_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "adam.py").write_text("m = 1\n", encoding="utf-8")
    with pytest.raises(PluginError, match=r"0 lines are 'm = 2'; run `python docs/kernel.py`"):
        HOOK["line_of"](tmp_path / "adam.py", "m = 2")
