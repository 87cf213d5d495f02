"""
# What steps begin with

A proof is about any step, from any state. What the state is made of, a real run shows: numbers,
arrays, switches, and where they are. So a run is followed to its first few steps, and what each
began with and ended with is sketched: the object, and all that its entry method was given.

A sketch knows how a thing is made, and the numbers and switches in it, but keeps no array.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from inspect import Parameter, signature
from types import CodeType, FunctionType
from typing import Any, TypeAlias

import numpy as np

from sidebyside.trace.contained import MAKING_SECONDS, contained

__all__ = ["Part", "Taken", "captured", "leaves"]

# The first, the second, and one that begins as all others do.
SOME_STEPS = 3

IsProject: TypeAlias = Callable[[str], bool]


@dataclass(frozen=True)
class Part:
    """
    One thing, and what is in it.

    A `kind` is "number", "array", "tensor", "switch", "tuple", "dict", "object" or "other". `value`
    is a number or a switch as it is, or the parts of a collection by their place; an object has its
    `owner`, too.
    """

    kind: str
    value: Any = None
    owner: type | None = None


@dataclass
class Taken:
    """
    One step: what the entry method was `given`, by name, and how that was when it was over.

    `counted` is the name of what was counted, and `t` how often. `drivers` are the functions of the
    project between the user's call and the step. `is_aliased` tells whether two names held one
    thing that can be changed.
    """

    t: int
    counted: str
    given: Mapping[str, Part]
    drivers: tuple[CodeType, ...]
    is_aliased: bool
    after: Mapping[str, Part] = field(default_factory=dict)


class _EnoughError(BaseException):
    """A run has gone as far as it has to."""


def captured(
    run: Callable[..., object],
    owner: type,
    arguments: Mapping[str, Any],
    entry: str,
    is_project: IsProject,
) -> list[Taken]:
    """Return the first few steps of a run; none if it takes them in a way that is not known."""
    method = getattr(owner, entry, None)
    if not isinstance(method, FunctionType) or _takes_any(method):
        return []
    counts: dict[int, tuple[Any, int]] = {}
    taken: list[Taken] = []
    sketch = partial(_sketched, is_project=is_project)

    def count(param: Any, t: int | None = None) -> None:
        before = counts.get(id(param), (param, 0))[1]
        counts[id(param)] = (param, before + 1 if t is None else t)

    def step(*given: Any, **named: Any) -> Any:
        bound = signature(method).bind(*given, **named)
        bound.apply_defaults()
        names = bound.arguments
        its = next((name for name, value in names.items() if id(value) in counts), "")
        begun, is_aliased = sketch(names)
        t = counts[id(names[its])][1] if its else 0
        taken.append(Taken(t, its, begun, tuple(_drivers(is_project)), is_aliased))
        result = method(*given, **named)
        taken[-1].after = sketch(names)[0]
        if len(taken) == SOME_STEPS:
            raise _EnoughError
        return result

    with (
        suppress(Exception, _EnoughError),
        contained(MAKING_SECONDS),
        _replaced(owner, entry, step),
    ):
        run(owner, dict(arguments), count)
    whole = [each for each in taken if each.after]
    return whole if len(whole) == len(taken) else []


@contextmanager
def _replaced(owner: type, name: str, value: Any) -> Iterator[None]:
    """Let an attribute of a class be another one."""
    own = vars(owner).get(name)
    type.__setattr__(owner, name, value)
    try:
        yield
    finally:
        if own is None:
            delattr(owner, name)
        else:
            type.__setattr__(owner, name, own)


def _takes_any(method: FunctionType) -> bool:
    """Whether a function takes any number of arguments."""
    kinds = {each.kind for each in signature(method).parameters.values()}
    return bool(kinds & {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD})


def _drivers(is_project: IsProject) -> Iterator[CodeType]:
    frame = sys._getframe(2)
    while frame is not None:
        if is_project(frame.f_code.co_filename):
            yield frame.f_code
        frame = frame.f_back  # type: ignore[assignment]


def _sketched(names: Mapping[str, Any], is_project: IsProject) -> tuple[dict[str, Part], bool]:
    """The sketches of some things, and whether one that can be changed is there twice."""
    sketcher = _Sketcher(is_project)
    found = {name: sketcher.part(value) for name, value in names.items()}
    return found, sketcher.is_aliased


class _Sketcher:
    def __init__(self, is_project: IsProject) -> None:
        self.is_project = is_project
        self.seen: dict[int, Any] = {}
        self.arrays: list[Any] = []
        self.is_aliased = False

    def part(self, value: Any) -> Part:
        if value is None or type(value) in (bool, str):
            return Part("switch", value)
        if isinstance(value, int | float | np.floating | np.integer):
            is_plain = type(value) in (int, float) or isinstance(value, np.generic)
            return (
                Part("number", value.item() if isinstance(value, np.generic) else value)
                if is_plain
                else Part("other")
            )
        kind = _kind(value)
        if kind:
            self.note_array(value)
            return Part(kind)
        if type(value) is tuple:
            return Part("tuple", {n: self.part(each) for n, each in enumerate(value)})
        return self.collection(value)

    def note_array(self, value: Any) -> None:
        if any(_is_same_memory(value, each) for each in self.arrays):
            self.is_aliased = True
        self.arrays.append(value)

    def collection(self, value: Any) -> Part:
        is_dict = type(value) is dict and all(type(key) is str for key in value)
        if not is_dict and not self.is_object(value):
            return Part("other")
        if id(value) in self.seen:
            self.is_aliased = True
            return Part("other")
        self.seen[id(value)] = value
        if is_dict:
            return Part("dict", {key: self.part(each) for key, each in value.items()})
        held = {**_constants(type(value), self.is_project), **vars(value)}
        parts = {name: self.part(each) for name, each in held.items()}
        return Part("object", parts, type(value))

    def is_object(self, value: Any) -> bool:
        """Whether a value is an object of a class of the project, with attributes only."""
        kind = type(value)
        known = _of_project(kind, self.is_project)
        slots = any("__slots__" in vars(each) for each in known)
        return bool(known) and known[0] is kind and hasattr(value, "__dict__") and not slots


def _is_same_memory(one: Any, other: Any) -> bool:
    """Whether two arrays or tensors share their numbers."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one is other or bool(np.may_share_memory(one, other))
    if hasattr(one, "data_ptr") and hasattr(other, "data_ptr"):
        return one is other or bool(one.data_ptr() == other.data_ptr() != 0)
    return False


def _kind(value: Any) -> str:
    """What an array of real numbers with a fraction is; empty for all else."""
    if type(value) is np.ndarray:
        return "array" if value.dtype.kind == "f" else ""
    name = f"{type(value).__module__}.{type(value).__name__}"
    if name in ("torch.Tensor", "torch.nn.parameter.Parameter"):
        return "tensor" if value.dtype.is_floating_point and not value.is_sparse else ""
    return ""


def _of_project(kind: type, is_project: IsProject) -> list[type]:
    modules = ((each, sys.modules.get(each.__module__)) for each in kind.__mro__)
    return [each for each, m in modules if is_project(getattr(m, "__file__", None) or "")]


def _constants(kind: type, is_project: IsProject) -> dict[str, Any]:
    """What the classes of an object have that is no method: its name stands for it in the code."""
    found: dict[str, Any] = {}
    for base in reversed(_of_project(kind, is_project)):
        for name, value in vars(base).items():
            found.pop(name, None)
            if not name.startswith("__") and not hasattr(value, "__get__"):
                found[name] = value
    return found


def leaves(part: Part, code: str) -> Iterator[tuple[str, Part]]:
    """Yield all that is no collection, with the code that stands for it."""
    if part.kind not in ("tuple", "dict", "object"):
        yield code, part
        return
    for key, inner in part.value.items():
        yield from leaves(inner, place(part.kind, code, key))


def place(kind: str, code: str, key: Any) -> str:
    """Return the code that stands for what is in a collection."""
    if kind == "object":
        return f"{code}.{key}"
    return f'{code}["{key}"]' if kind == "dict" else f"{code}[{key}]"
