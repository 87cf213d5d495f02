"""
# One run

What runs is cut into steps, and every call and visit is kept for the step that it belongs to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, TypeAlias

from sidebyside.probing.operations import NO_LINES
from sidebyside.probing.properties import is_property
from sidebyside.trace.frame import Frame
from sidebyside.trace.given import Given, arguments_of, kept_of, made, settings_of
from sidebyside.trace.outside import Outside
from sidebyside.trace.trace import (
    NOTHING,
    Call,
    Copies,
    Function,
    Located,
    Place,
    Recording,
    Step,
    Visit,
    equal,
    freeze,
    places,
)

if TYPE_CHECKING:
    from sidebyside.trace.recorder import Recorder, Watched

__all__ = ["EntryError", "Session", "TooLongError"]

Tracer: TypeAlias = Callable[..., Any]
Lines: TypeAlias = Mapping[int, Any]
_NONE: Mapping[str, Place] = {}


class EntryError(Exception):
    """A step that was not announced, or only once for two. The text says what to do."""


class TooLongError(Exception):
    """A run that does not come to its end."""


class Session:
    """One run."""

    def __init__(self, recorder: Recorder, recording: Recording, most: int | None = None) -> None:
        self.recorder = recorder
        self.recording = recording
        self.copies = Copies(recorder.leaf, recorder.keys)
        self.left = math.inf if most is None else most
        self.counted: dict[int, tuple[Any, Any]] = {}  # by identity: the parameter and its t
        self.pending: dict[int, Any] = {}  # counted, but not yet taken
        self.given: dict[int, Given] = {}  # what the user gave for those
        self.is_new = False  # whether some were counted since
        self.taken: list[tuple[Given, Any]] = []  # and the parameters of which a step was taken
        self.owner: Any = None  # the object that was made
        self.outer: tuple[FrameType | None, dict[str, Any]] = (None, {})  # the user's call
        self.inputs: list[Any] = []  # of the step that is taken
        self.attributes: dict[str, Any] = {}  # its attributes at the start of the step before
        self.last: dict[int, Step] = {}
        self.step: Step | None = None
        self.early: list[Call | Visit] = []
        self.reached: dict[int, Function] = {}  # by identity, as those below
        self.drivers: dict[int, Function] = {}
        self.ran: dict[str, set[int]] = {}  # the lines of each file
        # Where each tensor lives at step entry, by identity.
        self.places: dict[int, Located] = {}
        self.roots: dict[str, Any] = {}
        self.arguments: dict[FrameType, dict[str, Place]] = {}  # those that are memory
        self.outside = Outside(recording.noticed, self.copies, recorder.is_project)
        self._passing: dict[int, tuple[Lines, Tracer]] = {}

    def count(self, param: Any, t: Any = None) -> None:
        if t is None:
            t = self.counted[id(param)][1] + 1 if id(param) in self.counted else 1
        self.look_after()
        self.counted[id(param)] = (param, t)
        self.pending[id(param)] = param
        self.given.pop(id(param), None)
        self.is_new = True

    def on_call(self, frame: FrameType, event: str, arg: Any) -> Tracer | None:
        """Decide how a call is followed, as Python's trace function does."""
        self.left -= 1
        if self.left < 0:
            raise TooLongError
        if id(frame.f_code) in self.recorder.foreign:
            return None
        if self.outside.inside is None and self.owner is not None:
            return self.outside.enter(self.owner, frame, self.followed(frame))
        return self.followed(frame)

    def followed(self, frame: FrameType) -> Tracer | None:
        """Decide how a call of code that is looked at is followed."""
        recorder, code = self.recorder, frame.f_code
        operations = recorder.operations
        lines = NO_LINES if operations is None else operations.enter(frame)
        watched = recorder.watched(code)
        if watched is None:
            return self.passing(lines) if lines else None
        if self.counted:
            self.reached[id(watched.function)] = watched.function
        if self.owner is None and code.co_name == "__init__":
            return self.make(watched, frame, lines)
        if self.is_new and self.step is None:
            self.look_before(frame)
        is_entry = code.co_name == recorder.entry
        if is_entry and self.step is None:
            return self.enter(watched, frame, lines)
        self.note_arguments(frame)
        if is_entry or watched.is_kept:
            return Frame(self, watched, frame, lines).trace
        may_last = self.left < math.inf and watched.goes_back
        return self.passing(lines) if lines or may_last else None

    def writes_when_read(self, owner: Any, text: str, code: CodeType) -> bool:
        """Whether a piece of code reads a property that changes its object; which is undone."""
        if not any(is_property(owner, name) for name in code.co_names):
            return False
        noticed = self.recording.noticed
        if text not in noticed.writing:
            held = dict(vars(owner))
            before = freeze(held, self.copies, {})
            with suppress(Exception):
                eval(code, {"self": owner})
            if not equal(before, freeze(vars(owner), self.copies, {})):
                noticed.writing.add(text)
                vars(owner).update(held)
        return text in noticed.writing

    def spend(self) -> None:
        """Take note that the run goes on."""
        self.left -= 1
        if self.left < 0:
            raise TooLongError

    def look(self, frame: FrameType) -> None:
        """Try the operations of a line before it runs."""
        if self.recorder.operations is not None:
            self.recorder.operations.look(frame)

    def raised(self, frame: FrameType) -> None:
        """Take note that something is raised in a line."""
        if self.recorder.operations is not None:
            self.recorder.operations.raised(frame)

    def returned(self, frame: FrameType, value: Any) -> None:
        """Take note of what a function returns."""
        if self.recorder.operations is not None:
            self.recorder.operations.note_returned(frame, value)

    def passing(self, lines: Lines) -> Tracer:
        """Return what follows a call of which nothing is kept, but that operations are tried."""
        if id(lines) not in self._passing:

            def trace(frame: FrameType, event: str, arg: Any) -> Tracer:
                self.spend()
                if event == "line" and frame.f_lineno in lines:
                    self.look(frame)
                elif event == "exception":
                    self.raised(frame)
                elif event == "return":
                    self.returned(frame, arg)
                return trace

            self._passing[id(lines)] = (lines, trace)
        return self._passing[id(lines)][1]

    def enter(self, watched: Watched, frame: FrameType, lines: Lines) -> Tracer:
        """Start a step: the entry method has been called."""
        names, function = frame.f_locals, watched.function
        known = [id(value) for value in names.values() if id(value) in self.counted]
        if not known:
            raise EntryError(
                f'entry = "{self.recorder.entry}": {function.name} in {function.path}:'
                f"{function.line} was called, but none of its arguments was counted; in `run`, "
                "call count(param) before the step of each param; where one call takes a step for "
                "many, move what is done to one of them into a method of its own, and name that"
            )
        self.roots = {name: names[name] for name in self.recorder.memory if name in names}
        self.places = {id(found.value): found for found in places(self.roots)}
        self.note_arguments(frame)
        started = Frame(self, watched, frame, lines)
        t, previous = self.counted[known[0]][1], self.last.get(known[0])
        if previous is not None and previous.t == t:
            raise EntryError(
                f'entry = "{self.recorder.entry}": {function.name} in {function.path}:'
                f"{function.line} was called a second time in step {t}; in `run`, call "
                "count(param) once before each step of each param"
            )
        if self.recorder.operations is not None:
            self.notice(names, frame)
        name = next(name for name, value in names.items() if id(value) == known[0])
        given = self.given.pop(known[0], None)
        self.step = Step(
            t, started.call.entry, self.recorder.memory, previous=previous, given=given, param=name
        )
        self.note_attributes(names.get("self"))
        self.outside.begin(self.owner)
        if given is not None:
            self.taken.append((given, self.pending[known[0]]))
        self.last[known[0]] = self.step
        self.pending.pop(known[0], None)
        self.recording.steps.append(self.step)
        for caller in self.frames(frame.f_back):
            driver = self.recorder.watched(caller.f_code)
            if driver is not None:
                self.drivers[id(driver.function)] = driver.function
                self.recording.noticed.note_round(caller)
        early, self.early = self.early, []
        for seen in early:
            self.add(seen)
        return started.trace

    def notice(self, names: Mapping[str, Any], frame: FrameType) -> None:
        """Look at the arguments of a step, and whether the user's call had others."""
        noticed = self.recording.noticed
        fixed = {"self", *self.recorder.memory}
        self.inputs = [value for name, value in names.items() if name not in fixed]
        noticed.note_types(names)
        caller, given = self.outer
        if caller is not None and caller in self.frames(frame.f_back):
            for name in given.keys() & names.keys():
                if not equal(self.copies(names[name]), given[name]):
                    noticed.altered[name] = caller.f_code.co_name
        self.outer = (None, {})

    def make(self, watched: Watched, frame: FrameType, lines: Lines) -> Tracer | None:
        """Keep what a constructor is given, and once it is done, what it made of it."""
        owner = frame.f_locals.get("self")
        inner = Frame(self, watched, frame, lines).trace if watched.is_kept else None
        if type(owner) is not self.recording.owner:
            return inner
        self.owner = owner
        found = made(arguments_of(frame), self.copies)

        def trace(frame: FrameType, event: str, arg: Any) -> Any:
            if event == "return":
                found.settings = kept_of(owner, found.arguments, self.copies)
            if inner is not None:
                inner(frame, event, arg)
            return trace

        self.recording.made = found
        return self.outside.enter(owner, frame, trace)

    def look_before(self, frame: FrameType) -> None:
        """Keep what the user's call begins with, for all parameters that were counted."""
        self.is_new = False
        copies, names = self.copies, self.recording.made and self.recording.made.arguments
        seen = {}
        for name, value in arguments_of(frame).items():
            with suppress(Exception):  # such as a tensor of torch's that has no numbers
                seen[name] = copies(value)
        self.outer = frame, {name: v for name, v in seen.items() if v is not NOTHING}
        for key, param in self.pending.items():
            # A closure computes the gradient later, or it is an argument.
            late = frame.f_locals.get("closure") is not None
            grad = getattr(param, "grad", None) if hasattr(type(param), "grad") else None
            grad = NOTHING if late or grad is None else grad
            settings = settings_of(self.owner, names or {}, param, copies)
            self.given[key] = Given(copies(param), copies(grad), settings)

    def look_after(self) -> None:
        """Keep what the parameters are, now that the user goes on."""
        for given, param in self.taken:
            given.after = self.copies(param)
        self.taken = []

    def note_attributes(self, owner: Any) -> None:
        """Find out which attributes change from step to step; what is memory may."""
        known = {"state", "param_groups", "defaults"}
        known |= {name.removeprefix("self.") for name in self.recorder.memory}
        now = {
            name: freeze(value, self.copies, {})
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
        places = self.places
        if places:
            seen = frame.f_locals.items()
            self.arguments[frame] = {n: places[id(v)].place for n, v in seen if id(v) in places}

    def held(self, frame: FrameType) -> dict[str, Any]:
        """The arguments of a call that are memory, as the caller holds them now."""
        found: dict[str, Any] = {}
        for name, place in self.arguments.get(frame, _NONE).items():
            try:
                found[name] = place.held_in(self.roots)
            except LookupError:  # removed from memory: then it is what the name says
                continue
        return found

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
            self.outside.stepped()
            if self.inputs:
                self.recording.noticed.note_kept(self.owner, self.roots, self.inputs)
            self.inputs = []
            self.places, self.roots, self.arguments = {}, {}, {}

    def frames(self, frame: FrameType | None) -> list[FrameType]:
        """The frames in annotated files, from a frame outwards."""
        found: list[FrameType] = []
        is_annotated = self.recorder.is_annotated
        while frame is not None:
            if is_annotated(frame.f_code):
                found.append(frame)
            frame = frame.f_back
        return found

    def end(self) -> Recording:
        """Return what was seen, now that the run is over."""
        self.look_after()
        recording = self.recording
        self.outside.end(self.owner)
        taken = self.reached.keys() - self.drivers.keys()
        recording.reached = {self.reached[key] for key in taken}
        recording.drivers = {*self.drivers.values()}
        recording.lines = {(path, line) for path, ran in self.ran.items() for line in ran}
        return recording
