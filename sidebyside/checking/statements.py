"""
# Is a statement in a sentence true?

`$ρ_∞ = 1999$` stands beside no code. Two things can show that it is true:

* The formulas of the page. They say what `ρ_∞` is, and those are checked themselves. Put in place
  of it, they leave a relation of numbers that anybody may choose, which is tried and proved like
  any other. Only formulas whose symbols mean there what they mean here are put in place.
* The runs. At the end of each step of the class, or of each call of the function, that the sentence
  is about, its symbols have values.

The formulas say more than the runs, so they are asked first. But a run that refutes the statement
is the last word: a formula of one branch does not hold in the other.

A statement that is true only under what its sentence supposes, here `β₂ = 0.999`, is tried under
that. One that neither way can judge is *not checked*, and the verdict says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sidebyside.algebra.domain import CUSTOMARY, Domain, domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.checking.binding import (
    Definition,
    Meanings,
    RandomSymbolError,
    Terms,
    assignment,
    grounded,
    symbols_of,
)
from sidebyside.checking.claims import Claim
from sidebyside.checking.identities import Finding, check_relation
from sidebyside.checking.occasions import by_runs
from sidebyside.checking.reasons import Reason, in_words, say
from sidebyside.checking.sentences import statements, suppositions
from sidebyside.checking.verdicts import Status, Verdict
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import Expression, Formula, Relation, Symbol, rewrite

if TYPE_CHECKING:
    from sidebyside.checking.checker import Checker

__all__ = ["by_formulas", "computed", "judge", "stated", "terms_under"]


def stated(claims: Sequence[Claim], meanings: Meanings) -> list[Claim]:
    """Return the claims, where mentions that state something are statements."""
    return [
        replace(claim, kind="statement")
        if claim.formula in statements(claim.sentence, computed(claim, meanings))
        else claim
        for claim in claims
    ]


def _page(claim: Claim, meanings: Meanings) -> list[Claim]:
    """The formulas on lines of their own of a page, and of those that its classes inherit from."""
    paths = {claim.path, *(scope.path for scope in meanings.on_page(claim.path))}
    beside = ("mention", "statement")
    return [each for each in meanings.claims if each.kind not in beside and each.path in paths]


def computed(claim: Claim, meanings: Meanings) -> set[str]:
    """The symbols that formulas of the page say what is."""
    if not isinstance(claim.formula, Relation) or not claim.sentence:
        return set()
    found = (assignment(each.formula) for each in _page(claim, meanings))
    return {identity(each[0]) for each in found if each}


def judge(claim: Claim, checker: Checker) -> Verdict:
    """Return what becomes of a statement."""
    supposed, finding = checker.meanings.once(_without_runs, claim)
    if finding is not None and finding.status == "failed":
        return Verdict(claim, "failed", finding.reasons)
    verdict = by_runs(claim, checker, supposed)
    if finding is not None and finding.status in _STATUSES:
        unusual = by_runs(claim, checker, supposed, everywhere=True)
        if not (_refutes(verdict) or _refutes(unusual)):
            return Verdict(claim, _STATUSES[finding.status], finding.reasons)
    if verdict.status == "not checked" and finding is not None:
        return replace(verdict, reasons=finding.reasons)
    return verdict


def _without_runs(claim: Claim, meanings: Meanings) -> tuple[list[Relation], Finding | None]:
    """What the sentence of a statement supposes, and what the formulas of the page say."""
    supposed = list(suppositions(claim.sentence, computed(claim, meanings)))
    return supposed, by_formulas(claim, meanings, supposed)


_STATUSES: dict[str, Status] = {"proved": "proved", "checked": "checked"}


def _refutes(verdict: Verdict) -> bool:
    """Whether a run has numbers for which a statement is false."""
    return verdict.status == "failed" and verdict.times > 0


def by_formulas(claim: Claim, meanings: Meanings, supposed: Sequence[Relation]) -> Finding | None:
    """Judge a statement by the formulas of its page; None where they leave symbols unexplained."""
    assert isinstance(claim.formula, Relation)
    terms = _terms(claim, meanings)
    try:
        terms.unknowns(claim.formula)
    except RandomSymbolError as error:
        return Finding("failed", in_words(error.reason))
    except NoValue:
        return _supposing(claim.formula, terms, supposed)
    finding = check_relation(claim.formula, terms)
    if finding.status in ("proved", "checked"):
        return finding
    if not supposed:
        remedy = 'if it is a condition, say so with a word before it, such as "when"'
        return replace(finding, reasons=(*finding.reasons, *in_words(remedy)))
    where = Reason("where", {"relations": [f"`{to_text(each)}`" for each in supposed]})
    try:
        relation, terms = _under(supposed, claim.formula, terms)
    except NoValue as error:
        reason = f"nor can it be tried {say([where])[0]}: {error.reason}"
        return Finding("failed", (*finding.reasons, *in_words(reason)))
    finding = check_relation(relation, terms)
    return replace(finding, reasons=(*finding.reasons, where))


def _supposing(formula: Relation, terms: Terms, supposed: Sequence[Relation]) -> Finding | None:
    """Judge a statement whose symbols are numbers only where its sentence says which."""
    try:
        relation, under = _under(supposed, formula, terms)
        under.unknowns(relation)
    except NoValue:
        return None
    finding = check_relation(relation, under)
    where = Reason("where", {"relations": [f"`{to_text(each)}`" for each in supposed]})
    return replace(finding, reasons=(*finding.reasons, where))


def terms_under(
    claim: Claim, meanings: Meanings, supposed: Iterable[Relation]
) -> tuple[Relation, Terms]:
    """Return a statement, and what its symbols mean, where some suppositions are true."""
    assert isinstance(claim.formula, Relation)
    return _under(supposed, claim.formula, _terms(claim, meanings, guarded=True))


def _terms(claim: Claim, meanings: Meanings, *, guarded: bool = False) -> Terms:
    """
    What the notation says about symbols, and what the formulas of the page say they are.

    Those under a condition only if `guarded` says that it is met.
    """
    known = meanings.terms(claim)
    rows = sorted(_page(claim, meanings), key=lambda each: each.scope != claim.scope)
    found = ((assignment(each.formula), each) for each in rows if guarded or not each.guard)
    all_ = [
        Definition(*pair, each.scope)
        for pair, each in found
        if pair and all(_means_the_same(symbol, each, claim, meanings) for symbol in _used(*pair))
    ]
    definitions: dict[Symbol, Expression] = {}
    for each in grounded(all_):
        definitions.setdefault(each.symbol, each.formula)
    return replace(known, definitions={**definitions, **known.definitions})


def _used(left: Symbol, right: Expression) -> Iterator[Symbol]:
    yield left
    yield from symbols_of(right)


def _means_the_same(symbol: Symbol, row: Claim, claim: Claim, meanings: Meanings) -> bool:
    """Whether the same notation line, or none, explains a symbol where two formulas stand."""
    here = meanings.around(claim)
    there = meanings.scopes(row.scope)
    return meanings.explained(symbol, there)[:1] == meanings.explained(symbol, here)[:1]


def _under(
    supposed: Iterable[Relation], relation: Relation, terms: Terms
) -> tuple[Relation, Terms]:
    """A relation, and what its symbols mean, where some suppositions are true."""
    for each in supposed:
        pair = _choice(each)
        if pair is None:
            symbol, domain = domain_of(each)
            usual = terms.domains.get(symbol) or CUSTOMARY.get(symbol.name, Domain())
            terms = replace(terms, domains={**terms.domains, symbol: domain.within(usual)})
            continue

        def put(tree: Formula, pair: tuple[Symbol, Expression] = pair) -> Expression | None:
            return pair[1] if tree == pair[0] else None

        relation = rewrite(relation, put)
        changed = {symbol: rewrite(tree, put) for symbol, tree in terms.definitions.items()}
        terms = replace(terms, definitions=changed)
    return relation, terms


def _choice(relation: Relation) -> tuple[Symbol, Expression] | None:
    """The symbol and the number of a supposition such as `β₂ = 0.999`."""
    found = assignment(relation)
    is_number = found and len(relation.rest) == 1 and not list(symbols_of(found[1]))
    return found if is_number else None
