"""
# Algorithms run beside the class

The rows in the docstring of a class are a program. It starts from the same memory as the class, is
given the same gradients, and from then on computes with its own numbers only. After each step both
must agree. This finds what no formula beside a line can: code that does what each line says, and
not what the page says.

A docstring speaks of the class as it is made by default. So the rows are run in the configurations
in which every argument has its default, except those the rows themselves are about, through their
symbols or a "when `…`" before them.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sidebyside.checking.claims import Claim
from sidebyside.checking.meanings import symbols_of
from sidebyside.checking.moments import (
    Evaluate,
    NotThere,
    Place,
    Scopes,
    Symbols,
    run,
    with_switches,
)
from sidebyside.checking.recording import Recording
from sidebyside.checking.unfolding import NoValue
from sidebyside.checking.verdicts import EQUALITIES, Sides
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import Expression, Relation, Symbol
from sidebyside.notation import python_of, steps_back


@dataclass(frozen=True)
class Row:
    """
    `left ← right`, one assignment of the program.

    A `bound` left is compared with the class. `more` is how the chain goes on: `= other side`.
    """

    claim: Claim
    left: Symbol
    right: Expression
    bound: bool
    more: tuple[tuple[str, Expression], ...] = ()


def rows_of(block: Sequence[Claim], symbols: Symbols, scopes: Scopes) -> list[Row]:
    """Return the assignments among the rows of a display."""
    rows = []
    for claim in block:
        formula = claim.formula
        if isinstance(formula, Relation) and isinstance(formula.first, Symbol):
            (sign, right), *more = formula.rest
            if sign in EQUALITIES:
                meanings = symbols.meanings(formula.first, scopes)
                bound = any(meaning.code for meaning in meanings)
                rows.append(Row(claim, formula.first, right, bound, tuple(more)))
    return rows


def applies(recording: Recording, names: set[str]) -> bool:
    """
    Whether a docstring speaks of a configuration.

    `names` are the arguments that the rows are about; all others must have their defaults.
    """
    for name, parameter in inspect.signature(recording.owner).parameters.items():
        default = parameter.default
        given = recording.arguments.get(name, default)
        if name not in names and default is not parameter.empty and given != default:
            return False
    return True


def about(
    claim: Claim, rows: Sequence[Row], symbols: Symbols, scopes: Scopes
) -> set[str]:
    """Return the arguments that a display speaks of: through its symbols, or its guard."""
    formulas = [row.claim.formula for row in rows if row.claim.formula is not None]
    speaking = [symbol for formula in formulas for symbol in symbols_of(formula)]
    codes = [m.code for symbol in speaking for m in symbols.meanings(symbol, scopes)]
    return {name for code in [claim.guard, *codes] if code for name in _words(code)}


def _words(code: str) -> Iterator[str]:
    """The names in a piece of code, and the keys: `lr` of `group["lr"]`."""
    for node in ast.walk(ast.parse(python_of(code))):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def depending_on(claim: Claim, rows: Sequence[Row]) -> list[Row]:
    """
    Return the rows that can show a claim to be wrong.

    A row whose symbol the class has shows it by itself; one that only defines a symbol, through the
    rows that use it.
    """
    own = [row for row in rows if row.claim.line == claim.line]
    names = {identity(row.left) for row in own if not row.bound}
    found = [row for row in own if row.bound]
    for row in rows:
        if row not in own and names & {identity(s) for s in symbols_of(row.right)}:
            (found.append(row) if row.bound else names.add(identity(row.left)))
    return found


class Program:
    """The rows, with the numbers that they have computed for one parameter."""

    def __init__(self, rows: Sequence[Row], evaluate: Evaluate) -> None:
        self.rows = rows
        self.evaluate = evaluate
        self.own = {identity(row.left) for row in rows}
        self.before: dict[str, Any] = {}
        self.now: dict[str, Any] = {}

    def holds(self, guard: str, end: Place) -> bool:
        """Whether the rows are meant for a step. If not, the next starts from what the class has."""
        names = with_switches(end.step.entry.names)
        if guard and not run(guard, names):
            self.now = {}
            return False
        return True

    def step(self, end: Place) -> Iterator[tuple[Row, Sides]]:
        """Take a step, and yield what the rows and the class have computed when it is over."""
        entry = replace(end, now=end.step.entry)
        self.before, self.now = self.now, {}

        def lookup(symbol: Symbol) -> Any:
            key, back = identity(symbol), steps_back(symbol)
            if key not in self.own or back is None:
                return _given(symbol, entry, end)
            if back == 0:
                if key in self.now:
                    return self.now[key]
                raise NoValue(f"`{to_text(symbol)}` is used above the row that computes it")
            if back == 1 and key in self.before:
                return self.before[key]
            return entry(symbol)

        for row in self.rows:
            value = self.evaluate(row.right, lookup)
            self.now[identity(row.left)] = value
            if row.bound:
                yield row, Sides(end(row.left), "=", value)
            for sign, side in row.more:
                left, value = value, self.evaluate(side, lookup)
                yield row, Sides(left, sign, value)


def _given(symbol: Symbol, entry: Place, end: Place) -> Any:
    """What the program is given: as it was when the step began, or else what the step computed."""
    meaning = entry.meaning(symbol)
    if meaning is not None and entry.memory(meaning.code) is not None:
        return end(symbol)
    try:
        return entry(symbol)
    except NotThere:
        return end(symbol)
