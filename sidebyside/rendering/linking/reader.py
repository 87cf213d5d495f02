"""
# Reading the scopes of a module from its syntax tree

One walk over the tree records every binding in its scope and every use of a name. Function bodies
are walked after the code around them, and annotations in quotes are read as the code they stand
for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from sidebyside.rendering.linking.quoted import read_quoted
from sidebyside.rendering.linking.scopes import Binding, Import, Scope, Scopes, Use, first_parameter
from sidebyside.source import Module


def read_scopes(source: Module, name: str, *, is_package: bool) -> Scopes:
    """Find the scopes, bindings, uses and imports of the module called `name`."""
    return _Reader(source, name, is_package).read()


class _Reader:
    def __init__(self, source: Module, name: str, is_package: bool) -> None:
        self.source = source
        self.package = name.split(".") if is_package else name.split(".")[:-1]
        self.scopes = Scopes(source, Scope("module", name, source.tree))
        self.called: set[ast.expr] = set()
        self.later: list[Callable[[], None]] = []
        self.nonlocals: list[tuple[Scope, str, Binding]] = []

    def read(self) -> Scopes:
        self.visit_all(self.source.tree.body, self.scopes.module)
        while self.later:
            self.later.pop(0)()
        for scope, name, binding in self.nonlocals:
            owner = next((s for s in scope.up() if s is not scope and name in s.bindings), None)
            if owner is not None:
                owner.bindings[name].append(binding)
        return self.scopes

    def bind(self, scope: Scope, name: str, binding: Binding) -> None:
        is_global = scope.outer.get(name)
        if is_global is False:
            self.nonlocals.append((scope, name, binding))
        else:
            owner = self.scopes.module if is_global else scope
            owner.bindings.setdefault(name, []).append(binding)

    def visit_all(self, nodes: Iterable[ast.AST | None], scope: Scope) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, scope)

    def visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.function(node, scope)
            case ast.ClassDef():
                self.class_(node, scope)
            case ast.Lambda():
                inner = Scope("function", scope.path, node, scope)
                self.parameters(node.args, inner, scope)
                body = node.body
                self.later.append(lambda: self.visit(body, inner))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                self.comprehension(node, [node.elt], scope)
            case ast.DictComp():
                self.comprehension(node, [node.key, node.value], scope)
            case ast.Import() | ast.ImportFrom():
                self.import_(node, scope)
            case ast.Global() | ast.Nonlocal():
                scope.outer |= dict.fromkeys(node.names, isinstance(node, ast.Global))
            case ast.Name() | ast.Attribute():
                self.name(node, scope)
            case ast.BinOp():
                # A sum of a thousand terms is nested a thousand deep, to the left.
                while isinstance(node, ast.BinOp):
                    self.visit(node.right, scope)
                    node = node.left
                self.visit(node, scope)
            case ast.Call():
                self.called.add(node.func)
                self.visit_all(ast.iter_child_nodes(node), scope)
            case _:
                self.assignment(node, scope)

    def name(self, node: ast.Name | ast.Attribute, scope: Scope) -> None:
        if isinstance(node, ast.Attribute):
            self.visit(node.value, scope)
        if isinstance(node.ctx, ast.Load):
            self.scopes.uses.append(Use(node, scope, node in self.called))
        elif isinstance(node, ast.Name):
            self.bind(scope, node.id, Binding("opaque", node.lineno))
        elif isinstance(node.value, ast.Name):
            function = scope.find(node.value.id)
            if function and function.method_of and node.value.id == first_parameter(function):
                stores = self.scopes.stores.setdefault(function.method_of.path, {})
                stores.setdefault(node.attr, []).append(node.lineno)

    def assignment(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Assign():
                self.visit(node.value, scope)
                for target in node.targets:
                    self.target(target, scope, value=node.value, where=scope)
            case ast.AnnAssign():
                self.annotation(node.annotation, scope)
                self.visit_all([node.value], scope)
                self.target(node.target, scope, annotation=node.annotation, where=scope)
            case ast.NamedExpr():
                self.visit(node.value, scope)
                owner = next(s for s in scope.up() if s.kind != "comprehension")
                self.target(node.target, owner, value=node.value, where=scope)
            case ast.AugAssign(target=ast.Name(id=name)):
                self.visit(node.value, scope)
                self.bind(scope, name, Binding("augmented", node.lineno))
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                self.bind(scope, name, Binding("opaque", getattr(node, "lineno", 0)))
                self.visit_all(ast.iter_child_nodes(node), scope)
            case _ if hasattr(node, "type_params"):  # Python 3.12: type Name[T] = …
                alias: Any = node  # a class that Python 3.10 does not have
                self.visit(alias.name, scope)
                self.annotation(alias.value, self.type_parameters(alias, scope))
            case _:
                self.visit_all(ast.iter_child_nodes(node), scope)

    def target(self, node: ast.expr, scope: Scope, **binding: Any) -> None:
        match node:
            case ast.Name():
                self.bind(scope, node.id, Binding("variable", node.lineno, **binding))
            case ast.Tuple() | ast.List() if not any(isinstance(e, ast.Starred) for e in node.elts):
                path = binding.pop("path", ())
                for index, element in enumerate(node.elts):
                    self.target(element, scope, path=(*path, index), **binding)
            case _:
                self.visit(node, scope)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        self.bind(scope, node.name, Binding("definition", node.lineno, node=node))
        self.visit_all(node.decorator_list, scope)
        types = self.type_parameters(node, scope)
        inner = Scope("function", _qualified(scope, node.name), node, types)
        self.parameters(node.args, inner, types)
        self.annotation(node.returns, types)
        self.later.append(lambda: self.visit_all(node.body, inner))

    def class_(self, node: ast.ClassDef, scope: Scope) -> None:
        self.bind(scope, node.name, Binding("definition", node.lineno, node=node))
        self.visit_all(node.decorator_list, scope)
        types = self.type_parameters(node, scope)
        self.visit_all([*node.bases, *node.keywords], types)
        inner = Scope("class", _qualified(scope, node.name), node, types)
        self.scopes.classes[inner.path] = inner
        self.visit_all(node.body, inner)

    def parameters(self, args: ast.arguments, inner: Scope, outside: Scope) -> None:
        self.visit_all([*args.defaults, *args.kw_defaults], outside)
        for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs]:
            self.annotation(arg.annotation, outside)
            typed = Binding("parameter", arg.lineno, annotation=arg.annotation, where=outside)
            self.bind(inner, arg.arg, typed)
        for arg in filter(None, [args.vararg, args.kwarg]):
            self.annotation(arg.annotation, outside)
            self.bind(inner, arg.arg, Binding("opaque", arg.lineno))

    def type_parameters(self, node: Any, scope: Scope) -> Scope:
        """The scope of `[T]` in Python 3.12's `def f[T]`; without one, the scope around."""
        parameters = getattr(node, "type_params", [])
        if not parameters:
            return scope
        inner = Scope("types", scope.path, node, scope)
        for parameter in parameters:
            self.bind(inner, parameter.name, Binding("opaque", parameter.lineno))
            self.annotation(getattr(parameter, "bound", None), inner)
        return inner

    def comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        elements: list[ast.expr],
        scope: Scope,
    ) -> None:
        inner = Scope("comprehension", scope.path, node, scope)
        for index, generator in enumerate(node.generators):
            # The first iterable alone is computed outside.
            self.visit(generator.iter, inner if index else scope)
            self.visit_all([generator.target, *generator.ifs], inner)
        self.visit_all(elements, inner)

    def import_(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        module = self.absolute(node) if isinstance(node, ast.ImportFrom) else ""
        self.scopes.imports.append(Import(node, module))
        for alias in node.names:
            # `import a.b` binds a; `import a.b as c` binds a.b.
            name = alias.asname or alias.name.split(".")[0]
            target = alias.name if alias.asname else name
            if alias.name == "*":
                continue
            if module:
                target = f"{module}.{alias.name}"
            self.bind(scope, name, Binding("import", node.lineno, target=target))

    def absolute(self, node: ast.ImportFrom) -> str:
        kept = self.package[: len(self.package) - node.level + 1] if node.level else []
        # Beyond the top-level package there is nothing to find.
        return ".".join([*kept, *filter(None, [node.module])]) or "?"

    def annotation(self, node: ast.expr | None, scope: Scope) -> None:
        """Visit an annotation. Strings in it are code, but not those of `Literal` and notes."""
        match node:
            case None:
                pass
            case ast.Constant(value=str()):
                line = self.source.lines[node.lineno - 1].text
                self.annotation(read_quoted(node, line), scope)
            case ast.Subscript(value=generic, slice=inside):
                self.visit(generic, scope)
                special = ast.unparse(generic).split(".")[-1]
                if special == "Annotated" and isinstance(inside, ast.Tuple):
                    self.annotation(inside.elts[0], scope)
                    self.visit_all(inside.elts[1:], scope)
                elif special != "Literal":
                    self.annotation(inside, scope)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self.annotation(element, scope)
            case ast.BinOp(left=left, right=right):
                self.annotation(left, scope)
                self.annotation(right, scope)
            case _:
                self.visit(node, scope)


def _qualified(scope: Scope, name: str) -> str:
    local = scope.kind in ("function", "comprehension")
    return f"{scope.path}.<locals>.{name}" if local else f"{scope.path}.{name}"
