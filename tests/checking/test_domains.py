"""The numbers a symbol may be."""

import math
import random

import pytest

from sidebyside.algebra.domain import CUSTOMARY, Domain, beside, domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Symbol


@pytest.mark.parametrize(
    ("text", "expected", "shown"),
    [
        ("ρ > 4", Domain(4, math.inf, low_open=True), "(4, ∞)"),
        ("ρ ≥ −4", Domain(-4, math.inf), "[−4, ∞)"),
        ("4 < ρ", Domain(4, math.inf, low_open=True), "(4, ∞)"),
        ("ρ ≤ 2 / 3", Domain(-math.inf, 2 / 3), "(−∞, 0.666667]"),
        ("0 ≤ ρ < 1", Domain(0, 1, high_open=True), "[0, 1)"),
        ("1 > ρ ≥ 0", Domain(0, 1, high_open=True), "[0, 1)"),
        ("ρ ∈ [0, 1)", Domain(0, 1, high_open=True), "[0, 1)"),
        ("ρ ∈ (0, ∞)", Domain(0, math.inf, low_open=True, high_open=True), "(0, ∞)"),
        ("ρ ∈ {1, 2, …}", Domain(1, math.inf, whole=True), "{1, 2, …}"),
        ("ρ ∈ {0, 1, …, 9}", Domain(0, 9, whole=True), "{0, 1, …, 9}"),
    ],
)
def test_domain_is_read_from_the_math_of_a_notation_item(text, expected, shown):
    assert domain_of(parse_formula(text)) == (Symbol("ρ"), expected)
    assert str(expected) == shown


@pytest.mark.parametrize(
    "text", ["ρ = 4", "ρ > σ", "1 < 2", "ρ² > 4", "ρ ∈ {1, 2}", "0 < 1 < ρ", "ρ ∈ A", "ρ > 4·σ"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(NoValue, match="domain"):
        domain_of(parse_formula(text))


ALL = [
    *CUSTOMARY.values(),
    Domain(),
    Domain(4, math.inf, low_open=True),
    Domain(-1, 1),
    Domain(0, 1e-3, low_open=True, high_open=True),
    Domain(-math.inf, 0, high_open=True),
    Domain(3, 3, whole=True),
    Domain(0, 9, whole=True),
]


@pytest.mark.parametrize("domain", ALL, ids=str)
def test_samples_lie_in_the_domain(domain):
    for sample in domain.samples(random.Random(3), 200):
        assert domain.low <= sample <= domain.high
        assert sample != domain.low or not domain.low_open
        assert sample != domain.high or not domain.high_open
        assert math.isfinite(sample)
        assert not domain.whole or sample == int(sample)


def test_samples_include_the_ends_that_belong_to_the_domain():
    samples = Domain(-1, 1, high_open=True).samples(random.Random(0), 10)
    assert samples[0] == -1
    assert max(samples) > 0.9
    assert Domain(1, whole=True).samples(random.Random(0), 10)[:2] == [1, 12]


def test_zero_and_one_and_large_numbers_are_known_where_they_belong_to_the_domain():
    assert Domain().near == [0, 1, -1]
    assert Domain(0, 1, low_open=True).near == [1]
    assert Domain(low=4, low_open=True).near == []
    assert Domain(low=0).distant == [1e3, 1e6, 1e9]
    assert Domain(1, whole=True).distant == [100, 1000]
    assert Domain(0, 60).distant == []
    assert 0.5 not in Domain(whole=True)


def test_numbers_beside_others_are_half_way_between_them_and_right_beside_each():
    middles, near = beside([-7.0, 7.001])[:2], beside([-7.0, 7.001])[2:]
    assert middles == pytest.approx([3.5, 7.0005])
    assert all(0 < min(abs(each - 7.0), abs(each - 7.001)) < 1e-3 for each in near)


def test_same_chance_gives_the_same_samples():
    first, second = (Domain(0, 5).samples(random.Random(7), 9) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("domain", ALL, ids=str)
def test_symbol_is_assumed_to_be_only_what_every_sample_is(domain):
    symbol = domain.symbol("x")
    samples = domain.samples(random.Random(5), 100)
    if symbol.is_positive:
        assert min(samples) > 0
    if symbol.is_nonnegative:
        assert min(samples) >= 0
    assert bool(symbol.is_integer) == domain.whole
    assert domain.decay == (domain.low >= 0 and domain.high <= 1 and not domain.whole)
