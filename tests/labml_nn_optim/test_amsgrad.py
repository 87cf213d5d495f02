"""What the page about AMSGrad says of it is true."""

from collections.abc import Callable
from itertools import cycle, islice

import pytest
import torch
from torch.optim import Optimizer

from labml_nn_optim import Adam, AMSGrad
from tests.labml_nn_optim.table import noise
from tests.labml_nn_optim.walking import moves

# The example of Theorem 1, with C = 3: a large gradient, then two small ones the other way.
GRADS = (3.0, -1.0, -1.0)


def last_round(kind: type[Optimizer]) -> list[float]:
    """The last three moves of many, in units of the step size."""
    walk = moves(
        lambda params: kind(params, lr=1.0, betas=(0.0, 0.1), eps=0), islice(cycle(GRADS), 300)
    )
    return walk[-3:]


def confined(kind: Callable[..., Optimizer], steps: int = 3000) -> float:
    """Where the example ends on −1 ≤ θ ≤ 1."""
    param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = kind([param], lr=0.01, betas=(0.0, 0.1))
    for grad in islice(cycle(GRADS), steps):
        param.grad = torch.full_like(param, grad)
        optimizer.step()
        with torch.no_grad():
            param.clamp_(-1, 1)
    return param.item()


def test_adam_moves_as_far_as_the_page_says() -> None:
    assert [round(move, 2) for move in last_round(Adam)] == [-1.05, 0.76, 0.97]


def test_the_three_moves_of_adam_follow_from_a_closed_form() -> None:
    # v after the large gradient is the fixed point of three updates.
    large = (0.9 * 9 + 0.1 * 0.9 + 0.01 * 0.9) / (1 - 0.1**3)
    first = 0.1 * large + 0.9
    second = 0.1 * first + 0.9
    expected = [-3 / large**0.5, 1 / first**0.5, 1 / second**0.5]
    assert last_round(Adam) == pytest.approx(expected, rel=1e-9)
    assert sum(expected) > 0


def test_adam_walks_to_the_worst_point_and_amsgrad_to_the_best() -> None:
    assert confined(Adam) == pytest.approx(1.0, abs=0.02)
    assert confined(AMSGrad) == pytest.approx(-1.0, abs=0.02)


def test_the_maximum_makes_no_gradient_weigh_more_for_coming_late() -> None:
    large, first, second = last_round(AMSGrad)
    assert first == pytest.approx(second)
    assert large == pytest.approx(-3 * first)


def test_the_denominator_never_shrinks() -> None:
    param = torch.zeros(5, requires_grad=True)
    optimizer = AMSGrad([param], betas=(0.9, 0.5))
    largest = torch.zeros(5)
    for t in range(30):
        param.grad = noise(5, seed=t) * (10 if t == 4 else 1)
        optimizer.step()
        state = optimizer.state[param]
        largest = torch.maximum(largest, state["exp_avg_sq"])
        assert torch.equal(state["max_exp_avg_sq"], largest)
    assert (largest > 5 * optimizer.state[param]["exp_avg_sq"]).any()


def test_without_the_switch_it_is_adam_and_keeps_no_maximum() -> None:
    grads = noise(30, dtype=torch.float64).tolist()
    assert moves(lambda params: AMSGrad(params, amsgrad=False), grads) == moves(Adam, grads)
    param = torch.zeros(1, requires_grad=True)
    optimizer = AMSGrad([param], amsgrad=False)
    param.grad = torch.ones(1)
    optimizer.step()
    assert optimizer.state[param].keys() == {"step", "exp_avg", "exp_avg_sq"}


def test_a_corrected_maximum_is_large_from_the_first_step_and_stays() -> None:
    # The corrected mean starts as a single square; the uncorrected one at a thousandth of it.
    grads = [3.0, *[1.0] * 500]
    v, corrected, uncorrected = 0.0, 0.0, 0.0
    for t, g in enumerate(grads, start=1):
        v = 0.999 * v + 0.001 * g * g
        corrected, uncorrected = max(corrected, v / (1 - 0.999**t)), max(uncorrected, v)
    assert corrected == pytest.approx(9)
    assert uncorrected / (1 - 0.999 ** len(grads)) == pytest.approx(1, rel=0.05)
