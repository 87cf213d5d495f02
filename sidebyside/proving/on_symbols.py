"""
# Sentences and inequalities, over runs on symbols

A formula with `=` beside code is proved by comparing it in runs on symbols. So may be what a
sentence says of a step, and an inequality: they are looked at in the same runs, at the moments at
which they were compared with numbers. An inequality has to follow from how the run answered the
comparisons of its code. Here, both sides may be formulas. So each of their parts has to have a
value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from sidebyside.algebra.agreement import is_bound
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import to_sympy
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import Formula, symbols_of
from sidebyside.judging.checker import Checker
from sidebyside.judging.environment import Environment
from sidebyside.judging.statements import occasions, places, sides_of
from sidebyside.judging.verdicts import Reasons, Verdict
from sidebyside.proving.algebraic import has_values
from sidebyside.proving.proofs import Found, SymbolicRun, proof


def may_be_proved(verdict: Verdict) -> bool:
    """Whether a statement or an inequality was compared with runs, and held in all of them."""
    claim = verdict.claim
    if verdict.status != "tried" or not verdict.times or claim.formula is None:
        return False
    if any(each.key == "where" for each in verdict.reasons):  # else it does not hold
        return False
    return claim.kind == "statement" or is_bound(claim.formula)


def of_runs(
    verdict: Verdict, numbers: Checker, symbols: Checker, runs: Sequence[SymbolicRun]
) -> tuple[list[Found], Reasons]:
    """
    Return what has to agree in runs on `symbols`, and for what that is proved.

    It was compared in those with `numbers`, and has to be proved for the same configurations.
    """
    claim = verdict.claim
    as_if = _as_compared(verdict, numbers)
    labels = {each.recording.label for each in numbers.moments(as_if)}
    run_of = {id(run.recording): run for run in runs}
    found = list(_found(claim, as_if, symbols, run_of))
    own = {to_text(each) for each in symbols_of(claim.formula)} if claim.formula else set()
    return found, proof(found, runs, len(labels), own)


def _as_compared(verdict: Verdict, checker: Checker) -> Claim:
    """A claim of the kind that a statement was compared as."""
    if verdict.claim.kind != "statement":
        return verdict.claim
    all_ = occasions(verdict.claim, checker)
    return next(as_if for held, as_if in all_ if held in verdict.reasons)


def _found(
    claim: Claim, as_if: Claim, checker: Checker, runs: Mapping[int, SymbolicRun]
) -> Iterator[Found]:
    if claim.kind != "statement":
        for moment, found in checker.comparisons(claim, to_sympy):
            place = checker.place(claim.scope, moment, to_sympy)
            known = _has_values(claim.formula, place, runs[id(moment.recording)])
            yield moment, found if known else NoValue("a part may have none")
        return
    for moment, place in places(claim, as_if, checker, False, to_sympy):
        try:
            if not _has_values(claim.formula, place, runs[id(moment.recording)]):
                raise NoValue("a part may have none")
            yield from ((moment, each) for each in sides_of(claim.formula, place, to_sympy))
        except NoValue as error:
            yield moment, error


def _has_values(formula: Formula | None, place: Environment, run: SymbolicRun) -> bool:
    """Whether all parts of a formula are known to have a value at a moment of a run."""
    value = partial(to_sympy, lookup=place)
    try:
        return formula is not None and has_values(formula, value, run.signs)
    except NoValue:
        return False
