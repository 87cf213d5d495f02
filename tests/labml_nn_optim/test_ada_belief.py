"""What the page about AdaBelief says of it is true."""

from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import pytest
import torch

from labml_nn_optim import AdaBelief, Adam
from tests.labml_nn_optim.table import noise
from tests.labml_nn_optim.walking import moves


def paper(**settings: Any) -> Callable[[list[torch.Tensor]], AdaBelief]:
    """The paper's algorithm."""
    return lambda params: AdaBelief(params, rectify=False, **settings)


def mean_inside(steps: int, eps: float, eps_in_state: bool = True) -> float:
    """What the running mean holds after gradients that never surprise."""
    param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = AdaBelief([param], eps=eps, eps_in_state=eps_in_state)
    for _ in range(steps):
        param.grad = torch.zeros_like(param)
        optimizer.step()
    return optimizer.state[param]["exp_avg_var"].item()


def test_on_an_even_slope_adam_keeps_its_pace_and_adabelief_takes_large_steps() -> None:
    adam, belief = (moves(make, [5.0] * 200)[-1] for make in (Adam, paper()))
    assert adam == pytest.approx(-1e-3, rel=1e-6)
    assert belief < -5e-3


def test_in_a_narrow_valley_both_take_small_steps() -> None:
    for make in (Adam, paper()):
        walk = moves(make, islice(cycle([5.0, -5.0]), 500))
        assert max(map(abs, walk[100:])) < 0.06e-3 * 1.1


def test_where_gradients_are_small_and_alike_both_speed_up() -> None:
    for make in (Adam, paper()):
        walk = moves(make, [1e-4] * 200)
        # Gradient descent would move by lr times the gradient.
        assert -walk[-1] > 1000 * 1e-3 * 1e-4


def test_the_running_mean_estimates_the_variance() -> None:
    grads = 3 + 2 * noise(6000, dtype=torch.float64)
    param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    belief, adam = AdaBelief([param]), Adam([param.detach().clone().requires_grad_()])
    for optimizer in (belief, adam):
        (target,) = optimizer.param_groups[0]["params"]
        for grad in grads:
            target.grad = grad.reshape(1)
            optimizer.step()
    s = belief.state[param]["exp_avg_var"].item()
    v = next(iter(adam.state.values()))["exp_avg_sq"].item()
    assert v == pytest.approx(3**2 + 4, rel=0.15)
    # The new mean has moved a tenth of the way to the gradient: the surprise is 0.9 of its distance
    # to the old mean, which varies by itself, by (1 − β₁)/(1 + β₁) of the gradient's variance.
    assert s == pytest.approx(4 * 0.9**2 * (1 + 0.1 / 1.9), rel=0.15)


@pytest.mark.parametrize("eps", [1e-16, 1e-8])
def test_eps_accumulates_to_a_thousand_times_itself(eps: float) -> None:
    assert mean_inside(8000, eps) == pytest.approx(1000 * eps, rel=1e-3)
    assert mean_inside(100, eps) == pytest.approx(1000 * eps * (1 - 0.999**100), rel=1e-9)


def test_eps_at_use_does_not_accumulate() -> None:
    assert mean_inside(500, 1e-8, eps_in_state=False) == 0


def test_with_adams_eps_it_becomes_gradient_descent_with_momentum() -> None:
    # Surprises of 1e-4 squared are 1e-8, a thousandth of what ε adds up to.
    grads = (1e-4 * noise(300, dtype=torch.float64)).tolist()
    walk = moves(paper(eps=1e-8), grads)
    m, descent = 0.0, []
    for t, g in enumerate(grads, start=1):
        m = 0.9 * m + 0.1 * g
        descent.append(-1e-3 / 1e-5**0.5 * m / (1 - 0.9**t))
    assert walk == pytest.approx(descent, rel=3e-3)
    # With its own ε it divides by the surprise, and takes steps of Adam's size.
    own = moves(paper(), grads)
    assert sum(map(abs, own)) > 10 * sum(map(abs, walk))


def test_a_beta1_of_zero_is_never_surprised_and_divides_by_eps_alone() -> None:
    grads = noise(50, dtype=torch.float64).tolist()
    eps = 1e-4
    walk = moves(paper(betas=(0.0, 0.999), eps=eps), grads)
    # ε inside, corrected for bias, is ε / (1 − β₂) at every step.
    divisor = (1000 * eps) ** 0.5 + eps
    assert walk == pytest.approx([-1e-3 * g / divisor for g in grads], rel=1e-9)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16])
def test_a_beta1_of_zero_stays_finite(dtype: torch.dtype) -> None:
    param = torch.zeros(2, dtype=dtype, requires_grad=True)
    for rectify in (True, False):
        optimizer = AdaBelief([param], lr=1e-8, betas=(0.0, 0.999), rectify=rectify)
        for t in range(20):
            param.grad = noise(2, seed=t, dtype=dtype) * (t % 2)
            optimizer.step()
            assert param.isfinite().all()


@pytest.mark.parametrize("beta1", [0.5, 0.9])
def test_first_step_has_length_lr_over_beta1(beta1: float) -> None:
    # The first surprise is β₁·g, since the new mean has moved towards g already.
    (move,) = moves(paper(lr=0.25, betas=(beta1, 0.999)), [7.0])
    assert move == pytest.approx(-0.25 / beta1)


def test_surprise_is_measured_from_the_new_mean() -> None:
    param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = AdaBelief([param], eps=0)
    param.grad = torch.ones_like(param)
    optimizer.step()
    assert optimizer.state[param]["exp_avg_var"].item() == pytest.approx(0.001 * 0.9**2)


def test_after_200_equal_gradients_a_step_is_seven_times_adams() -> None:
    gradients = [3.0] * 200
    ours, adams = moves(paper(lr=1.0), gradients)[-1], moves(Adam, gradients)[-1] / 1e-3
    assert ours / adams == pytest.approx(7.19, abs=0.01)


def test_when_every_gradient_flips_a_step_is_an_eighteenth_of_lr_and_adams_a_nineteenth() -> None:
    gradients = list(islice(cycle([3.0, -3.0]), 20_000))
    assert abs(moves(paper(lr=1.0), gradients)[-1]) == pytest.approx(1 / 18, rel=1e-6)
    assert abs(moves(Adam, gradients)[-1]) / 1e-3 == pytest.approx(1 / 19, rel=1e-6)


def test_a_gradient_ten_times_its_noise_earns_about_ten_times_lr() -> None:
    spread = noise(8000, dtype=torch.float64)
    gradients = (3.0 + 0.3 * spread / spread.std()).tolist()
    late = -sum(moves(paper(lr=1.0), gradients)[-1000:]) / 1000
    # A little more than ten: the surprise is measured from a mean that has already moved.
    assert 10 < late < 12
    assert -sum(moves(Adam, gradients)[-1000:]) == pytest.approx(1, abs=0.05)
