"""
# What is not in the language

Code is read piece by piece: what each name stands for, what is called, and with which arguments. A
function of the project is read in turn. All else has to be [in the table](language.toml), by its
full name or, as nobody knows what an object is, by the name of the method.

What is called through a variable may be anything; it counts as a function of the project if, in the
runs, it was one.
"""

from __future__ import annotations

import ast
import builtins
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from sidebyside.language.language import (
    BASES,
    FORMS,
    FUNCTIONS,
    KNOWN_ATTRIBUTES,
    METHODS,
    SPECIAL,
    USED_UP,
    VALUES,
)
from sidebyside.language.named import (
    NAMED,
    defined,
    generators,
    names_of,
    stated,
    stored,
    stored_in,
)
from sidebyside.language.writers import Writer, code_in, home_of, imports, plain
from sidebyside.probing.operations import Operations
from sidebyside.probing.trees import nodes_of, tree_of
from sidebyside.reasons import Reason

__all__ = ["HOOKS", "Foreign", "calls_of_arguments", "tests_around"]

# What torch and NumPy call in the place of their own functions, if somebody asks for it.
HOOKS = ("__torch_function__", "__torch_dispatch__", "__array_ufunc__", "__array_function__")
Inside: TypeAlias = "tuple[str, ...]"  # the texts of all that a piece of code is a part of
Found: TypeAlias = (
    "tuple[Inside, str, str]"  # with the text of what is foreign, and of its argument
)


@dataclass
class Foreign:
    """
    What the project calls that is not in the language.

    `written` are the names that its code gives a value, with where.
    """

    operations: Operations
    written: Mapping[str, Sequence[Writer]]
    _known: dict[tuple[str, ast.AST], tuple[Found, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        files = [*self.operations.found]
        self.defined = {node.name for file in files for node in defined(tree_of(file))}
        self.generators = {name for file in files for name in generators(tree_of(file))}
        self.classes = {
            node.name: (file, node)
            for file in files
            for node in defined(tree_of(file))
            if isinstance(node, ast.ClassDef)
        }
        self.stated = {name for file in files for name in stated(tree_of(file))}
        self.called: dict[str, list[tuple[int, str]]] = {}
        for (file, line), (home, first) in self.operations.calls:
            self.called.setdefault(file, []).append((line, _name_at(home, first)))

    def reasons(self, file: str, tree: ast.AST, known: Collection[str]) -> Iterator[Reason]:
        """Yield what is foreign of some code, but for the pieces that are `known`."""
        key = (file, tree)
        if key not in self._known:
            self._known[key] = tuple(_Reading(self, file, tree).found())
        for inside, code, argument in self._known[key]:
            if not any(each in known for each in inside):
                fields = {"place": _place(file, tree), "code": code}
                if argument:
                    yield Reason("not-understood", {**fields, "argument": argument})
                else:
                    yield Reason("foreign", fields)

    def of_file(self, file: str) -> Iterator[Reason]:
        """Yield what the classes of a file have, or extend, that gives code another meaning."""
        for node in defined(tree_of(file)):
            if isinstance(node, ast.ClassDef):
                for code, where in self.of_class(file, node):
                    yield Reason("foreign", {"place": _place(file, where), "code": code})

    def of_class(self, file: str, node: ast.ClassDef) -> Iterator[tuple[str, ast.AST]]:
        """Yield what a class extends, or has, that is not in the language."""
        for base in node.bases:
            name = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
            first, dot, rest = name.partition(".")
            full = f"{imports(tree_of(file)).get(first, first)}{dot}{rest}"
            if full not in BASES and name.rpartition(".")[2] not in self.classes:
                yield f"class {node.name}({ast.unparse(base)})", node
        for inside in node.body:
            if isinstance(inside, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match):
                yield ast.unparse(inside).partition("\n")[0], inside
        for keyword in node.keywords:
            yield f"class {node.name}({ast.unparse(keyword)})", node
        for name, where in _special(node):
            if name not in SPECIAL:
                yield name, where

    def is_shown(self, file: str, node: ast.AST, but: Collection[str]) -> bool:
        """Whether code was seen to call some function of the project, besides some by name."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        called = self.called.get(file, ())
        return any(first <= line <= last and name not in but for line, name in called)

    def is_ours(self, file: str, full: str) -> bool:
        """Whether a name that a file imports belongs to the project."""
        home = home_of(file, full)
        return full[:1] == "." or (home is not None and self.operations.has(home))


class _Reading:
    """One reading of some code."""

    def __init__(self, foreign: Foreign, file: str, tree: ast.AST) -> None:
        self.foreign, self.file, self.tree = foreign, file, tree
        self.imports = imports(tree_of(file))
        nodes = [*nodes_of(tree)]
        self.spoken = {n.id for n in nodes if isinstance(n, ast.Name)}
        self.spoken |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}

    def found(self) -> Iterator[Found]:
        yield from self._around()
        if "*" in self.imports:
            yield (), "from … import *", ""
        yield from self._of(self.tree, ())

    def _around(self) -> Iterator[Found]:
        """The forms that code stands in, and what is put on its function."""
        line = getattr(self.tree, "lineno", 0)
        for node in _around(tree_of(self.file), line):
            if type(node).__name__ not in FORMS:
                yield (), ast.unparse(node).partition("\n")[0], ""
            for each in node.decorator_list if isinstance(node, NAMED) else ():
                yield from self._of_decorator(each)

    def _of_decorator(self, node: ast.expr) -> Iterator[Found]:
        if isinstance(node, ast.Attribute) and node.attr in ("setter", "getter", "deleter"):
            return
        full, is_ours = self._full(node.func if isinstance(node, ast.Call) else node)
        if is_ours:
            for home in self.foreign.operations.found:
                for each in defined(tree_of(home)):
                    if each.name == full.rpartition(".")[2]:
                        yield from self._of_project(home, each)
            return
        yield from self._of(node, ())

    def _of_project(self, home: str, node: ast.AST) -> Iterator[Found]:
        """What is foreign of a function that changes others."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        for each in code_in(home, first, last):
            reading = _Reading(self.foreign, home, each)
            yield from reading._of(each, ())

    def _of(self, node: ast.AST, inside: Inside) -> Iterator[Found]:
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            inside = (*inside, ast.unparse(node))
        if isinstance(node, ast.expr | ast.stmt) and type(node).__name__ not in FORMS:
            yield inside, ast.unparse(node).partition("\n")[0], ""
            return
        match node:
            case ast.Raise() | ast.Import() | ast.ImportFrom():
                return
            case ast.Call():
                yield from self._of_call(node, inside)
            case ast.Attribute():
                yield from self._of_attribute(node, inside)
            case ast.Name():
                yield from self._of_name(node, inside)
            case ast.AnnAssign():
                yield from self._of(node.target, inside)
                yield from self._of(node.value, inside) if node.value else ()
            case ast.Assign(value=value) if self._is_used_up(value):
                yield inside, ast.unparse(value), ""
            case _:
                for each in ast.iter_child_nodes(node):
                    yield from self._of(each, inside)

    def _of_call(self, call: ast.Call, inside: Inside) -> Iterator[Found]:
        """What is called, unless it is known; and its arguments."""
        for each in (*call.args, *(each.value for each in call.keywords)):
            if isinstance(each, ast.Attribute) and each.attr == "dtype":
                yield from () if self._root(each) else self._of(each.value, inside)
            else:
                yield from self._of(each, inside)
        text, function = ast.unparse(call), call.func
        if isinstance(function, ast.Attribute) and not self._root(function):
            yield from self._of(function.value, inside)
            yield from self._of_method(call, function.attr, inside)
            return
        full, is_ours = self._full(function)
        if is_ours:
            yield from self._of_ours(call, full.rpartition(".")[2], inside)
            if self._first_is_ambiguous(function):
                yield inside, text, ""
        elif full in FUNCTIONS:
            unknown = FUNCTIONS[full].unknown(call)
            if unknown:
                yield inside, text, unknown
            if full in ("getattr", "hasattr"):
                yield from self._of_getattr(call, inside)
        elif full or not self.foreign.is_shown(
            self.file, call, self.spoken - {ast.unparse(function)}
        ):
            if not _is_exception(full):
                yield inside, text, ""
        elif not isinstance(function, ast.Name):
            yield from self._of(function, inside)

    def _of_ours(self, call: ast.Call, name: str, inside: Inside) -> Iterator[Found]:
        """A function or class of the project; what else has such a name was seen to be one."""
        if name in self.foreign.classes:
            file, node = self.foreign.classes[name]
            yield from ((inside, code, "") for code, _ in self.foreign.of_class(file, node))
        elif name not in self.foreign.defined and not self.foreign.is_shown(
            self.file, call, self.spoken - {name}
        ):
            yield inside, ast.unparse(call), ""

    def _of_method(self, call: ast.Call, name: str, inside: Inside) -> Iterator[Found]:
        assert isinstance(call.func, ast.Attribute)
        is_self = ast.unparse(call.func.value) in ("self", "cls", "super()")
        is_written = f".{plain(name)}" in self.foreign.written
        is_shown = self.foreign.is_shown(self.file, call, self.spoken - {name})
        if name in self.foreign.defined and not is_written and (is_self or is_shown):
            return
        if name in METHODS and not is_written:
            unknown = METHODS[name].unknown(call)
            if unknown:
                yield inside, ast.unparse(call), unknown
        elif not is_shown and not (is_self and name in SPECIAL):
            yield inside, ast.unparse(call), ""

    def _of_getattr(self, call: ast.Call, inside: Inside) -> Iterator[Found]:
        match call.args:
            case [value, ast.Constant(str(name)), *_]:
                yield from self._of(ast.Attribute(value, name, ast.Load()), inside)
            case _:
                yield inside, ast.unparse(call), ""

    def _of_attribute(self, node: ast.Attribute, inside: Inside) -> Iterator[Found]:
        """What an object or a module has."""
        if self._root(node):
            full, is_ours = self._full(node)
            if not is_ours and full not in VALUES and full not in FUNCTIONS:
                yield inside, ast.unparse(node), ""
            return
        name, is_self = node.attr, ast.unparse(node.value) in ("self", "cls")
        is_given = f".{plain(name)}" in self.foreign.written or name in self.foreign.stated
        is_given = is_given or name in self.foreign.defined
        if is_given and not is_self and hasattr(np.ndarray, name):
            is_given = False
        is_known = is_given or name in KNOWN_ATTRIBUTES
        if name == "defaults" and is_self:  # of an optimizer, whose groups may have others
            is_known = False
        if not is_known or name == "dtype":  # which is only handed on
            yield inside, ast.unparse(node), ""
        yield from self._of(node.value, inside)

    def _of_name(self, node: ast.Name, inside: Inside) -> Iterator[Found]:
        full, is_ours = self._full(node)
        is_known = full in VALUES or full in FUNCTIONS or _is_exception(full)
        if (full and not is_ours and not is_known) or self._first_is_ambiguous(node):
            yield inside, node.id, ""

    def _root(self, node: ast.expr) -> str:
        """The module, or what else is imported, that a dotted name begins with."""
        root = _first(node)
        is_imported = root in self.imports and not self._is_variable(node)
        return root if is_imported else ""

    def _full(self, node: ast.expr) -> tuple[str, bool]:
        """What a name stands for, and whether it is of the project; empty for a variable."""
        text, first = ast.unparse(node), _first(node)
        if not first or self._is_variable(node):
            return "", False
        names = names_of(tree_of(self.file))
        if first in names.defined:
            return text, True
        if first in self.imports:
            full = self.imports[first] + text.removeprefix(first)
            return full, self.foreign.is_ours(self.file, full)
        return text, False

    def _is_used_up(self, node: ast.expr) -> bool:
        """Whether a value is gone once it was looked at."""
        if not isinstance(node, ast.Call):
            return isinstance(node, ast.GeneratorExp)
        name = ast.unparse(node.func).rpartition(".")[2]
        return name in USED_UP or name in self.foreign.generators

    def _is_variable(self, node: ast.expr) -> bool:
        """Whether a name begins with that of a variable where it stands, which may be anything."""
        return _first(node) in names_of(tree_of(self.file)).variables or self._is_local(node)

    def _is_local(self, node: ast.expr) -> bool:
        line = getattr(node, "lineno", getattr(self.tree, "lineno", 0))
        scopes = names_of(tree_of(self.file)).scopes
        own = [variables for first, last, variables in scopes if first <= line <= last]
        return any(_first(node) in each for each in own)

    def _first_is_ambiguous(self, node: ast.expr) -> bool:
        names = names_of(tree_of(self.file))
        return _first(node) in names.ambiguous and not self._is_local(node)


def calls_of_arguments(file: str, tree: ast.AST) -> set[str]:
    """
    Return how some code calls what its function is handed: `closure()`.

    Where a user's call begins, this is what the user does, as in all optimizers of torch.
    """
    around = _around(tree_of(file), getattr(tree, "lineno", 0))
    functions = [each for each in around if isinstance(each, ast.FunctionDef)]
    return {
        f"{argument.arg}()"
        for function in functions[-1:]
        for argument in (*function.args.args, *function.args.kwonlyargs)
        if argument.arg not in stored_in(function)
    }


def _first(node: ast.expr) -> str:
    """The name that a dotted name begins with; empty for what is none."""
    first, *rest = ast.unparse(node).split(".")
    return first if all(each.isidentifier() for each in (first, *rest)) else ""


def _special(owner: ast.ClassDef) -> Iterator[tuple[str, ast.AST]]:
    """The names with a meaning to Python that a class gives a value."""
    for node in owner.body:
        names = [node.name] if isinstance(node, NAMED) else [*stored(node)]
        yield from ((name, node) for name in names if name[:2] == name[-2:] == "__")


@lru_cache(maxsize=8192)
def _around(tree: ast.AST, line: int) -> tuple[ast.stmt, ...]:
    """The statements around a line."""
    return tuple(
        node
        for node in nodes_of(tree)
        if isinstance(node, ast.stmt)
        and hasattr(node, "body")
        and node.lineno <= line <= (node.end_lineno or 0)
    )


def tests_around(file: str, line: int) -> list[int]:
    """Return the lines of the conditions on which a line runs."""
    around = _around(tree_of(file), line)
    return [each.lineno for each in around if isinstance(each, ast.If | ast.While)]


@lru_cache(maxsize=8192)
def _name_at(file: str, first: int) -> str:
    """The name of the function that begins in a line."""
    for node in defined(tree_of(file)):
        if min([node.lineno, *(each.lineno for each in node.decorator_list)]) == first:
            return node.name
    return ""


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _place(file: str, node: ast.AST) -> str:
    return f"{os.path.basename(file)}:{getattr(node, 'lineno', 1)}"
