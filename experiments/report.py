"""What is kept of the results: the experiment in a few words, and a row for each run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from experiments import tasks, walks
from experiments.optimizers import competing
from experiments.plan import Find, Plan
from experiments.toys import Surface


def about(plan: Plan, find: Find) -> dict[str, Any]:
    """What the page has to know of an experiment."""
    design = plan.design
    more = {}
    if issubclass(tasks.find(plan.task), Surface):
        settings = {name: plan.stages(name, find)[1][0] for name in competing(plan.task)}
        more["picture"] = walks.picture(plan.task, settings)
    return {
        "task": plan.task,
        "title": design.title,
        "metric": design.metric,
        "unit": design.unit,
        "better": design.better,
        "steps": plan.steps,
        "betas": list(tasks.find(plan.task).betas),
        "optimizers": {name: one.title for name, one in competing(plan.task).items()},
        **more,
    }


def rows(plan: Plan, find: Find) -> Iterator[dict[str, Any]]:
    """One row for each run: of tuning runs only how they ended, of reported ones the curves."""
    for name in competing(plan.task):
        tuning, reports = plan.stages(name, find)
        for stage, runs in (("tuning", tuning), ("report", reports)):
            for run in runs:
                result = find(run)
                if result is None:
                    raise ValueError(f"{run.task}: {run.name} has no result")
                record = result["record"]
                if stage == "tuning":
                    record = {"validation": record["validation"][-1:]}
                yield {
                    "stage": stage,
                    "optimizer": name,
                    "lr": run.lr,
                    "weight_decay": run.weight_decay,
                    "seed": run.seed,
                    "record": slim(record),
                }


def slim(record: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Five digits, and without what no page shows."""
    return {
        name: [value if value is None else float(f"{value:.5g}") for value in values]
        for name, values in record.items()
        if name not in ("x", "y", "distance")
    }
