"""
What the page "What the checker found elsewhere" says of `labml_nn.optimizers`, without the checker:
each finding is confirmed by a small calculation of its own.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import mpmath
import pytest
import sympy
import torch

from tests.checking.labml_nn.configurations import (
    AdaBelief,
    Adam,
    AdamWarmup,
    AdamWarmupCosineDecay,
    Noam,
    RAdam,
)

ALPHA, BETA1, BETA2, EPS = 0.1, 0.8, 0.95, 1e-2
NUMBERS: dict[str, Any] = {"lr": ALPHA, "betas": (BETA1, BETA2), "eps": EPS}
GRADIENTS = [math.sin(t**1.5) * (20 if t == 7 else 1) for t in range(1, 13)]


def walk(
    optimizer: Any, param: torch.Tensor, gradients: Sequence[float] = GRADIENTS
) -> Iterator[float]:
    """The parameter after each step."""
    for gradient in gradients:
        param.grad = torch.full_like(param, gradient)
        optimizer.step()
        yield float(param.detach())


def start() -> torch.Tensor:
    return torch.tensor(3.0, dtype=torch.float64, requires_grad=True)


def moments(
    gradients: Sequence[float] = GRADIENTS, beta1: float = BETA1, beta2: float = BETA2
) -> Iterator[tuple[int, float, float, float, float]]:
    """Yield t, m, v and both bias corrections."""
    m = v = 0.0
    for t, gradient in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        yield t, m, v, 1 - beta1**t, 1 - beta2**t


# AdaBelief


def ada_belief(running_maximum: bool) -> Iterator[float]:
    """Lines 22 to 26 of its page, with numbers; and with AMSGrad's maximum."""
    theta, m, s, largest = 3.0, 0.0, 0.0, 0.0
    for t, gradient in enumerate(GRADIENTS, 1):
        m = BETA1 * m + (1 - BETA1) * gradient
        s = BETA2 * s + (1 - BETA2) * (gradient - m) ** 2
        largest = max(largest, s)
        s_hat = ((largest if running_maximum else s) + EPS) / (1 - BETA2**t)
        theta -= ALPHA * m / (1 - BETA1**t) / (math.sqrt(s_hat) + EPS)
        yield theta


def test_ada_belief_as_shipped_always_takes_the_running_maximum() -> None:
    param = start()
    shipped = list(walk(AdaBelief([param], **NUMBERS, rectify=False, amsgrad=False), param))
    assert shipped == pytest.approx(list(ada_belief(running_maximum=True)), rel=1e-13)
    page = list(ada_belief(running_maximum=False))
    assert shipped[0] == pytest.approx(page[0], rel=1e-13)
    assert abs(shipped[1] - page[1]) > 1e-4


def test_ada_belief_as_made_by_default_begins_with_five_zero_steps() -> None:
    param = start()
    shipped = list(walk(AdaBelief([param]), param))
    assert shipped[:5] == [3.0] * 5
    assert shipped[5] != 3.0


def test_ada_belief_as_shipped_hands_its_switches_to_the_wrong_names() -> None:
    for amsgrad in (False, True):
        shipped = AdaBelief([start()], amsgrad=amsgrad, defaults={"mine": 1})
        assert shipped.optimized_update is amsgrad
        assert shipped.defaults["amsgrad"] is True
        assert shipped.degenerated_to_sgd == {"mine": 1}
        assert "mine" not in shipped.defaults


# RAdam


@pytest.mark.parametrize("optimized", [True, False])
def test_radam_multiplies_by_r_and_not_by_its_root(optimized: bool) -> None:
    param = start()
    shipped = list(walk(RAdam([param], **NUMBERS, optimized_update=optimized), param))
    rho_inf = 2 / (1 - BETA2) - 1
    for t, m, v, c1, c2 in moments():
        rho = rho_inf - 2 * t * BETA2**t / c2
        if rho < 5:
            continue
        r = math.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
        root = math.sqrt(v) + EPS if optimized else math.sqrt(v / c2) + EPS
        length = ALPHA * (math.sqrt(c2) if optimized else 1) * m / c1 / root
        step = shipped[t - 2] - shipped[t - 1]
        assert step == pytest.approx(r * length, rel=1e-9)
        assert step != pytest.approx(math.sqrt(r) * length, rel=1e-2)


def inverse_chi2(rho: Any, k: int) -> Any:
    """E[X⁻ᵏ] of a χ² distribution, from the integral that defines the Γ function."""
    return mpmath.gamma(rho / 2 - k) / mpmath.gamma(rho / 2) / mpmath.mpf(2) ** k


@pytest.mark.parametrize(("rho", "sigma"), [(4.5, 0.5), (7.0, 1.0), (30.0, 2.0)])
def test_the_variance_of_the_squared_rate_is_not_the_printed_one(rho: float, sigma: float) -> None:
    # ψ² = ρ / (σ²·X) with X ~ χ²(ρ)
    scale = rho / sigma**2
    variance = scale**2 * (inverse_chi2(rho, 2) - inverse_chi2(rho, 1) ** 2)
    printed = 2 * rho / sigma**4 / ((rho - 2) ** 2 * (rho - 2))
    right = 2 * rho**2 / sigma**4 / ((rho - 2) ** 2 * (rho - 4))
    assert float(variance) == pytest.approx(right, rel=1e-12)
    assert float(variance) > 2 * printed


def test_what_the_page_derives_from_the_variance_is_right() -> None:
    rho, sigma = sympy.symbols("rho sigma", positive=True)
    mean = rho / sigma**2 / (rho - 2)
    variance = 2 * rho**2 / sigma**4 / ((rho - 2) ** 2 * (rho - 4))
    printed = rho / (2 * (rho - 2) * (rho - 4) * sigma**2)
    assert sympy.simplify(variance / (4 * mean) - printed) == 0


def test_line_60_solves_line_55() -> None:
    t, beta, f, i = sympy.symbols("t beta f i", positive=True)
    mean = sympy.summation(t + 1 - i, (i, 1, f)) / f
    rho = 2 / (1 - beta) - 1 - 2 * t * beta**t / (1 - beta**t)
    for steps in (1, 2, 5, 9):
        weighted = sum(beta ** (steps - k) * k for k in range(1, steps + 1))
        left = (1 - beta) * weighted / (1 - beta**steps)
        assert sympy.simplify(left - mean.subs(f, rho).subs(t, steps)) == 0


def test_line_135_follows_from_lines_93_and_120() -> None:
    rho, rho_inf, sigma = sympy.symbols("rho rho_inf sigma", positive=True)

    def variance(length: Any) -> Any:
        return length / (2 * (length - 2) * (length - 4) * sigma**2)

    squared = (rho - 2) * (rho - 4) * rho_inf / ((rho_inf - 2) * (rho_inf - 4) * rho)
    assert sympy.simplify(variance(rho_inf) / variance(rho) - squared) == 0


def test_the_squared_rate_is_one_over_the_mean_that_line_66_likens_it_to() -> None:
    weights = [(1 - BETA2) * BETA2 ** (5 - i) for i in range(1, 6)]
    psi_squared = (1 - BETA2**5) / sum(weight * 2.0**2 for weight in weights)  # line 39, gᵢ = 2
    assert psi_squared == pytest.approx(1 / 2.0**2)


# Adam


def test_both_forms_of_adam_agree_when_eps_is_scaled_by_the_root() -> None:
    for _, m, v, c1, c2 in moments():
        standard = m / c1 / (math.sqrt(v / c2) + EPS)
        right, printed = (
            math.sqrt(c2) / c1 * m / (math.sqrt(v) + factor * EPS) for factor in (math.sqrt(c2), c2)
        )
        assert right == pytest.approx(standard, rel=1e-12)
        assert printed != pytest.approx(standard, rel=1e-5)


def test_a_first_step_without_eps_has_length_alpha() -> None:
    param = start()
    [after] = walk(Adam([param], lr=ALPHA, eps=0.0), param, [0.25])
    assert 3.0 - after == pytest.approx(ALPHA, rel=1e-12)
    assert 3.0 - after != pytest.approx(ALPHA * 0.25 / 0.25**2)  # line 29


@pytest.mark.parametrize(
    ("beta1", "beta2", "bound"),
    [(0.9, 0.999, 0.1 / math.sqrt(0.001)), (0.5, 0.9, 0.5 / math.sqrt(0.1)), (0.8, 0.95, 1.0)],
)
def test_growing_gradients_break_both_bounds_and_reach_the_true_one(
    beta1: float, beta2: float, bound: float
) -> None:
    count = min(4000, int(300 / math.log10(beta2 / beta1) / 2))
    growing = [(beta2 / beta1) ** t for t in range(count)]
    steps = [abs(m / c1) / math.sqrt(v / c2) for _, m, v, c1, c2 in moments(growing, beta1, beta2)]
    true_bound = (1 - beta1) / math.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
    assert max(steps) > 1.1 * bound
    assert steps[-1] == pytest.approx(true_bound, rel=0.05)


# Warming up


def test_warming_up_adds_a_small_number() -> None:
    group = {"lr": ALPHA, "warmup": 5, "total_steps": 20}
    for cls in (AdamWarmup, AdamWarmupCosineDecay):
        rate = cls([start()], warmup=5).get_lr({"step": 2}, group)
        assert rate - ALPHA * 2 / 5 == pytest.approx(1e-8)


def test_the_cosine_decays_and_the_formula_does_not() -> None:
    group = {"lr": ALPHA, "warmup": 5, "total_steps": 20}
    rate = AdamWarmupCosineDecay([start()], warmup=5).get_lr({"step": 15}, group)
    assert rate == pytest.approx(ALPHA * 0.5 * (1 + math.cos(math.pi * 10 / 15)))
    assert rate < ALPHA / 2


def test_noam_as_made_by_default_cannot_take_a_step() -> None:
    param = start()
    with pytest.raises(ZeroDivisionError):
        next(walk(Noam([param]), param))
