"""
# What an expression refers to

`self.get_mv` refers to a method when `self` is an object of a class we know;
`m.mul_(beta2).add_(eps)` to two methods of a tensor when `m` is one. What is not certain stays
unknown, and has no link.

Types come from annotations, from what functions say they return, and, for variables without an
annotation, from what is assigned to them. When two assignments disagree, or one of them is unknown,
the variable is unknown.

There is one rule for receivers of unknown type. An in-place method (`m.lerp_(…)`: it is called, and
its name ends in an underscore) belongs to the inventory's class if that is the only class known to
have such a method, and if the module imports something from that class's package. In the state
dictionary of an optimizer, whose values have no type, this is what tells a tensor.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from sidebyside.rendering.linking.program import Program
from sidebyside.rendering.linking.scopes import (
    Binding,
    Function,
    Scope,
    Use,
    quoted,
    settled,
)
from sidebyside.source.reading import dotted


@dataclass(frozen=True)
class Thing:
    """A module, class, function or variable, by its canonical path."""

    path: str


@dataclass(frozen=True)
class Instance:
    """An object of the class with this path; with `above`, `super()` in that class."""

    path: str
    above: bool = False


@dataclass(frozen=True)
class Local:
    """A function or class defined inside a function, at this line."""

    line: int


@dataclass(frozen=True)
class Several:
    """A tuple, element by element."""

    items: tuple[Value | None, ...]


@dataclass(frozen=True)
class Pending:
    """Not known yet: the variable is just being worked out."""


# What an expression can turn out to be, as far as links need it. None is what nobody knows.
Value: TypeAlias = Thing | Instance | Local | Several | Pending
PENDING = Pending()

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
}
# Decorators that leave alone what a function returns.
_HARMLESS = {"staticmethod", "classmethod", "abstractmethod", "override", "final", "cache", "wraps"}
_WRAPPERS = {"typing.Optional", "typing.Final", "typing.ClassVar", "typing.Annotated"}
# More rounds than this are only needed by variables that are defined by each other in a long chain.
_ROUNDS = 8


class Meaning:
    """The meaning of the expressions in a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._variables: dict[Scope, dict[str, Value | None]] = {}
        self._in_place: dict[str, str | None] = {}

    def of(self, use: Use) -> str | int | None:
        """The path of what a use refers to; for a local definition, its line."""
        try:
            value = self._refer(use.node, use.scope)
            if value is None and use.called and isinstance(use.node, ast.Attribute):
                value = self._by_rule(use.node, use.scope)
        except RecursionError:  # a name behind hundreds of dots
            return None
        match value:
            case Thing(path):
                return path
            case Local(line):
                return line
        return None

    # Expressions

    def _refer(self, node: ast.expr, scope: Scope) -> Value | None:
        """The thing with a name that a name or attribute stands for."""
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope)
        if not isinstance(node, ast.Name):
            return None
        owner = scope.find(node.id)
        if owner is None or owner.kind in ("module", "class"):
            path = self._program.visible(scope, node.id, node.lineno)
            return Thing(path) if path else None
        certain = settled(owner.bindings[node.id], node.id)
        if certain and certain[0].kind == "definition":
            return Local(certain[0].line)
        path = self._program.resolve(certain[0].target) if certain and certain[0].target else None
        return Thing(path) if path else None

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value | None:
        name = node.attr
        path: str | None = None
        match self.evaluate(node.value, scope):
            case Pending():
                return PENDING
            case Thing(owner):
                path = self._program.member(owner, name)
            case Instance(owner, above):
                path = self._program.attribute(owner, name, above=above)
        if path and name.startswith("__") and not name.endswith("__"):
            # Inside a class, Python adds to such a name the name of the class it is written in.
            around = next((each.path for each in scope.up() if each.kind == "class"), None)
            path = path if path == f"{around}.{name}" else None
        return Thing(path) if path else None

    def evaluate(self, node: ast.expr, scope: Scope) -> Value | None:
        """What an expression is when the code runs."""
        match node:
            case ast.Name(id=name):
                owner = scope.find(name)
                if owner is not None and owner.kind not in ("module", "class"):
                    return self._variable(owner, name)
                return self._held(self._refer(node, scope))
            case ast.Attribute():
                return self._held(self._refer(node, scope))
            case ast.Call():
                return self._call(node, scope)
            case ast.BinOp() | ast.UnaryOp(op=ast.USub()) | ast.Subscript():
                return self._operation(node, scope)
            case ast.Tuple(elts=elements):
                return Several(tuple(self.evaluate(element, scope) for element in elements))
            case ast.IfExp(body=body, orelse=other):
                return _agreed([self.evaluate(body, scope), self.evaluate(other, scope)])
            case ast.NamedExpr(value=value):
                return self.evaluate(value, scope)
        return None

    def _call(self, node: ast.Call, scope: Scope) -> Value | None:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not scope.find("super"):
            return self._super(node, scope)
        function = self.evaluate(node.func, scope)
        if function is None and isinstance(node.func, ast.Attribute):
            function = self._by_rule(node.func, scope)
        if isinstance(function, Thing):
            return self._returned(function.path)
        return PENDING if function == PENDING else None

    def _super(self, node: ast.Call, scope: Scope) -> Value | None:
        if node.args:
            owner = self.evaluate(node.args[0], scope)
            return Instance(owner.path, above=True) if isinstance(owner, Thing) else None
        function = next((s for s in scope.up() if s.kind == "function"), None)
        around = function.method_of if function and function.first_parameter else None
        sure = around is not None and self._program.is_sure(around.path)
        return Instance(around.path, above=True) if around and sure else None

    def _operation(self, node: ast.expr, scope: Scope) -> Value | None:
        """What operators of known classes return."""
        names: list[str] = []
        # A sum of a thousand terms is nested a thousand deep, to the left.
        while isinstance(node, ast.BinOp):
            name = _OPERATORS.get(type(node.op), "")
            if isinstance(node.left, ast.Constant) and isinstance(node.left.value, (int, float)):
                names.append(f"__r{name}__")
                node = node.right
                break
            names.append(f"__{name}__")
            node = node.left
        if not names and isinstance(node, ast.UnaryOp):
            names, node = ["__neg__"], node.operand
        elif not names and isinstance(node, ast.Subscript):
            names, node = ["__getitem__"], node.value
        value = self.evaluate(node, scope)
        for name in reversed(names):
            if not isinstance(value, Instance):
                return PENDING if value == PENDING else None
            path = self._program.attribute(value.path, name)
            value = self._returned(path) if path else None
        return value

    def _by_rule(self, node: ast.Attribute, scope: Scope) -> Thing | None:
        """The method that is called on a receiver of unknown type, by the rule at the top."""
        name = node.attr
        plain = isinstance(node.value, (ast.Name, ast.Subscript, ast.Attribute))
        if not name.endswith("_") or name.startswith("_") or not plain:
            return None
        if self.evaluate(node.value, scope) is not None:
            return None
        owners = self._program.inventory.classes_with(name)
        if len(owners) != 1 or self._program.defines(name):
            return None
        package = owners[0].split(".")[0]
        imported = (b.target for bindings in scope.module.bindings.values() for b in bindings)
        known = any(target.split(".")[0] == package for target in imported)
        return Thing(f"{owners[0]}.{name}") if known else None

    # Types

    def _annotated(self, node: ast.expr | None, scope: Scope) -> Value | None:
        """What a value with this annotation is; None unless the annotation is one known class."""
        match node:
            case ast.Constant(value=str()):
                return self._annotated(quoted(node), scope)
            case ast.Name() | ast.Attribute():
                thing = self.evaluate(node, scope)
                known = isinstance(thing, Thing) and self._program.is_class(thing.path)
                return Instance(thing.path) if isinstance(thing, Thing) and known else None
            case ast.BinOp(left=left, right=right, op=ast.BitOr()):
                return self._either([left, right], scope)
            case ast.Subscript(value=generic, slice=inside):
                return self._subscripted(generic, inside, scope)
        return None

    def _subscripted(self, generic: ast.expr, inside: ast.expr, scope: Scope) -> Value | None:
        thing = self.evaluate(generic, scope)
        name = thing.path if isinstance(thing, Thing) else dotted(generic)
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        if name in _WRAPPERS:
            return self._annotated(parts[0], scope)
        if name == "typing.Union":
            return self._either(parts, scope)
        if name in ("tuple", "typing.Tuple"):
            return Several(tuple(self._annotated(part, scope) for part in parts))
        if name in ("type", "typing.Type"):
            instance = self._annotated(parts[0], scope)
            return Thing(instance.path) if isinstance(instance, Instance) else None
        return self._annotated(generic, scope)

    def _either(self, options: list[ast.expr], scope: Scope) -> Value | None:
        """A union is a class of its own only when all but one option is None."""
        real = [o for o in options if not (isinstance(o, ast.Constant) and o.value is None)]
        return self._annotated(real[0], scope) if len(real) == 1 else None

    def _returned(self, path: str) -> Value | None:
        """What a call of the function or class with this path gives."""
        if self._program.is_class(path):
            return Instance(path)
        if bound := self._program.bound(path):
            node = bound[-1].node
            names = [each.split(".")[-1] for each in bound[-1].decorators]
            if isinstance(node, ast.FunctionDef) and _HARMLESS.issuperset(names):
                return self._annotated(node.returns, bound[-1].where)
            return None
        entry = self._program.inventory.entries.get(path)
        return Instance(entry.type) if entry and entry.kind == "->" and entry.type else None

    def _held(self, thing: Value | None) -> Value | None:
        """What a module, class, function or variable is when it is read."""
        if not isinstance(thing, Thing):
            return thing
        bound = self._program.bound(thing.path)
        annotated = [b for b in bound if b.annotation is not None]
        if annotated:
            return self._annotated(annotated[-1].annotation, annotated[-1].where)
        if bound and bound[-1].is_property and isinstance(bound[-1].node, Function):
            return self._annotated(bound[-1].node.returns, bound[-1].where)
        if bound and bound[-1].kind == "variable":
            scope, name = bound[-1].where, thing.path.rpartition(".")[2]
            return self._variable(scope, name) if scope.kind == "module" else None
        entry = self._program.inventory.entries.get(thing.path)
        listed = not bound and entry and entry.kind == ":" and entry.type
        return Instance(listed) if listed else thing

    # Variables

    def _variable(self, scope: Scope, name: str) -> Value | None:
        """The value of a variable, parameter or local import, if all its bindings agree."""
        if scope not in self._variables:
            found: dict[str, Value | None] = dict.fromkeys(scope.bindings, PENDING)
            self._variables[scope] = found
            # Variables depend on each other, also in circles (`x = x.add(1)`): until nothing
            # changes.
            for _ in range(_ROUNDS):
                before = dict(found)
                for each, bindings in scope.bindings.items():
                    found[each] = self._together(bindings, scope, each)
                if found == before:
                    break
            else:
                found.update({n: None for n in found if found[n] != before[n]})
            found.update({n: None for n, value in found.items() if value == PENDING})
        return self._variables[scope].get(name)

    def _together(self, bindings: list[Binding], scope: Scope, name: str) -> Value | None:
        plain = [b for b in bindings if b.kind != "augmented"]
        value = _agreed([self._bound(b, scope, name) for b in plain])
        if len(plain) < len(bindings) and value != PENDING:
            # `x += …` keeps the class of a tensor; of other things nobody knows.
            listed = isinstance(value, Instance) and self._program.inventory.is_class(value.path)
            return value if listed else None
        return value

    def _bound(self, binding: Binding, scope: Scope, name: str) -> Value | None:
        if binding.annotation is not None:
            return self._annotated(binding.annotation, binding.where)
        if binding.kind == "parameter":
            return self._receiver(scope, name)
        if binding.kind == "import":
            path = self._program.resolve(binding.target)
            return self._held(Thing(path)) if path else None
        if binding.kind == "definition":
            return Local(binding.line)
        value = self.evaluate(binding.value, binding.where) if binding.value else None
        for index in binding.path:
            if isinstance(value, Several):
                value = value.items[index] if index < len(value.items) else None
            elif value != PENDING:
                return None
        return value

    def _receiver(self, scope: Scope, name: str) -> Value | None:
        """`self` or `cls`: the first parameter of a method."""
        owner, node = scope.method_of, scope.node
        if owner is None or name != scope.first_parameter or not self._program.is_sure(owner.path):
            return None
        assert isinstance(node, Function)
        decorators = {dotted(each) for each in node.decorator_list}
        if "staticmethod" in decorators:
            return None
        of_class = "classmethod" in decorators or node.name in ("__new__", "__init_subclass__")
        return Thing(owner.path) if of_class else Instance(owner.path)


def _agreed(values: list[Value | None]) -> Value | None:
    """What all of these are; what is not known yet may become anything."""
    known = {*values} - {PENDING}
    return known.pop() if len(known) == 1 else None if known else PENDING
