"""Uses that nobody has in mind compute what the plain step computes, or are refused."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict

from labml_nn_optim import AdaBelief, Adam, RAdam, WeightDecay
from labml_nn_optim.generic import GenericAdaptiveOptimizer
from labml_nn_optim.rule import Group, Number, State

Make = Callable[..., GenericAdaptiveOptimizer]


def trained(make: Make, steps: int = 8, **arguments: Any) -> Tensor:
    """Forty numbers, every other one zero, after some steps."""
    generator = torch.Generator().manual_seed(0)
    param = torch.nn.Parameter(torch.rand(40, generator=generator) + 0.5)
    param.data[::2] = 0
    optimizer = make([param], lr=0.1, **arguments)
    for _ in range(steps):
        param.grad = torch.rand(40, generator=generator)
        optimizer.step()
    return param.detach()


THREADS = """
import threading, torch
from labml_nn_optim import Adam

def run(fused, maximize):
    param = torch.nn.Parameter(torch.ones(400))
    optimizer = Adam([param], lr=0.01, fused=fused, maximize=maximize)
    for _ in range(10):
        param.grad = torch.ones(400)
        optimizer.step()
    return param[0].item()

threads = [threading.Thread(target=run, args=(True, up)) for up in (False, True)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for up in (False, True):
    assert abs(run(True, up) - run(False, up)) < 1e-6, (up, run(True, up), run(False, up))
"""


def test_threads_that_compile_at_once_each_get_their_own_code() -> None:
    # In a process of its own: what has been compiled there before would hide the fault.
    command = [sys.executable, "-c", THREADS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class KeepPruned(Adam):
    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        super().step_param(state, group, grad * (param != 0), param)


@pytest.mark.parametrize("how", [{"fused": True}, {"fused": False, "capturable": True}])
def test_a_rule_may_ask_which_numbers_of_a_tensor_are_zero(how: dict[str, bool]) -> None:
    expected = trained(KeepPruned, fused=False)
    assert not expected[::2].any()
    torch.testing.assert_close(trained(KeepPruned, **how), expected)


class NoDecayOfVectors(AdaBelief):
    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        if param.dim() <= 1:
            group = {**group, "weight_decay": 0.0}
        super().step_param(state, group, grad, param)


class Normalized(Adam):
    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        super().step_param(state, group, grad / grad.norm(), param)


class Replaces(Adam):
    def get_mv(self, state: State, group: Group, grad: Tensor) -> tuple[Tensor, Tensor]:
        m, v = super().get_mv(state, group, grad)
        state["exp_avg"] = m / 2
        return m, v


class CountsPerTensor(Adam):
    def init_state(self, state: State, group: Group, param: Tensor) -> None:
        super().init_state(state, group, param)
        state.setdefault("seen", torch.zeros(()))

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        state["seen"] += 1
        super().step_param(state, group, grad / state["seen"], param)


class RemembersMatrices(Adam):
    """Keeps a sum for each row of a matrix, and nothing more for anything else."""

    def init_state(self, state: State, group: Group, param: Tensor) -> None:
        super().init_state(state, group, param)
        if param.dim() == 3:
            state.setdefault("depth", torch.zeros(param.shape[2]))


class LooksAtFirst(Adam):
    """Begins with a running mean that depends on the numbers of the parameter."""

    def init_state(self, state: State, group: Group, param: Tensor) -> None:
        super().init_state(state, group, param)
        state.setdefault("largest", torch.tensor(param.abs().max().item()))


@pytest.mark.parametrize("kind", [RemembersMatrices, LooksAtFirst])
@pytest.mark.parametrize("fused", [None, False])
def test_memory_may_depend_on_the_parameter(kind: type[Adam], fused: bool | None) -> None:
    results = []
    for each, how in ((kind, fused), (Adam, False)):
        params = [torch.nn.Parameter(torch.ones(shape)) for shape in [(40, 50, 9), (40, 50), (7,)]]
        optimizer = each(params, fused=how)
        for _ in range(3):
            for param in params:
                param.grad = torch.ones_like(param)
            optimizer.step()
        results.append(params)
    for ours, plain in zip(*results, strict=True):
        assert torch.equal(ours, plain)


LOOKS = [
    (NoDecayOfVectors, "not elementwise: it asks for the dim of a tensor"),
    (Normalized, r"not elementwise, because of aten\.linalg_vector_norm"),
    (Replaces, r"replaces state\['exp_avg'\]; it must update it in place"),
]


@pytest.mark.parametrize(("kind", "reason"), LOOKS)
def test_a_rule_that_is_not_elementwise_is_refused_by_fused(
    kind: type[Adam], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuntimeError, match=rf"cannot be compiled: .*{reason}"):
        trained(kind, fused=True, weight_decay=0.1)
    monkeypatch.setattr("labml_nn_optim.engine.fused.WORTH_COMPILING", 1)
    left_alone = trained(kind, fused=None, weight_decay=0.1)
    assert torch.equal(left_alone, trained(kind, fused=False, weight_decay=0.1))


class Descent(GenericAdaptiveOptimizer):
    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        param.add_(grad, alpha=-group["lr"])


def test_a_rule_may_have_no_running_means() -> None:
    results = []
    for fused in (False, True):
        params = [torch.nn.Parameter(torch.ones(40)) for _ in range(2)]
        optimizer = Descent(params, lr=0.1, fused=fused)
        for _ in range(3):
            for param in params:
                param.grad = torch.ones(40)
            optimizer.step()
        results.append(params)
    torch.testing.assert_close(results[0][1].detach(), torch.full((40,), 0.7))
    torch.testing.assert_close(results[1], results[0])


class NormalizedAtFirst(Adam):
    def at_step(self, group: Group, t: Number) -> Group:
        return {**super().at_step(group, t), "normalize": bool(t < 3)}

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        grad = grad / grad.norm() if group["normalize"] else grad
        super().step_param(state, group, grad, param)


def test_a_rule_that_is_not_elementwise_in_one_of_its_cases_is_refused() -> None:
    with pytest.raises(RuntimeError, match="not elementwise, because of aten"):
        trained(NormalizedAtFirst, steps=1, fused=True, capturable=True)


def test_a_state_of_another_shape_is_left_to_the_plain_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labml_nn_optim.engine.fused.WORTH_COMPILING", 1)
    expected = trained(CountsPerTensor, fused=False)
    assert torch.equal(trained(CountsPerTensor, fused=None), expected)
    with pytest.raises(RuntimeError, match=r"fused=True, .* state\['seen'\] has another shape"):
        trained(CountsPerTensor, fused=True)


@pytest.mark.parametrize("fused", [False, True])
def test_setting_up_a_capturable_state_does_not_decay(fused: bool) -> None:
    network = torch.nn.Linear(8, 8, bias=False)
    before = network.weight.detach().clone()
    decay = WeightDecay(0.1, absolute=True)
    lr = torch.tensor(0.01)
    optimizer = Adam(network.parameters(), lr, weight_decay=decay, capturable=True, fused=fused)
    get_optimizer_state_dict(network, optimizer)
    assert torch.equal(network.weight, before)
    network.weight.grad = torch.zeros(8, 8)
    optimizer.step()
    torch.testing.assert_close(network.weight.detach(), before * 0.9)


@pytest.mark.parametrize("foreign", ["RMSprop", "Adagrad", "Adadelta", "SGD"])
def test_a_checkpoint_of_another_family_is_refused(foreign: str) -> None:
    param = torch.nn.Parameter(torch.ones(4))
    more = {"momentum": 0.9} if foreign == "SGD" else {}
    theirs = getattr(torch.optim, foreign)([param], lr=1e-3, **more)
    param.grad = torch.ones(4)
    theirs.step()
    ours = Adam([param])
    with pytest.raises(ValueError, match="the checkpoint has no exp_avg_sq"):
        ours.load_state_dict(theirs.state_dict())
    assert not ours.state


EXTRAS: list[Any] = [
    [],
    (),
    torch.ones(3),
    [torch.ones(3), torch.ones(2)],
    "name",
    {"a": 1},
    np.float32(2),
    None,
]


@pytest.mark.parametrize("extra", EXTRAS, ids=str)
def test_what_a_group_carries_besides_is_not_read(extra: Any) -> None:
    def make(params: list[Tensor], **arguments: Any) -> Adam:
        return Adam([{"params": params, "extra": extra}], **arguments)

    torch.testing.assert_close(trained(make, fused=True), trained(make, fused=False))


@pytest.mark.parametrize(
    "arguments",
    [
        {"weight_decay": np.float32(0.01)},
        {"eps": np.float32(1e-3)},
        {"betas": (np.float32(0.9), np.float64(0.99))},
        {"betas": (0, 0.99)},
        {"weight_decay": torch.tensor(0.0)},
    ],
    ids=str,
)
def test_numbers_of_all_kinds_mean_the_same_compiled(arguments: dict[str, Any]) -> None:
    expected = trained(RAdam, fused=False, **arguments)
    torch.testing.assert_close(trained(RAdam, fused=True, **arguments), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64])
def test_torch_goes_on_from_our_checkpoint_however_our_step_was_executed(
    dtype: torch.dtype,
) -> None:
    param = torch.nn.Parameter(torch.ones(6, dtype=dtype))
    ours = Adam([param], fused=True, capturable=True)
    twin = torch.nn.Parameter(param.detach().clone())
    reference = torch.optim.Adam([twin])
    for optimizer in (ours, reference):
        param.grad = twin.grad = torch.full((6,), 2.0, dtype=dtype)
        optimizer.step()
    theirs = torch.optim.Adam([param])
    theirs.load_state_dict(ours.state_dict())
    assert (ours.param_groups[0]["fused"], ours.param_groups[0]["capturable"]) == (True, True)
    for optimizer in (theirs, reference):
        optimizer.step()
    torch.testing.assert_close(param, twin)


def test_repr_says_compiled_only_of_what_is() -> None:
    param = torch.nn.Parameter(torch.ones(2**14))
    optimizer = CountsPerTensor([param])
    param.grad = torch.ones(2**14)
    optimizer.step()
    assert (
        "group 0: plain: cannot be compiled: state['seen'] has another shape than its parameter"
        in repr(optimizer)
    )
    without_gradients = Adam([torch.nn.Parameter(torch.ones(40))], fused=True)
    without_gradients.step()
    assert "group 0: to be chosen at the first step" in repr(without_gradients)
    gaps = torch.nn.Parameter(torch.ones(40)[::2])
    mixed = Adam([param, gaps], fused=True)
    gaps.grad = torch.ones(20)
    mixed.step()
    assert "group 0: compiled, but for 1 of 2 parameters: " in repr(mixed)
