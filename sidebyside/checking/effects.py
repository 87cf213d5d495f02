"""
# Code that had no effect

An `abs(x)` where x is never negative, a `//` that never rounds, and a condition that is true in all
runs do something that no run has seen, and that no formula was compared with. They are looked for
in the code beside a formula; a configuration in which they have an effect is all it takes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sidebyside.trace.code import NotThere, run

__all__ = ["Choice", "above", "choices", "idle"]

Kind = Literal["sign", "whole", "below", "truth", "count"]


@dataclass(frozen=True)
class Choice:
    """
    A piece of code that does one thing or another, as a number decides: its `sign`, whether it is
    `whole`, whether it lies `below` 1, its `truth`, or a `count` of what there is.
    """

    code: str
    number: str
    kind: Kind


def choices(statements: Sequence[ast.stmt]) -> Iterator[Choice]:
    """Yield the choices in some statements, as far as they hang on what was there before."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    changed = {name for node in nodes for name in _changed(node)}
    for choice in (choice for node in nodes for choice in _choice(node)):
        tree = ast.parse(choice.number)
        if not changed & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
            yield choice


def _changed(node: ast.AST) -> Iterator[str]:
    """The variables that a piece of code binds or changes in place."""
    match node:
        case ast.Name(name, ast.Store()) | ast.keyword("out", ast.Name(name)):
            yield name
        case ast.Call(ast.Attribute(ast.Name(name), method)) if method.endswith("_"):
            yield name


_SIGNS = ("abs", "fabs", "absolute", "relu", "sign", "copysign", "heaviside")
_WHOLE = ("round", "floor", "ceil", "trunc", "rint", "fix", "int")
_PAIRS = ("max", "min", "maximum", "minimum", "fmax", "fmin", "clamp_min", "clamp_max")
_REST = ("mod", "fmod", "remainder", "divmod")
_BOUNDS = ("clip", "clamp", "clip_", "clamp_")


def _choice(node: ast.AST) -> Iterator[Choice]:
    match node:
        case ast.BinOp(left, ast.FloorDiv(), right):
            yield Choice(ast.unparse(node), f"({_text(left)}) / ({_text(right)})", "whole")
        case ast.BinOp(left, ast.RShift(), right):
            yield Choice(ast.unparse(node), f"({_text(left)}) / 2 ** ({_text(right)})", "whole")
        case ast.Compare(ops=[op, *_]) if not isinstance(op, ast.Is | ast.IsNot):
            yield Choice(ast.unparse(node), ast.unparse(node), "truth")
        case ast.BoolOp(values=[first, *_]):
            yield Choice(_text(first), _text(first), "truth")
        case ast.Call(ast.Name("len"), [_]):
            yield Choice(ast.unparse(node), ast.unparse(node), "count")
        case ast.Attribute(_, "size" | "shape" | "ndim", ast.Load()):
            yield Choice(ast.unparse(node), ast.unparse(node), "count")
        case ast.BinOp(left, ast.Mod(), right) if not isinstance(left, ast.Constant):
            yield Choice(ast.unparse(node), f"({_text(left)}) / ({_text(right)})", "below")
        case ast.IfExp(test) | ast.If(test) | ast.While(test):
            yield Choice(_text(test), _text(test), "truth")
        case ast.Call(func, arguments, keywords):
            name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
            if isinstance(func, ast.Attribute) and not _is_module(func.value):
                arguments = [func.value, *arguments]
            named = [word.value for word in keywords if word.arg in ("min", "max")]
            yield from _call(name, ast.unparse(node), [*arguments, *named])


def _call(name: str, text: str, arguments: Sequence[ast.expr]) -> Iterator[Choice]:
    first = _text(arguments[0]) if arguments else ""
    match name, len(arguments):
        case name, 1 if name in _SIGNS:
            yield Choice(text, first, "sign")
        case name, 1 if name in _WHOLE:
            yield Choice(text, first, "whole")
        case "round", 2:
            yield Choice(text, f"({first}) * 10 ** ({_text(arguments[1])})", "whole")
        case name, 2 if name in _REST:
            yield Choice(text, f"({first}) / ({_text(arguments[1])})", "below")
        case name, _ if name in _BOUNDS:
            for bound in arguments[1:]:
                yield Choice(text, f"({first}) - ({_text(bound)})", "sign")
        case name, 2 if name in _PAIRS:
            yield Choice(text, f"({first}) - ({_text(arguments[1])})", "sign")
        case "where", 3:
            yield Choice(first, first, "truth")


def _text(node: ast.expr) -> str:
    return ast.unparse(node)


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "torch", "math", "F")


def above(function: ast.AST, first: int) -> Iterator[int]:
    """
    Yield the lines above another one of a function that may run before it.

    Not those in another branch, nor in one that ends by leaving.
    """
    for body in _bodies(function):
        inside = any(each.lineno <= first <= (each.end_lineno or 0) for each in body)
        leaves = body and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
        siblings = [each for each in _bodies(function) if each is not body]
        elsewhere = any(s.lineno <= first <= (s.end_lineno or 0) for b in siblings for s in b)
        if not inside and (leaves or (elsewhere and isinstance(function, ast.If))):
            continue
        for statement in body:
            if statement.lineno < first and isinstance(statement, _SIMPLE):
                yield statement.lineno
            elif statement.lineno < first and not isinstance(statement, _DEFINITIONS):
                yield from above(statement, first)


_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body:
            yield body
    for handler in getattr(node, "handlers", ()):
        yield handler.body


def idle(found: Sequence[Choice], moments: Sequence[Mapping[str, Any]]) -> str:
    """Return what a piece of code does in all runs, if it does one thing only; empty if none."""
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
                return (
                    f"`{choice.code}` is {way} in all runs, and no symbol says how many there are"
                )
            if choice.kind == "truth":
                return f"`{choice.code}` is {'true' if way else 'false'} in all runs"
            if choice.kind == "sign" or way:
                return f"`{choice.code}` has one and the same effect in all runs"
    return ""


def _ways(kind: Kind, value: Any) -> set[Any]:
    """Which ways a number, or the elements of an array, decide."""
    if kind == "count":
        return {value}
    if kind == "whole" and isinstance(value, int):
        return set()  # it counts something
    array = np.asarray(value, np.float64)
    if kind == "truth":
        decided = array != 0
    elif kind == "whole":
        decided = array == np.rint(array)
    elif kind == "below":
        decided = (array >= 0) & (array < 1)
    else:
        decided = array[array != 0] > 0
    return {bool(each) for each in np.unique(decided)}
