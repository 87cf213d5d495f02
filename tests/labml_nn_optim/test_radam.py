"""What the page about RAdam says of it is true."""

from itertools import pairwise

import mpmath
import pytest
import torch

from labml_nn_optim import AdaBelief, Adam, RAdam
from tests.labml_nn_optim.table import noise
from tests.labml_nn_optim.walking import moves

rectification = RAdam.calc_rectification_term


def rho(beta2: float, t: int) -> float:
    return 2 / (1 - beta2) - 1 - 2 * t * beta2**t / (1 - beta2**t)


def test_in_the_long_run_the_mean_is_worth_1999_gradients() -> None:
    assert rho(0.999, 100_000) == pytest.approx(1999)


def test_early_on_rho_is_almost_t() -> None:
    for t in range(1, 12):
        assert rho(0.999, t) == pytest.approx(t, abs=0.03)


def test_the_first_adaptive_step_is_the_sixth() -> None:
    assert [rectification(0.999, t) is None for t in range(1, 8)] == [True] * 5 + [False] * 2


def test_the_paper_would_rectify_one_step_earlier() -> None:
    assert 4 < rho(0.999, 5) < 5
    assert rho(0.999, 4) < 4


@pytest.mark.parametrize("beta2", [0.0, 0.1, 0.5, 0.6, 2 / 3])
def test_never_rectified_for_a_beta_of_two_thirds_or_less(beta2: float) -> None:
    assert all(rectification(beta2, t) is None for t in range(1, 500))
    grads = noise(40, dtype=torch.float64).tolist()
    walk = moves(lambda params: RAdam(params, lr=0.1, betas=(0.9, beta2)), grads)
    m, descent = 0.0, []
    for t, g in enumerate(grads, start=1):
        m = 0.9 * m + 0.1 * g
        descent.append(-0.1 * m / (1 - 0.9**t))
    assert walk == pytest.approx(descent, rel=1e-9)


def test_somewhat_above_two_thirds_it_is_rectified_in_the_end() -> None:
    assert rectification(0.67, 500) is not None


@pytest.mark.parametrize("beta2", [0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999])
def test_no_rho_is_exactly_five(beta2: float) -> None:
    assert all(rho(beta2, t) != 5 for t in range(1, 2000))


def test_the_rectification_climbs_from_near_zero_to_one() -> None:
    factors = [rectification(0.999, t) for t in range(6, 20_000)]
    assert factors[0] == pytest.approx(0.0258, abs=1e-4)
    assert factors[1000 - 6] == pytest.approx(0.65, abs=0.01)
    assert all(earlier < later for earlier, later in pairwise(factors))
    assert factors[-1] == pytest.approx(1, abs=1e-6)


def test_both_means_of_the_derivation_are_equally_old() -> None:
    for beta2, t in ((0.9, 3), (0.9, 40), (0.999, 6), (0.999, 3000)):
        weights = [(1 - beta2) * beta2 ** (i - 1) for i in range(1, t + 1)]
        age = sum(i * w for i, w in enumerate(weights, start=1)) / sum(weights)
        assert age == pytest.approx(1 / (1 - beta2) - t * beta2**t / (1 - beta2**t), rel=1e-9)
        assert age == pytest.approx((rho(beta2, t) + 1) / 2, rel=1e-9)


@pytest.mark.parametrize("samples", [5, 6.5, 20])
def test_the_moments_of_the_derivation_are_those_of_its_distribution(samples: float) -> None:
    # ψ² = ρ/Σ, with Σ a sum of ρ squares of normal variables of variance σ².
    with mpmath.workdps(20):
        sigma, n = mpmath.mpf("1.5"), mpmath.mpf(samples)

        def moment(power: int) -> mpmath.mpf:
            def integrand(x: mpmath.mpf) -> mpmath.mpf:
                density = (
                    x ** (n / 2 - 1) * mpmath.exp(-x / 2) / (2 ** (n / 2) * mpmath.gamma(n / 2))
                )
                return (n / (sigma**2 * x)) ** power * density

            return mpmath.quad(integrand, [0, 1, n, 4 * n, 40 * n, mpmath.inf])

        mean, variance = moment(1), moment(2) - moment(1) ** 2
        assert mpmath.almosteq(mean, n / ((n - 2) * sigma**2), 1e-8)
        expected = 2 * n**2 / ((n - 2) ** 2 * (n - 4) * sigma**4)
        assert mpmath.almosteq(variance, expected, 1e-5)
        first_order = variance / (4 * mean)
        assert mpmath.almosteq(first_order, n / (2 * (n - 2) * (n - 4) * sigma**2), 1e-5)


@pytest.mark.parametrize("samples", [2.5, 3, 4, 5, 30])
def test_the_variance_of_the_factor_is_finite_from_two_gradients_on(samples: float) -> None:
    # ψ = √(ρ/Σ), with Σ a sum of ρ squares; its closed form against integration.
    with mpmath.workdps(20):
        n = mpmath.mpf(samples)

        def moment(power: float) -> mpmath.mpf:
            def integrand(u: mpmath.mpf) -> mpmath.mpf:  # u is the logarithm of Σ
                density = n * u / 2 - mpmath.exp(u) / 2 - n / 2 * mpmath.log(2)
                return (n * mpmath.exp(-u)) ** power * mpmath.exp(density) / mpmath.gamma(n / 2)

            return mpmath.quad(integrand, [-400, -100, -20, -5, 0, 2, 4, 8])

        by_integration = moment(1) - moment(0.5) ** 2
        gammas = (mpmath.gamma((n - 1) / 2) / mpmath.gamma(n / 2)) ** 2
        assert mpmath.almosteq(by_integration, n * (1 / (n - 2) - gammas / 2), 1e-8)
        assert 0 < by_integration < moment(1)


def test_the_approximation_breaks_down_at_four_and_is_good_for_many() -> None:
    def first_order(n: float) -> float:
        return n / (2 * (n - 2) * (n - 4))

    def exact(n: float) -> float:
        return float(n * (1 / (n - 2) - (mpmath.gamma((n - 1) / 2) / mpmath.gamma(n / 2)) ** 2 / 2))

    assert first_order(4.001) > 500 * exact(4.001)
    assert first_order(3.999) < 0 < exact(3.999)
    errors = [first_order(n) / exact(n) - 1 for n in (6, 20, 100, 1000)]
    assert all(later < earlier for earlier, later in pairwise(errors))
    assert errors[-1] < 0.003


def test_the_untuned_linear_warm_up_and_the_rectification_are_cousins() -> None:
    plain = [min(1.0, t * (1 - 0.999) / 2) for t in range(6, 6001)]
    ours = [rectification(0.999, t) for t in range(6, 6001)]
    assert max(abs(a - b) for a, b in zip(plain, ours, strict=True)) < 0.25
    assert plain[-1] == 1
    assert ours[-1] == pytest.approx(1, abs=0.01)


def test_the_rectification_is_the_root_of_the_ratio_of_variances() -> None:
    def variance(n: float) -> float:
        return n / (2 * (n - 2) * (n - 4))

    for t in (6, 50, 3000):
        ratio = variance(rho(0.999, 10**6)) / variance(rho(0.999, t))
        assert rectification(0.999, t) == pytest.approx(ratio**0.5, rel=1e-6)


def test_the_first_steps_are_as_long_as_the_gradients() -> None:
    for grad in (1e-3, 100.0):
        walk = moves(lambda params: RAdam(params, lr=0.25), [grad] * 6)
        assert walk[:5] == pytest.approx([-0.25 * grad] * 5)
        assert -walk[5] == pytest.approx(0.25 * 0.0258, rel=0.01)


@pytest.mark.parametrize("kind", [RAdam, AdaBelief])
def test_waiting_makes_no_move_until_the_sixth_step(kind: type[RAdam]) -> None:
    walk = moves(lambda params: kind(params, degenerate_to_sgd=False), [3.0] * 6)
    assert walk[:5] == [0] * 5
    assert walk[5] < 0


def test_reordering_has_no_effect_on_a_rectified_step() -> None:
    grads = noise(30, dtype=torch.float64).tolist()
    for kind in (RAdam, AdaBelief):
        walks = [
            moves(lambda p, k=kind, o=reorder: k(p, eps=1e-2, optimized_update=o), grads)
            for reorder in (True, False)
        ]
        assert walks[0] == walks[1]


def test_in_the_long_run_it_steps_as_adam() -> None:
    grads = noise(5000, dtype=torch.float64).tolist()
    rectified, plain = (moves(kind, grads)[-5:] for kind in (RAdam, Adam))
    assert rectified == pytest.approx(plain, rel=0.02)
