"""
# Is a formula true?

A formula beside a line is looked at each time the line has run, in every configuration: it is
evaluated with the values that its symbols had, and compared with what the code computed. It has to
agree each time, to twelve digits.

What is said of it is a reason, or a sentence to the author.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sidebyside.algebra import falsify
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import NotFinite
from sidebyside.checking.binding import others
from sidebyside.checking.claims import Claim
from sidebyside.checking.environment import Environment, Evaluate, NotThere, exists
from sidebyside.checking.reasons import Reason, say
from sidebyside.formula import to_text
from sidebyside.formula.tree import EQUALITIES, Expression, Relation, Symbol, walk
from sidebyside.notation import Scope, steps_back

Status = Literal["checked", "proved", "definition", "mention", "not checked", "failed"]

# Doubles have sixteen digits, and the order of operations may cost two of them.
TOLERANCE = 1e-14
# Code that computes with fewer digits agrees with a formula to those.
COARSE = {"float32": 5e-6, "float16": 2e-2}
JITTER = 1e-9


@dataclass(frozen=True)
class Verdict:
    """
    What became of a claim, and the reasons why.

    `runs` counts the configurations in which it was compared, `times` the comparisons, `error` is
    the largest relative error among them.
    """

    claim: Claim
    status: Status
    reasons: tuple[Reason, ...]
    runs: int = 0
    times: int = 0
    error: float = 0.0

    @property
    def detail(self) -> str:
        """The reasons in words."""
        return "; ".join(say(self.reasons))


@dataclass(frozen=True)
class Sides:
    """
    Two values that a formula relates: what it says, and what it is held against.

    `row` is the line of the formula, where it is not the one in question but one that uses it.
    `tree` is the formula: if no symbol is in it, one number may stand for many.
    `scale` returns how large the numbers are that each element of the formula is made of.
    """

    code: Any
    sign: str
    formula: Any
    row: int = 0
    tree: Expression | None = None
    scale: Callable[[], Any] = lambda: 0.0


@dataclass(frozen=True)
class Comparison:
    """
    The outcome for two sides: the relative error, and both values where it is largest.

    Empty tensors agree with everything, so `empty` ones show nothing. `coarse` is the type of the
    code's numbers where they have fewer digits than doubles.
    """

    agrees: bool
    error: float
    code: float = 0.0
    formula: float = 0.0
    element: int = 0
    empty: bool = False
    coarse: str = ""


def sides(claim: Claim, place: Environment, evaluate: Evaluate) -> Iterator[Sides]:
    """
    Yield what has to agree, if the claim is true, at one moment of a run.

    Raises `NoValue` where something has no value.
    """
    formula = claim.formula
    given = place.given if claim.kind == "call" else place
    if isinstance(formula, Expression):
        value = evaluate(formula, given)
        scale = partial(scale_of, formula, given, evaluate, value)
        yield Sides(computed(claim, place), "=", value, tree=formula, scale=scale)
        return
    assert isinstance(formula, Relation)
    assert formula.first is not None
    target = formula.first
    lookup: Callable[[Symbol], Any] = given
    if isinstance(target, Symbol) and formula.rest[0][0] in EQUALITIES:
        *others, left = assigned(claim, target, place)
        yield from (Sides(left, "=", other) for other in others)
        if formula.rest[0][0] == "←" and steps_back(target) is None:
            lookup = _before(target, given)
    else:
        left = evaluate(target, given)
    for sign, side in formula.rest:
        right = evaluate(side, lookup)
        scale = partial(scale_of, side, lookup, evaluate, right)
        yield Sides(left, sign, right, tree=side, scale=scale)
        left = right


def is_constant(tree: Expression) -> bool:
    """Whether a formula has no symbols, so that it is the same number wherever it is asked."""
    return not any(isinstance(node, Symbol) for node in walk(tree))


def assigned(claim: Claim, symbol: Symbol, place: Environment) -> list[Any]:
    """
    Return what the code made of the symbol on the left: one value, or several that must agree.

    It is what the notation says it is. Where that does not exist yet, it is what the code beside
    the formula computes, and what the notation says when the step is over. A symbol without a
    notation is what the code computes, and what a row of the page defines it to be.
    """
    if symbol == Symbol("t"):
        return [place(symbol)]
    meaning = place.meaning(symbol)
    if (meaning is None or meaning.is_words) and claim.values:
        is_defined = place.symbols.defined(symbol, place.scopes) is not None
        return [*([place(symbol)] if is_defined else []), computed(claim, place)]
    try:
        return [place(symbol)]
    except NotThere:
        if not claim.values or place.step.exit is None:
            raise
    end = replace(place, now=place.step.exit)
    try:
        return [end(symbol), computed(claim, place)]
    except NotThere:
        return [computed(claim, place)]


def _before(target: Symbol, place: Environment) -> Callable[[Symbol], Any]:
    """The meaning of symbols in `θ ← θ − …`: θ on the right is what it was before the step."""
    return lambda symbol: place.value(symbol, 1) if symbol == target else place(symbol)


def computed(claim: Claim, place: Environment) -> Any:
    """Return the last number or tensor that the code beside a formula computes."""
    if claim.kind == "call":
        return _number(place, "return")
    for last in reversed(range(len(claim.values))):
        value = place.run(claim.values[last])
        if _is_number(value):
            _refuse_others(claim, place, last)
            return value
    raise NotThere("the code beside it computes no number or tensor")


def _refuse_others(claim: Claim, place: Environment, last: int) -> None:
    """Raise `NoValue` if the code computes something else, too: which of them is meant?"""
    for n in others(claim.values, claim.inputs, last):
        code = claim.values[n]
        if exists(code, place.now.names) and _is_number(place.run(code)):
            raise NoValue(
                f"the lines beside it compute `{code}` and `{claim.values[last]}`; part them by an "
                "empty line, or say in a notation list what the left side is"
            )


def _number(place: Environment, code: str) -> Any:
    value = place.run(code)
    if not _is_number(value):
        raise NotThere("the code beside it computes no number or tensor")
    return value


def _is_number(value: Any) -> bool:
    return not isinstance(value, dict | list | str | bool | None)


def compare(found: Sides) -> Comparison:
    """
    Compare two sides as numbers; raise `NoValue` when one of them is none.

    The error is relative to each element. Where it is larger than rounding, the element may be a
    small difference of large numbers; then it is relative to those.
    """
    coarse = _coarse(found)
    code, formula = _array(found.code, "the code"), _array(found.formula, "the formula")
    if found.sign not in (*falsify.HOLDS, *EQUALITIES):
        raise NoValue(f"`{found.sign}` says nothing that numbers could refute")
    _refuse_one_for_many(found, code, formula)
    if code.shape != formula.shape:
        try:
            code, formula = np.broadcast_arrays(code, formula)
        except ValueError:
            shapes = f"{code.shape} and {formula.shape}"
            raise NotFinite(f"the code and the formula have different shapes, {shapes}") from None
    if code.size == 0:
        return Comparison(True, 0.0, empty=True)
    if found.sign in falsify.HOLDS:
        broken = falsify.counterexample(code, found.sign, formula)
        if broken is None:
            return Comparison(True, 0.0)
        return Comparison(False, 0.0, code=broken[1], formula=broken[2], element=broken[0])
    if (code == formula).all():
        return Comparison(True, 0.0, coarse=coarse)
    tolerance = COARSE.get(coarse, TOLERANCE)
    errors = _errors(code, formula)
    if errors.max() > tolerance:
        errors = _errors(code, formula, np.abs(found.scale()))
    worst = int(errors.argmax())
    error = float(errors.flat[worst])
    values = float(code.flat[worst]), float(formula.flat[worst])
    return Comparison(error <= tolerance, error, *values, worst, coarse=coarse)


def _coarse(found: Sides) -> str:
    """The type of the code's numbers, if it is not as exact as doubles."""
    if getattr(found.code, "dtype", np.float64) == np.float64:
        return ""
    kind = str(found.code.dtype)
    counts = kind in COARSE and np.all(found.code == np.rint(found.code))
    return kind if kind in COARSE and not counts else ""


def _refuse_one_for_many(found: Sides, code: Any, formula: Any) -> None:
    """Raise `NotFinite` where many numbers are said to be one that is computed: are they alike?"""
    one = found.sign in EQUALITIES and code.size > 1 and formula.size == 1
    if one and found.tree is not None and not is_constant(found.tree):
        reason = f"the code computes {code.size} numbers, and the formula one for all of them"
        raise NotFinite(f"{reason}; give each a symbol, or write the formula for one of them")


def _errors(code: Any, formula: Any, scale: Any = 0.0) -> Any:
    """The error of each element, relative to the element, or to a scale that is larger."""
    size = np.maximum(np.maximum(np.abs(code), np.abs(formula)), scale)
    return np.abs(code - formula) / np.where(size > 0, size, 1.0)


def scale_of(
    tree: Expression,
    lookup: Callable[[Symbol], Any],
    evaluate: Evaluate,
    value: Any,
    size: Callable[[Symbol, Any], Any] = lambda symbol, known: np.abs(known),
) -> Any:
    """
    Return how large the numbers are that the value of a formula is made of.

    Each symbol is changed by a billionth of its size; how much the value changes tells with what
    numbers its rounding began. In `1 − x` near x = 1, that is 1, not the difference.
    """
    chance = np.random.default_rng(0)
    largest: Any = 0.0
    for _ in range(3):

        def nearly(symbol: Symbol) -> Any:
            known = lookup(symbol)
            if not isinstance(known, float | np.ndarray) or np.all(known == np.rint(known)):
                return known  # it may count something
            signs = chance.choice([-1.0, 1.0], size=np.shape(known))
            return known + JITTER * signs * size(symbol, known)

        try:
            change = np.abs(evaluate(tree, nearly) - value) / JITTER
        except NoValue:
            continue
        largest = np.maximum(largest, change)
    return largest


def _array(value: Any, whose: str) -> Any:
    if type(value) is np.ndarray and value.dtype == np.float64 and np.isfinite(value).all():
        return value
    if np.iscomplexobj(value):
        raise NotFinite(f"{whose} gives a complex number, and formulas are about real ones")
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotFinite(f"{whose} gives {_kind(value)}, not a number") from None
    if value is None or not np.isfinite(array).all():
        kind = _kind(value) if value is None else "a number that is not finite"
        raise NotFinite(f"{whose} gives {kind}")
    return array


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


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
