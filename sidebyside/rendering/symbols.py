"""
# Symbols in code

Where a formula says `β₁`, the line beside it says `beta1`. Who points at one of them sees both:
here the names and expressions of a function are found that stand for symbols of the page. What is
said comes first, then what can be read from the code, and the spelling last:

* a notation list says that `mₜ` is `state["exp_avg"]`, or that `gₜ` is `grad`
* `beta1, beta2 = group["betas"]` gives two names to what a list speaks of
* `rho_inf` is how one spells `ρ_∞`
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from sidebyside.source.notation import RETURN_NAME, Meaning, Notation, Scope, python_of
from sidebyside.source.sections import Module

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Found: TypeAlias = tuple[ast.expr | ast.arg, str]
# What may stand for a symbol. Any other expression is made of these.
_PLACES = (ast.Name, ast.Subscript, ast.Attribute)


@dataclass(frozen=True, order=True)
class Spot:
    """A piece of a line of code, and the symbol that it stands for, by its identity."""

    line: int
    start: int
    end: int
    symbol: str


def spots(module: Module, notation: Notation) -> list[Spot]:
    """Where symbols of the page stand in the functions of a module."""
    lines = [line.text for line in module.lines]
    found = []
    for name, function in _functions(ast.parse(module.text)):
        meanings = _meanings(notation, notation.scopes(Scope(module.path, name)))
        for node, symbol in _found(function, meanings):
            if node.lineno == node.end_lineno:
                line = lines[node.lineno - 1].encode()
                end = node.end_col_offset or 0
                if isinstance(node, ast.arg):  # without its annotation
                    end = node.col_offset + len(node.arg.encode())
                start, end = (len(line[:column].decode()) for column in (node.col_offset, end))
                found.append(Spot(node.lineno, start, end, symbol))
    return sorted(found)


def _functions(tree: ast.AST, around: str = "") -> Iterator[tuple[str, _Function]]:
    """The functions of a module and of its classes, by their qualified names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _Function):
            yield around + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{around}{node.name}.")
        elif isinstance(node, ast.If | ast.Try):
            yield from _functions(node, around)


def _meanings(notation: Notation, scopes: Iterable[Scope]) -> list[Meaning]:
    """What is said in some scopes, the innermost first; what holds only at times comes last."""
    said = {scope: [m for m in notation.meanings if m.scope == scope] for scope in scopes}
    found = [meaning for scope in said for meaning in said[scope]]
    return sorted(found, key=lambda meaning: bool(meaning.guard))


def _found(function: _Function, meanings: list[Meaning]) -> Iterator[Found]:
    """The pieces of a function's code that stand for symbols."""
    places: dict[str, str] = {}
    for meaning in meanings:
        if meaning.code and RETURN_NAME not in (code := python_of(meaning.code)):
            places.setdefault(_written(ast.parse(code, mode="eval").body), meaning.key)
    known = {**_spelled(function, meanings), **_named(function, places), **places}
    yield from _places(function, known)


def _places(node: ast.AST, places: dict[str, str]) -> Iterator[Found]:
    """The outermost pieces of code that are one of these places."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.arg) and child.arg in places:
            yield child, places[child.arg]
        elif isinstance(child, _PLACES) and (symbol := places.get(_written(child))):
            yield child, symbol
        else:
            yield from _places(child, places)


def _named(function: _Function, places: dict[str, str]) -> dict[str, str]:
    """Names that stand for one of these places wherever they are given a value."""
    stored = Counter(_own(function, ast.Name))
    given: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for name, value in (pair for each in node.targets for pair in _pairs(each, node.value)):
                given.setdefault(name, []).append(places.get(_written(value), ""))
    return {
        name: symbols[0]
        for name, symbols in given.items()
        if symbols[0] and symbols == stored[name] * symbols[:1]
    }


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The names that an assignment gives, each with what it is given to."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and not any(isinstance(e, ast.Starred) for e in target.elts):
        parts: list[ast.expr]
        parts = [ast.Subscript(value, ast.Constant(n)) for n in range(len(target.elts))]
        if isinstance(value, ast.Tuple) and len(value.elts) == len(parts):
            parts = value.elts
        for part, of in zip(target.elts, parts, strict=True):
            yield from _pairs(part, of)


def _spelled(function: _Function, meanings: Iterable[Meaning]) -> dict[str, str]:
    """The function's own names that are spelled as a symbol is."""
    spelled: dict[str, str] = {}
    for key in dict.fromkeys(meaning.key for meaning in meanings):
        short = key.replace("infinity", "inf")
        for name in (short.replace("-", "_"), short.replace("-", "")):
            spelled.setdefault(name, key)
    own = {*_own(function, ast.Name), *_own(function, ast.arg)}
    return {name: symbol for name, symbol in spelled.items() if name in own}


def _own(function: _Function, kind: type[ast.AST]) -> Iterator[str]:
    """The arguments of a function, or each name that it gives a value to."""
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and kind is ast.arg:
            yield node.arg
        elif isinstance(node, ast.Name) and kind is ast.Name and isinstance(node.ctx, ast.Store):
            yield node.id


def _written(node: ast.expr) -> str:
    """An expression as text, the same wherever it stands."""
    return ast.unparse(node)
