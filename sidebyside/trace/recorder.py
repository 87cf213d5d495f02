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
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, TypeAlias

from sidebyside.source.trees import real_path
from sidebyside.trace.contained import MAKING_SECONDS, contained
from sidebyside.trace.given import Made
from sidebyside.trace.session import EntryError, Session
from sidebyside.trace.trace import Function, Leaf, Recording, numpy_leaf

__all__ = ["EntryError", "Function", "Recorder", "Recording", "numpy_leaf"]


Count: TypeAlias = Callable[..., None]


# Names that the arguments of a step go by, whatever a page says about them.
_KNOWN = ("state", "group", "param", "grad")


class UnseenError(Exception):
    """A run of which only the beginning was seen."""


class _EnoughError(Exception):
    """A run has come to its first step."""


@dataclass(frozen=True)
class Watched:
    """A watched function: which chunk each line is in, and whether anything is kept of it."""

    function: Function
    chunk_at: Mapping[int, range]
    is_kept: bool


class Recorder:
    """
    Watches functions while they run.

    `root` is the folder that their paths are relative to. `memory` names the arguments of the entry
    method that live on from step to step. `expressions` are further pieces of code, such as
    `self.eps`, to be evaluated and kept with the names. `names` are those that anything is said
    about; without them, all that are in sight are kept. `keys` are the keys of dictionaries that
    anything is said about: under others, tensors and collections are not kept. `leaf` turns one
    number or tensor into what is kept.
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
        keys: Collection[str] | None = None,
        leaf: Leaf = numpy_leaf,
    ) -> None:
        self.functions = {
            (
                real_path(os.path.join(root, each.path)),
                each.line,
                each.name.rpartition(".")[2],
            ): each
            for each in functions
        }
        self.paths = {path for path, _, _ in self.functions}
        self.entry = entry
        self.memory = memory
        self.expressions = {code: compile(code, code, "eval") for code in expressions}
        self.names = None if names is None else {*names, *memory, *_KNOWN}
        self.keys = keys
        self.leaf = leaf
        # By identity, as Python would go through all that a code has; with it, so that it lives on.
        self._known: dict[int, tuple[CodeType, Watched | None]] = {}
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
        numbered 1, 2, … or as `count(param, t)` says. What `run` does besides is
        [contained](contained.py).
        """
        session = Session(self, Recording(owner, label, arguments or {}))
        before = sys.gettrace()
        sys.settrace(session.on_call)
        try:
            with contained():
                run(session.count)
            if sys.gettrace() != session.on_call:
                raise UnseenError(
                    "the code takes Python's trace function away, and nobody sees what it does then"
                )
        finally:
            sys.settrace(before)
        return session.end()

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
            with contained(MAKING_SECONDS):
                run(stop)
        except _EnoughError:
            return session.recording.made
        except Exception:  # a constructor may refuse its arguments
            return None
        finally:
            sys.settrace(before)
        return None

    def watched(self, code: CodeType) -> Watched | None:
        """Return what is watched of some code, if it is of a function that is."""
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = (code, self._watched(code))
        return known[1]

    def _watched(self, code: CodeType) -> Watched | None:
        key = (real_path(code.co_filename), code.co_firstlineno, code.co_name)
        function = self.functions.get(key)
        if function is not None:
            chunk_at = {n: lines for lines in reversed(function.chunks) for n in lines}
            return Watched(function, chunk_at, function.whole or bool(function.chunks))
        return None

    def is_annotated(self, code: CodeType) -> bool:
        """Whether the code stands in a file of which functions are watched."""
        found = self._annotated.get(code.co_filename)
        if found is None:
            real = real_path(code.co_filename)
            found = self._annotated[code.co_filename] = real in self.paths
        return found

    def in_sight(self, seen: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variables that are to be kept, of all those of a frame."""
        wanted = self.names
        if wanted is None:
            return dict(seen)
        return {name: value for name, value in seen.items() if name in wanted}
