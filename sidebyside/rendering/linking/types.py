"""
# Of which class a value is

Types come from annotations, from what functions say they return, and, for variables without an
annotation, from what is assigned to them. When two assignments disagree, or one of them is unknown,
the variable is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

import griffe

from sidebyside.rendering.linking.program import Program
from sidebyside.rendering.linking.quoted import parse_expression
from sidebyside.rendering.linking.scopes import Binding, Scope, first_parameter
from sidebyside.rendering.linking.values import (
    PENDING,
    Instance,
    Local,
    Pending,
    Several,
    Thing,
    Value,
)

Evaluate: TypeAlias = Callable[[ast.expr, Scope], "Value | None"]

# Decorators that leave alone what a function returns.
_HARMLESS = {"staticmethod", "classmethod", "abstractmethod", "override", "final", "cache", "wraps"}
_WRAPPERS = {"typing.Optional", "typing.Final", "typing.ClassVar", "typing.Annotated"}
# More rounds than this are only needed by variables that are defined by each other in a long chain.
_ROUNDS = 8


class Types:
    """The types of annotations, calls and variables; `evaluate` is for expressions."""

    def __init__(self, program: Program, evaluate: Evaluate) -> None:
        self._program = program
        self._evaluate = evaluate
        self._variables: dict[Scope, dict[str, Value | None]] = {}

    def annotated(self, node: ast.expr | None, scope: Scope) -> Value | None:
        """What a value with this annotation is; None unless the annotation is one known class."""
        match node:
            case ast.Constant(value=str(text)):
                return self.annotated(parse_expression(text), scope)
            case ast.Name() | ast.Attribute():
                thing = self._evaluate(node, scope)
                known = isinstance(thing, Thing) and self._program.is_class(thing.path)
                return Instance(thing.path) if isinstance(thing, Thing) and known else None
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._either([left, right], scope)
            case ast.Subscript(value=generic, slice=inside):
                return self._subscripted(generic, inside, scope)
        return None

    def _subscripted(self, generic: ast.expr, inside: ast.expr, scope: Scope) -> Value | None:
        thing = self._evaluate(generic, scope)
        name = thing.path if isinstance(thing, Thing) else ast.unparse(generic)
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        if name in _WRAPPERS:
            return self.annotated(parts[0], scope)
        if name == "typing.Union":
            return self._either(parts, scope)
        if name in ("tuple", "typing.Tuple"):
            return Several(tuple(self.annotated(part, scope) for part in parts))
        if name in ("type", "typing.Type"):
            instance = self.annotated(parts[0], scope)
            return Thing(instance.path) if isinstance(instance, Instance) else None
        return self.annotated(generic, scope)

    def _either(self, options: list[ast.expr], scope: Scope) -> Value | None:
        """A union is a class of its own only when all but one option is None."""
        real = [o for o in options if not (isinstance(o, ast.Constant) and o.value is None)]
        return self.annotated(real[0], scope) if len(real) == 1 else None

    def returned(self, path: str) -> Value | None:
        """What a call of the function or class with this path gives."""
        if self._program.is_class(path):
            return Instance(path)
        found = self._program.packages.object(path)
        if isinstance(found, griffe.Function):
            plain = all(str(d.value).split(".")[-1] in _HARMLESS for d in found.decorators)
            return (
                self._declared(found, found.returns)
                if plain and "async" not in found.labels
                else None
            )
        entry = self._program.inventory.entries.get(path)
        return Instance(entry.type) if entry and entry.kind == "->" and entry.type else None

    def held(self, path: str) -> Value | None:
        """What the module, class, function or variable with this path is when it is read."""
        found = self._program.packages.object(path)
        if isinstance(found, griffe.Attribute):
            if found.parent is not None and found.parent.is_module and not found.annotation:
                scope = self._program.packages.scopes(found.module.path).module
                return self.variable(scope, found.name)
            return self._declared(found, found.annotation)
        entry = self._program.inventory.entries.get(path)
        if entry and entry.kind == ":" and entry.type:
            return Instance(entry.type)
        return Thing(path)

    def _declared(self, owner: griffe.Object, annotation: str | griffe.Expr | None) -> Value | None:
        if annotation is None or owner.parent is None:
            return None
        scope = self._program.packages.scopes(owner.module.path).block(owner.parent.path)
        expression = parse_expression(str(annotation))
        if expression is not None:
            ast.increment_lineno(expression, owner.lineno or 0)
        return self.annotated(expression, scope)

    def variable(self, scope: Scope, name: str) -> Value | None:
        """The value of a variable, parameter or local import, if all its bindings agree."""
        if scope not in self._variables:
            found: dict[str, Value | None] = dict.fromkeys(scope.bindings, PENDING)
            self._variables[scope] = found
            # Variables depend on each other, also in circles (`x = x.add(1)`): until nothing
            # changes.
            for _ in range(_ROUNDS):
                before = dict(found)
                for each in scope.bindings:
                    found[each] = self._agreed(scope, each)
                if found == before:
                    break
            else:
                found.update({n: None for n in found if found[n] != before[n]})
            found.update({n: None for n, value in found.items() if value == PENDING})
        return self._variables[scope].get(name)

    def _agreed(self, scope: Scope, name: str) -> Value | None:
        bindings = scope.bindings[name]
        values = {self._bound(b, scope, name) for b in bindings if b.kind != "augmented"}
        values.discard(PENDING)
        value = values.pop() if len(values) == 1 else None if values else PENDING
        if any(b.kind == "augmented" for b in bindings) and not isinstance(value, Pending):
            # `x += …` keeps the class of a tensor; of other things nobody knows.
            listed = isinstance(value, Instance) and self._program.inventory.is_class(value.path)
            return value if listed else None
        return value

    def _bound(self, binding: Binding, scope: Scope, name: str) -> Value | None:
        where = binding.where or scope
        if binding.annotation is not None:
            return self.annotated(binding.annotation, where)
        if binding.kind == "parameter":
            return self._receiver(scope, name)
        if binding.kind == "import":
            path = self._program.resolve(binding.target)
            return self.held(path) if path else None
        if binding.kind == "definition":
            return Local(binding.line)
        if binding.value is None:
            return None
        value = self._evaluate(binding.value, where)
        for index in binding.path:
            if isinstance(value, Several):
                value = value.items[index] if index < len(value.items) else None
            elif value != PENDING:
                return None
        return value

    def _receiver(self, scope: Scope, name: str) -> Value | None:
        """`self` or `cls`: the first parameter of a method."""
        owner = scope.method_of
        node = scope.node
        if owner is None or name != first_parameter(scope) or not self._program.is_sure(owner.path):
            return None
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        decorators = {ast.unparse(d) for d in node.decorator_list}
        if "staticmethod" in decorators:
            return None
        of_class = "classmethod" in decorators or node.name in ("__new__", "__init_subclass__")
        return Thing(owner.path) if of_class else Instance(owner.path)
