"""Hyper-parameters that change during a run are read at each step."""

from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR

from labml_nn_optim import Adam
from tests.labml_nn_optim.table import MODES, make, noise, train

each_mode = pytest.mark.parametrize("mode", MODES)


def a_parameter() -> torch.Tensor:
    return noise(3, seed=99).requires_grad_()


@each_mode
def test_a_scheduler_of_the_learning_rate_is_obeyed(mode: str) -> None:
    param, by_hand = a_parameter(), a_parameter()
    optimizer, other = make(mode, [param]), make(mode, [by_hand])
    scheduler = CosineAnnealingLR(optimizer, T_max=10)
    for t in range(10):
        other.param_groups[0]["lr"] = scheduler.get_last_lr()[0]
        train(optimizer, [param], [t])
        train(other, [by_hand], [t])
        scheduler.step()
    assert torch.equal(param, by_hand)
    assert scheduler.get_last_lr()[0] < 1e-3


@each_mode
def test_a_scheduler_of_the_betas_is_obeyed(mode: str) -> None:
    param, by_hand = a_parameter(), a_parameter()
    optimizer, other = make(mode, [param]), make(mode, [by_hand])
    scheduler = OneCycleLR(optimizer, max_lr=0.1, total_steps=12)
    beta1s = set()
    for t in range(11):
        group = optimizer.param_groups[0]
        other.param_groups[0].update(lr=group["lr"], betas=group["betas"])
        beta1s.add(group["betas"][0])
        train(optimizer, [param], [t])
        train(other, [by_hand], [t])
        scheduler.step()
    assert torch.equal(param, by_hand)
    assert len(beta1s) > 5


@each_mode
def test_a_tensor_learning_rate_is_read_at_each_step(mode: str) -> None:
    param, by_number = a_parameter(), a_parameter()
    lr = torch.tensor(0.5)
    optimizer, other = make(mode, [param], lr=lr), make(mode, [by_number], lr=0.5)
    train(optimizer, [param], range(3))
    train(other, [by_number], range(3))
    lr.fill_(0.25)
    other.param_groups[0]["lr"] = 0.25
    train(optimizer, [param], range(3, 6))
    train(other, [by_number], range(3, 6))
    assert torch.equal(param, by_number)
    assert lr == 0.25


def test_a_schedule_can_be_built_in_by_overriding_get_lr() -> None:
    class WarmUp(Adam):
        def get_lr(self, group: dict[str, Any], t: float) -> float:
            return super().get_lr(group, t) * min(1.0, t / 4)

    param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = WarmUp([param], lr=1.0)
    param.grad = torch.ones_like(param)
    lengths = []
    for _ in range(6):
        before = param.item()
        optimizer.step()
        lengths.append(before - param.item())
    assert lengths == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1], rel=1e-6)
