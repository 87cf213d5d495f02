"""
What is false and proved still, and is no program of its own: calls of programs that are right.

In all of them a gradient shares memory with what the step changes. Each returns what the formulas
say of those who gave it, and what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
from torch import Tensor

from docs.examples.momentum import Momentum
from labml_nn_optim import Adam

Numbers: TypeAlias = tuple[float, float]


def parameter(value: float) -> Tensor:
    return torch.tensor([value], dtype=torch.float64, requires_grad=True)


def momentum_of_another_parameter() -> Numbers:
    first, second = parameter(1.0), parameter(2.0)
    optimizer = Momentum([first, second], lr=0.5, momentum=0.5)
    first.grad, second.grad = torch.full_like(first, 4.0), first.detach()
    optimizer.step()
    return 1.0, optimizer.state[second]["velocity"].item()


def momentum_of_its_own_velocity() -> Numbers:
    param = parameter(1.0)
    optimizer = Momentum([param], lr=0.5, momentum=0.5)
    param.grad = torch.ones_like(param)
    optimizer.step()
    param.grad = optimizer.state[param]["velocity"]
    optimizer.step()
    return 0.5 * 1.0 + 1.0, optimizer.state[param]["velocity"].item()


def mean_of_another_parameter() -> Numbers:
    first, second = parameter(1.0), parameter(2.0)
    optimizer = Adam([first, second], lr=0.5)
    first.grad, second.grad = torch.full_like(first, 4.0), first.detach()
    optimizer.step()
    return 0.1 * 1.0, optimizer.state[second]["exp_avg"].item()


def mean_of_its_own_squares() -> Numbers:
    param = parameter(1.0)
    optimizer = Adam([param], lr=0.5)
    param.grad = torch.full_like(param, 1000.0)
    optimizer.step()
    param.grad = optimizer.state[param]["exp_avg_sq"]
    square = param.grad.item()
    optimizer.step()
    said = 0.999 * square + 0.001 * square**2
    return said, optimizer.state[param]["exp_avg_sq"].item()


CALLS: Mapping[str, Callable[[], Numbers]] = {
    "momentum of another parameter": momentum_of_another_parameter,
    "momentum of its own velocity": momentum_of_its_own_velocity,
    "the mean of another parameter": mean_of_another_parameter,
    "the mean of its own squares": mean_of_its_own_squares,
}

# A class of the project, but not of its sources, that extends one.
EXTENDED = '''"""
# Tiny
"""


class X:
    """
    ## X

    * $mₜ$ is `self.m`, the sum
    * $xₜ$ is `x`, the input
    """

    def __init__(self):
        self.m = 0.0

    def scale(self, x):
        return 2 * x

    def add(self, x):
        # mₜ ← mₜ₋₁ + 2·xₜ
        self.m = self.m + self.scale(x)
'''
EXTENDS = """
class Other(X):
    def scale(self, x):
        return 3 * x
"""
