"""
# Where in the text of a module the names stand that refer to something

The parser tells where an expression begins and ends, in bytes. People and pages count characters,
and want the place of the name alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from sidebyside.rendering.linking.meaning import Meaning
from sidebyside.rendering.linking.program import Program
from sidebyside.rendering.linking.scopes import Import, Scopes

# A line, a column, the name there, and what it refers to.
_Place: TypeAlias = "tuple[int, int, str, str | int | None]"


@dataclass(frozen=True)
class Occurrence:
    """A name in the code, and the path of its definition; for a local definition, its line."""

    line: int
    start: int
    end: int
    target: str | int


class Occurrences:
    """The names in the modules of some packages."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._meaning = Meaning(program)
        self._known: dict[str, list[Occurrence]] = {}

    def of(self, module: str) -> list[Occurrence]:
        """All names of a module that refer to something, in the order of the text."""
        if module not in self._known:
            scopes = self._program.module(module)
            self._known[module] = [*self._read(scopes)] if scopes else []
        return self._known[module]

    def _read(self, scopes: Scopes) -> Iterator[Occurrence]:
        imported = (place for each in scopes.imports for place in self._imported(each, scopes))
        places = [*self._used(scopes), *imported]
        for line, start, name, target in sorted(places, key=lambda place: place[:2]):
            # The parser normalizes what it reads: only if the name stands there in these letters.
            stands = start >= 0 and scopes.lines[line - 1].startswith(name, start)
            if stands and target is not None:
                yield Occurrence(line, start, start + len(name), target)

    def _used(self, scopes: Scopes) -> Iterator[_Place]:
        """Each name stands at the end of its expression."""
        for use in scopes.uses:
            name = use.node.id if isinstance(use.node, ast.Name) else use.node.attr
            line = use.node.end_lineno or use.node.lineno
            end = _column(scopes, line, use.node.end_col_offset or 0)
            yield line, end - len(name), name, self._meaning.of(use)

    def _imported(self, statement: Import, scopes: Scopes) -> Iterator[_Place]:
        """The names in an import statement: packages, modules, and what is imported from them."""
        node = statement.node
        if isinstance(node, ast.ImportFrom) and node.module:
            after = _column(scopes, node.lineno, node.col_offset) + len("from")
            # Not found if it is continued on the next line.
            start = scopes.lines[node.lineno - 1].find(node.module, after)
            package = statement.module.removesuffix(node.module)
            yield from _dotted(node.lineno, start, package, node.module)
        for alias in node.names:
            start = _column(scopes, alias.lineno, alias.col_offset)
            if isinstance(node, ast.Import):
                yield from _dotted(alias.lineno, start, "", alias.name)
            else:
                target = self._program.resolve(f"{statement.module}.{alias.name}")
                yield alias.lineno, start, alias.name, target


def _dotted(line: int, start: int, package: str, dotted: str) -> Iterator[_Place]:
    """Each part of the name of a module."""
    path = package
    for name in dotted.split("."):
        path += name
        yield line, start, name, path
        start += len(name) + 1
        path += "."


def _column(scopes: Scopes, line: int, offset: int) -> int:
    text = scopes.lines[line - 1]
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))
