"""
# Where in the text of a module the names stand that refer to something

The parser tells where an expression begins and ends, in bytes. People and pages count characters,
and want the place of the name alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from sidebyside.rendering.linking.meaning import Meaning
from sidebyside.rendering.linking.packages import Packages
from sidebyside.rendering.linking.program import Program
from sidebyside.rendering.linking.scopes import Import, Use
from sidebyside.rendering.linking.values import Local, Thing, Value


@dataclass(frozen=True)
class Occurrence:
    """A name in the code, and the path of its definition; for a local definition, its line."""

    line: int
    start: int
    end: int
    target: str | int


class Occurrences:
    """The names in the modules of some packages."""

    def __init__(self, packages: Packages, program: Program) -> None:
        self._packages = packages
        self._program = program
        self._meaning = Meaning(program)
        self._known: dict[str, list[Occurrence]] = {}

    def of(self, module: str) -> list[Occurrence]:
        """All names of a module that refer to something, in the order of the text."""
        if module not in self._known:
            reader = _Text(self._packages, module)
            scopes = self._packages.scopes(module)
            used = (reader.use(use, self._refer(use)) for use in scopes.uses)
            imported = (reader.imported(each, self._program) for each in scopes.imports)
            found = (occurrence for each in (*used, *imported) for occurrence in each)
            self._known[module] = sorted(found, key=lambda each: (each.line, each.start))
        return self._known[module]

    def _refer(self, use: Use) -> Value | None:
        try:
            value = self._meaning.refer(use.node, use.scope)
            if value is None and use.called and isinstance(use.node, ast.Attribute):
                return self._meaning.in_place(use.node, use.scope)
        except RecursionError:  # a name behind hundreds of dots
            return None
        return value


class _Text:
    """The text of one module."""

    def __init__(self, packages: Packages, module: str) -> None:
        self._lines = [line.text for line in packages.scopes(module).source.lines]

    def use(self, use: Use, value: Value | None) -> Iterator[Occurrence]:
        """The name itself, which stands at the end of its expression."""
        node = use.node
        name = node.id if isinstance(node, ast.Name) else node.attr
        line = node.end_lineno or node.lineno
        start = self._column(line, node.end_col_offset or 0) - len(name)
        if isinstance(value, Thing):
            yield from self._name(line, start, name, value.path)
        elif isinstance(value, Local):
            yield from self._name(line, start, name, value.line)

    def imported(self, statement: Import, program: Program) -> Iterator[Occurrence]:
        """The names in an import statement: packages, modules, and what is imported from them."""
        node = statement.node
        if isinstance(node, ast.ImportFrom) and node.module:
            after = self._column(node.lineno, node.col_offset) + len("from")
            start = self._lines[node.lineno - 1].find(node.module, after)
            package = statement.module.removesuffix(node.module)
            if start >= 0:  # not continued on the next line
                yield from self._dotted(node.lineno, start, package, node.module)
        for alias in node.names:
            start = self._column(alias.lineno, alias.col_offset)
            if isinstance(node, ast.Import):
                yield from self._dotted(alias.lineno, start, "", alias.name)
            elif (target := program.resolve(f"{statement.module}.{alias.name}")) is not None:
                yield from self._name(alias.lineno, start, alias.name, target)

    def _dotted(self, line: int, start: int, package: str, dotted: str) -> Iterator[Occurrence]:
        """One occurrence for each part of the name of a module."""
        path = package
        for name in dotted.split("."):
            path += name
            yield from self._name(line, start, name, path)
            start += len(name) + 1
            path += "."

    def _name(self, line: int, start: int, name: str, target: str | int) -> Iterator[Occurrence]:
        """An occurrence, if the name stands there: the parser normalizes what it reads."""
        if self._lines[line - 1][start : start + len(name)] == name:
            yield Occurrence(line, start, start + len(name), target)

    def _column(self, line: int, offset: int) -> int:
        return len(self._lines[line - 1].encode()[:offset].decode())
