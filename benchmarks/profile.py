"""
Where the time of our compiled step goes: row by row, and what is left for everything else.

A step is some calls of the compiled code, one for each long parameter and one for each bucket of
small ones, which are copied into it and back. Each call is timed, and so is the compiled code
within. What no call accounts for is the looking after them. Torch's step and the memory floor are
timed in turns with ours.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple
from unittest.mock import patch

from benchmarks.subjects import FLOOR, REFERENCE, Subject
from benchmarks.timing import Turn, start
from benchmarks.workloads import Workload
from labml_nn_optim.engine.rows import Bucket, Row

BYTES = 28  # for each number: read four, write three


class Kind(NamedTuple):
    """Calls that are alike."""

    what: str
    tensors: int
    numbers: int


class Call(NamedTuple):
    """The seconds of one call, and of the compiled code in it."""

    kind: Kind
    whole: float
    compiled: float


def measure(subject: Subject, workload: Workload, rounds: int = 41) -> dict[str, Any]:
    """The step of median length, taken apart."""
    grads = [param.detach().clone() for param in start(workload.shapes)]
    turn, *others = (Turn(each, workload.shapes, grads) for each in (subject, REFERENCE, FLOOR))
    for _ in range(7):
        turn.step()
    calls: list[Call] = []
    steps: list[tuple[float, list[Call]]] = []
    beside: dict[str, list[float]] = {other.subject.name: [] for other in others}
    with timed(Row, calls), timed(Bucket, calls):
        for _ in range(rounds):
            calls.clear()
            steps.append((turn.step(), list(calls)))
            for other in others:
                beside[other.subject.name].append(other.step())
    steps.sort(key=lambda step: step[0])
    seconds, parts = steps[len(steps) // 2]
    return {
        "subject": subject.name,
        "workload": workload.name,
        "microseconds": 1e6 * seconds,
        "parts": list(grouped(parts)),
        "rest_microseconds": 1e6 * (seconds - sum(call.whole for call in parts)),
        "beside": {name: 1e6 * median(samples) for name, samples in beside.items()},
    }


@contextmanager
def timed(kind: type[Row], calls: list[Call]) -> Iterator[None]:
    """Note how long each call of `run` takes, and the compiled code that it is given."""
    run: Callable[..., None] = kind.run
    name = "bucket" if issubclass(kind, Bucket) else "row"

    def noted(row: Row, kernel: Callable[..., None], *arguments: Any) -> None:
        compiled: list[float] = []

        def noted_kernel(*tensors: Any) -> None:
            begin = time.perf_counter()
            kernel(*tensors)
            compiled.append(time.perf_counter() - begin)

        begin = time.perf_counter()
        run(row, noted_kernel, *arguments)
        seconds = time.perf_counter() - begin
        numbers = sum(param.numel() for param in row.params)
        calls.append(Call(Kind(name, len(row.params), numbers), seconds, sum(compiled)))

    with patch.object(kind, "run", noted):
        yield


def grouped(calls: list[Call]) -> Iterator[dict[str, Any]]:
    """Calls of one kind together, the longest rows first."""
    for kind in sorted({call.kind for call in calls}, key=lambda kind: -kind.numbers):
        alike = [call for call in calls if call.kind == kind]
        compiled = sum(call.compiled for call in alike)
        yield {
            **kind._asdict(),
            "count": len(alike),
            "microseconds": 1e6 * sum(call.whole for call in alike),
            "compiled_microseconds": 1e6 * compiled,
            "gigabytes_per_second": BYTES * kind.numbers * len(alike) / compiled / 1e9,
        }
