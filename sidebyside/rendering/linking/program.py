"""
# The modules as Python would see them, without running them

Griffe reads the packages; here its knowledge is put into the form that links need: what a dotted
path leads to through imports and re-exports, what a class inherits and from whom. Where the source
leaves two answers open, there is no answer: a name without a link is a small loss, a wrong link is
a lie.
"""

from __future__ import annotations

import griffe

from sidebyside.rendering.linking.inventory import Inventory
from sidebyside.rendering.linking.packages import Packages
from sidebyside.rendering.linking.scopes import Scope, settled

# Classes that add nothing a reader could look up.
_TRANSPARENT = {"object", "abc.ABC", "typing.Generic", "typing.Protocol"}
_UNKNOWN = "?"


class Program:
    """What paths and names mean in packages, and in an inventory of names beyond them."""

    def __init__(self, packages: Packages, inventory: Inventory) -> None:
        self.packages = packages
        self.inventory = inventory
        self._linear: dict[str, list[str]] = {}
        self._open: set[str] = set()

    def is_class(self, path: str) -> bool:
        """Whether this path is a class of the packages or of the inventory."""
        found = self.packages.object(path)
        return found.is_class if found else self.inventory.is_class(path)

    def is_sure(self, path: str) -> bool:
        """Whether this path is a class of the packages, and the only thing of its name."""
        return self.is_class(path) and self.resolve(path) == path

    def resolve(self, dotted: str) -> str | None:
        """Where a dotted path leads through re-exports; beyond the packages, the path itself."""
        here: str | None
        here, *rest = dotted.split(".")
        for index, name in enumerate(rest, 1):
            deeper = f"{here}.{name}"
            # Before the last dot, a submodule wins over anything else of that name.
            package = index < len(rest) and isinstance(self.packages.object(deeper), griffe.Module)
            here = deeper if package else self.member(here, name)
            if here is None:
                return None
        return here

    def member(self, owner: str, name: str) -> str | None:
        """What the attribute `name` of a module or class is; None where that is not certain."""
        found = self.packages.object(owner)
        if self.is_class(owner):
            return self.attribute(owner, name)
        if found is None:
            return self.inventory.canonical(f"{owner}.{name}")
        return self.own(found, name) if found.is_module else None

    def own(self, owner: griffe.Object, name: str) -> str | None:
        """What `name` is among a module's or class's own names."""
        key = f"{owner.path}.{name}"
        member = self.packages.member(owner, name)
        if member is None or key in self._open or not self._certain(owner, member, name):
            return None
        if not isinstance(member, griffe.Alias):
            return key
        self._open.add(key)  # against modules that import a name from each other in a circle
        try:
            return self.resolve(member.target_path)
        finally:
            self._open.remove(key)

    def attribute(self, owner: str, name: str, *, above: bool = False) -> str | None:
        """Where a class finds `name` among its ancestors; with `above`, as `super()` does."""
        stored = False
        for path in self.linear(owner)[above:]:
            base = self.packages.object(path)
            if base is None:
                return None if stored else self.inventory.attribute(path, name)
            member = base.members.get(name)
            if member is not None:
                hidden = stored and not isinstance(member, griffe.Attribute)
                return None if hidden else self.own(base, name)
            stored = stored or name in self.packages.stores(base)
        return None

    def linear(self, path: str) -> list[str]:
        """The method resolution order of a class. It ends where a base class is unknown."""
        if path in self._linear:
            return self._linear[path]
        found = self.packages.object(path)
        if not isinstance(found, griffe.Class):
            return [*self.inventory.bases(path)] or [path]
        self._linear[path] = [path, _UNKNOWN]  # what a class sees that extends itself
        bases = [base for base in (self._base(found, each) for each in found.bases) if base]
        above = [self.linear(base) for base in bases]
        if len(bases) > 1 and any(not self.is_class(each) for line in above for each in line):
            # What is unknown may stand anywhere behind the first base.
            merged = [bases[0], _UNKNOWN]
        else:
            try:
                merged = griffe.c3linear_merge(*map(list, above), bases)
            except ValueError:
                merged = [_UNKNOWN]
        self._linear[path] = [path, *merged]
        return self._linear[path]

    def visible(self, scope: Scope, name: str, line: int) -> str | None:
        """What a name of module or class level means where it is read, on that line."""
        owner = scope.find(name)
        if owner is not None and owner.kind == "class":
            if any(binding.end >= line for binding in owner.bindings[name]):
                return None  # not bound yet: perhaps it is the name of the module, perhaps an error
        elif owner is not None and owner.kind != "module":
            return None
        found = self.packages.object((owner or scope.module).path)
        return self.own(found, name) if found else None

    def _certain(
        self, owner: griffe.Object, member: griffe.Object | griffe.Alias, name: str
    ) -> bool:
        """Whether the source says one thing about this member."""
        if not owner.is_module:
            return self._certain_in_class(owner, member, name)
        scopes = self.packages.scopes(owner.path)
        bindings = scopes.module.bindings.get(name, [])
        if isinstance(member, griffe.Module):
            return all(binding.target == member.path for binding in bindings)
        # A star import may bring the name again, and what cannot be read may bring any name.
        first = min((binding.line for binding in bindings), default=0)
        stars = [self.packages.object(star) for star in scopes.starred(after=first)]
        if any(star is None or (bindings and self.packages.member(star, name)) for star in stars):
            return False
        return settled(bindings, name) if bindings else isinstance(member, griffe.Alias)

    def _certain_in_class(
        self, owner: griffe.Object, member: griffe.Object | griffe.Alias, name: str
    ) -> bool:
        bindings = self.packages.block(owner).bindings.get(name, [])
        if bindings and not settled(bindings, name):
            return False
        # A method that is also assigned on `self` may be either; a property has a setter for that.
        is_method = any(binding.kind == "definition" for binding in bindings)
        is_property = isinstance(member, griffe.Object) and "property" in member.labels
        return is_property or not is_method or name not in self.packages.stores(owner)

    def _base(self, owner: griffe.Class, base: str | griffe.Expr) -> str:
        """The path of a base class; empty for one that adds nothing."""
        text = str(base.left if isinstance(base, griffe.ExprSubscript) else base)
        name, *rest = text.split(".")
        scope = self.packages.block(owner).parent
        if scope is None or scope.find(name) is None:
            return "" if text in _TRANSPARENT else _UNKNOWN
        here = self.visible(scope, name, owner.lineno or 0)
        for part in rest:
            here = self.member(here, part) if here else None
        if here in _TRANSPARENT:
            return ""
        return (
            here if here and (self.is_class(here) or not self.packages.object(here)) else _UNKNOWN
        )
