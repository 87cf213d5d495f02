"""
# The modules as Python would see them, without running them

What a dotted path leads to through imports and re-exports, and what a class inherits and from whom.
Modules that have pages were parsed for them; other modules of the same packages are read when a
name leads there. Where the source leaves two answers open, there is no answer: a name without a
link is a small loss, a wrong link is a lie.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sidebyside.rendering.linking.inventory import Inventory
from sidebyside.rendering.linking.scopes import (
    Binding,
    Scope,
    Scopes,
    is_partial,
    read_scopes,
    settled,
)
from sidebyside.source.reading import dotted
from sidebyside.source.sections import Module, SourceError, parse_source

# Classes that add nothing a reader could look up.
_TRANSPARENT = {"object", "abc.ABC", "typing.Generic", "typing.Protocol"}
_UNKNOWN = "?"
_DOCUMENTED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


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


class Program:
    """
    What paths and names mean in some packages, and in an inventory of names beyond them.

    The packages are those that the given modules, by dotted name, belong to.
    """

    def __init__(self, files: Mapping[str, tuple[Path, Module]], inventory: Inventory) -> None:
        self.inventory = inventory
        self._files = dict(files)
        self._modules: dict[str, Scopes | None] = {}
        self._linear: dict[str, list[str]] = {}
        self._open: set[str] = set()

    # Modules and classes

    def module(self, name: str) -> Scopes | None:
        """The module with this dotted name, if it belongs to the packages."""
        if name not in self._modules:
            outer = name.rpartition(".")[0]
            around = self.module(outer) if outer else None
            exists = not outer or (around and around.is_package)
            path, source = (exists and self._find(name)) or (None, None)
            is_package = path is None or path.name == "__init__.py"
            found = read_scopes(source, name, is_package=is_package) if source else None
            self._modules[name] = found
        return self._modules[name]

    def _find(self, name: str) -> tuple[Path | None, Module] | None:
        """The text of a module; of a folder without a text of its own, an empty one."""
        if name in self._files:
            return self._files[name]
        top, *rest = name.split(".")
        for root in self._roots.get(top, ()):
            place = root.joinpath(top, *rest)
            for path in (place / "__init__.py", place.parent / f"{place.name}.py"):
                if path.is_file():
                    try:
                        return path, parse_source(path)
                    except (SourceError, OSError):
                        continue
        is_folder = any(each.startswith(f"{name}.") for each in self._files)
        return (None, parse_source(Path(name), "")) if is_folder else None

    @cached_property
    def _roots(self) -> dict[str, set[Path]]:
        """The folders from which each package is imported."""
        roots: dict[str, set[Path]] = {}
        for name, (path, _) in self._files.items():
            depth = len(name.split(".")) - (path.name != "__init__.py")
            roots.setdefault(name.split(".")[0], set()).add(path.resolve().parents[depth])
        return roots

    def block(self, path: str) -> Scope | None:
        """The scope of the module or class with this very path."""
        outer, _, last = path.rpartition(".")
        found = self.module(path)
        if found is None and outer:
            around = self.block(outer)
            return around.classes.get(last) if around else None
        return found.module if found else None

    def bound(self, path: str) -> list[Binding]:
        """What is bound to this very path of a module or class, overloads aside."""
        outer, _, name = path.rpartition(".")
        block = self.block(outer) if outer else None
        return [b for b in block.bound(name) if not is_partial(b, name)] if block else []

    def is_class(self, path: str) -> bool:
        """Whether this path is a class of the packages or of the inventory."""
        found = self.block(path)
        return found.kind == "class" if found else self.inventory.is_class(path)

    def is_sure(self, path: str) -> bool:
        """Whether this path is a class of the packages, and the only thing of its name."""
        return self.is_class(path) and self.resolve(path) == path

    # Where a path leads

    def resolve(self, path: str) -> str | None:
        """Where a dotted path leads through re-exports; beyond the packages, the path itself."""
        here: str | None
        here, *rest = path.split(".")
        for index, name in enumerate(rest, 1):
            # Before the last dot, a submodule wins over anything else of that name.
            deeper = f"{here}.{name}"
            is_module = index < len(rest) and self.module(deeper)
            here = deeper if is_module else self.member(here, name)
            if here is None:
                return None
        return here

    def member(self, owner: str, name: str) -> str | None:
        """What the attribute `name` of a module or class is; None where that is not certain."""
        if self.is_class(owner):
            return self.attribute(owner, name)
        found = self.block(owner)
        if found is not None:
            return self.own(found, name)
        return None if self.bound(owner) else self.inventory.canonical(f"{owner}.{name}")

    def own(self, owner: Scope, name: str) -> str | None:
        """What `name` is among a module's or class's own names."""
        path = f"{owner.path}.{name}"
        if path in self._open:  # modules that import a name from each other in a circle
            return None
        self._open.add(path)
        try:
            return self._own(owner, name, path)
        finally:
            self._open.remove(path)

    def _own(self, owner: Scope, name: str, path: str) -> str | None:
        bindings = owner.bindings.get(name, [])
        if owner.kind == "module":
            if self.module(path):
                return path if all(b.target == path for b in bindings) else None
            star = self._starred(owner, name, after=min((b.line for b in bindings), default=0))
            if star != "":
                return self.resolve(f"{star}.{name}") if star and not bindings else None
        certain = settled(bindings, name) if bindings else owner.bound(name)
        kinds = {b.kind for b in certain}
        if "import" in kinds:
            return self.resolve(certain[0].target)
        # A method that is also assigned on `self` may be either; a property has a setter for that.
        is_method = "definition" in kinds and not certain[0].is_property
        unsure = is_method and name in owner.stores
        return path if not unsure and kinds & {"definition", "variable"} else None

    def _starred(self, owner: Scope, name: str, after: int = 0) -> str | None:
        """The module that a star import below this line brings a name from; None if unknown."""
        scopes = self.module(owner.path)
        found = ""
        for star in scopes.stars if scopes else ():
            if star.node.lineno > after:
                module = self.module(star.module)
                if module is None:
                    return None
                if module.exports(name) and self.own(module.module, name):
                    found = star.module
        return found

    def attribute(self, owner: str, name: str, *, above: bool = False) -> str | None:
        """Where a class finds `name` among its ancestors; with `above`, as `super()` does."""
        stored = False
        for path in self.linear(owner)[above:]:
            base = self.block(path)
            if base is None:
                return None if stored else self.inventory.attribute(path, name)
            if bound := base.bound(name):
                is_method = bound[-1].kind == "definition" and not bound[-1].is_property
                return None if stored and is_method else self.own(base, name)
            stored = stored or name in base.stores
        return None

    def linear(self, path: str) -> list[str]:
        """The method resolution order of a class. It ends where a base class is unknown."""
        if path in self._linear:
            return self._linear[path]
        found = self.block(path)
        if found is None or not isinstance(found.node, ast.ClassDef):
            return [*self.inventory.bases(path)] or [path]
        self._linear[path] = [path, _UNKNOWN]  # what a class sees that extends itself
        bases = [base for base in (self._base(found, each) for each in found.node.bases) if base]
        above = [self.linear(base) for base in bases]
        if len(bases) > 1 and any(not self.is_class(each) for line in above for each in line):
            # What is unknown may stand anywhere behind the first base.
            merged = [bases[0], _UNKNOWN]
        else:
            merged = _merged([*above, bases])
        self._linear[path] = [path, *merged]
        return self._linear[path]

    def _base(self, owner: Scope, node: ast.expr) -> str:
        """The path of a base class; empty for one that adds nothing."""
        name, *rest = dotted(node).split(".")
        scope = owner.parent
        if scope is None or scope.find(name) is None:
            return "" if name in _TRANSPARENT else _UNKNOWN
        here = self.visible(scope, name, node.lineno)
        for part in rest:
            here = self.member(here, part) if here else None
        if here in _TRANSPARENT:
            return ""
        is_base = here and (self.is_class(here) or not (self.block(here) or self.bound(here)))
        return here if here and is_base else _UNKNOWN

    def visible(self, scope: Scope, name: str, line: int) -> str | None:
        """What a name of module or class level means where it is read, on that line."""
        owner = scope.find(name)
        if owner is not None and owner.kind == "class":
            if any(binding.end >= line for binding in owner.bindings[name]):
                return None  # not bound yet: perhaps it is the name of the module, perhaps an error
        elif owner is not None and owner.kind != "module":
            return None
        return self.own(owner or scope.module, name)

    # Definitions

    def definitions(self, module: str) -> list[Definition]:
        """What a module and its classes define, in the order of the text."""
        found = self.module(module)
        paths = _inside(found.module) if found else ()
        definitions = [each for each in map(self.definition, paths) if each and each.name]
        return sorted(definitions, key=lambda each: (each.line, -each.end))

    def definition(self, path: str) -> Definition | None:
        """The definition under this canonical path, if it is in the packages."""
        if self.module(path):
            return Definition(path, "", "module", 1, 1, documented=True)
        outer, _, last = path.rpartition(".")
        block, bound = self.block(outer) if outer else None, self.bound(path)
        if block is None or not bound:
            return None
        module = block.module.path
        name = path.removeprefix(f"{module}.")
        for binding in reversed(bound):
            node = binding.node
            if isinstance(node, _DOCUMENTED):
                kind = "class" if isinstance(node, ast.ClassDef) else "function"
                kind = "attribute" if binding.is_property else kind
                documented = ast.get_docstring(node, False) is not None
                return Definition(module, name, kind, binding.line, binding.end, documented)
        if all(binding.kind != "variable" for binding in bound):
            return None
        every = [*block.bindings.get(last, []), *block.stores.get(last, [])]
        line = min(binding.line for binding in every)
        return Definition(module, name, "variable", line, line, documented=False)

    def defines(self, name: str) -> bool:
        """Whether any class that has a page has a method or attribute of this name."""
        return name in self._members

    @cached_property
    def _members(self) -> set[str]:
        paths = [
            path for name in self._files if (m := self.module(name)) for path in _inside(m.module)
        ]
        return {path.rpartition(".")[2] for path in paths if self.is_class(path.rpartition(".")[0])}


def _inside(block: Scope) -> Iterator[str]:
    """The paths of all that is bound in a module or class, at any depth."""
    for name in dict.fromkeys([*block.bindings, *block.stores]):
        yield f"{block.path}.{name}"
        if name in block.classes:
            yield from _inside(block.classes[name])


def _merged(lines: list[list[str]]) -> list[str]:
    """Python's C3: the ancestors in one order that keeps those of all bases."""
    lines, merged = [list(line) for line in lines if line], list[str]()
    while lines:
        later = {path for line in lines for path in line[1:]}
        head = next((line[0] for line in lines if line[0] not in later), None)
        if head is None:
            return [_UNKNOWN]
        merged.append(head)
        lines = [rest for line in lines if (rest := [each for each in line if each != head])]
    return merged
