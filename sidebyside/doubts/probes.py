"""
# Runs that no author thought of

The runs of a configuration are its author's choice, and so is what they never show. A *probe* is
the same run with one thing changed: another argument of the constructor, other inputs, many more
steps, settings that change on the way, or another parameter beside those of the run. The code runs
as it is; only the method that takes a step is called with other numbers.

Inputs are the numbers and arrays that this method is given and that are no memory; where what is
counted has a gradient, it is that. Whole numbers that are counted with, as `int` says, stay as they
are, unless the page has a symbol for them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import wraps
from types import FrameType
from typing import Any, TypeAlias

import numpy as np

from sidebyside.doubts.company import (
    fill_settings,
    in_company,
    is_withheld,
    move_settings,
    new_gradient,
    noting,
    reload,
)
from sidebyside.doubts.kinds import MEMORY, Sayings, Twins, changed_kinds, inside
from sidebyside.doubts.meanwhile import FIRST, Meanwhile
from sidebyside.probing.again import Known, called_alone
from sidebyside.probing.replacing import replaced

__all__ = [
    "CHANGES",
    "PAUSES",
    "RELOADED",
    "REUSED",
    "SCHEDULE",
    "ZERO",
    "Change",
    "Probe",
    "Together",
    "at_numbers",
    "changed",
    "probing",
]

Change: TypeAlias = "Callable[[int, Any], Any]"
# All inputs of the k-th call, in place of those given.
Together: TypeAlias = "Callable[[int, Mapping[str, Any]], dict[str, Any]]"
Run: TypeAlias = Callable[..., object]

# The steps that a probe takes after those of the run: longer than most counters are tried by hand.
MORE_STEPS = 128
# The first and last ones of those, in which inputs lie far out, and by what factor.
FAR_STEPS = 4
FAR = 1e60
# Those after which settings are others.
SOME_STEPS = 3
# Those that show what a setting does.
FEW_STEPS = 4


@dataclass(frozen=True)
class Probe:
    """
    A change of a run, `words` for it, and its `arguments`; `seen` are those that a page knows of.

    `change` returns an input in place of one, in the k-th call. With `longer`, the steps go on; if
    `alone`, those of one parameter, as the others have no gradient any more. With `reused`, all
    inputs come in one buffer, filled anew. `later` are settings that are others from the fourth
    step on. With `company`, so many parameters come before the others, in a group with other
    `later`. With `far`, the first steps of many have inputs near 0, and the last ones enormous
    inputs. With a `kind`, inputs are of that one, but for those of which something is `said`. With
    `meanwhile`, something happens between steps. If it `pauses`, gradients are missing now and
    then; if `reloaded`, a new object goes on with the state of the old one. If `few`, the run is
    left after some steps. `together` changes all inputs of a call at once. `tensors` are settings
    that become tensors, filled anew two steps later. Some `functions` are called once more, by
    themselves.
    """

    words: str
    arguments: Mapping[str, Any]
    seen: Mapping[str, Any]
    change: Change | None = None
    longer: bool = False
    alone: bool = False
    reused: bool = False
    later: Collection[str] = ()
    company: int = 0
    far: bool = False
    kind: str = ""
    said: Sayings | None = None
    meanwhile: bool = False
    pauses: bool = False
    reloaded: bool = False
    few: bool = False
    together: Together | None = None
    tensors: Collection[str] = ()
    functions: Collection[Known] = ()


def _sizes(turn: float) -> Change:
    """Return a change of size, by factors without a pattern from a thousandth to a thousand."""

    def change(k: int, value: Any) -> Any:
        places = np.arange(np.size(value)).reshape(np.shape(value))
        return np.asarray(value * 1000.0 ** np.sin(2.4 * k + 1.7 * places + turn))

    return change


ZERO = "whole inputs, 0 now and then"
SCHEDULE = "settings that change on the way"
PAUSES = "gradients that are missing now and then"
RELOADED = "a new object that has loaded the state"
# Those that come in one buffer, which costs no run more.
REUSED = "inputs of other sizes and the other sign"
# By how much inputs lie far from 0, beside which they differ by little.
OFFSET = 1e8
# Words for a change of all inputs, and what it makes of one. In the second, what is large in the
# first is small.
CHANGES: Mapping[str, Change] = {
    "inputs of other sizes": _sizes(0.3),
    REUSED: lambda k, value: -_sizes(0.3 + np.pi)(k, value),
    "inputs with a large offset": lambda k, value: np.asarray(value + OFFSET),
    ZERO: lambda k, value: np.asarray(np.rint(value) * (k % 2)).astype(np.int64),
}


def at_numbers(numbers: Sequence[float]) -> Change:
    """Return a change that makes inputs the numbers given, in turn, with the sign they have."""

    def change(k: int, value: Any) -> Any:
        places = np.arange(np.size(value)).reshape(np.shape(value))
        picked = np.asarray(numbers, np.float64)[(k + places) % len(numbers)]
        return np.copysign(picked, value)

    return change


def changed(change: Change, k: int, value: Any) -> Any:
    """An input as it is after a change, of the same type; all but real numbers stay."""
    if hasattr(value, "new_tensor") and value.is_floating_point():
        found = change(k, value.detach().numpy())
        tensor = value.detach().new_tensor(np.asarray(found, np.float64))
        return tensor.long() if change is CHANGES[ZERO] else tensor
    if change is CHANGES[ZERO] and isinstance(value, float | np.ndarray):
        return change(k, value) if np.ndim(value) else change(k, value).item()
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.asarray(change(k, value), value.dtype)
    if isinstance(value, np.floating):
        return type(value)(change(k, value))
    return change(k, value).item() if type(value) is float else value


class _EnoughError(BaseException):
    """A run has shown what it can, and is left."""


class _Entry:
    """The method that takes a step, called with other inputs than the run gives it."""

    def __init__(self, owner: type, name: str, memory: Collection[str], probe: Probe) -> None:
        self.method, self.memory, self.probe = getattr(owner, name), memory, probe
        self.signature = inspect.signature(self.method)
        self.names = [*self.signature.parameters][1:]
        self.twins = Twins(memory, probe.said if probe.kind == MEMORY else None)
        self.counted: dict[int, Any] = {}
        self.calls: list[tuple[Any, tuple[Any, ...]]] = []
        self.outer = ""  # the method that the run calls, if that calls this one
        self.plain = True  # whether steps are numbered from 1 on, and arguments have their places
        self.done = 0
        self.buffers: dict[Any, Any] = {}  # of inputs, and of gradients
        self.company: list[Any] = []
        self.made: list[Any] = []  # what the constructor is given
        self.scale = 1.0  # of all inputs
        self.times: dict[int, int] = {}  # how often each was counted
        inputs = [n for n, each in enumerate(self.names) if each not in memory]
        self.meanwhile = Meanwhile(probe.words, owner, name, inputs)

    def count(self, count: Callable[..., None], param: Any, t: Any = None) -> None:
        """Tell that a step comes, with another gradient if it has one."""
        if self.probe.few and self.done >= FEW_STEPS:
            raise _EnoughError
        param = self.twins.of(param, self.memory)
        self.counted[id(param)] = param
        self.times[id(param)] = self.times.get(id(param), 0) + 1
        self.plain = self.plain and t is None
        grad = getattr(param, "grad", None)
        if grad is None and (self.probe.pauses or self.probe.reloaded):
            raise ValueError("its steps are not decided by gradients")
        is_first = param is next(iter(self.counted.values()))
        if self.probe.pauses and is_withheld(self.times[id(param)], is_first=is_first):
            param.grad = None
            return
        if self.probe.reloaded and is_first and self.times[id(param)] == SOME_STEPS:
            reload(self.calls[-1][0], self.made[0])
        if self.probe.tensors and is_first and self.times[id(param)] in (2, 4):
            fill_settings(self.calls[-1][0], self.probe.tensors, param)
        if grad is not None and self.probe.change is not None:
            found = changed(self.probe.change, self.times[id(param)], grad.numpy())
            grad.copy_(grad.new_tensor(found * self.scale))
            if self.probe.reused:
                param.grad = self.buffers.setdefault(id(param), grad).copy_(grad)
        self.bring(count, param)
        if self.probe.meanwhile:
            if grad is not None:
                raise ValueError("its steps are decided by gradients")
            if self.done >= FIRST:
                self.meanwhile.come(*self.calls[-1])
        count(param, t)

    def bring(self, count: Callable[..., None], param: Any) -> None:
        """Let a companion take its step with the first parameter, and settings be others."""
        first = next(iter(self.counted.values()))
        for each in self.company if param is first else ():
            each.grad = new_gradient(each, len(self.calls) + 1)
            count(each)
        if self.probe.later and not self.probe.company and len(self.calls) == SOME_STEPS:
            # What memory begins with is no setting any more.
            later = [name for name in self.probe.later if f"self.{name}" not in self.memory]
            move_settings(self.calls[-1][0], later)

    def __call__(self, this: Any, *given: Any, **named: Any) -> Any:
        """Take a step."""
        self.done += 1
        self.calls.append((this, given))
        self.plain = self.plain and not named
        bound = self.signature.bind(this, *given, **named)
        _, *names = bound.arguments
        inputs = {name: self.twins.of(bound.arguments[name], [name]) for name in names}
        self.twins.refuse_none()
        free = {name: value for name, value in inputs.items() if not self.is_other(name, value)}
        if self.probe.said and self.probe.kind != MEMORY:
            inputs |= changed_kinds(self.probe.kind, self.done, free, self.probe.said)
        if self.probe.together:
            inputs |= self.probe.together(self.done, free)
        bound.arguments.update((each, self.input(each, inputs[each])) for each in names)
        return self.method(*bound.args, **bound.kwargs)

    def input(self, name: str, value: Any) -> Any:
        """Return what an argument is after the change."""
        if self.probe.change is None or self.is_other(name, value):
            return value
        change = self.probe.change
        found = inside(name, value, lambda _, each: changed(change, self.done, each))
        if self.scale != 1 and type(found) is float:
            found = found * self.scale
        elif self.scale != 1 and isinstance(found, np.ndarray) and found.dtype.kind == "f":
            found = np.asarray(found * self.scale, found.dtype)
        if not self.probe.reused or not isinstance(found, np.ndarray):
            return found
        buffer = self.buffers.setdefault((name, found.shape), np.array(found))
        buffer[...] = found
        return buffer

    def is_other(self, name: str, value: Any) -> bool:
        """Whether an argument is no input, but memory, or decided by gradients."""
        has_grad = any(getattr(each, "grad", None) is not None for each in self.counted.values())
        return name in self.memory or id(value) in self.counted or has_grad

    def go_on(self, count: Callable[..., None]) -> None:
        """Take many more steps, as the run has taken them, where that can be told."""
        if not self.probe.longer:
            return
        calls, counted = list(self.calls), list(self.counted.values())
        if not self.plain or not calls:
            raise ValueError("nobody knows how the run takes its steps")
        if self.outer:
            self.go_on_by(getattr(calls[-1][0], self.outer), counted, count)
            return
        [param] = counted
        for k in range(MORE_STEPS):
            self.go_far(k)
            count(param)
            self(calls[-1][0], *calls[k % len(calls)][1])

    def go_on_by(
        self, method: Callable[[], Any], counted: Sequence[Any], count: Callable[..., None]
    ) -> None:
        """Call the method that the run calls, with the last gradients, changed each time."""
        inspect.signature(method).bind()
        last = [param.grad.clone() for param in counted]
        going = counted[:1] if self.probe.alone else counted
        for param in counted:
            param.grad = None
        for k in range(MORE_STEPS):
            self.go_far(k)
            for param, grad in zip(going, last, strict=False):
                param.grad = grad.clone()
                self.count(count, param)
            method()

    def go_far(self, k: int) -> None:
        """Let inputs of the k-th of many more steps lie far out."""
        is_last = k >= MORE_STEPS - FAR_STEPS
        self.scale = 1 / FAR if k < FAR_STEPS else FAR if is_last else 1.0
        if not self.probe.far:
            self.scale = 1.0

    def note_caller(self, this: Any, frame: FrameType | None, file: str) -> None:
        """Find the method of the object that the run has called."""
        self.outer = ""
        while frame is not None and frame.f_code.co_filename not in (file, __file__):
            name = frame.f_code.co_name
            if frame.f_locals.get("self") is this and callable(getattr(this, name, None)):
                self.outer = name
            frame = frame.f_back


@contextmanager
def _in_place(owner: type, name: str, entry: _Entry, file: str) -> Iterator[None]:
    """Let a class take its steps by way of an entry."""

    @wraps(entry.method)
    def step(this: Any, *given: Any, **named: Any) -> Any:
        entry.note_caller(this, sys._getframe(1), file)
        return entry(this, *given, **named)

    with replaced(owner, name, step):
        yield


def probing(
    run: Run, owner: type, probe: Probe, name: str, memory: Collection[str]
) -> Callable[[Callable[..., None]], None]:
    """Return a run with a change. `name` is the method that takes a step."""

    def drive(count: Callable[..., None]) -> None:
        entry = _Entry(owner, name, memory, probe)
        given = dict(probe.arguments)
        company = in_company(owner, given, probe.later, probe.company, entry.company)
        place = _in_place(owner, name, entry, run.__code__.co_filename)
        meanwhile = entry.meanwhile.in_place() if probe.meanwhile else nullcontext()
        whole = entry.twins.made(owner)
        made = noting(owner, entry.made) if probe.reloaded else nullcontext()
        alone = called_alone(probe.functions, probe.words) if probe.functions else nullcontext()
        with alone, place, meanwhile, whole, made, company if probe.company else nullcontext():
            with suppress(_EnoughError):
                run(owner, given, lambda *given: entry.count(count, *given))
            entry.go_on(count)

    return drive
