"""
# What code writes

The statements of a file, by their lines, and what they change: variables, attributes of objects,
globals of the module. A name that begins with `.` is an attribute, one with `:` a variable.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sidebyside.checking.chunks import functions_of
from sidebyside.trace.operations import Place, tree_of

__all__ = [
    "ANY",
    "Writer",
    "bound",
    "changed",
    "code_in",
    "imports",
    "overrides",
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
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.asname or each.name.partition(".")[0]: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            home = "." * node.level + (node.module or "")
            found |= {e.asname or e.name: f"{home}.{e.name}" for e in node.names}
    return found


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
    for node in ast.walk(tree):
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


def changed(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """What some code writes, and whether it does so to `self`."""
    for node in ast.walk(tree):
        target: ast.AST | None = None
        match node:
            case ast.Name(name, ast.Store() | ast.Del()):
                yield f":{name}", False
            case ast.Attribute(_, _, ast.Store() | ast.Del()):
                target = node
            case ast.Subscript(value, _, ast.Store() | ast.Del()):
                target = value
            case ast.Call(ast.Attribute(value, name)) if name in _CHANGES or name[-1:] == "_":
                target = value
            case ast.Call(ast.Name("setattr"), [owner, key, _]):
                is_known = isinstance(key, ast.Constant)
                yield f".{ast.literal_eval(key)}" if is_known else ANY, root_of(owner) == "self"
        while isinstance(target, ast.Subscript):
            target = target.value
        is_vars = isinstance(target, ast.Call) and ast.unparse(target.func) == "vars"
        if target is None:
            continue
        if is_vars or (isinstance(target, ast.Attribute) and target.attr == "__dict__"):
            yield ANY, root_of(target) == "self"
        elif isinstance(target, ast.Attribute):
            yield f".{target.attr}", root_of(target) == "self"
        elif isinstance(target, ast.Name):
            yield f":{target.id}", False


def writers(file: str) -> Iterator[Writer]:
    """Yield what a file writes to attributes of objects, and to its globals."""
    tree = tree_of(file)
    homes = sorted(
        ((first, node.end_lineno or first, name, node) for name, first, node in functions_of(tree)),
        key=lambda home: home[0],
    )
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    modules = {each.asname or each.name for node in imported for each in node.names}
    for start, _, code in _code_of(tree):
        if not isinstance(code, ast.stmt):
            continue
        around = [each for each in homes if each[0] <= start <= each[1]]
        home = (file, around[-1][0]) if around else None
        inner: ast.AST = around[-1][3] if around else tree
        owner = around[0][2].rpartition(".")[0] if around else ""
        local = _names_in(inner) if around else frozenset()
        for name, is_self in dict.fromkeys(changed(code)):
            if name[0] == ":" and name[1:] in local:
                continue
            if name[1:] in modules:
                continue  # a function of a module is no method
            stores = isinstance(code, ast.Assign | ast.AnnAssign) and name in _made(code)
            yield Writer(file, code, name, home, owner, is_self, stores)


def _made(code: ast.Assign | ast.AnnAssign) -> set[str]:
    """The attributes that an assignment gives an object."""
    targets = code.targets if isinstance(code, ast.Assign) else [code.target]
    nodes = [node for target in targets for node in ast.walk(target)]
    stored = [n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
    return {f".{node.attr}" for node in stored}


@lru_cache(maxsize=2048)
def _names_in(function: ast.AST) -> frozenset[str]:
    """The variables of a function, its arguments included."""
    found: set[str] = set()
    shared: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Global):
            shared.update(node.names)
    return frozenset(found - shared)


def overrides(file: str) -> tuple[tuple[str, int, str], ...]:
    """Return the methods of classes that extend another one of a file: class, line and name."""
    return _overrides(tree_of(file))


@lru_cache(maxsize=64)
def _overrides(tree: ast.AST) -> tuple[tuple[str, int, str], ...]:
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = {each.name for each in classes}
    found: list[tuple[str, int, str]] = []
    for owner in classes:
        if names & {root_of(base) for base in owner.bases}:
            for method in owner.body:
                if isinstance(method, ast.FunctionDef):
                    first = min([method.lineno, *(d.lineno for d in method.decorator_list)])
                    found.append((owner.name, first, method.name))
    return tuple(found)
