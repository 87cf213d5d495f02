"""
# What has passed all checks

[All checks](../checks.py) come before anything moves, at every step. At the next step nearly
everything looks the same, and need not pass them again.
"""

from collections.abc import Mapping
from operator import attrgetter, is_
from typing import Any

from torch import Tensor

from labml_nn_optim.checks import check_group, check_tensors
from labml_nn_optim.rule import Group, Rule, next_step


class Passed:
    """
    ## Groups and tensors that have passed

    What is remembered of a group are the very objects in it, where their values cannot change; of a
    tensor, all that is checked of it.
    """

    def __init__(self) -> None:
        self._groups: dict[int, list[Any]] = {}
        self._looks: dict[int, list[Any]] = {}

    def check_group(self, index: int, group: Group, defaults: Mapping[str, Any]) -> None:
        """### The hyper-parameters of a group"""
        values, before = [*group.values()], self._groups.get(index, ())
        if len(values) == len(before) and all(map(is_, values, before)):
            return
        self._groups.pop(index, None)
        self._looks.pop(index, None)
        check_group(group, defaults)
        if not any(isinstance(each, Tensor) for each in (*values, *group["betas"])):
            self._groups[index] = values if isinstance(group["betas"], tuple) else []

    def check_tensors(
        self, index: int, rule: Rule, group: Group, params: list[Tensor], grads: list[Tensor]
    ) -> None:
        """### The parameters of a group, their gradients, and their memory"""
        looks = [] if group["capturable"] else looks_of(rule, params, grads)
        if not looks or looks != self._looks.get(index):
            check_tensors(rule, group, params, grads)
            self._looks[index] = looks


def looks_of(rule: Rule, params: list[Tensor], grads: list[Tensor]) -> list[Any]:
    """
    ## All that is checked of tensors

    Empty where one is missing. A count of steps changes at each of them, and is checked here.
    """
    looks: list[Any] = []
    try:
        for param, grad in zip(params, grads, strict=True):
            memory = rule.state.get(param, {})
            looks += _looks(param), param.stride(), _looks(grad), *memory
            looks += map(_looks, memory.values())
            next_step(memory["step"].item())
    except (AttributeError, KeyError, TypeError):  # no memory yet, or no tensor
        return []
    return looks


_looks = attrgetter("dtype", "shape", "layout", "device")
