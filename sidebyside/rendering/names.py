"""
# Links from the names in code to their definitions

`Names` is given all modules that have a page. For each of them it tells where in its text a name
stands that refers to something a reader can look up: a definition on one of the pages, or an entry
of an inventory such as PyTorch's. It never guesses: a name that could mean two things has no link,
and neither has a local variable.

It also knows the relations between definitions: which method overrides which, and who uses what.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sidebyside.rendering.linking.inventory import Inventory, read_inventory
from sidebyside.rendering.linking.occurrences import Occurrences
from sidebyside.rendering.linking.program import Definition, Program
from sidebyside.source.reading import dotted
from sidebyside.source.sections import Module, parse_source

# The inventory of PyTorch's documentation that comes with this package.
TORCH_NAMES = Path(__file__).with_name("torch_names.txt")


@dataclass(frozen=True)
class SourcePage:
    """A module that has a page; `url` is relative to the root of the site, `source` its text."""

    module: str
    path: Path
    url: str
    source: Module | None = None


@dataclass(frozen=True, order=True)
class Link:
    """
    A name in a line of code, and where it leads.

    Lines count from 1; `start` and `end` count characters of the line from 0. `url` is relative to
    the module's own page, or absolute when it is `external`. `title` is the full name of the
    target.
    """

    line: int
    start: int
    end: int
    url: str
    title: str
    external: bool


@dataclass(frozen=True)
class Reference:
    """A definition as a page sees it: its name, its address from there, its full name."""

    name: str
    url: str
    title: str
    external: bool


@dataclass(frozen=True)
class Relations:
    """What a definition overrides, what overrides it, and who uses it."""

    overrides: Reference | None = None
    overridden_by: tuple[Reference, ...] = ()
    used_by: tuple[Reference, ...] = ()


class Names:
    """The names in all modules that have pages; `inventory` lists names documented elsewhere."""

    def __init__(self, pages: Iterable[SourcePage], inventory: Path | None = None) -> None:
        self._pages = {page.module: page for page in pages}
        self._inventory = read_inventory(inventory) if inventory else Inventory()
        files = {
            page.module: (page.path, page.source or parse_source(page.path))
            for page in self._pages.values()
        }
        self._program = Program(files, self._inventory)
        self._occurrences = Occurrences(self._program)

    @property
    def modules(self) -> list[str]:
        """The names of all modules that have pages."""
        return list(self._pages)

    def links(self, module: str) -> list[Link]:
        """All links in the code of a module, in the order of the text."""
        links = []
        for found in self._occurrences.of(module):
            if isinstance(found.target, int):
                target = Reference("", f"#L{found.target}", f"line {found.target}", external=False)
            elif (known := self.reference(found.target, self._pages[module].url)) is not None:
                target = known
            else:
                continue
            span = (found.line, found.start, found.end)
            links.append(Link(*span, target.url, target.title, target.external))
        return links

    def relations(self, path: str) -> Relations:
        """The relations of the definition with this full name, as its own page refers to them."""
        definition = self._program.definition(path)
        if definition is None or definition.module not in self._pages:
            return Relations()
        url = self._pages[definition.module].url
        above = self._overridden.get(path)
        return Relations(
            self.reference(above, url) if above else None,
            self._references(self._overriding.get(path, []), url),
            self._references(self._users.get(path, []), url),
        )

    def definitions(self, module: str) -> list[Definition]:
        """What a module and its classes define, in the order of the text."""
        return self._program.definitions(module)

    def bases(self, path: str) -> list[str]:
        """The full names of a class's known base classes, nearest first."""
        return [each for each in self._program.linear(path)[1:] if self._program.is_class(each)]

    def is_protocol(self, path: str) -> bool:
        """Whether a class only describes others, and has no place in their family."""
        found = self._program.block(path)
        bases = getattr(found.node, "bases", []) if found else []
        return any(dotted(each).endswith("Protocol") for each in bases)

    def reference(self, path: str, page: str = "") -> Reference | None:
        """The definition or inventory entry with this full name, as seen from a page."""
        definition = self._program.definition(path)
        if definition is None:
            entry = self._inventory.entries.get(path)
            if entry is None or entry.url is None:
                return None
            return Reference(path.rpartition(".")[2], entry.url, path, external=True)
        if definition.module not in self._pages:
            return None
        url = relative_url(self._pages[definition.module].url, page) + definition.anchor
        return Reference(definition.name or path, url, path, external=False)

    def _references(self, paths: Iterable[str], page: str) -> tuple[Reference, ...]:
        return tuple(filter(None, (self.reference(path, page) for path in paths)))

    @cached_property
    def _overridden(self) -> dict[str, str]:
        """For each method or attribute of a class, the nearest one above it of the same name."""
        found = {}
        for module in self._pages:
            for each in self.definitions(module):
                owner, _, name = each.path.rpartition(".")
                if each.kind in ("function", "attribute") and self._program.is_class(owner):
                    above = self._program.attribute(owner, name, above=True)
                    if above is not None:
                        found[each.path] = above
        return found

    @cached_property
    def _overriding(self) -> dict[str, list[str]]:
        """For each method, those that override it, without others between."""
        found: dict[str, list[str]] = {}
        for path, above in self._overridden.items():
            found.setdefault(above, []).append(path)
        return found

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        """For each target, the definitions in whose lines its name stands, without itself."""
        users: dict[str, dict[str, None]] = {}
        for module in self._pages:
            around: list[Definition] = []  # the innermost is the last
            coming = self.definitions(module)[::-1]
            for found in self._occurrences.of(module):
                while coming and coming[-1].line <= found.line:
                    around.append(coming.pop())
                while around and around[-1].end < found.line:
                    around.pop()
                if around and isinstance(found.target, str) and around[-1].path != found.target:
                    users.setdefault(found.target, {})[around[-1].path] = None
        return {target: list(paths) for target, paths in users.items()}


def relative_url(url: str, page: str) -> str:
    """`url` as a link on `page`, both relative to the root; empty for the page itself."""
    if url == page:
        return ""
    path = posixpath.relpath(url or ".", posixpath.dirname(page) or ".")
    return f"{path}/" if url.endswith("/") or not url else path
