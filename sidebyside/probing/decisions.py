"""
# What decides

An `if`, a comparison, a whole division, a key that is looked up: each sends the code, or a number,
one way or another. Which ways it has gone is noted while the code runs, before each line: what is
asked has no effect, and so can be asked once more.

So can what a piece of code takes for granted: that no index comes twice, that an array has one
axis, that it lies in memory row by row.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import CodeType, FrameType
from typing import Any, TypeAlias

import numpy as np

from sidebyside.probing.properties import Attributes, attributes_in, compiled, reads_property
from sidebyside.probing.trees import nodes_of

__all__ = ["Decision", "Handler", "can_be_asked", "decisions", "handlers"]

Ask: TypeAlias = "Callable[[Any], set[bool]]"
_BOTH = frozenset({True, False})
_YES, _NO = frozenset({True}), frozenset({False})


def _truths(value: Any) -> set[bool]:
    """Which ways a value decides: an array by its elements."""
    if not isinstance(value, bool | list | tuple | str) and np.ndim(value):
        value = value.detach().cpu().numpy() if hasattr(value, "detach") else value
        return {bool(each) for each in np.unique(np.asarray(value) != 0)}
    return {bool(value)}


def _is_rows(value: Any) -> set[bool]:
    """Whether an array has more than one axis."""
    return {np.ndim(value) > 1}


def _has_rows(value: Any) -> set[bool]:
    """Whether an array has more than one axis; nothing else has axes."""
    return _is_rows(value) if hasattr(value, "ndim") else {True}


def _never(value: Any) -> set[bool]:
    """No run can show it."""
    return {False}


def _comes_twice(value: Any) -> set[bool]:
    """Whether a number comes twice among indices; nothing is said of a single index."""
    array = np.asarray(value.tolist() if hasattr(value, "tolist") else value)
    if array.dtype.kind not in "iu" or not array.ndim:
        return set()
    return {np.unique(array).size < array.size}


def _are_several(value: Any) -> set[bool]:
    """Whether there is more than one number; nothing is said of what has no length."""
    if isinstance(value, list | tuple):
        return {len(value) > 1}
    is_array = hasattr(value, "shape") or isinstance(value, int | float)
    return {math.prod(np.shape(value)) > 1} if is_array else set()


def _are_several_along(axis: int, value: Any) -> set[bool]:
    """Whether there is more than one number along an axis."""
    shape = np.shape(value) if hasattr(value, "shape") else ()
    return {shape[axis] > 1} if -len(shape) <= axis < len(shape) else _are_several(value)


def _is_in_order(value: Any) -> set[bool]:
    """Whether an array lies in memory row by row, so that it may be seen in another shape."""
    if hasattr(value, "is_contiguous"):
        return {bool(value.is_contiguous())}
    return {bool(value.flags.c_contiguous)} if hasattr(value, "flags") else {False}


def _are_of_one_length(values: Any) -> set[bool]:
    """Whether things end together."""
    return {len({len(each) for each in values}) == 1}


class _Lengths:
    """Whether there were several lengths so far."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def __call__(self, values: Any) -> set[bool]:
        self.seen.add(len(values[0]))
        return {len(self.seen) > 1}


@dataclass(eq=False)
class Decision:
    """
    A piece of code that decides which way the code goes on, and the `ways` it has decided.

    One that no reading of names can answer has none. `key` says what kind it is, `asked` what is
    asked, `needed` which ways must have been seen, and `never` which must not; `own` are those of
    the runs that an author chose.
    """

    file: str
    line: int
    text: str
    code: CodeType
    key: str = "decision"
    ask: Ask = _truths
    needed: frozenset[bool] = _BOTH
    never: frozenset[bool] = frozenset()
    ways: set[bool] = field(default_factory=set)
    own: frozenset[bool] = frozenset()
    asked: str = ""
    attributes: Attributes = ()

    @property
    def is_open(self) -> bool:
        """Whether there are ways that were not seen so far."""
        return bool(self.never) or not self.ways >= self.needed

    def is_shown(self, ways: Collection[bool]) -> bool:
        """Whether some ways are all that must have been seen, if any was."""
        return not ways or (self.needed.issubset(ways) and self.never.isdisjoint(ways))

    def look(self, frame: FrameType, seen: dict[str, Any]) -> None:
        """Take in how it decides in a frame that is about to run its line."""
        try:
            if reads_property(self.attributes, (frame.f_globals, seen)):
                return
            self.ways |= self.ask(eval(self.code, frame.f_globals, seen))
        except Exception:  # a name that is not there yet, or anything that the code may raise
            return

    def seen(self) -> tuple[set[bool], set[int]]:
        """Return the ways, and the lengths where it is about lengths."""
        return self.ways, self.ask.seen if isinstance(self.ask, _Lengths) else set()

    def add(self, ways: set[bool], lengths: set[int]) -> None:
        """Take in what was seen of it in other runs."""
        self.ways |= ways
        if isinstance(self.ask, _Lengths):
            self.ask.seen |= lengths
            self.ways |= {True} if len(self.ask.seen) > 1 else set()


@dataclass(eq=False)
class Handler:
    """
    Code that runs only where something is raised, and whether it `ran`.

    The lines `inside` are those of a `with suppress(…)`: what is raised there ends it. Those that
    it `guards` are the ones that may raise.
    """

    file: str
    line: int
    text: str
    inside: range = range(0)
    guards: range = range(0)
    ran: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it has not run so far."""
        return not self.ran

    def look(self, frame: FrameType, seen: dict[str, Any]) -> None:
        """Take note that it is about to run."""
        self.ran = self.ran or not self.inside


# What can be asked a second time.
_ASKED = (
    *("ceil", "floor", "round", "sqrt", "str", "trunc"),
    *("abs", "all", "allclose", "any", "array_equal", "bool", "dim", "equal", "float", "get"),
    *("int", "is_complex", "is_contiguous", "is_floating_point", "is_grad_enabled", "isclose"),
    *("isfinite", "isinf", "isinstance", "isnan", "item", "len", "max", "min", "norm", "numel"),
    *("size", "sum"),
)
_WORK = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)
# What makes one number, or fewer, of those along an axis.
_ALONG = (
    *("amax", "amin", "argmax", "argmin", "cumsum", "logsumexp", "max", "mean", "median", "min"),
    *("norm", "prod", "softmax", "std", "sum", "var"),
)
# What does another thing to a matrix than to a vector.
_BY_RANK = ("cumprod", "cumsum", "diff", "dot", "inner", "matmul", "mm", "mv", "outer")

# What makes numbers of several, and leaves a single one as it is, or nearly so.
_OF_SEVERAL = (*_ALONG, *("all", "any", "cumprod", "dot", "inner", "matmul", "mm", "mv", "vdot"))
_LIBRARIES = ("np", "numpy", "torch", "F", "math", "statistics")
_TENSORS = ("torch.Tensor", "Tensor")
_LEAVES = (ast.Return, ast.Break, ast.Continue)
_WHOLE = ("int", "floor", "trunc")
_VIEWS = ("contiguous", "flatten", "ravel", "reshape")
# What is the array itself if that has the type that is asked for, and else a copy.
_CONVERTED = ("asarray", "double", "float", "to")


def decisions(file: str, tree: ast.AST) -> Iterator[Decision]:
    """Yield the decisions in a file; each has the line in which the code comes to it."""
    for each in _decisions(file, tree):
        # What is asked has no effect.
        if each.key == "decision" or can_be_asked(ast.parse(each.asked, mode="eval").body):
            yield each


def _decisions(file: str, tree: ast.AST) -> Iterator[Decision]:
    for statement in nodes_of(tree):
        if isinstance(statement, ast.stmt):
            line = statement.lineno
            for test in _tests(statement):
                text = ast.unparse(test)
                known = attributes_in(test)
                yield Decision(file, line, text, compiled(text), attributes=known)
            if isinstance(statement, ast.For):
                yield from _of_node(file, line, statement.iter)
            for inside in nodes_of(statement) if isinstance(statement, _WORK) else ():
                yield from _of_node(file, line, inside)
                yield from _reductions(file, line, inside)
        if isinstance(statement, ast.FunctionDef):
            yield from _copies(file, statement)


def _of_node(file: str, line: int, node: ast.AST) -> Iterator[Decision]:
    kinds = (ast.AugAssign, ast.BinOp, ast.BoolOp, ast.Call)
    text = ast.unparse(node) if isinstance(node, kinds) else ""
    match node:
        case ast.BinOp(left, ast.FloorDiv() | ast.Mod(), right) if not _is_text(left):
            yield _decision(file, line, text, ast.BinOp(left, ast.FloorDiv(), right), "cut", _YES)
        case ast.Call(ast.Name(name) | ast.Attribute(attr=name), [inside], []) if name in _WHOLE:
            if isinstance(inside, ast.BinOp):
                yield _decision(file, line, text, node, "cut", _YES)
        case ast.BoolOp(values=[*chosen, _]):
            for each in chosen:
                if not isinstance(each, ast.Compare) and can_be_asked(each):
                    yield Decision(file, line, text, compiled(ast.unparse(each)))
        case ast.Call(ast.Attribute(value, "get"), [key, _]) if _may_vary(key):
            yield _decision(file, line, text, _is_in(key, value), "presence", _BOTH)
        case ast.Call(ast.Attribute(value, "count" | "index"), [key]) if _may_vary(key):
            yield _decision(file, line, text, _is_in(key, value), "presence", _BOTH)
        case ast.Call(ast.Name("zip"), [_, _, *_] as given, []):
            together = ast.Tuple(given, ast.Load())
            ends = _decision(file, line, text, together, "cuts", _YES, _are_of_one_length)
            yield replace(ends, never=_NO, ways=set())
            yield _decision(file, line, text, together, "one-length", _YES, _Lengths())
        case ast.Call(ast.Name("len"), [value], []):
            yield _decision(file, line, text, value, "rank", _YES, _has_rows)
        case ast.AugAssign(ast.Subscript(_, ast.Name() | ast.Attribute() as index)):
            yield _decision(file, line, text, index, "doubles", _YES, _comes_twice)
        case ast.Call(ast.Name("sum" | "max" | "min" | "sorted"), [value], []):
            yield _decision(file, line, text, value, "rank", _YES, _has_rows)
        case ast.BinOp(left, ast.MatMult()):
            yield _decision(file, line, text, left, "rank", _YES, _has_rows)
        case ast.Call(ast.Attribute(value, name), [*arguments]) if name in _BY_RANK:
            value = arguments[0] if _is_module(value) and arguments else value
            yield _decision(file, line, text, value, "rank", _YES, _has_rows)
        case ast.Call(ast.Attribute(value, name), arguments, keywords) if name in _ALONG:
            value, given = _reduced(value, arguments)
            along = any(each.arg in ("axis", "dim") for each in keywords)
            if along or (given and isinstance(given[0], ast.Constant | ast.UnaryOp)):
                yield _decision(file, line, text, value, "rank", _YES, _is_rows)


def _is_module(node: ast.expr) -> bool:
    return ast.unparse(node).partition(".")[0] in ("np", "numpy", "torch", "F")


def _reduced(value: ast.expr, arguments: list[ast.expr]) -> tuple[ast.expr, list[ast.expr]]:
    """What a function of a module, or a method, reduces, and its other arguments."""
    if ast.unparse(value).partition(".")[0] in _LIBRARIES and arguments:
        return arguments[0], arguments[1:]
    return value, arguments


def _reductions(file: str, line: int, node: ast.AST) -> Iterator[Decision]:
    """The reductions of arrays, which say nothing where there is but one number."""
    ask: Ask = _are_several
    match node:
        case ast.Call(ast.Attribute(value, name), arguments, keywords) if name in _OF_SEVERAL:
            reduced, others = _reduced(value, arguments)
            is_pair = name in ("max", "min") and others and not isinstance(others[0], ast.Constant)
            found = [] if is_pair else [reduced]
            along = [each.value for each in keywords if each.arg in ("axis", "dim")]
            along += [] if name == "norm" else others[:1]  # that is an order
            with suppress(ValueError, IndexError):
                axis = ast.literal_eval(along[0])
                ask = partial(_are_several_along, axis) if isinstance(axis, int) else ask
        case ast.Call(ast.Name("sum" | "max" | "min"), [value]):
            found = [value]
        case ast.BinOp(left, ast.MatMult()):
            found = [left]
        case _:
            return
    for each in found:
        yield _decision(file, line, ast.unparse(node), each, "single", _YES, ask)


def _decision(
    file: str,
    line: int,
    text: str,
    code: ast.expr,
    key: str,
    needed: frozenset[bool],
    ask: Ask = _truths,
) -> Decision:
    asked = ast.unparse(code)
    known = attributes_in(code)
    return Decision(
        file, line, text, compiled(asked), key, ask, needed, asked=asked, attributes=known
    )


def _may_vary(key: ast.expr) -> bool:
    """Whether a key is not written down; what the constants of code are, everybody sees."""
    return not isinstance(key, ast.Constant)


def _is_in(key: ast.expr, value: ast.expr) -> ast.expr:
    return ast.Compare(key, [ast.In()], [value])


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _copies(file: str, function: ast.FunctionDef) -> Iterator[Decision]:
    """What may be a copy or not, and is changed in place by the same function."""
    changed = {name for node in nodes_of(function) for name in _in_place(node)}
    for node in nodes_of(function):
        match node:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Attribute(value, method))):
                if method in _VIEWS and name in changed:
                    text = ast.unparse(node.value)
                    yield _decision(file, node.lineno, text, value, "copy", _NO, _is_in_order)
                elif method in _CONVERTED and name in changed:
                    text = ast.unparse(node.value)
                    yield _decision(file, node.lineno, text, value, "converted", _YES, _never)
            case ast.Expr(ast.Call(ast.Attribute(ast.Call(ast.Attribute(value, method)), name))):
                if method in _CONVERTED and name.endswith("_"):
                    text = ast.unparse(node.value)
                    yield _decision(file, node.lineno, text, value, "converted", _YES, _never)


def _in_place(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.AugAssign(ast.Name(name) | ast.Subscript(ast.Name(name))):
            yield name
        case ast.Assign([ast.Subscript(ast.Name(name))]):
            yield name
        case ast.Call(ast.Attribute(ast.Name(name), method)) if method.endswith("_"):
            yield name


def _tests(statement: ast.stmt) -> Iterator[ast.expr]:
    """What a statement decides by, except what it only refuses, and whether there is something."""
    if isinstance(statement, ast.If | ast.While):
        if not isinstance(statement.body[0], ast.Raise) and can_be_asked(statement.test):
            yield statement.test
        inside: Sequence[ast.AST] = [*nodes_of(statement.test)]
    elif isinstance(statement, _WORK):
        inside = [*nodes_of(statement)]
    else:
        return
    compared: list[ast.expr] = [each.test for each in inside if isinstance(each, ast.IfExp)]
    if isinstance(statement, _WORK):
        compared += [each for each in inside if isinstance(each, ast.Compare)]
    yield from (each for each in compared if can_be_asked(each))


def can_be_asked(test: ast.expr) -> bool:
    """Return whether a condition has no effect, and is not about whether there is something."""
    for node in nodes_of(test):
        match node:
            case ast.Compare(ops=ops) if any(isinstance(op, ast.Is | ast.IsNot) for op in ops):
                return False
            case ast.Call(ast.Name("isinstance"), [_, kind]) if ast.unparse(kind) in _TENSORS:
                return False  # parameters and gradients are
            case ast.Call(func=ast.Name(name) | ast.Attribute(attr=name)):
                if name not in _ASKED:
                    return False
            case ast.Attribute(attr="inf"):
                return False  # all numbers are less
            case ast.Call() | ast.NamedExpr() | ast.Lambda() | ast.Await():
                return False
    return not isinstance(test, ast.Constant)


def handlers(file: str, tree: ast.AST) -> Iterator[Handler]:
    """Yield what runs only where something is raised, except what raises in turn."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Try):
            lines = range(node.lineno, (node.body[-1].end_lineno or node.lineno) + 1)
            for each in node.handlers:
                if not any(isinstance(inside, ast.Raise) for inside in each.body):
                    text = f"except {ast.unparse(each.type) if each.type else ''}".rstrip()
                    yield Handler(file, each.body[0].lineno, text, guards=lines)
            if any(isinstance(each, _LEAVES) for end in node.finalbody for each in nodes_of(end)):
                # What was raised is forgotten.
                yield Handler(file, node.finalbody[0].lineno, "finally", lines, lines)
        elif isinstance(node, ast.match_case):
            if not isinstance(node.body[-1], ast.Raise):
                yield Handler(file, node.body[0].lineno, f"case {ast.unparse(node.pattern)}")
        elif isinstance(node, ast.With | ast.AsyncWith):
            called = [ast.unparse(each.context_expr) for each in node.items]
            lines = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
            for text in called:
                if text.partition("(")[0] in ("suppress", "contextlib.suppress"):
                    yield Handler(file, node.lineno, f"with {text}", lines, lines)
