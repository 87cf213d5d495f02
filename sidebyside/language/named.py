"""
# What names code gives a meaning

The functions and classes of a file, its variables, and those of its functions; and which names may
stand for one thing or another.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sidebyside.probing.trees import nodes_of

__all__ = ["NAMED", "Names", "defined", "generators", "names_of", "stated", "stored", "stored_in"]

NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Names:
    """
    The names of a file: of functions and classes, of variables, and of those in functions.

    Those are `ambiguous` that may stand for one thing or another.
    """

    defined: frozenset[str]
    variables: frozenset[str]
    scopes: tuple[tuple[int, int, frozenset[str]], ...]
    ambiguous: frozenset[str]


@lru_cache(maxsize=64)
def names_of(tree: ast.AST) -> Names:
    functions = [node for node in nodes_of(tree) if isinstance(node, _FUNCTION_NODES)]
    scopes = [(each.lineno, each.end_lineno or 0, _own(each)) for each in functions]
    everywhere = {n for each in nodes_of(tree) if isinstance(each, ast.Global) for n in each.names}
    methods = {n for c in nodes_of(tree) if isinstance(c, ast.ClassDef) for n in c.body}
    known = [node.name for node in defined(tree) if node not in methods]
    loose = {*stored(tree), *everywhere}
    names = frozenset(known) - loose, frozenset(loose)
    return Names(*names, tuple(scopes), frozenset(_ambiguous(tree)))


def _ambiguous(tree: ast.AST) -> Iterator[str]:
    """The names that a module gives a meaning more than once."""
    seen: set[str] = set()
    for name in _given(tree):
        if name in seen:
            yield name
        seen.add(name)


def _given(tree: ast.AST) -> Iterator[str]:
    """The names that a module gives a meaning, each as often as it does."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef(name, decorator_list=[]) | ast.ClassDef(name):
                yield name
            case ast.Import() | ast.ImportFrom():
                yield from (each.asname or each.name for each in node.names)
            case ast.Name(name, ast.Store()):
                yield name
            case ast.If(test) if "TYPE_CHECKING" in ast.unparse(test):
                continue
            case ast.FunctionDef() | ast.Lambda() | ast.AsyncFunctionDef():
                continue
            case ast.comprehension():
                continue
            case _:
                yield from _given(node)


def stored_in(function: ast.AST) -> set[str]:
    nodes = nodes_of(function)
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _own(function: ast.AST) -> frozenset[str]:
    """The arguments and variables of a function."""
    nodes = [*nodes_of(function)]
    found = stored_in(function)
    found |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    return frozenset(found - {n for g in nodes if isinstance(g, ast.Global) for n in g.names})


def stored(tree: ast.AST) -> Iterator[str]:
    """The variables of a module, and of its classes."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, _FUNCTION_NODES):
            yield from stored(node)


@lru_cache(maxsize=64)
def defined(tree: ast.AST) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, ...]:
    return tuple(node for node in nodes_of(tree) if isinstance(node, NAMED))


@lru_cache(maxsize=64)
def stated(tree: ast.AST) -> frozenset[str]:
    """What the bodies of classes give a value, or a type."""
    classes = [node for node in defined(tree) if isinstance(node, ast.ClassDef)]
    return frozenset(name for each in classes for line in each.body for name in stored(line))


@lru_cache(maxsize=64)
def generators(tree: ast.AST) -> frozenset[str]:
    yields = (ast.Yield, ast.YieldFrom)
    return frozenset(
        node.name
        for node in defined(tree)
        if any(isinstance(inside, yields) for inside in nodes_of(node))
    )
