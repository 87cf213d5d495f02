"""
# What code writes

The statements of a file, by their lines, and what they change: variables, attributes of objects,
globals of the module. A name that begins with `.` is an attribute, one with `:` a variable.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sidebyside.claims.chunks import functions_of
from sidebyside.probing.operations import Place
from sidebyside.probing.trees import nodes_of, tree_of

__all__ = [
    "ANY",
    "Writer",
    "bound",
    "called_in",
    "changed",
    "changing",
    "code_in",
    "home_of",
    "imports",
    "overrides",
    "plain",
    "root_of",
    "writers",
]

ANY = "*"  # any attribute
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CHANGES = (
    *("add", "append", "clear", "discard", "extend", "fill", "insert", "pop", "popitem", "put"),
    *("remove", "reverse", "setdefault", "sort", "update", "appendleft", "popleft", "rotate"),
)


@dataclass(frozen=True)
class Writer:
    """Code that gives an attribute, a global or a key another value; `home` is its function."""

    file: str
    node: ast.stmt
    name: str
    home: Place | None
    owner: str  # the class that the function is a method of
    is_self: bool
    is_made: bool  # and not only changed


@lru_cache(maxsize=64)
def imports(tree: ast.AST) -> Mapping[str, str]:
    """The names that a file imports, with what they stand for."""
    found: dict[str, str] = {}
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            found |= {each.asname or each.name.partition(".")[0]: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            home = "." * node.level + (node.module or "")
            found |= {e.asname or e.name: f"{home}.{e.name}" for e in node.names}
    return found


@lru_cache(maxsize=8192)
def home_of(file: str, full: str) -> str | None:
    """Return the file of the module that a name is imported from, or is; None for what has none."""
    module = full
    if full[:1] == ".":
        known = next((n for n, m in [*sys.modules.items()] if _file_of(m) == file), "")
        up = len(full) - len(full.lstrip("."))
        is_package = os.path.basename(file) == "__init__.py"
        parts = known.split(".")[: len(known.split(".")) - up + is_package]
        module = ".".join([*parts, full.lstrip(".")])
    while module:
        if module in sys.modules:
            return _file_of(sys.modules[module])
        module = module.rpartition(".")[0]
    return None


def _file_of(module: object) -> str | None:
    found = getattr(module, "__file__", None)
    return found if isinstance(found, str) else None


def root_of(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


@lru_cache(maxsize=8192)
def bound(tree: ast.AST) -> set[str]:
    """The variables that some code binds, or changes in place."""
    return {name[1:] for name, _ in changed(tree) if name[0] == ":"}


@lru_cache(maxsize=64)
def _code_of(tree: ast.AST) -> tuple[tuple[int, int, ast.AST], ...]:
    """The simple statements of a file, and the heads of others, with their lines."""
    found: list[tuple[int, int, ast.AST]] = []
    for node in nodes_of(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, _DEFINITIONS):
            heads = [getattr(node, name, None) for name in ("test", "iter", "subject")]
            heads += [each.context_expr for each in getattr(node, "items", ())]
            if not hasattr(node, "body") and not isinstance(node, ast.Match):
                heads = [node]
            is_words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            for each in heads if not is_words else ():
                if isinstance(each, ast.expr | ast.stmt):
                    found.append((each.lineno, each.end_lineno or each.lineno, each))
    return tuple(found)


def code_in(file: str, first: int, last: int) -> Iterator[ast.AST]:
    for start, end, node in _code_of(tree_of(file)):
        if start <= last and first <= end:
            yield node


def plain(attribute: str) -> str:
    """Return the name of an attribute as its class writes it: `_X__rate` is `__rate`."""
    return re.sub(r"^_[A-Za-z]\w*?(?=__)", "", attribute)


def changed(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """What some code writes, and whether it does so to `self`."""
    for node in nodes_of(tree):
        target: ast.AST | None = None
        match node:
            case ast.Name(name, ast.Store() | ast.Del()):
                yield f":{name}", False
            case ast.Attribute(_, _, ast.Store() | ast.Del()):
                target = node
            case ast.Subscript(value, _, ast.Store() | ast.Del()):
                target = value
            case ast.Call(
                ast.Name("setattr" | "delattr") | ast.Attribute(attr="__setattr__" | "__delattr__"),
                [*_, owner, ast.Constant(str(key))] | [*_, owner, ast.Constant(str(key)), _],
            ):
                yield f".{plain(key)}", root_of(owner) == "self"
            case ast.Call(ast.Name("setattr" | "delattr")) | ast.Call(ast.Name("exec"), [_]):
                yield ANY, False
            case ast.Call(ast.Attribute(attr="__setattr__" | "__delattr__")):
                yield ANY, False
            case ast.Call(ast.Attribute(value, name)) if name in _CHANGES or name[-1:] == "_":
                target = value
            case ast.keyword("out", value):
                target = value
        while isinstance(target, ast.Subscript):
            target = target.value
        is_vars = isinstance(target, ast.Call) and ast.unparse(target.func) == "vars"
        if target is None:
            continue
        if is_vars or (isinstance(target, ast.Attribute) and target.attr == "__dict__"):
            yield ANY, root_of(target) == "self"
        elif isinstance(target, ast.Attribute):
            yield f".{plain(target.attr)}", root_of(target) == "self"
        elif isinstance(target, ast.Name):
            yield f":{target.id}", False


def writers(file: str) -> Iterator[Writer]:
    """Yield what a file writes to attributes of objects, and to its globals."""
    tree = tree_of(file)
    homes = sorted(
        ((first, node.end_lineno or first, name, node) for name, first, node in functions_of(tree)),
        key=lambda home: home[0],
    )
    imported = [node for node in nodes_of(tree) if isinstance(node, ast.Import)]
    modules = {each.asname or each.name for node in imported for each in node.names}
    for start, _, code in _code_of(tree):
        if not isinstance(code, ast.stmt):
            continue
        around = [each for each in homes if each[0] <= start <= each[1]]
        home = (file, around[-1][0]) if around else None
        inner: ast.AST = around[-1][3] if around else tree
        owner = around[0][2].rpartition(".")[0] if around else ""
        local = _names_in(inner) if around else frozenset()
        through = (*_through_locals(code, inner), *_handed_on(code, inner, tree)) if around else ()
        for name, is_self in dict.fromkeys((*changed(code), *through)):
            if name[0] == ":" and name[1:] in local:
                continue
            if name[1:] in modules:
                continue  # a function of a module is no method
            stores = isinstance(code, ast.Assign | ast.AnnAssign) and name in _made(code)
            yield Writer(file, code, name, home, owner, is_self, stores)


def _through_locals(code: ast.AST, function: ast.AST) -> Iterator[tuple[str, bool]]:
    """The attributes that some code changes by way of variables that stand for them."""
    stand_for = _stand_for(function)
    for name in _mutated(code):
        yield from ((attribute, False) for attribute in stand_for.get(name, ()))


def _mutated(tree: ast.AST) -> Iterator[str]:
    """The variables whose values some code changes, which may be values of others, too."""
    for node in nodes_of(tree):
        match node:
            case ast.Subscript(value, _, ast.Store() | ast.Del()):
                yield root_of(value)
            case ast.AugAssign(ast.Name(name)):
                yield name
            case ast.Call(ast.Attribute(value, name)) if name in _CHANGES or name[-1:] == "_":
                yield root_of(value)
            case ast.keyword("out", value):
                yield root_of(value)


@lru_cache(maxsize=2048)
def _stand_for(function: ast.AST) -> Mapping[str, set[str]]:
    """The variables of a function that may be attributes, or what is in them."""
    found: dict[str, set[str]] = {}
    for node in nodes_of(function):
        match node:
            case ast.Assign([*targets], value):
                pass
            case ast.For(target, value) | ast.comprehension(target, value):
                targets = [target]
            case ast.NamedExpr(target, value):
                targets = [target]
            case _:
                continue
        its = _attributes_in(value, found)
        for inside in (n for target in targets for n in nodes_of(target)):
            if isinstance(inside, ast.Name) and isinstance(inside.ctx, ast.Store) and its:
                found.setdefault(inside.id, set()).update(its)
    return found


def _attributes_in(value: ast.AST, known: Mapping[str, set[str]]) -> set[str]:
    """The attributes that a value is, or is made of; some variables stand for others."""
    nodes = [*nodes_of(value)]
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    its = [node for node in nodes if isinstance(node, ast.Attribute) and node not in called]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return {f".{plain(each.attr)}" for each in its}.union(*(known.get(n, ()) for n in names))


def _handed_on(code: ast.AST, function: ast.AST, tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """The attributes that some code hands to functions of its file that change their arguments."""
    their = _changing_arguments(tree)
    stand_for = _stand_for(function)
    for node in nodes_of(code):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            for each in node.args if name in their else ():
                yield from ((found, False) for found in _attributes_in(each, stand_for))


@lru_cache(maxsize=64)
def _changing_arguments(tree: ast.AST) -> frozenset[str]:
    """The functions of a file that change what they are given."""
    functions = [node for node in nodes_of(tree) if isinstance(node, ast.FunctionDef)]
    return frozenset(
        each.name
        for each in functions
        if {*_mutated(each)} & {argument.arg for argument in each.args.args} - {"self", "cls"}
    )


@lru_cache(maxsize=64)
def changing(tree: ast.AST) -> frozenset[str]:
    """Return the functions of a file that change what they are given, or their object."""
    functions = [node for node in nodes_of(tree) if isinstance(node, ast.FunctionDef)]
    its = (f.name for f in functions if any(name[0] == "." for name, _ in changed(f)))
    return _changing_arguments(tree) | {*its}


def called_in(tree: ast.AST) -> set[str]:
    """Return the names of what some code calls."""
    calls = (node.func for node in nodes_of(tree) if isinstance(node, ast.Call))
    return {ast.unparse(each).rpartition(".")[2] for each in calls}


def _made(code: ast.Assign | ast.AnnAssign) -> set[str]:
    """The attributes that an assignment gives an object."""
    targets = code.targets if isinstance(code, ast.Assign) else [code.target]
    nodes = [node for target in targets for node in nodes_of(target)]
    stored = [n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
    return {f".{plain(node.attr)}" for node in stored}


@lru_cache(maxsize=2048)
def _names_in(function: ast.AST) -> frozenset[str]:
    """The variables of a function, its arguments included."""
    found: set[str] = set()
    shared: set[str] = set()
    for node in nodes_of(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Global):
            shared.update(node.names)
    return frozenset(found - shared)


def overrides(file: str, other: str) -> tuple[tuple[str, int, str], ...]:
    """Return the methods of classes in `other` that extend one of a file: class, line and name."""
    return _overrides(tree_of(file), tree_of(other))


@lru_cache(maxsize=256)
def _overrides(tree: ast.AST, other: ast.AST) -> tuple[tuple[str, int, str], ...]:
    names = {node.name for node in nodes_of(tree) if isinstance(node, ast.ClassDef)}
    found: list[tuple[str, int, str]] = []
    for owner in (node for node in nodes_of(other) if isinstance(node, ast.ClassDef)):
        if names & {ast.unparse(base).rpartition(".")[2] for base in owner.bases}:
            for method in owner.body:
                if isinstance(method, ast.FunctionDef):
                    first = min([method.lineno, *(d.lineno for d in method.decorator_list)])
                    found.append((owner.name, first, method.name))
    return tuple(found)
