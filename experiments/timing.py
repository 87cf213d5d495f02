"""Time per step, measured apart from the experiments.

The experiments run side by side, on a machine that may be busy, so their times say little. Here the
optimizers take turns on one model, a few steps each, again and again. Whatever slows the machine
down for a while slows them all down, and cancels in the ratio.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Iterable
from itertools import repeat
from typing import Any

import torch

from experiments import tasks
from experiments.optimizers import COMPETITORS
from experiments.results import RECORDED, command, made, store
from experiments.runs import Run
from experiments.statistics import interval
from experiments.training import Task

ROUNDS, STEPS = 100, 10
# What another ε or schedule costs is no question.
TIMED = {name: one for name, one in COMPETITORS.items() if not one.only}
STANDARD = "torch-adam"


def measure(task: Task) -> tuple[float, float]:
    """Microseconds of the optimizer's own step, and of the whole training step."""
    optimizer = next(iter(task.optimizers.values()))
    task.step()  # leaves gradients behind
    start = time.perf_counter()
    for _ in range(STEPS):
        optimizer.step()
    middle = time.perf_counter()
    for _ in range(STEPS):
        task.step()
    end = time.perf_counter()
    return 1e6 * (middle - start) / STEPS, 1e6 * (end - middle) / STEPS


def rounded(times: Iterable[float]) -> list[float]:
    return [round(each, 1) for each in times]


def row(name: str, samples: dict[str, list[list[float]]]) -> dict[str, Any]:
    """What the page says of one optimizer."""
    own, whole = samples[name]
    pairs = zip(own, samples[STANDARD][0], strict=True)
    # Of logarithms, so that a pause in one of the two weighs the same as one in the other.
    found = interval([math.log(a / b) for a, b in pairs], len(TIMED) - 1)
    return {
        "optimizer": name,
        "title": COMPETITORS[name].title,
        "step": round(statistics.median(own), 1),
        "whole": round(statistics.median(whole), 1),
        "ratio": [round(math.exp(end), 5) for end in (found.mean, found.low, found.high)],
    }


def main() -> None:
    torch.set_num_threads(1)
    trainings = {
        name: tasks.make(Run("digits", name, 1e-5, one.weight_decay, 0, 1))
        for name, one in TIMED.items()
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in trainings}
    order = random.Random(0)
    for done in range(ROUNDS + 2):
        # In another order each time: whoever follows a small one finds the cache warmer.
        for name in order.sample(list(trainings), len(trainings)):
            times[name].append(measure(trainings[name]))
        print(f"\r{done + 1} of {ROUNDS + 2} rounds", end="", file=sys.stderr)
    print(file=sys.stderr)
    # The first two rounds are for warming up.
    samples = {
        name: [*map(rounded, zip(*values[2:], strict=True))] for name, values in times.items()
    }
    tensors = sum(1 for _ in trainings[STANDARD].modules["model"].parameters())
    load = round(os.getloadavg()[0], 1)
    data = {
        "how": {"rounds": ROUNDS, "steps": STEPS, "tensors": tensors, "load": load},
        "made": {**made(), "command": command()},
        "rows": [*map(row, samples, repeat(samples))],
        "samples": {name: {"step": own, "whole": whole} for name, (own, whole) in samples.items()},
    }
    text = re.sub(
        r"\[[^][{}\"]*\]", lambda found: " ".join(found[0].split()), json.dumps(data, indent=1)
    )
    print(f"recorded {store(RECORDED / 'timing.json', text + chr(10))}")


if __name__ == "__main__":
    main()
