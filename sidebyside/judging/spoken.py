"""
# Are the words true?

What [a phrase](../claims/wording.py) says is judged as a relation between dollars is: by the
formulas of the page, or by the runs. Where a sentence supposes nothing, and its phrase is not true
for all numbers, it is about the defaults of the class. A phrase that is refuted stops the build.
One that is true has no sign, as it is no formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sidebyside.algebra.agreement import HOLDS
from sidebyside.algebra.dots import NoValue
from sidebyside.claims.claims import Claim
from sidebyside.claims.sentences import is_free, suppositions
from sidebyside.claims.wording import Phrase, phrases
from sidebyside.formula import to_text
from sidebyside.formula.tree import Number, Relation, Symbol, symbols_of
from sidebyside.judging.checker import Checker
from sidebyside.judging.environment import NotThere, run
from sidebyside.judging.identities import Point, values_at
from sidebyside.judging.statements import by_formulas, by_runs, computed, terms_under
from sidebyside.source.sections import Module
from sidebyside.words.defaults import defaults_of

LATEST = 1000  # step at which something begins


def wrong_phrases(
    claims: Iterable[Claim], modules: Sequence[Module], checker: Checker
) -> Iterator[str]:
    """Yield each phrase that is not true, with its place and why."""
    by_path = {module.path: module for module in modules}
    above: Claim | None = None
    for claim in claims:
        found = phrases(claim, above) if claim.kind in ("mention", "statement") else ()
        above = claim if claim.formula is not None else None
        for phrase in found:
            try:
                reason = _refuted(phrase, by_path[claim.path], checker)
            except NoValue:  # nothing can be computed
                continue
            if reason:
                yield f"{claim.path}:{claim.line}: `{claim.text}` {phrase.words}: {reason}"


def _refuted(phrase: Phrase, module: Module, checker: Checker) -> str:
    """Why a phrase is false; empty if nothing shows that."""
    claim, meanings = phrase.claim, checker.meanings
    assert isinstance(claim.formula, Relation)
    known = computed(claim, meanings)
    own = suppositions(claim.sentence, known)
    supposed = own or list(_usual(claim, module, checker))
    if phrase.noun and phrase.noun not in _nouns(claim, checker):
        return ""
    if phrase.at is not None:
        return _not_at(phrase, supposed, checker)
    if phrase.first:
        return _not_first(phrase, [s for s in supposed if s != claim.formula], checker)
    if meanings.unknown(claim) or (is_free(claim.formula, known) and not phrase.listed):
        return ""
    # A list speaks of what there is: its formula may have no value where nothing is computed.
    as_if = replace(claim, supposed=tuple(supposed))
    finding = None if phrase.listed else by_formulas(as_if, meanings)
    if finding is not None and finding.status == "failed":
        return finding.detail
    # Runs have other numbers than a class by default; what a number is to its digits is about that.
    is_equality = claim.formula.rest[-1][0] == "=" or phrase.rounded
    verdict = by_runs(claim, checker, supposed if is_equality else own, skipping=True)
    return verdict.detail if verdict.status == "failed" and verdict.times else ""


def _usual(claim: Claim, module: Module, checker: Checker) -> Iterator[Relation]:
    """What the symbols around a claim are in a class as it is made by default."""
    defaults = defaults_of(module, claim.scope.name)
    names = {"group": defaults, **{f"self.{name}": value for name, value in defaults.items()}}
    scopes = (*checker.meanings.scopes(claim.scope), *checker.meanings.on_page(claim.path))
    for meaning in checker.meanings.notation.meanings:
        if meaning.code and meaning.scope in scopes:
            try:
                value = run(meaning.code, names)
            except NotThere:
                continue
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield Relation(meaning.symbol, (("=", Number(repr(value))),))


def _not_first(phrase: Phrase, supposed: Sequence[Relation], checker: Checker) -> str:
    """Why a relation does not become true at the step that a phrase names."""
    claim = phrase.claim
    assert claim.formula is not None
    relation, terms = terms_under(claim, checker.meanings, supposed)
    for t in range(1, phrase.first + 1):
        left, right = values_at(relation, {Symbol("t"): float(t)}, terms)
        if HOLDS[relation.rest[0][0]](left, right) is not (t == phrase.first):
            becomes = "is true already" if t < phrase.first else "is not yet true"
            return f"at step {t}, `{to_text(claim.formula)}` {becomes}"
    return ""


def _nouns(claim: Claim, checker: Checker) -> set[str]:
    """The words that explain the symbols of a claim."""
    assert claim.formula is not None
    scopes = checker.meanings.around(claim)
    lines = (m for s in symbols_of(claim.formula) for m in checker.meanings.explained(s, scopes))
    return {word for line in lines for word in re.findall(r"\w+", line.text)}


def _not_at(phrase: Phrase, supposed: Sequence[Relation], checker: Checker) -> str:
    """Why a relation is not true at a step, or where what it speaks of begins."""
    claim = phrase.claim
    relation, terms = terms_under(claim, checker.meanings, supposed)
    for t in [phrase.at] if phrase.at else range(1, LATEST):
        point = {Symbol("t"): float(t)}
        if not phrase.at and not _is_meant(claim, point, supposed, checker):
            continue
        low, value = values_at(relation, point, terms)
        upper = replace(relation, first=relation.rest[0][1], rest=relation.rest[1:])
        high = values_at(upper, point, terms)[1]
        return "" if low <= value <= high else f"it is {value:.4g} at step {t}"
    return ""


def _is_meant(claim: Claim, point: Point, supposed: Sequence[Relation], checker: Checker) -> bool:
    """Whether the condition of a formula is true at a step, as far as the page says what is."""
    names: dict[str, Any] = {}
    for meaning in checker.meanings.notation.meanings:
        if meaning.scope in checker.meanings.scopes(claim.scope) and meaning.code.isidentifier():
            own = replace(claim, formula=Relation(meaning.symbol, (("=", meaning.symbol),)))
            try:
                relation, terms = terms_under(own, checker.meanings, supposed)
                names[meaning.code] = values_at(relation, point, terms)[0]
            except NoValue:
                continue
    return not claim.guard or bool(run(claim.guard, names))
