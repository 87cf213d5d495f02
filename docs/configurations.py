"""
What the checks of the annotated pages run.

Each formula on the pages is compared with the code beside it in every configuration below. The
numbers are chosen so that no term of a formula can hide: with the usual ε of 1e-8, say, a formula
that forgot ε would pass.
"""

from collections.abc import Callable, Iterator
from inspect import signature
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import labml_nn_optim
from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam, WeightDecay
from labml_nn_optim.generic import GenericAdaptiveOptimizer

STEPS = 12

COUPLED = {"weight_decay": 0.1, "decoupled_weight_decay": False}
DECOUPLED = {"weight_decay": 0.1, "decoupled_weight_decay": True}
ABSOLUTE = {"weight_decay": WeightDecay(0.1, absolute=True)}
# Switches of a class that are tried together, in all of their positions.
SWITCHES: dict[type[GenericAdaptiveOptimizer], list[str]] = {
    Adam: ["optimized_update"],
    AMSGrad: ["optimized_update"],
    RAdam: ["degenerate_to_sgd", "amsgrad"],
    AdaBelief: ["rectify", "amsgrad", "eps_in_state"],
}
# With `capturable` other code than that beside the formulas takes the step. With `state_dtype` and
# `dithered_rounding` what is kept is the value of a formula, rounded.
NEVER = {"capturable", "dithered_rounding"}
OTHER_NUMBERS = {"lr": 0.5, "betas": (0.5, 0.9), "eps": 0.3}


def optimizers() -> list[type[GenericAdaptiveOptimizer]]:
    """Return the optimizers that the package exports, each behind those that it extends."""
    exported = [vars(labml_nn_optim)[name] for name in labml_nn_optim.__all__]
    found = [each for each in exported if issubclass(each, GenericAdaptiveOptimizer)]
    return sorted(found, key=lambda each: len(each.__mro__))[1:]  # without the base class


def configurations() -> Iterator[tuple[type[GenericAdaptiveOptimizer], dict[str, Any]]]:
    """
    Yield each class with the arguments to make it with: every switch, on and off.

    Each class runs with other numbers, too, so that no verdict hangs on one choice.
    """
    for cls in optimizers():
        switches = SWITCHES.get(cls, [])
        made = [
            dict(zip(switches, each, strict=True))
            for each in product(*[(False, True)] * len(switches))
        ]
        yield from ((cls, arguments) for arguments in made)
        # Every two switches meet in each of their positions with each kind of decay.
        for place, decay in enumerate((COUPLED, DECOUPLED, ABSOLUTE)):
            first = place % len(made)
            for each in dict.fromkeys((first, len(made) - 1 - first)):
                yield cls, {**decay, **made[each]}
        yield cls, {"maximize": True}
        yield cls, taken(cls, OTHER_NUMBERS)
        yield cls, switched(cls)
    yield AdaBelief, {**OTHER_NUMBERS, "rectify": False}
    # For bounds that speak of β₁ and β₂: far from the others, and the other way round.
    yield Adam, {"betas": (0.5, 0.9)}
    yield Adam, {"betas": (0.9, 0.85)}
    yield Adam, {**ABSOLUTE, "lr": 0.0}
    yield AdaBelief, {**switched(AdaBelief), "rectify": True, "eps_in_state": True}


def taken(cls: type[GenericAdaptiveOptimizer], numbers: dict[str, Any]) -> dict[str, Any]:
    """Return those of some arguments that a class takes: not each has an ε."""
    names = signature(cls).parameters
    return {name: value for name, value in numbers.items() if name in names}


def switched(cls: type[GenericAdaptiveOptimizer]) -> dict[str, Any]:
    """Return each switch the other way, so that it is handed on from constructor to constructor."""
    flags = {
        name: not each.default
        for name, each in signature(cls).parameters.items()
        if isinstance(each.default, bool) and name not in NEVER
    }
    return {**flags, "fused": False, "defaults": {"more": 1}, "weight_decay": 0.1}


def run(
    cls: type[GenericAdaptiveOptimizer],
    arguments: dict[str, Any],
    count: Callable[[Tensor], None],
    gradients: NDArray[np.float64] | None = None,
) -> None:
    """
    Take a dozen steps. `count` is told of each step that a parameter is about to take.

    With β₂ = 0.95, RAdam's ρ passes 5 at step 6, so both of its branches run. The second parameter
    joins late, and has its own t. `gradients`, a row for each step, take the place of ours when
    the checks try to break a bound.
    """
    early = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64, requires_grad=True)
    late = torch.tensor([[0.3], [-0.7]], dtype=torch.float64, requires_grad=True)
    if gradients is not None:
        early = torch.zeros(gradients.shape[1], dtype=torch.float64, requires_grad=True)
    numbers = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2}
    optimizer = cls([early, late], **{**taken(cls, numbers), **arguments})
    for step in range(1, (STEPS if gradients is None else len(gradients)) + 1):
        early.grad = gradient(step, early)
        if gradients is not None:
            early.grad = torch.tensor(gradients[step - 1])
        count(early)
        if step > 3:
            late.grad = gradient(step, late)
            count(late)
        if step == 9:
            # A schedule: α at this step and the one before are two numbers.
            optimizer.param_groups[0]["lr"] *= 0.3
        optimizer.step()


def gradient(step: int, param: Tensor) -> Tensor:
    """Return gradients without a pattern that a wrong formula could share, and one spike."""
    places = torch.arange(1, param.numel() + 1, dtype=torch.float64).reshape(param.shape)
    spike = 20.0 if step == 7 else 1.0
    return spike * torch.sin(places * step**1.5 + places)
