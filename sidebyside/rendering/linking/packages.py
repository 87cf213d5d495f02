"""
# What the packages define, as their text says

Here is what the modules that have pages define, by dotted path, with the scopes of each. The text
is read, never run: `loading` does it, and reads other modules of the same packages when a name
leads there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import griffe

from sidebyside.rendering.linking.loading import Loading
from sidebyside.rendering.linking.reader import read_scopes
from sidebyside.rendering.linking.scopes import Scope, Scopes, is_partial
from sidebyside.source import Module


@dataclass(frozen=True)
class Definition:
    """
    A module, class, function or variable of the source.

    `name` is qualified within the module, and empty for the module itself. `documented` tells
    whether it has a docstring.
    """

    module: str
    name: str
    kind: str
    line: int
    end: int
    documented: bool

    @property
    def path(self) -> str:
        """The name qualified with the module."""
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def anchor(self) -> str:
        """What to add to the address of the page: the heading of a docstring, or else the line."""
        if self.documented:
            return f"#{self.name}" if self.name else ""
        return f"#L{self.line}"


class Packages:
    """The packages that the given modules, by dotted name, belong to."""

    def __init__(self, modules: Mapping[str, tuple[Path, Module]]) -> None:
        self._modules = list(modules)
        self._scopes: dict[str, Scopes] = {}
        self._loading = Loading(modules)
        self._known: dict[str, griffe.Object | None] = {}

    def object(self, path: str) -> griffe.Object | None:
        """What is defined under this very path; None for imported and for unknown names."""
        if path not in self._known:
            outer, _, last = path.rpartition(".")
            owner = self.object(outer) if outer else None
            found = self.member(owner, last) if owner else self._loading.module(path)
            self._known[path] = found if isinstance(found, griffe.Object) else None
        return self._known[path]

    def member(self, owner: griffe.Object, name: str) -> griffe.Object | griffe.Alias | None:
        """What a module or class has under this name. A module inside a package comes first."""
        inner = self._loading.module(f"{owner.path}.{name}") if owner.is_module else None
        return inner or owner.members.get(name)

    def scopes(self, module: str) -> Scopes:
        """The scopes of a module."""
        if module not in self._scopes:
            found = self._loading.module(module)
            is_package = found is not None and found.is_init_module
            source = self._loading.source(module)
            try:
                self._scopes[module] = read_scopes(source, module, is_package=is_package)
            except RecursionError:  # nested hundreds deep: then without links
                nothing = replace(source, tree=ast.Module([], []))
                self._scopes[module] = read_scopes(nothing, module, is_package=is_package)
        return self._scopes[module]

    def block(self, owner: griffe.Object) -> Scope:
        """The scope of a module or class."""
        return self.scopes(owner.module.path).block(owner.path)

    def stores(self, owner: griffe.Object) -> dict[str, list[int]]:
        """The attributes that the methods of a class assign on `self`, with the lines."""
        return self.scopes(owner.module.path).stores.get(owner.path, {})

    def defines(self, name: str) -> bool:
        """Whether any class has a method or attribute of this name."""
        return name in self._member_names

    @cached_property
    def _member_names(self) -> set[str]:
        objects = map(self.object, self._modules)
        classes = (c for each in objects if each for c in _inside(each) if c.is_class)
        return {name for each in classes for name in each.members}

    def definitions(self, module: str) -> list[Definition]:
        """What a module and its classes define, in the order of the text."""
        found = self.object(module)
        inside = [each for each in _inside(found) if not each.is_module] if found else []
        definitions = [self.definition(each.path) for each in inside if each.module is found]
        real = [each for each in definitions if each is not None]
        return sorted(real, key=lambda each: (each.line, -each.end))

    def definition(self, path: str) -> Definition | None:
        """The definition under this canonical path, if it is in the packages."""
        found = self.object(path)
        if found is None:
            return None
        if found.is_module:
            return Definition(path, "", "module", 1, 1, documented=True)
        module = found.module.path
        name = path.removeprefix(f"{module}.")
        outer, _, last = path.rpartition(".")
        scopes = self.scopes(module)
        bindings = scopes.block(outer).bindings.get(last, [])
        whole = [b for b in bindings if b.kind == "definition" and not is_partial(b, last)]
        if whole:
            line, end, node = whole[-1].line, whole[-1].end, whole[-1].node
            documented = (
                isinstance(node, _DOCUMENTED) and ast.get_docstring(node, False) is not None
            )
            return Definition(module, name, found.kind.value, line, end, documented)
        lines = [b.line for b in bindings] + scopes.stores.get(outer, {}).get(last, [])
        if not lines:  # made by a decorator, such as the `__init__` of a dataclass
            return None
        return Definition(module, name, "variable", min(lines), min(lines), documented=False)


_DOCUMENTED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _inside(owner: griffe.Object) -> Iterator[griffe.Object]:
    """All that is defined in a module or class, at any depth."""
    for each in owner.members.values():
        if isinstance(each, griffe.Object):
            yield each
            if isinstance(each, (griffe.Class, griffe.Module)):
                yield from _inside(each)
