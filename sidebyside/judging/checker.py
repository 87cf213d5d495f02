"""
# All claims of some pages, and what becomes of them

The checker holds what is needed to judge a claim: what the pages say about symbols, and recordings
of the code in all configurations. `verdict` looks at what a claim is about, and at what its symbols
are, and picks who judges it. A claim may be judged again and again, also with another formula in
its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeAlias

from sidebyside.algebra import numeric
from sidebyside.algebra.agreement import Sides, is_bound, meaningless
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import evaluate
from sidebyside.claims.binding import Ground, Meanings
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import assignment
from sidebyside.judging.algorithms import Block, Outcome, same_place, settled
from sidebyside.judging.environment import Environment, Evaluate, sides
from sidebyside.judging.identities import judge_identity
from sidebyside.judging.statements import judge_statement
from sidebyside.judging.verdicts import (
    Reasons,
    Verdict,
    compared,
    failed,
    impossible,
    no_symbol,
)
from sidebyside.reasons import Reason, in_words
from sidebyside.settings import unusual as unusual_of
from sidebyside.source.notation import Meaning, Scope
from sidebyside.trace.trace import Call, Recording, Snapshot, Step


@dataclass(frozen=True)
class Moment:
    """One execution of what a claim is about."""

    recording: Recording
    step: Step
    now: Snapshot
    call: Call | None


Found: TypeAlias = tuple[Moment, Sides | NoValue]
Group: TypeAlias = tuple[Recording, list[Moment]]


class Checker:
    """Judges claims. `used` collects the notation lines whose code was found in some run."""

    def __init__(self, meanings: Meanings, recordings: Sequence[Recording]) -> None:
        self.meanings = meanings
        self.recordings = recordings
        self.used: set[Meaning] = set()
        self.visits: dict[tuple[str, range], list[Moment]] = {}
        self.calls: dict[tuple[str, str], list[Moment]] = {}
        self.entries: set[Scope] = set()  # the methods that took steps
        self._ran: dict[tuple[int, int, str], list[Outcome]] = {}  # displays, by the recording
        self._ends: dict[int, list[Moment]] = {}  # of the steps, by the recording
        self._of_class: dict[Scope, list[Moment]] = {}  # the same, of all its recordings
        # By the identity of moments, those of each recording; with them, so that they live on.
        self._grouped: dict[int, tuple[Sequence[Moment], list[Group]]] = {}
        self._environments: dict[tuple[int, Scope, Evaluate, str], Environment] = {}
        self.unusual = {id(each): unusual_of(each.owner, each.arguments) for each in recordings}
        for recording in recordings:
            for step in recording.steps:
                self._index(recording, step)

    def _index(self, recording: Recording, step: Step) -> None:
        taken_by = step.call.function
        self.entries.add(Scope(taken_by.path, taken_by.name))
        if step.exit is not None:
            end = Moment(recording, step, step.exit, step.call)
            self._ends.setdefault(id(recording), []).append(end)
        for visit in step.visits:
            moment = Moment(recording, step, visit.after, visit.call)
            self.visits.setdefault((visit.call.function.path, visit.lines), []).append(moment)
        for call in step.calls:
            if call.exit is not None:
                moment = Moment(recording, step, call.exit, call)
                self.calls.setdefault((call.function.path, call.function.name), []).append(moment)

    def verdict(self, claim: Claim) -> Verdict:
        """Judge a claim: by what it is about, and by what its symbols are."""
        if claim.excuse:
            return Verdict(claim, "not checked", in_words(claim.excuse))
        if claim.formula is None:
            return Verdict(claim, "not checked", (Reason("grammar", {"text": claim.reason}),))
        try:
            return self._judged(claim, self.meanings.ground(claim))
        except NoValue as error:  # in what a list says of a symbol
            return failed(claim, *in_words(error.reason))

    def _judged(self, claim: Claim, ground: Ground) -> Verdict:
        """Judge a formula by what its symbols are."""
        wrong = self._wrong(claim, ground)
        if wrong:
            return failed(claim, *wrong)
        match claim.kind, ground:
            case "mention", _:
                return Verdict(claim, "mention", ())
            case "statement", _:
                return judge_statement(claim, self)
            case _, "free":
                return judge_identity(claim, self.meanings)
            case _ if why := meaningless(claim.formula):
                return Verdict(claim, "not checked", in_words(why.reason))
            case ("line", _) | (_, "code"):
                return compared(claim, "tried", self)
            case "row", _ if self._block(claim).watched(claim):
                return compared(claim, "definition", self)
            case _ if self.meanings.is_used(claim):
                return Verdict(claim, "definition", (Reason("used"),))
        return Verdict(claim, "not checked", (Reason("unused"),))

    def where(self, changes: Mapping[int, Claim]) -> Checker:
        """Return a checker of the same runs, where some claims, by identity, are others."""
        other = copy(self)
        other.meanings = self.meanings.where(changes)
        other.used, other._ran, other._environments = set(), {}, {}
        return other

    def _wrong(self, claim: Claim, ground: Ground) -> Reasons:
        """Why a claim is wrong, whatever the code computes; empty if it may be right."""
        if claim.kind not in ("mention", "statement"):
            wrong = impossible(claim.formula, defines=self.meanings.defines(claim))
            above = self._block(claim).above(claim) if claim.kind == "row" and not wrong else []
            if wrong or above:
                return wrong or (Reason("twice", {"line": above[0].claim.line}),)
        unknown = self.meanings.unknown(claim) if ground == "unknown" else []
        none = tuple(reason for symbol in unknown for reason in no_symbol(symbol, claim))
        return none or self._misnamed(claim)

    def _misnamed(self, claim: Claim) -> Reasons:
        """What the list calls the result of the code, if the formula beside it invents a name."""
        found = assignment(claim.formula)
        scopes = self.meanings.scopes(claim.scope)
        if claim.kind != "line" or found is None:
            return ()
        lines = self.meanings.explained(found[0], scopes)
        if any(line.text for line in lines):
            return ()
        # Of several values, the formula is about the one that has its letter.
        its = {line.code for line in lines} or {*claim.values}
        for line in self.meanings.notation.meanings:
            in_list = line.text and line.scope in scopes and not line.at_entry
            if in_list and line.code in its:
                named = {"code": line.code, "symbol": to_text(line.symbol)}
                return (Reason("misnamed", {**named, "instead": to_text(found[0])}),)
        return ()

    def places(self, claim: Claim, runs: set[int]) -> list[list[Environment]]:
        """The moments of some runs in which a claim was compared, by run."""
        return [
            [self.place(claim.scope, each, evaluate) for each in moments]
            for recording, moments in self._by_recording(claim)
            if id(recording) in runs
        ]

    def comparisons(
        self, claim: Claim, evaluate: Evaluate = evaluate, instead_of: Claim | None = None
    ) -> Iterator[Found]:
        """
        Yield what has to agree if a claim is true, each time its code has run.

        Where a side has no value, the reason is yielded instead. One that is tried `instead_of`
        another is tried where that applies, from the most unusual recording on.
        """
        is_row = claim.kind == "row" and assignment(claim.formula) is not None
        attacked = is_bound(claim.formula)
        blocks = cache(partial(self._block, claim))
        applying = cache(partial(self._block, instead_of)) if instead_of else blocks
        order = self._by_recording(claim)
        for recording, moments in reversed(order) if instead_of else order:
            if recording.families and not attacked:
                continue  # numbers so large and small say nothing about equality
            scope = self.meanings.running(recording.owner)[0] if is_row else claim.scope
            if claim.kind == "row" and not applying(recording.owner).applies(
                self.unusual[id(recording)]
            ):
                continue
            if not is_row:
                for moment in moments:
                    place = self.place(scope, moment, evaluate)
                    yield from ((moment, found) for found in _found(claim, place, evaluate))
                continue
            moment_of = {id(moment.step): moment for moment in moments}
            block = blocks(recording.owner)
            ends = (self.place(scope, moment, evaluate) for moment in moments)
            outcomes = self._outcomes(claim, block, recording, ends, evaluate)
            for end, found in block.shown(claim, outcomes):
                yield moment_of[id(end.step)], found

    def unspoken(self, claim: Claim) -> list[str]:
        """
        The arguments that keep a row from being compared, as it does not speak of them.

        Those of the configuration with the fewest; none if a configuration has none.
        """
        others = [
            self.unusual[id(recording)] - self._block(claim, recording.owner).about
            for recording, _ in self._by_recording(claim)
        ]
        return sorted(min(others, key=len, default=()))

    def moments(self, claim: Claim) -> Sequence[Moment]:
        """Return every execution of what a claim is about."""
        if claim.kind == "line":
            return self.visits.get((claim.path, claim.lines), ())
        if claim.kind == "call":
            return self.calls.get((claim.path, claim.scope.name), ())
        if claim.scope not in self._of_class:
            its = (each for each in self.recordings if self._is_of(claim, each))
            found = [moment for each in its for moment in self._ends.get(id(each), ())]
            self._of_class[claim.scope] = found
        return self._of_class[claim.scope]

    def _by_recording(self, claim: Claim) -> list[Group]:
        moments = self.moments(claim)
        if id(moments) not in self._grouped:
            found: dict[int, Group] = {}
            for each in moments:
                found.setdefault(id(each.recording), (each.recording, []))[1].append(each)
            self._grouped[id(moments)] = moments, list(found.values())
        return self._grouped[id(moments)][1]

    def display(self, claim: Claim) -> list[Claim]:
        """The rows of the display that a claim is one of."""
        place = (claim.path, claim.block)
        return [each for each in self.meanings.claims if (each.path, each.block) == place]

    def _outcomes(
        self,
        claim: Claim,
        block: Block,
        recording: Recording,
        ends: Iterable[Environment],
        evaluate: Evaluate,
    ) -> Iterable[Outcome]:
        """What a run of a display shows; all of its own rows share one."""
        run = block.run(claim.guard, ends, evaluate)
        if evaluate is not numeric.evaluate or not self._is_of_page(claim):
            return run
        key = (id(block), id(recording), claim.guard)
        if key not in self._ran:
            self._ran[key] = list(map(settled, run))
        return self._ran[key]

    def _block(self, claim: Claim, owner: type | None = None) -> Block:
        """The display that a row belongs to, with this row in its place."""
        return self.meanings.once(_block, claim, owner)

    def place(
        self, scope: Scope, moment: Moment, evaluate: Evaluate, around: Claim | None = None
    ) -> Environment:
        """
        The environment of a formula; those of one scope share what they have read.

        A sentence looks up its symbols in all that is `around` it.
        """
        key = (id(moment), scope, evaluate, around.path if around else "")
        if key not in self._environments:
            meanings, owner = self.meanings, moment.recording.owner
            self._environments[key] = Environment(
                meanings.symbols,
                meanings.around(around, owner) if around else meanings.scopes(scope, owner),
                moment.step,
                moment.now,
                moment.call,
                evaluate,
                self.used,
                moment.recording.truth,
            )
        return self._environments[key]

    def _is_of_page(self, claim: Claim) -> bool:
        """Whether a claim stands on the page as it is, and not in place of another one."""
        return any(each is claim for each in self.meanings.claims)

    def _is_of(self, claim: Claim, recording: Recording) -> bool:
        """Whether the docstring that a claim stands in is about the class that was recorded."""
        classes = self.meanings.running(recording.owner)[:1]
        return any(claim.scope in (each, Scope(each.path)) for each in classes)


def _block(claim: Claim, meanings: Meanings, owner: type | None) -> Block:
    same = [c for c in meanings.claims if (c.path, c.block) == (claim.path, claim.block)]
    if claim is not same[0] and any(each is claim for each in same):
        return meanings.once(_block, same[0], owner)
    rows = [claim if same_place(each, claim) else each for each in same]
    scope = meanings.running(owner)[0] if owner else claim.scope
    return Block(rows, meanings.symbols, meanings.scopes(scope, owner))


def _found(claim: Claim, place: Environment, evaluate: Evaluate) -> Iterator[Sides | NoValue]:
    try:
        if place.holds(claim.guard):
            yield from sides(claim, place, evaluate)
    except NoValue as error:
        yield error
