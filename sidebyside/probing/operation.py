"""
# One operation, tried once more

`abs(p)` where p is never negative, `np.sort(v)` where v is sorted already, `v[:5]` of three
numbers: each leaves what it is given as it is, in every run. What it does to other numbers no
formula was compared with. So an operation is tried once more, while the code runs, on the same
operands: one that has not returned something else in any run has had no effect.

Only what changes nothing is called a second time: functions of mathematics, and slices.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from types import CodeType, FrameType
from typing import Any

import numpy as np

from sidebyside.probing.effects import EFFECT, alike, numbers, share_of
from sidebyside.probing.properties import Attributes, attributes_in, compiled, reads_property
from sidebyside.probing.pure import ARITHMETIC, BOUNDED, CONVERSIONS, METHODS, is_method, is_pure
from sidebyside.probing.trees import nodes_of, tree_of

__all__ = ["Operation", "numbers_of", "operations_of"]

ENORMOUS = 1e45
_SUMS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(eq=False)
class Operation:
    """
    A piece of code, and the operands or bounds that its value was equal to whenever it ran.

    `tried` tells whether it ever had a value. What changes a number by less than a share, `effect`,
    leaves it as it is.
    """

    file: str
    line: int
    text: str
    code: CodeType
    calls: tuple[CodeType, ...]
    operands: dict[str, CodeType]
    is_sum: bool = False  # or a product
    is_arithmetic: bool = False  # the same, or a method such as `mul`
    is_zero: bool | None = None  # whether its value was always 0, where its operands were not
    tried: bool = False
    was_idle: bool = False  # in the runs that an author chose
    effect: float = EFFECT
    attributes: Attributes = ()
    terms: tuple[CodeType, ...] = ()  # of a sum, which may be a small difference of large ones

    def __post_init__(self) -> None:
        self.known = self.operands  # all that it may be equal to

    @property
    def is_open(self) -> bool:
        """Whether it may still be found to have no effect."""
        return bool(self.operands) or self.is_zero is True

    @property
    def always(self) -> str:
        """What its value was in all runs, if it was one thing."""
        return "0" if self.is_zero else next(iter(self.operands), "")

    def look(self, frame: FrameType, seen: Mapping[str, Any]) -> None:
        """Try it in a frame that is about to run its line; `seen` are the variables there."""
        names = (frame.f_globals, seen)
        try:
            if reads_property(self.attributes, names):
                return
            for each in self.calls:
                function = eval(each, *names)
                if not is_pure(function):
                    if not self.tried and (is_method(function) or _is_of_module(each, frame)):
                        self.operands = {}  # it never is
                    return
            operands = {text: numbers(eval(code, *names)) for text, code in self.operands.items()}
            if self.is_sum and any(each is None for each in operands.values()):
                return  # what a sum of other things is, their class says
            result = eval(self.code, *names)
            value = numbers(result)
            if value is not None and not self.is_sum:
                self.note_zero(value, operands.values())
            if value is None or not np.any(value) or np.abs(value).max() > ENORMOUS:
                return  # zero stays zero in many ways, and what is enormous swallows the rest
            share = share_of(self.effect, result)
            terms = (np.abs(numbers(eval(each, *names))) for each in self.terms)
            size = reduce(np.maximum, terms, np.float64(0))
            self.operands = {
                text: code
                for text, code in self.operands.items()
                if alike(value, operands[text], share, size, spread=self.is_sum)
            }
        except Exception:  # a name that is not there yet, or anything that the code may raise
            return
        self.tried = True

    def add(self, tried: bool, operands: Collection[str], is_zero: bool | None) -> None:
        """Take in what it was equal to in other runs; where it was never tried, nothing is told."""
        told = [each for each in (self.is_zero, is_zero) if each is not None]
        self.is_zero = all(told) if told else None
        if tried or not self.tried:
            known = self.operands if self.tried or not tried else self.known
            self.operands = {text: code for text, code in known.items() if text in operands}
        self.tried = self.tried or tried

    def note_zero(self, value: Any, operands: Iterable[Any]) -> None:
        """Take in whether a value is 0 though it is made of something else."""
        if np.any(value):
            self.is_zero = False
        elif self.is_zero is None and any(each is not None and each.any() for each in operands):
            self.is_zero = True


def operations_of(file: str) -> Iterator[Operation]:
    """The operations of a file; each has the line in which the code comes to it."""
    simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Lambda, ast.Expr)
    for node in nodes_of(tree_of(file)):
        if isinstance(node, simple):
            found = (_operation(file, node.lineno, inside) for inside in nodes_of(node))
            yield from (each for each in found if each is not None)


def _operation(file: str, line: int, node: ast.AST) -> Operation | None:
    """The operation that a piece of code is, if it is one that can be tried."""
    node = _without_effect(node)
    match node:
        case ast.Call(ast.Name(name)) if name in [each.__name__ for each in CONVERSIONS]:
            return None
        case ast.Call() if not any(each.arg in (None, "out", "inplace") for each in node.keywords):
            operands = _operands(node)
        case ast.Subscript(value=value, slice=ast.Slice(), ctx=ast.Load()):
            operands = [value]
        case ast.Attribute(value=value, attr="T" | "mT"):
            operands = [value]
        case ast.BinOp(left=ast.BinOp(op=ast.Pow()), op=ast.Pow()):
            operands = _operands(node)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            operands = [left, right]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            pairs = ((left, right), (right, left))
            operands = [one for one, other in pairs if not _is_plain(other)]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            operands = [] if _is_plain(right) else [left]
        case _:
            return None
    # The innermost first: to look at `v.mul_(2).add_`, Python would have to call `v.mul_(2)`.
    calls = [each for each in nodes_of(node) if isinstance(each, ast.Call)][::-1]
    kinds = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda, ast.Starred)
    if not operands or any(isinstance(each, kinds) for each in nodes_of(node)):
        return None
    is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, _SUMS)
    method = node.func if isinstance(node, ast.Call) else None
    adds = isinstance(method, ast.Attribute) and method.attr in ARITHMETIC
    if is_sum and any(ast.unparse(each) in ("0", "0.0") for each in operands):
        return None  # everybody sees that it has none
    texts = [ast.unparse(each) for each in operands] + _bounds(node)
    functions = tuple(compiled(ast.unparse(each.func)) for each in calls)
    codes = {text: compiled(text) for text in texts}
    text = ast.unparse(node)
    terms = tuple(compiled(ast.unparse(each)) for each in _terms(node)) if is_sum else ()
    known = attributes_in(node)
    return Operation(
        file, line, text, compiled(text), functions, codes, is_sum, is_sum or adds,
        attributes=known, terms=terms,
    )  # fmt: skip


def _is_plain(node: ast.expr) -> bool:
    """Whether a factor is a number, a variable, or has a fixed place in one."""
    match node:
        case ast.Subscript(value, ast.Constant()) | ast.Attribute(value):
            return _is_plain(value)
    return isinstance(node, ast.Constant | ast.Name)


def _without_effect(node: ast.AST) -> ast.AST:
    """What code computes that changes a number in place, without the change."""
    match node:
        case ast.AugAssign(target, op, value):
            return ast.copy_location(ast.BinOp(target, op, value), node)
        case ast.Call(ast.Attribute(value, name), arguments, keywords) if name[:-1] in METHODS:
            if name.endswith("_"):
                method = ast.Attribute(value, name[:-1], ast.Load())
                return ast.copy_location(ast.Call(method, arguments, keywords), node)
    return node


def _terms(node: ast.AST) -> Iterator[ast.AST]:
    """The terms of a sum, those of sums in it included."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from (*_terms(node.left), *_terms(node.right))
    else:
        yield node


def _bounds(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.Call):
        return []
    name = ast.unparse(node.func).rpartition(".")[2]
    return [repr(bound) for bound in BOUNDED.get(name, ())]


def _operands(node: ast.AST) -> list[ast.expr]:
    """The variables, attributes and items that a piece of code computes with."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=arguments):
            inside: Collection[ast.AST] = [value, *arguments] if name in METHODS else arguments
        case ast.Call(args=arguments):
            inside = arguments
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return [node]
        case _:
            inside = list(ast.iter_child_nodes(node))
    return [found for each in inside for found in _operands(each)]


def _is_of_module(name: CodeType, frame: FrameType) -> bool:
    """Whether a function that code calls is the same whenever a frame runs that code."""
    here = frame.f_code
    local = {*here.co_varnames, *here.co_cellvars, *here.co_freevars}
    return local.isdisjoint(name.co_names)


def numbers_of(value: Any) -> Any:
    """The same, or None where there is no telling."""
    try:
        return numbers(value)
    except Exception:  # whatever an object raises that looks like an array
        return None
