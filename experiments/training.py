"""
# The loop they all share

Each experiment is a `Task`: it knows how to take a step and how to measure itself. The loop around
it records, shows how long it will take, stops when asked to, and can go on later as if it had never
stopped.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

import torch
from labml.utils.delayed_keyboard_interrupt import DelayedKeyboardInterrupt
from torch import Tensor
from torch.optim import Optimizer

from experiments.optimizers import Betas, find
from experiments.runs import Run
from experiments.tracking import Tracker

Record = dict[str, list[Any]]
State = dict[str, Any]


class Task(ABC):
    """
    ## One experiment

    A subclass builds its model in `__init__`, and says what a step is and what is measured. What
    `measure` returns under the name `validation` chooses settings; `test` is what tables report.
    Both are loss-like, or accuracy-like when `higher_is_better`.
    """

    steps: ClassVar[int]
    records: ClassVar[int] = 12
    higher_is_better: ClassVar[bool] = False
    betas: ClassVar[Betas] = (0.9, 0.999)
    # The step size drops to a tenth after three quarters of the training, for all alike. The
    # AdaBelief authors' program for CIFAR does so: at epoch 150 of 200.
    decays: ClassVar[bool] = True

    def __init__(self, run: Run) -> None:
        """
        ### From a seed

        The seed decides the initialization and the batches, and nothing else does: whoever trains
        with seed 3 starts from the same weights and sees the same batches.
        """
        self.run = run
        self.random = torch.Generator().manual_seed(run.seed)
        self.optimizers: dict[str, Optimizer] = {}
        self.modules: dict[str, torch.nn.Module] = {}

    def optimize(self, name: str, params: Iterable[Tensor]) -> Optimizer:
        """### The run's optimizer, for these parameters"""
        competitor, run = find(self.run.optimizer), self.run
        optimizer = competitor.make(params, run.lr, run.weight_decay, self.betas)
        self.optimizers[name] = optimizer
        return optimizer

    @abstractmethod
    def step(self) -> float:
        """### Take one step; returns the training loss before it"""

    @abstractmethod
    def measure(self) -> dict[str, float]:
        """### What to record: at least `validation` and `test`"""

    def set_rate(self, done: int) -> None:
        """### The step size after so many steps"""
        late = self.decays and done >= 3 * self.run.steps // 4
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.run.lr * (0.1 if late else 1.0)

    def state_dict(self) -> State:
        """### All that the future depends on, beside the settings"""
        return {
            "modules": {name: module.state_dict() for name, module in self.modules.items()},
            "optimizers": {name: o.state_dict() for name, o in self.optimizers.items()},
            "random": self.random.get_state(),
        }

    def load_state_dict(self, state: State) -> None:
        """### Go on from there"""
        for name, module in self.modules.items():
            module.load_state_dict(state["modules"][name])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.random.set_state(state["random"])


def initialized(seed: int, make: Callable[[], torch.nn.Module]) -> torch.nn.Module:
    """
    ## A model, initialized from a seed

    torch draws initial weights from one generator that the whole program shares. It is put back
    afterwards.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def train(task: Task, folder: Path, *, resume: bool = False, alone: bool = True) -> Record:
    """
    ## Train, and record

    Returns what was measured: under each name a list, one value for each recorded step. The same is
    tracked by labml in `folder`.

    Ctrl-C ends it between two steps, never within one. What was recorded is kept, with a
    checkpoint. With `resume` the training goes on from there, and ends with the same bits as
    one that was never interrupted.

    A loss that is not finite ends the training early; its last record says so.

    A run that is not `alone` is one of many, shown by someone else. It takes seconds, so it is
    done again rather than resumed, and has no checkpoints.
    """
    run, checkpoint = task.run, folder / "checkpoint.pt"
    done, record = restore(task, checkpoint) if resume else (0, {})
    every = max(1, run.steps // task.records)
    with Tracker(run, folder, resume=resume, show=alone) as tracker:
        if alone:
            save(checkpoint, task, done, record)
        losses: list[float] = []
        while done < run.steps:
            try:
                # Ctrl-C within the block takes effect at its end.
                with DelayedKeyboardInterrupt():
                    task.set_rate(done)
                    losses.append(task.step())
                    done += 1
                    finite = math.isfinite(losses[-1])
                    if done % every == 0 or done == run.steps or not finite:
                        point = {"step": done, "loss": sum(losses) / len(losses), **task.measure()}
                        for name, value in point.items():
                            record.setdefault(name, []).append(value)
                        tracker.save(point)
                        losses.clear()
                        if alone:
                            save(checkpoint, task, done, record)
                    if not finite:
                        return record
            except KeyboardInterrupt:
                # The checkpoint is that of the last record. One from right now would have to keep
                # the losses since then as well.
                tracker.interrupted(record["step"][-1] if record else 0)
                raise
    return record


def save(path: Path, task: Task, done: int, record: Record) -> None:
    """
    ## Write a checkpoint

    Under another name first. Renaming is one act of the file system, so the file under the right
    name is always whole.
    """
    new = path.with_suffix(".new")
    torch.save({"task": task.state_dict(), "done": done, "record": record}, new)
    new.replace(path)


def restore(task: Task, path: Path) -> tuple[int, Record]:
    """## Read a checkpoint: how many steps were done, and what was recorded"""
    if not path.exists():
        raise FileNotFoundError(f"nothing to resume: {path} does not exist; run without --resume")
    saved = torch.load(path, weights_only=True)
    task.load_state_dict(saved["task"])
    done: int = saved["done"]
    record: Record = saved["record"]
    return done, record
