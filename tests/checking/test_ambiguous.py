"""What readers would take a symbol or a sentence for; and that honest ones keep their signs."""

from pathlib import Path

import pytest

from sidebyside.claims.sentences import sentences, turned
from sidebyside.source.prose import Text, read_prose
from sidebyside.source.reading import SourceError
from sidebyside.source.sections import Line
from tests.checking.falsehoods.table import AGREE
from tests.checking.tiny import CONFIGURATIONS, check, entry

PROGRAM = '''"""
# Tiny
"""

import numpy as np


class X:
    """
    ## X

    * ${domain}$ is `x`, the input
    * $mₜ$ is `self.m`, the state
    * ${letter}$ is `self.w`, the weight
    """

    def __init__(self, w=0.5):
        self.w = w
        self.m = 0.0

    def step(self, x):
        """
        ### Step
        {notes}
        """
        {before}
        # {formula}
        self.m = {code}
'''
RUNS = CONFIGURATIONS.replace("yield X, {}", 'yield X, {}\n    yield X, {"w": 0.8}').replace(
    "for k in range(4)", "for x in (3.0, -1.0, 4.0, 1.5, -2.5)"
)


def found(folder: Path, formula: str, code: str, *, low: float = -2.5, **fields: str) -> str:
    """Return the sign of a formula, or what else stops the build."""
    usual = {"domain": "xₜ", "letter": "w", "notes": "", "before": "pass"}
    program = PROGRAM.format(**{**usual, **fields, "formula": formula, "code": code})
    runs = (
        RUNS.replace("1.0 + k", "x")
        .replace("-1.0", f"max(-1.0, {low})")
        .replace("-2.5", f"max(-2.5, {low})")
    )
    report = check(folder, program, runs)
    its = entry(report, formula)
    return its.status if report.ok else "; ".join([its.detail, *report.problems])


@pytest.mark.parametrize(
    ("formula", "code", "fields"),
    [
        ("mₜ ← mₜ₋₁ + w·⌊xₜ⌋", "self.m + self.w * np.floor(x)", {}),
        ("mₜ ← mₜ₋₁ + w·⌈xₜ⌉²", "self.m + self.w * np.ceil(x) ** 2", {}),
        ("mₜ ← mₜ₋₁ + w·∛(xₜ)", "self.m + self.w * np.cbrt(x)", {}),
        ("mₜ ← mₜ₋₁ + w·arctan(xₜ)", "self.m + self.w * np.arctan(x)", {}),
        ("mₜ ← mₜ₋₁ + w·e^{−xₜ}", "self.m + self.w * np.exp(-x)", {}),
        ("mₜ ← mₜ₋₁ + w·π·xₜ", "self.m + self.w * np.pi * x", {}),
        # The square of an error, which nobody takes for e².
        ("mₜ ← mₜ₋₁ + e²·xₜ", "self.m + self.w**2 * x", {"letter": "e"}),
        ("mₜ ← mₜ₋₁ + w·xₜ", "self.m + self.w * x", {"before": "x = np.asarray(x)"}),
        (
            "mₜ ← mₜ₋₁ + w·xₜ",
            "self.m + self.w * x",
            {
                "before": "# xₜ ← 2·yₜ\n        x = 2 * x\n",
                "notes": "\n        * $yₜ$ is `x` at entry",
            },
        ),
        # The same number by another name.
        (
            "mₜ ← mₜ₋₁ + w·xₜ",
            "self.m + weight * x",
            {"before": "weight = self.w", "notes": "\n        * $w$ is `weight`, the weight"},
        ),
    ],
)  # fmt: skip
def test_honest_formulas_are_checked(
    formula: str, code: str, fields: dict[str, str], tmp_path: Path
) -> None:
    assert found(tmp_path, formula, code, **fields) in AGREE


@pytest.mark.parametrize("domain", ["xₜ ≥ 0", "0 ≤ xₜ ≤ 255", "xₜ ∈ [0, 255]", "x_t > −π"])
def test_an_input_with_a_time_has_a_domain(domain: str, tmp_path: Path) -> None:
    # Below 0 the root has no value, and the code does something else.
    formula, code = "mₜ ← mₜ₋₁ + w·xₜ", "self.m + self.w * x"
    assert found(tmp_path, formula, code, domain=domain, low=0.25) in AGREE
    if domain != "x_t > −π":
        assert "which is not in [0, " in found(tmp_path, formula, code, domain=domain)


def test_a_domain_is_of_one_symbol(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no domain of one symbol"):
        found(tmp_path, "mₜ ← w", "self.w", domain="xₜ + w > 0")


def test_the_inner_list_may_not_change_a_number(tmp_path: Path) -> None:
    told = found(
        tmp_path,
        "mₜ ← mₜ₋₁ + w·xₜ",
        "self.m + weight * x",
        before="weight = 2 * self.w",
        notes="\n        * $w$ is `weight`, the weight",
    )
    assert "says that `w` is another thing than in line 14" in told


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("It is not $a = b$.", "not"),
        ("It isn't $a = b$.", "n't"),
        ("That $a = b$ is never so.", "never so"),
        ("Neither $a = b$ nor $c = d$.", "Neither"),
        ("Unless it is on, $a = b$.", "Unless"),
        ("All is well, and $a = b$, except at the end.", "except"),
        ("It would be nice; then $a = b$.", ""),
        ("It is nice, but it would not be $a = b$.", "would"),
        ("It is not on, so $a = b$.", ""),
        ("Here $a = b$, and $c$ never ends.", ""),
        ("But not without end: if it is on, $a = b$.", ""),
        ("It knows nothing. Then $a = b$.", ""),
        ("Notes say $a = b$.", ""),
    ],
)
def test_a_word_may_turn_a_sentence_around(text: str, word: str) -> None:
    [block] = read_prose([Line(1, text)], path="a.py", comment=False)
    assert isinstance(block, Text)
    its = (each for each in sentences(block) if any(i.formula.text == "a = b" for i in each))
    assert turned(next(its), "a = b") == word
