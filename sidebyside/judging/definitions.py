"""
# Other definitions

A formula that gives a name is compared by way of those that use the name. If twice of it would do,
or its opposite, nothing was found out about it; nor if it would do with something else in place of
another definition, as where only the product of both is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from sidebyside.claims.binding import Meanings
from sidebyside.claims.claims import Claim
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import (
    Expression,
    Negative,
    Number,
    Product,
    Relation,
    assignment,
    symbols_of,
)
from sidebyside.judging.evidence import agrees
from sidebyside.judging.verdicts import Verdict
from sidebyside.reasons import Reason

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker

# By what other definitions may change if one is twice what it says.
_FACTORS = ("0.5", "2", "0.25", "4")


def undetermined(claim: Claim, checker: Checker) -> Reason | None:
    """
    Return which other definition would do as well as a claim, alone or with one of another.

    None if the same formula stands beside a line, which is compared by itself.
    """
    if any(_is_twin(each, claim, checker.meanings) for each in checker.meanings.claims):
        return None
    for changed, changes in _other_definitions(claim, checker):
        if _would_do(claim, changed, checker.where(changes)):
            told = [to_text(each.formula) for each in changes.values() if each.formula]
            return Reason("together", {"instead": " with ".join(f"`{each}`" for each in told)})
    return None


def is_grounded(verdict: Verdict, proofs: Set[int], meanings: Meanings) -> bool:
    """
    Return whether all formulas that show a definition to be right are proved.

    `proofs` are the claims that are, by identity: of rows, what they are compared by is one.
    """
    claim = verdict.claim
    found = assignment(claim.formula)
    if verdict.times or found is None:
        return id(claim) in proofs
    users = [*_users(claim, {identity(found[0])}, meanings)]
    return bool(users) and all(id(user) in proofs for user in users)


def _is_twin(other: Claim, claim: Claim, meanings: Meanings) -> bool:
    """Whether a claim about a line says what a definition says."""
    same = (other.formula, other.guard, other.kind) == (claim.formula, claim.guard, "line")
    return same and claim.scope in meanings.scopes(other.scope)


def _other_definitions(
    claim: Claim, checker: Checker
) -> Iterator[tuple[Claim | None, dict[int, Claim]]]:
    for alone in (Number("2"), Negative(Number("1"))):
        yield None, {id(claim): _times(alone, claim)}
    for other in checker.display(claim):
        if other is not claim and assignment(other.formula) and checker.meanings.defines(other):
            for factor in _FACTORS:
                changes = {id(claim): _times(Number("2"), claim)}
                yield other, {**changes, id(other): _times(Number(factor), other)}


def _times(factor: Expression, claim: Claim) -> Claim:
    """A claim that says so many times what it says."""
    formula = claim.formula
    assert isinstance(formula, Relation)
    sign, right = formula.rest[0]
    rest = ((sign, Product((factor, right))), *formula.rest[1:])
    return replace(claim, formula=replace(formula, rest=rest))


def _would_do(claim: Claim, other: Claim | None, checker: Checker) -> bool:
    """Whether all that uses a definition, or another one, agrees, and something does."""
    names = {
        identity(found[0])
        for each in (claim, other)
        if each and (found := assignment(each.formula))
    }
    is_used = False
    for user in _users(claim, names, checker.meanings):
        # A copy is no claim of the page, so no more of a run is computed than is looked at.
        for _, sides in checker.comparisons(replace(user), instead_of=user):
            if not agrees(sides):
                return False
            is_used = True
    return is_used


def _users(claim: Claim, names: set[str], meanings: Meanings) -> Iterator[Claim]:
    """Yield the compared formulas that use some names, be it by way of definitions."""
    definitions = [each for each in meanings.symbols.definitions if each.scope == claim.scope]
    for _ in definitions:
        for each in definitions:
            if names & {identity(symbol) for symbol in symbols_of(each.formula)}:
                names = names | {identity(each.symbol)}
    for other in meanings.claims:
        if other.formula is None or other.excuse or other.kind in ("mention", "statement"):
            continue
        uses = names & {identity(symbol) for symbol in symbols_of(other.formula)}
        if uses and claim.scope in meanings.scopes(other.scope) and not meanings.defines(other):
            yield other
