"""
# Why a formula disagrees

Most wrong formulas are right ones with one slip: a sign, a step too early, another letter, ε under
the root instead of beside it, a correction of the bias forgotten. So the slip is undone, and where
the formula then agrees each time, the answer says so. It is a guess; code may be wrong instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sidebyside.algebra.dots import NoValue
from sidebyside.checking.binding import Meanings, assignment
from sidebyside.checking.claims import Claim
from sidebyside.checking.sense import is_bound
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import (
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
    positions,
    put,
)
from sidebyside.notation import steps_back

__all__ = ["cause"]

_TIME = Symbol("t")
_BEFORE = Sum((_TIME, Negative(Number("1"))))
_MOST = 120  # variants of a formula


def cause(claim: Claim, meanings: Meanings, agrees: Callable[[Claim], bool]) -> str:
    """Return what would make a formula agree, in words; empty if nothing simple does."""
    if claim.formula is None or is_bound(claim) or agrees(claim):
        return ""
    found = (each for make in _SLIPS for each in make(claim.formula, claim, meanings))
    for n, (words, formula) in enumerate(found):
        if n > _MOST:
            break
        try:
            if agrees(replace(claim, formula=formula)):
                return f"the likely cause: {words}"
        except NoValue:
            continue
    return ""


Variants = Iterator[tuple[str, Formula]]


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
                yield (
                    f"the sign of `{_shown(term)}`",
                    put(formula, place, replace(node, terms=terms)),
                )


def _shown(term: Expression) -> str:
    return to_text(term.value if isinstance(term, Negative) else term)


def _steps(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        if isinstance(node, Symbol) and steps_back(node) in (0, 1):
            late = steps_back(node) == 0
            old, new = (_TIME, _BEFORE) if late else (_BEFORE, _TIME)
            other = replace(node, index=tuple(new if each == old else each for each in node.index))
            when = "late" if late else "early"
            yield f"`{to_text(node)}` is one step too {when}", put(formula, place, other)
        if isinstance(node, Power) and node.exponent == _TIME:
            for step, words in ((_BEFORE, "late"), (Sum((_TIME, Number("1"))), "early")):
                said = f"`{to_text(node)}` is one step too {words}"
                yield said, put(formula, place, replace(node, exponent=step))


def _roots(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        match node:
            case Root(Sum((inside, added))):
                said = f"`{to_text(added)}` under the root, not beside it"
                yield said, put(formula, place, Sum((Root(inside), added)))
            case Sum((Root(inside), added)):
                said = f"`{to_text(added)}` beside the root, not under it"
                yield said, put(formula, place, Root(Sum((inside, added))))
            case Root(inside):
                yield f"the root of `{to_text(inside)}`", put(formula, place, inside)
            case Power(base, Number("2")):
                yield f"the square of `{to_text(base)}`", put(formula, place, base)
            case Divide(above, below):
                yield (
                    f"a root of `{to_text(below)}` that is missing",
                    put(formula, place, Divide(above, Root(below))),
                )


def _biases(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        if isinstance(node, Symbol):
            other = replace(node, accent="" if node.accent else "hat")
            explained = meanings.explained(other, meanings.around(claim))
            if explained or meanings.symbols.defined(other, meanings.around(claim)):
                said = (
                    f"`{to_text(node)}` in place of `{to_text(other)}`: the correction of its bias"
                )
                yield said, put(formula, place, other)


def _letters(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    scopes = meanings.around(claim)
    lines = meanings.notation.meanings
    known = list(dict.fromkeys(m.symbol for m in lines if m.scope in scopes and m.code))
    for place, node in _sides(formula):
        if isinstance(node, Symbol) and node != _TIME:
            for other in known:
                timed = replace(other, index=node.index) if steps_back(other) == 0 else other
                if identity(other) != identity(node) and (steps_back(node) is None) == (
                    steps_back(other) is None
                ):
                    said = f"`{to_text(node)}` in place of `{to_text(timed)}`"
                    yield said, put(formula, place, timed)


def _factors(formula: Formula, claim: Claim, meanings: Meanings) -> Variants:
    for place, node in _sides(formula):
        match node:
            case Product(factors) if len(factors) > 1:
                for n, factor in enumerate(factors):
                    rest = (*factors[:n], *factors[n + 1 :])
                    new = rest[0] if len(rest) == 1 else Product(rest)
                    yield f"the factor `{to_text(factor)}`", put(formula, place, new)
            case Sum(terms) if len(terms) > 1:
                for n, term in enumerate(terms):
                    left = (*terms[:n], *terms[n + 1 :])
                    new = left[0] if len(left) == 1 else Sum(left)
                    yield f"the term `{_shown(term)}`", put(formula, place, new)
            case Divide(above, below):
                yield f"the division by `{to_text(below)}`", put(formula, place, above)


# The likely ones first.
_SLIPS = (_signs, _steps, _roots, _biases, _letters, _factors)
