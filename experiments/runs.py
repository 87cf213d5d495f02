"""
# What a run is

A run is one training: one experiment, one optimizer, its settings, one seed. Its result follows
from these alone, so they are its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from experiments.optimizers import find


@dataclass(frozen=True)
class Run:
    """
    * `task`: the experiment, such as `digits`
    * `optimizer`: a name of `experiments.optimizers.COMPETITORS`
    * `lr`: step size, positive
    * `weight_decay`: 0 or more
    * `seed`: of the initialization and of the batches, 0 or more
    * `steps`: how long to train; at least 1

    Raises `ValueError` when one is not of this kind.
    """

    task: str
    optimizer: str
    lr: float
    weight_decay: float
    seed: int
    steps: int

    def __post_init__(self) -> None:
        find(self.optimizer)
        if not 0 < self.lr < float("inf"):
            raise ValueError(f"lr must be positive and finite, got {self.lr}")
        if not 0 <= self.weight_decay < float("inf"):
            raise ValueError(f"weight_decay must be 0 or more and finite, got {self.weight_decay}")
        if self.seed < 0:
            raise ValueError(f"seed must be 0 or more, got {self.seed}")
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")

    @property
    def name(self) -> str:
        """Says all but the task, and is fit for a folder."""
        settings = f"lr{self.lr:g}-wd{self.weight_decay:g}-seed{self.seed}-steps{self.steps}"
        return f"{self.optimizer}-{settings}"
