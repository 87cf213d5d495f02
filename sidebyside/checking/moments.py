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

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import CodeType
from typing import Any, TypeAlias

from sidebyside.checking.snapshots import RETURN, Call, Snapshot, Step
from sidebyside.checking.unfolding import NoValue
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import Expression, Number, Symbol
from sidebyside.notation import RETURN_NAME, Meaning, Notation, Scope, python_of, steps_back

Evaluate: TypeAlias = Callable[[Expression, Callable[[Symbol], Any]], Any]
Scopes: TypeAlias = tuple[Scope, ...]


class Unknown(NoValue):
    """No notation list explains a symbol."""


class NotThere(NoValue):
    """The code that a notation names does not exist at this moment."""


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
        self._meanings: dict[tuple[Symbol, Scopes], tuple[Meaning, ...]] = {}
        self._definitions: dict[tuple[Symbol, Scopes], Definition | None] = {}

    def meanings(self, symbol: Symbol, scopes: Scopes) -> tuple[Meaning, ...]:
        """Return what a symbol may mean, the innermost meaning first."""
        key = (symbol, scopes)
        if key not in self._meanings:
            self._meanings[key] = tuple(self.notation.find(symbol, scopes))
        return self._meanings[key]

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
    found to name something. `truth` decides whether a guard holds.
    """

    symbols: Symbols
    scopes: Scopes
    step: Step
    now: Snapshot
    call: Call | None
    evaluate: Evaluate
    used: set[Meaning]
    truth: Callable[[Any], bool] = bool

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
        if meaning is None and any(isinstance(part, Number) for part in symbol.index):
            running = replace(symbol, index=(Symbol("t"),))
            meaning, back = self.meaning(running), self.back_to(symbol)
        if meaning is not None and meaning.code:
            earlier = 0 if meaning.back else (back or 0)
            value = self.of_code(meaning, earlier + shift, symbol)
            self.used.add(meaning)
            return value
        definition = self.symbols.defined(symbol, self.scopes)
        if definition is not None:
            earlier = (back or 0) + shift
            return self.evaluate(definition.formula, lambda inner: self.value(inner, earlier))
        if meaning is not None:
            raise NoValue(f"`{to_text(symbol)}` stands for no piece of code")
        raise Unknown(f"no symbol `{to_text(symbol)}`")

    def back_to(self, symbol: Symbol) -> int:
        """How many steps ago the step was that a number in the index names."""
        number = next(part for part in symbol.index if isinstance(part, Number))
        if not isinstance(self.step.t, int):
            raise NoValue(f"`{to_text(symbol)}` needs the history of a run")
        return self.step.t - int(number.text)

    def of_code(self, meaning: Meaning, back: int, symbol: Symbol) -> Any:
        """Return what the code of a notation line was, so many steps back."""
        if meaning.at_entry and back == 0:
            if self.call is None:
                raise NotThere(f"`{meaning.code}` at entry: this formula belongs to no method")
            return run(meaning.code, self.call.entry.names)
        if back == 0:
            return run(meaning.code, self.now.names)
        code = self.memory(meaning.code)
        step = self.step.back(back - 1)
        if back > 0 and step is not None:
            if code is not None and not _is_missing(code, step.entry.names):
                return run(code, step.entry.names)
            earlier = self.same_call(step.previous)
            if earlier is not None and earlier.exit is not None:
                return run(meaning.code, earlier.exit.names)
        raise NoValue(
            f"`{to_text(symbol)}` has no value in step {self.step.t}: too few steps so far"
        )

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


def root(code: str) -> str:
    """Return the variable that a piece of code starts from: `state` for `state["exp_avg"]`."""
    names = [node.id for node in ast.walk(_parsed(code)) if isinstance(node, ast.Name)]
    return names[0] if names else ""


@cache
def _parsed(code: str) -> ast.Expression:
    return ast.parse(python_of(code), mode="eval")


@cache
def _compiled(code: str) -> CodeType:
    return compile(_parsed(code), code, "eval")


def with_switches(names: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the names with the keys of the group and the state as further names."""
    inside = (names.get("state"), names.get("group"))
    merged: dict[str, Any] = {}
    for each in inside:
        merged |= each if isinstance(each, Mapping) else {}
    return {**merged, **names}


def _is_missing(code: str, names: Mapping[str, Any]) -> bool:
    try:
        run(code, names)
    except NotThere:
        return True
    return False


def run(code: str, names: Mapping[str, Any]) -> Any:
    """Evaluate Python over frozen names."""
    if code in names:
        return names[code]
    seen = {RETURN_NAME: names[RETURN], **names} if RETURN in names else names
    try:
        return eval(_compiled(code), {"__builtins__": {}}, seen)
    except (NameError, KeyError, IndexError, AttributeError, TypeError) as error:
        kind = type(error).__name__
        raise NotThere(f"`{code}` does not exist here ({kind}: {error})") from None
