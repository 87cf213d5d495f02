"""What holds on a CPU holds on a GPU. No machine of ours has one: there, these are skipped."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch._dynamo.utils import counters

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam

NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU: CUDA is not measured")
each_device = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=NO_GPU)])
each_class = pytest.mark.parametrize("kind", [Adam, AMSGrad, RAdam, AdaBelief])


def model(device: str) -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    shapes = [(300, 200), (7,), (181, 199), (), (64, 3, 3)]
    return [torch.randn(s, generator=generator).to(device).requires_grad_() for s in shapes]


def train(optimizer: torch.optim.Optimizer, params: list[Tensor], steps: range) -> None:
    for t in steps:
        generator = torch.Generator().manual_seed(t)
        for param in params:
            param.grad = torch.randn(param.shape, generator=generator).to(param.device)
        optimizer.step()


def assert_close(ours: list[Tensor], theirs: list[Tensor]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a.cpu(), b.cpu(), rtol=1e-6, atol=1e-6)


@each_class
@each_device
def test_compiled_and_plain_agree(kind: Any, device: str) -> None:
    ours, plain = model(device), model("cpu")
    train(kind(ours, lr=0.01, fused=True), ours, range(9))
    train(kind(plain, lr=0.01, fused=False), plain, range(9))
    assert_close(ours, plain)


@each_device
def test_running_means_are_beside_the_parameter_and_the_count_is_on_the_cpu(device: str) -> None:
    params = model(device)
    optimizer = AdaBelief(params, fused=True)
    train(optimizer, params, range(8))
    for param in params:
        state = optimizer.state[param]
        assert state["exp_avg"].device == state["exp_avg_var"].device == param.device
        assert (state["step"].device.type, state["step"].item()) == ("cpu", 8)


@each_device
def test_two_programs_serve_any_number_of_tensors(device: str) -> None:
    before = counters["stats"]["unique_graphs"]
    params = [torch.randn(n, 211, device=device).requires_grad_() for n in range(150, 190)]
    train(AdaBelief(params, fused=True), params, range(8))
    assert counters["stats"]["unique_graphs"] - before <= 2


@NO_GPU
def test_a_gpus_checkpoint_goes_on_on_a_cpu() -> None:
    params, again = model("cuda"), model("cpu")
    optimizer = AdaBelief(params, fused=True)
    train(optimizer, params, range(7))
    with torch.no_grad():
        for param, other in zip(params, again, strict=True):
            other.copy_(param)
    resumed = AdaBelief(again, fused=False)
    resumed.load_state_dict(optimizer.state_dict())
    train(optimizer, params, range(7, 12))
    train(resumed, again, range(7, 12))
    assert_close(params, again)


@NO_GPU
def test_each_row_is_one_kernel() -> None:
    params = [torch.randn(512, 512, device="cuda").requires_grad_()]
    optimizer = AdaBelief(params, fused=True)
    train(optimizer, params, range(8))
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        optimizer.step()
    kernels = [event for event in profile.events() if "triton" in event.name]
    assert 1 <= len(kernels) <= 2  # the numbers, and the row
