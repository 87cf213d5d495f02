"""
# What an update rule offers

The names that the optimizers, their checks and [the engine](engine/fused.py) have in common.
"""

from operator import is_, itemgetter
from typing import Any, Protocol

import torch
from torch import Tensor

State = dict[str, Any]
Group = dict[str, Any]
Number = float | Tensor
HYPER_PARAMETERS = ("lr", "betas", "eps", "weight_decay")
# Each group, its parameters that have a gradient, and their gradients.
Work = list[tuple[Group, list[Tensor], list[Tensor]]]


class Rule(Protocol):
    """
    ## The hooks of an optimizer, and its memory

    Every [optimizer here](generic.py#GenericAdaptiveOptimizer) is one.
    """

    param_groups: list[Group]
    defaults: dict[str, Any]

    _settings: dict[int, "_Settings"]

    @property
    def state(self) -> Any:
        """### The memory of each parameter"""

    def init_state(self, state: State, group: Group, param: Tensor) -> None:
        """### Make the memory of one parameter"""

    def at_step(self, group: Group, t: Number) -> Group:
        """### What step t knows before it sees a gradient"""

    def _step_real(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        """### Update one parameter of any type"""


def next_step(taken: float) -> float:
    """
    ## The number t of the step that follows `taken` others

    Raises `ValueError` if that is no count of steps.
    """
    if not 0 <= taken < float("inf"):
        raise ValueError(f"state['step'] must be finite and ≥ 0, got {taken}")
    # t = 1 is the first.
    return taken + 1


def settled(group: Group, device: torch.device | None = None) -> Group:
    """
    ## A group whose hyper-parameters are numbers

    A tensor of one number becomes that number. With `device`, where a step is [recorded for a
    graph](engine/capturing.py), it stays a tensor if it is there, since only the device will know
    its value.
    """
    if is_settled(group):
        return group  # nearly always
    found = zip(HYPER_PARAMETERS, _hyper_parameters(group), strict=True)
    return {**group, **{name: _settled(value, device) for name, value in found}}


def is_settled(group: Group) -> bool:
    """## Whether its hyper-parameters are Python's own numbers, which never change in place"""
    types = {*map(type, _hyper_parameters(group)), *map(type, group["betas"])}
    return types <= {float, int, tuple}


_hyper_parameters = itemgetter(*HYPER_PARAMETERS)


def _settled(value: Any, device: torch.device | None) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(_settled(each, device) for each in value)
    if not isinstance(value, Tensor):
        return value
    return value.reshape(()) if value.device == device else value.item()


Memory = dict[str, torch.dtype | None]
SWITCHES = {bool, type(None), torch.dtype}


class _Settings:
    """
    ## What follows from the settings of a group, for as long as they stay

    * `are_numbers` says that its hyper-parameters are Python's own numbers, which never change in
      place
    * `switches` are what the memory of a parameter may depend on
    """

    def __init__(self, group: Group, before: "_Settings | None" = None) -> None:
        self._names, self._values = [*group], [*group.values()]
        self.are_numbers = is_settled(group)
        self.switches = tuple([value for value in self._values if type(value) in SWITCHES])
        same = before is not None and before.switches == self.switches
        self._memories: dict[Any, Memory] = before._memories if before and same else {}

    def stay(self, group: Group) -> bool:
        """### Whether these are the very settings of a group still, and cannot have changed"""
        same = self.are_numbers and all(map(is_, group.values(), self._values))
        return same and [*group] == self._names

    def memory_of(self, rule: Rule, group: Group, param: Tensor) -> Memory:
        """
        ### The names in the memory of a parameter, and the types of the tensors

        `None` stands for what is not another number for each number of the parameter. Empty where
        `init_state` cannot be tried: it is called with a parameter that has a shape, and no
        numbers.

        Raises `TypeError` for what cannot be optimized.
        """
        known = (param.dtype, param.shape)
        memory = self._memories.get(known)
        if memory is None:
            if not (param.is_floating_point() or param.is_complex()):
                raise TypeError(
                    f"{type(rule).__name__} optimizes real or complex numbers, got a parameter of "
                    f"type {param.dtype}"
                )
            example, state = torch.empty(param.shape, dtype=param.dtype, device="meta"), State()
            try:
                rule.init_state(state, group, example)
            except Exception:
                state.clear()  # it looks at numbers; the class knows what it does
            memory = self._memories[known] = {
                key: value.dtype if getattr(value, "shape", None) == example.shape else None
                for key, value in state.items()
            }
        return memory
