"""
# What the code computed, line by line

A recorder runs real, unmodified code under Python's trace function. Whenever an annotated piece of
code, a *chunk*, has been executed, it takes a snapshot: a copy of every number and tensor that has
a name there. It takes others where a function starts and where it returns.

The work is cut into *steps*: one call of the entry method, `step_param`, for one parameter. What
runs before the entry, such as the hooks that prepare a step, belongs to the step that follows. The
step number t is counted by whoever drives the code, never read from the code that is checked.

Names are frozen as they are seen: the locals of the function, over those of its callers in annotated
files. Tensors are recognized by what they can do, so torch is never imported here.
"""

from __future__ import annotations

import opcode
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeAlias

import numpy as np

__all__ = ["NOTHING", "Call", "Function", "Recorder", "Recording", "Snapshot", "Step", "Visit"]

Leaf: TypeAlias = Callable[[Any], Any]
Count: TypeAlias = Callable[..., None]


class _Nothing:
    """The mark for what cannot be kept: modules, functions, arbitrary objects."""


NOTHING = _Nothing()

# The name under which a snapshot keeps what a function returned; no variable can be called so.
RETURN = "return"


def numpy_leaf(value: Any) -> Any:
    """Return a copy of a number or tensor that nobody else can change; `NOTHING` for all else."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "detach") and hasattr(value, "numpy"):
        return np.array(value.detach().cpu().double().numpy())
    if isinstance(value, np.ndarray | np.number):
        return np.array(value, dtype=np.float64)
    return NOTHING


@dataclass(frozen=True)
class Function:
    """
    A function of an annotated file. `line` is its first line, decorators included.

    It is watched if something is to be kept of it: what its `chunks` leave behind, or, with
    `whole`, how it starts and what it returns.
    """

    path: str
    name: str
    line: int
    chunks: tuple[range, ...] = ()
    whole: bool = True


@dataclass(eq=False)
class Snapshot:
    """
    What the names in sight stood for at one moment.

    `memory` says which names are memory, and where that is at step entry: `m` is
    `state["exp_avg"]`.
    """

    names: dict[str, Any]
    memory: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Call:
    """One call of a watched function. `exit` is None when it raised."""

    function: Function
    entry: Snapshot
    exit: Snapshot | None = None


@dataclass(eq=False)
class Visit:
    """One execution of a chunk, and what things were when it was done."""

    lines: range
    after: Snapshot
    call: Call


@dataclass(eq=False)
class Step:
    """
    One step of one parameter, the t-th; `previous` is the same parameter's step before.

    `roots` are the arguments of the entry method that live on from step to step.
    """

    t: Any
    entry: Snapshot
    roots: tuple[str, ...]
    exit: Snapshot | None = None
    calls: list[Call] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    previous: Step | None = None

    @property
    def call(self) -> Call:
        """The call of the entry method."""
        return next(call for call in self.calls if call.entry is self.entry)

    def back(self, steps: int) -> Step | None:
        """The step so many before this one, if there was one."""
        step: Step | None = self
        for _ in range(steps):
            step = step and step.previous
        return step


@dataclass(eq=False)
class Recording:
    """
    Everything kept of one run.

    `owner` is the class that ran, `arguments` how it was made, `label` says both for people.
    `reached` are the functions of annotated files that ran to take the steps. Those that only
    drive the steps, and wait while the entry method works, do not count.
    """

    owner: type
    label: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    reached: set[Function] = field(default_factory=set)


class Recorder:
    """
    Watches functions while they run.

    `root` is the folder that their paths are relative to. `memory` names the arguments of the entry
    method that live on from step to step. `expressions` are further pieces of code, such as
    `self.eps`, to be evaluated and kept with the names. `leaf` turns one number or tensor into what
    is kept.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        *,
        root: str | Path = "",
        entry: str = "step_param",
        memory: tuple[str, ...] = ("state", "param"),
        expressions: Iterable[str] = (),
        leaf: Leaf = numpy_leaf,
    ) -> None:
        self.functions = {
            (os.path.realpath(Path(root, each.path)), each.line, each.name.rpartition(".")[2]): each
            for each in functions
        }
        self.paths = {path for path, _, _ in self.functions}
        self.entry = entry
        self.memory = memory
        self.expressions = {code: compile(code, code, "eval") for code in expressions}
        self.leaf = leaf
        self._known: dict[CodeType, Function | None] = {}
        self._annotated: dict[str, bool] = {}

    def record(
        self,
        run: Callable[[Count], object],
        owner: type,
        label: str = "",
        arguments: Mapping[str, Any] | None = None,
    ) -> Recording:
        """
        Run `run(count)` and return what was seen.

        `run` calls `count(param)` whenever it is about to let `param` take a step; its steps are
        numbered 1, 2, … or as `count(param, t)` says.
        """
        session = _Session(self, Recording(owner, label, arguments or {}))
        before = sys.gettrace()
        sys.settrace(session.on_call)
        try:
            run(session.count)
        finally:
            sys.settrace(before)
        session.recording.reached -= session.drivers
        return session.recording

    def function_of(self, code: CodeType) -> Function | None:
        """The watched function that this code is, if it is one."""
        if code not in self._known:
            key = (os.path.realpath(code.co_filename), code.co_firstlineno, code.co_name)
            self._known[code] = self.functions.get(key)
        return self._known[code]

    def is_annotated(self, code: CodeType) -> bool:
        """Whether the code stands in a file of which functions are watched."""
        if code.co_filename not in self._annotated:
            real = os.path.realpath(code.co_filename)
            self._annotated[code.co_filename] = real in self.paths
        return self._annotated[code.co_filename]


class _Session:
    """One run."""

    def __init__(self, recorder: Recorder, recording: Recording) -> None:
        self.recorder = recorder
        self.recording = recording
        self.counted: dict[int, tuple[Any, Any]] = {}  # by identity: the parameter and its t
        self.last: dict[int, Step] = {}
        self.step: Step | None = None
        self.early: list[Call | Visit] = []
        self.drivers: set[Function] = set()
        # Where each tensor lives at step entry, by identity; the tensors, so that they stay alive.
        self.places: dict[int, tuple[str, Any]] = {}

    def count(self, param: Any, t: Any = None) -> None:
        if t is None:
            t = self.counted[id(param)][1] + 1 if id(param) in self.counted else 1
        self.counted[id(param)] = (param, t)

    def on_call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        function = self.recorder.function_of(frame.f_code)
        if function is None:
            return None
        if self.counted:
            self.recording.reached.add(function)
        if not function.whole and not function.chunks and frame.f_code.co_name != self.recorder.entry:
            return None
        if self.step is None and frame.f_code.co_name == self.recorder.entry:
            return self.enter(function, frame)
        return _Frame(self, function, frame).trace

    def enter(self, function: Function, frame: FrameType) -> Callable[..., Any]:
        """Start a step: the entry method has been called."""
        names = frame.f_locals
        known = [id(value) for value in names.values() if id(value) in self.counted]
        if not known:
            raise RuntimeError(
                f"{function.path}:{function.line}: {function.name} was called for a parameter "
                "that was not counted; call count(param) before its step"
            )
        roots = [(name, names[name]) for name in self.recorder.memory if name in names]
        self.places = {id(value): (place, value) for place, value in _places(roots)}
        started = _Frame(self, function, frame)
        self.step = Step(self.counted[known[0]][1], started.call.entry, self.recorder.memory)
        self.step.previous = self.last.get(known[0])
        self.last[known[0]] = self.step
        self.recording.steps.append(self.step)
        for caller in self.frames(frame):
            driver = self.recorder.function_of(caller.f_code)
            if caller is not frame and driver is not None:
                self.drivers.add(driver)
        early, self.early = self.early, []
        for seen in early:
            self.add(seen)
        return started.trace

    def add(self, seen: Call | Visit) -> None:
        """Keep a call or a visit for the step it belongs to, or for the next one."""
        if self.step is None:
            self.early.append(seen)
        elif isinstance(seen, Call):
            self.step.calls.append(seen)
        else:
            self.step.visits.append(seen)

    def leave(self, call: Call) -> None:
        """End the step if this was the call that started it."""
        if self.step and call.entry is self.step.entry:
            self.step.exit = call.exit
            self.step = None
            self.places = {}

    def snapshot(self, frame: FrameType, returned: Any = NOTHING) -> Snapshot:
        """Freeze all names in sight of a frame."""
        memo: dict[int, Any] = {}
        names: dict[str, Any] = {}
        seen = list(self.frames(frame))
        for each in reversed(seen):
            names |= each.f_locals
        own: dict[str, Any] = dict(frame.f_locals)
        for text, code in self.recorder.expressions.items():
            try:
                own[text] = names[text] = eval(code, frame.f_globals, frame.f_locals)
            except (NameError, AttributeError, KeyError, IndexError, TypeError):
                continue  # means something in another function
        if returned is not NOTHING:
            names[RETURN] = returned
        frozen = {name: self.freeze(value, memo) for name, value in names.items()}
        memory = {n: self.places[id(v)][0] for n, v in own.items() if id(v) in self.places}
        return Snapshot({n: v for n, v in frozen.items() if v is not NOTHING}, memory)

    def frames(self, frame: FrameType) -> Iterator[FrameType]:
        """The frame and its callers in annotated files."""
        caller: FrameType | None = frame
        while caller is not None:
            if self.recorder.is_annotated(caller.f_code):
                yield caller
            caller = caller.f_back

    def freeze(self, value: Any, memo: dict[int, Any]) -> Any:
        if id(value) not in memo:
            memo[id(value)] = NOTHING  # for a container that contains itself
            memo[id(value)] = self.freeze_new(value, memo)
        return memo[id(value)]

    def freeze_new(self, value: Any, memo: dict[int, Any]) -> Any:
        if isinstance(value, Mapping):
            parts = {k: self.freeze(v, memo) for k, v in value.items() if isinstance(k, str)}
            return {k: v for k, v in parts.items() if v is not NOTHING}
        if isinstance(value, tuple | list):
            return [self.freeze(part, memo) for part in value]
        return self.recorder.leaf(value)


def _places(roots: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Where to find each object of the memory, as Python code."""
    for name, value in roots:
        if isinstance(value, Mapping):
            yield from _places((f"{name}[{key!r}]", part) for key, part in value.items())
        elif not isinstance(value, bool | int | float | str | None):
            # Python uses one object for all equal small numbers: their identity says nothing.
            yield name, value


class _Frame:
    """Follows one call of a watched function from line to line."""

    def __init__(self, session: _Session, function: Function, frame: FrameType) -> None:
        self.session = session
        self.call = Call(function, session.snapshot(frame))
        self.chunk: range | None = None
        session.add(self.call)

    def trace(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        if event == "line":
            chunks = self.call.function.chunks
            here = next((lines for lines in chunks if frame.f_lineno in lines), None)
            if here is not self.chunk:
                self.finish(frame)
                self.chunk = here
        elif event == "return" and _returns(frame):
            self.call.exit = self.finish(frame, arg)
            self.session.leave(self.call)
        elif event == "return":
            self.session.leave(self.call)
        return self.trace

    def finish(self, frame: FrameType, returned: Any = NOTHING) -> Snapshot | None:
        """Keep what the chunk that was just executed has left behind."""
        if self.chunk is None and returned is NOTHING:
            return None
        snapshot = self.session.snapshot(frame, returned)
        if self.chunk is not None:
            self.session.add(Visit(self.chunk, snapshot, self.call))
        return snapshot


def _returns(frame: FrameType) -> bool:
    """Whether a frame is left by returning, not by an exception."""
    name = opcode.opname[frame.f_code.co_code[frame.f_lasti]]
    return name.startswith(("RETURN", "YIELD"))
