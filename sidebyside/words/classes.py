"""
# Classes by their names

Which class extends which, and which function a call is of, as far as the sources of a project tell
without being run. What is not certain is not answered: a name that two files use for different
classes, or a class above that is not ours.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sidebyside.source.sections import Module

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Method:
    """A function, by its name with that of its class, and the arguments that go by position."""

    name: str
    node: FunctionNode
    bound: bool

    @property
    def positional(self) -> list[str]:
        """The names of the arguments that a call can give by position."""
        arguments = [*self.node.args.posonlyargs, *self.node.args.args]
        return [each.arg for each in arguments[self.bound :]]


class Classes:
    """The classes and functions that a module can name, of its own project."""

    def __init__(self, module: Module, modules: Sequence[Module]) -> None:
        self.module = module
        self.modules = modules

    @cached_property
    def known(self) -> Mapping[str, ast.ClassDef]:
        """The classes of the project by name, without those of which there are two."""
        own = dict(_classes(self.module.tree))
        found: dict[str, list[ast.ClassDef]] = {}
        for module in self.modules:
            for name, node in _classes(module.tree):
                found.setdefault(name, []).append(node)
        return {name: nodes[0] for name, nodes in found.items() if len(nodes) == 1} | own

    def bases(self, name: str) -> list[str]:
        """Return the names of the classes in the head of a class."""
        node = self.known.get(name)
        return [_last(each) for each in node.bases] if node else []

    def above(self, name: str) -> list[str]:
        """Return the class of a name and those it extends, in the order in which Python looks."""
        names, seen = [name], [name]
        while names:
            bases = [each for each in self.bases(names.pop(0)) if each not in seen]
            names += bases
            seen += bases
        return seen

    def has(self, name: str, method: str) -> bool:
        """Return whether a class has a method, of its own or of a class of ours above it."""
        return self._method(self.above(name), method) is not None

    def home(self, name: str, method: str) -> str:
        """Return the class of ours whose method a class has; empty if none has it for certain."""
        found = self._method(self.above(name), method)
        return found.name.rpartition(".")[0] if found else ""

    def called(self, function: ast.expr, owner: str) -> Method | None:
        """Return the function that a call within a method of `owner` is of."""
        match function:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr=name):
                return self._method(self.above(owner)[1:], name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self._method(self.above(owner), name)
            case ast.Attribute(value=ast.Name(id=cls), attr=name) if cls in self.known:
                found = self._method(self.above(cls), name)
                return found if found and _is_static(found.node) else None
            case ast.Name(id=name) if name in self.known:
                return self._method(self.above(name), "__init__")
            case ast.Name(id=name):
                nodes = [each for each in self.module.tree.body if isinstance(each, FunctionNode)]
                return next(
                    (Method(name, each, False) for each in nodes if each.name == name), None
                )
        return None

    def _method(self, names: Sequence[str], method: str) -> Method | None:
        """The first method of a name in some classes; none if a class before it is not ours."""
        for name in names:
            if name not in self.known:
                return None
            for node in self.known[name].body:
                if isinstance(node, FunctionNode) and node.name == method:
                    return Method(f"{name}.{method}", node, not _is_static(node))
        return None


def names_of(node: FunctionNode) -> list[str]:
    """Return the arguments of a function, but for `*args` and `**keywords`."""
    arguments = node.args
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _classes(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef]]:
    yield from ((node.name, node) for node in tree.body if isinstance(node, ast.ClassDef))


def _is_static(node: FunctionNode) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list
    )


def _last(base: ast.expr) -> str:
    match base:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last(value)
    return ""
