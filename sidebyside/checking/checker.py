"""
# All claims of some pages, and what becomes of them

The checker holds what is needed to judge a claim: what the pages say about symbols, and recordings
of the code in all configurations. A claim may be judged again and again, also with another formula
in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import groupby
from typing import TypeAlias, get_args

import numpy as np

from sidebyside.algebra import numeric
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.falsify import Strict
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.checking import evidence, verdicts
from sidebyside.checking.algorithms import Block, Outcome, same_place, settled
from sidebyside.checking.binding import Meanings, assignment
from sidebyside.checking.causes import cause
from sidebyside.checking.claims import Claim
from sidebyside.checking.environment import Environment, Evaluate, exists, run
from sidebyside.checking.identities import check_relation
from sidebyside.checking.reasons import Reason, in_words
from sidebyside.checking.sense import impossible, is_bound, is_used, meaningless
from sidebyside.checking.settings import unusual as unusual_of
from sidebyside.checking.statements import judge
from sidebyside.checking.verdicts import Sides, Status, Verdict, compare, sides
from sidebyside.formula import to_text
from sidebyside.formula.tree import EQUALITIES, Number, Relation
from sidebyside.notation import Meaning, Scope, conditions
from sidebyside.trace.trace import Call, Recording, Snapshot, Step, equal


@dataclass(frozen=True)
class Moment:
    """One execution of what a claim is about."""

    recording: Recording
    step: Step
    now: Snapshot
    call: Call | None


# The error where one side is rounded to fewer digits.
COARSE = (1e-9, 3e-7)

Found: TypeAlias = tuple[Moment, Sides | NoValue]


def failed(claim: Claim, text: str) -> Verdict:
    """The verdict that a claim is wrong, or cannot be compared, and why."""
    return Verdict(claim, "failed", in_words(text))


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
        """Judge one claim."""
        if claim.excuse:
            return Verdict(claim, "not checked", in_words(claim.excuse))
        if claim.formula is None:
            return Verdict(claim, "not checked", (Reason("grammar", {"text": claim.reason}),))
        defines = self.meanings.defines(claim)
        if claim.kind not in ("mention", "statement"):
            wrong = impossible(claim, defines) or self._is_twice(claim)
            if wrong:
                return failed(claim, wrong)
        unknown = self.meanings.unknown(claim)
        if unknown:
            return failed(claim, verdicts.no_symbol(unknown[0], claim.scope))
        if claim.kind == "mention":
            return Verdict(claim, "mention", ())
        if claim.kind == "statement":
            return judge(claim, self)
        if self.meanings.free(claim):
            return self.identity(claim)
        reason = meaningless(claim)
        if reason:
            return Verdict(claim, "not checked", in_words(reason))
        if not defines or claim.kind == "line":
            return self.tally(claim, "checked")
        if claim.kind == "row" and self._block(claim).watched(claim):
            return self.tally(claim, "definition")
        if is_used(claim, self.meanings):
            return Verdict(claim, "definition", (Reason("used"),))
        return Verdict(claim, "not checked", (Reason("unused"),))

    def identity(self, claim: Claim) -> Verdict:
        """Judge a statement about symbols that no code computes. An arrow states equality, too."""
        if not isinstance(claim.formula, Relation):
            return Verdict(claim, "not checked", (Reason("no-relation"),))
        rest = tuple(("=" if sign == "←" else sign, side) for sign, side in claim.formula.rest)
        try:
            finding = check_relation(replace(claim.formula, rest=rest), self.meanings.terms(claim))
        except NoValue as error:
            return failed(claim, error.reason)
        statuses: dict[str, Status] = {each: each for each in get_args(Status)}
        return Verdict(claim, statuses[finding.status], finding.reasons)

    def tally(self, claim: Claim, status: Status) -> Verdict:
        """Compare both sides of a claim each time its code has run."""
        runs: set[int] = set()
        times, error, empty, zero, coarse = 0, 0.0, False, True, ""
        strict = Strict()
        for moment, found in self.comparisons(claim):
            where = f"({moment.recording.label}, step {moment.step.t})"
            if isinstance(found, NoValue):
                return failed(claim, f"cannot be compared {where}: {found.reason}")
            try:
                outcome = compare(found)
            except NotFinite as problem:
                return failed(claim, f"cannot be compared {where}: {problem.reason}")
            if not outcome.agrees:
                detail = verdicts.disagreement(outcome, found, moment.recording.families)
                if found.sign in EQUALITIES and COARSE[0] < outcome.error < COARSE[1]:
                    detail += "; so near, one of them may be rounded, as in float32"
                return failed(claim, f"{verdicts.disagrees(claim, found)} {where}: {detail}")
            if outcome.empty:
                empty = True
                continue
            strict.add(id(moment.recording), found.code, found.sign, found.formula)
            zero = zero and not (np.any(found.code) or np.any(found.formula))
            runs.add(id(moment.recording))
            times, error, coarse = times + 1, max(error, outcome.error), coarse or outcome.coarse
        if not times:
            reached = bool(self.moments(claim))
            reason = verdicts.NOTHING_THERE if empty else verdicts.never(claim, is_reached=reached)
            return failed(claim, reason)
        if zero and not _says_zero(claim):
            return failed(claim, verdicts.ALL_ZERO)
        if strict.is_empty:
            return failed(claim, verdicts.NEVER_STRICT)
        unseen = self.unseen(claim, runs)
        if unseen:
            return failed(claim, unseen)
        attacks = {r.families for r in self.recordings if id(r) in runs and r.families}
        reasons = [verdicts.beside("holds" if is_bound(claim) else "agrees", claim)]
        if attacks:
            reasons.append(Reason("attacked", {"families": len(attacks.pop())}))
        assert claim.formula is not None
        signs = evidence.one_signed(claim.formula, self.places(claim, runs))
        if signs and not is_bound(claim):
            reasons.append(Reason("only", {"symbols": signs}))
        if coarse:
            reasons.append(Reason("coarse", {"type": coarse}))
        return Verdict(claim, status, tuple(reasons), len(runs), times, error)

    def places(self, claim: Claim, runs: set[int]) -> list[Environment]:
        """The moments of some runs in which a claim was compared."""
        return [
            self.place(claim.scope, each, evaluate)
            for recording, moments in self._by_recording(claim)
            if id(recording) in runs
            for each in moments
        ]

    def twins(self, claim: Claim, runs: set[int]) -> str:
        """Which symbol a formula could have in place of one of its own; empty if none."""
        assert claim.formula is not None
        places = []
        for recording, moments in self._by_recording(claim):
            if id(recording) in runs:
                places.append([self.place(claim.scope, each, evaluate) for each in moments])
        alike = evidence.twins(claim.formula, places, self.meanings)
        return alike or evidence.uniform(claim.formula, self.places(claim, runs))

    def unseen(self, claim: Claim, runs: set[int]) -> str:
        """What the runs in which a claim was compared cannot tell apart; empty if nothing."""
        names = [moment.now.names for moment in self.moments(claim)]
        undone = self.undone(claim)
        if undone:
            return f"{undone}; write one above it"
        pointless = self.pointless(claim)
        if pointless:
            return pointless
        named = self.meanings.codes(claim)
        unnamed = [each for each in claim.choices if each.kind != "count" or each.code not in named]
        found = evidence.idle(unnamed, names) or self.unrun(claim)
        if not found and not is_bound(claim):
            found = self.twins(claim, runs) or self.simpler(claim)
        return f"{found}; add a configuration that shows it" if found else ""

    def pointless(self, claim: Claim) -> str:
        """Which condition before a formula makes no difference in any run; empty if none."""
        parts = conditions(claim.guard)
        rows = [each for each in self._display(claim) if each.formula is not None]
        for place, part in enumerate(parts):
            if part in conditions(claim.remarked):
                continue  # not the page's own words
            guard = ", ".join([*parts[:place], f"not ({part})", *parts[place + 1 :]])
            others = (replace(row, guard=guard) for row in rows)
            found = (_agrees(each) for row in others for _, each in self.comparisons(row))
            first = next(found, None)
            if first and all(found):
                return (
                    f"it also agrees when not `{part}`; leave the condition out, or correct the "
                    "code that it speaks of"
                )
            if first is None and claim.kind != "line":
                return f"`{part}` is true in all runs; add a configuration in which it is not"
        return ""

    def unrun(self, claim: Claim) -> str:
        """A line above the code of a claim that no run has come to; empty if there is none."""
        ran = {line for each in self.recordings for path, line in each.lines if path == claim.path}
        missing = [line for line in claim.above if line not in ran]
        return (
            f"line {missing[0]} may run before it, and ran in no configuration" if missing else ""
        )

    def undone(self, claim: Claim) -> str:
        """A line below a claim that changes the memory it speaks of once more; empty if none."""
        for line, code in claim.again:
            for moment in self.moments(claim):
                place = self.place(claim.scope, moment, evaluate)
                end = moment.call.exit if moment.call is not None else None
                if end is None or place.memory(code) is None:
                    continue
                if exists(code, end.names) and not equal(place.run(code), run(code, end.names)):
                    return f"line {line} changes `{code}` once more, and no formula says how"
        return ""

    def simpler(self, claim: Claim) -> str:
        """A simpler formula that would agree, too; empty if there is none."""
        assert claim.formula is not None
        for part, instead, formula in evidence.simpler(claim.formula):
            found = self.comparisons(replace(claim, formula=formula), instead_of=claim)
            if all(_agrees(each) for _, each in found):
                alike = f"`{to_text(part)}` and `{to_text(instead)}` are one number in all runs"
                return f"{alike}, so the simpler one would agree, too"
        return ""

    def cause(self, claim: Claim) -> str:
        """Return the slip in a formula that disagrees, if it can be told; empty if not."""

        def agrees(other: Claim) -> bool:
            found = (_agrees(each) for _, each in self.comparisons(other, instead_of=claim))
            return next(found, False) and all(found)

        return cause(claim, self.meanings, agrees)

    def hint(self, claim: Claim) -> str:
        """Return what the configurations in which a claim fails have in common, if one thing."""
        fails: dict[bool, list[Recording]] = {True: [], False: []}
        for recording in self.recordings:
            alone = Checker(self.meanings, [recording]).comparisons(claim)
            agree = [_agrees(found) for _, found in alone]
            if agree:
                fails[not all(agree)].append(recording)
        for name in dict.fromkeys(name for each in fails[True] for name in each.arguments):
            here, there = (
                [name in self.unusual[id(each)] for each in fails[way]] for way in (True, False)
            )
            if all(here) and there and not any(there):
                return f"it holds when `{name}` has its default"
        return ""

    def comparisons(
        self, claim: Claim, evaluate: Evaluate = evaluate, instead_of: Claim | None = None
    ) -> Iterator[Found]:
        """
        Yield what has to agree if a claim is true, each time its code has run.

        Where a side has no value, the reason is yielded instead. One that is tried `instead_of`
        another is tried where that applies, from the most unusual recording on.
        """
        is_row = claim.kind == "row" and assignment(claim.formula) is not None
        attacked = is_bound(claim)
        blocks = cache(partial(self._block, claim))
        applying = cache(partial(self._block, instead_of)) if instead_of else blocks
        order = list(self._by_recording(claim))
        for recording, moments in reversed(order) if instead_of else order:
            if recording.families and not attacked:
                continue  # numbers so large and small say nothing about equality
            scope = self.meanings.running(recording.owner)[0] if is_row else claim.scope
            places = [self.place(scope, moment, evaluate) for moment in moments]
            if claim.kind == "row" and not applying(recording.owner).applies(
                self.unusual[id(recording)]
            ):
                continue
            if not is_row:
                for moment, place in zip(moments, places, strict=True):
                    yield from ((moment, found) for found in _found(claim, place, evaluate))
                continue
            moment_of = {id(moment.step): moment for moment in moments}
            block = blocks(recording.owner)
            outcomes = self._outcomes(claim, block, recording, places, evaluate)
            for end, found in block.shown(claim, outcomes):
                yield moment_of[id(end.step)], found

    def moments(self, claim: Claim) -> Sequence[Moment]:
        """Return every execution of what a claim is about."""
        if claim.kind == "line":
            return self.visits.get((claim.path, claim.lines), ())
        if claim.kind == "call":
            return self.calls.get((claim.path, claim.scope.name), ())
        its = (each for each in self.recordings if self._is_of(claim, each))
        return [moment for each in its for moment in self._ends.get(id(each), ())]

    def _by_recording(self, claim: Claim) -> Iterator[tuple[Recording, list[Moment]]]:
        for _, moments in groupby(self.moments(claim), lambda moment: id(moment.recording)):
            same = list(moments)
            yield same[0].recording, same

    def _display(self, claim: Claim) -> list[Claim]:
        """The rows of the display that a claim is one of."""
        place = (claim.path, claim.block)
        return [each for each in self.meanings.claims if (each.path, each.block) == place]

    def _outcomes(
        self,
        claim: Claim,
        block: Block,
        recording: Recording,
        ends: Sequence[Environment],
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

    def _is_twice(self, claim: Claim) -> str:
        """Why a row is one too many: one above it computes the same symbol."""
        above = (
            [row.claim for row in self._block(claim).above(claim)] if claim.kind == "row" else []
        )
        return f"line {above[0].line} says what this symbol is already" if above else ""

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


def _says_zero(claim: Claim) -> bool:
    """Whether a formula has a bare 0 for a side."""
    formula = claim.formula
    if not isinstance(formula, Relation):
        return formula == Number("0")
    return any(side == Number("0") for _, side in formula.rest)


def _agrees(found: Sides | NoValue) -> bool:
    try:
        return not isinstance(found, NoValue) and compare(found).agrees
    except NotFinite:
        return False


def _found(claim: Claim, place: Environment, evaluate: Evaluate) -> Iterator[Sides | NoValue]:
    try:
        if place.holds(claim.guard):
            yield from sides(claim, place, evaluate)
    except NoValue as error:
        yield error
