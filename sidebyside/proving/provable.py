"""
# The language of proofs

A run on symbols is about all numbers only where code does to symbols what it does to numbers, and
looks at nothing else. So what ran has to be written in a few forms: arithmetic, comparisons,
branches, and calls of functions that are understood. Whatever could ask what a thing is (its type,
its text, whether something fails), or where else it is kept, is not among them.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, TypeAlias

import numpy as np

from sidebyside.claims.chunks import functions_of
from sidebyside.reasons import Reason
from sidebyside.source.trees import nodes_of, tree_of

__all__ = ["ANY_KEY", "Facts", "Place", "facts_of", "function_of", "replaced_member", "unprovable"]

_FORMS = (
    *(ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.If, ast.Pass, ast.With),
    *(ast.Assert, ast.Raise, ast.For, ast.withitem, ast.arguments, ast.arg, ast.keyword),
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.NamedExpr, ast.Call),
    *(ast.Subscript, ast.Name, ast.Attribute, ast.Constant, ast.Tuple, ast.Dict),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context),
)
_NO_OPERATORS = (
    *(ast.FloorDiv, ast.Mod, ast.MatMult, ast.LShift, ast.RShift),
    *(ast.BitOr, ast.BitXor, ast.BitAnd, ast.Invert),
)
_DECORATORS = {"property", "staticmethod", "torch.no_grad()", "override", "abstractmethod"}
# Methods of dictionaries that change them, and others that ask for what may not be there.
_CHANGES = {"update", "pop", "popitem", "clear", "setdefault", "__setitem__", "__delitem__"}
_OF_COLLECTIONS = {*_CHANGES, "get", "items", "keys", "values"}
_BUILT_IN = {"abs", "max", "min", "float", "pow", "sum", "range", "super"}
_MODULES = ("math", "numpy", "torch")
ANY_KEY = "[…]"
# Whoever uses one of these may change what is written elsewhere.
_REFLECTIVE = {
    *("setattr", "delattr", "vars", "globals", "locals", "exec", "eval", "__import__"),
    *("__dict__", "__defaults__", "__kwdefaults__", "__code__", "__globals__", "__closure__"),
    *("__setattr__", "__delattr__", "__getattribute__", "__class__", "settrace", "setprofile"),
    *("register_hook", "register_post_accumulate_grad_hook"),
    *("register_step_pre_hook", "register_step_post_hook"),
    *("register_optimizer_step_pre_hook", "register_optimizer_step_post_hook"),
}


Place: TypeAlias = tuple[str, int]


@dataclass
class Facts:
    """
    What the modules of a project do anywhere.

    `stored` has, for each attribute or key that is given a value, the functions that do it, by file
    and first line. Of constructors, `made` has what they store in their own object, and `varied`
    what is no constant there. `globals` are the names that functions
    of a module rebind, `mixed` the methods that two bases of one class have. `reflects` says by
    which means names may be changed that nobody can see.
    """

    stored: dict[str, set[Place]] = field(default_factory=dict)
    made: dict[str, set[Place]] = field(default_factory=dict)
    varied: dict[str, set[Place]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    mixed: set[str] = field(default_factory=set)
    reflects: str = ""


def facts_of(files: Iterable[str]) -> Facts:
    """Return what the code of some files does."""
    found, bases, methods = Facts(), dict[str, list[str]](), dict[str, set[str]]()
    for file in files:
        tree = tree_of(file)
        for node in nodes_of(tree):
            if isinstance(node, ast.Global | ast.Nonlocal):
                found.globals.update(node.names)
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [ast.unparse(each).rpartition(".")[2] for each in node.bases]
                its = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
                methods[node.name] = its
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
            if name in _REFLECTIVE or _is_of_library(node):
                found.reflects = found.reflects or str(name) or "type(…)"
        _note_stores(found, file, tree)
    for each in bases.values():
        lines = [_methods(base, bases, methods) for base in each]
        found.mixed |= {n for one, other in combinations(lines, 2) for n in one & other}
    return found


def _methods(
    name: str, bases: Mapping[str, list[str]], methods: Mapping[str, set[str]]
) -> set[str]:
    """The methods of a class of the project, and of those that it extends."""
    inherited = (_methods(each, bases, methods) for each in bases.get(name, ()) if each != name)
    return set[str]().union(methods.get(name, ()), *inherited) - {"__init__"}


def _is_of_library(node: ast.AST) -> bool:
    """Whether something of a library is replaced, or a class is made without a statement."""
    match node:
        case ast.Call(ast.Name("type"), args=[_, _, _]):
            return True
        case ast.Attribute(ast.Name("np" | "numpy" | "math" | "torch"), ctx=ast.Store()):
            return True
    return False


def _note_stores(found: Facts, file: str, tree: ast.AST) -> None:
    within: dict[int, Place] = {}
    constructors: set[Place] = set()
    for name, first, function in functions_of(tree):
        if name.endswith(".__init__"):
            constructors.add((file, first))
        for node in ast.walk(function):
            within[id(node)] = (file, first)
    constant = {id(each) for node in nodes_of(tree) for each in _constants(node)}
    for node in nodes_of(tree):
        place, name = within.get(id(node), (file, 0)), _stored(node)
        if not name:
            continue
        is_its_own = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
        of_all = found.made if is_its_own and place in constructors else found.stored
        of_all.setdefault(name, set()).add(place)
        if id(node) not in constant:
            found.varied.setdefault(name, set()).add(place)


def _constants(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement sets to a constant."""
    match node:
        case ast.Assign(targets=[ast.Tuple(names)], value=ast.Tuple(values)):
            pairs = zip(names, values, strict=False)
            yield from (each for each, value in pairs if isinstance(value, ast.Constant))
        case ast.Assign(targets=targets, value=ast.Constant()):
            yield from targets
        case ast.AnnAssign(target=target, value=ast.Constant()):
            yield target


def _stored(node: ast.AST) -> str:
    """The name or the key that is given a value; `ANY_KEY` if it may be any."""
    match node:
        case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
            return name
        case ast.Subscript(slice=key, ctx=ast.Store() | ast.Del()):
            is_text = isinstance(key, ast.Constant) and isinstance(key.value, str)
            return str(key.value) if is_text else ANY_KEY  # type: ignore[attr-defined]
        case ast.Call(func=ast.Attribute(attr=name)) if name in _CHANGES:
            return ANY_KEY
    return ""


def replaced_member(
    owner: type, entry: str, ran: Mapping[CodeType, Mapping[str, Any]], facts: Facts
) -> str:
    """Return a function that ran, and whose name is given a value somewhere; empty if none is."""
    names = {entry, *(n for code in ran for n in (code.co_name, *code.co_names))}
    functions = {code.co_name for code in ran} | {entry}
    for name in sorted(names & (facts.stored.keys() | facts.made.keys())):
        is_member = hasattr(inspect.getattr_static(owner, name, None), "__get__")
        is_of_module = any(isinstance(each.get(name), FunctionType) for each in ran.values())
        if name in functions or is_member or is_of_module:
            return name
    return min(functions & facts.mixed, default="")


def unprovable(
    ran: Mapping[CodeType, Mapping[str, Any]], facts: Facts, is_project: Callable[[str], bool]
) -> Reason | None:
    """
    Return what no proof can follow of the functions that ran, each with its globals.

    None if all of it is written in the language of proofs.
    """
    if facts.reflects:
        return Reason("unproved-code", {"code": facts.reflects})
    for code, names in ran.items():
        if code.co_name.startswith("<") or {*code.co_freevars} - {"__class__"}:
            return Reason("unproved-code", {"code": code.co_name})
        node = function_of(code)
        if node is None:
            return Reason("unproved-code", {"code": code.co_name})
        for inside in _refused(node, _Names(code, names, facts, is_project)):
            return inside
    return None


def function_of(code: CodeType) -> ast.FunctionDef | None:
    found = functions_of(tree_of(code.co_filename))
    return next(
        (
            node
            for _, first, node in found
            if first == code.co_firstlineno and isinstance(node, ast.FunctionDef)
        ),
        None,
    )


@dataclass(frozen=True)
class _Names:
    """What the names in a function stand for."""

    code: CodeType
    known: Mapping[str, Any]
    facts: Facts
    is_project: Callable[[str], bool]

    def refusal(self, name: str) -> str:
        """Return the key of the reason why a name is not understood; empty if it is."""
        if name in (*self.code.co_varnames, *self.code.co_cellvars):
            return ""
        if name not in self.known:
            return "" if name in _BUILT_IN else "unproved-code"
        value = self.known[name]
        if isinstance(value, ModuleType):
            return "" if value.__name__ in _MODULES else "unproved-code"
        if isinstance(value, FunctionType) and self.is_project(value.__code__.co_filename):
            return ""
        if type(value) in (int, float):
            return "" if self.is_constant(name) else "unproved-depends"
        is_known = isinstance(value, BuiltinFunctionType | np.ufunc | FunctionType)
        module = getattr(value, "__module__", None) or "numpy"
        return "" if is_known and module.partition(".")[0] in _MODULES else "unproved-code"

    def is_direct(self, node: ast.Attribute, called: bool) -> bool:
        """Whether an attribute is that of a module itself, of a parent's method, or of a value."""
        match node.value:
            case ast.Call(func=ast.Name("super")):
                return called
            case ast.Attribute(value=ast.Name(root)):
                is_local = root in self.code.co_varnames
                return is_local or not isinstance(self.known.get(root), ModuleType)
        return True

    def is_constant(self, name: str) -> bool:
        """Whether a number of the module is written there, and nothing can change it."""
        tree = tree_of(self.code.co_filename)
        names = Counter(
            each.id
            for each in nodes_of(tree)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        )
        written = [
            each
            for each in getattr(tree, "body", [])
            if isinstance(each, ast.Assign | ast.AnnAssign) and isinstance(each.value, ast.Constant)
            if name in _targets(each)
        ]
        changed = name in self.facts.globals or name in self.facts.stored
        return len(written) == 1 == names[name] and not changed


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [each.id for each in targets if isinstance(each, ast.Name)]


def _refused(function: ast.FunctionDef, names: _Names) -> Iterator[Reason]:
    """What in a function is no part of the language."""
    defaults = [each for each in (*function.args.defaults, *function.args.kw_defaults) if each]
    for each in defaults:
        if not isinstance(each, ast.Constant):
            yield _code(each)
    for each in function.decorator_list:
        if ast.unparse(each) not in _DECORATORS:
            yield _code(each)
    called = {id(each.func) for each in ast.walk(function) if isinstance(each, ast.Call)}
    for statement in function.body:
        for node in _inside(statement):
            if isinstance(node, ast.Attribute) and not names.is_direct(node, id(node) in called):
                yield _code(node)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                key = names.refusal(node.id)
                if key:
                    yield Reason(key, {"code": node.id})
            elif not isinstance(node, _FORMS) or not _is_plain(node):
                yield _code(node)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are computed with; what is raised is no part of a step."""
    yield node
    if isinstance(node, ast.Raise):
        return
    for name, inner in ast.iter_fields(node):
        if name in ("annotation", "msg"):
            continue
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, ast.AST):
                yield from _inside(each)


def _code(node: ast.AST) -> Reason:
    text = ast.unparse(node).partition("\n")[0] or type(node).__name__.lower()
    return Reason("unproved-code", {"code": text})


def _is_plain(node: ast.AST) -> bool:
    """Whether a form is used in a way that is understood."""
    match node:
        case ast.operator() | ast.unaryop():
            return not isinstance(node, _NO_OPERATORS)
        case ast.Constant(value=value):
            return value is None or type(value) in (bool, int, float, str)
        case ast.Attribute(value=value, attr=name, ctx=context):
            if (name.startswith("__") and name != "__init__") or name in _OF_COLLECTIONS:
                return False
            is_text = isinstance(value, ast.Constant | ast.JoinedStr)
            return not is_text and (isinstance(context, ast.Load) or _is_of_self(value))
        case ast.Subscript(slice=key):
            return isinstance(key, ast.Constant) and type(key.value) in (str, int)
        case ast.Compare(ops=signs):  # what is None, or there, another method may change
            return not any(isinstance(s, ast.Is | ast.IsNot | ast.In | ast.NotIn) for s in signs)
        case ast.For(iter=numbers):
            return _is_literal(numbers)
        case ast.With(items=items):
            return all(ast.unparse(each) in ("torch.no_grad()",) for each in items)
        case ast.Call(func=called):
            return isinstance(called, ast.Name | ast.Attribute)
    return True


def _is_of_self(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "self"


def _is_literal(node: ast.expr) -> bool:
    """Whether a loop goes over what is written there."""
    match node:
        case ast.Call(func=ast.Name("range"), args=numbers, keywords=[]):
            return all(isinstance(each, ast.Constant) for each in numbers)
        case ast.Tuple(elts=numbers):
            return not any(isinstance(each, ast.Starred) for each in numbers)
    return False
