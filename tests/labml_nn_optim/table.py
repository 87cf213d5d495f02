"""The optimizers, and the modes in which each promise is tried. A new optimizer is a new row."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam, WeightDecay

# The defaults in which a class differs from the base class.
DEFAULTS: dict[type[Optimizer], dict[str, Any]] = {
    Adam: {"optimized_update": False},
    AMSGrad: {"optimized_update": False, "amsgrad": True},
    RAdam: {"optimized_update": False, "amsgrad": False, "degenerate_to_sgd": True},
    AdaBelief: {
        "eps": 1e-16,
        "optimized_update": False,
        "decoupled_weight_decay": True,
        "amsgrad": False,
        "degenerate_to_sgd": True,
        "rectify": True,
        "eps_in_state": True,
    },
}
OPTIMIZERS = {cls.__name__: cls for cls in DEFAULTS}

MODES: dict[str, tuple[type[Optimizer], dict[str, Any]]] = {
    "Adam": (Adam, {}),
    "Adam, reordered": (Adam, {"optimized_update": True}),
    "Adam, coupled decay": (Adam, {"weight_decay": 0.1}),
    "Adam, decoupled decay": (Adam, {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    "AMSGrad": (AMSGrad, {}),
    "AMSGrad, maximize": (AMSGrad, {"maximize": True}),
    "RAdam": (RAdam, {}),
    "RAdam, maximum, coupled decay": (RAdam, {"amsgrad": True, "weight_decay": 0.1}),
    "AdaBelief": (AdaBelief, {}),
    "AdaBelief, plain, maximum": (AdaBelief, {"rectify": False, "amsgrad": True}),
    "AdaBelief, ε at use": (AdaBelief, {"eps_in_state": False, "maximize": True}),
    "AdaBelief, absolute decay": (AdaBelief, {"weight_decay": WeightDecay(0.01, absolute=True)}),
}


def make(mode: str, params: Any, **more: Any) -> Optimizer:
    """An optimizer in a mode, with `lr` large enough for each step to be seen."""
    kind, settings = MODES[mode]
    return kind(params, **{"lr": 0.01, **settings, **more})


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    """The same random numbers every time."""
    numbers = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return numbers.to(dtype)


def train(
    optimizer: Optimizer,
    params: Iterable[Tensor],
    steps: Iterable[int],
    take: Callable[[], Any] | None = None,
) -> None:
    """Steps with gradients that depend on the step and the place of the parameter only."""
    params = list(params)
    for t in steps:
        for place, param in enumerate(params):
            grad = noise(*param.shape, seed=1000 * t + place, dtype=torch.float64)
            param.grad = grad.to(param.dtype)
        (take or optimizer.step)()


def snapshot(optimizer: Optimizer) -> dict[str, Any]:
    """Everything an optimizer could change, copied: to see that it did not."""
    params = [param for group in optimizer.param_groups for param in group["params"]]
    return {
        "params": [param.detach().clone() for param in params],
        "grads": [None if p.grad is None else p.grad.clone() for p in params],
        "state": {
            place: {key: value.clone() for key, value in optimizer.state[param].items()}
            for place, param in enumerate(params)
            if param in optimizer.state
        },
    }


def same(one: Any, other: Any) -> bool:
    """Equal to the last bit, in nested containers, and of the same types."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.is_sparse:
            return same(one.to_dense(), other.to_dense())
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other
