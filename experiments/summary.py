"""What a recorded experiment says: means, intervals, and who can be told apart from whom.

Needs nothing but Python's library, so that the site is built without torch.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments import sources
from experiments.statistics import Interval, paired, standard_error

Row = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """A step size and a weight decay that were tried, and how they did on the validation set."""

    lr: float
    weight_decay: float
    score: float | None


class Experiment:
    """One file of recorded results."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.task: str = data["task"]
        self.titles: dict[str, str] = data["optimizers"]
        self.higher: bool = data["better"] == "higher"

    @classmethod
    def read(cls, path: Path) -> Experiment:
        """Raises `ValueError` for a file that is damaged, and says what to do."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(data)
        except (ValueError, KeyError, TypeError) as error:
            remedy = "remove it and run `make experiments`"
            raise ValueError(f"{path.name} is damaged ({error}); {remedy}") from error

    @property
    def stale(self) -> bool:
        """Whether the experiment's code has changed since."""
        recorded: str = self.data["key"].split("-")[0]
        return recorded != sources.of_task(self.task)

    @cached_property
    def reports(self) -> dict[str, list[Row]]:
        """The reported runs of each optimizer, in the order of their seeds."""
        return {
            name: sorted(
                (row for row in self.rows("report") if row["optimizer"] == name),
                key=lambda row: row["seed"],
            )
            for name in self.titles
        }

    def rows(self, stage: str) -> list[Row]:
        return [row for row in self.data["rows"] if row["stage"] == stage]

    def chosen(self, name: str) -> Setting:
        """The setting that the optimizer was reported with."""
        row = self.reports[name][0]
        return Setting(row["lr"], row["weight_decay"], None)

    def finals(self, name: str, what: str = "test") -> list[float | None]:
        """What each reported run ended with; none for one that came to nothing."""
        return [row["record"][what][-1] for row in self.reports[name]]

    def areas(self, name: str) -> list[float | None]:
        """The mean training loss over each whole run: small when it fell soon."""
        return [area(row["record"]["loss"], row["record"]["step"]) for row in self.reports[name]]

    def curve(self, name: str, what: str) -> list[tuple[float, float, float]]:
        """Step, mean and standard error, at each recorded step that all runs reached."""
        records = [row["record"] for row in self.reports[name]]
        points, steps = [], records[0]["step"]
        if what == "loss" and len(steps) > 2 and steps[-1] - steps[-2] < steps[1] - steps[0]:
            steps = steps[:-1]  # the mean over fewer steps than the others
        for i, step in enumerate(steps):
            values = [record[what][i] for record in records if i < len(record["step"])]
            if len(values) < len(records) or None in values:
                break
            points.append((step, statistics.fmean(values), standard_error(values)))
        return points

    def tuning(self, name: str) -> list[Setting]:
        """All settings that were tried, in the order of trying."""
        scores: dict[tuple[float, float], list[float | None]] = {}
        for row in self.rows("tuning"):
            if row["optimizer"] == name:
                place = scores.setdefault((row["lr"], row["weight_decay"]), [])
                place.append(row["record"]["validation"][-1])
        return [
            Setting(lr, decay, None if None in values else mean(values))
            for (lr, decay), values in scores.items()
        ]

    def at_edge(self, name: str) -> bool:
        """Whether the best step size is the smallest or the largest that was tried."""
        sizes = sorted({setting.lr for setting in self.tuning(name)})
        return self.chosen(name).lr in (sizes[0], sizes[-1])

    def compare(
        self, ours: list[float | None], theirs: list[float | None], comparisons: int
    ) -> Interval | None:
        """Ours minus theirs, seed by seed; none when a run of either came to nothing."""
        if None in ours or None in theirs:
            return None
        return paired(numbers(ours), numbers(theirs), comparisons)


def area(means: list[float | None], steps: list[int]) -> float | None:
    """The mean over all steps, of means over the steps since the record before."""
    if None in means:
        return None
    counts = [step - before for before, step in zip([0, *steps], steps, strict=False)]
    return statistics.fmean(numbers(means), weights=counts)


def numbers(values: list[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def mean(values: list[float | None]) -> float:
    return statistics.fmean(numbers(values))


def scatter(values: list[float | None]) -> list[float | None]:
    """How far each value lies from the median: large where training is not reliable."""
    if None in values:
        return [None]
    middle = statistics.median(numbers(values))
    return [abs(value - middle) for value in numbers(values)]
