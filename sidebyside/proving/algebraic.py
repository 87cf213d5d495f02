"""
# What algebra proves between symbols

A statement that was tried on numbers may be true of all of them: a moment has an exact value, and
an inequality may be decided by the signs of factors. So when all trials are over, what is left is
proved here where that is quick. Every part has to have a value in all of the domains, each link of
a chain has to be proved, and the formulas that were put in place of symbols have to be proved
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from sidebyside.algebra.agreement import HOLDS, is_bound
from sidebyside.algebra.defined import has_values, trees_of
from sidebyside.algebra.domain import Terms
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import is_unwieldy, is_zero, within
from sidebyside.algebra.falsify import Link
from sidebyside.algebra.moments import Exact
from sidebyside.algebra.signs import ALLOWED, signs
from sidebyside.claims.binding import Meanings
from sidebyside.claims.claims import Claim
from sidebyside.claims.plain import is_plain
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    Number,
    Relation,
    assignment,
    symbols_of,
)
from sidebyside.judging.identities import TOO_LONG_TO_PROVE
from sidebyside.judging.statements import page_of, terms_of, under
from sidebyside.judging.verdicts import Reasons, Verdict
from sidebyside.reasons import Reason

_EQUAL = "=≡"


def by_algebra(verdicts: Sequence[Verdict], meanings: Meanings) -> dict[int, Reasons]:
    """Return for what statements between symbols are proved, by their place among the verdicts."""
    found: dict[int, Reasons] = {}
    for place, verdict in enumerate(verdicts):
        if verdict.status == "tried" and not verdict.times:
            reasons = _proved(verdict, meanings)
            if reasons:
                found[place] = reasons
    return found


def _proved(verdict: Verdict, meanings: Meanings) -> Reasons:
    try:
        relation, terms = _restated(verdict, meanings)
        return proof_of(relation, terms)
    except NoValue:
        return ()


def _restated(verdict: Verdict, meanings: Meanings) -> tuple[Relation, Terms]:
    """What was tried of a claim: under what its sentence supposes, if it needed that."""
    claim = verdict.claim
    assert isinstance(claim.formula, Relation)
    if claim.kind != "statement":
        rest = tuple(("=" if sign == "←" else sign, side) for sign, side in claim.formula.rest)
        return replace(claim.formula, rest=rest), meanings.terms(claim)
    terms = terms_of(claim, meanings)
    if not any(each.key == "where" for each in verdict.reasons):
        return claim.formula, terms
    chosen = [found[0] for each in claim.supposed if (found := assignment(each))]
    if len(set(chosen)) < len(chosen):
        raise NoValue("a symbol is supposed to be one number, and another")
    return under(claim.supposed, claim.formula, terms)


def proof_of(relation: Relation, terms: Terms) -> Reasons:
    """Return for which numbers a relation is proved; empty if it is not."""
    assert relation.first is not None
    sides = [relation.first, *(side for _, side in relation.rest)]
    signs_between = [sign for sign, _ in relation.rest]
    links = [Link(*each, terms) for each in zip(sides, signs_between, sides[1:], strict=False)]
    if not all(map(_is_proved, links)):
        return ()
    domains = {s: domain for link in links for s, domain in link.unknowns.items()}
    symbols = [domain.of(to_text(symbol)) for symbol, domain in domains.items()]
    return (Reason("for-all", {"symbols": symbols}) if symbols else Reason("by-algebra"),)


def _is_proved(link: Link) -> bool:
    domains = {link.names[symbol]: domain for symbol, domain in link.unknowns.items()}
    exact = Exact(link.terms, link.names, domains)
    if not all(each.has_many for each in domains.values()):
        return False
    if link.sign not in (*_EQUAL, *HOLDS) or not within(_is_defined, link, exact):
        return False
    difference = exact(link.left) - exact(link.right)
    if difference.count_ops() > TOO_LONG_TO_PROVE or is_unwieldy(difference):
        return False
    if link.sign in _EQUAL:
        return is_zero(difference, link.decays)
    return within(lambda: signs(difference, domains) <= ALLOWED[link.sign])


def _is_defined(link: Link, exact: Exact) -> bool:
    """Whether every part of a link is known to have a value everywhere in the domains."""
    known = partial(signs, domains=exact.domains)
    return all(has_values(tree, exact, known) for tree in trees_of(link))


def unproved(verdicts: Sequence[Verdict], meanings: Meanings) -> dict[int, Reason]:
    """
    Return why statements and inequalities are only tried, by their place among the verdicts.

    Also those that were proved, but rest on a formula of the page that is not.
    """
    found: dict[int, Reason] = {}
    known = {id(each.claim): each for each in verdicts}
    for place, verdict in enumerate(verdicts):
        reason = None
        by_formulas = verdict.claim.kind == "statement" and not verdict.times
        if verdict.status == "proved" and by_formulas:
            rows = _rows(verdict.claim, meanings)
            wrong = [row for row in rows if id(row) in known and not _is_general(known[id(row)])]
            reason = Reason("unproved-rests", {"line": wrong[0].line}) if wrong else None
        elif verdict.status == "tried":
            reason = _why_tried(verdict)
        if reason:
            found[place] = reason
    return found


def turnable(verdict: Verdict) -> Iterator[Reason]:
    """Yield that the words around a formula, or around its condition, could turn it around."""
    claim = verdict.claim
    unsure = claim.unsure
    if claim.kind == "statement" and any(each.key == "where" for each in verdict.reasons):
        unsure = not is_plain(claim.sentence, claim.text)
    if unsure:
        yield Reason("unproved-words")


def _is_general(row: Verdict) -> bool:
    """Whether a formula is true wherever its symbols mean something, not in a branch only."""
    keys = {each.key for each in row.reasons}
    if row.status == "not checked":
        return "unused" in keys  # it gives a name
    return row.status in ("proved", "definition") and "steps" not in keys


def _why_tried(verdict: Verdict) -> Reason | None:
    """Why there is no proof of what is no formula with `=` beside code."""
    claim, keys = verdict.claim, {each.key for each in verdict.reasons}
    if any(key.startswith("unproved") for key in keys):
        return None
    if "≈" in claim.text:
        return Reason("unproved-limit")
    if keys & {"integration", "integration-in"}:
        return Reason("unproved-moment")
    if is_bound(claim.formula):
        return Reason("unproved-inequality")
    if not verdict.times:
        return Reason("unproved-algebra")
    if claim.kind != "statement":
        return None
    if "where" in keys:
        return Reason("unproved-where")
    assert claim.formula is not None
    fixed = any(isinstance(index, Number) for s in symbols_of(claim.formula) for index in s.index)
    return Reason("unproved-history" if fixed else "unproved-sentence")


def _rows(claim: Claim, meanings: Meanings) -> Iterator[Claim]:
    """The formulas of a page that were put in place of the symbols of a claim."""
    assert claim.formula is not None
    terms = terms_of(claim, meanings)
    known = {s: tree for s, tree in terms.definitions.items() if s not in terms.domains}
    needed = [symbol for symbol in symbols_of(claim.formula) if symbol in known]
    for symbol in needed:
        needed += [s for s in symbols_of(known[symbol]) if s in known and s not in needed]
    for row in page_of(claim, meanings):
        found = assignment(row.formula)
        if found and found[0] in needed and found[1] == known[found[0]]:
            yield row
