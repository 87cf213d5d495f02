"""
# What an object meets besides its run

A schedule changes settings on the way, and an optimizer has more parameters than one, in groups
with settings of their own. Both are brought in from outside, as a user would.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import wraps
from typing import Any

import numpy as np

from sidebyside.probing.replacing import replaced

__all__ = [
    "MOST_COMPANIONS",
    "companions",
    "in_company",
    "is_withheld",
    "move_settings",
    "new_gradient",
    "noting",
    "reload",
]

# What a setting is multiplied by.
FACTOR = 0.37
# In which turn a gradient is missing.
PAUSE = 3
_INIT = "__init__"
# Of companions. The first one is transposed, and not all code takes the last one.
SHAPES: tuple[tuple[int, ...], ...] = ((3, 2), (2, 1, 2), (1, 2, 1, 2), ())
MOST_COMPANIONS = len(SHAPES)


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


def tensor_settings(owner: type) -> list[str]:
    """Return the settings that may be tensors, as the annotations of a constructor say."""
    known = inspect.signature(owner).parameters.values()
    return [e.name for e in known if "Tensor" in str(e.annotation) and type(e.default) is float]


def fill_settings(owner: Any, names: Collection[str], param: Any) -> None:
    """Let settings in groups be tensors of other values; if they are tensors, fill them anew."""
    for group in owner.param_groups:
        for name in names:
            if type(group.get(name)) is float:
                group[name] = param.detach().new_tensor(moved_by(group[name]))
            elif name in group:
                group[name].mul_(FACTOR)


def companions(param: Any, count: int) -> list[Any]:
    """
    Return other parameters, of up to four axes.

    The first one has two rows and three columns, which lie in memory as columns.
    """
    shapes = SHAPES[:count]
    rows = [
        np.sin(1.7 * np.arange(float(np.prod(shape))) + 1 + n) for n, shape in enumerate(shapes)
    ]
    found = [param.detach().new_tensor(row.reshape(s)) for row, s in zip(rows, shapes, strict=True)]
    return [(each.t() if not n else each).requires_grad_() for n, each in enumerate(found)]


def new_gradient(param: Any, k: int) -> Any:
    """Return the k-th gradient of a companion, which lies in memory as it does."""
    places = np.arange(float(param.numel())).reshape(tuple(param.shape))
    grad = param.detach().clone()
    return grad.copy_(grad.new_tensor(np.sin(places * k**1.5 + 2 * k + 1)))


def is_withheld(turn: int, *, is_first: bool) -> bool:
    """Whether a parameter has no gradient, the turn-th time: one pauses, the others join late."""
    return turn == PAUSE if is_first else turn == 1


def reload(this: Any, made: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    """Make an object of torch what a new one is, made with the same, that has loaded its state."""
    if not hasattr(this, "param_groups"):
        raise ValueError("no optimizer of torch")
    before = sys.gettrace()
    sys.settrace(None)
    try:
        new = type(this)(*made[0], **made[1])
        new.load_state_dict(deepcopy(this.state_dict()))
        vars(this).clear()
        vars(this).update(vars(new))
    finally:
        sys.settrace(before)


@contextmanager
def noting(owner: type, made: list[Any]) -> Iterator[None]:
    """Put what the first object of a class is made with into a list."""
    method: Callable[..., None] = getattr(owner, _INIT)

    @wraps(method)
    def init(this: Any, *args: Any, **named: Any) -> None:
        # A generator of parameters is gone once it was read.
        known = tuple(each if not isinstance(each, Iterator) else [*each] for each in args)
        if not made:
            made.append((known, named))
        method(this, *known, **named)

    with replaced(owner, _INIT, init):
        yield


@contextmanager
def in_company(
    owner: type, arguments: Mapping[str, Any], names: Collection[str], count: int, found: list[Any]
) -> Iterator[None]:
    """
    Let a class be made with companions before its parameters, which are put into `found`.

    In torch's optimizers they are in a group of their own, in which the settings of some `names`
    are others. Raises `ValueError` where the first argument is no list of parameters.
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
        found[:] = companions(params[0], count)
        groups = [{"params": list(found), **moved}, {"params": params}]
        bound.arguments[name] = groups if has_groups else [*found, *params]
        method(*bound.args, **bound.kwargs)

    with replaced(owner, _INIT, init):
        yield
