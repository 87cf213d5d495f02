"""
# What an object meets besides its run

A schedule changes settings on the way, and an optimizer has more parameters than one, in groups
with settings of their own. Both are brought in from outside, as a user would.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from sidebyside.doubts.replacing import replaced

__all__ = ["companion", "in_company", "move_settings", "new_gradient"]

# What a setting is multiplied by.
FACTOR = 0.37
_INIT = "__init__"


def move_settings(owner: Any, names: Collection[str]) -> None:
    """
    Give settings of an object other values, where users can: in its groups, or as attributes.

    Raises `ValueError` if there are none.
    """
    lists = [each for each in vars(owner).values() if isinstance(each, list)]
    groups = [group for each in lists for group in each if isinstance(group, dict)]
    moved = False
    for name in names:
        here = [group for group in groups if moved_by(group.get(name)) is not None]
        for group in here:
            group[name] = moved_by(group[name])
        if not here and moved_by(vars(owner).get(name)) is not None:
            setattr(owner, name, moved_by(getattr(owner, name)))
            here = [vars(owner)]
        moved = moved or bool(here)
    if not moved:
        raise ValueError("no setting can be changed from outside")


def moved_by(value: Any) -> Any:
    """Return another number, or others, in place of one that a setting is; None for all else."""
    if type(value) is float:
        return value * FACTOR
    if isinstance(value, tuple) and value and all(type(each) is float for each in value):
        return tuple(each * FACTOR for each in value)
    return None


def companion(param: Any) -> Any:
    """Return another parameter: two rows and three columns, which lie in memory as columns."""
    values = np.sin(1.7 * np.arange(6.0) + 1).reshape(3, 2)
    return param.detach().new_tensor(values).t().requires_grad_()


def new_gradient(param: Any, k: int) -> Any:
    """Return the k-th gradient of a companion, which lies in memory as it does."""
    places = np.arange(float(param.numel())).reshape(tuple(param.shape))
    grad = param.detach().clone()
    return grad.copy_(grad.new_tensor(np.sin(places * k**1.5 + 2 * k + 1)))


@contextmanager
def in_company(
    owner: type, arguments: Mapping[str, Any], names: Collection[str], found: list[Any]
) -> Iterator[None]:
    """
    Let a class be made with a companion before its parameters, which is put into `found`.

    In torch's optimizers it is in a group of its own, in which the settings of some `names` are
    others. Raises `ValueError` where the first argument is no list of parameters.
    """
    method: Callable[..., None] = getattr(owner, _INIT)
    defaults = {n: p.default for n, p in inspect.signature(owner).parameters.items()}
    given = {name: {**defaults, **arguments}.get(name) for name in names}
    others = {name: moved_by(value) for name, value in given.items()}
    moved = {name: value for name, value in others.items() if value is not None}
    has_groups = any(each.__module__.startswith("torch.optim") for each in owner.__mro__)

    @wraps(method)
    def init(this: Any, *args: Any, **named: Any) -> None:
        bound = inspect.signature(method).bind(this, *args, **named)
        name = [*bound.arguments][1] if len(bound.arguments) > 1 else ""
        params = bound.arguments.get(name)
        if not isinstance(params, list) or not all(hasattr(p, "requires_grad_") for p in params):
            raise ValueError("the first argument is no list of parameters")
        found[:] = [companion(params[0])]
        groups = [{"params": list(found), **moved}, {"params": params}]
        bound.arguments[name] = groups if has_groups else [*found, *params]
        method(*bound.args, **bound.kwargs)

    with replaced(owner, _INIT, init):
        yield
