"""
# Numbers that never mattered

`where(t < 100000, x, 0)` is `x` in every run, and would be with 200000, too: nobody has seen what
the number does. So each number that stands in code is tried twice as large, and half as large,
while the code runs, in the largest piece of code around it that only computes. A variable that is
bound once stands for what it is bound to, so that `limit = 100000` on a line of its own is tried
where it is used.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from sidebyside.probing.properties import compiled
from sidebyside.probing.trees import nodes_of

__all__ = ["Constant", "constants"]

Bindings: TypeAlias = "Mapping[str, ast.expr]"

EFFECT = 1e-9  # as a share: less cannot be told from rounding, after some operations
MOST_NODES = 300  # of a piece of code in which variables stand for what they are bound to
_BUILT_IN = (abs, max, min, pow, float)
_NAMES = tuple(each.__name__ for each in _BUILT_IN)
# Functions that do the same to each number, and whose arguments are numbers.
_EACH = (
    *("abs", "absolute", "add", "addcdiv", "addcmul", "atan", "clamp", "clamp_max", "clamp_min"),
    *("clip", "cos", "div", "divide", "erf", "exp", "expm1", "fabs", "hypot", "lerp", "log"),
    *("log10", "log1p", "log2", "maximum", "minimum", "mul", "multiply", "neg", "negative", "pow"),
    *("power", "reciprocal", "relu", "rsqrt", "sigmoid", "sign", "sin", "sinc", "sqrt", "square"),
    *("sub", "subtract", "tan", "tanh", "true_divide", "where"),
)
# And those that only compute, of which an argument may be an axis or a shape.
_PURE = (
    *_EACH,
    *("amax", "amin", "cumsum", "dot", "full_like", "item", "max", "mean", "min", "norm"),
    *("ones_like", "prod", "std", "sum", "var", "zeros_like"),
)
_COMPUTING = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Subscript),
    *(ast.Attribute, ast.Name, ast.Constant, ast.operator, ast.unaryop, ast.boolop),
    *(ast.cmpop, ast.expr_context, ast.keyword, ast.Slice),
)
_KEYWORDS = ("alpha", "value", "weight", "min", "max")


class Site(NamedTuple):
    """A piece of code around a number: with its variables, as it is, and with other numbers."""

    plain: CodeType
    whole: CodeType
    others: tuple[CodeType, ...]
    calls: tuple[CodeType, ...]


@dataclass(eq=False)
class Constant:
    """A number in code, the pieces of code it stands in by line, and whether it ever mattered."""

    file: str
    line: int
    text: str
    sites: dict[int, list[Site]] = field(default_factory=dict)
    tried: bool = False
    mattered: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may still be found to matter."""
        return not self.mattered

    def look(self, frame: FrameType, seen: Mapping[str, Any]) -> None:
        """Try other numbers in a frame that is about to run a line."""
        for site in self.sites.get(frame.f_lineno, ()):
            names = (frame.f_globals, seen)
            try:
                if not all(_only_computes(eval(each, *names)) for each in site.calls):
                    return
                value = _array(eval(site.whole, *names))
                if _differ(value, _array(eval(site.plain, *names))):
                    continue  # a variable is another number by now
            except Exception:  # a name that is not there yet, or anything that the code may raise
                continue
            self.tried = True
            self.mattered = self.mattered or any(map(_matters(value, names), site.others))

    def add(self, tried: bool, mattered: bool) -> None:
        """Take in what was seen of it in other runs."""
        self.tried, self.mattered = self.tried or tried, self.mattered or mattered


def _matters(value: Any, names: tuple[Any, Any]) -> Callable[[CodeType], bool]:
    def is_other(code: CodeType) -> bool:
        try:
            return _differ(value, _array(eval(code, *names)))
        except Exception:  # with another number, it cannot be computed
            return True

    return is_other


def _array(value: Any) -> Any:
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)


def _differ(one: Any, other: Any) -> bool:
    """Whether two values differ by more than what nobody sees."""
    if one.shape != other.shape or one.dtype.kind not in "biuf" or other.dtype.kind not in "biuf":
        return True
    a, b = one.astype(np.float64), other.astype(np.float64)
    with np.errstate(all="ignore"):
        apart = np.abs(a - b) > EFFECT * np.maximum(np.abs(a), np.abs(b))
    return bool(np.any(apart | (np.isfinite(a) != np.isfinite(b))))


def _only_computes(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    if any(function is each for each in _BUILT_IN) or owner is math:
        return True
    if isinstance(function, np.ufunc) or isinstance(owner, np.ndarray) or hasattr(owner, "detach"):
        return True
    home = str(getattr(function, "__module__", None) or getattr(owner, "__module__", ""))
    return home.partition(".")[0] in ("math", "numpy", "torch")


def constants(file: str, tree: ast.AST) -> Iterator[Constant]:
    """Yield the numbers in the functions of a file, with the code in which each can be tried."""
    found: dict[tuple[int, int], Constant] = {}
    outer = _numbers_of(tree)
    for function in nodes_of(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        inner = {**outer, **_bound_once(function)}
        statements = list(_statements(function))
        pieces = [(s, piece) for s, whole in statements for piece in _pieces(whole)]
        used = {n.id for _, piece in pieces for n in nodes_of(piece) if isinstance(n, ast.Name)}
        for statement, piece in pieces:
            # What is bound to a variable is tried where that is used.
            if not _is_bound_in(statement, used & inner.keys()):
                _add(found, file, statement.lineno, piece, inner)
    yield from found.values()


def _add(
    found: dict[tuple[int, int], Constant],
    file: str,
    line: int,
    piece: ast.expr,
    bindings: Bindings,
) -> None:
    """Take in the numbers of a piece of code in a line."""
    if not any(_may_be_number(node, bindings) for node in nodes_of(piece)):
        return
    whole = _Inlined(bindings).visit(copy.deepcopy(piece))
    if sum(1 for _ in ast.walk(whole)) > MOST_NODES:
        whole = copy.deepcopy(piece)
    numbers = list(_literals(whole))
    if not numbers:
        return
    functions = [ast.unparse(each.func) for each in ast.walk(whole) if isinstance(each, ast.Call)]
    texts = ast.unparse(piece), ast.unparse(whole)
    plain = compiled(texts[0])
    code = plain if texts[0] == texts[1] else compiled(texts[1])
    calls = tuple(map(compiled, dict.fromkeys(functions)))
    for number in numbers:
        value, others = number.value, []
        assert isinstance(value, int | float)
        for other in (2 * value, value / 2):
            number.value = other
            others.append(compiled(ast.unparse(whole)))
        number.value = value
        place = (number.lineno, number.col_offset)
        known = found.setdefault(place, Constant(file, number.lineno, ast.unparse(number)))
        known.sites.setdefault(line, []).append(Site(plain, code, tuple(others), calls))


def _may_be_number(node: ast.AST, bindings: Bindings) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in bindings)


class _Inlined(ast.NodeTransformer):
    """Puts what variables are bound to in their place."""

    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings

    def visit_Name(self, node: ast.Name) -> ast.expr:
        bound = self.bindings.get(node.id)
        if bound is None:
            return node
        rest = {name: value for name, value in self.bindings.items() if name != node.id}
        found: ast.expr = _Inlined(rest).visit(copy.deepcopy(bound))
        return found


def _statements(function: ast.FunctionDef) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """The expressions of a function, each with the statement that it stands in."""
    for node in nodes_of(function):
        match node:
            case ast.AugAssign(target, op, value):
                yield node, ast.BinOp(_loaded(target), op, value)
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                yield node, value
            case ast.Return(ast.expr() as value) | ast.Expr(value):
                yield node, value
            case ast.If(test, body) | ast.While(test, body) if not isinstance(body[0], ast.Raise):
                yield node, test


def _loaded(target: ast.expr) -> ast.expr:
    """A target as it is read."""
    return ast.parse(ast.unparse(target), mode="eval").body


def _pieces(node: ast.AST) -> Iterator[ast.expr]:
    """The largest pieces of some code that only compute, methods that change a tensor included."""
    if any(isinstance(each, ast.Attribute) and each.attr[-1:] == "_" for each in nodes_of(node)):
        node = _Unchanging().visit(copy.deepcopy(node))
    todo = [node]
    while todo:
        here = todo.pop()
        if isinstance(here, ast.expr) and not isinstance(here, ast.Slice) and _is_pure(here):
            yield here
        else:
            kinds = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
            todo += [each for each in ast.iter_child_nodes(here) if not isinstance(each, kinds)]


class _Unchanging(ast.NodeTransformer):
    """Makes of a method that changes a tensor the one that only computes."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr[:-1] in _EACH:
            node.func.attr = node.func.attr.removesuffix("_")
        return node


def _is_pure(tree: ast.expr) -> bool:
    for node in nodes_of(tree):
        match node:
            case ast.Call(ast.Attribute(attr=name), _, keywords) if name in _PURE:
                if any(each.arg in (None, "out") for each in keywords):
                    return False
            case ast.Call(ast.Name(name), _, []) if name in _NAMES:
                continue
            case ast.Call():
                return False
            case _ if not isinstance(node, _COMPUTING):
                return False
    return True


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """The numbers that a piece of code computes with, and no indices, axes or shapes."""
    match node:
        case ast.Constant(int() | float() as value) if not isinstance(value, bool) and value:
            yield node
        case ast.Call(ast.Attribute(value, name), arguments, keywords):
            yield from _literals(value)
            values = [each.value for each in keywords if each.arg in _KEYWORDS]
            for each in (*arguments, *values) if name in _EACH else ():
                yield from _literals(each)
        case ast.Call(ast.Name(), arguments):
            yield from (found for each in arguments for found in _literals(each))
        case ast.Subscript(value) | ast.Attribute(value):
            yield from _literals(value)
        case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
            for inside in ast.iter_child_nodes(node):
                yield from _literals(inside)


def _bound_once(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """The variables of a function that one statement binds, to what only computes."""
    nodes = nodes_of(function)
    stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    given = {each.arg for each in nodes if isinstance(each, ast.arg)}
    return {
        name: value
        for name, value in _assigned(nodes)
        if stored.count(name) == 1 and name not in given and _is_pure(value)
    }


def _numbers_of(tree: ast.AST) -> dict[str, ast.expr]:
    """The globals of a module that are numbers."""
    found = _assigned([*ast.iter_child_nodes(tree)])
    return {name: value for name, value in found if any(_literals(value)) and _is_pure(value)}


def _assigned(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        match node:
            case ast.Assign([ast.Name(name)], value):
                yield name, value
            case ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                yield name, value


def _is_bound_in(statement: ast.stmt, names: set[str]) -> bool:
    """Whether a statement binds one of some variables."""
    return any(name in names for name, _ in _assigned([statement]))
