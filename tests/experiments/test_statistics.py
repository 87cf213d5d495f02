"""Means, errors and intervals agree with scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.statistics import interval, paired, standard_error, t_cdf, t_quantile
from experiments.summary import area

samples = st.lists(st.floats(-100, 100), min_size=2, max_size=12)


@given(samples)
def test_the_standard_error_is_that_of_scipy(values: list[float]) -> None:
    assert standard_error(values) == pytest.approx(stats.sem(values), rel=1e-9, abs=1e-9)


# Nearer to zero scipy is the one that is off, by as much as 2e-9.
@given(st.floats(-50, 50).filter(lambda t: t == 0 or abs(t) > 1e-5), st.integers(1, 30))
def test_the_t_distribution_is_that_of_scipy(t: float, freedom: int) -> None:
    assert t_cdf(t, freedom) == pytest.approx(stats.t.cdf(t, freedom), abs=1e-12)


def test_the_t_distribution_is_right_beside_zero() -> None:
    for t in (1e-9, -1e-7, 1e-6):
        assert t_cdf(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, abs=1e-15)


@given(st.floats(0.001, 0.999), st.integers(1, 30))
def test_quantiles_are_those_of_scipy(p: float, freedom: int) -> None:
    expected = stats.t.ppf(p, freedom)
    assert t_quantile(p, freedom) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_a_paired_interval_is_that_of_scipy() -> None:
    ours = [97.1, 96.5, 98.0, 97.7, 96.9]
    theirs = [96.0, 96.6, 97.1, 97.0, 96.1]
    found = paired(ours, theirs)
    expected = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.sign == (stats.ttest_rel(ours, theirs).pvalue < 0.05)
    assert paired(theirs, ours).sign == -found.sign


def test_looking_at_more_comparisons_makes_each_interval_wider() -> None:
    values = [1.0, 2.0, 4.0, 3.0]
    expected = stats.t.interval(1 - 0.05 / 7, 3, loc=2.5, scale=stats.sem(values))
    found = interval(values, comparisons=7)
    assert (found.low, found.high) == pytest.approx(expected)


def test_an_interval_that_holds_zero_decides_nothing() -> None:
    assert interval([-1.0, 1.0, 0.5]).sign == 0


def test_pairs_need_a_partner_each() -> None:
    with pytest.raises(ValueError, match=r"argument 2 is shorter"):
        paired([1.0, 2.0], [1.0])


def test_the_mean_over_a_run_counts_steps_and_not_records() -> None:
    # Three records over 40 steps each, and a last one over 10.
    steps = [40, 80, 120, 130]
    losses: list[float | None] = [4.0, 2.0, 1.0, 9.0]
    each = [4.0] * 40 + [2.0] * 40 + [1.0] * 40 + [9.0] * 10
    assert area(losses, steps) == pytest.approx(sum(each) / len(each))
    assert area([1.0, None], [1, 2]) is None
