"""A model in shards (`fully_shard`) is optimized like a whole one, beside whole tensors."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor

from tests.distributed.problem import (
    LR,
    STEPS,
    assert_close,
    backward,
    by_peer,
    each_optimizer,
    needs_fused,
    train,
    values,
    whole,
)
from tests.distributed.sharding import all_processes, sharded_model, without_reducing
from tests.distributed.world import in_world
from tests.labml_nn_optim.table import MODES, OPTIMIZERS, make, noise, same


def in_shards(name: str, batches: int, fused: bool, capturable: bool) -> list[Tensor]:
    model = sharded_model()
    optimizer = OPTIMIZERS[name](model.parameters(), lr=LR, fused=fused, capturable=capturable)
    train(model, optimizer, range(STEPS), batches, unfinished=without_reducing)
    for param in model.parameters():
        state = optimizer.state[param]
        assert type(state["step"]) is Tensor
        assert type(state["exp_avg"]) is type(param if isinstance(param, DTensor) else param.data)
    return values(model)


SIZES = [
    (2, 3, False, False),
    (3, 1, False, False),
    (2, 1, False, True),
    pytest.param(2, 1, True, False, marks=needs_fused),
]


@pytest.mark.parametrize(("size", "batches", "fused", "capturable"), SIZES)
@each_optimizer
def test_shards_equal_one_model_on_the_joined_batches(
    name: str, size: int, batches: int, fused: bool, capturable: bool
) -> None:
    answers = in_world(size, in_shards, name, batches, fused, capturable)
    for answer in answers:
        assert same(answer, answers[0])
    assert_close(answers[0], by_peer(name, batches))


def within_the_backward_pass(name: str) -> list[Tensor]:
    model = sharded_model()
    optimizers = {param: OPTIMIZERS[name]([param], lr=LR) for param in model.parameters()}

    def step(param: Tensor) -> None:
        optimizers[param].step()
        optimizers[param].zero_grad()

    for param in model.parameters():
        param.register_post_accumulate_grad_hook(step)
    for t in range(STEPS):
        backward(model, 100 * t)
        assert all(param.grad is None for param in model.parameters())
    return values(model)


@each_optimizer
def test_shards_may_step_as_soon_as_their_gradient_is_there(name: str) -> None:
    one, other = in_world(2, within_the_backward_pass, name)
    assert same(one, other)
    assert_close(one, by_peer(name))


DTYPES = [torch.float32, torch.float64, torch.bfloat16]
LAYOUTS: list[list[Any]] = [[Replicate()], [Shard(0)], [Shard(1)]]


def steps_in_each_layout(
    modes: list[str], dtypes: list[torch.dtype], fused: bool
) -> list[list[Tensor]]:
    return [_steps_in_each_layout(mode, dtype, fused) for mode in modes for dtype in dtypes]


def _steps_in_each_layout(mode: str, dtype: torch.dtype, fused: bool) -> list[Tensor]:
    """One tensor, whole and in shards along either side, in one optimizer."""
    mesh, start = all_processes(), noise(5, 7, dtype=dtype)
    params: list[Any] = [start.clone().requires_grad_()]
    params += [distribute_tensor(start, mesh, layout).requires_grad_() for layout in LAYOUTS]
    optimizer = make(mode, params, fused=fused)
    for t in range(STEPS):
        if fused and t == STEPS - 1:
            optimizer.step_param = None  # compiled by now; the plain step would still call it
        grad = noise(5, 7, seed=1000 * t, dtype=torch.float64).to(dtype)
        params[0].grad = grad.clone()
        for param, layout in zip(params[1:], LAYOUTS, strict=True):
            param.grad = distribute_tensor(grad, mesh, layout)
        optimizer.step()
    for param, layout in zip(params[1:], LAYOUTS, strict=True):
        assert list(param.placements) == layout
        assert {v.placements for v in optimizer.state[param].values() if v.dim()} == {(*layout,)}
    return [whole(param) for param in params]


def test_a_plain_step_is_the_same_bits_in_each_layout() -> None:
    modes = list(MODES)
    for answer in in_world(2, steps_in_each_layout, modes, DTYPES, False):
        for place, layouts in enumerate(answer):
            for laid_out in layouts:
                assert same(laid_out, layouts[0]), modes[place // len(DTYPES)]


@needs_fused
def test_a_fused_step_of_shards_is_compiled_and_equals_the_plain_one() -> None:
    modes, dtypes = ["AdaBelief"], DTYPES[:2]
    plain = in_world(1, steps_in_each_layout, modes, dtypes, False)[0]
    for answer in in_world(2, steps_in_each_layout, modes, dtypes, True):
        for layouts, (expected, *_) in zip(answer, plain, strict=True):
            for laid_out in layouts:
                ulp = torch.finfo(expected.dtype).eps
                torch.testing.assert_close(laid_out, expected, rtol=16 * ulp, atol=ulp)
