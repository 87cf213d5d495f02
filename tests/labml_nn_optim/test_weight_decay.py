"""What the page about weight decay says is true."""

from typing import Any

import pytest
import torch
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict
from torch.optim import Optimizer

from labml_nn_optim import Adam, RAdam, WeightDecay
from tests.labml_nn_optim.table import DEFAULTS, OPTIMIZERS, noise, same
from tests.labml_nn_optim.walking import moves

each_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)


def end_of(kind: type[Optimizer], scale: float, **settings: Any) -> float:
    """How much of 1 is left after many steps with gradients of that scale and of no direction."""
    grads = [scale * g for g in noise(400, dtype=torch.float64).tolist()]
    with_decay = 1 + sum(moves(lambda params: kind(params, **settings), grads, start=1.0))
    settings.pop("weight_decay")
    without = 1 + sum(moves(lambda params: kind(params, **settings), grads, start=1.0))
    return with_decay - without


def test_for_plain_gradient_descent_both_kinds_are_the_same() -> None:
    # While the variance cannot be estimated, RAdam with β₁ = 0 is plain gradient descent.
    grads = noise(20, dtype=torch.float64).tolist()
    coupled, decoupled = (
        moves(
            lambda params, d=decouple: RAdam(
                params, lr=0.1, betas=(0.0, 0.5), weight_decay=0.3, decoupled_weight_decay=d
            ),
            grads,
            start=1.0,
        )
        for decouple in (False, True)
    )
    assert coupled == pytest.approx(decoupled, rel=1e-12)


def test_coupled_decay_pulls_less_where_gradients_are_large() -> None:
    pulls = [end_of(Adam, scale, weight_decay=0.1, lr=1e-3) for scale in (1.0, 10.0, 100.0)]
    assert pulls[0] < 3 * pulls[1] < 9 * pulls[2] < 0


def test_decoupled_decay_pulls_at_the_same_rate_everywhere() -> None:
    for scale in (1.0, 10.0, 100.0):
        pull = end_of(Adam, scale, weight_decay=WeightDecay(0.1), lr=1e-3)
        assert pull == pytest.approx((1 - 1e-4) ** 400 - 1, rel=0.05)


@each_optimizer
def test_a_plain_number_follows_each_class_s_own_reference(name: str) -> None:
    kind = OPTIMIZERS[name]
    decoupled = DEFAULTS[kind].get("decoupled_weight_decay", False)
    grads = noise(20, dtype=torch.float64).tolist()
    plain, told, otherwise = (
        moves(lambda params, s=settings: kind(params, lr=0.1, **s), grads, start=1.0)
        for settings in (
            {"weight_decay": 0.3},
            {"weight_decay": WeightDecay(0.3, weight_decouple=decoupled)},
            {"weight_decay": 0.3, "decoupled_weight_decay": not decoupled},
        )
    )
    assert plain == told
    assert plain != otherwise


@each_optimizer
def test_decay_without_a_gradient_is_the_stated_factor(name: str) -> None:
    for decay, factor in (
        (WeightDecay(0.3), 1 - 0.1 * 0.3),
        (WeightDecay(0.3, absolute=True), 1 - 0.3),
    ):
        walk = moves(
            lambda params, d=decay: OPTIMIZERS[name](params, lr=0.1, weight_decay=d),
            [0.0] * 7,
            start=1.0,
        )
        assert 1 + sum(walk) == pytest.approx(factor**7, rel=1e-12)


def test_a_schedule_weakens_decay_but_not_absolute_decay() -> None:
    left = {}
    for absolute in (False, True):
        param = torch.ones(1, dtype=torch.float64, requires_grad=True)
        optimizer = Adam([param], lr=1.0, weight_decay=WeightDecay(0.1, absolute=absolute))
        param.grad = torch.zeros_like(param)
        optimizer.step()
        optimizer.param_groups[0]["lr"] = 0.01
        optimizer.step()
        left[absolute] = param.item()
    assert left[False] == pytest.approx(0.9 * 0.999)
    assert left[True] == pytest.approx(0.9 * 0.9)


@each_optimizer
def test_absolute_decay_stands_still_at_a_step_size_of_zero(name: str) -> None:
    # torch sets up the state of a fresh optimizer by such a step, and expects no change from it.
    model = torch.nn.Linear(2, 2)
    before = [param.detach().clone() for param in model.parameters()]
    optimizer = OPTIMIZERS[name](model.parameters(), weight_decay=WeightDecay(0.5, absolute=True))
    get_optimizer_state_dict(model, optimizer)
    assert all(map(torch.equal, model.parameters(), before))


@each_optimizer
def test_coupled_decay_passes_through_the_running_means(name: str) -> None:
    decay = WeightDecay(0.125, weight_decouple=False)
    decayed, alike, other = (
        memory(name, grad, weight_decay=weight_decay)
        # 1 + 0.125·4 = 1.5
        for grad, weight_decay in ((1.0, decay), (1.5, 0.0), (1.0, 0.0))
    )
    assert same(decayed, alike)
    assert not any(torch.equal(decayed[key], mean) for key, mean in other.items() if key != "step")


def memory(name: str, grad: float, **settings: Any) -> dict[str, torch.Tensor]:
    """What is kept after one step from 4."""
    param = torch.full((1,), 4.0, requires_grad=True)
    param.grad = torch.full((1,), grad)
    optimizer = OPTIMIZERS[name]([param], **settings)
    optimizer.step()
    return optimizer.state[param]


@each_optimizer
def test_a_group_may_bring_its_own_kind_of_decay(name: str) -> None:
    params = [torch.ones(1, requires_grad=True) for _ in range(2)]
    absolute = WeightDecay(0.5, absolute=True)
    optimizer = OPTIMIZERS[name](
        [{"params": [params[0]]}, {"params": [params[1]], "weight_decay": absolute}]
    )
    for param in params:
        param.grad = torch.zeros(1)
    optimizer.step()
    assert [param.item() for param in params] == [1.0, 0.5]
    assert optimizer.param_groups[1]["weight_decay"] == 0.5
    assert optimizer.param_groups[1]["absolute_weight_decay"] is True
