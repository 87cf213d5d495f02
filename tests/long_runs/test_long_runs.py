"""
Runs of a million steps: the count stays exact, and nothing piles up.

A million steps are too many for a test. So these begin just before the step in question, and
`python -m benchmarks.long_run` takes all of them.
"""

import gc
import sys
import tracemalloc
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam
from tests.distributed.problem import has_fused
from tests.labml_nn_optim.allocations import Allocations
from tests.labml_nn_optim.table import MODES, OPTIMIZERS, make, noise, same, train

each_mode = pytest.mark.parametrize("mode", MODES)
needs_fused = pytest.mark.skipif(not has_fused(), reason="fused step not available yet")
MILLION = 10**6
LAST_EXACT = 2**24  # float32 has no number between this one and the next but one


def params_of(count: int = 2) -> list[torch.Tensor]:
    return [noise(4, seed=place).requires_grad_() for place in range(count)]


def after(steps: int, mode: str, **settings: Any) -> tuple[Optimizer, list[torch.Tensor]]:
    """A run that has taken so many steps, as far as it knows."""
    params = params_of()
    optimizer = make(mode, params, **settings)
    train(optimizer, params, range(10))
    for param in params:
        optimizer.state[param]["step"].fill_(steps)
    return optimizer, params


def counts(optimizer: Optimizer) -> set[float]:
    return {state["step"].item() for state in optimizer.state.values()}


@each_mode
def test_every_step_to_a_million_and_beyond_is_counted(mode: str) -> None:
    optimizer, params = after(MILLION - 50, mode)
    train(optimizer, params, range(100))
    assert counts(optimizer) == {MILLION + 50}


def test_five_thousand_steps_are_counted_one_by_one() -> None:
    param = noise(4).requires_grad_()
    param.grad = noise(4, seed=1)
    optimizer = AdaBelief([param])
    for _ in range(5_000):
        optimizer.step()
    assert counts(optimizer) == {5_000}


@pytest.mark.parametrize(
    ("ours", "theirs"), [(Adam, torch.optim.Adam)], ids=lambda kind: kind.__module__
)
def test_the_count_stops_at_the_last_number_float32_can_count_to_as_in_torch(
    ours: type[Optimizer], theirs: type[Optimizer]
) -> None:
    ends = []
    for kind in (ours, theirs):
        params = params_of()
        optimizer = kind(params)
        train(optimizer, params, range(1))
        for param in params:
            optimizer.state[param]["step"].fill_(LAST_EXACT - 2)
        train(optimizer, params, range(5))
        assert counts(optimizer) == {LAST_EXACT}
        ends.append(params)
    for one, other in zip(*ends, strict=True):
        torch.testing.assert_close(one, other)


@each_mode
def test_a_count_that_stands_still_changes_no_step(mode: str) -> None:
    # By then both bias corrections have been 1, and the rectification constant, for long.
    optimizer, _ = after(LAST_EXACT, mode)
    group = optimizer.param_groups[0]
    assert optimizer.at_step(group, LAST_EXACT) == optimizer.at_step(group, 10 * LAST_EXACT)


@each_mode
def test_a_late_step_makes_no_more_tensors_than_an_early_one(mode: str) -> None:
    peaks = []
    for steps in (10, MILLION):
        optimizer, params = after(steps, mode)
        with Allocations() as allocations:
            train(optimizer, params, range(1))
        peaks.append((allocations.peak, allocations.narrow))
    assert peaks[0] == peaks[1]


@pytest.mark.parametrize("fused", [False, pytest.param(True, marks=needs_fused)])
@pytest.mark.parametrize("mode", OPTIMIZERS)
def test_nothing_piles_up(mode: str, fused: bool) -> None:
    optimizer, _ = after(MILLION, mode, fused=fused)
    optimizer.step()  # compiles, if it has to
    tracemalloc.start()
    try:
        held = []
        for _ in range(5):
            for _ in range(200):
                optimizer.step()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # Python and torch keep some memory for reuse, so a little comes and goes. If each step left
    # only one number behind, each round would gain more.
    gains = [late - early for early, late in pairwise(held)]
    assert min(gains) < 200 * sys.getsizeof(1.0), gains


@pytest.mark.parametrize("fused", [False, pytest.param(True, marks=needs_fused)])
@pytest.mark.parametrize("mode", MODES)
def test_a_run_resumed_again_and_again_equals_the_unbroken_one(mode: str, fused: bool) -> None:
    if fused and mode not in OPTIMIZERS:
        pytest.skip("compiling takes seconds; one mode of each class")
    whole = params_of(3)
    train(make(mode, whole, fused=fused), whole, range(24))
    for every in (1, 3, 7):
        params = params_of(3)
        optimizer = make(mode, params, fused=fused)
        for first in range(0, 24, every):
            params = [param.detach().clone().requires_grad_() for param in params]
            resumed = make(mode, params, fused=fused)
            resumed.load_state_dict(optimizer.state_dict())
            optimizer = resumed
            train(optimizer, params, range(first, min(first + every, 24)))
        assert same(params, whole), f"resumed every {every} steps"
