"""
# What only chance brings about

Two numbers with a fraction that depend on the inputs are equal by chance only. Code that asks
whether they are, looks one up in a dictionary, or keeps them in a set, does one thing in nearly all
runs, and nobody sees the other. So does code that makes a number of a text, which was rounded to
some digits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from sidebyside.probing.decisions import Decision, can_be_asked
from sidebyside.probing.properties import attributes_in, compiled
from sidebyside.probing.trees import nodes_of

__all__ = ["coincidences"]

_YES = frozenset({True})
_CHOSEN = ("max", "min", "amax", "amin", "maximum", "minimum")


def coincidences(file: str, tree: ast.AST) -> Iterator[Decision]:
    """Yield what decides by chance, each with the line in which the code comes to it."""
    for statement in nodes_of(tree):
        if not isinstance(statement, ast.stmt) or isinstance(statement, ast.ClassDef):
            continue
        test = getattr(statement, "test", None)
        is_work = isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return)
        is_work = is_work or isinstance(statement, ast.Expr)
        test = statement.iter if isinstance(statement, ast.For) else test
        for node in nodes_of(statement if is_work else test) if is_work or test else ():
            for key, asked, ask in _asked(tree, node):
                is_pair = key in ("coincidence", "float-key")
                if can_be_asked(asked) and not (is_pair and _is_handed_on(tree, asked)):
                    text, known = ast.unparse(asked), attributes_in(asked)
                    yield Decision(
                        file, statement.lineno, ast.unparse(node), compiled(text), key, ask,
                        frozenset(), _YES, asked=text, attributes=known,
                    )  # fmt: skip


def _asked(tree: ast.AST, node: ast.AST) -> Iterator[tuple[str, ast.expr, Any]]:
    """What is asked about a piece of code."""
    match node:
        case ast.Compare(left, [ast.Eq() | ast.NotEq()], [right]):
            if not any(_is_fixed(tree, each) for each in (left, right)):
                yield "coincidence", _pair(left, right), _are_floats
        case ast.Compare(left, [ast.In() | ast.NotIn()], [right]):
            if not _is_constant(left):
                yield "float-key", _pair(right, left), _is_float_key
            yield "part-of-text", right, lambda value: {isinstance(value, str)}
        case ast.Compare(left, [ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], [_]):
            yield "part-of-text", left, _is_text
        case ast.Call(ast.Name("max" | "min" | "sorted"), [first, *_]):
            yield "part-of-text", first, _is_text
        case ast.Subscript(value, ast.Constant(int()) | ast.Slice() | ast.UnaryOp()):
            yield "part-of-text", value, _is_text
        case ast.Subscript(value, key) if not _is_constant(key) and not isinstance(key, ast.Slice):
            yield "float-key", _pair(value, key), _is_float_key
        case ast.Call(ast.Attribute(value, name), [key, *_]) if name in _LOOK_UPS:
            if not _is_constant(key):
                yield "float-key", _pair(value, key), _is_float_key
        case ast.Set(elements):
            yield "float-set", ast.Tuple(elements, ast.Load()), _holds_floats
        case ast.Call(ast.Name("set" | "frozenset"), [ast.Name() | ast.Attribute() as value], []):
            yield "float-set", value, _holds_floats
        case ast.Dict(keys):
            varying: list[ast.expr] = [key for key in keys if key and not _is_constant(key)]
            if varying:
                yield "float-set", ast.Tuple(varying, ast.Load()), _holds_floats
        case ast.Call(ast.Name("str" | "repr"), [value]):
            yield "read-text", value, _is_number
        case ast.FormattedValue(value, _, spec) if spec is not None:
            yield "read-text", value, _is_number
        case ast.FormattedValue(value):
            yield "read-text", value, lambda each: {_is_float(each)}


_LOOK_UPS = ("get", "pop", "setdefault", "index", "count", "remove", "discard")


def _pair(one: ast.expr, other: ast.expr) -> ast.Tuple:
    return ast.Tuple([one, other], ast.Load())


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    )


def _is_fixed(tree: ast.AST, node: ast.expr) -> bool:
    """Whether code is a setting, a number that is written down, or chosen among others."""
    match node:
        case ast.Attribute(ast.Name("self"), name):
            return name not in _changing(tree)
        case ast.Subscript(ast.Name("group"), ast.Constant()):
            return True
        case ast.Call(ast.Name(name) | ast.Attribute(attr=name)) if name in _CHOSEN:
            return True
    return _is_constant(node)


@lru_cache(maxsize=128)
def _changing(tree: ast.AST) -> frozenset[str]:
    """The attributes that get a value elsewhere than in a constructor."""
    functions = (node for node in nodes_of(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(
        node.attr
        for function in functions
        if function.name != "__init__"
        for node in nodes_of(function)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    )


def _is_handed_on(tree: ast.AST, asked: ast.expr) -> bool:
    """Whether one of two things is an argument as it was given, which code may well know again."""
    around = [f for f in nodes_of(tree) if isinstance(f, ast.FunctionDef) and _holds(f, asked)]
    if not around or not isinstance(asked, ast.Tuple) or len(asked.elts) != 2:
        return False
    given = _given(around[-1])
    one, other = asked.elts
    keys = other.elts if isinstance(other, ast.Tuple) else [other]
    names = [each.id for each in keys if isinstance(each, ast.Name)]
    if isinstance(one, ast.Name) and not names:
        names, keys = [one.id], [one]
    return len(names) == len(keys) and {*names} <= given


@lru_cache(maxsize=512)
def _given(function: ast.FunctionDef) -> frozenset[str]:
    """The arguments of a function that it leaves as they are, also under a second name."""
    names = [node for node in nodes_of(function) if isinstance(node, ast.Name)]
    stored = [node.id for node in names if isinstance(node.ctx, ast.Store)]
    given = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)} - {*stored}
    for node in nodes_of(function):
        match node:
            case ast.Assign([ast.Name(name)], ast.Name(value)) if value in given:
                given |= {name} if stored.count(name) == 1 else set()
    return frozenset(given)


def _holds(function: ast.FunctionDef, node: ast.AST) -> bool:
    line = min((getattr(n, "lineno", 0) for n in ast.walk(node) if hasattr(n, "lineno")), default=0)
    return function.lineno <= line <= (function.end_lineno or 0)


def _is_float(value: Any) -> bool:
    kind = getattr(value, "dtype", None)
    if kind is not None:
        return "float" in str(kind) or "complex" in str(kind)
    return isinstance(value, float | complex)


def _are_floats(values: tuple[Any, Any]) -> set[bool]:
    """Whether both of two values are numbers with a fraction."""
    return {all(map(_is_float, values))}


def _is_float_key(pair: tuple[Any, Any]) -> set[bool]:
    """Whether a number with a fraction, or several things with one, is looked up."""
    keys = pair[1] if isinstance(pair[1], tuple) else (pair[1],)
    is_table = isinstance(pair[0], dict | set | frozenset | list | tuple)
    return {is_table and any(isinstance(key, float | complex | np.floating) for key in keys)}


def _holds_floats(values: Any) -> set[bool]:
    """Whether there are numbers with a fraction among some."""
    if _is_float(values):
        return {True}
    return {isinstance(values, list | tuple | set | dict) and any(map(_is_float, values))}


def _is_number(value: Any) -> set[bool]:
    """Whether a value is a number."""
    return {_is_float(value) or (isinstance(value, int) and not isinstance(value, bool))}


def _is_text(value: Any) -> set[bool]:
    """Whether a value is a text, or begins with one."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    return {isinstance(first, str)}
