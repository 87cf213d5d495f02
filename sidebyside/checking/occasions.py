"""
# When a statement in a sentence can be compared

A sentence stands beside no line of code. What it states is compared at the end of each step of the
class that it is about; where its symbols have no values then, at the end of each call of the
function. In a comment, the code below the comment comes first.

When a step is over, the locals of the methods that helped to take it are gone, and so is what they
returned. A statement about those is only compared at the end of each call of its method. One about
nothing that lives on from step to step is compared there first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial, reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.falsify import Strict
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.checking.algorithms import Block
from sidebyside.checking.binding import Meanings, assignment, symbols_of
from sidebyside.checking.claims import Claim
from sidebyside.checking.environment import Environment, TooEarly
from sidebyside.checking.reasons import Reason, in_words, say
from sidebyside.checking.sense import is_bound, meaningless
from sidebyside.checking.verdicts import (
    NEVER_STRICT,
    NOTHING_THERE,
    Sides,
    Verdict,
    beside,
    both,
    compare,
    is_constant,
    scale_of,
)
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import Expression, Relation
from sidebyside.notation import RETURN_NAME, Meaning, Scope, root
from sidebyside.trace.trace import Recording

if TYPE_CHECKING:
    from sidebyside.checking.checker import Checker, Moment

__all__ = ["by_runs"]

Compared: TypeAlias = "tuple[Moment, Environment, list[Sides]]"


def by_runs(
    claim: Claim,
    checker: Checker,
    supposed: Sequence[Relation],
    *,
    everywhere: bool = False,
    skipping: bool = False,
) -> Verdict:
    """
    Compare a statement with what the code computes, at the first occasion that has values.

    With `everywhere`, the docstring of a class speaks of all configurations of the class. With
    `skipping`, nothing is said about where a symbol is no number.
    """
    reason = meaningless(claim)
    if reason:
        return Verdict(claim, "not checked", in_words(reason))
    for held, as_if in _occasions(claim, checker):
        compared: list[Compared] = []
        broken = ""
        for moment, place in _places(claim, as_if, checker, everywhere):
            try:
                compared.append((moment, place, list(_sides(claim.formula, place))))
            except (NotFinite, TooEarly) as error:
                at = f"({moment.recording.label}, step {moment.step.t})"
                broken = f"cannot be compared {at}: {error.reason}"
                is_wrong = isinstance(error, NotFinite) and not skipping
                if is_wrong and _is_true(supposed, place):
                    return Verdict(claim, "failed", in_words(broken))
            except NoValue as error:
                reason = reason or error.reason
        if compared:
            return _tally(claim, held, compared, supposed)
        if broken:
            return Verdict(claim, "failed", in_words(broken))
    return Verdict(claim, "not checked", in_words(reason) if reason else (Reason("no-run"),))


def _occasions(claim: Claim, checker: Checker) -> Iterator[tuple[Reason, Claim]]:
    """When that is, and a claim of the kind that is compared then."""
    if claim.lines:
        line = replace(claim, kind="line")
        yield beside("holds", line), line
    classes = checker.meanings.notation.bases
    own = next((s for s in checker.meanings.scopes(claim.scope) if s in classes), None)
    home = own or Scope(claim.path)
    row, whole = replace(claim, kind="row", scope=home), replace(claim, kind="call")
    step, call = (beside("holds", row), row), (beside("holds", whole), whole)
    is_function = claim.scope.name and claim.scope not in classes
    if not is_function or claim.scope in checker.entries:
        yield from (step, call)
        return
    lines = list(_explaining(claim, checker))
    if any(line.scope == claim.scope or _is_returned(line.code) for line in lines):
        yield call
    elif any(_lives_on(line.code, checker) for line in lines):
        yield from (step, call)
    else:
        yield from (call, step)


def _explaining(claim: Claim, checker: Checker) -> Iterator[Meaning]:
    """The notation lines that explain the symbols of a claim where it stands."""
    assert claim.formula is not None
    scopes = checker.meanings.scopes(claim.scope)
    for symbol in symbols_of(claim.formula):
        yield from checker.meanings.explained(symbol, scopes)[:1]


def _lives_on(code: str, checker: Checker) -> bool:
    """Whether a piece of code is about an attribute, or something that is memory."""
    name = root(code) if code else ""
    first = (each.steps[0] for each in checker.recordings if each.steps)
    return name.startswith("self.") or any(name in step.roots for step in first)


def _is_returned(code: str) -> bool:
    return bool(code) and root(code) == RETURN_NAME


def _places(
    claim: Claim, as_if: Claim, checker: Checker, everywhere: bool
) -> Iterator[tuple[Moment, Environment]]:
    meanings = checker.meanings
    # The docstring of a class speaks of the class as it is made by default.
    by_default = as_if.kind == "row" and as_if.scope == claim.scope and not everywhere

    @cache
    def is_meant(recording: Recording) -> bool:
        scopes = meanings.around(claim, recording.owner)
        claims = [as_if, *_explained_by(as_if, meanings)]
        return Block(claims, meanings.symbols, scopes).applies(checker.unusual[id(recording)])

    for moment in checker.moments(as_if):
        if moment.recording.families and not is_bound(claim):
            continue  # numbers so large and small say nothing about equality
        if by_default and not is_meant(moment.recording):
            continue
        place = checker.place(claim.scope, moment, evaluate, around=claim)
        yield moment, place.given if as_if.kind == "call" else place


def _explained_by(claim: Claim, meanings: Meanings) -> Iterator[Claim]:
    """The formulas beside code that say what the symbols of a claim are, and those of these."""
    assert claim.formula is not None
    todo, seen = [*symbols_of(claim.formula)], {claim}
    lines = [each for each in meanings.claims if each.kind == "line" and each.path == claim.path]
    for symbol in todo:
        for each in lines:
            found = assignment(each.formula)
            if each not in seen and found and identity(found[0]) == identity(symbol):
                seen.add(each)
                todo += symbols_of(found[1])
                yield replace(claim, formula=each.formula)


def _sides(relation: object, place: Environment) -> Iterator[Sides]:
    assert isinstance(relation, Relation)
    assert relation.first is not None
    first, left = relation.first, evaluate(relation.first, place)
    for sign, side in relation.rest:
        right = evaluate(side, place)
        scale = partial(_scale, (first, side), place, (left, right))
        tree = first if is_constant(first) else side
        yield Sides(left, sign, right, tree=tree, scale=scale)
        first, left = side, right


def _scale(trees: Sequence[Expression], place: Environment, values: Sequence[Any]) -> Any:
    """How large the numbers are that the sides of a statement are made of."""
    scales = (scale_of(t, place, evaluate, v) for t, v in zip(trees, values, strict=True))
    return reduce(np.maximum, scales)


def _tally(
    claim: Claim, held: Reason, compared: Sequence[Compared], supposed: Sequence[Relation]
) -> Verdict:
    """Compare the sides each time; if they differ, then where the suppositions are true."""
    under: tuple[Reason, ...] = ()
    wrong = _first_wrong(claim, compared)
    if wrong and supposed:
        where = Reason("where", {"relations": [f"`{to_text(each)}`" for each in supposed]})
        compared = [each for each in compared if _is_true(supposed, each[1])]
        if not compared:
            remedy = f"if it is meant {say([where])[0]} only, add a configuration with that"
            return Verdict(claim, "failed", in_words(f"{wrong}; {remedy}"))
        wrong, under = _first_wrong(claim, compared), (where,)
    runs = {id(moment.recording) for moment, _, _ in compared}
    if wrong:
        return Verdict(claim, "failed", (*in_words(wrong), *under), len(runs), len(compared))
    outcomes = [compare(each) for _, _, sides in compared for each in sides]
    if all(each.empty for each in outcomes):
        return Verdict(claim, "failed", in_words(NOTHING_THERE))
    strict = Strict()
    for moment, _, sides in compared:
        for each in sides:
            strict.add(id(moment.recording), each.code, each.sign, each.formula)
    if strict.is_empty:
        return Verdict(claim, "failed", in_words(NEVER_STRICT))
    error = max(each.error for each in outcomes)
    return Verdict(claim, "checked", (held, *under), len(runs), len(compared), error)


def _first_wrong(claim: Claim, compared: Iterable[Compared]) -> str:
    """Where two sides differ, in words; empty if they never do."""
    assert isinstance(claim.formula, Relation)
    formulas = [claim.formula.first, *(side for _, side in claim.formula.rest)]
    for moment, _, sides in compared:
        for found, left, right in zip(sides, formulas, formulas[1:], strict=False):
            try:
                outcome = compare(found)
            except NotFinite as error:
                at = f"({moment.recording.label}, step {moment.step.t})"
                return f"cannot be compared {at}: {error.reason}"
            if not outcome.agrees and left is not None and right is not None:
                values = both((left, outcome.code), found.sign, (right, outcome.formula))
                return f"does not hold ({moment.recording.label}, step {moment.step.t}): {values}"
    return ""


def _is_true(supposed: Iterable[Relation], place: Environment) -> bool:
    try:
        return all(compare(each).agrees for one in supposed for each in _sides(one, place))
    except NoValue:
        return False
