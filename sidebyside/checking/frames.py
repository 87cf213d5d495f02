"""
# One call, from line to line

When the code leaves a chunk, the chunk has been executed; unless it was left because something in
it raised.
"""

from __future__ import annotations

import opcode
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from sidebyside.checking.snapshots import NOTHING, Call, Function, Snapshot, Visit, same

if TYPE_CHECKING:
    from sidebyside.checking.recording import Session

__all__ = ["Frame"]


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
        if event == "line":
            self.session.recording.lines.add((self.call.function.path, frame.f_lineno))
            chunks = self.call.function.chunks
            here = next((lines for lines in chunks if frame.f_lineno in lines), None)
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
