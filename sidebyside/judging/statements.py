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

When a step is over, the locals of the methods that helped to take it are gone, and so is what they
returned. A statement about those is only compared at the end of each call of its method. One about
nothing that lives on from step to step is compared there first. In a comment, the code below the
comment comes first.

A statement that is true only under what its sentence supposes, here `β₂ = 0.999`, is tried under
that. One that neither way can judge is *not checked*, and the verdict says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial, reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sidebyside.algebra.agreement import (
    Sides,
    compare,
    is_bound,
    is_constant,
    meaningless,
    scale_of,
)
from sidebyside.algebra.domain import CUSTOMARY, Domain, RandomSymbolError, Terms, domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.claims.binding import Definition, Meanings, grounded
from sidebyside.claims.claims import Claim
from sidebyside.claims.sentences import conditions, statements, suppositions, turned
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import (
    Expression,
    Formula,
    Relation,
    Symbol,
    assignment,
    rewrite,
    symbols_of,
)
from sidebyside.judging.algorithms import Block
from sidebyside.judging.environment import Environment, Evaluate, TooEarly
from sidebyside.judging.identities import check_relation
from sidebyside.judging.verdicts import (
    Finding,
    Reasons,
    Tally,
    Verdict,
    beside,
    difference,
    failed,
    incomparable,
)
from sidebyside.reasons import Reason, in_words
from sidebyside.source.notation import RETURN_NAME, Meaning, Scope, root
from sidebyside.trace.trace import Recording

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker, Moment

Compared: TypeAlias = "tuple[Moment, Environment, list[Sides]]"


def stated(claims: Sequence[Claim], meanings: Meanings) -> list[Claim]:
    """Return the claims, where mentions that state something are statements."""
    found = []
    for claim in claims:
        known = computed(claim, meanings)
        if claim.formula in statements(claim.sentence, known):
            supposed = tuple(suppositions(claim.sentence, known))
            word = turned(claim.sentence, claim.text)
            why = f'"{word}" in its sentence may turn it around; say it without' if word else ""
            excuse = claim.excuse or why
            claim = replace(claim, kind="statement", supposed=supposed, excuse=excuse)
        found.append(claim)
    return found


def page_of(claim: Claim, meanings: Meanings) -> list[Claim]:
    """The formulas on lines of their own of a page, and of those that its classes inherit from."""
    paths = {claim.path, *(scope.path for scope in meanings.on_page(claim.path))}
    beside = ("mention", "statement")
    return [each for each in meanings.claims if each.kind not in beside and each.path in paths]


def computed(claim: Claim, meanings: Meanings) -> set[str]:
    """The symbols that formulas of the page say what is."""
    if not isinstance(claim.formula, Relation) or not claim.sentence:
        return set()
    found = (assignment(each.formula) for each in page_of(claim, meanings))
    return {identity(each[0]) for each in found if each}


def judge_statement(claim: Claim, checker: Checker, known: Verdict | None = None) -> Verdict:
    """Return what becomes of a statement; it is compared when it was in a `known` verdict on it."""
    supposed, finding = claim.supposed, checker.meanings.once(by_formulas, claim)
    if finding is not None and finding.status == "failed":
        return failed(claim, *finding.reasons)
    if finding is not None and meaningless(claim.formula):  # there are no numbers to compare
        return Verdict(claim, finding.status, finding.reasons)
    verdict = by_runs(claim, checker, supposed, known=known)
    if finding is not None and finding.status in ("proved", "tried"):
        unusual = by_runs(claim, checker, supposed, everywhere=True, known=known)
        if not (_refutes(verdict) or _refutes(unusual)):
            return Verdict(claim, finding.status, finding.reasons)
    if verdict.status == "not checked" and finding is not None:
        return replace(verdict, reasons=finding.reasons)
    return verdict


def _refutes(verdict: Verdict) -> bool:
    """Whether a run has numbers for which a statement is false."""
    return verdict.status == "failed" and verdict.times > 0


def by_formulas(claim: Claim, meanings: Meanings) -> Finding | None:
    """Judge a statement by the formulas of its page; None where they leave symbols unexplained."""
    assert isinstance(claim.formula, Relation)
    supposed, terms = claim.supposed, terms_of(claim, meanings)
    try:
        terms.unknowns(claim.formula)
    except RandomSymbolError as error:
        return Finding("failed", in_words(error.reason))
    except NoValue:
        return _supposing(claim.formula, terms, supposed)
    finding = check_relation(claim.formula, terms)
    if finding.status in ("proved", "tried"):
        return finding
    if not supposed:
        return replace(finding, reasons=(*finding.reasons, Reason("say-when")))
    where = _where(supposed)
    try:
        relation, terms = under(supposed, claim.formula, terms)
    except NoValue as error:
        reason = Reason("untriable", {**where.fields, "why": error.reason})
        return Finding("failed", (*finding.reasons, reason))
    finding = check_relation(relation, terms)
    return replace(finding, reasons=(*finding.reasons, where))


def _supposing(formula: Relation, terms: Terms, supposed: Sequence[Relation]) -> Finding | None:
    """Judge a statement whose symbols are numbers only where its sentence says which."""
    try:
        relation, terms = under(supposed, formula, terms)
        terms.unknowns(relation)
    except NoValue:
        return None
    finding = check_relation(relation, terms)
    return replace(finding, reasons=(*finding.reasons, _where(supposed)))


def _where(supposed: Iterable[Relation]) -> Reason:
    """Under which suppositions a statement was tried."""
    return Reason("where", {"relations": [f"`{to_text(each)}`" for each in supposed]})


def terms_under(
    claim: Claim, meanings: Meanings, supposed: Iterable[Relation]
) -> tuple[Relation, Terms]:
    """Return a statement, and what its symbols mean, where some suppositions are true."""
    assert isinstance(claim.formula, Relation)
    return under(supposed, claim.formula, terms_of(claim, meanings, guarded=True))


def terms_of(claim: Claim, meanings: Meanings, *, guarded: bool = False) -> Terms:
    """
    Return what the notation says about symbols, and what the formulas of the page say they are.

    Those under a condition only if `guarded` says that it is met.
    """
    known = meanings.terms(claim)
    rows = sorted(page_of(claim, meanings), key=lambda each: each.scope != claim.scope)
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
    if row.scope == claim.scope:
        return True
    here = meanings.around(claim)
    there = meanings.scopes(row.scope)
    return meanings.explained(symbol, there)[:1] == meanings.explained(symbol, here)[:1]


def under(supposed: Iterable[Relation], relation: Relation, terms: Terms) -> tuple[Relation, Terms]:
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


def by_runs(
    claim: Claim,
    checker: Checker,
    supposed: Sequence[Relation],
    *,
    everywhere: bool = False,
    skipping: bool = False,
    known: Verdict | None = None,
) -> Verdict:
    """
    Compare a statement with what the code computes, at the first occasion that has values.

    A `known` verdict says which one that is, in all runs together: some may have no values then.

    With `everywhere`, the docstring of a class speaks of all configurations of the class. With
    `skipping`, nothing is said about where a symbol is no number.
    """
    reason = meaningless(claim.formula)
    if reason:
        return Verdict(claim, "not checked", in_words(reason.reason))
    all_ = list(occasions(claim, checker))
    before = [each for each in all_ if known is not None and each[0] in known.reasons]
    for held, as_if in before or all_:
        compared: list[Compared] = []
        broken: Reason | None = None
        for moment, place in places(claim, as_if, checker, everywhere):
            try:
                compared.append((moment, place, list(sides_of(claim.formula, place))))
            except (NotFinite, TooEarly) as error:
                broken = incomparable(moment, error)
                is_wrong = isinstance(error, NotFinite) and not skipping
                if is_wrong and _is_true(supposed, place):
                    return failed(claim, broken)
            except NoValue as error:
                reason = reason or error
        if compared:
            return _tally(claim, held, compared, supposed)
        if broken:
            return failed(claim, broken)
    return Verdict(claim, "not checked", in_words(reason.reason) if reason else (Reason("no-run"),))


def occasions(claim: Claim, checker: Checker) -> Iterator[tuple[Reason, Claim]]:
    """Yield when a statement may have values, and a claim of the kind that is compared then."""
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


def places(
    claim: Claim, as_if: Claim, checker: Checker, everywhere: bool, evaluate: Evaluate = evaluate
) -> Iterator[tuple[Moment, Environment]]:
    """Yield when a claim of the kind that is compared may have values, and what it sees then."""
    meanings = checker.meanings
    # The docstring of a class speaks of the class as it is made by default.
    by_default = as_if.kind == "row" and as_if.scope == claim.scope and not everywhere

    @cache
    def is_meant(recording: Recording) -> bool:
        scopes = meanings.around(claim, recording.owner)
        claims = [as_if, *_explained_by(as_if, meanings)]
        return Block(claims, meanings.symbols, scopes).applies(checker.unusual[id(recording)])

    for moment in checker.moments(as_if):
        if moment.recording.families and not is_bound(claim.formula):
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


def sides_of(
    relation: object, place: Environment, evaluate: Evaluate = evaluate
) -> Iterator[Sides]:
    """Yield what has to agree, if a relation is true, at one moment of a run."""
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
    under: Reasons = ()
    wrong = _first_wrong(claim, compared)
    if wrong and supposed:
        under = (_where(supposed),)
        compared = [each for each in compared if _is_true(supposed, each[1])]
        if not compared:
            return failed(claim, wrong, Reason("where-only", under[0].fields))
        wrong = _first_wrong(claim, compared)
    if wrong:
        runs = {id(moment.recording) for moment, _, _ in compared}
        return Verdict(claim, "failed", (wrong, *under), len(runs), len(compared))
    tally = Tally()
    for moment, _, sides in compared:
        for each in sides:
            tally.add(id(moment.recording), each)
    if not tally.times or tally.strict.is_empty:
        return failed(claim, Reason("never-strict" if tally.times else "empty"))
    needed = conditions(claim.sentence, claim.text)
    if not any(_is_true(needed, place, otherwise=True) for _, place, _ in compared):
        return failed(claim, Reason("where-never", _where(needed).fields))
    runs = {id(moment.recording) for moment, _, _ in compared}
    return Verdict(claim, "tried", (held, *under), len(runs), len(compared), tally.error)


def _first_wrong(claim: Claim, compared: Iterable[Compared]) -> Reason | None:
    """Where two sides differ; None if they never do."""
    assert isinstance(claim.formula, Relation)
    for moment, _, sides in compared:
        for found, left, right in zip(
            sides, claim.formula.sides, claim.formula.sides[1:], strict=False
        ):
            try:
                outcome = compare(found)
            except NotFinite as error:
                return incomparable(moment, error)
            if not outcome.agrees and left is not None and right is not None:
                where = {"run": moment.recording.label, "step": str(moment.step.t)}
                values = (left, outcome.code), found.sign, (right, outcome.formula)
                return difference(*values, where)
    return None


def _is_true(supposed: Iterable[Relation], place: Environment, otherwise: bool = False) -> bool:
    """Whether suppositions are true; or what is said `otherwise`, of symbols that no run has."""
    try:
        return all(compare(each).agrees for one in supposed for each in sides_of(one, place))
    except (NotFinite, TooEarly):
        return False
    except NoValue:
        return otherwise
