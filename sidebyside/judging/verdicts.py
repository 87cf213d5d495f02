"""
# Verdicts

A verdict is data: a status, and reasons with their fields. A formula beside a line is looked at
each time the line has run, in every configuration: it is evaluated with the values that its symbols
had, and compared with what the code computed. It has to agree each time, to the last digits. What
disagrees, or was never compared, becomes the reason why a claim failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from sidebyside.algebra.agreement import (
    Comparison,
    Sides,
    Strict,
    compare,
    is_bound,
    is_constant,
    looks_rounded,
)
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import NotFinite
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    EQUALITIES,
    TIME,
    Expression,
    Formula,
    Negative,
    Number,
    Relation,
    Sum,
    Symbol,
    assignment,
    symbols_of,
)
from sidebyside.judging import evidence
from sidebyside.judging.ranges import ranges
from sidebyside.reasons import Field, Reason, say
from sidebyside.source.notation import steps_back

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker, Moment

Status = Literal["tried", "proved", "definition", "mention", "not checked", "failed"]
Reasons = tuple[Reason, ...]


@dataclass(frozen=True)
class Finding:
    """What became of a statement, and why."""

    status: Status
    reasons: Reasons

    @property
    def detail(self) -> str:
        """The reasons in words."""
        return "; ".join(say(self.reasons))


@dataclass(frozen=True)
class Verdict:
    """
    What became of a claim, and the reasons why.

    `runs` counts the configurations in which it was compared, `times` the comparisons, `error` is
    the largest relative error among them.
    """

    claim: Claim
    status: Status
    reasons: Reasons
    runs: int = 0
    times: int = 0
    error: float = 0.0

    @property
    def detail(self) -> str:
        """The reasons in words."""
        return "; ".join(say(self.reasons))


def failed(claim: Claim, *reasons: Reason) -> Verdict:
    """Return that a claim is wrong, or cannot be compared, and why."""
    return Verdict(claim, "failed", reasons)


@dataclass
class Tally:
    """What it has shown to compare two sides again and again."""

    runs: set[int] = field(default_factory=set)
    times: int = 0
    error: float = 0.0
    coarse: str = ""
    is_zero: bool = True
    has_empty: bool = False
    strict: Strict = field(default_factory=Strict)

    def add(self, run: int, found: Sides) -> Comparison:
        """Compare two sides in a run; raise `NotFinite` where one is no number."""
        outcome = compare(found)
        if outcome.agrees and outcome.empty:
            self.has_empty = True
        elif outcome.agrees:
            self.strict.add(run, found.code, found.sign, found.formula)
            self.is_zero = self.is_zero and not (np.any(found.code) or np.any(found.formula))
            self.runs.add(run)
            self.times += 1
            self.error = max(self.error, outcome.error)
            self.coarse = self.coarse or outcome.coarse
        return outcome


def compared(claim: Claim, status: Status, checker: Checker) -> Verdict:
    """Return what becomes of a claim that is compared each time its code has run."""
    tally = Tally()
    for moment, found in checker.comparisons(claim):
        wrong = _wrong(claim, moment, found, tally)
        if wrong:
            return failed(claim, *wrong)
    too_little = _too_little(claim, tally, checker)
    if too_little:
        return failed(claim, *too_little)
    reasons = tuple(_shown(claim, tally, checker))
    return Verdict(claim, status, reasons, len(tally.runs), tally.times, tally.error)


def _wrong(claim: Claim, moment: Moment, found: Sides | NoValue, tally: Tally) -> Reasons:
    """Why what was found at a moment refutes a claim; empty if it does not."""
    if isinstance(found, NoValue):
        return (incomparable(moment, found),)
    try:
        outcome = tally.add(id(moment.recording), found)
    except NotFinite as problem:
        return (incomparable(moment, problem),)
    if outcome.agrees:
        return ()
    reason = disagreement(claim, moment, found, outcome)
    is_near = found.sign in EQUALITIES and looks_rounded(outcome.error)
    return (reason, Reason("rounded")) if is_near else (reason,)


def _too_little(claim: Claim, tally: Tally, checker: Checker) -> Reasons:
    """Why comparisons that all agree show nothing; empty if they show that a claim is true."""
    if not tally.times:
        return (Reason("empty") if tally.has_empty else never(claim, checker),)
    if tally.is_zero and not _says_zero(claim):
        return (Reason("zero"),)
    if tally.strict.is_empty:
        return (Reason("never-strict"),)
    return evidence.unseen(claim, checker, tally.runs)


def _says_zero(claim: Claim) -> bool:
    """Whether a formula has a bare 0 for a side."""
    formula = claim.formula
    if not isinstance(formula, Relation):
        return formula == Number("0")
    return any(side == Number("0") for _, side in formula.rest)


def _shown(claim: Claim, tally: Tally, checker: Checker) -> Iterator[Reason]:
    """What it is that the comparisons of a claim have shown."""
    is_only_bound = is_bound(claim.formula)
    yield beside("holds" if is_only_bound else "agrees", claim)
    recordings = checker.recordings
    attacks = {r.families for r in recordings if id(r) in tally.runs and r.families}
    if attacks:
        yield Reason("attacked", {"families": len(attacks.pop())})
    signs = [] if is_only_bound else evidence.one_signed(claim, checker, tally.runs)
    if signs:
        yield Reason("only", {"symbols": signs})
    if tally.coarse:
        yield Reason("coarse", {"type": tally.coarse})


def impossible(formula: Formula | None, *, defines: bool) -> Reasons:
    """
    Return why a formula cannot say what the code computes; empty if it can.

    `defines` tells whether it defines its left side, which is no piece of code.
    """
    if assignment(formula) is None:
        return ()
    assert isinstance(formula, Relation)
    left = formula.first
    assert isinstance(left, Symbol)
    back = steps_back(left)
    if back:
        return (Reason("past", {"symbol": to_text(left)}),)
    # `θ ← θ − g` speaks of θ before and after; `x = x + 1` and a definition cannot.
    before_and_after = back is None and formula.rest[0][0] == "←" and not defines
    circular = any(left in set(symbols_of(side)) for _, side in formula.rest)
    if not circular or before_and_after:
        return ()
    reason = Reason("circular", {"symbol": to_text(left)})
    if back is None:
        return (reason,)
    index = tuple(_EARLIER if part == TIME else part for part in left.index)
    return reason, Reason("earlier", {"symbol": to_text(replace(left, index=index))})


_EARLIER = Sum((TIME, Negative(Number("1"))))


def beside(how: str, claim: Claim) -> Reason:
    """Return that a claim `agrees`, `holds` or something else, and with what, or when."""
    if claim.kind == "call":
        return Reason(f"{how}-call", {"name": str(claim.scope)})
    if claim.kind == "row":
        return Reason(f"{how}-class", {"name": claim.scope.name or Path(claim.scope.path).name})
    first, last = (claim.lines[0], claim.lines[-1]) if claim.lines else (0, 0)
    if first == last:
        return Reason(f"{how}-line", {"line": first})
    return Reason(f"{how}-lines", {"line": first, "last": last})


def incomparable(moment: Moment, why: NoValue) -> Reason:
    """Return that there was no number to compare at a moment of a run."""
    fields = {"run": moment.recording.label, "step": str(moment.step.t), "why": why.reason}
    return Reason("incomparable", fields)


def disagreement(claim: Claim, moment: Moment, found: Sides, outcome: Comparison) -> Reason:
    """Return that a claim is wrong, with both values; for a bound, the gradients that broke it."""
    place = {"run": moment.recording.label, "step": str(moment.step.t)}
    if found.sign in EQUALITIES:
        with_what = beside("disagrees", claim)
        formula, code = apart(outcome.formula, outcome.code)
        fields = {**with_what.fields, **place, "formula": formula, "code": code}
        if found.row:
            return Reason("uses", {**fields, "row": found.row})
        return Reason(with_what.key, fields)
    after = beside("false", claim)
    sides = {"code": f"{outcome.code:.6g}", "sign": found.sign, "formula": f"{outcome.formula:.6g}"}
    families = moment.recording.families
    # The gradient that a bound is broken by, if each element has its own.
    if outcome.element < len(families) and np.size(found.code) == len(families):
        named = {"family": families[outcome.element]}
        return Reason(f"{after.key}-for", {**after.fields, **place, **sides, **named})
    return Reason(after.key, {**after.fields, **place, **sides})


def never(claim: Claim, checker: Checker) -> Reason:
    """Return why a claim was compared with nothing, and what to do."""
    is_reached = bool(checker.moments(claim))
    others = checker.unspoken(claim) if claim.kind == "row" else ()
    if others:
        return Reason("other-class", {"arguments": [f"`{each}`" for each in others]})
    if is_reached and claim.guard:
        return Reason("never-true", {"guard": claim.guard})
    if claim.kind == "line" and not claim.lines:
        return Reason("no-code")
    if claim.kind == "row":
        return Reason("no-step", {"name": str(claim.scope)})
    return beside("unreached", claim)


def apart(a: float, b: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 12, 15):
        if f"{a:.{digits}g}" != f"{b:.{digits}g}":
            return f"{a:.{digits}g}", f"{b:.{digits}g}"
    return repr(a), repr(b)


def difference(
    left: tuple[Expression, float],
    sign: str,
    right: tuple[Expression, float],
    where: Mapping[str, Field],
) -> Reason:
    """
    Return that two formulas do not have the values that a statement says.

    `where` is a `run` and its `step`, a `point`, or nothing.
    """
    end = "run" if "run" in where else "at" if "point" in where else "all"
    a, b = apart(left[1], right[1])
    if not is_constant(right[0]):
        fields = {"left": to_text(left[0]), "a": a, "right": to_text(right[0]), "b": b}
        return Reason(f"differ-{end}", {**fields, **where})
    said = to_text(right[0]) if sign in EQUALITIES else f"{sign} {to_text(right[0])}"
    return Reason(f"is-not-{end}", {"left": to_text(left[0]), "a": a, "right": said, **where})


def no_symbol(symbol: Symbol, claim: Claim) -> Reasons:
    """Return that nothing explains a symbol, and where it could be explained."""
    name, scope = to_text(symbol), claim.scope.name
    home = scope.rpartition(".")[0] or scope
    reason = Reason("no-symbol", {"symbol": name, "scope": home})
    if not home:
        reason = Reason("no-symbol-here", {"symbol": name})
    # Most likely `Fᵀ`.
    return (reason, Reason("no-transpose")) if symbol == Symbol("T") else (reason,)


# Of how many types a sign tells.
_SOME_TYPES = 3


def counted(verdict: Verdict, checker: Checker) -> Iterator[Reason]:
    """Yield in how many runs a claim was compared, with what, how often, and how well it agrees."""
    if verdict.status == "failed" or not verdict.times:
        return
    yield Reason(
        "runs" if verdict.runs > 1 else "run", {"runs": verdict.runs, "times": verdict.times}
    )
    runs = {id(each.recording): each.recording for each in checker.moments(verdict.claim)}
    usual = [run for run in runs.values() if not run.families]
    types = list(dict.fromkeys(each for run in usual for each in run.types))
    if types:
        more = ["…"] if len(types) > _SOME_TYPES else []
        yield Reason("types", {"types": [*types[:_SOME_TYPES], *more]})
    among = ranges(verdict.claim, checker) if verdict.status == "tried" else []
    if among:
        yield Reason("among", {"symbols": among})
    if verdict.error:
        told = "rounding" if verdict.status == "proved" else "error"
        yield Reason(told, {"error": f"{verdict.error:.0e}"})
    elif not set(verdict.claim.text) & set("<>≤≥≠"):  # a bound may be true by far
        yield Reason("digits")
