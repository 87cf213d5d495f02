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
