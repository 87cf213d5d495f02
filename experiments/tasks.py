"""The experiments by name."""

from __future__ import annotations

from experiments import digits, gan, text, toys
from experiments.runs import Run
from experiments.training import Task

TASKS: dict[str, type[Task]] = {
    **digits.VARIANTS,
    **text.VARIANTS,
    **gan.VARIANTS,
    **toys.VARIANTS,
}


def find(name: str) -> type[Task]:
    """The task of that name. Raises `ValueError` for another, and lists the right ones."""
    if name not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}; got {name!r}")
    return TASKS[name]


def make(run: Run) -> Task:
    """The task of a run, at its beginning."""
    return find(run.task)(run)
