"""
# What the code computed, line by line

A recorder runs real, unmodified code under Python's trace function. Whenever an annotated piece of
code, a *chunk*, has been executed, it takes a snapshot: a copy of every number and tensor that has
a name there. It takes others where a function starts and where it returns.

The work is cut into *steps*: one call of the entry method, `step_param`, for one parameter. What
runs once a step is counted and before its entry, such as the hooks that prepare it, belongs to the
step that follows. What runs when all counted steps are taken belongs to the one before. The step
number t is counted by whoever drives the code, never read from the code that is checked.

Names are frozen as they are seen: the locals of the function, over those of its callers in
annotated files. One exception: an argument that is memory stays what the caller holds. Code that
binds its name to something new, as in `param = param.mul(2)`, has not changed the parameter.

## One call, from line to line

When the code leaves a chunk, the chunk has been executed; unless it was left because something in
it raised.
"""

from __future__ import annotations

import math
import opcode
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeAlias

from sidebyside.trace.contained import contained
from sidebyside.trace.given import Given, Made, arguments_of, made, settings_of
from sidebyside.trace.operations import Operations
from sidebyside.trace.trace import (
    NOTHING,
    RETURN,
    Call,
    Copies,
    Function,
    Leaf,
    Recording,
    Snapshot,
    Step,
    Visit,
    equal,
    freeze,
    numpy_leaf,
    places,
    same,
)

__all__ = ["EntryError", "Frame", "Function", "Recorder", "Recording", "numpy_leaf"]


Count: TypeAlias = Callable[..., None]


# Names that the arguments of a step go by, whatever a page says about them.
_KNOWN = ("state", "group", "param", "grad")


class EntryError(Exception):
    """A step that was not announced, or only once for two. The text says what to do."""


class TooLongError(Exception):
    """A run that does not come to its end."""


class _EnoughError(Exception):
    """A run has come to its first step."""


class Recorder:
    """
    Watches functions while they run.

    `root` is the folder that their paths are relative to. `memory` names the arguments of the entry
    method that live on from step to step. `expressions` are further pieces of code, such as
    `self.eps`, to be evaluated and kept with the names. `names` are those that anything is said
    about; without them, all that are in sight are kept. `leaf` turns one number or tensor into what
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
        names: Iterable[str] | None = None,
        leaf: Leaf = numpy_leaf,
        operations: Operations | None = None,
    ) -> None:
        self.operations = operations
        self.functions = {
            (os.path.realpath(Path(root, each.path)), each.line, each.name.rpartition(".")[2]): each
            for each in functions
        }
        self.paths = {path for path, _, _ in self.functions}
        self.entry = entry
        self.memory = memory
        self.expressions = {code: compile(code, code, "eval") for code in expressions}
        self.names = None if names is None else {*names, *memory, *_KNOWN}
        self.leaf = leaf
        # By identity, as Python would go through all that a code has; with it, so that it lives on.
        self._known: dict[int, tuple[CodeType, Function | None]] = {}
        self._annotated: dict[str, bool] = {}
        # What is neither watched nor looked at, most of what runs: quickly passed by.
        self.foreign: dict[int, CodeType] = {}

    def record(
        self,
        run: Callable[[Count], object],
        owner: type,
        label: str = "",
        arguments: Mapping[str, Any] | None = None,
        most: int | None = None,
    ) -> Recording:
        """
        Run `run(count)` and return what was seen.

        `run` calls `count(param)` whenever it is about to let `param` take a step; its steps are
        numbered 1, 2, … or as `count(param, t)` says. After `most` calls, and lines of watched
        files, `TooLongError` is raised. What `run` does besides is [contained](contained.py).
        """
        session = Session(self, Recording(owner, label, arguments or {}), most)
        before = sys.gettrace()
        sys.settrace(session.on_call)
        try:
            with contained():
                run(session.count)
        finally:
            sys.settrace(before)
        session.look_after()
        session.recording.reached -= session.drivers
        return session.recording

    def made(
        self, run: Callable[[Count], object], owner: type, arguments: Mapping[str, Any]
    ) -> Made | None:
        """
        Return what a constructor is given, and what it makes of it; None if it raises.

        `run` goes no further than to where it counts its first step.
        """
        session = Session(self, Recording(owner, "", arguments))

        def stop(*_: Any) -> None:
            raise _EnoughError

        before = sys.gettrace()
        sys.settrace(session.on_call)
        try:
            with contained():
                run(stop)
        except _EnoughError:
            return session.recording.made
        except Exception:  # a constructor may refuse its arguments
            return None
        finally:
            sys.settrace(before)
        return None

    def function_of(self, code: CodeType) -> Function | None:
        """The watched function that this code is, if it is one."""
        if id(code) not in self._known:
            key = (os.path.realpath(code.co_filename), code.co_firstlineno, code.co_name)
            self._known[id(code)] = (code, self.functions.get(key))
        return self._known[id(code)][1]

    def is_annotated(self, code: CodeType) -> bool:
        """Whether the code stands in a file of which functions are watched."""
        if code.co_filename not in self._annotated:
            real = os.path.realpath(code.co_filename)
            self._annotated[code.co_filename] = real in self.paths
        return self._annotated[code.co_filename]


@cache
def _compiled(code: str) -> CodeType:
    return compile(code, code, "eval")


class Session:
    """One run."""

    def __init__(self, recorder: Recorder, recording: Recording, most: int | None = None) -> None:
        self.recorder = recorder
        self.recording = recording
        self.leaf = Copies(recorder.leaf)
        self.left = math.inf if most is None else most
        self.counted: dict[int, tuple[Any, Any]] = {}  # by identity: the parameter and its t
        self.pending: dict[int, Any] = {}  # counted, but not yet taken
        self.given: dict[int, Given] = {}  # what the user gave for those
        self.taken: list[tuple[Given, Any]] = []  # and the parameters of which a step was taken
        self.owner: Any = None  # the object that was made
        self.attributes: dict[str, Any] = {}  # its attributes at the start of the step before
        self.last: dict[int, Step] = {}
        self.step: Step | None = None
        self.early: list[Call | Visit] = []
        self.drivers: set[Function] = set()
        # Where each tensor lives at step entry, by identity; the tensors, so that they stay alive.
        self.places: dict[int, tuple[str, Any]] = {}
        self.roots: dict[str, Any] = {}
        self.arguments: dict[FrameType, dict[str, str]] = {}  # those that are memory: their places

    def count(self, param: Any, t: Any = None) -> None:
        if t is None:
            t = self.counted[id(param)][1] + 1 if id(param) in self.counted else 1
        self.look_after()
        self.counted[id(param)] = (param, t)
        self.pending[id(param)] = param
        self.given.pop(id(param), None)

    def on_call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        self.spend()
        recorder, code = self.recorder, frame.f_code
        if id(code) in recorder.foreign:
            return None
        operations = recorder.operations
        is_looked_at = operations is not None and operations.enter(frame)
        function = recorder.function_of(code)
        if function is None:
            if operations is None or not operations.has(code.co_filename):
                recorder.foreign[id(code)] = code
            return self.pass_through if is_looked_at else None
        if self.counted:
            self.recording.reached.add(function)
        if self.owner is None and code.co_name == "__init__":
            return self.make(function, frame)
        if self.step is None and self.pending.keys() - self.given.keys():
            self.look_before(frame)
        is_entry = code.co_name == recorder.entry
        if is_entry and self.step is None:
            return self.enter(function, frame)
        self.note_arguments(frame)
        if is_entry or function.whole or function.chunks:
            return Frame(self, function, frame).trace
        return self.pass_through if is_looked_at or self.left < math.inf else None

    def spend(self) -> None:
        """Take note that the run goes on."""
        self.left -= 1
        if self.left < 0:
            raise TooLongError

    def look(self, frame: FrameType) -> None:
        """Try the operations of a line before it runs."""
        if self.recorder.operations is not None:
            self.recorder.operations.look(frame)

    def pass_through(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        """Follow a call of which nothing is kept."""
        if event == "line":
            self.look(frame)
        self.spend()
        return self.pass_through

    def enter(self, function: Function, frame: FrameType) -> Callable[..., Any]:
        """Start a step: the entry method has been called."""
        names = frame.f_locals
        known = [id(value) for value in names.values() if id(value) in self.counted]
        if not known:
            raise EntryError(
                f'entry = "{self.recorder.entry}": {function.name} in {function.path}:'
                f"{function.line} was called, but none of its arguments was counted; in `run`, "
                "call count(param) before the step of each param, or name another method"
            )
        roots = [(name, names[name]) for name in self.recorder.memory if name in names]
        self.places = {id(value): (place, value) for place, value in places(roots)}
        self.roots = dict(roots)
        self.note_arguments(frame)
        started = Frame(self, function, frame)
        t, previous = self.counted[known[0]][1], self.last.get(known[0])
        if previous is not None and previous.t == t:
            raise EntryError(
                f'entry = "{self.recorder.entry}": {function.name} in {function.path}:'
                f"{function.line} was called a second time in step {t}; in `run`, call "
                "count(param) once before each step of each param"
            )
        name = next(name for name, value in names.items() if id(value) == known[0])
        given = self.given.pop(known[0], None)
        self.step = Step(
            t, started.call.entry, self.recorder.memory, previous=previous, given=given, param=name
        )
        self.note_attributes(names.get("self"))
        if given is not None:
            self.taken.append((given, self.pending[known[0]]))
        self.last[known[0]] = self.step
        self.pending.pop(known[0], None)
        self.recording.steps.append(self.step)
        for caller in self.frames(frame):
            driver = self.recorder.function_of(caller.f_code)
            if caller is not frame and driver is not None:
                self.drivers.add(driver)
        early, self.early = self.early, []
        for seen in early:
            self.add(seen)
        return started.trace

    def make(self, function: Function, frame: FrameType) -> Callable[..., Any] | None:
        """Keep what a constructor is given, and once it is done, what it made of it."""
        owner = frame.f_locals.get("self")
        watched = function.whole or function.chunks
        inner = Frame(self, function, frame).trace if watched else None
        if type(owner) is not self.recording.owner:
            return inner
        self.owner = owner
        found = made(arguments_of(frame), self.leaf)

        def trace(frame: FrameType, event: str, arg: Any) -> Any:
            if event == "return":
                found.settings = settings_of(owner, found.arguments, None, self.leaf)
            if inner is not None:
                inner(frame, event, arg)
            return trace

        self.recording.made = found
        return trace

    def look_before(self, frame: FrameType) -> None:
        """Keep what the user's call begins with, for all parameters that were counted."""
        leaf, names = self.leaf, self.recording.made and self.recording.made.arguments
        for key, param in self.pending.items():
            # A closure computes the gradient later.
            late = frame.f_locals.get("closure") is not None
            grad = param.grad if hasattr(type(param), "grad") and not late else NOTHING
            settings = settings_of(self.owner, names or {}, param, leaf)
            self.given[key] = Given(leaf(param), leaf(grad), settings)

    def look_after(self) -> None:
        """Keep what the parameters are, now that the user goes on."""
        for given, param in self.taken:
            given.after = self.leaf(param)
        self.taken = []

    def note_attributes(self, owner: Any) -> None:
        """Find out which attributes change from step to step; what is memory may."""
        known = {"state", "param_groups", "defaults"}
        known |= {name.removeprefix("self.") for name in self.recorder.memory}
        now = {
            name: freeze(value, self.leaf, {})
            for name, value in list(getattr(owner, "__dict__", {}).items())
            if name not in known
        }
        if self.attributes:
            names = now.keys() | self.attributes.keys()
            self.recording.changing |= {
                name for name in names if not equal(now.get(name), self.attributes.get(name))
            }
        self.attributes = now

    def note_arguments(self, frame: FrameType) -> None:
        """Remember which arguments of a call are memory."""
        if self.places:
            found = {n: self.place_of(v) for n, v in frame.f_locals.items()}
            self.arguments[frame] = {name: place for name, place in found.items() if place}

    def place_of(self, value: Any) -> str:
        """Where in memory a value lived when the step began; empty if nowhere."""
        return self.places[id(value)][0] if id(value) in self.places else ""

    def add(self, seen: Call | Visit) -> None:
        """Keep a call or a visit for the step it belongs to: this, the next, or the one before."""
        step = self.step
        if step is None and self.recording.steps and not self.pending:
            step = self.recording.steps[-1]
        if step is None:
            self.early.append(seen)
        elif isinstance(seen, Call):
            step.calls.append(seen)
        else:
            step.visits.append(seen)

    def leave(self, call: Call) -> None:
        """End the step if this was the call that started it."""
        if self.step and call.entry is self.step.entry:
            self.step.exit = call.exit
            self.step = None
            self.places, self.roots, self.arguments = {}, {}, {}

    def snapshot(self, frame: FrameType, returned: Any = NOTHING) -> Snapshot:
        """Freeze all names in sight of a frame."""
        names: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for each in reversed(list(self.frames(frame))):
            own = {**self.in_sight(each), **self.held(each)}
            names |= own
        for text, code in self.recorder.expressions.items():
            try:
                own[text] = names[text] = eval(code, frame.f_globals, frame.f_locals)
            except Exception:  # a property may raise anything
                continue  # means something in another function, or at another time
        if returned is not NOTHING:
            names[RETURN] = returned
        memory = {n: self.place_of(v) for n, v in own.items() if id(v) in self.places}
        return Snapshot(freeze(names, self.leaf, {}), memory)

    def in_sight(self, frame: FrameType) -> Mapping[str, Any]:
        """The variables of a frame that are to be kept."""
        seen, wanted = frame.f_locals, self.recorder.names
        if wanted is None:
            return seen
        return {name: seen[name] for name in wanted & seen.keys()}

    def held(self, frame: FrameType) -> dict[str, Any]:
        """The arguments of a call that are memory, as the caller holds them now."""
        found: dict[str, Any] = {}
        for name, place in self.arguments.get(frame, {}).items():
            with suppress(LookupError):  # removed from memory: then it is what the name says
                found[name] = eval(_compiled(place), {}, self.roots)
        return found

    def frames(self, frame: FrameType) -> Iterator[FrameType]:
        """The frame and its callers in annotated files."""
        caller: FrameType | None = frame
        while caller is not None:
            if self.recorder.is_annotated(caller.f_code):
                yield caller
            caller = caller.f_back


class Frame:
    """Follows one call of a watched function from line to line."""

    def __init__(self, session: Session, function: Function, frame: FrameType) -> None:
        self.session = session
        self.call = Call(function, session.snapshot(frame))
        self.arguments = dict(frame.f_locals)
        self.chunk: range | None = None
        self.broken = False  # whether something was raised in the chunk, and not yet handled there
        session.add(self.call)

    def trace(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        self.session.spend()
        if event == "line":
            self.session.look(frame)
            number, function = frame.f_lineno, self.call.function
            self.session.recording.lines.add((function.path, number))
            here = next((lines for lines in function.chunks if number in lines), None)
            if here is not self.chunk:
                if not self.broken:
                    self.finish(frame)
                self.chunk = here
            self.broken = False
        elif event == "exception":
            self.broken = not issubclass(arg[0], _ENDS)
        elif event == "return" and _returns(frame):
            self.call.exit = self.finish(frame, arg)
            self.compare_arguments(frame)
            self.session.leave(self.call)
        elif event == "return":
            self.session.leave(self.call)
        return self.trace

    def compare_arguments(self, frame: FrameType) -> None:
        """Note which arguments are not what they were when the call began."""
        assert self.call.exit is not None
        entry, end, seen = self.call.entry, self.call.exit, frame.f_locals
        there = {name: value for name, value in self.arguments.items() if name not in end.memory}
        rebound = {name for name, value in there.items() if seen.get(name) is not value}
        self.call.rebound = frozenset(rebound)
        self.call.changed = frozenset(
            name
            for name in there.keys() - rebound
            if not same(entry.names.get(name), end.names.get(name))
        )

    def finish(self, frame: FrameType, returned: Any = NOTHING) -> Snapshot | None:
        """Keep what the chunk that was just executed has left behind."""
        if self.chunk is None and returned is NOTHING:
            return None
        snapshot = self.session.snapshot(frame, returned)
        if self.chunk is not None:
            self.session.add(Visit(self.chunk, snapshot, self.call))
        return snapshot


# What ends a loop is raised, too; the chunk with the loop has done its work.
_ENDS = (StopIteration, StopAsyncIteration)


def _returns(frame: FrameType) -> bool:
    """Whether a frame is left by returning, not by an exception."""
    name = opcode.opname[frame.f_code.co_code[frame.f_lasti]]
    return name.startswith(("RETURN", "YIELD"))
