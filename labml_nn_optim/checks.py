"""
# What is refused, and when

An optimizer that accepts nonsense trains nonsense, quietly and for hours. So every optimizer here
checks its hyper-parameters when it is made, when a group joins, and again at each step, since
schedulers and people change them in between. All checks of a step run *before* anything is touched:
a step that raises has changed nothing.

Each message names the argument, its value, and what is allowed.
"""

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import torch
from torch import Tensor

from labml_nn_optim.rule import Group, Rule, State, next_step


def check_number(name: str, value: Any, below: float = math.inf, *, look: bool = True) -> None:
    """
    ## One number in [0, `below`)

    A tensor of one number counts as a number, whatever its shape, so a tensor learning rate works,
    and so do NumPy's numbers. `True` does not: it is nearly always a flag that landed in the wrong
    argument. Unless `look`, a tensor is not asked for its value, which is on another device.
    """
    if type(value) is float and 0 <= value < below:
        return  # nearly always, and at each step
    if isinstance(value, bool) or not isinstance(value, (Real, Tensor)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if isinstance(value, Tensor):
        if value.numel() != 1:
            raise ValueError(f"{name} must be one number, got a tensor of shape {[*value.shape]}")
        if not look:
            return
    # Written so that NaN, which compares false with everything, is refused too.
    number = float(value)
    if not 0 <= number < below:
        interval = "finite and ≥ 0" if below == math.inf else f"in [0, {below:g})"
        raise ValueError(f"{name} must be {interval}, got {number}")


def check_group(group: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """
    ## The hyper-parameters of one group

    A switch is recognized by its default: where the default is a bool, only a bool will do.
    """
    look = group["capturable"] is False
    check_number("lr", group["lr"], look=look)
    betas = group["betas"]
    if not isinstance(betas, (tuple, list)) or len(betas) != 2:
        raise TypeError(f"betas must be a pair of numbers (β₁, β₂), got {betas!r}")
    for i, beta in enumerate(betas):
        check_number(f"betas[{i}]", beta, below=1, look=look)
    check_number("eps", group["eps"], look=look)
    check_number("weight_decay", group["weight_decay"], look=look)
    for name, default in defaults.items():
        if type(default) is bool and type(group[name]) is not bool and name != "fused":
            raise TypeError(f"{name} must be True or False, got {group[name]!r}")
    if group["state_dtype"] not in (None, torch.bfloat16):
        raise ValueError(
            f"state_dtype must be None or torch.bfloat16, got {group['state_dtype']!r}; "
            "float16 cannot hold small squares"
        )
    if group["fused"] is not None and not isinstance(group["fused"], bool):
        raise TypeError(f"fused must be True, False or None, got {group['fused']!r}")


def check_tensors(
    rule: Rule, group: Group, params: list[Tensor], grads: list[Tensor]
) -> list[float]:
    """
    ## The parameters of a group, their gradients, and their memory

    Gradients are as large as their parameters, and memory is as the class makes it. Torch sees to
    that, unless the data of a parameter is replaced after the gradient is computed, the type of a
    model is changed after the first step, or state is put in by hand.

    Returns the number t of each parameter's step. Nothing is returned where something is missing
    in memory, nor with `capturable`: then t is on another device.
    """
    name, look, settings = type(rule).__name__, not group["capturable"], rule._settings[id(group)]
    states, kind, complete, steps = rule.state, None, look, []
    for param, grad in zip(params, grads, strict=True):
        shape = param.shape
        if kind != (kind := (param.dtype, shape)):  # as the one before, nearly always
            memory = settings.memory_of(rule, group, param)
        if grad.shape != shape or not param.is_contiguous() or grad.layout is not torch.strided:
            check_tensor(name, param, grad)
        state = states.get(param)
        if not state:
            complete = False
            continue
        for key, dtype in memory.items():
            value = state.get(key)
            if type(value) is Tensor and key == "step":
                if look:
                    steps.append(next_step(value.item()))
            elif type(value) is not Tensor or value.dtype is not dtype or value.shape != shape:
                complete &= check_memory(name, param, key, state, dtype)
    return steps if complete and len(steps) == len(params) else []


def check_memory(
    optimizer: str, param: Tensor, key: str, state: State, dtype: torch.dtype | None
) -> bool:
    """## One value in the memory of a parameter, made of type `dtype`; says whether it is there"""
    value = state.get(key)
    if key not in state:
        return False
    if not isinstance(value, Tensor):
        raise TypeError(
            f"state['{key}'] must be a tensor, got {value!r}; use torch.tensor({value!r})"
        )
    if dtype is None:
        return True
    if value.dtype is not dtype:
        raise RuntimeError(
            f"{optimizer} has running means of type {value.dtype} for a parameter of type "
            f"{param.dtype}; make a new optimizer after changing the type of a model, and "
            "load the checkpoint of the old one"
        )
    if value.shape != param.shape:
        raise RuntimeError(
            f"{optimizer} has state['{key}'] of shape {[*value.shape]} for a parameter of shape "
            f"{[*param.shape]}; make a new optimizer after replacing a parameter's data"
        )
    return True


def check_tensor(optimizer: str, param: Tensor, grad: Tensor) -> None:
    """
    ## One parameter and its gradient

    An expanded parameter stores one number under many indices, and an elementwise update would move
    it many times.
    """
    if grad.layout != torch.strided:
        raise RuntimeError(
            f"{optimizer} does not support sparse gradients; use torch.optim.SparseAdam"
        )
    if grad.shape != param.shape:
        raise RuntimeError(
            f"{optimizer} got a gradient of shape {[*grad.shape]} for a parameter of shape "
            f"{[*param.shape]}; compute it anew after replacing a parameter's data"
        )
    if any(
        stride == 0 and size > 1 for stride, size in zip(param.stride(), param.shape, strict=True)
    ):
        raise RuntimeError(
            f"{optimizer} cannot update an expanded parameter (shape {[*param.shape]}, strides "
            f"{[*param.stride()]}): several of its elements share one memory location; "
            "optimize the tensor it was expanded from"
        )


def switches(defaults: Mapping[str, Any] | None, **values: bool) -> dict[str, Any]:
    """
    ## Add a class's switches to the defaults of its groups

    Returns a new dictionary: `defaults` belongs to the caller and is never written to.
    """
    for name, value in values.items():
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {value!r}")
    return {**(defaults or {}), **values}


# What to do instead of what torch's switches do.
_INSTEAD = {
    "foreach": "use fused=True, which goes through memory once, not once for each operation",
    "differentiable": "use torch.optim.Adam(differentiable=True), and compare it with this class",
    "amsgrad": "use AMSGrad",
}


def refuse_others(optimizer: str, others: Mapping[str, Any]) -> None:
    """## Arguments that only torch's optimizers know: accepted where they ask for nothing"""
    for name, value in others.items():
        if name not in _INSTEAD:
            raise TypeError(f"{optimizer}() got an unexpected keyword argument '{name}'")
        if value is not None and value is not False:
            raise ValueError(
                f"{optimizer} does not take {name}={value!r}; {_INSTEAD[name]}, or leave it out"
            )
