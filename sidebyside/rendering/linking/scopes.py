"""
# Which names a module binds and uses, and where they are visible

Python decides where a name lives by looking at the whole block it stands in: a name assigned
anywhere in a function is local to it, a class body is invisible to its own methods, a comprehension
is a function of its own. Here are those rules, and one walk over the tree that records every
binding in its scope and every use of a name. What a name *means* is another question: `meaning.py`
answers it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sidebyside.source.reading import dotted
from sidebyside.source.sections import Module

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


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
    where: Scope
    target: str = ""
    node: ast.AST | None = None
    annotation: ast.expr | None = None
    value: ast.expr | None = None
    path: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        """The last line of the statement; below it, the name is bound."""
        parts = (self.node, self.value, self.annotation)
        return max(self.line, *(getattr(part, "end_lineno", 0) for part in parts))

    @property
    def decorators(self) -> list[str]:
        """The names of a definition's decorators; empty for one that is called."""
        return [dotted(each) for each in getattr(self.node, "decorator_list", [])]

    @property
    def is_property(self) -> bool:
        """Whether this is a method that is read like an attribute."""
        return not {"property", "cached_property", "functools.cached_property"}.isdisjoint(
            self.decorators
        )


@dataclass(eq=False)
class Scope:
    """A block of code with names of its own, and the dotted path of its definition."""

    kind: Literal["module", "class", "function", "comprehension", "types"]
    path: str
    node: ast.AST
    parent: Scope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: dict[str, bool] = field(default_factory=dict)  # True for `global`, False for `nonlocal`
    classes: dict[str, Scope] = field(default_factory=dict)
    # What the methods of a class assign on `self`.
    stores: dict[str, list[Binding]] = field(default_factory=dict)

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
        is_method = self.kind == "function" and isinstance(self.node, Function)
        return owner if is_method and owner is not None and owner.kind == "class" else None

    @property
    def first_parameter(self) -> str | None:
        """The name of a function's first positional parameter: `self`, by habit, in a method."""
        if not isinstance(self.node, Function):
            return None
        positional = [*self.node.args.posonlyargs, *self.node.args.args]
        return positional[0].arg if positional else None

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

    def bound(self, name: str) -> list[Binding]:
        """What binds a name of a module or class. Attributes are those set by `__init__`."""
        stores = self.stores.get(name, [])
        made = [b for b in stores if b.kind == "variable" and b.where.path.endswith(".__init__")]
        return [*self.bindings.get(name, []), *made]


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

    module: Scope
    lines: list[str]
    is_package: bool
    uses: list[Use] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    stars: list[Import] = field(default_factory=list)

    @cached_property
    def listed(self) -> set[str] | None:
        """The names in `__all__`, if the module has it."""
        values = [b.value for b in self.module.bindings.get("__all__", []) if b.value is not None]
        parts = [part for value in values for part in ast.walk(value)]
        names = {str(part.value) for part in parts if isinstance(part, ast.Constant)}
        return names if values else None

    def exports(self, name: str) -> bool:
        """Whether a star import of this module brings `name`, if it has it."""
        return not name.startswith("_") if self.listed is None else name in self.listed


def settled(bindings: list[Binding], name: str) -> list[Binding]:
    """
    These bindings of `name`, if they say one thing.

    Overloads and the setters of a property belong to one definition. A variable may be assigned
    many times. But of two functions, or an import and its fallback, nobody can tell without running
    the module.
    """
    real = [b for b in bindings if not is_partial(b, name)]
    kinds = {b.kind for b in real}
    if kinds == {"import"}:
        return real if len({b.target for b in real}) == 1 else []
    return real if len(real) == 1 or kinds <= {"variable", "augmented"} else []


def is_partial(binding: Binding, name: str) -> bool:
    """Whether this is an overload, or a setter or deleter, of a definition made elsewhere."""
    partial = (f"{name}.setter", f"{name}.deleter")
    return any(d in partial or d.split(".")[-1] == "overload" for d in binding.decorators)


def quoted(node: ast.Constant) -> ast.expr | None:
    """The expression in a quoted annotation, at its place in the file if the quotes are plain."""
    try:
        expression = ast.parse(str(node.value), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for each in ast.walk(expression):
        if isinstance(each, ast.expr):
            each.lineno = each.end_lineno = node.lineno
            each.col_offset += node.col_offset + 1
            each.end_col_offset = (each.end_col_offset or 0) + node.col_offset + 1
    return expression


def read_scopes(source: Module, name: str, *, is_package: bool) -> Scopes:
    """Find the scopes, bindings, uses and imports of the module called `name`."""
    return _Reader(source, name, is_package).read()


class _Reader:
    """
    The walk. Each `visit_…` reads a node of the kind in its name.

    `types` says that the node is an annotation. Strings in it are code, but not those of `Literal`
    and notes.
    """

    def __init__(self, source: Module, name: str, is_package: bool) -> None:
        self.tree = source.tree
        self.package = name.split(".") if is_package else name.split(".")[:-1]
        lines = [line.text for line in source.lines]
        self.found = Scopes(Scope("module", name, source.tree), lines, is_package)
        self.next: list[tuple[ast.AST, Scope, bool]] = []
        self.called: set[ast.AST] = set()
        self.nonlocals: list[tuple[Scope, str, Binding]] = []
        self.stored: list[tuple[ast.Attribute, Binding]] = []

    def read(self) -> Scopes:
        todo: list[tuple[ast.AST, Scope, bool]] = [(self.tree, self.found.module, False)]
        while todo:  # not recursion: a sum of a thousand terms is nested a thousand deep
            node, scope, types = todo.pop()
            visit = getattr(self, f"visit_{type(node).__name__.lower()}", self.other)
            visit(node, scope, types)
            todo.extend(reversed(self.next))
            self.next.clear()
        for scope, name, binding in self.nonlocals:
            around = (s for s in scope.up() if s is not scope)
            owner = next((s for s in around if name in s.bindings), None)
            if owner is not None:
                owner.bindings[name].append(binding)
        for store, binding in self.stored:
            receiver = store.value.id if isinstance(store.value, ast.Name) else ""
            method = binding.where.find(receiver)
            if method and method.method_of and receiver == method.first_parameter:
                method.method_of.stores.setdefault(store.attr, []).append(binding)
        return self.found

    def walk(self, scope: Scope, *nodes: ast.AST | None, types: bool = False) -> None:
        """Read these nodes after the one at hand."""
        self.next.extend((node, scope, types) for node in nodes if node is not None)

    def other(self, node: Any, scope: Scope, types: bool) -> None:
        self.walk(scope, *ast.iter_child_nodes(node))

    def bind(self, scope: Scope, name: str, binding: Binding) -> None:
        is_global = scope.outer.get(name)
        if is_global is False:
            self.nonlocals.append((scope, name, binding))
        else:
            owner = self.found.module if is_global else scope
            owner.bindings.setdefault(name, []).append(binding)

    # Names

    def visit_name(self, node: ast.Name, scope: Scope, types: bool) -> None:
        if isinstance(node.ctx, ast.Load):
            self.found.uses.append(Use(node, scope, node in self.called))
        else:
            self.bind(scope, node.id, Binding("opaque", node.lineno, scope))

    def visit_attribute(self, node: ast.Attribute, scope: Scope, types: bool) -> None:
        self.walk(scope, node.value)
        if isinstance(node.ctx, ast.Load):
            self.found.uses.append(Use(node, scope, node in self.called))
        else:
            self.stored.append((node, Binding("opaque", node.lineno, scope)))

    def visit_call(self, node: ast.Call, scope: Scope, types: bool) -> None:
        self.called.add(node.func)
        self.other(node, scope, types)

    def visit_global(self, node: ast.Global | ast.Nonlocal, scope: Scope, types: bool) -> None:
        scope.outer |= dict.fromkeys(node.names, isinstance(node, ast.Global))

    visit_nonlocal = visit_global

    # What else binds

    def target(self, node: ast.expr, scope: Scope, where: Scope, **binding: Any) -> None:
        match node:
            case ast.Name():
                self.bind(scope, node.id, Binding("variable", node.lineno, where, **binding))
            case ast.Attribute():
                self.stored.append((node, Binding("variable", node.lineno, where, **binding)))
                self.walk(scope, node.value)
            case ast.Tuple() | ast.List() if not any(isinstance(e, ast.Starred) for e in node.elts):
                path = binding.pop("path", ())
                for index, element in enumerate(node.elts):
                    self.target(element, scope, where, path=(*path, index), **binding)
            case _:
                self.walk(scope, node)

    def visit_assign(self, node: ast.Assign, scope: Scope, types: bool) -> None:
        self.walk(scope, node.value)
        for each in node.targets:
            self.target(each, scope, scope, value=node.value)

    def visit_annassign(self, node: ast.AnnAssign, scope: Scope, types: bool) -> None:
        self.walk(scope, node.annotation, types=True)
        self.walk(scope, node.value)
        self.target(node.target, scope, scope, annotation=node.annotation, value=node.value)

    def visit_augassign(self, node: ast.AugAssign, scope: Scope, types: bool) -> None:
        if isinstance(node.target, ast.Name):
            binding = Binding("augmented", node.lineno, scope, value=node.value)
            self.bind(scope, node.target.id, binding)
            self.walk(scope, node.value)
        else:
            self.other(node, scope, types)

    def visit_namedexpr(self, node: ast.NamedExpr, scope: Scope, types: bool) -> None:
        self.walk(scope, node.value)
        owner = next(s for s in scope.up() if s.kind != "comprehension")
        self.target(node.target, owner, scope, value=node.value)

    def visit_excepthandler(self, node: Any, scope: Scope, types: bool) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self.bind(scope, name, Binding("opaque", node.lineno, scope))
        self.other(node, scope, types)

    visit_matchas = visit_matchstar = visit_matchmapping = visit_excepthandler

    def visit_import(self, node: Any, scope: Scope, types: bool) -> None:
        module = self.absolute(node) if isinstance(node, ast.ImportFrom) else ""
        statement = Import(node, module)
        self.found.imports.append(statement)
        for alias in node.names:
            # `import a.b` binds a; `import a.b as c` binds a.b.
            name = alias.asname or alias.name.split(".")[0]
            target = f"{module}.{alias.name}" if module else alias.name if alias.asname else name
            if name == "*":
                self.found.stars.append(statement)
            else:
                self.bind(scope, name, Binding("import", node.lineno, scope, target=target))

    visit_importfrom = visit_import

    def absolute(self, node: ast.ImportFrom) -> str:
        kept = self.package[: len(self.package) - node.level + 1] if node.level else []
        # Beyond the top-level package there is nothing to find.
        return ".".join([*kept, *filter(None, [node.module])]) or "?"

    # What opens a scope

    def visit_functiondef(self, node: Any, scope: Scope, types: bool) -> None:
        self.walk(scope, *node.decorator_list)
        around = self.generic(node, scope)
        self.bind(scope, node.name, Binding("definition", node.lineno, around, node=node))
        inner = Scope("function", _qualified(scope, node.name), node, around)
        self.parameters(node.args, inner, around)
        self.walk(around, node.returns, types=True)
        self.walk(inner, *node.body)

    visit_asyncfunctiondef = visit_functiondef

    def visit_lambda(self, node: ast.Lambda, scope: Scope, types: bool) -> None:
        inner = Scope("function", scope.path, node, scope)
        self.parameters(node.args, inner, scope)
        self.walk(inner, node.body)

    def parameters(self, args: ast.arguments, inner: Scope, outside: Scope) -> None:
        self.walk(outside, *args.defaults, *args.kw_defaults)
        rest = list(filter(None, [args.vararg, args.kwarg]))
        for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs, *rest]:
            self.walk(outside, arg.annotation, types=True)
            binding = Binding("parameter", arg.lineno, outside, annotation=arg.annotation)
            opaque = Binding("opaque", arg.lineno, outside)
            self.bind(inner, arg.arg, opaque if arg in rest else binding)

    def visit_classdef(self, node: ast.ClassDef, scope: Scope, types: bool) -> None:
        self.walk(scope, *node.decorator_list)
        around = self.generic(node, scope)
        self.bind(scope, node.name, Binding("definition", node.lineno, around, node=node))
        self.walk(around, *node.bases, *node.keywords)
        scope.classes[node.name] = Scope("class", _qualified(scope, node.name), node, around)
        self.walk(scope.classes[node.name], *node.body)

    def generic(self, node: Any, scope: Scope) -> Scope:
        """The scope of `[T]` in Python 3.12's `def f[T]`; without one, the scope around."""
        parameters = getattr(node, "type_params", [])
        inner = Scope("types", scope.path, node, scope) if parameters else scope
        for parameter in parameters:
            self.bind(inner, parameter.name, Binding("opaque", parameter.lineno, inner))
            self.walk(inner, getattr(parameter, "bound", None), types=True)
        return inner

    def visit_typealias(self, node: Any, scope: Scope, types: bool) -> None:
        self.walk(scope, node.name)
        self.walk(self.generic(node, scope), node.value, types=True)

    def visit_listcomp(self, node: Any, scope: Scope, types: bool) -> None:
        inner = Scope("comprehension", scope.path, node, scope)
        for index, each in enumerate(node.generators):
            # The first iterable alone is computed outside.
            self.walk(inner if index else scope, each.iter)
            self.walk(inner, each.target, *each.ifs)
        self.walk(inner, *(getattr(node, part, None) for part in ("key", "value", "elt")))

    visit_setcomp = visit_dictcomp = visit_generatorexp = visit_listcomp

    # Annotations

    def visit_constant(self, node: ast.Constant, scope: Scope, types: bool) -> None:
        if types and isinstance(node.value, str):
            self.walk(scope, quoted(node), types=True)

    def visit_subscript(self, node: ast.Subscript, scope: Scope, types: bool) -> None:
        self.walk(scope, node.value)
        special = dotted(node).split(".")[-1] if types else "Literal"
        if special == "Annotated" and isinstance(node.slice, ast.Tuple):
            self.walk(scope, node.slice.elts[0], types=True)
            self.walk(scope, *node.slice.elts[1:])
        else:
            self.walk(scope, node.slice, types=special != "Literal")

    def visit_tuple(self, node: Any, scope: Scope, types: bool) -> None:
        self.walk(scope, *ast.iter_child_nodes(node), types=types)

    visit_list = visit_binop = visit_tuple


def _qualified(scope: Scope, name: str) -> str:
    local = scope.kind in ("function", "comprehension")
    return f"{scope.path}.<locals>.{name}" if local else f"{scope.path}.{name}"
