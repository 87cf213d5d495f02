"""
Where the time of our compiled step goes: in the compiled function, and in everything around it.

A step is one call of the compiled function for all tensors of a group. What that call does not
account for is Python: looking at each tensor, and computing the numbers of step t. Torch's step and
the memory floor are timed in turns with ours.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.subjects import FLOOR, REFERENCE, Subject
from benchmarks.timing import Turn, start
from benchmarks.workloads import Workload
from labml_nn_optim.engine.running import OnCPU

BYTES = 28  # for each number: read four, write three


def measure(subject: Subject, workload: Workload, rounds: int = 41) -> dict[str, Any]:
    """The step of median length, taken apart."""
    grads = [param.detach().clone() for param in start(workload.shapes)]
    turn, *others = (Turn(each, workload.shapes, grads) for each in (subject, REFERENCE, FLOOR))
    for _ in range(7):
        turn.step()
    calls: list[float] = []
    steps: list[tuple[float, float, int]] = []
    beside: dict[str, list[float]] = {other.subject.name: [] for other in others}
    with timed(calls):
        for _ in range(rounds):
            calls.clear()
            seconds = turn.step()
            steps.append((seconds, sum(calls), len(calls)))
            for other in others:
                beside[other.subject.name].append(other.step())
    seconds, compiled, count = sorted(steps)[len(steps) // 2]
    numbers = sum(grad.numel() for grad in grads)
    return {
        "subject": subject.name,
        "workload": workload.name,
        "tensors": len(grads),
        "calls": count,
        "microseconds": 1e6 * seconds,
        "compiled_microseconds": 1e6 * compiled,
        "rest_microseconds": 1e6 * (seconds - compiled),
        "gigabytes_per_second": BYTES * numbers / compiled / 1e9,
        "beside": {name: 1e6 * median(samples) for name, samples in beside.items()},
    }


@contextmanager
def timed(calls: list[float]) -> Iterator[None]:
    """Note how long each call of the compiled function takes."""
    run: Callable[..., None] = OnCPU.run

    def noted(*arguments: Any) -> None:
        begin = time.perf_counter()
        run(*arguments)
        calls.append(time.perf_counter() - begin)

    with patch.object(OnCPU, "run", noted):
        yield
