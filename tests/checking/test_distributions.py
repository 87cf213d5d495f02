"""Expectation and variance, by integration."""

import math

import numpy as np
import pytest

from sidebyside.algebra.distributions import moment, parse_distribution
from sidebyside.algebra.numeric import NotFinite, NoValue
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import is_moment
from tests.checking.tiny import check, entry

LAW = parse_distribution(parse_formula("ψ²"), "scaled_inverse_chi2(ρ, 1/σ²)")


def value(text, **numbers):
    call = parse_formula(text)
    assert is_moment(call)
    return moment(call, {LAW.symbol: LAW}, lambda s: numbers[s.name])


@pytest.mark.parametrize("rho", [4.2, 5, 9.5, 60, 1000])
def test_moments_are_those_of_the_textbook(rho):
    sigma = 0.7
    scale = 1 / sigma**2
    mean = rho * scale / (rho - 2)
    variance = 2 * rho**2 * scale**2 / ((rho - 2) ** 2 * (rho - 4))
    root = math.sqrt(rho * scale / 2) * math.exp(math.lgamma((rho - 1) / 2) - math.lgamma(rho / 2))
    assert value("E[ψ²]", ρ=rho, σ=sigma) == pytest.approx(mean, rel=1e-10)
    assert value("Var[ψ²]", ρ=rho, σ=sigma) == pytest.approx(variance, rel=1e-9)
    assert value("E[ψ]", ρ=rho, σ=sigma) == pytest.approx(root, rel=1e-10)
    assert value("E[2·ψ² + a]", ρ=rho, σ=sigma, a=3.0) == pytest.approx(2 * mean + 3, rel=1e-10)


def test_moments_are_those_of_simulated_gradients():
    chance = np.random.default_rng(0)
    rho, sigma = 12, 0.7
    gradients = chance.normal(scale=sigma, size=(200_000, rho))
    drawn = 1 / np.mean(gradients**2, axis=1)
    assert value("E[ψ²]", ρ=rho, σ=sigma) == pytest.approx(drawn.mean(), rel=0.01)
    assert value("Var[ψ²]", ρ=rho, σ=sigma) == pytest.approx(drawn.var(), rel=0.05)
    assert value("Var[ψ]", ρ=rho, σ=sigma) == pytest.approx(np.sqrt(drawn).var(), rel=0.02)


def test_a_variance_too_large_for_a_number_is_not_finite():
    with np.errstate(over="raise"), pytest.raises(NotFinite, match="is not finite"):
        value("Var[a·ψ]", ρ=5, σ=1.0, a=1e200)


def test_density_integrates_to_one():
    for rho in (4.1, 7, 333):
        assert value("E[ψ / ψ]", ρ=rho, σ=2.0) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(
    ("variable", "text", "reason"),
    [
        ("ψ²", "cauchy(1)", "there are scaled_inverse_chi2"),
        ("ψ²", "scaled_inverse_chi2", "no known distribution"),
        ("ψ²", "scaled_inverse_chi2(ρ)", "takes 2 parameters, not 1"),
        ("ψ²", "scaled_inverse_chi2(ρ, §)", "do not parse"),
        ("ψ + 1", "scaled_inverse_chi2(ρ, 1)", "neither a symbol nor a power"),
        ("ψ^k", "scaled_inverse_chi2(ρ, 1)", "neither a symbol nor a power"),
    ],
)
def test_distribution_that_cannot_be_read_says_why(variable, text, reason):
    with pytest.raises(NoValue) as caught:
        parse_distribution(parse_formula(variable), text)
    assert reason in caught.value.reason


def test_what_is_not_random_is_its_own_expectation():
    assert value("E[a²]", a=3.0) == 9
    assert value("Var[a²]", a=3.0) == 0


def test_several_random_numbers_at_once_are_refused():
    other = parse_distribution(parse_formula("φ"), "scaled_inverse_chi2(5, 1)")
    laws = {law.symbol: law for law in (LAW, other)}
    with pytest.raises(NoValue, match="several random numbers"):
        moment(parse_formula("E[ψ·φ]"), laws, lambda _: 1.0)


def test_parameters_must_make_a_distribution():
    with pytest.raises(NotFinite, match="positive"):
        value("E[ψ]", ρ=-3, σ=1)


PROGRAM = '''"""
# Noise
"""


class X:
    """
    ## Twice a number

    * $x$ is `x`, a number
    * $ψ$ is distributed as `normal(0, σ²)`, the noise
    * $σ > 0$ is any number, the deviation
    """

    def __init__(self, w: float = 0.5) -> None:
        """### Nothing yet"""
        self.w = w

    def add(self, x: float) -> float:
        """
        ### Take in a number

        Its size is $E[ψ²] = σ²$.
        """
        # r ← 2·x
        r = 2 * x
        return r
'''
RUNS = """
from tiny import X

def configurations():
    yield X, {}

def run(cls, arguments, count):
    it = cls(**arguments)
    for x in (3.2, -1.3, 5.5):
        count(it)
        it.add(x)
"""


def test_a_distribution_that_nobody_knows_is_an_error_of_the_formula_that_needs_it(tmp_path):
    report = check(tmp_path, PROGRAM, RUNS, entry="add", memory=())
    found = entry(report, "E[ψ²] = σ²")
    assert found.status == "failed"
    assert "`normal(0, σ²)` is no known distribution; there are scaled_inverse" in found.detail
