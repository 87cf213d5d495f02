"""
What the checks of `labml_nn.optimizers` run.

The numbers are those of `docs/configurations.py`, for the same reason: no term of a formula can
hide behind a small one.
"""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

STEPS = 12
PACKAGE = "labml_nn.optimizers"


class _Tracker:
    """Stands in for `labml`, which the optimizers import and never use."""

    tracker = None


def load(module: str, name: str) -> Any:
    """Return a class of the package, which is installed without its dependencies."""
    before = sys.modules.get("labml")
    sys.modules["labml"] = _Tracker()  # type: ignore[assignment]
    try:
        return getattr(import_module(f"{PACKAGE}.{module}"), name)
    finally:
        del sys.modules["labml"]
        if before is not None:
            sys.modules["labml"] = before


Adam = load("adam", "Adam")
AMSGrad = load("amsgrad", "AMSGrad")
RAdam = load("radam", "RAdam")
AdaBelief = load("ada_belief", "AdaBelief")
AdamWarmup = load("adam_warmup", "AdamWarmup")
AdamWarmupCosineDecay = load("adam_warmup_cosine_decay", "AdamWarmupCosineDecay")
Noam = load("noam", "Noam")
Sophia = load("sophia", "Sophia")


def configurations() -> Iterator[tuple[type[Optimizer], dict[str, Any]]]:
    """Yield each class with the arguments to make it with."""
    for optimized in (True, False):
        switch = {"optimized_update": optimized}
        yield Adam, switch
        yield AMSGrad, switch
        yield RAdam, switch
        yield RAdam, {**switch, "amsgrad": True}
        yield AdamWarmup, {**switch, "warmup": 5}
        yield AdamWarmupCosineDecay, {**switch, "warmup": 5, "total_steps": 20}
        yield Noam, {**switch, "warmup": 5, "d_model": 16}
    for amsgrad in (False, True):
        yield AdaBelief, {"rectify": False, "amsgrad": amsgrad}
        yield AdaBelief, {"rectify": True, "amsgrad": amsgrad}
    yield Noam, {}  # as it is made by default
    yield Sophia, {}
    # The pages state bounds on a step without ε. Gradients that grow are the hardest for them.
    attacked = {"eps": 0.0, "optimized_update": False}
    yield Adam, attacked
    yield Adam, {**attacked, "betas": (0.5, 0.9)}


def run(cls: type[Optimizer], arguments: dict[str, Any], count: Callable[[Tensor], None]) -> None:
    """Take some steps. `count` is told of each step that the parameter is about to take."""
    param = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64, requires_grad=True)
    numbers: dict[str, Any] = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2}
    optimizer = cls([param], **{**numbers, **arguments})
    attacked = arguments.get("eps") == 0.0
    for step in range(1, (3 if attacked else 1) * STEPS + 1):
        param.grad = growing(step) if attacked else gradient(step)
        count(param)
        optimizer.step()
        if isinstance(optimizer, Sophia) and step % 3 == 1:
            optimizer.update_hessian(BATCH)


BATCH = 7


def gradient(step: int) -> Tensor:
    """Return gradients without a pattern that a wrong formula could share, and one spike."""
    places = torch.arange(1, 5, dtype=torch.float64)
    spike = 20.0 if step == 7 else 1.0
    return spike * torch.sin(places * step**1.5 + places)


def growing(step: int) -> Tensor:
    """Return gradients that grow at several rates."""
    return torch.tensor([1.0, 1.2, 2.0, 5.0], dtype=torch.float64) ** step
