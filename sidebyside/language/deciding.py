"""
# What could decide a value

A formula is compared with what the code has computed. What the code looks at while it computes may
be more than the formula speaks of: an attribute that another method changes, a number of the class,
chance, the clock, the type of a number. Runs show nothing about what was the same in all of them.

So the code that a formula is about is read: its own lines, the lines above from which it takes
variables, the functions that it calls, and the lines that make the attributes and globals it
reads. All that could decide the value there must be a symbol of the formula, a constant, or made by
code that ran. One rule each says what is not.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from sidebyside.language.foreign import HOOKS, Foreign, calls_of_arguments
from sidebyside.language.writers import (
    ANY,
    Writer,
    bound,
    called_in,
    changing,
    code_in,
    home_of,
    imports,
    overrides,
    plain,
    root_of,
    writers,
)
from sidebyside.probing.operations import Operations, Place
from sidebyside.probing.trees import nodes_of, tree_of
from sidebyside.reasons import Reason
from sidebyside.source.notation import parsed

__all__ = ["Deciding"]

Name: TypeAlias = "tuple[str, str]"  # a file, and what is read there
Part: TypeAlias = "tuple[str, ast.AST]"  # a file, and a piece of its code
_NUMBERS = (bool, int, float, list, dict, set, tuple)
_CONTAINERS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call)


@dataclass
class Deciding:
    """
    What could decide the values in the code of some `operations`, of which `classes` ran.

    `memory` are the arguments of a step that live on, and may be written by anybody. What ran
    `between` steps only has changed some attributes. `sources` are the files that are checked.
    """

    operations: Operations
    classes: Collection[type]
    memory: Collection[str] = ()
    between: Mapping[Place, Collection[str]] = field(default_factory=dict)
    # What others write is shown by runs of others, when their files are checked.
    is_wanted: Callable[[str], bool] = lambda file: True
    sources: Collection[str] = ()
    _written: dict[str, list[Writer]] = field(default_factory=dict)
    _known: dict[str, list[Reason]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        bases = {each.__module__ for cls in self.classes for each in cls.__mro__}
        self.homes = {getattr(sys.modules.get(each), "__file__", None) for each in bases}
        self.of_class: dict[str, list[Any]] = {}
        for owner in {each for cls in self.classes for each in cls.__mro__}:
            for name, value in vars(owner).items():
                self.of_class.setdefault(name, []).append(value)
        self.names = {each.__name__ for cls in self.classes for each in cls.__mro__}
        for file in list(self.operations.found):
            self._look_at_imports(file)
        for file in self.operations.found:
            for writer in writers(file):
                self._written.setdefault(writer.name, []).append(writer)
        self.foreign = Foreign(self.operations, self._written)
        hooks = {place for file in self.operations.found for place in _hooks(file)}
        self.calls = {call for call in self.operations.calls if call[1] not in hooks}

    def _look_at_imports(self, file: str) -> None:
        """Let the modules that a file imports be looked at, of which perhaps no function ran."""
        for full in imports(tree_of(file)).values():
            home = home_of(file, full)
            if home and home not in self.operations.found and self.operations.has(home):
                self._look_at_imports(home)

    def reasons(
        self,
        lines: Sequence[Place],
        named: Collection[str],
        inside: Sequence[Place] = (),
        drivers: Sequence[Place] = (),
    ) -> Iterator[Reason]:
        """
        Yield what could decide the value of some code besides what a formula names.

        `inside` are the lines of the function that the code is a part of, if it is one; `drivers`
        those that call it.
        """
        known = _known(named)
        region = list(self.region(lines, known, inside))
        for part in region:
            yield from self._of_code(part, known)
        driving = list(self.region(drivers, known, ()))
        for part in driving:
            yield from self.foreign.reasons(*part, known | calls_of_arguments(*part))
        origins = list(self._origins([*region, *driving], known))
        for part in (*region, *origins):
            yield from self.foreign.reasons(*part, known)
        region += driving
        for file, name in dict.fromkeys(n for part in region for n in _read(*part, known)):
            yield from self._unrun(file, name)
            yield from self._shared(file, name)
            yield from self._overridden(file, name)
        yield from self._patches(region)

    def texts(
        self, lines: Sequence[Place], named: Collection[str], inside: Sequence[Place]
    ) -> set[str]:
        """Return all pieces of the code that decides the value of some lines."""
        return {
            text for _, node in self.region(lines, _known(named), inside) for text in _all(node)
        }

    def lines(
        self, lines: Sequence[Place], named: Collection[str], inside: Sequence[Place]
    ) -> Iterator[Place]:
        """Yield the lines of a function from which some of its lines take variables."""
        at = {*inside}
        for file, node in self.region(lines, _known(named), inside):
            first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
            yield from ((file, n) for n in range(first, last + 1) if (file, n) in at)

    def region(
        self, lines: Sequence[Place], known: Collection[str], inside: Sequence[Place]
    ) -> Iterator[Part]:
        """Yield the code in some lines, that from which it takes variables, and what it calls."""
        todo = [*lines]
        seen: set[tuple[str, int, int]] = set()
        while todo:
            start, todo = todo, []
            for file, first, last in self.operations.reached(start, self.calls):
                if (file, first, last) in seen:
                    continue
                seen.add((file, first, last))
                parts = list(code_in(file, first, last))
                yield from ((file, node) for node in parts)
                # What is returned right below a formula is not what the formula is about.
                made = [node for node in parts if not isinstance(node, ast.Return)] or parts
                wanted = {name for node in made for name in _variables(node, known)}
                rest = [place for place in inside if place[0] == file and not _is_in(place, seen)]
                for place in rest:
                    if any(wanted & bound(node) for node in code_in(file, place[1], place[1])):
                        todo.append(place)

    def _origins(self, region: Sequence[Part], known: Collection[str]) -> Iterator[Part]:
        """What made the attributes and globals that some code reads, as far as it ran."""
        todo = [name for part in region for name in _read(*part, known)]
        seen: set[Name] = set()
        while todo:
            file, name = todo.pop()
            for writer in () if (file, name) in seen else self._written.get(name, ()):
                if self._counts(writer, file) and self._has_run(writer):
                    yield writer.file, writer.node
                    todo += _read(writer.file, writer.node, known)
            seen.add((file, name))

    def _counts(self, writer: Writer, file: str) -> bool:
        """Whether a writer may write what the classes that ran read in a file."""
        if writer.name[0] == ":" and writer.file != file:
            return writer.name[1:] in imports(tree_of(file))
        return not (writer.is_self and writer.owner and writer.owner not in self.names)

    def _has_run(self, writer: Writer) -> bool:
        return writer.home is None or writer.home in self.operations.ran

    def _unrun(self, file: str, name: str) -> Iterator[Reason]:
        """What writes a name, and did so in no run, or left it as it was."""
        for writer in (*self._written.get(name, ()), *self._written.get(ANY, ())):
            if self._counts(writer, file) and self.is_wanted(writer.file):
                text = ast.unparse(writer.node).partition("\n")[0]
                place = _place(writer.file, writer.node)
                fields = {"place": place, "code": text, "name": name[1:]}
                if not self._has_run(writer):
                    yield Reason("unrun-writer", fields)
                elif self._is_idle(writer):
                    yield Reason("idle-writer", fields)

    def _is_idle(self, writer: Writer) -> bool:
        """Whether a writer ran between steps only, and what it writes was so already."""
        if not writer.is_self or writer.name[1:] in ("state", "param_groups", "defaults"):
            return False
        changed = self.between.get(writer.home or ("", 0))
        return changed is not None and writer.name not in (ANY, *(f".{n}" for n in changed))

    def _shared(self, file: str, name: str) -> Iterator[Reason]:
        """A global of a module that functions write, and that all objects have in common."""
        for writer in self._written.get(name, ()) if name[0] == ":" else ():
            if writer.home and self._counts(writer, file) and self._has_run(writer):
                text = ast.unparse(writer.node).partition("\n")[0]
                yield Reason("shared", {"place": _place(writer.file, writer.node), "code": text})

    def _overridden(self, file: str, name: str) -> Iterator[Reason]:
        """A method that another class has otherwise, and that ran in no run."""
        for other in {file, *self.sources} if name[0] == "." else ():
            for owner, first, method in overrides(file, other):
                is_other = method == name[1:] and (other, first) not in self.operations.ran
                if is_other and owner not in self.names:
                    place = f"{os.path.basename(other)}:{first}"
                    yield Reason("override", {"place": place, "code": f"{owner}.{method}"})

    def _of_code(self, part: Part, known: Collection[str]) -> Iterator[Reason]:
        """What is wrong with single pieces of code."""
        file, tree = part
        place = _place(file, tree)
        for node, text, key in _pieces(tree):
            if text not in known and (key != "dial" or self._is_of_class(node)):
                yield Reason(key, {"place": place, "code": text})

    def _is_of_class(self, node: ast.AST) -> bool:
        """Whether an attribute is a number or a collection that a class has, not its objects."""
        assert isinstance(node, ast.Attribute)
        found = self.of_class.get(node.attr, ())
        if not any(isinstance(each, _NUMBERS) or hasattr(each, "shape") for each in found):
            return False
        is_plain = all(isinstance(each, int | float) for each in found)
        its = self._written.get(f".{plain(node.attr)}", ())
        made = any(w.is_self and w.is_made and self._has_run(w) for w in its)
        through_self = isinstance(node.value, ast.Name) and node.value.id == "self"
        return not (node.attr.isupper() and is_plain) and not (made and through_self)

    def _patches(self, region: Iterable[Part]) -> Iterator[Reason]:
        """What gives code another meaning than its text, in the files that some code stands in."""
        for file in dict.fromkeys(file for file, _ in region):
            if file in self.homes:
                yield from self._patched(file)

    def _patched(self, file: str) -> list[Reason]:
        if file not in self._known:
            found = (*self.foreign.of_file(file), *_patching(file, self.names))
            self._known[file] = list(found)
        return self._known[file]


@lru_cache(maxsize=8192)
def _pieces(tree: ast.AST) -> tuple[tuple[ast.AST, str, str], ...]:
    """The pieces of some code that may be wrong, each with its text and what is wrong."""
    found: list[tuple[ast.AST, str, str]] = []
    for node in nodes_of(tree):
        match node:
            case ast.Attribute(ctx=ast.Load()):
                found.append((node, ast.unparse(node), "dial"))
            case ast.comprehension(ifs=[test, *_]):
                found.append((node, ast.unparse(test), "guard"))
    return tuple(found)


def _patching(file: str, classes: Collection[str]) -> Iterator[Reason]:
    """What a file does to the meaning of code."""
    imported = {*imports(tree_of(file))}
    for node in nodes_of(tree_of(file)):
        text = ast.unparse(node).partition("\n")[0] if isinstance(node, ast.Assign) else ""
        fields = {"place": _place(file, node), "code": text}
        match node:
            case ast.Assign([ast.Attribute(value), *_]) | ast.AugAssign(ast.Attribute(value)):
                if root_of(value) in {*imported, *classes} or _is_type(value):
                    yield Reason("patch", {**fields, "code": ast.unparse(node)})
            case ast.Assert(test) if called_in(test) & changing(tree_of(file)):
                yield Reason("asserted", {**fields, "code": ast.unparse(node)})
            case ast.Call(ast.Attribute(attr=name)):
                if name.startswith("register_") and "hook" in name:
                    yield Reason("patch", {**fields, "code": ast.unparse(node)})
            case ast.FunctionDef(args=ast.arguments(defaults=given)):
                used = {
                    n.id for each in node.body for n in nodes_of(each) if isinstance(n, ast.Name)
                }
                names = [each.arg for each in node.args.args][-len(given) :] if given else []
                for name, each in zip(names, given, strict=True):
                    if isinstance(each, _CONTAINERS) and name in used:
                        yield Reason("shared", {**fields, "code": ast.unparse(each)})


def _hooks(file: str) -> Iterator[Place]:
    """What torch calls in the place of its own functions, by the line in which it begins."""
    for node in nodes_of(tree_of(file)):
        if isinstance(node, ast.FunctionDef) and node.name in HOOKS:
            yield file, min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _is_in(place: Place, seen: Collection[tuple[str, int, int]]) -> bool:
    """Whether a line is in one of some pieces of code."""
    return any(file == place[0] and a <= place[1] <= b for file, a, b in seen)


def _place(file: str, node: ast.AST) -> str:
    return f"{os.path.basename(file)}:{getattr(node, 'lineno', 1)}"


def _is_type(node: ast.AST) -> bool:
    """Whether a piece of code is the class of an object: `type(self)`, `self.__class__`, `cls`."""
    match node:
        case ast.Call(ast.Name("type")) | ast.Attribute(attr="__class__") | ast.Name("cls"):
            return True
    return False


@lru_cache(maxsize=8192)
def _all(tree: ast.AST) -> frozenset[str]:
    return frozenset(_texts(tree))


def _known(named: Collection[str]) -> set[str]:
    """The code that symbols stand for, and all that it is made of."""
    return {text for each in named for text in _texts(parsed(each))} | {*named}


def _texts(tree: ast.AST) -> Iterator[str]:
    """A piece of code, and all that it is made of."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            yield ast.unparse(node)


def _read(file: str, tree: ast.AST, known: Collection[str]) -> Iterator[Name]:
    """The attributes and globals that some code reads: `.rate`, `:RATE`."""
    imported = imports(tree_of(file))
    for name, text in _reading(tree):
        if text in known:
            continue
        yield file, name
        first, _, rest = text.partition(".")
        if name[0] == "." and first in imported and rest == name[1:]:
            home = home_of(file, imported[first])
            if home:
                yield home, f":{rest}"


@lru_cache(maxsize=8192)
def _reading(tree: ast.AST) -> tuple[tuple[str, str], ...]:
    """What some code reads, and its text."""
    found: list[tuple[str, str]] = []
    for node in nodes_of(tree):
        match node:
            case ast.Attribute(_, attr):
                found.append((f".{plain(attr)}", ast.unparse(node)))
            case ast.Call(ast.Name("getattr" | "hasattr"), [_, ast.Constant(str(name)), *_]):
                found.append((f".{plain(name)}", ast.unparse(node)))
            case ast.Name(name, ast.Load()):
                found.append((f":{name}", name))
    return tuple(found)


def _variables(tree: ast.AST, known: Collection[str]) -> set[str]:
    nodes = nodes_of(tree)
    return {n.id for n in nodes if isinstance(n, ast.Name) and n.id not in known}
