"""
Where the time of our compiled step goes: row by row, and what is left for everything else.

A step is a few dozen calls of the compiled code, one for each long parameter and one for each
bucket of small ones. Each call is timed; what no call accounts for is the looking after them.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from benchmarks.subjects import Subject
from benchmarks.timing import Turn, start
from benchmarks.workloads import Workload
from labml_nn_optim.engine.rows import Bucket, Row

BYTES = 28  # for each number: read four, write three

Call = tuple[str, int, float]


def measure(subject: Subject, workload: Workload, rounds: int = 41) -> dict[str, Any]:
    """The step of median length, taken apart."""
    grads = [param.detach().clone() for param in start(workload.shapes)]
    turn = Turn(subject, workload.shapes, grads)
    for _ in range(7):
        turn.step()
    calls: list[Call] = []
    steps: list[tuple[float, list[Call]]] = []
    with timed(Row, calls), timed(Bucket, calls):
        for _ in range(rounds):
            calls.clear()
            steps.append((turn.step(), list(calls)))
    steps.sort(key=lambda step: step[0])
    seconds, parts = steps[len(steps) // 2]
    return {
        "subject": subject.name,
        "workload": workload.name,
        "microseconds": 1e6 * seconds,
        "parts": list(grouped(parts)),
        "rest_microseconds": 1e6 * (seconds - sum(each for _, _, each in parts)),
    }


@contextmanager
def timed(kind: type[Row], calls: list[Call]) -> Iterator[None]:
    """Note how long each call of `run` takes."""
    run: Callable[..., None] = kind.run
    name = "bucket" if issubclass(kind, Bucket) else "row"

    def noted(row: Row, *arguments: Any) -> None:
        begin = time.perf_counter()
        run(row, *arguments)
        seconds = time.perf_counter() - begin
        calls.append((name, sum(param.numel() for param in row.params), seconds))

    with patch.object(kind, "run", noted):
        yield


def grouped(calls: list[Call]) -> Iterator[dict[str, Any]]:
    """Calls of one kind and size together, the longest rows first."""
    counts = Counter((name, size) for name, size, _ in calls)
    for (name, size), count in sorted(counts.items(), key=lambda item: -item[0][1]):
        seconds = sum(each for *kind, each in calls if kind == [name, size])
        yield {
            "what": name,
            "numbers": size,
            "count": count,
            "microseconds": 1e6 * seconds,
            "gigabytes_per_second": BYTES * size * count / seconds / 1e9,
        }
