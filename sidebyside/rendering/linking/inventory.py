"""
# Names that are documented elsewhere

An inventory is a text file that says, for each name of another package, where its documentation is
and what it is. So names in code can link to, say, PyTorch's pages, while the package itself need
not be installed. One line each:

    base https://example.org/docs/       what the addresses below start with
    pkg.func    generated/$.html#$       a function or module; $ is the name itself
    pkg.make    generated/$.html -> pkg.Thing       a function, and the class of what it returns
    pkg.Thing   things.html class        a class
    pkg.Part    things.html#part class pkg.Thing    a class, and the class it extends
    pkg.Thing.x things.html#x : pkg.Thing           an attribute, and the class of its value
    pkg.deep.Thing = pkg.Thing           another path to the same thing
    pkg.Thing.__add__ - -> pkg.Thing     no page of its own

Empty lines and lines that start with `#` are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Kind = Literal["", "->", ":", "class"]


class InventoryError(Exception):
    """A line of an inventory that cannot be read. Its text is `path:line: reason`."""


@dataclass(frozen=True)
class Entry:
    """What an inventory says of one name; `type` is the class it returns, holds or extends."""

    url: str | None
    kind: Kind = ""
    type: str | None = None


@dataclass
class Inventory:
    """The names of other packages, by qualified name."""

    entries: dict[str, Entry] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def canonical(self, name: str) -> str:
        """The path under which the inventory lists `name`; other names are returned as they are."""
        return self.aliases.get(name, name)

    def is_class(self, name: str) -> bool:
        """Whether `name` is listed as a class."""
        return name in self.entries and self.entries[name].kind == "class"

    def bases(self, name: str) -> Iterator[str]:
        """The class `name` and those it extends."""
        while self.is_class(name):
            yield name
            name = self.entries[name].type or ""

    def attribute(self, owner: str, name: str) -> str | None:
        """The listed attribute or method `name` of the class `owner`, also an inherited one."""
        paths = (f"{base}.{name}" for base in self.bases(owner))
        return next((path for path in paths if path in self.entries), None)

    def classes_with(self, name: str) -> list[str]:
        """All listed classes that have an attribute or method `name` of their own."""
        return [c for c in self.entries if self.is_class(c) and f"{c}.{name}" in self.entries]


def read_inventory(path: Path) -> Inventory:
    """Read an inventory file; see the top of this module for its form."""
    inventory = Inventory()
    base = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match line.split():
            case []:
                pass
            case [comment, *_] if comment.startswith("#"):
                pass
            case ["base", url]:
                base = url
            case [name, "=", target]:
                inventory.aliases[name] = target
            case [name, url]:
                inventory.entries[name] = Entry(_address(base, url, name))
            case [name, url, "class"]:
                inventory.entries[name] = Entry(_address(base, url, name), "class")
            case [name, url, ("class" | "->" | ":") as kind, type_]:
                inventory.entries[name] = Entry(_address(base, url, name), kind, type_)
            case _:
                raise InventoryError(f"{path}:{number}: not a line of an inventory: {line.strip()}")
    return inventory


def _address(base: str, url: str, name: str) -> str | None:
    return None if url == "-" else base + url.replace("$", name)
