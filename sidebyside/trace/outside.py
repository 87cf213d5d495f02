"""
# What happens to an object from outside

Between two calls of a project's code, its user goes on. What the user gives an object in place of
an attribute hides what its own code does. A method that is called between two steps and that finds
nothing to change has shown nothing. And what an object shares with others, those change as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import CodeType, FrameType
from typing import Any, TypeAlias

from sidebyside.probing.noticed import Noticed, Place, is_same_memory
from sidebyside.trace.trace import PLAIN, Leaf, equal, freeze

__all__ = ["Outside"]

Tracer: TypeAlias = Callable[..., Any]
_KNOWN = ("state", "param_groups", "defaults")


class Outside:
    """
    What is seen of the calls by which a run uses an object, and of what comes between them.

    `inside` is the frame of such a call, while it goes on.
    """

    def __init__(self, noticed: Noticed, leaf: Leaf, is_project: Callable[[str], bool]) -> None:
        self.noticed = noticed
        self.leaf = leaf
        self.is_project = is_project
        self.inside: FrameType | None = None
        self.left: dict[str, Any] = {}  # the attributes when the last call was over
        self.has_stepped = False  # in the call that goes on
        self.drivers: dict[int, CodeType] = {}  # by identity, what takes steps
        self.waiting: list[tuple[Place, set[str]]] = []  # what changed, and no step came so far
        self.first: Mapping[str, Any] | None = None  # what is shared, at the first step

    def enter(self, owner: Any, frame: FrameType, tracer: Tracer | None) -> Tracer:
        """Begin a call; return what follows it as another tracer does, to its end."""
        self.look(owner)
        self.inside, self.has_stepped = frame, False
        code = frame.f_code
        is_driver = id(code) in self.drivers
        before = {} if is_driver else self.frozen(owner)
        if tracer is None:
            frame.f_trace_lines = False
        inner = tracer

        def trace(here: FrameType, event: str, arg: Any) -> Tracer:
            nonlocal inner
            if inner is not None:
                inner = inner(here, event, arg)
            if event == "return":
                self.inside = None
                self.left = held(owner)
                if self.has_stepped:
                    self.drivers[id(code)] = code
                elif not is_driver and code.co_name != "__init__":
                    self.note(owner, code, before)
            return trace

        return trace

    def look(self, owner: Any) -> None:
        """Find the attributes that are others than when the last call was over."""
        now = held(owner)
        for name, value in self.left.items():
            other = now.get(name)
            is_plain = type(value) in PLAIN and type(other) is type(value)
            if other is not value and not (is_plain and other == value):
                self.noticed.tampered.add(name)

    def note(self, owner: Any, code: CodeType, before: Mapping[str, Any]) -> None:
        """Keep what a call has changed that took no step."""
        now = self.frozen(owner)
        names = {name for name in now if not equal(now[name], before.get(name))}
        place = (code.co_filename, code.co_firstlineno)
        self.noticed.between.setdefault(place, set())
        self.waiting.append((place, names))

    def stepped(self) -> None:
        """A step is over: what came before it counts."""
        self.has_stepped = True
        for place, names in self.waiting:
            self.noticed.between[place] |= names
        self.waiting = []

    def begin(self, owner: Any) -> None:
        """Keep what an object shares with others when its first step begins."""
        if self.first is None:
            self.first = {name: freeze(value, self.leaf, {}) for name, value in self.common(owner)}

    def end(self, owner: Any) -> None:
        """Find what an object shares with others, and has changed since its first step."""
        for name, value in self.common(owner) if owner is not None else ():
            if equal((self.first or {}).get(name), freeze(value, self.leaf, {})):
                continue
            for attribute, its in held(owner).items():
                is_container = isinstance(value, list | dict | set)
                if is_same_memory(value, its) or (is_container and value is its):
                    self.noticed.shared[attribute] = name

    def common(self, owner: Any) -> Iterator[tuple[str, Any]]:
        """What the modules of the classes of an object have, and the classes in them."""
        modules = [sys.modules.get(each.__module__) for each in type(owner).__mro__]
        for module in dict.fromkeys(each for each in modules if self.is_of_project(each)):
            known = [each for each in vars(module).items() if each[0] != "__builtins__"]
            yield from ((name, value) for name, value in known if _is_mutable(value))
            for _, each in known:
                if isinstance(each, type) and self.is_of_project(sys.modules.get(each.__module__)):
                    its = list(vars(each).items())
                    yield from ((name, value) for name, value in its if _is_mutable(value))

    def is_of_project(self, module: Any) -> bool:
        """Whether a module is the project's own code."""
        return self.is_project(getattr(module, "__file__", None) or "")

    def frozen(self, owner: Any) -> dict[str, Any]:
        """Copies of the attributes of an object, as they are now."""
        found = {}
        for name, value in held(owner).items():
            if name not in _KNOWN:
                with suppress(Exception):  # such as a tensor that has no numbers
                    found[name] = freeze(value, self.leaf, {})
        return found


def held(owner: Any) -> dict[str, Any]:
    """Return the attributes of an object."""
    return dict(getattr(owner, "__dict__", {}))


def _is_mutable(value: Any) -> bool:
    """Whether something can be changed where it is."""
    is_array = hasattr(value, "shape") and not isinstance(value, type)
    return is_array or isinstance(value, list | dict | set)
