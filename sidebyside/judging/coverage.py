"""
# What is left over

Coverage in both directions. On the side of the code: lines that compute something during a step,
with neither a formula nor a reason beside them. On the side of the pages: notation lines that no
formula uses, or whose code names nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sidebyside.algebra.domain import Domain, domain_of
from sidebyside.claims.binding import Meanings
from sidebyside.claims.chunks import chunk_of, functions_of, inputs_of, value_of
from sidebyside.claims.claims import Claim
from sidebyside.formula import identity
from sidebyside.formula.tree import Formula, Symbol, assignment, constants, symbols_of
from sidebyside.judging.checker import Checker
from sidebyside.judging.environment import exists, run
from sidebyside.report import Gap
from sidebyside.settings import has_default, is_unusual
from sidebyside.source.notation import Meaning, Scope
from sidebyside.source.sections import Module
from sidebyside.trace.trace import Recording, Snapshot

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod, ast.MatMult)


def find_gaps(module: Module, meanings: Meanings, recordings: Iterable[Recording]) -> Iterator[Gap]:
    """Yield the lines of the update that nothing on the page is about."""
    reached = {function for recording in recordings for function in recording.reached}
    lines = {function.line for function in reached if function.path == module.path}
    reasons = set(_with_reasons(module, meanings.claims))
    for name, first, node in functions_of(module.tree):
        if first in lines:
            statements = [*_own_statements(node)]
            spoken_of = reasons.union(*_compared(Scope(module.path, name), statements, meanings))
            for line in (each.lineno for each in statements if _computes(each)):
                if line not in spoken_of:
                    yield Gap(line, module.lines[line - 1].text.strip())


def _with_reasons(module: Module, claims: Sequence[Claim]) -> Iterator[int]:
    """The lines below comments without a formula in a line of its own."""
    displayed = {each.block for each in claims if each.path == module.path}
    for section in module.sections:
        above = [each.number for each in section.prose]
        if section.kind == "comment" and displayed.isdisjoint(above):
            yield from chunk_of(module, section).lines


def _compared(
    scope: Scope, statements: Sequence[ast.stmt], meanings: Meanings
) -> Iterator[set[int]]:
    """The lines of what each formula of a function is compared with, and of what goes into that."""
    for claim in meanings.claims:
        if claim.scope == scope and claim.kind in ("line", "call") and claim.formula is not None:
            among = [s for s in statements if claim.kind == "call" or s.lineno in claim.lines]
            values = [_value(each) for each in among]
            needed = {*_aims(claim, values, meanings)}
            for _ in among:
                needed |= {i for s in among if _value(s) in needed for i in inputs_of(s)}
            yield {each.lineno for each in among if _value(each) in needed}


def _aims(claim: Claim, values: Sequence[str], meanings: Meanings) -> Collection[str]:
    """Which of the values that code computes a formula may be compared with."""
    found = assignment(claim.formula)
    symbols = [found[0]] if found else symbols_of(claim.formula) if claim.formula else ()
    scopes = meanings.scopes(claim.scope)
    codes = {m.code for each in symbols for m in meanings.notation.find(each, scopes) if m.code}
    if its := codes & {*values}:
        return its
    if claim.kind == "call":
        return ["return"]
    named = [each for each in values if each != "return"]
    return named[-1:] if found and codes and named else values


def _value(statement: ast.stmt) -> str:
    """What a statement computes; `u[:] = …` is about the whole of `u`."""
    return re.sub(r"\[(:|\.\.\.)\]$", "", value_of(statement))


def _own_statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The simple statements of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Expr):
            yield child
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _own_statements(child)


def _computes(statement: ast.stmt) -> bool:
    """Whether a statement does arithmetic, or changes a tensor in place."""
    return any(_is_work(node) for node in ast.walk(statement))


def _is_work(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return isinstance(op, _ARITHMETIC) and not (_is_no_number(left) or _is_no_number(right))
        case ast.AugAssign(op=op, value=value):
            return isinstance(op, _ARITHMETIC) and not _is_no_number(value)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name.endswith("_") and not name.startswith("_")
        case ast.keyword(arg="out"):
            return True
    return False


def _is_no_number(node: ast.AST) -> bool:
    """Whether it is a text or a list, which `+` makes longer."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text or isinstance(node, ast.JoinedStr | ast.List | ast.ListComp | ast.Tuple)


def unset_arguments(module: Module, recordings: Iterable[Recording]) -> Iterator[Gap]:
    """Yield the arguments of constructors that have their defaults in every configuration."""
    made = [(each.owner, each) for each in recordings if not each.families]
    for name, _, node in functions_of(module.tree):
        owned = [each for owner, each in made if f"{owner.__qualname__}.__init__" == name]
        if not owned or not str(owned[0].owner.__module__).endswith(Path(module.path).stem):
            continue
        for argument in [*node.args.args, *node.args.kwonlyargs]:
            if argument.arg != "self" and not any(_sets(each, argument.arg) for each in owned):
                yield Gap(argument.lineno, argument.arg, "no configuration sets")


def _sets(recording: Recording, name: str) -> bool:
    """Whether an argument is not the default in a recording, or has none."""
    if not has_default(recording.owner, name):
        return True
    given = {**(recording.made.arguments if recording.made else {}), **recording.arguments}
    return name in given and is_unusual(recording.owner, name, given[name])


def unused_meanings(meanings: Iterable[Meaning], checker: Checker) -> Iterator[tuple[Meaning, str]]:
    """Yield those of some notation lines that are of no use, each with what is wrong."""
    spoken = set(_spoken(checker.meanings.claims, checker.meanings.notation.meanings))
    for meaning in meanings:
        if meaning.key not in spoken and meaning.key != identity(Symbol("t")):
            yield meaning, "no formula uses this symbol; remove the line, or use it"
        elif meaning.code and meaning not in checker.used and not _is_anything(meaning, checker):
            yield meaning, f"`{meaning.code}` names nothing in any run; correct the code"


def broken_domains(meanings: Iterable[Meaning], checker: Checker) -> Iterator[tuple[Meaning, str]]:
    """Yield those of some lines with a domain that the code does not keep to in some run."""
    for meaning in meanings:
        if meaning.code and meaning.domain:
            found = (_outside(meaning, each, checker) for each in _snapshots(meaning, checker))
            problem = next(filter(None, found), None)
            if problem is not None:
                yield meaning, f"{problem}, in a run; correct the one or the other"


def _outside(meaning: Meaning, snapshot: Snapshot, checker: Checker) -> str:
    """How a symbol leaves its domain at a moment; empty if it does not."""
    assert meaning.domain is not None
    scopes = checker.meanings.scopes(meaning.scope)

    def bound(symbol: Symbol) -> float:
        lines = checker.meanings.explained(symbol, scopes)
        [number] = _numbers(lines[0].code, snapshot)
        return number

    values = _numbers(meaning.code, snapshot)
    try:
        domain = domain_of(meaning.domain, bound)[1] if values else Domain()
    except ValueError:  # what bounds it is not there yet, or many numbers
        return ""
    outside = next((each for each in values if each not in domain), None)
    if outside is None:
        return ""
    return f"`{meaning.code}` is {outside:g}, which is not in {domain}"


def _numbers(code: str, snapshot: Snapshot) -> list[float]:
    value = run(code, snapshot.names) if exists(code, snapshot.names) else ()
    try:
        return [float(each) for each in np.asarray(value, np.float64).ravel()]
    except (TypeError, ValueError):
        return []


def _spoken(claims: Iterable[Claim], meanings: Iterable[Meaning]) -> Iterator[str]:
    """The symbols of all formulas, except where a notation list introduces them."""
    introduced = {(meaning.path, meaning.line): meaning for meaning in meanings}
    for claim in claims:
        if claim.formula is None:
            continue
        meaning = introduced.get((claim.path, claim.line))
        its = meaning.symbol if meaning and _introduces(claim.formula, meaning) else None
        for symbol in (*symbols_of(claim.formula), *constants(claim.formula)):
            if symbol == its:
                continue
            yield identity(symbol)
            if symbol.index:
                yield identity(replace(symbol, index=()))


def _introduces(formula: Formula, meaning: Meaning) -> bool:
    return formula in (meaning.symbol, meaning.domain, meaning.power)


def _is_anything(meaning: Meaning, checker: Checker) -> bool:
    """Whether the code of a notation line ever has a value where its scope is at work."""
    return any(exists(meaning.code, snapshot.names) for snapshot in _snapshots(meaning, checker))


def _snapshots(meaning: Meaning, checker: Checker) -> Iterator[Snapshot]:
    """The moments at which the scope of a notation line is at work."""
    scope = meaning.scope
    for (path, name), moments in checker.calls.items():
        for moment in moments:
            in_class = scope in checker.meanings.running(moment.recording.owner)
            if in_class or (path == scope.path and name.startswith(scope.name)):
                yield moment.now
                if moment.call is not None:
                    yield moment.call.entry
