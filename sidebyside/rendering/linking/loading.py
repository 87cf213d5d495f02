"""
# Reading modules when a name leads there

Modules that have pages were parsed for them, and are not parsed again. Of the other modules in
their packages, those are read that a name leads to: a package may hold thousands. Griffe makes of
each what it defines, without importing anything.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import griffe

from sidebyside.source import Module, SourceError, parse_source


class Loading:
    """The modules of some packages; each is loaded once, when it is first asked for."""

    def __init__(self, modules: Mapping[str, tuple[Path, Module]]) -> None:
        self._paths = {name: path for name, (path, _) in modules.items()}
        self._sources = {name: source for name, (_, source) in modules.items()}
        self._loaded: dict[str, griffe.Module | None] = {}
        self._loader = griffe.GriffeLoader(
            search_paths=[], allow_inspection=False, store_source=False
        )

    def source(self, name: str) -> Module:
        """The text of a module; of a folder without a text of its own, an empty one."""
        return self._sources.get(name) or parse_source(Path(name), "")

    def module(self, name: str) -> griffe.Module | None:
        """The module with this dotted name, if it belongs to the packages."""
        if name not in self._loaded:
            self._loaded[name] = None  # modules import each other in circles
            outer, _, last = name.rpartition(".")
            owner = self.module(outer) if outer else None
            if (owner or not outer) and self._find(name):
                self._loaded[name] = module = self._visit(name, last, owner)
                (owner or self._loader.modules_collection).set_member(last, module)
                self._expand(module)
        return self._loaded[name]

    def _find(self, name: str) -> bool:
        """Whether there is such a module, or a folder that holds one. Read what it says."""
        if name in self._sources:
            return True
        top, *rest = name.split(".")
        for root in self._roots.get(top, ()):
            place = root.joinpath(top, *rest)
            for path in (place / "__init__.py", place.parent / f"{place.name}.py"):
                if path.is_file() and (source := _parsed(path)):
                    self._paths[name], self._sources[name] = path, source
                    return True
        return name in self._folders

    @cached_property
    def _folders(self) -> set[str]:
        """The names of packages without a page, around the modules that have one."""
        return {
            name.rsplit(".", depth)[0]
            for name in [*self._paths]
            for depth in range(1, name.count(".") + 1)
        }

    @cached_property
    def _roots(self) -> dict[str, set[Path]]:
        """The folders from which each package is imported."""
        roots: dict[str, set[Path]] = {}
        for name, path in [*self._paths.items()]:
            depth = len(name.split(".")) - (path.name != "__init__.py")
            roots.setdefault(name.split(".")[0], set()).add(path.resolve().parents[depth])
        return roots

    def _visit(self, name: str, last: str, owner: griffe.Module | None) -> griffe.Module:
        collection = self._loader.modules_collection
        if name in self._sources:
            try:
                visitor = _Visitor(last, self._paths[name], self._sources[name], owner, collection)
                return visitor.get_module()
            except RecursionError:  # a chain of hundreds of `elif`: without links, then
                pass
        return griffe.Module(last, filepath=[], parent=owner, modules_collection=collection)

    def _expand(self, module: griffe.Module) -> None:
        """Put in what the module imports with a star."""
        aliases = [each for each in module.members.values() if isinstance(each, griffe.Alias)]
        stars = [each for each in aliases if each.wildcard]
        for star in stars:
            self.module(star.target_path)
        if stars or module.exports:
            self._loader.expand_exports(module)
            self._loader.expand_wildcards(module, external=False)


def _parsed(path: Path) -> Module | None:
    try:
        return parse_source(path)
    except (SourceError, OSError):
        return None


class _Visitor(griffe.Visitor):
    """Takes the tree that we have, and what links need of it."""

    def __init__(
        self,
        name: str,
        path: Path,
        source: Module,
        owner: griffe.Module | None,
        collection: griffe.ModulesCollection,
    ) -> None:
        extensions = griffe.load_extensions()
        super().__init__(name, path, source.text, extensions, owner, modules_collection=collection)
        self._tree = source.tree

    def get_module(self) -> griffe.Module:
        self.visit(self._tree)
        return self.current.module

    def generic_visit(self, node: ast.AST) -> None:
        """Definitions stand in statements; of expressions nothing is needed."""
        for child in griffe.ast_children(node):
            if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                self.visit(child)

    def handle_attribute(
        self, node: ast.Assign | ast.AnnAssign, annotation: str | griffe.Expr | None = None
    ) -> None:
        """Without a look for a string behind it: griffe walks all statements for that."""
        kind = type(node.parent)  # type: ignore[union-attr]  # griffe's
        node.parent = kind.__new__(kind)  # type: ignore[union-attr,call-overload]
        node.parent.body = [node]  # type: ignore[union-attr]
        super().handle_attribute(node, annotation)
