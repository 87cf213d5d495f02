"""
# Loading a checkpoint without losing digits

`torch.optim.Optimizer.load_state_dict` casts all state to the type of its parameter. For a bfloat16
model this rounds float32 running means to two or three digits, and a resumed run is no longer the
run that was stopped. It also keeps some of the checkpoint's tensors, so that the next step would
change the checkpoint.

So torch does its work first (matching groups, running hooks), and then each state tensor is copied
again from the checkpoint, in its own precision.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer

from labml_nn_optim.half_precision import running_mean_of


def load_without_rounding(
    optimizer: Optimizer, load: Callable[[dict[str, Any]], None], state_dict: dict[str, Any]
) -> None:
    """
    ## Load `state_dict` with `load`, then restore the precision of the state

    The checkpoint is read by a hook of our own that runs after the user's, so what they changed is
    respected; and written back by one that runs before the user's.
    """
    seen: dict[str, Any] = {}
    own = [{key: group[key] for key in _KEPT} for group in optimizer.param_groups]

    def remember(_: Optimizer, incoming: dict[str, Any]) -> None:
        _refuse_unknown(optimizer, incoming["param_groups"])
        _refuse_another_algorithm(optimizer, incoming["state"])
        seen.update(incoming)

    def restore(_: Optimizer) -> None:
        groups = zip(optimizer.param_groups, seen["param_groups"], own, strict=True)
        for group, saved, kept in groups:
            group.update(kept)
            for name, param in zip(saved["params"], group["params"], strict=True):
                for key, value in seen["state"].get(name, {}).items():
                    optimizer.state[param][key] = _own(key, value, param, group)

    hooks = (
        optimizer.register_load_state_dict_pre_hook(remember),
        optimizer.register_load_state_dict_post_hook(restore, prepend=True),
    )
    try:
        load(state_dict)
    finally:
        for hook in hooks:
            hook.remove()


# They say how a step is executed, and in which type the running means are kept.
_KEPT = ("fused", "capturable", "state_dtype")
# Torch's switches for how a step is executed. They change nothing about what it computes.
_EXECUTION = {"foreach", "capturable", "differentiable", "fused"}


def _refuse_unknown(optimizer: Optimizer, saved_groups: list[dict[str, Any]]) -> None:
    """
    ## Refuse a checkpoint that needs what this class does not do

    A run with `amsgrad=True` that went on without its maximum would be another run, and nobody
    would notice.
    """
    known = {*optimizer.defaults, *chain(*optimizer.param_groups), *_EXECUTION}
    for group in saved_groups:
        for name, value in group.items():
            if value is True and name not in known:
                raise ValueError(
                    f"the checkpoint has {name}=True, which {type(optimizer).__name__} does not "
                    "know; load it into a class that does"
                )


def _refuse_another_algorithm(optimizer: Optimizer, saved: dict[Any, dict[str, Any]]) -> None:
    """
    ## Refuse running means that this class has no use for

    Adam's mean of squares tells AdaBelief nothing about surprise. With a count of a thousand steps
    and a mean of none, the first step would be enormous.
    """
    needed = getattr(optimizer, "second_moment", None)
    for state in saved.values():
        if needed and state and needed not in state:
            raise ValueError(
                f"the checkpoint has no {needed}, which {type(optimizer).__name__} divides by; it "
                f"holds {', '.join(map(str, state))}. Load it into the class that it came from"
            )


def _own(key: str, value: Any, param: Tensor, group: dict[str, Any]) -> Any:
    """## A copy of one state value that fits `param`, and that nobody else holds"""
    if key == "step":
        # Older checkpoints, and other libraries, count steps in a plain number.
        return torch.as_tensor(value, dtype=torch.float32, device="cpu").clone()
    if not isinstance(value, Tensor):
        return value
    dtype = running_mean_of(torch.empty(0, dtype=param.dtype, device="meta"), group).dtype
    return value.to(device=param.device, dtype=dtype, copy=True)
