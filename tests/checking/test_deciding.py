"""What else could decide a value is no part of a proof; without it, formulas agree as before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sidebyside.checking.check import check_package
from tests.checking.falsehoods.table import AGREE
from tests.checking.tiny import CONFIGURATIONS, check, entry, write

SOURCE = '''"""
# Tiny
"""

import numpy as np
{top}

class X:
    """
    ## X

    * $x$ is `x`, the input
    * $mₜ$ is `self.m`, the state
{notes}
    """

{head}
    def __init__(self):
        self.m = 0.0
        {init}

{more}
    def step(self, x{args}):
        # {formula}
        {body}
'''
SLOWER = "    def slower(self):\n        self.rate = self.rate / 2\n"
SLOWED = CONFIGURATIONS.replace("it.step(1.0 + k)", "it.step(1.0 + k)\n        it.slower()")
BOTH = CONFIGURATIONS.replace("it.step(1.0 + k)", "it.step(1.0 + k, 2.0 + k)")
ARRAYS = CONFIGURATIONS.replace("1.0 + k", "np.array([1.0 + k, 2.0 - k])").replace(
    "from tiny", "import numpy as np\nfrom tiny"
)
OF_ANY_LENGTH = ARRAYS.replace("2.0 - k]", "2.0 - k, 0.5][: 2 + k % 2]")
SUM = "mₜ ← mₜ₋₁ + x"
TWICE = "mₜ ← mₜ₋₁ + 2·x"
RATED = "mₜ ← mₜ₋₁ + r·x"
RATE = "    * $r$ is `self.rate`, a factor"
ADDED = "self.m = self.m + x"


def found(folder: Path, formula: str, body: str, runs: str = CONFIGURATIONS, **parts: str) -> str:
    """The status of a formula, and why."""
    usual = {"top": "", "notes": "", "head": "", "init": "pass", "more": "", "args": ""}
    source = SOURCE.format(**{**usual, **parts, "formula": formula, "body": body})
    result = entry(check(folder, source, runs), formula)
    return f"{result.status}: {result.detail}"


THRICE = "mₜ ← 3·x"
RATING = {"body": "self.m = self.m + self.rate * x"}
PAIRS = {
    "a method that no run calls": (
        {"formula": TWICE, **RATING, "init": "self.rate = 2.0", "more": SLOWER},
        {"formula": RATED, **RATING, "init": "self.rate = 2.0", "more": SLOWER, "notes": RATE},
    ),
    "a number of the class": (
        {"formula": TWICE, **RATING, "head": "    rate = 2.0\n"},
        {"formula": RATED, **RATING, "head": "    rate = 2.0\n", "notes": RATE},
    ),
    "a list of the class": (
        {"formula": SUM, "body": "self.m = self.m + x * self.all[0]", "head": "    all = [1.0]\n"},
        {"formula": SUM, "body": "self.m = self.m + x * self.all[0]", "init": "self.all = [1.0]"},
    ),
    "a default that no call leaves": (
        {"formula": TWICE, "body": "self.m = self.m + k * x", "args": ", k=2.0"},
        {
            "formula": "mₜ ← mₜ₋₁ + k·x",
            "body": "self.m = self.m + k * x",
            "args": ", k=2.0",
            "notes": "    * $k$ is `k`, a factor",
            "runs": BOTH,
        },
    ),
    "few digits": (
        {"formula": SUM, "body": "self.m = self.m + x * self.one", "init": "self.one = np.int8(1)"},
        {"formula": SUM, "body": "self.m = self.m + x * self.one", "init": "self.one = 1"},
    ),
    "an iterator": (
        {
            "formula": SUM,
            "body": "self.m = self.m + x * next(self.ones)",
            "init": "self.ones = iter([1.0] * 10**5)",
        },
        {
            "formula": SUM,
            "body": "self.m = self.m + x * self.ones[0]",
            "init": "self.ones = [1.0] * 10",
        },
    ),
    "an input that is kept": (
        {"formula": SUM, "body": f"{ADDED}\n        self.last = x", "runs": ARRAYS},
        {"formula": SUM, "body": f"{ADDED}\n        self.last = x.copy()", "runs": ARRAYS},
    ),
    "lists that end together": (
        {"formula": THRICE, "body": "self.m = sum(a for a, _ in zip([x, 2 * x], [1.0, 2, 3]))"},
        {
            "formula": THRICE,
            "body": "self.m = sum(a for a, _ in zip([x, 2 * x], [1.0, 2.0], strict=True))",
        },
    ),
    "a list that is as long as another": (
        {
            "formula": "mₜ ← S",
            "body": "self.m = sum(a for a, _ in zip(x, [1.0, 2.0, 3.0]))",
            "notes": "    * $S$ is `x.sum()`, the sum",
            "runs": OF_ANY_LENGTH,
        },
        {
            "formula": "mₜ ← S",
            "body": "self.m = sum(a for a, _ in zip(x, x + 1, strict=True))",
            "notes": "    * $S$ is `x.sum()`, the sum",
            "runs": OF_ANY_LENGTH,
        },
    ),
    "chance": (
        {"formula": SUM, "body": "self.m = self.m + x * (np.random.rand() < 2)"},
        {"formula": SUM, "body": ADDED},
    ),
    "a setting of the module": (
        {
            "formula": TWICE,
            "body": "self.m = self.m + RATE * x",
            "top": "RATE = 2.0\n\n\ndef change(to):\n    global RATE\n    RATE = to\n",
        },
        {"formula": TWICE, "body": "self.m = self.m + RATE * x", "top": "RATE = 2.0\n"},
    ),
    "a whole division that leaves nothing": (
        {
            "formula": SUM,
            "body": "self.m = self.m + self.some(x)",
            "more": "    def some(self, v):\n        return v + len(str(v)) // 1000\n",
        },
        {
            "formula": SUM,
            "body": "self.m = self.m + self.some(x)",
            "more": "    def some(self, v):\n        return v\n",
        },
    ),
}


@pytest.mark.parametrize(("hidden", "shown"), PAIRS.values(), ids=PAIRS)
def test_what_else_may_decide_is_no_part_of_a_proof(
    tmp_path: Path, hidden: dict[str, str], shown: dict[str, str]
) -> None:
    assert found(tmp_path, **{"runs": CONFIGURATIONS, **hidden}).startswith("tried")
    assert found(tmp_path, **{"runs": CONFIGURATIONS, **shown}).startswith(AGREE)


def test_a_method_that_a_run_calls_may_change_what_is_read(tmp_path: Path) -> None:
    parts = {"init": "self.rate = 2.0", "more": SLOWER, "notes": RATE}
    assert found(tmp_path, RATED, RATING["body"], SLOWED, **parts).startswith(AGREE)
    parts.pop("notes")
    assert "disagrees" in found(tmp_path, TWICE, RATING["body"], SLOWED, **parts)


ON_ANOTHER_PAGE = '''"""
# Another
"""

from tiny import X


class Y(X):
    """### Y"""

    def share(self):
        return 3.0
'''


@pytest.mark.parametrize("runs", [False, True])
def test_a_method_that_a_class_on_another_page_has_otherwise_runs_too(
    tmp_path: Path, runs: bool
) -> None:
    more = "    def share(self):\n        return 2.0\n"
    parts = {"formula": TWICE, "body": "self.m = self.m + self.share() * x", "more": more}
    source = SOURCE.format(
        **{**dict.fromkeys(("top", "notes", "head", "init", "args"), ""), **parts}
    )
    settings = write(tmp_path, source.replace("        \n", "        pass\n"))
    (settings.root / "another.py").write_text(ON_ANOTHER_PAGE, encoding="utf-8")
    if runs:
        with_it = CONFIGURATIONS.replace("yield X, {}", "yield X, {}\n    yield Y, {}")
        text = with_it.replace("from tiny", "from another import Y\nfrom tiny")
        (settings.root / "configurations.py").write_text(text, encoding="utf-8")
    found = entry(check_package(replace(settings, sources=("tiny.py", "another.py"))), TWICE)
    assert found.status == ("failed" if runs else "tried")
    assert ("disagrees with" if runs else "no configuration makes `Y`") in found.detail
