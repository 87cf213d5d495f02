"""With `capturable=True` a recorded step can be replayed: it never waits for a number."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from labml_nn_optim import AdaBelief, Adam, GenericAdaptiveOptimizer, RAdam
from labml_nn_optim.engine import fused as engine
from labml_nn_optim.engine import programs
from tests.labml_nn_optim.table import OPTIMIZERS

each_class = pytest.mark.parametrize("kind", OPTIMIZERS.values())
each_way = pytest.mark.parametrize("fused", [False, True], ids=["plain", "fused"])

MAKERS: list[Callable[[], Tensor]] = [
    lambda: torch.randn(200, 200),
    lambda: torch.randn(7),
    lambda: torch.randn(()),
    lambda: torch.randn(181, 199),
    lambda: torch.randn(200, 180).t(),
    lambda: torch.randn(20, 20, dtype=torch.complex64),
    lambda: torch.randn(30, dtype=torch.float64),
    lambda: torch.randn(33).bfloat16(),
]


def model() -> list[Tensor]:
    torch.manual_seed(1)
    return [make().requires_grad_() for make in MAKERS]


def give_gradients(params: list[Tensor], t: int) -> None:
    """Into the same memory each time, as one does for a graph."""
    torch.manual_seed(100 + t)
    for param in params:
        noise = torch.randn(param.shape, dtype=torch.complex64)
        grad = (noise if param.is_complex() else noise.real).to(param.dtype)
        if param.grad is None:
            param.grad = torch.empty_like(param)
        param.grad.copy_(grad)


def train(optimizer: GenericAdaptiveOptimizer, params: list[Tensor], steps: Iterable[int]) -> None:
    for t in steps:
        give_gradients(params, t)
        optimizer.step()


def assert_close(ours: list[Tensor], theirs: list[Tensor]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        exact = a.dtype != torch.bfloat16
        torch.testing.assert_close(a, b, **({"rtol": 1e-5, "atol": 2e-6} if exact else {}))


class NoLook(TorchFunctionMode):
    """Whoever asks a tensor for a number would wait for a GPU."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        asks = "__bool__", "__float__", "__int__", "__index__", "item", "tolist", "numpy"
        assert getattr(func, "__name__", "") not in asks, f"{func} waits for the device"
        return func(*args, **(kwargs or {}))


class Graph(TorchDispatchMode):
    """What a CUDA graph does: remember the operations and the memory, and run them again."""

    def __init__(self) -> None:
        super().__init__()
        self.tape: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert "_local_scalar_dense" not in str(func), "a number is fetched from the device"
        out = func(*args, **(kwargs or {}))
        self.tape.append((func, args, kwargs or {}, out))
        return out

    def program(self, compiled: Any) -> Any:
        """A compiled step that is noted too: on a CPU it is called without torch's knowledge."""
        graph = self

        class Noted:
            def run(self, *args: Any) -> None:
                with torch.utils._python_dispatch._disable_current_modes():
                    compiled.run(*args)
                graph.tape.append((compiled.run, args, {}, None))

        return Noted()

    def replay(self) -> None:
        for func, args, kwargs, out in self.tape:
            again = func(*args, **kwargs)
            for old, new in zip(tree_leaves(out), tree_leaves(again), strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


@each_class
@each_way
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_the_step_is_the_same(kind: Any, fused: bool, decay: float) -> None:
    ours, plain = model(), model()
    settings = {"lr": 0.01, "weight_decay": decay}
    train(kind(ours, capturable=True, fused=fused, **settings), ours, range(9))
    train(kind(plain, fused=False, **settings), plain, range(9))
    assert_close(ours, plain)


@each_class
@each_way
def test_a_recorded_step_goes_on_counting(
    kind: Any, fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, plain = model(), model()
    rates = [torch.tensor(0.01), torch.tensor(0.01)]
    optimizer = kind(ours, lr=rates[0], capturable=True, fused=fused)
    other = kind(plain, lr=rates[1], fused=False)
    train(optimizer, ours, range(2))
    train(other, plain, range(2))

    graph, program_for = Graph(), engine.program_for
    monkeypatch.setattr(engine, "program_for", lambda recipe: graph.program(program_for(recipe)))
    before = [param.detach().clone() for param in ours]
    give_gradients(ours, 2)
    with graph:
        optimizer.step()
    assert len(graph.tape) > 10
    assert not any(torch.equal(a, b) for a, b in zip(before, ours, strict=True))
    train(other, plain, [2])
    # Recorded before the rectification begins; replayed into and beyond it, at another step size.
    for t in range(3, 12):
        for rate in rates:
            rate.fill_(0.02 if t > 6 else 0.01)
        give_gradients(ours, t)
        with torch.no_grad():
            graph.replay()
        train(other, plain, [t])
    assert_close(ours, plain)
    assert {optimizer.state[param]["step"].item() for param in ours} == {12}


@each_class
@each_way
def test_no_step_after_the_first_waits_for_a_number(kind: Any, fused: bool) -> None:
    params = model()
    optimizer = kind(params, lr=torch.tensor(0.01), weight_decay=0.1, capturable=True, fused=fused)
    train(optimizer, params, range(2))
    give_gradients(params, 2)
    with NoLook():
        optimizer.step()
    assert {optimizer.state[param]["step"].item() for param in params} == {3}


def test_the_check_notices_a_step_that_waits() -> None:
    params = model()
    optimizer = RAdam(params, fused=False)
    give_gradients(params, 0)
    with pytest.raises(AssertionError, match="waits for the device"), NoLook():
        optimizer.step()


def test_both_ways_of_a_rectified_step_are_in_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_programs", {})
    params = [torch.randn(200, 200).requires_grad_() for _ in range(3)]
    train(AdaBelief(params, eps=1e-15, capturable=True, fused=True), params, range(12))
    assert len(programs._programs) == 1


class Warm(Adam):
    def get_lr(self, group: dict[str, Any], t: Any) -> Any:
        return group["lr"] * min(t / 4, 1.0) if t < 8 else group["lr"] * 0.5


class Curious(Adam):
    def get_lr(self, group: dict[str, Any], t: Any) -> Any:
        return group["lr"] * math.exp(-t)


class Undecided(Adam):
    def get_lr(self, group: dict[str, Any], t: Any) -> Any:
        return group["lr"] * sum(1.0 for i in range(9) if t > i)


@each_way
def test_a_schedule_of_ones_own_may_branch_on_t(fused: bool) -> None:
    ours, plain = model(), model()
    train(Warm(ours, lr=0.01, capturable=True, fused=fused), ours, range(11))
    train(Warm(plain, lr=0.01, fused=False), plain, range(11))
    assert_close(ours, plain)


@each_way
@pytest.mark.parametrize(
    ("kind", "words"), [(Curious, "at_step calls __float__"), (Undecided, "more than 8 ways")]
)
def test_a_schedule_that_needs_to_look_is_refused_and_nothing_moves(
    kind: type[Adam], words: str, fused: bool
) -> None:
    params = model()
    before = [param.detach().clone() for param in params]
    optimizer = kind(params, capturable=True, fused=fused)
    give_gradients(params, 0)
    with pytest.raises(RuntimeError, match=words):
        optimizer.step()
    for param, old in zip(params, before, strict=True):
        assert torch.equal(param, old)


@each_way
def test_how_a_step_is_executed_is_not_taken_from_a_checkpoint(fused: bool) -> None:
    params, others = model(), model()
    captured = RAdam(params, capturable=True, fused=fused)
    train(captured, params, range(4))
    again = RAdam(others, fused=False)
    again.load_state_dict(captured.state_dict())
    assert again.param_groups[0]["capturable"] is False
    captured.load_state_dict(again.state_dict())
    assert captured.param_groups[0]["capturable"] is True
    with torch.no_grad():
        for param, other in zip(params, others, strict=True):
            other.copy_(param)
    train(captured, params, range(4, 9))
    train(again, others, range(4, 9))
    assert_close(params, others)


def test_a_tensor_that_is_not_to_be_looked_at_is_still_one_number() -> None:
    with pytest.raises(ValueError, match="lr must be one number"):
        Adam(model(), lr=torch.ones(2), capturable=True)
    with pytest.raises(TypeError, match="capturable must be True or False"):
        Adam(model(), capturable=1)  # type: ignore[arg-type]


def test_a_recording_that_could_not_be_replayed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    params = model()
    give_gradients(params, 0)
    before = [param.detach().clone() for param in params]
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    with pytest.raises(RuntimeError, match="capturable=True"):
        Adam(params).step()
    with pytest.raises(RuntimeError, match="take a step before"):
        Adam(params, capturable=True).step()
    for param, old in zip(params, before, strict=True):
        assert torch.equal(param, old)
