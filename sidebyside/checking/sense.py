"""
# What can be judged without running anything

Some formulas cannot be true of any code, and some have no numeric meaning.
"""

from __future__ import annotations

from dataclasses import replace

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.falsify import HOLDS
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.checking.binding import Meanings, assignment, symbols_of
from sidebyside.checking.claims import Claim
from sidebyside.formula import identity, to_text
from sidebyside.formula.tree import EQUALITIES, Expression, Negative, Number, Relation, Sum, Symbol
from sidebyside.notation import steps_back

_NOW = Symbol("t")
_EARLIER = Sum((_NOW, Negative(Number("1"))))


def impossible(claim: Claim, defines: bool) -> str:
    """
    Return why a formula cannot say what the code computes; empty if it can.

    `defines` tells whether it defines its left side, which is no piece of code.
    """
    formula = claim.formula
    if not assignment(formula):
        return ""
    assert isinstance(formula, Relation)
    left, text = formula.first, to_text(formula.first) if formula.first else ""
    back = steps_back(left) if isinstance(left, Symbol) else None
    if back:
        return f"the left side is what the code computes now, and `{text}` is past"
    # `θ ← θ − g` speaks of θ before and after; `x = x + 1` and a definition cannot.
    before_and_after = back is None and formula.rest[0][0] == "←" and not defines
    circular = any(left in set(symbols_of(side)) for _, side in formula.rest)
    if circular and not before_and_after:
        earlier = ""
        if isinstance(left, Symbol) and back == 0:
            index = tuple(_EARLIER if part == _NOW else part for part in left.index)
            earlier = f"; what it was before the step is `{to_text(replace(left, index=index))}`"
        return f"says what `{text}` is by means of `{text}`{earlier}"
    return ""


def is_bound(claim: Claim) -> bool:
    """Whether a formula says that something is smaller or larger, not what it is."""
    formula = claim.formula
    return isinstance(formula, Relation) and all(sign in HOLDS for sign, _ in formula.rest)


def is_used(claim: Claim, meanings: Meanings, seen: tuple[Claim, ...] = ()) -> bool:
    """Whether a formula that is compared with code uses the symbol that a claim defines."""
    found = assignment(claim.formula)
    if found is None or claim in seen:
        return False
    key = identity(found[0])
    for other in meanings.claims:
        if other == claim or other.formula is None or other.kind not in ("line", "call"):
            continue
        uses = key in {identity(symbol) for symbol in symbols_of(other.formula)}
        if not uses or claim.scope not in meanings.scopes(other.scope):
            continue
        if other.excuse or meaningless(other) or meanings.free(other):
            continue
        # What only defines a symbol itself is compared by way of those that use it.
        is_link = other.kind == "call" and meanings.defines(other)
        if not is_link or is_used(other, meanings, (*seen, claim)):
            return True
    return False


def meaningless(claim: Claim) -> str:
    """Return why a formula has no numeric meaning, whatever its symbols are; empty if it has."""
    formula = claim.formula
    parts = [formula]
    if isinstance(formula, Relation):
        parts = [formula.first, *(side for _, side in formula.rest)]
        for sign, _ in formula.rest:
            if sign not in EQUALITIES and sign not in HOLDS:
                return f"`{sign}` says nothing that numbers could refute"
    for part in parts:
        try:
            if isinstance(part, Expression):
                evaluate(part, lambda symbol: 2.0)
        except NotFinite:
            continue
        except NoValue as error:
            return error.reason
    return ""
