"""
# What the runs could not tell apart

That a formula agrees in every run shows little if another one agrees just as well. If α and ε are
0.1 in every run, one may stand in place of the other; if x is never negative, `|x|` in place of x.
So other formulas are tried: with one symbol for another, and simpler ones, without an absolute
value, a term, or a factor. And the choices in the code beside a formula are looked at: one that was
always made the same way had no effect. Runs that cannot tell them apart are refused as evidence; a
configuration in which they differ is all it takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sidebyside.algebra.agreement import SHARE, Sides, compare, error_of, is_bound
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.claims.binding import Meanings
from sidebyside.claims.chunks import Choice, Way
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    Absolute,
    Call,
    Divide,
    Dots,
    Expression,
    Formula,
    Number,
    Position,
    Power,
    Product,
    Root,
    Series,
    Sum,
    Symbol,
    assignment,
    parts,
    positions,
    put,
    symbols_of,
)
from sidebyside.judging.environment import Environment, NotThere, exists, run
from sidebyside.reasons import Reason
from sidebyside.source.notation import conditions
from sidebyside.trace.trace import equal

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker


def unseen(claim: Claim, checker: Checker, runs: set[int]) -> tuple[Reason, ...]:
    """Return what the runs in which a claim was compared cannot tell apart; empty if nothing."""
    told = undone(claim, checker) or _pointless(claim, checker)
    if told:
        return (told,)
    named = checker.meanings.codes(claim)
    unnamed = [each for each in claim.choices if each.kind != "count" or each.code not in named]
    names = [moment.now.names for moment in checker.moments(claim)]
    found = idle(unnamed, names) or _unrun(claim, checker) or _square(claim, checker)
    if not found and not is_bound(claim.formula):
        found = _twins(claim, checker, runs) or _simpler(claim, checker) or _free(claim, checker)
    return (found, Reason("show-it")) if found else ()


def _pointless(claim: Claim, checker: Checker) -> Reason | None:
    """Which condition before a formula makes no difference in any run."""
    parts = conditions(claim.guard)
    rows = [each for each in checker.display(claim) if each.formula is not None]
    for place, part in enumerate(parts):
        if part in conditions(claim.remarked):
            continue  # not the page's own words
        guard = ", ".join([*parts[:place], f"not ({part})", *parts[place + 1 :]])
        others = (replace(row, guard=guard) for row in rows)
        found = (agrees(each) for row in others for _, each in checker.comparisons(row))
        first = next(found, None)
        if first and all(found):
            return Reason("pointless", {"guard": part})
        if first is None and claim.kind != "line":
            return Reason("always", {"guard": part})
    return None


def _unrun(claim: Claim, checker: Checker) -> Reason | None:
    """A line above the code of a claim that no run has come to."""
    ran = {line for each in checker.recordings for path, line in each.lines if path == claim.path}
    missing = [line for line in claim.above if line not in ran]
    return Reason("unrun", {"line": missing[0]}) if missing else None


def undone(claim: Claim, checker: Checker) -> Reason | None:
    """Return the line below a claim that changes the memory it speaks of once more."""
    for line, code in claim.again:
        for moment in checker.moments(claim):
            place = checker.place(claim.scope, moment, evaluate)
            end = moment.call.exit if moment.call is not None else None
            if end is None or place.memory(code) is None:
                continue
            if exists(code, end.names) and not equal(place.run(code), run(code, end.names)):
                return Reason("undone", {"line": line, "code": code})
    return None


def _simpler(claim: Claim, checker: Checker) -> Reason | None:
    """A simpler formula that would agree, too."""
    assert claim.formula is not None
    for part, instead, formula in simpler(claim.formula):
        found = checker.comparisons(replace(claim, formula=formula), instead_of=claim)
        if all(agrees(each) for _, each in found):
            return Reason("simpler", {"part": to_text(part), "instead": to_text(instead)})
    return None


def _free(claim: Claim, checker: Checker) -> Reason | None:
    """A number in place of which its double, and its half, would agree, too."""
    assert claim.formula is not None
    for number, others in _numbers_in(claim.formula):
        rows = (replace(claim, formula=formula) for formula in others)
        found = (each for row in rows for _, each in checker.comparisons(row, instead_of=claim))
        if all(agrees(each, SHARE["effect"]) for each in found):
            return Reason("free", {"number": to_text(number)})
    return None


def _is_number(node: Number) -> bool:
    return node.text != "∞" and float(node.text) != 0


def _numbers_in(formula: Formula) -> Iterator[tuple[Number, list[Formula]]]:
    """The numbers of a formula, and the formula with twice and with half of each."""
    for position, node in positions(formula):
        if isinstance(node, Number) and _is_number(node) and not _is_bound(formula, position):
            instead = (Product((Number("2"), node)), Divide(node, Number("2")))
            yield node, [put(formula, position, each) for each in instead]


def agrees(found: Sides | NoValue, share: float = 0.0) -> bool:
    """Whether two sides have values, and the same, up to rounding or a share."""
    try:
        if isinstance(found, NoValue):
            return False
        outcome = compare(found)
        return outcome.agrees or outcome.error <= share
    except NotFinite:
        return False


def _twins(claim: Claim, checker: Checker, runs: set[int]) -> Reason | None:
    """Which symbol a formula could have in place of one of its own."""
    assert claim.formula is not None
    places = checker.places(claim, runs)
    alike = twins(claim.formula, places, checker.meanings, claim.equal)
    return alike or uniform(claim.formula, [each for run in places for each in run])


def twins(
    formula: Formula,
    places: Sequence[Sequence[Environment]],
    meanings: Meanings,
    equal: Collection[frozenset[str]],
) -> Reason | None:
    """
    Return which symbol a formula could have in place of one of its own.

    `places` are the moments of each run in which it was compared. Where code has to be `equal` for
    the formula's line to run, either symbol is right.
    """
    ends = [(each[0], each[-1]) for each in places if each]
    if not ends:
        return None
    target = assignment(formula)
    for symbol in dict.fromkeys(symbols_of(formula)):
        is_target = target is not None and symbol == target[0]
        if is_target or not _is_argument(symbol, ends[0][0]):
            continue
        values = _constants(symbol, ends)
        if values is None:
            continue
        for other in _others(symbol, ends[0][0], meanings):
            known = map(ends[0][0].meaning, (symbol, other))
            if frozenset(each.code for each in known if each is not None) in equal:
                continue
            if _constants(other, ends) == values:
                return Reason("twins", {"symbol": to_text(symbol), "other": to_text(other)})
    return None


def uniform(formula: Formula, places: Sequence[Environment]) -> Reason | None:
    """Return which symbol has one number in all of its places, always."""
    target = assignment(formula)
    for symbol in dict.fromkeys(symbols_of(formula)):
        if target is not None and symbol == target[0]:
            continue
        meaning = places[0].meaning(symbol) if places else None
        if meaning is None or not meaning.code or places[0].memory(meaning.code) is not None:
            continue  # what code computes may well be uniform
        values = [_array(symbol, place) for place in places]
        if all(each is not None and each.size > 1 and np.ptp(each) == 0 for each in values):
            return Reason("uniform", {"symbol": to_text(symbol)})
    return None


def one_signed(claim: Claim, checker: Checker, runs: set[int]) -> list[str]:
    """
    Return which inputs of a step had one sign in all runs: `x > 0`.

    An absolute value, or the root of a square, could not be told from the input itself.
    """
    assert claim.formula is not None
    places = [each for run in checker.places(claim, runs) for each in run]
    found: list[str] = []
    for symbol in dict.fromkeys(symbols_of(claim.formula)):
        if places and is_input(symbol, places[0]):
            values = [_signs(symbol, place) for place in places]
            for sign, wanted in ((">", {1.0}), ("<", {-1.0})):
                if all(each == wanted for each in values):
                    found.append(f"{to_text(symbol)} {sign} 0")
    return found


def is_input(symbol: Symbol, place: Environment) -> bool:
    """Return whether a symbol is an argument of the method that takes a step, and no memory."""
    meaning = place.meaning(symbol)
    if meaning is None or meaning.domain or not meaning.code.isidentifier():
        return False
    return meaning.code in place.step.entry.names and meaning.code not in place.step.roots


def _signs(symbol: Symbol, place: Environment) -> set[float]:
    try:
        return set(np.unique(np.sign(np.asarray(place(symbol), np.float64))))
    except (NoValue, TypeError, ValueError):
        return set()


def _array(symbol: Symbol, place: Environment) -> np.ndarray | None:
    try:
        value = place(symbol)
    except NoValue:
        return None
    return value if isinstance(value, np.ndarray) and value.dtype.kind in "fiu" else None


def _others(symbol: Symbol, place: Environment, meanings: Meanings) -> list[Symbol]:
    """The symbols that other code stands for, where a formula looks up its own."""
    known = place.meaning(symbol)
    code = known.code if known is not None else ""
    scopes = set(place.scopes)
    found = [
        each.symbol
        for each in meanings.notation.meanings
        if each.scope in scopes and each.code not in ("", code)
    ]
    return [each for each in dict.fromkeys(found) if each != symbol and _is_argument(each, place)]


def _is_argument(symbol: Symbol, place: Environment) -> bool:
    """Whether a symbol stands for a part of what somebody sets: `group["lr"]`, `self.eps`."""
    meaning = place.meaning(symbol)
    return meaning is not None and ("[" in meaning.code or "." in meaning.code)


def _constants(
    symbol: Symbol, ends: Sequence[tuple[Environment, Environment]]
) -> list[float] | None:
    """The number that a symbol is in each run; None if it changes, or is no number."""
    found: list[float] = []
    for first, last in ends:
        try:
            a, b = first(symbol), last(symbol)
        except NoValue:
            return None
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (a, b)):
            return None
        if error_of(a, b) > SHARE["points"]:
            return None
        found.append(float(a))
    return found


def simpler(formula: Formula) -> Iterator[tuple[Expression, Expression, Formula]]:
    """
    Yield simpler formulas: a part, what stands in its place, and the formula with that.

    What is left out is never a bare number, of which everybody sees what it does.
    """
    left = assignment(formula)
    for position, node in positions(formula):
        is_target = left is not None and position[:1] == (("first", 0),)
        if isinstance(node, Expression) and not is_target and not _is_bound(formula, position):
            for instead in _instead(node):
                yield node, instead, put(formula, position, instead)


def _is_bound(formula: Formula, position: Position) -> bool:
    """Whether a position lies in an index, or in a series, whose terms may vanish one by one."""
    tree: Formula = formula
    for step in position:
        if isinstance(tree, Symbol | Series):
            return True
        tree = dict(parts(tree))[step]
    return False


def _instead(node: Expression) -> Iterator[Expression]:
    match node:
        case Absolute(inside) | Root(Power(inside, Number("2"))):
            yield inside
        case Root(inside):
            yield inside
        case Power(base, exponent) if not isinstance(exponent, Number):
            yield base
        case Divide(numerator, denominator) if not isinstance(denominator, Number):
            yield numerator
        case Call(Symbol("max" | "min"), arguments) if len(arguments) > 1:
            if not any(isinstance(each, Dots) for each in arguments):
                yield from arguments
        case Call(Symbol("clip" | "floor" | "ceil"), (inside, *_)):
            yield inside
        case Sum(terms) | Product(terms) if len(terms) > 1:
            if not any(isinstance(each, Dots) for each in terms):
                kept = [(p, [*terms[:n], *terms[n + 1 :]]) for n, p in enumerate(terms)]
                for dropped, rest in kept:
                    if not isinstance(dropped, Number):
                        yield rest[0] if len(rest) == 1 else type(node)(tuple(rest))


def idle(found: Sequence[Choice], moments: Sequence[Mapping[str, Any]]) -> Reason | None:
    """Return what a piece of code does in all runs, if it does one thing only."""
    for choice in found:
        ways: set[Any] = set()
        try:
            for names in moments:
                ways |= _ways(choice.kind, run(choice.number, {**names, "len": len}))
        except (NotThere, TypeError, ValueError):
            continue  # it calls something, or is no number
        if len(ways) == 1:
            (way,) = ways
            if choice.kind == "count":
                return Reason("count", {"code": choice.code, "number": str(way)})
            if choice.kind == "presence" and way:
                continue  # then its default is never taken
            if choice.kind in ("truth", "presence"):
                return Reason("always-true" if way else "always-false", {"code": choice.code})
            if choice.kind == "sign" or way:
                return Reason("one-effect", {"code": choice.code})
    return None


def _ways(kind: Way, value: Any) -> set[Any]:
    """Which ways a number, or the elements of an array, decide."""
    if kind == "count":
        return {value}
    if kind == "whole" and isinstance(value, int):
        return set()  # it counts something
    array = np.asarray(value, np.float64)
    if kind in ("truth", "presence"):
        decided = array != 0
    elif kind == "whole":
        decided = array == np.rint(array)
    elif kind == "below":
        decided = (array >= 0) & (array < 1)
    else:
        decided = array[array != 0] > 0
    return {bool(each) for each in np.unique(decided)}


def _square(claim: Claim, checker: Checker) -> Reason | None:
    """Which array may go along one axis of another one or along the other."""
    assert claim.formula is not None
    symbols = list(dict.fromkeys(symbols_of(claim.formula)))
    told: Reason | None = None
    for moment in checker.moments(claim):
        place = checker.place(claim.scope, moment, evaluate)
        shapes = {symbol: np.shape(place(symbol)) for symbol in symbols if _is_there(symbol, place)}
        most = max(shapes, key=lambda symbol: len(shapes[symbol]), default=None)
        less = [
            each for each, shape in shapes.items() if most and 0 < len(shape) < len(shapes[most])
        ]
        if not most or not less or len({*shapes[most]}) > 1:
            return None
        told = Reason("square", {"symbol": to_text(less[0]), "other": to_text(most)})
    return told


def _is_there(symbol: Symbol, place: Environment) -> bool:
    """Whether a symbol has a value at a moment."""
    try:
        place(symbol)
    except NoValue:
        return False
    return True
