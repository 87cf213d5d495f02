"""
# Algorithms run beside the class

The rows in the docstring of a class are a program. It starts from the same memory as the class, is
given the same gradients, and from then on computes with its own numbers only. After each step both
must agree. This finds what no formula beside a line can: code that does what each line says, and
not what the page says.

The class is taken as its user meets it. The step size is the one that was given to the constructor,
or set since; the gradient is the one that the user's call began with; and the parameter is compared
when that call is over. So what constructors and hooks do on the way is compared, too.

A docstring speaks of the class as it is made by default. So the rows are run in the configurations
in which every argument has its default, except those the rows themselves are about, through their
symbols or a "when `…`" before them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, TypeAlias

import numpy as np

from sidebyside.algebra.agreement import Sides, compare, scale_of
from sidebyside.algebra.dots import NoValue
from sidebyside.claims.binding import Scopes, Symbols
from sidebyside.claims.claims import Claim
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import Expression, Relation, Symbol, assignment, symbols_of
from sidebyside.judging.environment import (
    Environment,
    Evaluate,
    NotThere,
    run,
    with_switches,
)
from sidebyside.source.notation import names_in, root, steps_back, words
from sidebyside.trace.trace import NOTHING, Snapshot


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


# The end of a step, the row of which something was found, if it was one, and what that is.
Outcome: TypeAlias = "tuple[Environment, Row | None, Sides | NoValue]"


def same_place(one: Claim, other: Claim) -> bool:
    """Return whether two claims stand in the same place, maybe with other formulas."""
    return (one.line, one.number) == (other.line, other.number)


class Block:
    """The rows of one display, as the class whose docstring it is sees them."""

    def __init__(self, claims: Iterable[Claim], symbols: Symbols, scopes: Scopes) -> None:
        claims = tuple(claims)
        self.rows = tuple(_rows(claims, symbols, scopes))
        formulas = [claim.formula for claim in claims if claim.formula is not None]
        codes = [
            meaning.code
            for formula in formulas
            for symbol in symbols_of(formula)
            for meaning in symbols.meanings(symbol, scopes)
        ]
        guards = [claim.guard for claim in claims]
        self.about = {word for code in [*codes, *guards] if code for word in words(code)}

    def applies(self, unusual: Collection[str]) -> bool:
        """
        Whether the rows speak of a configuration with these unusual arguments.

        All arguments that the rows are not about must have their defaults.
        """
        return self.about.issuperset(unusual)

    def above(self, claim: Claim) -> list[Row]:
        """Return the rows above a row that have the same symbol on the left."""
        lefts = [identity(row.left) for row in self.rows if same_place(row.claim, claim)]
        return [
            row
            for row in self.rows
            if row.claim.number < claim.number and identity(row.left) in lefts
        ]

    def watched(self, claim: Claim) -> list[Row]:
        """
        Return the rows that can show a claim to be wrong.

        A row whose symbol the class has shows it by itself; one that only defines a symbol, through
        the rows that use it.
        """
        own = [row for row in self.rows if same_place(row.claim, claim)]
        names = {identity(row.left) for row in own if not row.bound}
        found = [row for row in own if row.bound]
        for row in self.rows:
            if row not in own and names & {identity(s) for s in symbols_of(row.right)}:
                (found.append(row) if row.bound else names.add(identity(row.left)))
        return found

    def shown(
        self, claim: Claim, outcomes: Iterable[Outcome]
    ) -> Iterator[tuple[Environment, Sides | NoValue]]:
        """Yield what shows whether a row is true, of all that a run of the rows has shown."""
        watched = {id(row) for row in self.watched(claim)}
        for end, row, found in outcomes:
            if row is None:
                yield end, found
            elif id(row) in watched:
                yield end, _told_apart(found, row, claim)

    def run(self, guard: str, ends: Iterable[Environment], evaluate: Evaluate) -> Iterator[Outcome]:
        """Run the rows through the ends of all steps of one recording, where a guard holds."""
        programs: dict[int, Program] = {}  # by the step they have come to
        for end in ends:
            program = programs.pop(id(end.step.previous), None) or Program(self.rows, evaluate)
            programs[id(end.step)] = program
            try:
                meant = program.holds(guard, end)
            except NoValue as error:
                yield end, None, error
                continue
            if meant:
                yield from ((end, row, found) for row, found in program.step(end))


def settled(outcome: Outcome) -> Outcome:
    """What was found, to be compared more than once: what it is relative to grows with the run."""
    end, row, found = outcome
    if isinstance(found, NoValue):
        return outcome
    kept = replace(found, scale=cache(found.scale))
    with suppress(NoValue):
        compare(kept)
    return end, row, kept


def _told_apart(found: Sides | NoValue, row: Row, claim: Claim) -> Sides | NoValue:
    """What was found, which says so if it is about another row than the one in question."""
    if isinstance(found, NoValue) or same_place(row.claim, claim):
        return found
    return replace(found, row=row.claim.line)


def _rows(claims: Iterable[Claim], symbols: Symbols, scopes: Scopes) -> Iterator[Row]:
    """The assignments among the rows of a display."""
    for claim in claims:
        found = assignment(claim.formula)
        if found is not None:
            assert isinstance(claim.formula, Relation)
            meanings = symbols.meanings(found[0], scopes)
            bound = any(meaning.code for meaning in meanings)
            yield Row(claim, *found, bound, claim.formula.rest[1:])


class Program:
    """The rows, with the numbers that they have computed for one parameter."""

    def __init__(self, rows: Sequence[Row], evaluate: Evaluate) -> None:
        self.rows = rows
        self.evaluate = evaluate
        self.own = {identity(row.left) for row in rows}
        self.before: dict[str, Any] = {}
        self.largest: dict[str, Any] = {}  # of each element, in all steps so far
        self.now: dict[str, Any] = {}

    def holds(self, guard: str, end: Environment) -> bool:
        """Whether the rows are meant for a step. After one that is not, they start anew."""
        names = with_switches(_as_given(end))
        if guard and not end.truth(run(guard, names)):
            self.now = {}
            return False
        return True

    def step(self, end: Environment) -> Iterator[tuple[Row, Sides | NoValue]]:
        """
        Take a step, and yield what the rows and the class have computed when it is over.

        Where a row has no value, the reason is yielded, for it and for the rows below.
        """
        start = end.step.entry
        chosen = {n: v for row in self.rows for n, v in _indices(row.left, end).items()}
        entry = replace(end, now=Snapshot({**chosen, **_as_given(end)}, start.memory))
        self.before, self.now = {**self.before, **self.now} if self.now else {}, {}
        for place, row in enumerate(self.rows):
            try:
                yield from ((row, found) for found in self.row(row, entry, end))
            except NoValue as error:
                yield row, error
                reason = NoValue(f"line {row.claim.line} has no value: {{}}", error)
                yield from ((below, reason) for below in self.rows[place + 1 :])
                self.now = {}
                return

    def row(self, row: Row, entry: Environment, end: Environment) -> Iterator[Sides]:
        """Compute one row, and yield what has to agree."""

        def lookup(symbol: Symbol) -> Any:
            return self.value(symbol, entry, end)

        key = _place(row.left, end)
        if key in self.now:
            raise NoValue(f"two rows compute `{to_text(row.left)}`")
        value = self.evaluate(row.right, lookup)
        self.now[key] = value
        if isinstance(value, float | np.ndarray):
            self.largest[key] = _larger(self.largest.get(key, 0.0), np.abs(value))
        scale = partial(self.scale, row.right, lookup, value, key, end)
        if row.bound:
            yield Sides(_result(row.left, end), "=", value, tree=row.right, scale=scale)
        for sign, side in row.more:
            left, value = value, self.evaluate(side, lookup)
            yield Sides(left, sign, value, tree=side, scale=scale)

    def scale(
        self,
        tree: Expression,
        lookup: Callable[[Symbol], Any],
        value: Any,
        key: str,
        end: Environment,
    ) -> Any:
        """How large the numbers are that a row has worked with, in this step and before."""

        def size(symbol: Symbol, known: Any) -> Any:
            return _larger(self.largest.get(_place(symbol, end), 0.0), np.abs(known))

        made_of = scale_of(tree, lookup, self.evaluate, value, size)
        self.largest[key] = _larger(self.largest[key], made_of)
        return self.largest[key]

    def value(self, symbol: Symbol, entry: Environment, end: Environment) -> Any:
        """What a symbol is for the program: its own number, or one that it is given."""
        if identity(symbol) not in self.own:
            return _given(symbol, entry, end)
        key, back = _place(symbol, end), steps_back(symbol)
        if not back and key in self.now:
            return self.now[key]
        late = NoValue("`{}` is used above the row that computes it", symbol)
        if back == 0:
            raise late
        if back in (1, None) and key in self.before:
            return self.before[key]
        try:
            return entry(symbol)
        except NotThere as error:
            raise late if back is None else error from None


def _place(symbol: Symbol, end: Environment) -> str:
    """
    What a number of the program is known by: its symbol, and which of several places that is.

    `self.counts[j]` is another number for another j.
    """
    at = (f"{name}={value!r}" for name, value in _indices(symbol, end).items())
    return " ".join([identity(symbol), *at])


def _indices(symbol: Symbol, end: Environment) -> dict[str, Any]:
    """The variables that say in which place in memory a symbol is, with their values."""
    meaning = end.meaning(symbol)
    code = meaning.code if meaning is not None else ""
    names = sorted(names_in(code) - {root(code)}) if code else []
    return {name: end.now.names[name] for name in names if name in end.now.names}


def _larger(known: Any, value: Any) -> Any:
    """The larger one of each two numbers; where there are as many as never before, the new ones."""
    try:
        return np.maximum(known, value)
    except ValueError:
        return value


def _as_given(end: Environment) -> dict[str, Any]:
    """
    The names at the start of a step, as the user knows them.

    A dictionary among the names that has the user's settings has them as the user gave them.
    """
    names, given, param = end.step.entry.names, end.step.given, end.step.param
    seen = dict(names)
    if given is None:
        return seen
    for name, value in names.items():
        if isinstance(value, dict) and given.settings:
            common = {key: each for key, each in given.settings.items() if key in value}
            seen[name] = {**value, **common}
    if given.param is not NOTHING and param in seen:
        seen[param] = given.param
    if given.grad is not NOTHING and "grad" in seen:
        seen["grad"] = given.grad
    return seen


def _result(symbol: Symbol, end: Environment) -> Any:
    """What the class has computed: for the parameter, what the user finds afterwards."""
    meaning, given = end.meaning(symbol), end.step.given
    is_param = meaning is not None and meaning.code == end.step.param
    if meaning is None or given is None or not is_param or given.after is NOTHING:
        return end(symbol)
    end.used.add(meaning)
    return given.after


def _given(symbol: Symbol, entry: Environment, end: Environment) -> Any:
    """What the program is given: as it was when the step began, or else what the step computed."""
    meaning = entry.meaning(symbol)
    if meaning is None or not meaning.code or entry.memory(meaning.code) is not None:
        return end(symbol)
    try:
        return entry(symbol)
    except NotThere:
        return end(symbol)
