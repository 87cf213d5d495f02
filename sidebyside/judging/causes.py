"""
# Why a formula disagrees

Most wrong formulas are right ones with one slip: a sign, a step too early, another letter, ε under
the root instead of beside it, a correction of the bias forgotten. So the slip is undone, and where
the formula then agrees each time, the answer says so. It is a guess; code may be wrong instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from sidebyside.algebra.agreement import is_bound
from sidebyside.algebra.dots import NoValue
from sidebyside.claims.binding import Meanings
from sidebyside.claims.claims import Claim
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import (
    TIME,
    Divide,
    Expression,
    Formula,
    Negative,
    Number,
    Position,
    Power,
    Product,
    Root,
    Sum,
    Symbol,
    assignment,
    positions,
    put,
)
from sidebyside.judging.checker import Checker
from sidebyside.judging.evidence import agrees
from sidebyside.reasons import Reason
from sidebyside.source.notation import steps_back
from sidebyside.trace.trace import Recording

_BEFORE = Sum((TIME, Negative(Number("1"))))
_MOST = 120  # variants of a formula


Variants = Iterator[tuple[Reason, Formula]]


def cause(claim: Claim, checker: Checker) -> Reason | None:
    """Return what would make a formula that disagrees agree; None if nothing simple does."""

    def is_right(other: Claim) -> bool:
        found = (agrees(each) for _, each in checker.comparisons(other, instead_of=claim))
        return next(found, False) and all(found)

    if claim.formula is None or is_bound(claim.formula) or is_right(claim):
        return None
    found = (each for make in _SLIPS for each in make(claim.formula, claim, checker.meanings))
    for reason, formula in islice(found, _MOST):
        with suppress(NoValue):
            if is_right(replace(claim, formula=formula)):
                return reason
    return None


def meant(claim: Claim, checker: Checker) -> Reason | None:
    """Return which of several values a formula is held against, where no list says what it is."""
    target = assignment(claim.formula)
    values = [each for each in claim.values if each != "return"] if target else [*claim.values]
    if claim.kind != "line" or len({*values}) < 2 or (target and target[0].name in values):
        return None
    scopes = checker.meanings.scopes(claim.scope)
    lines = checker.meanings.explained(target[0], scopes) if target else ()
    if any(line.code and line.line != claim.line for line in lines):
        return None
    return Reason("meant", {"code": values[-1]})


def hint(claim: Claim, checker: Checker) -> Reason | None:
    """Return what the configurations in which a claim fails have in common, if one thing."""
    fails: dict[bool, list[Recording]] = {True: [], False: []}
    for recording in checker.recordings:
        alone = Checker(checker.meanings, [recording]).comparisons(claim)
        agree = [agrees(found) for _, found in alone]
        if agree:
            fails[not all(agree)].append(recording)
    for name in dict.fromkeys(name for each in fails[True] for name in each.arguments):
        here, there = (
            [name in checker.unusual[id(each)] for each in fails[way]] for way in (True, False)
        )
        if all(here) and there and not any(there):
            return Reason("default", {"name": name})
    return None


def _slip(kind: str, part: Expression, other: Expression | None = None) -> Reason:
    """What is to be undone: a kind of slip, and the part of the formula that has it."""
    fields = {"part": to_text(part)}
    return Reason(f"slip-{kind}", fields if other is None else {**fields, "other": to_text(other)})


def _sides(formula: Formula) -> Iterator[tuple[Position, Any]]:
    """The nodes on the right of a relation, or of an expression."""
    target = assignment(formula)
    for place, node in positions(formula):
        if not (target and place[:1] == (("first", 0),)) and isinstance(node, Expression):
            yield place, node


def _signs(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        if isinstance(node, Sum) and len(node.terms) > 1:
            for n, term in enumerate(node.terms):
                other = term.value if isinstance(term, Negative) else Negative(term)
                terms = (*node.terms[:n], other, *node.terms[n + 1 :])
                changed = put(formula, place, replace(node, terms=terms))
                yield _slip("sign", _unsigned(term)), changed


def _unsigned(term: Expression) -> Expression:
    return term.value if isinstance(term, Negative) else term


def _steps(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        if isinstance(node, Symbol) and steps_back(node) in (0, 1):
            is_late = steps_back(node) == 0
            old, new = (TIME, _BEFORE) if is_late else (_BEFORE, TIME)
            index = tuple(new if each == old else each for each in node.index)
            changed = put(formula, place, replace(node, index=index))
            yield _slip("late" if is_late else "early", node), changed
        if isinstance(node, Power) and node.exponent == TIME:
            for step, kind in ((_BEFORE, "late"), (Sum((TIME, Number("1"))), "early")):
                yield _slip(kind, node), put(formula, place, replace(node, exponent=step))


def _roots(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        match node:
            case Root(Sum((inside, added))):
                yield _slip("under", added), put(formula, place, Sum((Root(inside), added)))
            case Sum((Root(inside), added)):
                yield _slip("beside", added), put(formula, place, Root(Sum((inside, added))))
            case Root(inside):
                yield _slip("root", inside), put(formula, place, inside)
            case Power(base, Number("2")):
                yield _slip("square", base), put(formula, place, base)
            case Divide(above, below):
                yield _slip("no-root", below), put(formula, place, Divide(above, Root(below)))


def _biases(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    scopes = meanings.around(claim)
    for place, node in _sides(formula):
        if isinstance(node, Symbol):
            other = replace(node, accent="" if node.accent else "hat")
            if meanings.explained(other, scopes) or meanings.symbols.defined(other, scopes):
                yield _slip("bias", node, other), put(formula, place, other)


def _letters(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    scopes = meanings.around(claim)
    lines = meanings.notation.meanings
    known = list(dict.fromkeys(m.symbol for m in lines if m.scope in scopes and m.code))
    for place, node in _sides(formula):
        if isinstance(node, Symbol) and node != TIME:
            for other in known:
                timed = replace(other, index=node.index) if steps_back(other) == 0 else other
                is_alike = (steps_back(node) is None) == (steps_back(other) is None)
                if identity(other) != identity(node) and is_alike:
                    yield _slip("letter", node, timed), put(formula, place, timed)


def _factors(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        match node:
            case Product(parts) | Sum(parts) if len(parts) > 1:
                kind = "factor" if isinstance(node, Product) else "term"
                for n, part in enumerate(parts):
                    rest = (*parts[:n], *parts[n + 1 :])
                    new = rest[0] if len(rest) == 1 else type(node)(rest)
                    yield (
                        _slip(kind, _unsigned(part) if kind == "term" else part),
                        put(formula, place, new),
                    )
            case Divide(above, below):
                yield _slip("division", below), put(formula, place, above)


# The likely ones first.
_SLIPS = (_signs, _steps, _roots, _biases, _letters, _factors)
