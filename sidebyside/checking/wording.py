"""
# What verdicts say
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from sidebyside.checking.claims import Claim
from sidebyside.checking.reasons import Reason, say
from sidebyside.checking.verdicts import Comparison, Sides, Verdict
from sidebyside.formula import to_text
from sidebyside.formula.tree import EQUALITIES, Expression, Symbol, walk
from sidebyside.notation import Scope

NEVER_STRICT = (
    "is never more than an equality: both sides are the same number in each step of a run; write "
    "`≤` or `≥`, or add a configuration in which they differ"
)
ALL_ZERO = (
    "both sides are 0 in every run, so nothing was compared; add a configuration in which they "
    "are not"
)
NOTHING_THERE = "never compared: all tensors are empty; add a configuration with numbers in them"


def disagreement(outcome: Comparison, found: Sides, families: Sequence[str]) -> str:
    """Return both values; for a bound, the gradients that broke it."""
    if found.sign in EQUALITIES:
        return "formula {}, code {}".format(*apart(outcome.formula, outcome.code))
    broken = f"{outcome.code:.6g} {found.sign} {outcome.formula:.6g} is false"
    # The gradient that a bound is broken by, if each element has its own.
    named = outcome.element < len(families) and np.size(found.code) == len(families)
    return f'{broken}, for the gradients "{families[outcome.element]}"' if named else broken


def apart(a: float, b: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 12, 15):
        if f"{a:.{digits}g}" != f"{b:.{digits}g}":
            return f"{a:.{digits}g}", f"{b:.{digits}g}"
    return repr(a), repr(b)


def both(left: tuple[Expression, float], sign: str, right: tuple[Expression, float]) -> str:
    """Return the values of two sides that do not agree: "`a` is 3, not 4" where one is a number."""
    a, b = apart(left[1], right[1])
    if any(isinstance(node, Symbol) for node in walk(right[0])):
        return f"`{to_text(left[0])}` is {a} and `{to_text(right[0])}` is {b}"
    relation = "" if sign in EQUALITIES else f"{sign} "
    return f"`{to_text(left[0])}` is {a}, not {relation}{to_text(right[0])}"


def no_symbol(symbol: Symbol, scope: Scope) -> str:
    """Return the message about a symbol that nothing explains, with the remedy."""
    if symbol == Symbol("T"):  # most likely `Fᵀ`
        transposed = "; products are elementwise here, and there is no transpose"
    else:
        transposed = ""
    if "." in scope.name:
        home = f"{scope.name.rpartition('.')[0]} or of a class it extends"
    else:
        home = f"{scope.name} or of a class it extends" if scope.name else "a class of this file"
    text = f'no symbol "{to_text(symbol)}"; add it to the notation list of {home}'
    return text + transposed


def beside(how: str, claim: Claim) -> Reason:
    """Return that a claim `agrees` or `holds`, and with what, or when."""
    if claim.kind == "call":
        return Reason(f"{how}-call", {"name": str(claim.scope)})
    if claim.kind == "row":
        return Reason(f"{how}-class", {"name": claim.scope.name or Path(claim.scope.path).name})
    first, last = claim.lines[0] if claim.lines else 0, claim.lines[-1] if claim.lines else 0
    if first == last:
        return Reason(f"{how}-line", {"line": first})
    return Reason(f"{how}-lines", {"line": first, "last": last})


def _beside(claim: Claim) -> str:
    """What a claim is compared with, in words."""
    return say([beside("agrees", claim)])[0].removeprefix("agrees with ")


def counted(verdict: Verdict) -> Iterator[Reason]:
    """Yield in how many runs a claim was compared, how often, and how well it agrees."""
    if verdict.status == "failed" or not verdict.times:
        return
    yield Reason(
        "runs" if verdict.runs > 1 else "run", {"runs": verdict.runs, "times": verdict.times}
    )
    if verdict.error:
        yield Reason("error", {"error": f"{verdict.error:.0e}"})
    elif not set(verdict.claim.text) & set("<>≤≥≠"):  # a bound may be true by far
        yield Reason("digits")


def disagrees(claim: Claim, found: Sides) -> str:
    """Return the beginning of the message about a formula that is wrong."""
    if found.sign not in EQUALITIES:
        return f"is not true {'after' if claim.kind == 'line' else 'of'} {_beside(claim)}"
    user = f"line {found.row}, which uses it, " if found.row else ""
    return f"{user}disagrees with {_beside(claim)}"


def never(claim: Claim, *, is_reached: bool) -> str:
    """Return why a claim was compared with nothing, and what to do."""
    if is_reached and claim.kind == "row":
        return "no configuration makes the class as this docstring describes it"
    if is_reached:
        guard = f"`{claim.guard}` is true in no configuration"
        return f"never compared: {guard}; correct the condition, or add a configuration"
    if claim.kind == "line" and not claim.lines:
        return "stands beside no code; put it directly above the lines that compute it"
    if claim.kind == "row":
        return f"never executed: no run of {claim.scope} has come to the end of a step"
    reached = f"no configuration reaches {_beside(claim)}"
    return f"never executed: {reached}; correct the condition above it, or add a configuration"
