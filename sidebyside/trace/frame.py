"""
# One call, from line to line

When the code leaves a chunk, the chunk has been executed; unless it was left because something in
it raised.

What is in sight of a line are the variables of its function, over those of the callers in annotated
files. While a call goes on, its callers wait: what their variables are is looked up once, unless
a function inside of theirs could give them other values.
"""

from __future__ import annotations

import inspect
import opcode
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from sidebyside.trace.trace import NOTHING, RETURN, Call, Snapshot, Visit, same

if TYPE_CHECKING:
    from sidebyside.trace.recorder import Watched
    from sidebyside.trace.session import Session

__all__ = ["Frame"]

# What ends a loop is raised, too; the chunk with the loop has done its work.
_ENDS = (StopIteration, StopAsyncIteration)


class Frame:
    """Follows one call of a watched function from line to line."""

    def __init__(self, session: Session, watched: Watched, frame: FrameType) -> None:
        self.session = session
        self.chunk_at = watched.chunk_at
        self.ran = session.ran.setdefault(watched.function.path, set())
        recorder = session.recorder
        self.callers = [
            (caller, recorder.in_sight(caller.f_locals) if _waits(caller) else None)
            for caller in reversed(session.frames(frame.f_back))
        ]
        self.arguments = dict(frame.f_locals)
        self.call = Call(watched.function, self.snapshot(frame, self.arguments))
        self.chunk: range | None = None
        self.broken = False  # whether something was raised in the chunk, and not yet handled there
        session.add(self.call)

    def trace(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        """Follow the call, as Python's trace function does."""
        if event == "line":
            number = frame.f_lineno
            self.ran.add(number)
            here = self.chunk_at.get(number)
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

    def snapshot(
        self, frame: FrameType, seen: Mapping[str, Any], returned: Any = NOTHING
    ) -> Snapshot:
        """Freeze all names in sight; `seen` are the frame's own variables."""
        session = self.session
        recorder = session.recorder
        names: dict[str, Any] = {}
        for caller, waiting in self.callers:
            names.update(recorder.in_sight(caller.f_locals) if waiting is None else waiting)
            names.update(session.held(caller))
        own = {**recorder.in_sight(seen), **session.held(frame)}
        for text, code in recorder.expressions.items():
            asks = "self" in code.co_names
            if asks and ("self" not in seen or session.writes_when_read(seen["self"], text, code)):
                continue
            with suppress(Exception):  # a property may raise anything; or it means something
                own[text] = eval(code, frame.f_globals, seen)  # elsewhere, or at another time
        names.update(own)
        if returned is not NOTHING:
            names[RETURN] = returned
        places = session.places
        memory = {n: places[id(v)].place.code for n, v in own.items() if id(v) in places}
        return Snapshot(session.copies.frozen(names), memory)

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
        snapshot = self.snapshot(frame, frame.f_locals, returned)
        if self.chunk is not None:
            self.session.add(Visit(self.chunk, snapshot, self.call))
        return snapshot


def _waits(frame: FrameType) -> bool:
    """Whether the variables of a frame stay what they are until it goes on."""
    code = frame.f_code
    return bool(code.co_flags & inspect.CO_OPTIMIZED) and not code.co_cellvars


def _returns(frame: FrameType) -> bool:
    """Whether a frame is left by returning, not by an exception."""
    name = opcode.opname[frame.f_code.co_code[frame.f_lasti]]
    return name.startswith(("RETURN", "YIELD"))
