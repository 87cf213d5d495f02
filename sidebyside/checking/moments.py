"""
# What a symbol is at one moment of a run

A formula speaks of `mₜ`, `mₜ₋₁`, `β₁`, `m̂ₜ`. A `Place` is a moment in a recording, seen from one
formula, and finds the value of each:

* `mₜ` is the value now, after the annotated code;
* `mₜ₋₁` is the value at step entry if it is something that lives on, like a state or a parameter,
  and otherwise what it was in the step before;
* `m₃` is the value after step 3;
* t is the number of the step, counted by whoever drives the run;
* `m̂ₜ`, if a row of the page defines it, is the value of that row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import Matrix
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import Expression, Symbol, walk
from sidebyside.notation import (
    Meaning,
    Notation,
    Scope,
    step_number,
    steps_back,
)
from sidebyside.trace.code import NotThere, exists, root, run, with_switches
from sidebyside.trace.trace import Call, Snapshot, Step

Evaluate: TypeAlias = Callable[[Expression, Callable[[Symbol], Any]], Any]
Scopes: TypeAlias = tuple[Scope, ...]


class Unknown(NoValue):
    """No notation list explains a symbol."""


class TooEarly(NoValue):
    """A symbol speaks of a step before the first one."""


@dataclass(frozen=True)
class Definition:
    """A row of the page that says what a symbol is, in terms of others."""

    symbol: Symbol
    formula: Expression
    scope: Scope
    guard: str = ""


class Symbols:
    """All that the pages say about symbols: notation lists, and rows that define."""

    def __init__(self, notation: Notation, definitions: Iterable[Definition] = ()) -> None:
        self.notation = notation
        self.definitions = tuple(definitions)
        # By the identity of the scopes, as they are many and long; with them, so that they live on.
        self._meanings: dict[int, tuple[Scopes, dict[Symbol, tuple[Meaning, ...]]]] = {}
        self._definitions: dict[tuple[Symbol, Scopes], Definition | None] = {}

    def meanings(self, symbol: Symbol, scopes: Scopes) -> tuple[Meaning, ...]:
        """Return what a symbol may mean, the innermost meaning first."""
        _, known = self._meanings.setdefault(id(scopes), (scopes, {}))
        if symbol not in known:
            found = tuple(self.notation.find(symbol, scopes))
            # Words say what a symbol is only where nothing else does.
            known[symbol] = tuple(each for each in found if not each.is_words) or found
        return known[symbol]

    def defined(self, symbol: Symbol, scopes: Scopes) -> Definition | None:
        """Return the row that defines a symbol, the innermost one."""
        key = (symbol, scopes)
        if key not in self._definitions:
            same = [d for d in self.definitions if identity(d.symbol) == identity(symbol)]
            inner = (each for scope in scopes for each in same if each.scope == scope)
            self._definitions[key] = next(inner, None)
        return self._definitions[key]


@dataclass(frozen=True)
class Place:
    """
    A moment of a run: after the snapshot `now` in `step`, seen from a formula in `scopes`.

    `call` is the call the snapshot was taken in, `used` collects the notation lines that were
    found to name something. `truth` decides whether a guard holds. With `as_given`, the arguments
    of the call are what they were when it began, except those that are memory.
    """

    symbols: Symbols
    scopes: Scopes
    step: Step
    now: Snapshot
    call: Call | None
    evaluate: Evaluate
    used: set[Meaning]
    truth: Callable[[Any], bool] = bool
    as_given: bool = False

    def __call__(self, symbol: Symbol) -> Any:
        """Return the value of a symbol; raise `NoValue` if it has none here."""
        return self.value(symbol, 0)

    def run(self, code: str) -> Any:
        """Return the value of a piece of code here; raise `NotThere` if it has none."""
        return run(code, self.now.names)

    def holds(self, guard: str) -> bool:
        """Whether a guard is true here: Python over names, and keys of the group and the state."""
        return not guard or self.truth(run(guard, with_switches(self.now.names)))

    def meaning(self, symbol: Symbol) -> Meaning | None:
        """Return the notation line that explains a symbol here."""
        meanings = self.symbols.meanings(symbol, self.scopes)
        return next((each for each in meanings if self.holds(each.guard)), None)

    def value(self, symbol: Symbol, shift: int) -> Any:
        """Return the value that a symbol had `shift` steps earlier than it says."""
        if symbol == Symbol("t"):
            return self.step.t - shift
        meaning = self.meaning(symbol)
        back = steps_back(symbol)
        number = step_number(symbol)
        if meaning is None and number is not None:
            meaning, back = self.running(symbol), self.back_to(symbol, number)
        if meaning is not None and meaning.code:
            if back is None and symbol != meaning.symbol and _is_at_some_time(symbol):
                raise NoValue(f"`{to_text(symbol)}`: which step that is cannot be told")
            earlier = 0 if meaning.back else (back or 0)
            value = self.of_code(meaning, earlier + shift, symbol)
            self.used.add(meaning)
            called = isinstance(value, np.ndarray) and "matri" in meaning.text
            return value.view(Matrix) if called else value
        definition = self.symbols.defined(symbol, self.scopes)
        if definition is not None:
            earlier = (back or 0) + shift
            if isinstance(self.step.t, int) and earlier >= self.step.t:
                raise NoValue(f"`{to_text(symbol)}` is defined from step 1 on")
            return self.evaluate(definition.formula, lambda inner: self.value(inner, earlier))
        if meaning is not None:
            raise NoValue(f"`{to_text(symbol)}` stands for no piece of code")
        raise Unknown(f"no symbol `{to_text(symbol)}`")

    def running(self, symbol: Symbol) -> Meaning | None:
        """Return the notation line that explains `vₜ`, for a symbol such as `v₁`."""
        meaning = self.meaning(replace(symbol, index=(Symbol("t"),)))
        return meaning if meaning is not None and meaning.back is not None else None

    def back_to(self, symbol: Symbol, number: int) -> int:
        """How many steps ago step `number` was."""
        if not isinstance(self.step.t, int):
            raise NoValue(f"`{to_text(symbol)}` needs the history of a run")
        return self.step.t - number

    def of_code(self, meaning: Meaning, back: int, symbol: Symbol) -> Any:
        """Return what the code of a notation line was, so many steps back."""
        if meaning.at_entry and back == 0:
            if self.call is None:
                raise NotThere(f"`{meaning.code}` at entry: this formula belongs to no method")
            return run(meaning.code, self.call.entry.names)
        if back == 0:
            if self.as_given and self.call is not None:
                return self.of_argument(meaning.code, symbol, self.call)
            return run(meaning.code, self.names(meaning.code))
        code = self.memory(meaning.code)
        step = self.step.back(back - 1)
        if back > 0 and step is not None:
            if code is not None and exists(code, step.entry.names):
                return run(code, step.entry.names)
            earlier = self.same_call(step.previous)
            if earlier is not None and earlier.exit is not None:
                return run(meaning.code, earlier.exit.names)
        raise TooEarly(
            f"`{to_text(symbol)}` has no value in step {self.step.t}: too few steps so far"
        )

    def of_argument(self, code: str, symbol: Symbol, call: Call) -> Any:
        """Return what a piece of code was for whoever made the call."""
        name = root(code)
        if name in call.changed and steps_back(symbol) is None:
            raise NoValue(
                f"`{to_text(symbol)}` is `{name}`, which is changed in place while the function "
                "runs; say in the notation list whether it is meant `at entry`, or give it a time"
            )
        names = self.names(code)
        if name in call.rebound and name in call.entry.names:
            names = {**names, name: call.entry.names[name]}
        return run(code, names)

    def names(self, code: str) -> Mapping[str, Any]:
        """The names now, with those at step entry under `entry` if the code speaks of them."""
        names = self.now.names
        return {**names, "entry": self.step.entry.names} if "entry[" in code else names

    def memory(self, code: str) -> str | None:
        """The place of a piece of code in the memory of the step, if it lives there."""
        if code in self.now.memory:
            return self.now.memory[code]
        return code if root(code) in self.step.roots else None

    def same_call(self, step: Step | None) -> Call | None:
        """The last call of the same method in another step."""
        if step is None or self.call is None:
            return None
        same = [call for call in step.calls if call.function is self.call.function]
        return same[-1] if same else None


def _is_at_some_time(symbol: Symbol) -> bool:
    """Whether an index depends on t: so do `t − 1`, and `t − k`, which is no known step."""
    return any(Symbol("t") in walk(part) for part in symbol.index)
