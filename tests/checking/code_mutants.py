"""
Wrong code, made from right code.

The same slips as in `mutants.py`, made in the syntax tree of a function. A mutant is a new code
object for the function, under the same file name and line numbers, so it can be put in its place
and taken out again while everything else stays loaded.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

SWAPS = {
    "beta1": "beta2",
    "beta2": "beta1",
    "bias_correction1": "bias_correction2",
    "bias_correction2": "bias_correction1",
    "c1": "c2",
    "c2": "c1",
    "lr": "eps",
    "eps": "lr",
    "grad": "param",
    "m": "v",
    "v": "m",
    "s": "m",
    "u": "v",
    "u_eps": "u",
    "rho": "rho_inf",
    "rho_inf": "rho",
    "exp_avg": "exp_avg_sq",
    "addcmul_": "addcdiv_",
    "addcdiv_": "addcmul_",
    "mul_": "div_",
    "div_": "mul_",
    "add_": "sub_",
    "add": "sub",
    "maximum": "minimum",
}
OTHER_OPERATORS: dict[type[ast.operator], tuple[ast.operator, ...]] = {
    ast.Add: (ast.Sub(), ast.Mult()),
    ast.Sub: (ast.Add(), ast.Mult()),
    ast.Mult: (ast.Div(), ast.Add()),
    ast.Div: (ast.Mult(), ast.Sub()),
    ast.Pow: (ast.Mult(),),
}
OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[ast.cmpop, ...]] = {
    ast.LtE: (ast.Gt(), ast.Lt()),
    ast.Eq: (ast.NotEq(),),
    ast.IsNot: (ast.Is(),),
}


@dataclass(frozen=True)
class CodeMutant:
    """A function with one slip: where it is, what was done, the code before and after."""

    path: str
    line: int
    what: str
    before: str
    after: str
    around: str
    function: FunctionType
    code: CodeType

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the mutant run wherever the function is called."""
        right = self.function.__code__
        self.function.__code__ = self.code
        try:
            yield
        finally:
            self.function.__code__ = right

    @property
    def name(self) -> str:
        """The slip without its line number, with the comparison or call that it is in."""
        around = f" {self.around}:" if self.around != self.before else ""
        return f"{Path(self.path).name}{around} {self.before} → {self.after}"

    def __str__(self) -> str:
        return f"{Path(self.path).name}:{self.line} {self.what}: {self.before} → {self.after}"


def code_mutants(function: FunctionType) -> Iterator[CodeMutant]:
    """Yield all mutants of a function. Its file must be what is loaded."""
    path = function.__code__.co_filename
    module = _only(function, ast.parse(Path(path).read_text(encoding="utf-8")))
    definition = _definition(module, function)
    seen = {ast.unparse(module)}
    for place, node in enumerate(_body(definition)):
        for what, change in _slips(node, definition):
            fresh = copy.deepcopy(module)
            inside = list(_body(_definition(fresh, function)))
            _put(fresh, inside[place], change(inside[place]))
            text = ast.unparse(fresh)
            if text in seen:
                continue
            seen.add(text)
            before, after = ast.unparse(node), ast.unparse(change(copy.deepcopy(node)))
            around = _around(definition, node)
            code = _code(compile(ast.fix_missing_locations(fresh), path, "exec"), function)
            yield CodeMutant(path, node.lineno, what, before, after, around, function, code)


def _only(function: FunctionType, module: ast.Module) -> ast.Module:
    """The function in its class, without all else: `super()` needs the class around it."""
    definition = _definition(module, function)
    # A mutant may have lost its `super()`, but must keep the cell of the class that it uses.
    definition.body += [ast.parse(name).body[0] for name in function.__code__.co_freevars]
    body: list[ast.stmt] = [definition]
    for name in reversed(function.__qualname__.split(".")[:-1]):
        (around,) = ast.parse(f"class {name}: pass").body
        body = [_with(around, body=body)]
    return ast.Module(body=body, type_ignores=[])


def _around(definition: ast.FunctionDef, node: ast.AST) -> str:
    """The comparison that a node is part of, or the node itself."""
    for outer in ast.walk(definition):
        if isinstance(outer, ast.Compare) and node in ast.walk(outer):
            return ast.unparse(outer)
    return ast.unparse(node)


def _body(definition: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of what a function does; its annotations do nothing."""
    yield from (node for statement in definition.body for node in ast.walk(statement))


Change = Callable[[ast.AST], ast.AST]


def _slips(node: ast.AST, definition: ast.FunctionDef) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.BinOp(op=op):
            for other in OTHER_OPERATORS.get(type(op), ()):
                yield "another operator", lambda n, o=other: _with(n, op=o)
            yield "operand dropped", lambda n: n.left
            yield "operand dropped", lambda n: n.right
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield "sign or not dropped", lambda n: n.operand
        case ast.Compare(ops=[op]):
            for other in OTHER_COMPARISONS.get(type(op), ()):
                yield "another comparison", lambda n, o=other: _with(n, ops=[o])
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            yield "number + 1", lambda n: _with(n, value=n.value + 1)
            yield "number − 1", lambda n: _with(n, value=n.value - 1)
        case ast.Constant(value=str(text)) if text in SWAPS:
            yield "another key", lambda n: _with(n, value=SWAPS[n.value])
        case ast.Name(id=name, ctx=ast.Load()) if name in SWAPS and _has(definition, SWAPS[name]):
            yield "another variable", lambda n: _with(n, id=SWAPS[n.id])
        case ast.Tuple(ctx=ast.Store()):
            yield "names exchanged", lambda n: _with(n, elts=n.elts[::-1])
        case ast.Call():
            yield from _wrong_call(node)
        case ast.Assign(targets=[ast.Name()], value=ast.Call()):
            yield "result dropped", lambda n: ast.copy_location(ast.Expr(n.value), n)
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield "statement dropped", lambda n: ast.copy_location(ast.Pass(), n)


def _wrong_call(call: ast.Call) -> Iterator[tuple[str, Change]]:
    if isinstance(call.func, ast.Attribute):
        if call.func.attr in SWAPS:
            yield "another method", _other_method
        if isinstance(call.func.value, ast.Name) and call.func.value.id == "self" and call.args:
            yield "call dropped", lambda n: n.args[-1]
        if isinstance(call.func.value, ast.Call):
            yield "method dropped", lambda n: n.func.value
        if call.func.attr == "sqrt":
            yield "√ dropped", lambda n: n.func.value
        if call.func.attr == "lerp_":
            yield (
                "1 − weight",
                lambda n: _with(
                    n, args=[n.args[0], ast.BinOp(ast.Constant(1), ast.Sub(), n.args[1])]
                ),
            )
    elif isinstance(call.func, ast.Name) and call.func.id == "sqrt":
        yield "√ dropped", lambda n: n.args[0]
    for n, keyword in enumerate(call.keywords):
        if keyword.arg in ("value", "alpha"):
            yield (
                "keyword dropped",
                lambda c, n=n: _with(c, keywords=[k for i, k in enumerate(c.keywords) if i != n]),
            )
            yield "sign flipped", lambda c, n=n: _negated(c, n)


def _other_method(call: ast.AST) -> ast.AST:
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    call.func.attr = SWAPS[call.func.attr]
    return call


def _negated(call: ast.AST, n: int) -> ast.AST:
    assert isinstance(call, ast.Call)
    keyword = call.keywords[n]
    keyword.value = ast.UnaryOp(ast.USub(), keyword.value)
    return call


def _with(node: Any, **changes: object) -> Any:
    for name, value in changes.items():
        setattr(node, name, value)
    return node


def _has(definition: ast.FunctionDef, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(definition)) or any(
        argument.arg == name for argument in definition.args.args
    )


def _put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    ast.copy_location(new, old)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                setattr(parent, name, [new if part is old else part for part in value])


def _definition(module: ast.Module, function: FunctionType) -> ast.FunctionDef:
    line = function.__code__.co_firstlineno
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == line:
                return node
    raise LookupError(f"{function.__qualname__} is not in its file")


def _code(module: CodeType, function: FunctionType) -> CodeType:
    right = function.__code__
    for constant in module.co_consts:
        if isinstance(constant, CodeType):
            same = (constant.co_name, constant.co_firstlineno)
            if same == (right.co_name, right.co_firstlineno):
                return constant
            try:
                return _code(constant, function)
            except LookupError:
                continue
    raise LookupError(f"{function.__qualname__} is not in its file")
