"""A docstring says which numbers a constructor takes, and it takes these and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.tiny import RUN, check

MODULE = '''"""
# Tiny
"""


class X:
    """
    ## X

    * $x$ is `x`, the input
    * $mₜ$ is `self.m`, the state
    * $w$ is `self.w`, the weight
    """

    def __init__(self, w=0.5, pair=(0.1, 0.2)):
        """
        ### Arguments

        * `w`: a weight {range}, of what was
        * `pair`: two numbers, each in {each}
        """
        if not (0 <= w < 1) or not all(0 < each <= 2 for each in pair):
            raise ValueError("out of range")
        self.m, self.w = 0.0, w

    def step(self, x):
        # mₜ ← w·mₜ₋₁ + x
        self.m = self.w * self.m + x
'''


def problems(folder: Path, range_: str, each: str) -> tuple[str, ...]:
    return tuple(check(folder, MODULE.format(range=range_, each=each), RUN).problems)


def test_the_ranges_that_are_kept_to_are_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, "$0 ≤ w < 1$", "(0, 2]") == ()
    assert problems(tmp_path, "$w ≥ 0$", "(0, 2]") == ()


@pytest.mark.parametrize(
    ("range_", "problem"),
    [
        ("$0 < w < 1$", "`w` is said to be in (0, 1), and X takes 0.0"),
        ("$0 ≤ w ≤ 1$", "`w` is said to be in [0, 1], and X refuses 1.0"),
        ("$w ≥ −1$", "`w` is said to be in [−1, ∞), and X refuses -1.0"),
    ],
)
def test_a_number_at_the_end_of_a_range_is_tried(range_: str, problem: str, tmp_path: Path) -> None:
    assert problems(tmp_path, range_, "(0, 2]") == (f"tiny.py:19: {problem}",)


def test_each_of_a_pair_is_tried(tmp_path: Path) -> None:
    problem = "`pair` is said to be in [0, 2], and X refuses (0.0, 0.0)"
    assert problems(tmp_path, "$w ≥ 0$", "[0, 2]") == (f"tiny.py:20: {problem}",)


HELPER = '''

class Helper:
    def __init__(self, share=0.0, {more}):
        """
        ### Arguments

        * `share`: a part {range}; 0, the default, is none
        """
        if share < 0:
            raise ValueError("negative")
'''
HELPED = MODULE.format(range="$w ≥ 0$", each="(0, 2]").replace(
    "* $w$ is", "* $p$ is a part\n    * $w$ is"
)


@pytest.mark.parametrize(
    ("range_", "more", "wrong"),
    [
        ("$p ≥ 0$", "", []),
        ("$p > 0$", "", ["`share` is said to be in (0, ∞), and Helper takes 0.0"]),
        ("$p ≤ 1$", "", ["`share` is said to be in (−∞, 1], and Helper takes 1.5"]),
        ("$p > 0$", "*, needed", []),  # it cannot be made, and nothing is known
    ],
)
def test_a_class_that_no_configuration_makes_is_made_alone(
    range_: str, more: str, wrong: list[str], tmp_path: Path
) -> None:
    helper = HELPER.format(range=range_, more=more)
    found = check(tmp_path, HELPED + helper, RUN).problems
    assert [each.partition(": ")[2] for each in found] == wrong
