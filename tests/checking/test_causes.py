"""A formula that disagrees is answered with the slip that it most likely has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.falsehoods.table import Case, entry_of
from tests.checking.tiny import check, of_class

BODY = """
a = self.m
# mₜ ← w·mₜ₋₁ + (1 − w)·x²
self.m = self.w * self.m + (1 - self.w) * x**2
# c ← 1 − wᵗ
c = 1 - self.w ** self.t
# d ← √mₜ + ε
d = math.sqrt(self.m) + self.eps
# m̂ₜ ← mₜ / c
m_hat = self.m / c
self.t += 1
return m_hat
"""
INIT = "self.t, self.eps = 1, 0.3"
NOTES = "* $ε$ is `self.eps`, a small number\n* $m̂ₜ$ is `m_hat`, the state, corrected"
SLIPS = {
    "mₜ ← w·mₜ₋₁ − (1 − w)·x²": "the sign of `(1 − w)·x²`",
    "mₜ ← w·mₜ₋₁ + (1 + w)·x²": "the sign of `w`",
    "mₜ ← w·mₜ + (1 − w)·x²": "",  # circular, which is told in other words
    "mₜ ← w·mₜ₋₁ + (1 − w)·x": "",
    "mₜ ← x·mₜ₋₁ + (1 − w)·x²": "`x` in place of `w`",
    "mₜ ← w·mₜ₋₁ + (1 − w)·x² + x": "the term `x`",
    "mₜ ← w·mₜ₋₁ + (1 − w)·x²·ε": "the factor `ε`",
    "c ← 1 − wᵗ⁻¹": "",
    "d ← √(mₜ + ε)": "`ε` under the root, not beside it",
    "d ← √mₜ₋₁ + ε": "`mₜ₋₁` is one step too early",
    "d ← mₜ + ε": "",
    "d ← √m̂ₜ + ε": "`m̂ₜ` in place of `mₜ`: the correction of its bias",
}
RIGHT = {"m": "mₜ ← w·mₜ₋₁ + (1 − w)·x²", "c": "c ← 1 − wᵗ", "d": "d ← √mₜ + ε"}


@pytest.mark.parametrize("formula", [f for f, words in SLIPS.items() if words])
def test_the_slip_is_named(formula: str, tmp_path: Path) -> None:
    body = BODY.replace(RIGHT[formula[0]], formula)
    case = Case("slip", "slip", body, formula, init=INIT, notes=NOTES)
    found = entry_of(case, tmp_path)
    assert found.status == "failed"
    assert f"the likely cause: {SLIPS[formula]}" in found.detail


TREND = """
    * $bₜ$ is `self.b`, how far it went

    def step(self, x):
        # bₜ ← bₜ₋₁ + x
        self.b = self.b + x
"""


def test_memory_that_is_not_named_is_no_step_too_early(tmp_path: Path) -> None:
    listed, _, method = TREND.partition("\n\n")
    source = of_class(method).replace("the state\n", f"the state\n    {listed.strip()}\n")
    source = source.replace("self.m = 0.0", "self.m = self.b = 0.0")
    found = next(e for e in check(tmp_path, source).entries["tiny.py"] if e.status == "failed")
    assert "if `self.b` lives on from step to step, name it in `memory`" in found.detail
    assert "the likely cause" not in found.detail
