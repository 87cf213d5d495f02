"""
# One run

What runs is cut into steps, and every call and visit is kept for the step that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, TypeAlias

from sidebyside.trace.frame import Frame
from sidebyside.trace.given import Given, arguments_of, kept_of, made, settings_of
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
    numpy_leaf,
    places,
)

if TYPE_CHECKING:
    from sidebyside.trace.recorder import Recorder, Watched

__all__ = ["EntryError", "Session"]

Tracer: TypeAlias = Callable[..., Any]
_NONE: Mapping[str, Place] = {}


class EntryError(Exception):
    """A step that was not announced, or only once for two. The text says what to do."""


class Session:
    """One run."""

    def __init__(self, recorder: Recorder, recording: Recording) -> None:
        self.recorder = recorder
        self.recording = recording
        self.copies = Copies(recorder.leaf, recorder.keys)
        self.counted: dict[int, tuple[Any, Any]] = {}  # by identity: the parameter and its t
        self.pending: dict[int, Any] = {}  # counted, but not yet taken
        self.given: dict[int, Given] = {}  # what the user gave for those
        self.is_new = False  # whether some were counted since
        self.taken: list[tuple[Given, Any]] = []  # and the parameters of which a step was taken
        self.owner: Any = None  # the object that was made
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
        self.writing: dict[str, bool] = {}  # whether code changes an object when it is read

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
        recorder, code = self.recorder, frame.f_code
        watched = recorder.watched(code)
        if watched is None:
            return None
        if self.counted:
            self.reached[id(watched.function)] = watched.function
        if self.owner is None and code.co_name == "__init__":
            return self.make(watched, frame)
        if self.is_new and self.step is None:
            self.look_before(frame)
        is_entry = code.co_name == recorder.entry
        if is_entry and self.step is None:
            return self.enter(watched, frame)
        self.note_arguments(frame)
        return Frame(self, watched, frame).trace if is_entry or watched.is_kept else None

    def writes_when_read(self, owner: Any, text: str, code: CodeType) -> bool:
        """Whether a piece of code reads a property that changes its object; which is undone."""
        if not any(
            isinstance(getattr(type(owner), each, None), property) for each in code.co_names
        ):
            return False
        if not self.writing.get(text):
            held = dict(vars(owner))
            before = freeze(held, self.copies, {})
            with suppress(Exception):
                eval(code, {"self": owner})
            self.writing[text] = not equal(before, freeze(vars(owner), self.copies, {}))
            if self.writing[text]:
                vars(owner).update(held)
        return self.writing[text]

    def enter(self, watched: Watched, frame: FrameType) -> Tracer:
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
        started = Frame(self, watched, frame)
        t, previous = self.counted[known[0]][1], self.last.get(known[0])
        if previous is not None and previous.t == t:
            raise EntryError(
                f'entry = "{self.recorder.entry}": {function.name} in {function.path}:'
                f"{function.line} was called a second time in step {t}; in `run`, call "
                "count(param) once before each step of each param"
            )
        if self.recorder.leaf is numpy_leaf:  # symbols have no type
            self.recording.types |= {each: None for v in names.values() for each in _type(v)}
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
        for caller in self.frames(frame.f_back):
            driver = self.recorder.watched(caller.f_code)
            if driver is not None:
                self.drivers[id(driver.function)] = driver.function
        early, self.early = self.early, []
        for seen in early:
            self.add(seen)
        return started.trace

    def make(self, watched: Watched, frame: FrameType) -> Tracer | None:
        """Keep what a constructor is given, and once it is done, what it made of it."""
        owner = frame.f_locals.get("self")
        inner = Frame(self, watched, frame).trace if watched.is_kept else None
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
        return trace

    def look_before(self, frame: FrameType) -> None:
        """Keep what the user's call begins with, for all parameters that were counted."""
        self.is_new = False
        copies, names = self.copies, self.recording.made and self.recording.made.arguments
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
        taken = self.reached.keys() - self.drivers.keys()
        recording.reached = {self.reached[key] for key in taken}
        recording.drivers = {*self.drivers.values()}
        recording.lines = {(path, line) for path, ran in self.ran.items() for line in ran}
        return recording


def _type(value: Any) -> Iterator[str]:
    """The type and the shape of a number, or of an array: `float64 (2 × 3)`."""
    if type(value) in (float, int, complex):
        yield type(value).__name__
    elif hasattr(value, "dtype") and hasattr(value, "shape"):
        shape = " × ".join(map(str, value.shape))
        kind = str(value.dtype).rpartition(".")[2]
        yield f"{kind} ({shape})" if shape else kind
