"""What the page about Adam says of it is true."""

from fractions import Fraction
from itertools import cycle, islice

import pytest
import torch

from labml_nn_optim import AdaBelief, Adam, AMSGrad
from tests.labml_nn_optim.table import noise
from tests.labml_nn_optim.walking import moves


@pytest.mark.parametrize("grad", [1e-3, 1.0, -250.0])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.6), (0.0, 0.0)])
def test_first_step_has_length_lr(betas: tuple[float, float], grad: float) -> None:
    for kind in (Adam, AMSGrad):
        (move,) = moves(lambda params, kind=kind: kind(params, lr=0.25, betas=betas, eps=0), [grad])
        assert move == pytest.approx(-0.25 if grad > 0 else 0.25, rel=1e-12)


def test_a_loss_a_hundred_times_as_large_gives_the_same_steps() -> None:
    grads = noise(50, dtype=torch.float64).tolist()
    small = moves(Adam, grads)
    assert moves(Adam, [100 * g for g in grads]) == pytest.approx(small, rel=1e-5)

    def without_eps(params: list[torch.Tensor]) -> Adam:
        return Adam(params, eps=0)

    assert moves(without_eps, [128 * g for g in grads]) == moves(without_eps, grads)


def test_where_gradients_agree_each_step_is_about_lr() -> None:
    assert moves(lambda params: Adam(params, lr=0.25), [3.0] * 500) == pytest.approx([-0.25] * 500)


def test_growing_gradients_drive_a_step_beyond_the_papers_rule_of_thumb_and_not_to_the_limit() -> (
    None
):
    def make(params: list[torch.Tensor]) -> Adam:
        return Adam(params, lr=1.0, eps=0)

    grads = [1e-150 * (0.999 / 0.9) ** t for t in range(5800)]
    walk = [-move for move in moves(make, grads)]
    limit = 0.1 / (0.001 * (1 - 0.81 / 0.999)) ** 0.5
    assert 0.1 / 0.001**0.5 < 3.2 < 7.2 < walk[-1] < max(walk) * 1.001 < limit < 7.3


def test_adam_that_forgot_takes_a_full_step_for_every_parameter_and_the_loss_jumps() -> None:
    torch.manual_seed(0)
    wanted, param = noise(8, dtype=torch.float64), torch.zeros(8, dtype=torch.float64)
    param.requires_grad_()

    def trained(optimizer: Adam, steps: int) -> list[float]:
        losses = []
        for _ in range(steps):
            optimizer.zero_grad()
            loss = (param - wanted).square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    remembering = Adam([param], lr=0.1)
    last = trained(remembering, 300)[-1]
    before = param.detach().clone()
    jump = trained(Adam([param], lr=0.1), 2)[1]
    assert jump > 100 * last
    with torch.no_grad():
        param.copy_(before)
    assert trained(remembering, 2)[1] < 2 * last
    # AdaBelief's first five steps are as long as the gradients are, which by now are small.
    with torch.no_grad():
        param.copy_(before)
    trained(AdaBelief([param], lr=0.1), 5)  # type: ignore[arg-type]
    assert (param - wanted).square().mean() <= last


def test_where_gradients_contradict_each_other_the_parameter_hardly_moves() -> None:
    walk = moves(lambda params: Adam(params, lr=1.0), islice(cycle([3.0, -3.0]), 500))
    assert max(map(abs, walk[100:])) < 0.06
    assert abs(sum(walk[100:])) < 0.06


def test_maximize_climbs_as_far_as_the_default_descends() -> None:
    grads = noise(20, dtype=torch.float64).tolist()
    for kind in (Adam, AdaBelief):
        up = moves(lambda params, kind=kind: kind(params, maximize=True), grads)
        assert up == [-move for move in moves(kind, grads)]


def test_the_weights_of_a_running_mean_add_up_to_the_bias_correction() -> None:
    beta = Fraction(9, 10)
    for t in (1, 2, 7, 50):
        weights = [(1 - beta) * beta ** (t - i) for i in range(1, t + 1)]
        assert sum(weights) == 1 - beta**t


@pytest.mark.parametrize("t", [1, 2, 10, 100])
def test_corrected_means_of_a_constant_gradient_are_that_gradient(t: int) -> None:
    param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = Adam([param])
    for _ in range(t):
        param.grad = torch.full_like(param, 3.0)
        optimizer.step()
    numbers = optimizer.at_step(optimizer.param_groups[0], t)
    state = optimizer.state[param]
    m, v = state["exp_avg"].item(), state["exp_avg_sq"].item()
    assert m / numbers["bias_correction1"] == pytest.approx(3, rel=1e-12)
    assert v / numbers["bias_correction2"] == pytest.approx(9, rel=1e-12)
    if t == 1:
        assert m == pytest.approx(0.1 * 3)


def test_the_second_correction_matters_during_the_first_few_thousand_steps() -> None:
    at = {
        t: Adam.at_step(Adam([torch.zeros(1)]), {"betas": (0.9, 0.999), "lr": 0.0}, t)
        for t in (1000, 2000, 5000)
    }
    assert at[1000]["bias_correction2"] < 0.7
    assert at[2000]["bias_correction2"] < 0.9
    assert at[5000]["bias_correction2"] > 0.99


def test_a_running_mean_remembers_about_the_steps_stated() -> None:
    # The average age of what a running mean holds, in steps, counting the newest as 1.
    for beta in (0.9, 0.99, 0.999):
        age = sum(i * (1 - beta) * beta ** (i - 1) for i in range(1, 40_000))
        assert age == pytest.approx(1 / (1 - beta))


def test_the_reordered_update_is_the_standard_one_when_eps_is_scaled_by_the_root() -> None:
    grads = noise(30, dtype=torch.float64).tolist()
    standard = moves(lambda params: Adam(params, eps=1e-2), grads)

    class Scaled(Adam):
        power = 0.5

        def adam_update(self, group, *tensors):  # type: ignore[no-untyped-def]
            eps_hat = group["eps"] * group["bias_correction2"] ** self.power
            super().adam_update({**group, "eps": eps_hat}, *tensors)

    class ScaledWrongly(Scaled):
        # What the predecessor's page says.
        power = 1

    reordered = [
        moves(lambda params, kind=kind: kind(params, eps=1e-2, optimized_update=True), grads)
        for kind in (Scaled, ScaledWrongly)
    ]
    assert reordered[0] == pytest.approx(standard, rel=1e-12)
    assert reordered[1] != pytest.approx(standard, rel=1e-3)


def test_reordering_makes_eps_up_to_thirty_two_times_larger() -> None:
    # With a gradient as small as this, the first step is g over ε.
    tiny, eps = 1e-9, 1e-3
    (standard,) = moves(lambda params: Adam(params, eps=eps), [tiny])
    (reordered,) = moves(lambda params: Adam(params, eps=eps, optimized_update=True), [tiny])
    assert standard / reordered == pytest.approx(1 / 0.001**0.5, rel=1e-3)
    assert 31 < standard / reordered < 32


def test_eps_keeps_the_step_finite_where_gradients_vanish() -> None:
    assert moves(Adam, [0.0] * 5) == [0.0] * 5


def test_a_settled_mean_would_get_stuck_in_bfloat16() -> None:
    settled = torch.ones(1, dtype=torch.bfloat16)
    for _ in range(1000):
        settled.mul_(0.999)
    assert settled == 1
    rising = torch.zeros(1, dtype=torch.bfloat16)
    for _ in range(10_000):
        rising.mul_(0.999).add_(0.001)
    assert rising <= 0.5
