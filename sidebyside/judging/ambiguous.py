"""
# What readers would take a symbol for

A symbol means to readers what it looks like, what everybody means by it, and what the page said of
it before. Where the code means something else by the same sign, no run shows it: the numbers agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sidebyside.algebra.agreement import is_close
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import evaluate
from sidebyside.claims.binding import Meanings, Row
from sidebyside.claims.claims import Claim
from sidebyside.formula import FormulaError, identity, to_text
from sidebyside.formula.errors import code_points
from sidebyside.formula.letters import ASCII_NAMES, LOOKS_LATIN, SAME_LETTER
from sidebyside.formula.tokens import tokenize
from sidebyside.formula.tree import (
    EULER,
    IMAGINARY,
    PI,
    TIME,
    Symbol,
    assignment,
    constants,
    symbols_of,
)
from sidebyside.judging.environment import Environment, NotThere, exists, run
from sidebyside.judging.verdicts import Verdict
from sidebyside.reasons import Reason
from sidebyside.source.notation import Meaning, Scope, root
from sidebyside.trace.trace import Call, equal

if TYPE_CHECKING:
    from sidebyside.judging.checker import Checker

_NUMBERS = {PI: "3.14159…", EULER: "2.71828…", IMAGINARY: "√(−1)"}


def look_alikes(claims: Sequence[Claim]) -> Iterator[str]:
    """Yield the letters of a page that no reader can tell apart, and that are different symbols."""
    seen: dict[tuple[str, str], tuple[str, Claim]] = {}
    told: set[tuple[str, str]] = set()
    for claim in claims:
        for letter, name in _letters(claim):
            key = claim.path, name
            other, first = seen.setdefault(key, (letter, claim))
            if other != letter and key not in told:
                told.add(key)
                yield (
                    f"{claim.path}:{claim.line}: `{letter}` ({code_points(letter)}) looks like "
                    f"`{other}` ({code_points(other)}) in line {first.line}; write one of them, or "
                    "take another letter"
                )


def _letters(claim: Claim) -> Iterator[tuple[str, str]]:
    """The letters of a formula as written, each with the Latin or plain one that it looks like."""
    if claim.formula is None:
        return
    try:
        tokens = tokenize(claim.text, "latex" if "\\" in claim.text else "plain")
    except FormulaError:
        return
    for token in tokens:
        letter = str(token)[:1]
        if token.type == "LETTER" and (letter in "µ∆" or letter not in SAME_LETTER):
            plain = SAME_LETTER.get(letter, letter)
            yield letter, LOOKS_LATIN.get(plain, plain)


def misread(verdict: Verdict, checker: Checker) -> Reason | None:
    """Return what readers would take a claim for that it is not, if it is not refused already."""
    claim = verdict.claim
    if claim.formula is None or claim.excuse or verdict.status == "failed":
        return None
    other = constant(claim, checker.meanings) or _complex(claim, checker.meanings)
    if other or verdict.status not in ("tried", "definition") or not verdict.times:
        return other
    if claim.kind == "statement":
        return ambiguous(replace(claim, kind="line"), checker) if claim.lines else None
    return ambiguous(claim, checker)


def _complex(claim: Claim, meanings: Meanings) -> Reason | None:
    """Return which symbol a list calls complex."""
    assert claim.formula is not None
    for symbol in dict.fromkeys(symbols_of(claim.formula)):
        for line in meanings.explained(symbol, meanings.around(claim)):
            if line.code and "complex" in line.text.lower().split():
                return Reason("complex", {"symbol": to_text(symbol), "line": line.line})
    return None


def constant(claim: Claim, meanings: Meanings) -> Reason | None:
    """Return that a letter stands for a number in a formula, and a list says another thing."""
    assert claim.formula is not None
    for symbol in constants(claim.formula) if claim.formula != PI else ():
        for line in meanings.symbols.meanings(symbol, meanings.around(claim)):
            if line.symbol == symbol and not line.is_words:
                said = {"symbol": to_text(symbol), "number": _NUMBERS[symbol]}
                return Reason("constant", {**said, "line": line.line})
    return None


def ambiguous(claim: Claim, checker: Checker) -> Reason | None:
    """Return which symbol of a claim is not what readers would take it for in some run."""
    assert claim.formula is not None
    symbols = list(dict.fromkeys(symbols_of(claim.formula)))
    around: dict[Meaning, list[Meaning]] = {}
    known: dict[int, list[tuple[Meaning, ...]]] = {}  # by the identity of scopes, which are long
    is_of_its_own = cache(partial(_is_of_its_own, claim, meanings=checker.meanings))
    for moment in checker.moments(claim):
        place = checker.place(claim.scope, moment, evaluate)
        if id(place.scopes) not in known:
            known[id(place.scopes)] = [place.symbols.meanings(s, place.scopes) for s in symbols]
        for symbol, lines in zip(symbols, known[id(place.scopes)], strict=True):
            line = place.first(lines)
            if line is None or not line.code:
                if claim.kind == "line" and (other := _namesake(symbol, place)):
                    return other
                continue
            found = None
            is_own = line.path == line.scope.path  # not that of somebody who explains the source
            if is_own and is_of_its_own(moment.recording.owner):
                if line not in around:
                    around[line] = list(_around(line, checker.meanings))
                found = _shadowed(line, place, around[line])
            if not found and claim.kind == "line" and moment.call is not None:
                found = _rebound(claim, symbol, line, place, moment.call, checker.meanings)
                found = found or _handed_on(symbol, line, place, moment.call, checker.meanings)
            if found:
                return found
    return None


def _namesake(symbol: Symbol, place: Environment) -> Reason | None:
    """That the code calls something else by the letter of what a formula defines."""
    for name in names_of(symbol):
        value = place.now.names.get(name)
        if isinstance(place.binding(symbol), Row) and isinstance(value, float | np.ndarray):
            with suppress(NoValue):
                if not _same(value, place(symbol)) and not is_close(value, place(symbol)).all():
                    return Reason("namesake", {"symbol": to_text(symbol), "name": name})
    return None


def names_of(symbol: Symbol) -> tuple[str, ...]:
    """Return the names that code has for a letter; one with an accent or an index has none."""
    is_letter = not symbol.accent and symbol.index in ((), (TIME,))
    return (symbol.name, ASCII_NAMES.get(symbol.name, symbol.name)) if is_letter else ()


def _handed_on(
    symbol: Symbol, line: Meaning, place: Environment, call: Call, meanings: Meanings
) -> Reason | None:
    """That a method is called with another argument than the step has by the same name."""
    entry, name = place.step.call, line.code
    is_own = line.scope == Scope(call.function.path, call.function.name)
    if is_own or call is entry or name in place.step.roots or line.at_entry or line.domain:
        return None
    before, now = entry.entry.names.get(name), call.entry.names.get(name)
    if not name.isidentifier() or before is None or now is None or _same(before, now):
        return None
    claims = (each for each in meanings.claims if each.kind == "line" and not each.excuse)
    made = (found for each in claims if (found := assignment(each.formula)))
    if any(identity(target) == identity(symbol) for target, _ in made):
        return None  # a formula says what it becomes
    methods = {"method": call.function.name, "entry": entry.function.name}
    return Reason("handed-on", {"symbol": to_text(symbol), "name": name, **methods})


def _is_of_its_own(claim: Claim, owner: type, meanings: Meanings) -> bool:
    """Whether an object is of the class of a claim, and of none that extends it."""
    name = claim.scope.name.split(".")[0]
    runs = meanings.running(owner)[:1]
    return Scope(claim.path, name) in runs or Scope(claim.path, name) not in meanings.notation.bases


def _rebound(
    claim: Claim, symbol: Symbol, line: Meaning, place: Environment, call: Call, meanings: Meanings
) -> Reason | None:
    """That an argument is not what it was when the method began, and no formula says how."""
    name = root(line.code)
    is_memory = name in place.step.roots or name in place.now.memory
    if line.at_entry or is_memory or "." in name:
        return None
    try:
        before, now = run(line.code, call.entry.names), place.run(line.code)
    except NotThere:
        return None
    if before is None or before is now or _same(before, now):
        return None
    changes = [number for number, bound in claim.bound if bound == name]
    said = {row for row in changes if _is_said(row, symbol, claim, meanings)}
    if changes and said == set(changes):
        return None
    number = next((row for row in changes if row not in said), claim.line)
    return Reason("rebound", {"symbol": to_text(symbol), "name": name, "line": number})


def _is_said(line: int, symbol: Symbol, claim: Claim, meanings: Meanings) -> bool:
    """Whether a formula beside a line says what a symbol becomes there."""
    for each in meanings.claims:
        found = assignment(each.formula) if each.path == claim.path else None
        is_beside = each.kind == "line" and line in each.lines and not each.excuse
        if found and is_beside and identity(found[0]) == identity(symbol):
            return True
    return False


def _around(line: Meaning, meanings: Meanings) -> Iterator[Meaning]:
    """The lines of lists in scopes around that explain the same symbol by other code."""
    inner = line.scope
    for other in meanings.notation.meanings:
        outer = other.scope
        beginning = f"{outer.name}." if outer.name else ""
        is_outer = outer.path == inner.path and f"{inner.name}.".startswith(beginning)
        if is_outer and outer != inner and other.code not in ("", line.code):
            is_same_time = (other.back, other.at_entry) == (line.back, line.at_entry)
            if is_same_time and other.key == line.key:
                yield other


def _shadowed(line: Meaning, place: Environment, around: Sequence[Meaning]) -> Reason | None:
    """That a list gives a symbol a value that it has not by the list of a scope around."""
    for other in around:
        if place.holds(other.guard) and not _ever_same(line, other, place):
            lines = {"line": line.line, "other": other.line}
            return Reason("shadowed", {"symbol": to_text(line.symbol), **lines})
    return None


def _ever_same(line: Meaning, other: Meaning, place: Environment) -> bool:
    """Whether two lines give the same at some point of a step, or one of them nothing."""
    if not exists(line.code, place.now.names):
        return True
    value = run(line.code, place.now.names)
    moments = [place.now, place.step.entry, place.step.exit]
    found = [run(other.code, each.names) for each in moments if each and _has(other, each.names)]
    return not found or any(_same(value, each) for each in found)


def _has(line: Meaning, names: Mapping[str, Any]) -> bool:
    return exists(line.code, names) and run(line.code, names) is not None


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same numbers, in whatever shape."""
    if one is other:
        return True
    try:
        a, b = np.asarray(one, np.float64).ravel(), np.asarray(other, np.float64).ravel()
    except (TypeError, ValueError):
        return equal(one, other)
    return bool(np.array_equal(a, b, equal_nan=True))
