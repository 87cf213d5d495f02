"""
# All claims of some pages, and what becomes of them

The checker holds what is needed to judge a claim: what the pages say about symbols, and recordings
of the code in all configurations. A claim may be judged again and again, also with another formula
in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sidebyside.checking.algorithms import Program, about, applies, depending_on, rows_of
from sidebyside.checking.claims import Claim
from sidebyside.checking.identities import check_relation
from sidebyside.checking.meanings import Meanings, assignment
from sidebyside.checking.moments import Evaluate, NotThere, Place, run, with_switches
from sidebyside.checking.recording import Call, Recording, Snapshot, Step
from sidebyside.checking.unfolding import NoValue
from sidebyside.checking.values import NotFinite, evaluate
from sidebyside.checking.verdicts import Sides, Status, Verdict, compare, sides
from sidebyside.formula import to_text
from sidebyside.formula.tree import Expression, Relation, Symbol
from sidebyside.notation import Meaning, Scope


@dataclass(frozen=True)
class Moment:
    """One execution of what a claim is about."""

    recording: Recording
    step: Step
    now: Snapshot
    call: Call | None


Found: TypeAlias = tuple[Moment, Sides | NoValue]


class Checker:
    """Judges claims. `used` collects the notation lines whose code was found in some run."""

    def __init__(self, meanings: Meanings, recordings: Sequence[Recording]) -> None:
        self.meanings = meanings
        self.recordings = recordings
        self.used: set[Meaning] = set()
        self.visits: dict[tuple[str, range], list[Moment]] = {}
        self.calls: dict[tuple[str, str], list[Moment]] = {}
        for recording in recordings:
            for step in recording.steps:
                self._index(recording, step)

    def _index(self, recording: Recording, step: Step) -> None:
        for visit in step.visits:
            moment = Moment(recording, step, visit.after, visit.call)
            self.visits.setdefault((visit.call.function.path, visit.lines), []).append(moment)
        for call in step.calls:
            if call.exit is not None:
                moment = Moment(recording, step, call.exit, call)
                self.calls.setdefault((call.function.path, call.function.name), []).append(moment)

    def verdict(self, claim: Claim) -> Verdict:
        """Judge one claim."""
        if claim.formula is None:
            return Verdict(claim, "not checked", f"the grammar does not cover it: {claim.reason}")
        unknown = self.meanings.unknown(claim)
        if unknown:
            return Verdict(claim, "failed", _no_symbol(unknown[0], claim.scope))
        if claim.kind == "mention" or claim.is_bare:
            return Verdict(claim, "mention", "its symbols are explained on the page")
        if self.meanings.free(claim):
            return self.identity(claim)
        reason = meaningless(claim)
        if reason:
            return Verdict(claim, "not checked", reason)
        defines = self.meanings.defines(claim)
        if defines and claim.kind == "call":
            return Verdict(claim, "definition", "says what its symbol is in terms of others")
        return self.tally(claim, "definition" if defines and claim.kind == "row" else "checked")

    def identity(self, claim: Claim) -> Verdict:
        """Judge a statement about symbols that no code computes."""
        if not isinstance(claim.formula, Relation):
            return Verdict(claim, "not checked", "it states no relation")
        try:
            finding = check_relation(claim.formula, self.meanings.terms(claim))
        except NoValue as error:
            return Verdict(claim, "failed", error.reason)
        return Verdict(claim, finding.status, finding.detail)

    def tally(self, claim: Claim, status: Status) -> Verdict:
        """Compare both sides of a claim each time its code has run."""
        runs: set[int] = set()
        times, error = 0, 0.0
        for moment, found in self.comparisons(claim):
            where = f"({moment.recording.label}, step {moment.step.t})"
            beside = _beside(claim)
            if isinstance(found, NoValue):
                return Verdict(claim, "failed", f"cannot be compared {where}: {found.reason}")
            try:
                outcome = compare(found)
            except NotFinite as problem:
                return Verdict(claim, "failed", f"cannot be compared {where}: {problem.reason}")
            if not outcome.agrees:
                values = f"formula {outcome.formula:.6g}, code {outcome.code:.6g}"
                return Verdict(claim, "failed", f"disagrees with {beside} {where}: {values}")
            runs.add(id(moment.recording))
            times, error = times + 1, max(error, outcome.error)
        if not times:
            return Verdict(claim, "failed", self._never(claim))
        return Verdict(claim, status, f"agrees with {_beside(claim)}", len(runs), times, error)

    def comparisons(self, claim: Claim, evaluate: Evaluate = evaluate) -> Iterator[Found]:
        """
        Yield what has to agree if a claim is true, each time its code has run.

        Where a side has no value, the reason is yielded instead.
        """
        if claim.kind == "row" and assignment(claim.formula):
            yield from self._rows(claim, evaluate)
            return
        for moment in self.moments(claim):
            place = self._place(claim.scope, moment, evaluate)
            try:
                if place.holds(claim.guard):
                    yield from ((moment, found) for found in sides(claim, place, evaluate))
            except NoValue as error:
                yield moment, error

    def moments(self, claim: Claim) -> Sequence[Moment]:
        """Return every execution of what a claim is about."""
        if claim.kind == "line":
            return self.visits.get((claim.path, claim.lines), ())
        if claim.kind == "call":
            return self.calls.get((claim.path, claim.scope.name), ())
        return [
            Moment(recording, step, step.exit, step.call)
            for recording in self.recordings
            if self._is_of(claim, recording)
            for step in recording.steps
            if step.exit is not None
        ]

    def _rows(self, claim: Claim, evaluate: Evaluate) -> Iterator[Found]:
        """Run the rows of a display beside the class, and yield what one of them has to do with."""
        same = (each for each in self.meanings.claims if each.path == claim.path)
        block = [claim if c.line == claim.line else c for c in same if c.block == claim.block]
        for recording in self.recordings:
            if not self._is_of(claim, recording):
                continue
            scopes = self.meanings.scopes(self._owner(recording), recording.owner)
            rows = rows_of(block, self.meanings.symbols, scopes)
            watched = depending_on(claim, rows)
            if not applies(recording, about(claim, rows, self.meanings.symbols, scopes)):
                continue
            programs: dict[int, Program] = {}
            for moment in self.moments(claim):
                if moment.recording is not recording:
                    continue
                program = programs.pop(id(moment.step.previous), None)
                program = program or Program(rows, evaluate)
                programs[id(moment.step)] = program
                place = self._place(self._owner(recording), moment, evaluate)
                try:
                    if program.holds(claim.guard, place):
                        yield from ((moment, s) for row, s in program.step(place) if row in watched)
                except NoValue as error:
                    yield moment, error

    def _place(self, scope: Scope, moment: Moment, evaluate: Evaluate) -> Place:
        scopes = self.meanings.scopes(scope, moment.recording.owner)
        return Place(
            self.meanings.symbols,
            scopes,
            moment.step,
            moment.now,
            moment.call,
            evaluate,
            self.used,
        )

    def _owner(self, recording: Recording) -> Scope:
        return self.meanings.running(recording.owner)[0]

    def _is_of(self, claim: Claim, recording: Recording) -> bool:
        """Whether the docstring that a claim stands in is about the class that was recorded."""
        classes = self.meanings.running(recording.owner)[:1]
        return any(claim.scope in (each, Scope(each.path)) for each in classes)

    def _never(self, claim: Claim) -> str:
        if self.moments(claim):
            if claim.kind == "row":
                return "no configuration makes the class as this docstring describes it"
            return f"never compared: `{claim.guard}` is true in no configuration"
        if claim.kind == "line" and not claim.lines:
            return "stands beside no code; put it directly above the lines that compute it"
        return f"never executed: no configuration reaches {_beside(claim)}"


def meaningless(claim: Claim) -> str:
    """Return why a formula has no numeric meaning, whatever its symbols are; empty if it has."""
    formula = claim.formula
    parts = [formula]
    if isinstance(formula, Relation):
        parts = [formula.first, *(side for _, side in formula.rest)]
        for sign, _ in formula.rest:
            if sign in "≈∝∈→∼≪≫":
                return f"`{sign}` says nothing that numbers could refute"
    for part in parts:
        try:
            if isinstance(part, Expression):
                evaluate(part, lambda symbol: 2.0)
        except NotFinite:
            continue
        except NoValue as error:
            return error.reason
    return ""


def _no_symbol(symbol: Symbol, scope: Scope) -> str:
    if "." in scope.name:
        home = f"{scope.name.rpartition('.')[0]} or of a class it extends"
    else:
        home = f"{scope.name} or of a class it extends" if scope.name else "a class of this file"
    return f'no symbol "{to_text(symbol)}"; add it to the notation list of {home}'


def _beside(claim: Claim) -> str:
    """What a claim is compared with, in words."""
    if claim.kind == "call":
        return f"what {claim.scope} does"
    if claim.kind == "row":
        return f"what {claim.scope} computes"
    first, last = claim.lines[0] if claim.lines else 0, claim.lines[-1] if claim.lines else 0
    return f"line {first}" if first == last else f"lines {first}–{last}"
