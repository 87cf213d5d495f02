"""A sign names the types that it is about, and inputs are changed however they are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.tiny import CONFIGURATIONS, check, entry, of_class

STEP = """
    def step(self, x):
        # mₜ ← mₜ₋₁ + x
        self.m = self.m + {code}
"""
FORMULA = "mₜ ← mₜ₋₁ + x"
ARRAYS = CONFIGURATIONS.replace("from tiny", "import numpy as np\nfrom tiny")
GIVEN = {
    "1.0 + k": "float",
    "np.array([1.0 + k, 2.0 - k * k])": "float64 (2)",
    "np.array([[1.0 + k, 2.0 - k * k], [k - 0.5, k + 0.1]])": "float64 (2 × 2)",
    "np.float32([1.0 + k, 2.0 - k * k])": "float32 (2)",
}


@pytest.mark.parametrize("given", GIVEN)
def test_a_sign_names_the_types_and_shapes_of_what_steps_were_given(
    given: str, tmp_path: Path
) -> None:
    runs = ARRAYS.replace("1.0 + k", given)
    found = entry(check(tmp_path, of_class(STEP.format(code="x")), runs), FORMULA)
    assert found.status == "proved"
    assert f"; with {GIVEN[given]}; " in found.detail


def test_a_change_of_an_input_is_not_blamed_on_the_method_that_hands_it_on(tmp_path: Path) -> None:
    take = "\n    def take(self, x):\n        self.step(x)\n"
    source = of_class(STEP.format(code="x") + take).replace(
        "    * $x$", f"        {FORMULA}\n\n    * $x$"
    )
    report = check(tmp_path, source, CONFIGURATIONS.replace("it.step(", "it.take("))
    assert {each.status for each in report.entries["tiny.py"]} == {"proved", "mention"}
