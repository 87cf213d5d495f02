"""
# What changed runs make of verdicts

Each run that was changed is compared with every formula that agreed so far. One that fails there
says more than was tried, and is refused, with what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sidebyside.algebra.agreement import HOLDS, SHARE, compare, is_bound
from sidebyside.algebra.domain import CUSTOMARY
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.claims.binding import Code, Meanings, Row
from sidebyside.claims.claims import Claim
from sidebyside.doubts.ambiguous import ambiguous
from sidebyside.doubts.coverage import broken_domains
from sidebyside.doubts.kinds import AXES, KINDS
from sidebyside.doubts.meanwhile import MEANWHILE
from sidebyside.doubts.odd import BESIDE, CLOSE, ODD, ORDINARY
from sidebyside.doubts.probes import (
    CHANGES,
    PAUSES,
    RELOADED,
    REUSED,
    SCHEDULE,
    ZERO,
    Probe,
)
from sidebyside.doubts.untried import has_gradients
from sidebyside.formula.tree import Series, walk
from sidebyside.judging.checker import Checker, Moment
from sidebyside.judging.environment import NotThere, computed, run
from sidebyside.judging.evidence import undone
from sidebyside.judging.fixed import Constants, constants, in_both
from sidebyside.judging.statements import judge_statement
from sidebyside.judging.verdicts import (
    Reasons,
    Verdict,
    disagreement,
    failed,
    incomparable,
)
from sidebyside.probing.again import ALONE
from sidebyside.reasons import Reason
from sidebyside.settings import Configuration
from sidebyside.trace.trace import Recording

__all__ = ["Trial", "Trials"]

_STRICT = ("<", ">", "≠")
TINY = 1e-30


class Trial(NamedTuple):
    """What a changed run has shown of the code, and how claims, by their place, fail in it."""

    recording: Recording  # without its steps
    broken: dict[int, Reasons]


class Trials:
    """
    What changed runs make of verdicts, one run after the other.

    `constants` has, for some verdicts by their place, the symbols that are one number so far.
    """

    def __init__(
        self, verdicts: Sequence[Verdict], meanings: Meanings, known: dict[int, Constants]
    ) -> None:
        self.meanings = meanings
        self.constants = known
        self.recordings: list[Recording] = []
        self.broken: dict[int, Reasons] = {}
        self.verdicts = {
            place: each
            for place, each in enumerate(verdicts)
            if each.status in ("tried", "definition") and each.times
        }

    def tried(self, recording: Recording) -> Trial | None:
        """Return what a run shows; None if it shows nothing."""
        checker = Checker(self.meanings, [recording])
        if any(broken_domains(self.meanings.notation.meanings, checker)):
            return None
        broken = {
            place: found for place in self.verdicts if (found := self._broken(place, checker))
        }
        for place in broken:
            del self.verdicts[place]
        # Of another shape, numbers say nothing about those that authors had.
        is_shown = not recording.label.endswith(tuple(KINDS))
        for place, known in self.constants.items() if is_shown else ():
            if known and place in self.verdicts:
                self.constants[place] = constants(self.verdicts[place].claim, checker, known)
        return Trial(replace(recording, steps=[]), broken)

    def add(
        self,
        plans: Sequence[tuple[Configuration, Probe]],
        trials: Sequence[Trial | None],
        known: Sequence[dict[int, Constants] | None],
    ) -> None:
        """Take in what all processes have found in their shares of the runs."""
        for (base, probe), trial in zip(plans, trials, strict=True):
            if trial is not None:
                trial.recording.owner, trial.recording.arguments = base.cls, probe.seen
                self.recordings.append(trial.recording)
                self.broken = {**trial.broken, **self.broken}
        for theirs in known:
            for place, mine in self.constants.items():
                self.constants[place] = in_both(mine, theirs[place]) if theirs else {}

    def refused(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Return the verdicts, failed where their claims fail in a run."""
        return [
            failed(each.claim, *self.broken[place]) if place in self.broken else each
            for place, each in enumerate(verdicts)
        ]

    def _broken(self, place: int, checker: Checker) -> Reasons:
        known, label = self.verdicts[place], checker.recordings[0].label
        claim = known.claim
        if label.endswith(SCHEDULE) and _is_of_past(claim, checker):
            return ()  # its settings mean one number each, in all steps that it speaks of
        if label.endswith(ORDINARY) and is_bound(claim.formula) and self._is_unusual(checker):
            return ()  # a step of at most α is one with an α that makes sense
        found = _broken(known, checker) or _elsewhere(claim, checker)
        return (*found, Reason(_remedy(label))) if found else ()

    def _is_unusual(self, checker: Checker) -> bool:
        """Whether a letter that everybody uses alike is another number than everybody takes."""
        lines = [m for m in self.meanings.notation.meanings if m.code and not m.domain]
        for step in checker.recordings[0].steps[:1]:
            for line in lines:
                with suppress(NotThere):
                    value = run(line.code, step.entry.names)
                    domain = CUSTOMARY.get(line.symbol.name)
                    if domain and type(value) in (int, float) and value not in domain:
                        return True
        return False


# What to do where a formula fails, by the words for what was changed.
_REMEDIES = {
    SCHEDULE: "late",
    ORDINARY: "ordinary",
    PAUSES: "paused",
    RELOADED: "reloaded",
    **dict.fromkeys(KINDS, "kind"),
    **dict.fromkeys(ALONE, "alone"),
    **MEANWHILE,
}


def _remedy(label: str) -> str:
    """The key of what to do where a formula fails in a changed run."""
    found = (key for words, key in _REMEDIES.items() if label.endswith(words))
    return next(found, "unshown")


def _elsewhere(claim: Claim, checker: Checker) -> Reasons:
    """How an argument comes from elsewhere, and was the same by chance; empty if it does not."""
    recording = checker.recordings[0]
    is_other = recording.label.endswith(next(iter(CHANGES))) and not has_gradients([recording])
    told = ambiguous(claim, checker) if is_other and claim.kind == "line" else None
    return (told,) if told is not None and told.key == "rebound" else ()


def _broken(known: Verdict, checker: Checker) -> Reasons:
    """How what agreed fails in a changed run; empty if it does not."""
    claim = known.claim
    if claim.kind == "statement":
        found = judge_statement(claim, checker, known)
        return found.reasons if found.status == "failed" and found.times else ()
    told = undone(claim, checker)
    if told:
        return (told,)
    label = checker.recordings[0].label
    is_kind, is_odd = label.endswith(tuple(KINDS)), label.endswith((*ODD, BESIDE, CLOSE))
    how = "another type" if is_kind else "changed line" if is_odd else f"changed {claim.kind}"
    far_off = SHARE.get(how, SHARE["changed line"])
    for moment, sides in checker.comparisons(claim):
        if isinstance(sides, NotFinite) and _has_value(claim, checker, moment):
            where = {"run": moment.recording.label, "step": moment.step.t, "why": sides.reason}
            return (Reason("incomparable", where),)
        if isinstance(sides, NotFinite) and _has_no_number(claim, moment.recording):
            return (incomparable(moment, sides),)
        if isinstance(sides, NoValue) or (sides.sign in _STRICT and _is_at_zero(moment.recording)):
            continue
        if moment.recording.label.endswith(AXES) and not np.ndim(sides.formula):
            continue  # what is one number of all may well be one of each row
        try:
            outcome = compare(sides)
        except NotFinite as problem:
            if not moment.recording.is_far and np.isfinite(sides.formula).all():
                return (incomparable(moment, problem),)
            continue
        if moment.recording.is_far and not np.any(sides.code) and abs(outcome.formula) < TINY:
            continue  # what is too small for a number is 0
        if outcome.agrees or (sides.sign not in HOLDS and outcome.error < far_off):
            continue
        return (disagreement(claim, moment, sides, outcome),)
    return ()


def _is_of_past(claim: Claim, checker: Checker) -> bool:
    """Whether a formula speaks of more steps than this one and the one before."""
    if claim.kind == "statement" or claim.formula is None:
        return True
    found = checker.meanings.resolve(claim).values()
    bindings = [binding for each in found for _, binding in each]
    known = [each for each in bindings if isinstance(each, Code | Row)]
    is_sum = any(isinstance(node, Series) for node in walk(claim.formula))
    return is_sum or any(each.at is not None or each.back > 1 for each in known)


def _has_value(claim: Claim, checker: Checker, moment: Moment) -> bool:
    """Whether code computes finite numbers where its formula has no value."""
    if claim.kind == "row":
        return False  # its numbers are its own, and may have gone astray before
    try:
        found = computed(claim, checker.place(claim.scope, moment, evaluate))
        return bool(np.isfinite(np.asarray(found, np.float64)).all())
    except (NoValue, TypeError, ValueError):
        return False


def _has_no_number(claim: Claim, recording: Recording) -> bool:
    """Whether a bound is refuted by what is no number; that of a negative one may have none."""
    is_far = recording.is_far or recording.label.endswith(REUSED)
    return claim.kind == "line" and is_bound(claim.formula) and not is_far


def _is_at_zero(recording: Recording) -> bool:
    """Whether inputs are 0, where what is larger, but not by how much, may be equal."""
    return recording.label.endswith(ZERO)
