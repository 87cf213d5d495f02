"""
# Sentences and inequalities, over runs on symbols

A formula with `=` beside code is proved by comparing it in runs on symbols. So may be what a
sentence says of a step, and an inequality: they are looked at in the same runs, at the moments at
which they were compared with numbers. An inequality has to follow from how the run answered the
comparisons of its code. Here, both sides may be formulas. So each of their parts has to have a
value.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import sympy

from sidebyside.algebra.agreement import is_bound
from sidebyside.algebra.defined import Needs
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.signs import NONZERO
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import symbols_of
from sidebyside.judging.checker import Checker, Moment
from sidebyside.judging.statements import occasions, places, sides_of
from sidebyside.judging.verdicts import Reasons, Verdict
from sidebyside.proving.poles import is_shown
from sidebyside.proving.proofs import Found, SymbolicRun, proof
from sidebyside.reasons import Reason


def may_be_proved(verdict: Verdict) -> bool:
    """Whether a statement or an inequality was compared with runs, and held in all of them."""
    claim = verdict.claim
    if verdict.status != "tried" or not verdict.times or claim.formula is None:
        return False
    if any(each.key == "where" for each in verdict.reasons):  # else it does not hold
        return False
    return claim.kind == "statement" or is_bound(claim.formula)


def of_runs(
    verdict: Verdict, numbers: Checker, symbols: Checker, runs: Sequence[SymbolicRun]
) -> tuple[list[Found], Reasons]:
    """
    Return what has to agree in runs on `symbols`, and for what that is proved.

    It was compared in those with `numbers`, and has to be proved for the same configurations.
    """
    claim = verdict.claim
    as_if = _as_compared(verdict, numbers)
    labels = {each.recording.label for each in numbers.moments(as_if)}
    run_of = {id(run.recording): run for run in runs}
    found = list(_found(claim, as_if, symbols, run_of))
    own = {to_text(each) for each in symbols_of(claim.formula)} if claim.formula else set()
    return found, proof(found, runs, len(labels), own)


def _as_compared(verdict: Verdict, checker: Checker) -> Claim:
    """A claim of the kind that a statement was compared as."""
    if verdict.claim.kind != "statement":
        return verdict.claim
    all_ = occasions(verdict.claim, checker)
    return next(as_if for held, as_if in all_ if held in verdict.reasons)


def _found(
    claim: Claim, as_if: Claim, checker: Checker, runs: Mapping[int, SymbolicRun]
) -> Iterator[Found]:
    words, its = checker.meanings.words(claim), Needs()

    def is_known(moment: Moment, run: SymbolicRun) -> bool:
        has_values = all(is_shown(each, run, ()) for each in its.taken())
        return has_values and is_any_call(moment, run, words)

    if claim.kind != "statement":
        for moment, found in checker.comparisons(claim, its):
            known = is_known(moment, runs[id(moment.recording)])
            yield moment, found if known else NoValue("a part may have none")
        return
    for moment, place in places(claim, as_if, checker, False, its):
        try:
            sides = list(sides_of(claim.formula, place, its))
            if not is_known(moment, runs[id(moment.recording)]):
                raise NoValue("a part may have none")
            yield from ((moment, each) for each in sides)
        except NoValue as error:
            yield moment, error


def is_any_call(moment: Moment, run: SymbolicRun, words: Set[str]) -> bool:
    """
    Whether a call was one with any arguments, or one that nobody else makes.

    An argument is any number if it is a symbol that nothing else depends on, or a sum with one.
    `words` are the names and keys in the code that the symbols of a claim stand for.
    """
    call, entry = moment.call, moment.step.call
    if call is None or call is entry or call.function.name.rpartition(".")[2].startswith("_"):
        return True
    before, now = entry.entry.names, call.entry.names
    arguments = _arguments(moment)
    if arguments is None:
        return False
    values = {name: now[name] for name in arguments if isinstance(now.get(name), sympy.Expr)}
    others = [name for name in arguments if name in now and name not in values]
    # What a caller has under another name, nobody sees in the function.
    seen = {n: v for n, v in now.items() if n in arguments or n in words or n not in before}
    return all(name in before and now[name] == before[name] for name in others) and all(
        _is_free(value, _symbols({n: v for n, v in seen.items() if n != name}), run)
        for name, value in values.items()
    )


def fixed_argument(moment: Moment) -> Reason | None:
    """
    Return that an argument was no symbol when a method of a class was called.

    It was a number, or no list speaks of it: other callers may give another one.
    """
    call = moment.call
    if call is None or call is moment.step.call or "." not in call.function.name:
        return None
    names, now = list(_arguments(moment) or ())[1:], call.entry.names
    for name in names:
        if name not in now:
            return Reason("unproved-depends", {"code": name})
        if type(now[name]) in (int, float):
            return Reason("unproved-number", {"code": name})
    return None


def _arguments(moment: Moment) -> Sequence[str] | None:
    """The names of the arguments of what was called; None if nobody knows."""
    assert moment.call is not None
    owner = moment.recording.owner
    scope, _, name = moment.call.function.name.rpartition(".")
    homes = owner.__mro__ if scope else (sys.modules.get(owner.__module__),)
    for home in homes:
        if not scope or getattr(home, "__qualname__", "") == scope:
            code = getattr(inspect.unwrap(getattr(home, name, None) or id), "__code__", None)
            return code and code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return None


def _is_free(value: sympy.Expr, taken: Set[sympy.Symbol], run: SymbolicRun) -> bool:
    """Whether a value is any number, whatever those are that depend on symbols that are taken."""
    if value.is_Symbol:
        return value not in taken
    for symbol in value.free_symbols - taken - run.numbers.keys():
        slope = value.diff(symbol)
        if symbol not in slope.free_symbols and run.signs(slope) <= NONZERO:
            return True
    return False


def _symbols(value: Any) -> Set[sympy.Symbol]:
    """The symbols in a value, and in its parts."""
    if isinstance(value, sympy.Expr):
        return set(value.free_symbols)
    parts = value.values() if isinstance(value, Mapping) else value
    if not isinstance(parts, Iterable) or isinstance(parts, str):
        parts = vars(value).values() if hasattr(value, "__dict__") else ()
    return {symbol for part in parts for symbol in _symbols(part)}
