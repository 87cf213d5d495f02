"""
# What an expression refers to

`self.get_mv` refers to a method when `self` is an object of a class we know;
`m.mul_(beta2).add_(eps)` to two methods of a tensor when `m` is one. What is not certain stays
unknown, and has no link.

There is one rule for receivers of unknown type. An in-place method (`m.lerp_(…)`: it is called, and
its name ends in an underscore) belongs to the inventory's class if that is the only class known to
have such a method, and if the module imports something from that class's package. In the state
dictionary of an optimizer, whose values have no type, this is what tells a tensor.
"""

from __future__ import annotations

import ast

from sidebyside.rendering.linking.program import Program
from sidebyside.rendering.linking.scopes import Scope, first_parameter, settled
from sidebyside.rendering.linking.types import Types
from sidebyside.rendering.linking.values import (
    PENDING,
    Above,
    Instance,
    Local,
    Pending,
    Several,
    Thing,
    Value,
)

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
}


class Meaning:
    """The meaning of the expressions in a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._types = Types(program, self.evaluate)
        self._in_place: dict[str, str | None] = {}

    def refer(self, node: ast.expr, scope: Scope) -> Value | None:
        """The thing with a name that a name or attribute stands for."""
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope)
        if not isinstance(node, ast.Name):
            return None
        owner = scope.find(node.id)
        if owner is None or owner.kind in ("module", "class"):
            path = self._program.visible(scope, node.id, node.lineno)
        else:
            bindings = owner.bindings[node.id]
            if not settled(bindings, node.id):
                return None
            if bindings[0].kind == "definition":
                return Local(bindings[0].line)
            path = self._program.resolve(bindings[0].target) if bindings[0].target else None
        return Thing(path) if path else None

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value | None:
        name = node.attr
        path: str | None = None
        match self.evaluate(node.value, scope):
            case Pending():
                return PENDING
            case Thing(owner):
                path = self._program.member(owner, name)
            case Instance(owner):
                path = self._program.attribute(owner, name)
            case Above(owner):
                path = self._program.attribute(owner, name, above=True)
        if path and name.startswith("__") and not name.endswith("__"):
            # Inside a class, Python adds to such a name the name of the class it is written in.
            around = next((each.path for each in scope.up() if each.kind == "class"), None)
            path = path if path == f"{around}.{name}" else None
        return Thing(path) if path else None

    def evaluate(self, node: ast.expr, scope: Scope) -> Value | None:
        """What an expression is when the code runs."""
        match node:
            case ast.Name() | ast.Attribute():
                return self._read(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.BinOp() | ast.UnaryOp(op=ast.USub()) | ast.Subscript():
                return self._operation(node, scope)
            case ast.Tuple(elts=elements):
                return Several(tuple(self.evaluate(element, scope) for element in elements))
            case ast.IfExp(body=body, orelse=other):
                values = {self.evaluate(body, scope), self.evaluate(other, scope)} - {PENDING}
                return values.pop() if len(values) == 1 else None if values else PENDING
            case ast.NamedExpr(value=value):
                return self.evaluate(value, scope)
        return None

    def _read(self, node: ast.Name | ast.Attribute, scope: Scope) -> Value | None:
        if isinstance(node, ast.Name):
            owner = scope.find(node.id)
            if owner is not None and owner.kind not in ("module", "class"):
                return self._types.variable(owner, node.id)
        thing = self.refer(node, scope)
        return self._types.held(thing.path) if isinstance(thing, Thing) else thing

    def _call(self, node: ast.Call, scope: Scope) -> Value | None:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not scope.find("super"):
            return self._super(node, scope)
        function = self.evaluate(node.func, scope)
        if function is None and isinstance(node.func, ast.Attribute):
            function = self.in_place(node.func, scope)
        if isinstance(function, Thing):
            return self._types.returned(function.path)
        return PENDING if function == PENDING else None

    def _super(self, node: ast.Call, scope: Scope) -> Value | None:
        if node.args:
            owner = self.evaluate(node.args[0], scope)
            return Above(owner.path) if isinstance(owner, Thing) else None
        function = next((s for s in scope.up() if s.kind == "function"), None)
        if function is None or function.method_of is None or first_parameter(function) is None:
            return None
        path = function.method_of.path
        return Above(path) if self._program.is_sure(path) else None

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
            value = self._types.returned(path) if path else None
        return value

    def in_place(self, node: ast.Attribute, scope: Scope) -> Thing | None:
        """The method that is called on a receiver of unknown type, by the rule at the top."""
        name = node.attr
        plain = isinstance(node.value, (ast.Name, ast.Subscript, ast.Attribute))
        if not name.endswith("_") or name.startswith("_") or not plain:
            return None
        if self.evaluate(node.value, scope) is not None:
            return None
        if name not in self._in_place:
            self._in_place[name] = self._sole_owner(name)
        owner = self._in_place[name]
        if owner is None or not self._imports(scope.module, owner.split(".")[0]):
            return None
        return Thing(f"{owner}.{name}")

    def _sole_owner(self, name: str) -> str | None:
        owners = self._program.inventory.classes_with(name)
        return owners[0] if len(owners) == 1 and not self._program.packages.defines(name) else None

    def _imports(self, module: Scope, package: str) -> bool:
        targets = (b.target for bindings in module.bindings.values() for b in bindings)
        return any(target.split(".")[0] == package for target in targets)
