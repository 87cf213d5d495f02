"""A large tensor is stepped piece by piece, to the same bits; what needs the whole gets it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from labml_nn_optim import AdaBelief, Adam, GenericAdaptiveOptimizer, generic
from labml_nn_optim.engine import pieces
from labml_nn_optim.rule import Group, State
from tests.labml_nn_optim.allocations import Allocations
from tests.labml_nn_optim.table import MODES, make, noise, same, snapshot, train

SHAPE = (501, 9)
IN_PIECES = 6  # of 768 numbers


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tensors of a thousand numbers are large; into how many pieces each step was cut."""
    counts: list[int] = []

    def counting(*arguments: Any) -> Iterator[Any]:
        found = [*pieces.pieces(*arguments)]
        counts.append(len(found))
        return iter(found)

    monkeypatch.setattr(generic, "LARGE", 1000)
    monkeypatch.setattr(generic, "pieces", counting)
    monkeypatch.setattr(pieces, "EACH", 768)
    monkeypatch.setattr(pieces, "_are_elementwise", {})
    return counts


def stepped(optimizer: Any, take: Callable[[], Any] | None = None) -> dict[str, Any]:
    """After seven steps, the last of which are rectified."""
    train(optimizer, optimizer.param_groups[0]["params"], range(7), take)
    return snapshot(optimizer)


def whole(monkeypatch: pytest.MonkeyPatch, optimizer: Any) -> dict[str, Any]:
    with monkeypatch.context() as patch:
        patch.setattr(generic, "LARGE", 10**9)
        return stepped(optimizer)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("dtype", "more"),
    [
        (torch.float32, {}),
        (torch.float32, {"state_dtype": torch.bfloat16}),
        (torch.bfloat16, {"state_dtype": torch.bfloat16, "dithered_rounding": True}),
        (torch.float64, {"lr": torch.tensor(0.01)}),
        (torch.complex64, {"maximize": True}),
    ],
)
def test_pieces_are_equal_to_the_whole_in_every_bit(
    mode: str, dtype: torch.dtype, more: dict[str, Any],
    counted: list[int], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def start() -> Any:
        param = noise(*SHAPE, dtype=dtype).requires_grad_()
        return make(mode, [param, noise(5).requires_grad_()], fused=False, **more)

    expected = whole(monkeypatch, start())
    assert counted == []
    assert same(stepped(start()), expected)
    assert counted == [IN_PIECES] * 7


def test_a_tensor_of_millions_moves_as_with_torch_and_with_little_memory() -> None:
    ours, theirs = (noise(pieces.LARGE + 5).requires_grad_() for _ in range(2))
    steps = [Adam([ours], fused=False).step, torch.optim.Adam([theirs], foreach=False).step]
    for t in range(3):
        ours.grad = theirs.grad = noise(pieces.LARGE + 5, seed=t + 1)
        for step in steps:
            step()
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    peaks = []
    for step in steps:
        with Allocations() as watched:
            step()
        peaks.append(watched.peak)
    # Temporaries as large as a piece, and as the tensor.
    assert peaks[0] < 3 * 4 * pieces.MOST < peaks[1]


def test_autograd_learns_that_a_parameter_has_changed(counted: list[int]) -> None:
    param = noise(*SHAPE).requires_grad_()
    loss = param.square().sum()
    param.grad = noise(*SHAPE)
    Adam([param], fused=False).step()
    assert counted == [IN_PIECES]
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()  # type: ignore[no-untyped-call]


def test_a_refused_step_has_moved_no_piece(counted: list[int]) -> None:
    params = [noise(*SHAPE).requires_grad_(), noise(3).requires_grad_()]
    optimizer = Adam(params, fused=False)
    train(optimizer, params, range(2))
    optimizer.state[params[1]]["exp_avg"] = noise(4)
    before = snapshot(optimizer)
    with pytest.raises(RuntimeError, match="of shape"):
        optimizer.step()
    assert same(snapshot(optimizer), before)


class Clipped(Adam):
    """Looks at the whole gradient."""

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        super().step_param(state, group, grad / grad.norm(), param)


class Replacing(Adam):
    """Puts state by assignment."""

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        super().step_param(state, group, grad, param)
        state["exp_avg"] = (state["exp_avg"] * 0.5).clone()


class Sized(Adam):
    """Treats large tensors in another way."""

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        if param.numel() > 4096:
            grad = grad - grad.mean()
        super().step_param(state, group, grad, param)


class SizedLate(Adam):
    """Treats tensors in another way that are larger than any that is tried with memory."""

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        if param.numel() > 60_000:
            grad = grad * 2
        super().step_param(state, group, grad, param)


class Choosing(Adam):
    """Asks for a number."""

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        if group["lr"] > 0.005:
            grad = grad - grad.mean()
        super().step_param(state, group, grad, param)


class Noisy(Adam):
    """Draws random numbers."""

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        super().step_param(state, group, grad + torch.randn_like(grad), param)


@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64])
def test_a_rule_may_ask_how_large_the_whole_is(
    dtype: torch.dtype, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> Any:
        return SizedLate([noise(200, 160 if dtype.is_complex else 320, dtype=dtype)], fused=False)

    found = stepped(start())
    assert counted == [1] * 7
    assert same(found, whole(monkeypatch, start()))


@pytest.mark.parametrize("kind", [Clipped, Replacing, Sized, Choosing, Noisy])
def test_a_rule_that_is_not_elementwise_gets_the_whole_tensor(
    kind: type[GenericAdaptiveOptimizer], counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> Any:
        torch.manual_seed(3)  # of which the trace must take nothing
        return kind([noise(*SHAPE).requires_grad_()], lr=0.01, fused=False)

    found = stepped(start())
    assert counted == [1] * 7
    assert same(found, whole(monkeypatch, start()))


def test_a_rule_that_branches_at_each_step_is_traced_a_few_times_only(
    counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counting(Adam):
        def at_step(self, group: Group, t: Any) -> Group:
            return {**super().at_step(group, t), "turn_of": int(t)}

        def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
            super().step_param(state, group, grad * (1 + group["turn_of"] % 3), param)

    monkeypatch.setattr(pieces, "TRACES", 4)
    found = stepped(Counting([noise(*SHAPE).requires_grad_()], fused=False))
    assert counted == [IN_PIECES] * 4 + [1] * 3
    expected = whole(monkeypatch, Counting([noise(*SHAPE).requires_grad_()], fused=False))
    assert same(found, expected)


def shifted() -> tuple[Tensor, Tensor]:
    """A gradient that begins in the middle of its parameter."""
    memory = noise(3000)
    return memory[:2000].requires_grad_(), memory[1000:]


def transposed() -> tuple[Tensor, Tensor]:
    return noise(60, 50).requires_grad_(), noise(50, 60, seed=1).t()


def gaps() -> tuple[Tensor, Tensor]:
    return noise(60, 100)[:, ::2].requires_grad_(), noise(60, 50, seed=1)


def marked() -> tuple[Tensor, Tensor]:
    """A parameter that a rule may recognize."""
    param = noise(60, 50).requires_grad_()
    param.is_bias = True  # type: ignore[attr-defined]
    return param, noise(60, 50, seed=1)


@pytest.mark.parametrize("tensors", [shifted, transposed, gaps, marked])
def test_tensors_that_do_not_lie_alike_are_left_whole(
    tensors: Callable[[], tuple[Tensor, Tensor]],
    counted: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def start() -> Any:
        param, grad = tensors()
        param.grad = grad
        return AdaBelief([param], lr=0.01, weight_decay=0.1, fused=False)

    ours, theirs = start(), start()
    ours.step()
    assert counted == [1]
    monkeypatch.setattr(generic, "LARGE", 10**9)
    theirs.step()
    assert same(snapshot(ours), snapshot(theirs))
