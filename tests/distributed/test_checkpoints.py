"""A run in shards, saved by some processes and continued by others, as if it never stopped."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed.checkpoint as dcp
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    get_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
    set_state_dict,
)
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.optim import Optimizer

from tests.distributed.problem import (
    LR,
    PEERS,
    STEPS,
    Model,
    assert_close,
    each_optimizer,
    plain_and_fused,
    train,
    values,
)
from tests.distributed.sharding import sharded_model
from tests.distributed.world import in_world
from tests.labml_nn_optim.table import OPTIMIZERS, noise, same

HALF = STEPS // 2


def train_on_given(model: nn.Module, optimizer: Optimizer, steps: range) -> None:
    """Gradients that nobody adds up: they are the same bits for any number of processes."""
    for step in steps:
        for place, param in enumerate(model.parameters()):
            grad = noise(*param.shape, seed=100 * step + place, dtype=torch.float64)
            if isinstance(param, DTensor):
                grad = distribute_tensor(
                    grad, param.device_mesh, param.placements, src_data_rank=None
                )
            param.grad = grad
        optimizer.step()


KINDS = {"computed": train, "given": train_on_given}


def start(name: str, fused: bool) -> tuple[nn.Module, Optimizer]:
    model = sharded_model()
    return model, OPTIMIZERS[name](model.parameters(), lr=LR, fused=fused)


def state_of(model: nn.Module, optimizer: Optimizer) -> dict[str, Any]:
    weights, memory = get_state_dict(model, optimizer)
    return {"model": weights, "optimizer": memory}


def save_and_go_on(name: str, fused: bool, folder: Path) -> dict[str, list[Tensor]]:
    ends = {}
    for kind, advance in KINDS.items():
        model, optimizer = start(name, fused)
        advance(model, optimizer, range(HALF))
        dcp.save(state_of(model, optimizer), checkpoint_id=folder / kind)
        advance(model, optimizer, range(HALF, STEPS))
        ends[kind] = values(model)
    return ends


def load_and_go_on(name: str, fused: bool, folder: Path) -> dict[str, list[Tensor]]:
    ends = {}
    for kind, advance in KINDS.items():
        model, optimizer = start(name, fused)
        optimizer.param_groups[0]["lr"] = 0.5  # what is not loaded is wrong
        state = state_of(model, optimizer)
        dcp.load(state, checkpoint_id=folder / kind)
        set_state_dict(
            model,
            optimizer,
            model_state_dict=state["model"],
            optim_state_dict=state["optimizer"],
        )
        advance(model, optimizer, range(HALF, STEPS))
        ends[kind] = values(model)
    return ends


@plain_and_fused
def test_what_two_processes_saved_is_continued_by_one_two_or_three(
    name: str, fused: bool, tmp_path: Path
) -> None:
    unbroken = in_world(2, save_and_go_on, name, fused, tmp_path)[0]
    for size in (1, 2, 3):
        for answer in in_world(size, load_and_go_on, name, fused, tmp_path):
            assert same(answer["given"], unbroken["given"]), size
            if size == 2:
                assert same(answer["computed"], unbroken["computed"])
            assert_close(answer["computed"], unbroken["computed"])


WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


def collect(name: str) -> dict[str, Any]:
    """The whole state in one piece, and where the run ends without a break."""
    model, optimizer = start(name, fused=False)
    train(model, optimizer, range(HALF))
    weights = get_model_state_dict(model, options=WHOLE)
    memory = get_optimizer_state_dict(model, optimizer, options=WHOLE)
    saved = copy.deepcopy({"model": weights, "optimizer": memory})  # plain tensors are not copies
    train(model, optimizer, range(HALF, STEPS))
    return {**saved, "end": values(model)}


def continue_from(name: str, file: Path) -> list[Tensor]:
    """Only the first process reads the file; the others get their shards from it."""
    model, optimizer = start(name, fused=False)
    saved: dict[str, Any] = {"model": {}, "optimizer": {}}
    if torch.distributed.get_rank() == 0:
        saved = torch.load(file, weights_only=True)
    options = StateDictOptions(full_state_dict=True, broadcast_from_rank0=True)
    set_model_state_dict(model, saved["model"], options=options)
    set_optimizer_state_dict(model, optimizer, saved["optimizer"], options=options)
    train(model, optimizer, range(HALF, STEPS))
    return values(model)


@each_optimizer
def test_the_whole_state_is_one_file_that_goes_anywhere(name: str, tmp_path: Path) -> None:
    collected = in_world(2, collect, name)[0]
    file = tmp_path / "checkpoint.pt"
    torch.save({"model": collected["model"], "optimizer": collected["optimizer"]}, file)

    # To a process that is alone, in this class and in torch's,
    for make in (OPTIMIZERS[name], *([PEERS[name]] if name != "AdaBelief" else [])):
        saved = torch.load(file, weights_only=True)
        model = Model()
        optimizer = make(model.parameters())
        set_model_state_dict(model, saved["model"])
        set_optimizer_state_dict(model, optimizer, saved["optimizer"])
        train(model, optimizer, range(HALF, STEPS))
        assert_close(values(model), collected["end"])
    # and back to several.
    for answer in in_world(2, continue_from, name, file):
        assert same(answer, collected["end"])


def count_after_looking(name: str) -> list[float]:
    model = Model()
    optimizer = OPTIMIZERS[name](model.parameters(), lr=LR)
    get_optimizer_state_dict(model, optimizer)
    train(model, optimizer, range(1))
    return [optimizer.state[param]["step"].item() for param in model.parameters()]


def test_looking_at_the_state_before_the_first_step_counts_as_a_step_as_in_torch() -> None:
    model = Model()
    theirs = torch.optim.Adam(model.parameters(), lr=LR)
    get_optimizer_state_dict(model, theirs)
    train(model, theirs, range(1))
    counted = [theirs.state[param]["step"].item() for param in model.parameters()]
    assert counted == [2] * 7
    for name in OPTIMIZERS:
        assert count_after_looking(name) == counted


def take_over(name: str, folder: Path) -> tuple[list[Tensor], list[Tensor]]:
    """What torch's class saves in shards, ours goes on with."""
    model = sharded_model()
    theirs = PEERS[name](model.parameters(), lr=LR)
    train(model, theirs, range(HALF))
    dcp.save(state_of(model, theirs), checkpoint_id=folder)
    other, ours = start(name, fused=False)
    saved = state_of(other, ours)
    # Theirs has no word for some of our switches.
    planner = dcp.DefaultLoadPlanner(allow_partial_load=True)
    dcp.load(saved, checkpoint_id=folder, planner=planner)
    weights, memory = saved["model"], saved["optimizer"]
    set_state_dict(other, ours, model_state_dict=weights, optim_state_dict=memory)
    for each, optimizer in ((model, theirs), (other, ours)):
        train(each, optimizer, range(HALF, STEPS))
    return values(model), values(other)


@pytest.mark.parametrize("name", ["Adam", "AMSGrad", "RAdam"])
def test_a_sharded_run_of_torch_is_continued(name: str, tmp_path: Path) -> None:
    for theirs, ours in in_world(2, take_over, name, tmp_path):
        assert_close(ours, theirs)
