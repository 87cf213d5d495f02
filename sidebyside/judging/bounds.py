"""
# Bounds where no run has been

A bound is refuted by one number, which runs may well miss: `x⁴ − 3·x² + 2.249 > 0` is false between
1.22 and 1.23 only. So the inputs of a step are taken for any numbers of their domains, the settings
for what they are in the runs, and what the page says of other symbols is put in their place. What
is left is tried as any statement between numbers is, and at the turning points of polynomials
exactly.

A bound of what lives on from step to step cannot be tried like that. It has to be attacked with
gradients, or gets no sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sidebyside.algebra.agreement import is_bound
from sidebyside.algebra.attacks import ATTACK_STEPS, adversarial_gradients
from sidebyside.algebra.domain import CUSTOMARY, Domain, Terms
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import evaluate
from sidebyside.claims.claims import Claim
from sidebyside.formula.tree import (
    Expression,
    Formula,
    Negative,
    Number,
    Relation,
    Symbol,
    symbols_of,
)
from sidebyside.judging.evidence import is_input
from sidebyside.judging.identities import check_relation
from sidebyside.judging.statements import occasions, terms_of
from sidebyside.reasons import Reason
from sidebyside.trace.trace import Recording

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker
    from sidebyside.judging.environment import Environment

__all__ = ["broken_bound"]

MOST = 0.9  # of the gradients that are to come to the steps


def broken_bound(claim: Claim, checker: Checker) -> tuple[Reason, ...]:
    """Return where a bound fails, or that nothing has attacked it; empty if it is none."""
    if not is_bound(claim.formula):
        return ()
    assert isinstance(claim.formula, Relation)
    tried = False
    for terms in _terms(claim, checker):
        found = check_relation(claim.formula, terms)
        if found.status == "failed":
            return found.reasons
        tried = True
    if tried or any(_is_attacked(each) for each in checker.recordings):
        return ()
    return (Reason("not-attacked"),)


def _terms(claim: Claim, checker: Checker) -> Iterator[Terms]:
    """What the symbols of a bound may be, in each run; nothing if nobody knows."""
    assert isinstance(claim.formula, Relation)
    if claim.guard or claim.supposed or claim.lines:
        return  # which way the code has come to a line, nobody asks here
    known = terms_of(claim, checker.meanings)
    seen: set[tuple[tuple[Symbol, float], ...]] = set()
    for place in _first_places(claim, checker):
        domains: dict[Symbol, Domain] = {}
        numbers: dict[Symbol, float] = {}
        for symbol in _all_symbols(claim.formula, known):
            if symbol in known.domains or symbol in known.definitions:
                continue
            if is_input(symbol, place):
                domains[symbol] = CUSTOMARY.get(symbol.name, Domain())
            elif (number := _setting(symbol, place)) is not None:
                numbers[symbol] = number
        key = tuple(numbers.items())
        if key in seen:
            continue
        seen.add(key)
        definitions = {**known.definitions, **{s: _written(n) for s, n in numbers.items()}}
        terms = replace(known, domains={**known.domains, **domains}, definitions=definitions)
        try:
            terms.unknowns(claim.formula)
        except NoValue:
            return
        yield terms


def _all_symbols(formula: Formula, terms: Terms) -> Sequence[Symbol]:
    """The symbols of a formula, and of what stands for them."""
    todo = [*dict.fromkeys(symbols_of(formula))]
    for symbol in todo:
        definition = terms.definitions.get(symbol)
        more = symbols_of(definition) if definition is not None else ()
        todo += [each for each in dict.fromkeys(more) if each not in todo]
    return todo


def _first_places(claim: Claim, checker: Checker) -> Iterator[Environment]:
    """The first moment of each run at which a bound may be looked at."""
    for _, as_if in occasions(claim, checker) if claim.kind == "statement" else [(None, claim)]:
        seen: set[int] = set()
        for moment in checker.moments(as_if):
            if id(moment.recording) not in seen and not moment.recording.families:
                seen.add(id(moment.recording))
                yield checker.place(claim.scope, moment, evaluate, around=claim)
        if seen:
            return


def _setting(symbol: Symbol, place: Environment) -> float | None:
    """The number that a symbol is, where it stands for what an object was given."""
    meaning = place.meaning(symbol)
    if meaning is None or not meaning.code or place.memory(meaning.code) is not None:
        return None
    if "." not in meaning.code and "[" not in meaning.code:
        return None
    try:
        value = place(symbol)
    except NoValue:
        return None
    return float(value) if type(value) in (int, float) else None


def _written(number: float) -> Expression:
    return Negative(Number(repr(-number))) if number < 0 else Number(repr(number))


def _is_attacked(recording: Recording) -> bool:
    """Whether the gradients that were made to break bounds have come to the steps of a run."""
    if not recording.families:
        return False
    given = [each for step in recording.steps for each in step.entry.names.values()]
    numbers = [np.asarray(each, np.float64).ravel() for each in given if _is_real(each)]
    came = np.unique(np.abs(np.concatenate(numbers))) if numbers else np.zeros(0)
    made = np.unique(np.abs(adversarial_gradients(ATTACK_STEPS)[1]))
    return bool(np.isin(made, came).mean() > MOST)


def _is_real(value: object) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")
