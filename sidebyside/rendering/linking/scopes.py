"""
# Which names a module binds, and where they are visible

Python decides where a name lives by looking at the whole block it stands in: a name assigned
anywhere in a function is local to it, a class body is invisible to its own methods, a comprehension
is a function of its own. Here are those rules. What a name *means* is another question:
`meaning.py` answers it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sidebyside.source import Module


@dataclass(frozen=True, eq=False)
class Binding:
    """
    One place where a name gets a meaning.

    `import` has a dotted `target`; `definition` has the `node` of a function or class; `parameter`
    and `variable` may have an `annotation` and a `value`, to be read in the scope `where`, and
    `path` leads to the element of an unpacked tuple. `augmented` is `x += …`. `opaque` is all else
    that binds: loops, `with`, `except`, patterns, `del`.
    """

    kind: Literal["import", "definition", "parameter", "variable", "augmented", "opaque"]
    line: int
    target: str = ""
    node: ast.AST | None = None
    annotation: ast.expr | None = None
    value: ast.expr | None = None
    path: tuple[int, ...] = ()
    where: Scope | None = None

    @property
    def end(self) -> int:
        """The last line of the statement; below it, the name is bound."""
        lines = (
            getattr(part, "end_lineno", 0) for part in (self.node, self.value, self.annotation)
        )
        return max(self.line, *lines)


@dataclass(eq=False)
class Scope:
    """A block of code with names of its own, and the dotted path of its definition."""

    kind: Literal["module", "class", "function", "comprehension", "types"]
    path: str
    node: ast.AST
    parent: Scope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: dict[str, bool] = field(default_factory=dict)  # True for `global`, False for `nonlocal`

    def up(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        here: Scope | None = self
        while here is not None:
            yield here
            here = here.parent

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        return list(self.up())[-1]

    @property
    def method_of(self) -> Scope | None:
        """The class whose method this scope is, if it is one."""
        owner = next((s for s in self.up() if s is not self and s.kind != "types"), None)
        is_method = self.kind == "function" and not isinstance(self.node, ast.Lambda)
        return owner if is_method and owner is not None and owner.kind == "class" else None

    def find(self, name: str) -> Scope | None:
        """The scope whose `name` is meant by a use here; None for builtins and unknown names."""
        class_visible = True
        for scope in self.up():
            if scope.outer.get(name):
                return self.module if name in self.module.bindings else None
            if name in scope.bindings and (scope.kind != "class" or class_visible):
                return scope
            # A class body sees its own names; the functions and comprehensions inside it do not.
            class_visible = class_visible and scope.kind == "types"
        return None


@dataclass(frozen=True, eq=False)
class Use:
    """An expression that reads a name or an attribute, and whether the value is called."""

    node: ast.Name | ast.Attribute
    scope: Scope
    called: bool


@dataclass(frozen=True, eq=False)
class Import:
    """An import statement; `module` is the absolute name after `from`, empty for a plain import."""

    node: ast.Import | ast.ImportFrom
    module: str


@dataclass
class Scopes:
    """All scopes of one module, and every use of a name in it."""

    source: Module
    module: Scope
    classes: dict[str, Scope] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    # For each class, the attributes that its methods assign on `self`, with the lines.
    stores: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def block(self, path: str) -> Scope:
        """The scope of the class with this path; the module's for any other."""
        return self.classes.get(path, self.module)

    def starred(self, after: int = 0) -> list[str]:
        """The modules that are star-imported below line `after`."""
        return [
            each.module
            for each in self.imports
            if each.node.names[0].name == "*" and each.node.lineno > after
        ]


def first_parameter(scope: Scope) -> str | None:
    """The name of a function's first positional parameter: `self`, by habit, in a method."""
    node = scope.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional else None


def settled(bindings: list[Binding], name: str) -> bool:
    """
    Whether these bindings of `name` say one thing.

    Overloads and the setters of a property belong to one definition. A variable may be assigned
    many times. But of two functions, or an import and its fallback, nobody can tell without running
    the module.
    """
    real = [b for b in bindings if not is_partial(b, name)]
    kinds = {b.kind for b in real}
    if kinds == {"import"}:
        return len({b.target for b in real}) == 1
    return len(real) == 1 or kinds <= {"variable", "augmented"}


def is_partial(binding: Binding, name: str) -> bool:
    """Whether this is an overload, or a setter or deleter, of a definition made elsewhere."""
    decorators = getattr(binding.node, "decorator_list", [])
    return any(
        ast.unparse(d).split(".")[-1] == "overload"
        or ast.unparse(d) in (f"{name}.setter", f"{name}.deleter")
        for d in decorators
    )
