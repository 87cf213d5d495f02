"""Which runs there are: the same tuning for everyone, then fresh seeds at the chosen setting.

Each optimizer tries every step size of its grid, on seeds that serve no other purpose. Where weight
decay matters, it then tries several decays at the best step size. With the setting that did best on
the *validation* set it is trained anew, with other seeds, and only these runs are reported, by
their *test* set.

A later stage depends on the results of an earlier one, so the plan is asked again and again what is
still to be done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.optimizers import COMPETITORS, competing
from experiments.runs import Run

Result = dict[str, Any]
Find = Callable[[Run], Result | None]

TUNING_SEEDS = (1000, 1001)
REPORT_SEEDS = tuple(range(8))


def rates(low: float, count: int) -> tuple[float, ...]:
    """Step sizes from `low`, a power of ten, upwards: 1, 3, 10, 30, … times as large."""
    exponent = round(math.log10(low))
    values = [10.0 ** (exponent + i // 2) * (3 if i % 2 else 1) for i in range(count)]
    return tuple(float(f"{value:.1g}") for value in values)


@dataclass(frozen=True)
class Design:
    """How one experiment is tuned.

    * `title`: its heading
    * `metric`, `unit`: what the test set measures
    * `better`: `"higher"` or `"lower"`
    * `adaptive`, `sgd`: the step sizes to try; as many of one as of the other
    * `decays`: the decays to try beside none, coupled and decoupled; empty where it matters little
    """

    title: str
    metric: str
    unit: str
    better: str
    adaptive: tuple[float, ...]
    sgd: tuple[float, ...]
    decays: Mapping[bool, tuple[float, ...]] = field(default_factory=dict)


DIGITS = ("accuracy on test images", "%", "higher", rates(1e-3, 6), rates(1e-3, 6))
TEXT = ("bits per character on test text", "bits", "lower", rates(1e-3, 6), rates(1e-2, 6))
WALK = ("steps until it has settled", "steps", "lower", rates(1e-2, 6))
# As many values for coupled decay as for decoupled; the latter is multiplied by the step size.
DECAYS = {False: (1e-4, 1e-3, 1e-2), True: (0.1, 0.3, 1.0)}

DESIGNS = {
    "digits": Design("Digits", *DIGITS),
    "digits-hard": Design("Harder digits", *DIGITS, decays=DECAYS),
    "lstm": Design("Text, LSTM", *TEXT),
    "transformer": Design("Text, transformer", *TEXT),
    "gan": Design("GAN", "Fréchet distance", "", "lower", rates(1e-4, 6), rates(1e-3, 6)),
    "absolute": Design("|x| + |y|", *WALK, rates(1e-4, 6)),
    "valley": Design("|x + y| + |x − y| / 10", *WALK, rates(1e-4, 6)),
    "bowl": Design("(x + y)² + (x − y)² / 10", *WALK, rates(1e-3, 6)),
    "beale": Design("Beale's function", *WALK, rates(1e-4, 6)),
    "rosenbrock": Design("Rosenbrock's function", *WALK, rates(1e-4, 6)),
    "trap": Design(
        "The trap", "mean distance from the best place", "", "lower", rates(1e-3, 6), rates(1e-4, 6)
    ),
}


@dataclass(frozen=True)
class Plan:
    """All runs of one experiment; `quick` shrinks it to a rehearsal."""

    task: str
    steps: int
    quick: bool = False

    @property
    def design(self) -> Design:
        return DESIGNS[self.task]

    @property
    def tuning_seeds(self) -> tuple[int, ...]:
        return TUNING_SEEDS[:1] if self.quick else TUNING_SEEDS

    @property
    def report_seeds(self) -> tuple[int, ...]:
        return REPORT_SEEDS[:2] if self.quick else REPORT_SEEDS

    def grid(self, name: str) -> list[Run]:
        """The first stage: a run for each step size and tuning seed."""
        competitor = COMPETITORS[name]
        sizes = self.design.adaptive if competitor.adaptive else self.design.sgd
        # A rehearsal tries two values in the middle.
        sizes = sizes[2:4] if self.quick else sizes
        return [
            Run(self.task, name, lr, competitor.weight_decay, seed, self.steps)
            for lr in sizes
            for seed in self.tuning_seeds
        ]

    def decays(self, best: Run) -> list[Run]:
        """The second stage: other weight decays at the best step size."""
        values = self.design.decays.get(COMPETITORS[best.optimizer].decoupled, ())
        values = values[:1] if self.quick else values
        return [
            replace(best, weight_decay=value, seed=seed)
            for value in values
            for seed in self.tuning_seeds
        ]

    def reports(self, best: Run) -> list[Run]:
        """The last stage: other seeds at the best setting."""
        return [replace(best, seed=seed) for seed in self.report_seeds]

    def best(self, runs: Iterable[Run], find: Find) -> Run | None:
        """The setting with the best mean on the validation set; none while results are missing."""
        scores: dict[Run, list[float]] = {}
        for run in runs:
            result = find(run)
            if result is None:
                return None
            value = result["record"]["validation"][-1]
            sign = -1.0 if self.design.better == "higher" else 1.0
            # A training that came to nothing is the worst there is.
            score = math.inf if value is None else sign * value
            scores.setdefault(replace(run, seed=0), []).append(score)
        # The first of equals: the smaller step size.
        return min(scores, key=lambda run: sum(scores[run]))

    def stages(self, name: str, find: Find) -> tuple[list[Run], list[Run]]:
        """An optimizer's runs as far as they are known: for tuning, and to report."""
        tuning = self.grid(name)
        best = self.best(tuning, find)
        if best is None:
            return tuning, []
        tuning += self.decays(best)
        best = self.best(tuning, find)
        return tuning, self.reports(best) if best else []

    def missing(self, find: Find) -> list[Run]:
        """What can be done now."""
        runs: list[Run] = []
        for name in competing(self.task):
            tuning, reports = self.stages(name, find)
            runs += [run for run in tuning + reports if find(run) is None]
        return runs

    def count(self) -> int:
        """How many runs there are in all."""
        total = 0
        for name in competing(self.task):
            first = self.grid(name)
            total += len(first) + len(self.decays(first[0])) + len(self.report_seeds)
        return total
