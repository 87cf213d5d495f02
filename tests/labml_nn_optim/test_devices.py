"""What holds on a CPU holds on a GPU. No machine of ours has one: there, these are skipped."""

from typing import Any

import pytest
import torch
from torch import Tensor

from labml_nn_optim import AdaBelief
from labml_nn_optim.engine import programs
from tests.labml_nn_optim.table import OPTIMIZERS

NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU: CUDA is not measured")
each_device = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=NO_GPU)])
each_class = pytest.mark.parametrize("kind", OPTIMIZERS.values())


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
def test_one_program_serves_any_number_of_tensors(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_programs", {})
    params = [torch.randn(n, 211, device=device).requires_grad_() for n in range(150, 190)]
    train(AdaBelief(params, fused=True), params, range(8))
    assert len(programs._programs) == 1


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
def test_a_step_is_one_kernel() -> None:
    params = [torch.randn(512, 512, device="cuda").requires_grad_() for _ in range(3)]
    optimizer = AdaBelief(params, fused=True)
    train(optimizer, params, range(8))
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        optimizer.step()
    names = [event.name for event in profile.events()]
    # One copy of the table, and one launch.
    assert len([name for name in names if name == "step"]) == 1
    assert len([name for name in names if "elementwise" in name]) == 0


@each_class
@pytest.mark.parametrize("fused", [False, True])
@NO_GPU
def test_a_step_in_a_cuda_graph_goes_on_counting(kind: Any, fused: bool) -> None:
    params, plain = model("cuda"), model("cpu")
    rate = torch.tensor(0.01, device="cuda")
    optimizer = kind(params, lr=rate, capturable=True, fused=fused)
    other = kind(plain, lr=0.01, fused=False)
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        train(optimizer, params, range(3))
    torch.cuda.current_stream().wait_stream(stream)
    train(other, plain, range(3))
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):  # records, and moves nothing
        optimizer.step()
    for t in range(3, 12):
        generator = torch.Generator().manual_seed(t)
        for param, same in zip(params, plain, strict=True):
            same.grad = torch.randn(param.shape, generator=generator)
            assert param.grad is not None
            param.grad.copy_(same.grad)
        graph.replay()
        other.step()
    assert_close(params, plain)
    assert optimizer.state[params[0]]["step"].item() == 12


@NO_GPU
def test_a_recording_without_capturable_is_refused() -> None:
    params = model("cuda")
    optimizer = AdaBelief(params)
    train(optimizer, params, range(2))
    with (
        pytest.raises(RuntimeError, match="capturable=True"),
        torch.cuda.graph(torch.cuda.CUDAGraph()),
    ):
        optimizer.step()


@NO_GPU
def test_the_count_moves_to_the_gpu_and_back_with_a_checkpoint() -> None:
    params = model("cuda")
    host, captured = AdaBelief(params, fused=False), AdaBelief(params, capturable=True)
    train(host, params, range(2))
    captured.load_state_dict(host.state_dict())
    train(captured, params, range(2, 4))
    assert captured.state[params[0]]["step"].device.type == "cuda"
    host.load_state_dict(captured.state_dict())
    assert host.state[params[0]]["step"].device.type == "cpu"
    assert host.state[params[0]]["step"].item() == 4
