"""A step makes few temporary tensors, and never whole copies of a model."""

import gc
import weakref

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.optim import Optimizer

from labml_nn_optim import Adam
from tests.labml_nn_optim.allocations import Allocations
from tests.labml_nn_optim.table import MODES, OPTIMIZERS, make, noise, train

each_mode = pytest.mark.parametrize("mode", MODES)


def temporaries(optimizer: Optimizer, params: list[Tensor]) -> float:
    """The most bytes alive beside parameters and state, as a share of those of the parameters."""
    for t in range(7):
        for param in params:
            param.grad = noise(*param.shape, seed=t, dtype=torch.float64).to(param.dtype)
        with Allocations() as allocations:
            optimizer.step()
    return allocations.peak / sum(p.untyped_storage().nbytes() for p in params)


@each_mode
def test_temporaries_are_a_small_share_of_the_parameters(mode: str) -> None:
    # As many tensors as a small network has, of about the same size each.
    params = [noise(1000, seed=i).requires_grad_() for i in range(20)]
    assert 0 < temporaries(make(mode, params, fused=False), params) <= 0.2


@each_mode
def test_the_compiled_step_makes_no_temporaries(mode: str) -> None:
    params = [noise(1000, seed=i).requires_grad_() for i in range(20)]
    assert temporaries(make(mode, params, fused=True), params) == 0


@pytest.mark.parametrize("mode", OPTIMIZERS)
def test_a_tensor_needs_no_more_temporaries_than_in_torch(mode: str) -> None:
    ours, theirs = ([noise(1000).requires_grad_()] for _ in range(2))
    torchs = torch.optim.Adam(theirs, foreach=False)
    assert temporaries(make(mode, ours), ours) <= temporaries(torchs, theirs)


def test_a_step_that_cannot_be_compiled_holds_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labml_nn_optim.engine.programs._programs", {})
    monkeypatch.setenv("CC", "/nothing/that/compiles")
    monkeypatch.setenv("PATH", "")
    gc.disable()
    try:
        for _ in range(2):  # the second is told what the first found
            params = [noise(2**14, seed=i).requires_grad_() for i in range(2)]
            optimizer = Adam(params)
            train(optimizer, params, range(2))
            assert "there is no C compiler" in repr(optimizer)
            means = [weakref.ref(state["exp_avg"]) for state in optimizer.state.values()]
            del optimizer
            assert not any(mean() is not None for mean in means)
    finally:
        gc.enable()


@pytest.mark.parametrize("fused", [True, False, None])
@pytest.mark.parametrize("drop", ["optimizer", "state"])
def test_memory_is_given_back_at_once(fused: bool | None, drop: str) -> None:
    # The first step of a process loads much of torch, whose leftovers hold on to what called it.
    first = [noise(2**14).requires_grad_()]
    train(Adam(first, fused=fused), first, range(2))
    gc.collect()
    gc.disable()  # nothing may wait for a collection
    try:
        params = [noise(1000, seed=i).requires_grad_() for i in range(20)]
        optimizer = Adam([*params, noise(10)[::2].requires_grad_()], fused=fused)
        for param in params:
            param.grad = param.detach().clone()
        for _ in range(3):
            optimizer.step()
        assert "group 0: " in repr(optimizer)
        means = [weakref.ref(state["exp_avg"]) for state in optimizer.state.values()]
        assert len(means) == 20
        if drop == "optimizer":
            del optimizer
        else:
            optimizer.state.clear()
        assert not any(mean() is not None for mean in means)
    finally:
        gc.enable()


def test_memory_may_be_shared_with_other_processes_and_stays_shared() -> None:
    param = noise(2**15).requires_grad_()
    optimizer = Adam([param], fused=True)
    param.grad = noise(2**15, seed=1)
    optimizer.step()
    mean = optimizer.state[param]["exp_avg"].share_memory_()
    optimizer.step()
    assert optimizer.state[param]["exp_avg"] is mean
    assert mean.is_shared()


@pytest.mark.parametrize("fused", [True, False, None])
def test_memory_may_be_estimated_without_any(fused: bool | None) -> None:
    with FakeTensorMode():
        network = torch.nn.Linear(1000, 1000)
        optimizer = Adam(network.parameters(), fused=fused)
        for _ in range(2):
            network(torch.randn(3, 1000)).sum().backward()
            optimizer.step()
        kept = sum(value.numel() for state in optimizer.state.values() for value in state.values())
    assert kept == 2 * (1000 * 1000 + 1000) + 2
