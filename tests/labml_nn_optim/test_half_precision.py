"""Running means of sixteen bits, and parameters whose short steps are not lost."""

from fractions import Fraction
from typing import Any

import pytest
import torch
from torch import Tensor

from labml_nn_optim import AdaBelief, Adam, GenericAdaptiveOptimizer
from labml_nn_optim.half_precision import round_in_turn, turn_at, turns_of
from tests.labml_nn_optim.table import OPTIMIZERS, noise, train

each_class = pytest.mark.parametrize("kind", OPTIMIZERS.values())
SMALL: dict[str, Any] = {"state_dtype": torch.bfloat16}


def neighbors(x: float) -> tuple[float, float]:
    """The bfloat16 numbers around x > 0, from the definition: eight significant bits."""
    exponent = 0
    while Fraction(2) ** (exponent + 1) <= x:
        exponent += 1
    while Fraction(2) ** exponent > x:
        exponent -= 1
    distance = Fraction(2) ** (exponent - 7)
    low = Fraction(x) // distance * distance
    return float(low), float(low + distance)


@pytest.mark.parametrize("x", [1.0039, 0.3333, 511.2, 1e-30, 3.7])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_is_rounded_up_as_often_as_it_lies_above_its_lower_neighbor(
    x: float, sign: int
) -> None:
    exact = torch.tensor(x)
    low, high = neighbors(exact.item())
    share = (exact.item() - low) / (high - low)
    found = [abs(round_in_turn(sign * exact, turn_at(t)).item()) for t in range(1, 1001)]
    assert {*found} <= {low, high}
    assert found.count(high) == pytest.approx(1000 * share, abs=4)  # a lottery would be off by 15
    assert all(sign * round_in_turn(sign * exact, turn_at(t)) > 0 for t in (1, 2))


def test_what_bfloat16_holds_stays_and_so_do_infinity_and_nan() -> None:
    inf, nan = float("inf"), float("nan")
    for dtype in (torch.float32, torch.float64):
        held = torch.tensor([0.0, -0.0, 1.5, -3e38, 2.0**-126, inf, -inf], dtype=dtype).bfloat16()
        for turn in (0.0, 0.3, 0.99999):
            rounded = round_in_turn(held.to(dtype), turn)
            assert torch.equal(rounded.bfloat16().view(torch.int16), held.view(torch.int16))
            assert round_in_turn(torch.tensor([nan, -nan]), turn).isnan().all()


def test_parameters_take_turns_of_their_own_that_are_even_over_time() -> None:
    grad = noise(10_000)
    for turn in (0.0, 0.25, 0.7):
        turns = turns_of(grad, turn)
        assert turns.min() >= 0
        assert turns.max() < 1
        counts = torch.histc(turns, 10, 0, 1)
        assert counts.min() > 850
        assert counts.max() < 1150
    one = torch.stack([turns_of(grad[:50], turn_at(t)) for t in range(100)])
    assert (one.sort(dim=0).values.diff(dim=0).max(dim=0).values < 0.03).all()


@each_class
def test_running_means_have_half_the_memory(kind: type[GenericAdaptiveOptimizer]) -> None:
    params = [noise(33).requires_grad_(), noise(7).bfloat16().requires_grad_()]
    optimizer = kind(params, **SMALL)
    train(optimizer, params, range(3))
    for param in params:
        kinds = {key: value.dtype for key, value in optimizer.state[param].items()}
        assert kinds.pop("step") == torch.float32
        assert {*kinds.values()} == {torch.bfloat16}


@each_class
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("more", [SMALL, {"dithered_rounding": True, **SMALL}])
def test_the_compiled_step_rounds_as_the_plain_step_does(
    kind: type[GenericAdaptiveOptimizer], dtype: torch.dtype, more: dict[str, Any]
) -> None:
    pair = [noise(300, dtype=dtype).requires_grad_() for _ in range(2)]
    optimizers = [kind([pair[0]], fused=True, **more), kind([pair[1]], fused=False, **more)]
    for optimizer, param in zip(optimizers, pair, strict=True):
        train(optimizer, [param], range(9))
    assert "compiled" in repr(optimizers[0])
    torch.testing.assert_close(*pair, rtol=1e-5 if dtype != torch.bfloat16 else 0.01, atol=1e-6)
    differing = sum(
        (ours != optimizers[1].state[pair[1]][key]).float().mean().item()
        for key, ours in optimizers[0].state[pair[0]].items()
    )
    assert differing < 0.05  # a last digit of 32 bits seldom decides the way


def square(steps: int, **more: Any) -> tuple[Tensor, Tensor]:
    """The running mean of squares after gradients that become a hundred times as small."""
    param = torch.zeros(500, requires_grad=True)
    optimizer = Adam([param], **more)
    for t in range(steps):
        param.grad = noise(500, seed=t) * (1 if t < steps // 4 else 0.01)
        optimizer.step()
    return optimizer.state[param]["exp_avg_sq"].float(), param.detach()


def test_a_small_running_mean_follows_one_of_full_precision() -> None:
    exact, _ = square(2000)
    small, _ = square(2000, **SMALL)
    off = small / exact - 1
    assert off.abs().median() < 0.03
    assert off.mean().abs() < 0.01  # neither way on the whole


def test_a_running_mean_rounded_to_the_nearest_would_not_follow() -> None:
    mean = torch.ones(1, dtype=torch.bfloat16)
    for _ in range(2000):
        mean = (0.999 * mean.float()).bfloat16()
    assert mean == 1  # 0.135 in truth
    for t in range(1, 2001):
        mean = round_in_turn(0.999 * mean.float(), turn_at(t)).bfloat16()
    assert mean.item() == pytest.approx(0.999**2000, rel=0.05)


def test_short_steps_move_a_bfloat16_parameter_only_with_dithered_rounding() -> None:
    ends = {}
    for dithered in (False, True):
        param = torch.ones(1000, dtype=torch.bfloat16, requires_grad=True)
        optimizer = Adam([param], lr=1e-4, dithered_rounding=dithered)
        for _ in range(500):
            param.grad = torch.linspace(0.5, 1.5, 1000).bfloat16()
            optimizer.step()
        ends[dithered] = param.detach().float()
    assert (ends[False] == 1).all()
    assert ends[True].mean().item() == pytest.approx(0.95, abs=1e-3)
    assert len(ends[True].unique()) > 1  # not all at once


@pytest.mark.parametrize("given", [torch.float16, torch.float32, "bfloat16", 16])
def test_other_types_are_refused_with_what_is_allowed(given: Any) -> None:
    with pytest.raises(ValueError, match=r"state_dtype must be None or torch\.bfloat16, got"):
        Adam([torch.zeros(1)], state_dtype=given)


def test_a_checkpoint_is_kept_in_the_type_that_the_new_optimizer_asks_for() -> None:
    param = noise(20).requires_grad_()
    full = Adam([param])
    train(full, [param], range(5))
    small = Adam([param], **SMALL)
    small.load_state_dict(full.state_dict())
    assert small.param_groups[0]["state_dtype"] == torch.bfloat16
    assert torch.equal(small.state[param]["exp_avg"], full.state[param]["exp_avg"].bfloat16())
    small.step()
    full.load_state_dict(small.state_dict())
    assert full.state[param]["exp_avg"].dtype == torch.float32
    full.step()


def test_complex_parameters_keep_the_precision_of_their_memory() -> None:
    param = noise(4, 2).view(4, 2)
    param = torch.view_as_complex(param).clone().requires_grad_()
    optimizer = Adam([param], **SMALL)
    param.grad = torch.ones_like(param)
    optimizer.step()
    assert optimizer.state[param]["exp_avg"].dtype == torch.complex64


def test_a_run_that_is_stopped_and_resumed_is_the_same_run() -> None:
    straight, resumed = noise(50).requires_grad_(), noise(50).requires_grad_()
    train(AdaBelief([straight], **SMALL), [straight], range(8))
    first = AdaBelief([resumed], **SMALL)
    train(first, [resumed], range(4))
    then = AdaBelief([resumed], **SMALL)
    then.load_state_dict(first.state_dict())
    train(then, [resumed], range(4, 8))
    assert torch.equal(straight, resumed)


def test_the_default_device_of_torch_is_no_trouble() -> None:
    param, other = noise(5).requires_grad_(), noise(5).requires_grad_()
    train(AdaBelief([param], fused=False, **SMALL), [param], range(6))
    with torch.device("meta"):
        optimizer = AdaBelief([other], fused=False, **SMALL)
        for t in range(6):
            other.grad = noise_on_cpu(5, seed=1000 * t)
            optimizer.step()
    assert torch.equal(param, other)


def noise_on_cpu(*shape: int, seed: int) -> Tensor:
    with torch.device("cpu"):
        return noise(*shape, seed=seed, dtype=torch.float64).float()


def test_a_recorded_step_takes_turns_by_the_count_that_lies_on_the_device() -> None:
    pair = [noise(40).requires_grad_() for _ in range(2)]
    for param, capturable in zip(pair, (False, True), strict=True):
        train(Adam([param], capturable=capturable, fused=False, **SMALL), [param], range(6))
    torch.testing.assert_close(*pair, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("fused", [True, False])
def test_a_precision_asked_for_half_way_is_refused_before_anything_moves(fused: bool) -> None:
    param = torch.nn.Parameter(torch.ones(5))
    optimizer = Adam([param], fused=fused)
    for _ in range(2):
        param.grad = torch.ones(5)
        optimizer.step()
    before = param.detach().clone()
    optimizer.param_groups[0]["state_dtype"] = torch.bfloat16
    with pytest.raises(RuntimeError, match=r"running means of type torch\.float32"):
        optimizer.step()
    assert torch.equal(param, before)
    assert optimizer.state[param]["step"] == 2
