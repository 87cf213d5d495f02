"""
# What happens to an object between two steps

Its user calls a method that is there to be called, changes an array that was handed out, or catches
what a step has raised, and goes on. Runs seldom do. So a run is made again in which one of these
comes between two steps: with the calls that the run makes, wherever it makes them. Nobody looks at
the object meanwhile; what its formulas say of the steps after that has to be true all the same.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from copy import deepcopy
from functools import partial, wraps
from inspect import Parameter, signature
from types import FunctionType
from typing import Any, TypeAlias

import numpy as np

from sidebyside.probing.noticed import is_same_memory
from sidebyside.probing.replacing import replaced
from sidebyside.trace.recorder import TooLongError

__all__ = ["MEANWHILE", "Meanwhile", "ending"]

Tracer: TypeAlias = "Callable[..., Tracer]"

CALLED = "its methods called between steps, too"
SHARED = "an array changed that it shares with its user"
RAISED = "a step that raised"
COPIED = "a copy in the place of the object"
FORKED = "a copy of it that goes on, too"
PAIRED = "another object that was given the same, and goes on, too"
# What an argument is multiplied by, each second time.
OTHER = 0.37
UNNAMED = "its methods called with other keywords"
# Words for the calls of a run with other arguments, and what becomes of a number or an array.
OTHERWISE: Mapping[str, Callable[[Any], Any]] = {
    "its methods called with 0": lambda value: _of_kind(value, 0 * value),
    "its methods called with numbers of the other sign": lambda value: _of_kind(value, -value),
    "its methods called with one more": lambda value: _of_kind(value, value + 1),
    UNNAMED: lambda value: _of_kind(value, OTHER * value if type(value) is float else value + 1),
}
CALLING = (CALLED, *OTHERWISE)
# Words for what happens, and the key of what to do where a formula fails then.
MEANWHILE: Mapping[str, str] = {
    **dict.fromkeys(CALLING, "called"),
    SHARED: "handed-out",
    RAISED: "raised",
    COPIED: "copied",
    FORKED: "copied",
    PAIRED: "paired",
}
# How many steps are taken before.
FIRST = 2
MOST_LINES = 100_000  # of what comes between, which may never end
_INIT = "__init__"
# What Python calls by itself, whatever happens.
_IMPLICIT = {f"__{n}__" for n in ("getattr", "getattribute", "setattr", "delattr", "new", "del")}
# What decides what a copy of an object has; without them, it is the same.
_COPYING = {f"__{n}__" for n in ("getstate", "setstate", "reduce", "reduce_ex", "deepcopy")}
# Whose objects are numbers, or have a meaning of their own.
_FOREIGN = ("torch", "numpy", "builtins")
# What an input is multiplied by, for a step to raise.
_ODD = (-1.0, 0.0, -1e300, float("nan"))


class Meanwhile:
    """
    What happens between the steps of one run, as `words` say.

    `entry` is the name of the method that takes a step, `inputs` the places of its inputs.
    """

    def __init__(self, words: str, owner: type, entry: str, inputs: Sequence[int]) -> None:
        self.words, self.owner, self.entry, self.inputs = words, owner, entry, inputs
        self.method = getattr(owner, entry)
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []  # by the run
        self.made: Mapping[str, Any] = {}  # what the constructor is given, or has as its default
        self.times: Counter[str] = Counter()
        self.shared: list[Any] = []  # arrays that the object and its user have
        self.parts: dict[int, Any] = {}  # objects that the constructor is given, by their id
        self.depth = self.steps = 0
        self.has_happened = False

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Take note of what the run calls."""
        names = {n for each in self.owner.__mro__[:-1] for n, v in vars(each).items() if _is_own(v)}
        with ExitStack() as stack:
            for name in names:
                method = getattr(self.owner, name)
                if isinstance(method, FunctionType):
                    stack.enter_context(replaced(self.owner, name, self._noted(name, method)))
            yield
        if not self.has_happened:
            raise ValueError("nothing happens between its steps")

    def _noted(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(this: Any, *given: Any, **named: Any) -> Any:
            self.depth, before = self.depth + 1, self.steps
            self.steps += name == self.entry
            try:
                found = method(this, *given, **named)
            finally:
                self.depth -= 1
            if not self.depth:
                self.times[name] += 1
                known = (name, given, named)
                is_new = name != _INIT and not any(_is_same(known, each) for each in self.calls)
                if before == self.steps and is_new:
                    self.calls.append(known)
                parts = found if isinstance(found, tuple | list) else [found]
                if name == _INIT:
                    parts = [*given, *named.values()]
                    self.made = self.made or _given(method, this, given, named)
                    self.parts |= {id(each): each for each in parts if _is_object(each)}
                self.shared += [each for each in parts if _is_kept(each, this)]
            return found

        return call

    def come(self, this: Any, given: Sequence[Any]) -> None:
        """Let it happen, before another step of an object; the last one was `given` this."""
        before = sys.gettrace()
        sys.settrace(ending())
        self.depth += 1
        try:
            # What is called in each step is a part of it.
            calls = [each for each in self.calls if self.times[each[0]] < self.steps]
            if self.words in CALLING and calls:
                turn, which = divmod(self.steps, len(calls))
                self._call(this, *calls[which], turn)
            elif self.words == SHARED and self.shared:
                self.shared[-1][...] = 0.5 * self.shared[-1] + 1
                self.has_happened = True
            elif self.words == COPIED:
                self._copy(this)
            elif self.words == FORKED or (self.words == PAIRED and self.parts):
                kept = dict(self.parts) if self.words == PAIRED else None
                self.method(*deepcopy((this, *given), kept))
                self.has_happened = True
            elif self.words == RAISED and not self.has_happened:
                self._raise(this, given)
        finally:
            self.depth -= 1
            sys.settrace(before)

    def _call(
        self, this: Any, name: str, given: Sequence[Any], named: dict[str, Any], turn: int
    ) -> None:
        """Call a method as the run does, or otherwise; what raises is not called."""
        if self.words == CALLED and not turn % 2:
            getattr(this, name)(*given, **named)
            self.has_happened = True
            return
        change = OTHERWISE.get(self.words, partial(_times, OTHER))
        if self.words == UNNAMED:
            others = self._unnamed(name, given, named)
            named = {**named, **{key: change(each) for key, each in others.items()}}
        else:
            given = [change(each) for each in given]
            named = {key: change(each) for key, each in named.items()}
        try:
            getattr(deepcopy(this), name)(*deepcopy(given), **deepcopy(named))
        except TooLongError:
            raise
        except Exception:  # it may refuse them
            return
        getattr(this, name)(*given, **named)
        self.has_happened = True

    def _unnamed(self, name: str, given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """What a method may be given by name that the run has not: settings, and its defaults."""
        parameters = [*signature(getattr(self.owner, name)).parameters.values()][1:]
        is_open = any(each.kind is Parameter.VAR_KEYWORD for each in parameters)
        names = {each.name: each.default for each in parameters[len(given) :]}
        known = {**self.made, **{n: v for n, v in names.items() if type(v) in (int, float, bool)}}
        return {n: v for n, v in known.items() if n not in named and (is_open or n in names)}

    def _copy(self, this: Any) -> None:
        """Give an object what a copy of it has."""
        its = [vars(each) for each in self.owner.__mro__[:-1] if each.__module__ != "torch"]
        if any(name in each for name in _COPYING for each in its):
            state = vars(deepcopy(this))
            vars(this).clear()
            vars(this).update(state)
            self.has_happened = True

    def _raise(self, this: Any, given: Sequence[Any]) -> None:
        """Let a step raise, with inputs at which it does."""
        for factor in _ODD:
            odd = [
                _times(factor, each) if n in self.inputs else each for n, each in enumerate(given)
            ]
            try:
                self.method(*deepcopy((this, *odd)))
            except TooLongError:
                raise
            except Exception:
                with suppress(Exception):
                    self.method(this, *odd)
                self.has_happened = True
                return


def ending() -> Tracer:
    """Return what ends code that goes on and on."""
    left = MOST_LINES

    def follow(*_: Any) -> Tracer:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooLongError
        return follow

    return follow


def _is_own(value: Any) -> bool:
    """Whether an attribute of a class is a method that somebody calls."""
    return isinstance(value, FunctionType) and value.__name__ not in _IMPLICIT


def _is_object(value: Any) -> bool:
    """Whether a value is an object of a class that somebody wrote for its user."""
    return hasattr(value, "__dict__") and type(value).__module__.partition(".")[0] not in _FOREIGN


def _is_kept(found: Any, this: Any) -> bool:
    """Whether what a method returned is in the memory of its object."""
    return any(is_same_memory(found, each) for each in vars(this).values())


def _given(
    method: Callable[..., Any], this: Any, given: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of a call, by name, defaults included."""
    bound = signature(method).bind(this, *given, **named)
    bound.apply_defaults()
    return dict([*bound.arguments.items()][1:])


def _is_same(one: Any, other: Any) -> bool:
    with suppress(Exception):  # such as arrays, which have many answers
        return bool(one == other)
    return False


def _of_kind(value: Any, other: Any) -> Any:
    """Another value in place of one, if that is a number or an array; a truth value turned."""
    if type(value) is bool:
        return not value
    return other if type(value) in (int, float) or _is_array(value) else value


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or hasattr(value, "new_tensor")


def _times(factor: float, value: Any) -> Any:
    """An input, so many times as large."""
    if type(value) is float:
        return factor * value
    return value * factor if _is_array(value) else value
