"""
# The code beside a comment

A comment is about the *chunk* of code below it, up to the next comment, blank line or dedent. Of a
chunk this says what it computes, and from what; which lines may run before it, and which compute
the same again; and its choices.

A *choice* is code that does one thing or another. An `abs(x)` where x is never negative, a `//`
that never rounds, and a condition that is true in all runs do something that no run has seen, and
that no formula was compared with.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from sidebyside.source.sections import Module, Section

Way = Literal["sign", "whole", "below", "truth", "count", "presence"]


@dataclass(frozen=True)
class Choice:
    """
    A piece of code that does one thing or another, as a number decides: its `sign`, whether it is
    `whole`, whether it lies `below` 1, its `truth`, a `count` of what there is, or the `presence`
    of a key, without which there is a default.
    """

    code: str
    number: str
    kind: Way


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """
    The code `lines` that a comment is about, and `values`, the expressions for what they compute.

    The `inputs` are the variables that each is computed from; `choices` is what in them decides
    between several ways, `above` which lines may run before them, and `again` which lines below,
    without a comment, compute one of the values once more. `bound` are the names that these lines,
    and those above, make something else. `equal` are pairs that the branches around them ask to be,
    and `tests` are the comparisons that decide which lines of the function run.
    """

    lines: range = range(0)
    values: tuple[str, ...] = ()
    inputs: tuple[frozenset[str], ...] = ()
    choices: tuple[Choice, ...] = ()
    above: tuple[int, ...] = ()
    again: tuple[tuple[int, str], ...] = ()
    bound: tuple[tuple[int, str], ...] = ()
    equal: tuple[frozenset[str], ...] = ()
    tests: tuple[str, ...] = ()


Located: TypeAlias = "tuple[str, int, ast.FunctionDef | ast.AsyncFunctionDef]"


@lru_cache(maxsize=128)
def functions_of(tree: ast.AST) -> tuple[Located, ...]:
    """Return the functions in a tree with their qualified names and first lines."""
    return tuple(_functions(tree))


def _functions(tree: ast.AST, name: str = "") -> Iterator[Located]:
    for node in ast.iter_child_nodes(tree):
        inner = name
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{name}.{node.name}".lstrip(".")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield inner, first, node
        if not isinstance(node, ast.expr):
            yield from _functions(node, inner)


def chunk_of(module: Module, section: Section) -> Chunk:
    """Return the code lines that a comment is about, what they compute, and what from."""
    filled = [line.number for line in section.code if line.text.strip()]
    statements = _statements(module.tree).get(filled[0], []) if filled else []
    if not statements or not section.prose:
        return Chunk()
    if _column(module, section.prose[0].number) != _column(module, filled[0]):
        return Chunk()
    rows = {line.number for line in section.code}
    chunk = statements[:1]
    for statement in statements[1:]:
        between = module.lines[_end(chunk[-1]) : statement.lineno - 1]
        if statement.lineno not in rows or any(not line.text.strip() for line in between):
            break
        chunk.append(statement)
    stop = filled[0]
    while stop + 1 in rows and stop < _end(chunk[-1]):
        stop += 1
    computed = [(value_of(each), inputs_of(each)) for each in chunk if value_of(each)]
    values = tuple(value for value, _ in computed)
    around = [f for _, _, f in functions_of(module.tree) if _holds(f, filled[0])]
    before = tuple(above(around[-1], filled[0])) if around else ()
    after = [line for line in filled if line > stop] if around else []
    return Chunk(
        lines=range(filled[0], stop + 1),
        values=values,
        inputs=tuple(inputs for _, inputs in computed),
        choices=tuple(choices(chunk)),
        above=before,
        bound=tuple(_bound_at(around[-1:], {*before, *range(filled[0], stop + 1)})),
        again=tuple(each for each in _computed_at(around[-1:], after) if each[1] in values),
        equal=tuple(_equal_at(around[-1:], filled[0])),
        tests=tests_of(around[-1:]),
    )


def _computed_at(functions: Sequence[ast.AST], lines: Collection[int]) -> Iterator[tuple[int, str]]:
    """What is computed in some lines of a function, with the line."""
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.stmt) and node.lineno in lines:
            yield node.lineno, value_of(node)


def _bound_at(functions: Sequence[ast.AST], lines: Collection[int]) -> Iterator[tuple[int, str]]:
    """What is given a new value in some lines of a function, with the line."""
    for node in (node for function in functions for node in ast.walk(function)):
        if not isinstance(node, ast.stmt) or node.lineno not in lines:
            continue
        changed = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            changed = [node.value.func]  # perhaps in place
        for part in (part for each in changed if each for part in ast.walk(each)):
            if isinstance(part, ast.Name):
                yield node.lineno, part.id


def _equal_at(functions: Sequence[ast.AST], line: int) -> Iterator[frozenset[str]]:
    """What is equal where a line of a function runs, as a branch around it asks for that."""
    for node in (node for function in functions for node in ast.walk(function)):
        if not isinstance(node, ast.If) or not node.body[0].lineno <= line <= _end(node.body[-1]):
            continue
        match node.test:
            case ast.BoolOp(ast.And(), tests):
                pass
            case test:
                tests = [test]
        for test in tests:
            if isinstance(test, ast.Compare) and [*map(type, test.ops)] == [ast.Eq]:
                yield frozenset(map(ast.unparse, (test.left, *test.comparators)))


def tests_of(nodes: Sequence[ast.AST]) -> tuple[str, ...]:
    """Return the comparisons of numbers by which some code chooses what it does."""
    inside = (node for each in nodes for node in ast.walk(each))
    tests = (node.test for node in inside if isinstance(node, ast.If | ast.IfExp | ast.While))
    return tuple(dict.fromkeys(ast.unparse(test) for test in tests if _is_of_numbers(test)))


def _is_of_numbers(test: ast.expr) -> bool:
    compared = [node for node in ast.walk(test) if isinstance(node, ast.Compare)]
    kinds = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
    return any(not isinstance(op, kinds) for node in compared for op in node.ops)


def _holds(function: ast.stmt, line: int) -> bool:
    return function.lineno <= line <= _end(function)


def inputs_of(statement: ast.stmt) -> frozenset[str]:
    """The variables, attributes and items that a statement reads."""
    kinds = (ast.Name, ast.Attribute, ast.Subscript)
    return frozenset(ast.unparse(node) for node in ast.walk(statement) if isinstance(node, kinds))


def _column(module: Module, line: int) -> int:
    text = module.lines[line - 1].text.expandtabs()
    return len(text) - len(text.lstrip())


@lru_cache(maxsize=128)
def _statements(tree: ast.AST) -> dict[int, list[ast.stmt]]:
    """The statements of one block from each on, by the line in which it starts."""
    found: dict[int, list[ast.stmt]] = {}
    todo: list[ast.AST] = [tree]
    for node in todo:
        for body in ("body", "orelse", "finalbody"):
            statements: list[ast.stmt] = getattr(node, body, [])
            for place, statement in enumerate(statements):
                found.setdefault(statement.lineno, statements[place:])
            todo += statements
        todo += [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]
    return found


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def value_of(statement: ast.stmt) -> str:
    """Return the Python expression for what a statement computes: its target, receiver, `out=`."""
    target: ast.expr | None = None
    match statement:
        case ast.Assign(targets=[first, *_]):
            target = first
        case ast.AnnAssign(target=first, value=ast.expr()) | ast.AugAssign(target=first):
            target = first
        case ast.Return(value=ast.expr()):
            return "return"
        case ast.Expr(value=ast.Call() as call):
            target = _receiver(call)
    return "" if target is None or isinstance(target, ast.Tuple | ast.List) else ast.unparse(target)


def _receiver(call: ast.Call) -> ast.expr | None:
    """What a call changes: its `out=`, or what stands before an in-place method, `.mul_(…)`."""
    out = next((keyword.value for keyword in call.keywords if keyword.arg == "out"), None)
    if out is not None:
        return out
    value: ast.expr = call
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        if not value.func.attr.endswith("_"):
            return None
        value = value.func.value
    return None if isinstance(value, ast.Call) else value


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
            yield from _rounded(ast.unparse(node), f"({_text(left)}) / ({_text(right)})")
        case ast.BinOp(left, ast.RShift(), right):
            yield from _rounded(ast.unparse(node), f"({_text(left)}) / 2 ** ({_text(right)})")
        case ast.Compare(ops=[op, *_]) if not isinstance(op, ast.Is | ast.IsNot):
            yield Choice(ast.unparse(node), ast.unparse(node), "truth")
        case ast.BoolOp(values=[first, *_]):
            yield Choice(_text(first), _text(first), "truth")
        case ast.Call(ast.Attribute(value, "get"), [ast.Constant(str(key)), _]):
            there = f"{key!r} in {_text(value)}"
            yield Choice(there, there, "presence")
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
            yield from _rounded(text, first)
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


def _rounded(text: str, number: str) -> Iterator[Choice]:
    """A whole number in place of one: does it cut anything off, and is there anything left?"""
    yield Choice(text, number, "whole")
    yield Choice(text, number, "below")


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
