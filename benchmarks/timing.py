"""
Who takes how long, side by side.

All subjects are made and warmed up first. Then come rounds; in each, every subject takes its turn,
in random order. What disturbs the machine for a while disturbs all of them, and a ratio of two
times from one round is worth more than one of two runs.
"""

import gc
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import Tensor

from benchmarks.memory import kept_bytes, peak_bytes
from benchmarks.subjects import FLOOR, REFERENCE, Stepping, Subject
from benchmarks.workloads import Shapes, Workload


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    rounds: tuple[int, int] = (9, 31)
    """At least, at most; in between, the time for one workload decides."""
    seconds: float = 30
    warm_up: int = 7
    """Steps before the first that counts. A rectified step is of another kind until the sixth."""
    turn: float = 0.02
    """Seconds that the reference should step in one turn, so that the clock's own cost vanishes."""
    gigabytes: float = 11
    """Subjects that need more than this together are measured a few at a time."""
    most_in_one: int = 120
    """Tensors, for those who compile all of them into one program."""


class Turn:
    """One subject, its own parameters, and gradients that all share."""

    def __init__(self, subject: Subject, shapes: Shapes, grads: list[Tensor]) -> None:
        self.subject, self.grads = subject, grads
        self.params = start(shapes)
        self.give_gradients()
        self.optimizer: Stepping = subject.make(self.params)
        self.first = self.step()

    def give_gradients(self) -> None:
        for param, grad in zip(self.params, self.grads, strict=True):
            param.grad = grad

    def step(self) -> float:
        """The seconds of one step."""
        if self.params[0].grad is None:  # heavyball's step takes them away
            self.give_gradients()
        begin = time.perf_counter()
        self.optimizer.step()
        return time.perf_counter() - begin

    def take(self, steps: int) -> float:
        """The seconds of a step. Where there are many, one more goes first and wakes the caches."""
        if steps > 1:
            self.step()
        return sum(self.step() for _ in range(steps)) / steps


def start(shapes: Shapes) -> list[Tensor]:
    """The same starting point, each time it is asked for."""
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes]


def heats(subjects: list[Subject], workload: Workload, gigabytes: float) -> Iterator[list[Subject]]:
    """As many at a time as fit in memory; the reference and the floor are always there."""
    always = [subject for subject in subjects if subject in (REFERENCE, FLOOR)]
    rest = [subject for subject in subjects if subject not in always]
    bytes_each = workload.parameters * 3 * 4
    size = max(1, int(gigabytes * 1e9 / bytes_each) - len(always))
    for i in range(0, len(rest), size):
        yield always + rest[i : i + size]


def measure(workload: Workload, subjects: list[Subject], plan: Plan) -> dict[str, Any]:
    """Everything about one workload, as it is recorded."""
    generator = torch.Generator().manual_seed(1)
    grads = [torch.randn(shape, generator=generator) for shape in workload.shapes]
    lots = list(heats(subjects, workload, plan.gigabytes))
    recorded = [heat(workload, lot, grads, plan, plan.seconds / len(lots)) for lot in lots]
    return {
        "name": workload.name,
        "tensors": len(workload.shapes),
        "parameters": workload.parameters,
        "heats": [milliseconds for milliseconds, _ in recorded],
        "subjects": {name: fact for _, facts in recorded for name, fact in facts.items()},
    }


def heat(
    workload: Workload, subjects: list[Subject], grads: list[Tensor], plan: Plan, seconds: float
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Milliseconds of each subject, round by round; and what else there is to know of each."""
    gc.unfreeze()
    gc.collect()  # the heat before this one must not take its memory
    facts: dict[str, Any] = {}
    turns = []
    for subject in subjects:
        facts[subject.name], turn = prepare(subject, workload, grads, plan)
        turns += [turn] if turn else []
    samples = rounds(turns, grads, plan, seconds)
    for turn in turns:
        facts[turn.subject.name] |= outcome(turn, turns, workload)
    for turn in turns:
        turn.give_gradients()
        peak = peak_bytes(turn.optimizer)  # takes one more step, so it comes last
        facts[turn.subject.name]["peak_share"] = peak / (4 * workload.parameters)
    return samples, facts


def rounds(
    turns: list[Turn], grads: list[Tensor], plan: Plan, seconds: float
) -> dict[str, list[float]]:
    """Each takes its turn, again and again. All take the same number of steps."""
    paces = [turn.step() for turn in turns]  # the first is the reference's
    steps = max(1, min(ceil(plan.turn / paces[0]), 100))
    samples: dict[str, list[float]] = {turn.subject.name: [] for turn in turns}
    begin = time.perf_counter()
    gc.collect()
    gc.disable()
    try:
        for done in range(plan.rounds[1]):
            if done >= plan.rounds[0] and time.perf_counter() - begin > seconds:
                break
            for grad in grads:
                grad.neg_()  # else the running mean meets the gradient, and nothing surprises
            for turn in random.sample(turns, len(turns)):
                samples[turn.subject.name].append(1e3 * turn.take(steps))
    finally:
        gc.enable()
    return samples


def prepare(
    subject: Subject, workload: Workload, grads: list[Tensor], plan: Plan
) -> tuple[dict[str, Any], Turn | None]:
    """Ready to be measured; or the reason why it cannot be."""
    if subject.one_program and len(workload.shapes) > plan.most_in_one:
        reason = "compiles all tensors into one program, which takes minutes for so many"
        return {"unavailable": reason}, None
    gc.freeze()  # what is made from here on is this subject's
    try:
        turn = Turn(subject, workload.shapes, grads)
        for _ in range(plan.warm_up - 1):
            turn.step()
    except Exception as error:  # whatever goes wrong in other people's code is worth a row
        return {"unavailable": f"{type(error).__name__}: {error}".splitlines()[0]}, None
    size = 4 * workload.parameters
    kept = (kept_bytes() - size) / size
    return {"first_step_seconds": turn.first, "kept_share": kept}, turn


def outcome(turn: Turn, turns: list[Turn], workload: Workload) -> dict[str, Any]:
    """How far it went, how far from the first that computes the same, and what it allocates."""
    if turn.subject is FLOOR:
        return {}
    moved = distance(turn.params, start(workload.shapes))
    same = [other for other in turns if other.subject.computes == turn.subject.computes]
    beside = next((other for other in same if not other.subject.name.startswith("our")), same[0])
    fact: dict[str, Any] = {"moved": moved, "beside": beside.subject.name}
    fact["apart"] = distance(turn.params, beside.params) / moved if moved else None
    return fact


def distance(these: list[Tensor], those: list[Tensor]) -> float:
    """The largest difference of any two numbers."""
    with torch.no_grad():
        pairs = zip(these, those, strict=True)
        return max((this - that).abs().max().item() for this, that in pairs)
