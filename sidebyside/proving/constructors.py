"""
# Constructors that keep what they are given

A formula about a setting is about what its user has set only where the constructor keeps that as it
is. So each constructor of a project has to be written in a few forms: an argument that is kept
under its name, a constant, new memory, a check that raises, and a parent's constructor, given the
same.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType

from sidebyside.proving.provable import function_of

__all__ = ["OPTIMIZER", "keeps_arguments", "of_project"]

OPTIMIZER = "torch.optim.optimizer.Optimizer"
# A sequence, or a number, of the same as an argument.
_SAME = {"list", "tuple", "float"}
# What makes new memory.
_NEW = {"zeros", "ones", "empty", "zeros_like", "ones_like", "full", "tensor", "array"}
# What a check may call.
_ASKING = {"isinstance", "len", "abs", "float", "isfinite", "callable"}


def of_project(owner: type, is_project: Callable[[str], bool]) -> list[type]:
    """Return the classes of a project that a class is made of, itself first."""
    return [each for each in owner.__mro__ if is_project(_file(each))]


def _file(kind: type) -> str:
    try:
        return inspect.getfile(kind)
    except (TypeError, OSError):
        return ""


def keeps_arguments(owner: type, classes: Sequence[type]) -> bool:
    """Return whether the constructors of these classes of an owner keep what they are given."""
    if any("__new__" in vars(each) or "__post_init__" in vars(each) for each in classes):
        return False
    stored: list[str] = []
    for each in classes:
        if "__init__" not in vars(each) or _is_of_dataclass(each):
            continue
        constructor = _constructor(each, owner)
        if constructor is None or not constructor.is_plain():
            return False
        stored += constructor.stored
    is_set = any(hasattr(inspect.getattr_static(owner, n, None), "__set__") for n in stored)
    return len(set(stored)) == len(stored) and not is_set


def _is_of_dataclass(kind: type) -> bool:
    """Whether `dataclass` has written the constructor."""
    code = getattr(vars(kind)["__init__"], "__code__", None)
    return "__dataclass_fields__" in vars(kind) and getattr(code, "co_filename", "") == "<string>"


def _constructor(kind: type, owner: type) -> _Constructor | None:
    function = vars(kind)["__init__"]
    if not isinstance(function, FunctionType) or {*function.__code__.co_freevars} - {"__class__"}:
        return None
    node = function_of(function.__code__)
    if node is None or node.name != "__init__" or node.decorator_list or not node.args.args:
        return None
    later = owner.__mro__[owner.__mro__.index(kind) + 1 :]
    parent = next(each for each in later if "__init__" in vars(each))
    return _Constructor(node, parent)


@dataclass
class _Constructor:
    node: ast.FunctionDef
    parent: type
    stored: list[str] = field(default_factory=list)
    defaults: dict[str, ast.expr] = field(default_factory=dict)

    @property
    def arguments(self) -> set[str]:
        args = self.node.args
        return {each.arg for each in (*args.posonlyargs, *args.args, *args.kwonlyargs)} - {"self"}

    def is_plain(self) -> bool:
        """Whether it is written in these forms only."""
        args = self.node.args
        is_named = args.args[0].arg == "self" and not args.vararg and not args.kwarg
        return is_named and all(self.is_form(each) for each in self.node.body)

    def is_form(self, statement: ast.stmt) -> bool:
        """Whether a statement has one of the forms."""
        match statement:
            case ast.Pass() | ast.Expr(ast.Constant()):
                return True
            case ast.If(test=test, body=[ast.Raise()], orelse=others):
                return _only_asks(test) and all(self.is_form(each) for each in others)
            case ast.Raise():
                return False
            case ast.Assert(test=test):
                return _only_asks(test)
            case ast.Assign(
                targets=[ast.Attribute(ast.Name("self"), name)], value=value
            ) | ast.AnnAssign(ast.Attribute(ast.Name("self"), name), value=ast.expr() as value):
                self.stored.append(name)
                return self.is_kept(name.lstrip("_"), value)
            case ast.Assign(targets=[ast.Name(name)], value=value):
                return self.is_local(name, value)
            case ast.Expr(
                ast.Call(ast.Attribute(ast.Call(ast.Name("super"), []), "__init__")) as it
            ):
                return self.is_handed_on(it)
        return False

    def is_kept(self, name: str, value: ast.expr) -> bool:
        """Whether a value stays what it is for users under a name."""
        match value:
            case ast.Name(given):
                return given in self.arguments and (given == name or name not in self.arguments)
            case ast.Call(ast.Name(same), [ast.Name() as inner], []) if same in _SAME:
                return self.is_kept(name, inner)
        return name not in self.arguments and _is_new(value)

    def is_local(self, name: str, value: ast.expr) -> bool:
        """Whether a name stands for the same as before, or for the settings of torch's groups."""
        match value:
            case ast.Call(ast.Name("list" | "tuple"), [ast.Name(inner)], []):
                return inner == name and name in self.arguments
            case ast.Dict() | ast.Call(ast.Name("dict"), []):
                is_new = name not in self.arguments and name not in self.defaults
                self.defaults[name] = value
                return is_new
        return False

    def is_handed_on(self, call: ast.Call) -> bool:
        """Whether a parent's constructor is given the same."""
        if f"{self.parent.__module__}.{self.parent.__qualname__}" == OPTIMIZER:
            return self.is_of_torch(call)
        if self.parent is object:
            return not call.args and not call.keywords
        names = list(inspect.signature(self.parent.__init__).parameters)[1:]  # type: ignore[misc]
        given = _bound(call, names)
        return given is not None and all(
            self.is_kept(n, v) or (n == "defaults" and self.are_settings(v))
            for n, v in given.items()
        )

    def is_of_torch(self, call: ast.Call) -> bool:
        """Whether torch is given the parameters, and a dictionary of settings."""
        match _bound(call, ["params", "defaults"]):
            case {"params": params, "defaults": defaults}:
                return self.is_kept("params", params) and self.are_settings(defaults)
        return False

    def are_settings(self, value: ast.expr) -> bool:
        """Whether a value is a dictionary that keeps arguments under their names."""
        if isinstance(value, ast.Name):
            value = self.defaults.get(value.id, value)
        settings = _settings(value)
        return settings is not None and all(self.is_kept(n, v) for n, v in settings.items())


def _bound(call: ast.Call, names: Sequence[str]) -> dict[str, ast.expr] | None:
    """What a call gives, by the names of arguments; None if that is not written there."""
    if any(isinstance(each, ast.Starred) for each in call.args) or len(call.args) > len(names):
        return None
    found = dict(zip(names, call.args, strict=False))
    for each in call.keywords:
        if each.arg is None or each.arg in found or each.arg not in names:
            return None
        found[each.arg] = each.value
    return found


def _settings(node: ast.expr) -> Mapping[str, ast.expr] | None:
    match node:
        case ast.Dict(keys=keys, values=values):
            texts = [each.value for each in keys if isinstance(each, ast.Constant)]
            is_plain = len({*texts}) == len(keys) and all(type(each) is str for each in texts)
            return dict(zip(map(str, texts), values, strict=True)) if is_plain else None
        case ast.Call(ast.Name("dict"), [], keywords):
            named = {each.arg: each.value for each in keywords if each.arg is not None}
            return named if len(named) == len(keywords) else None
    return None


def _is_new(value: ast.expr) -> bool:
    """Whether a value is a constant, or new memory."""
    match value:
        case ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant()):
            return True
        case ast.Tuple(parts) | ast.List(parts):
            return all(_is_new(each) for each in parts)
        case ast.Dict(keys, values):
            return all(_is_new(each) for each in (*keys, *values) if each is not None)
        case ast.Call(ast.Attribute(ast.Name("np" | "numpy" | "torch"), name)) if name in _NEW:
            inner = [each for each in ast.walk(value) if each is not value]
            return not any(isinstance(each, ast.Call | ast.NamedExpr) for each in inner)
    return False


def _only_asks(test: ast.expr) -> bool:
    """Whether a check changes nothing."""
    for each in ast.walk(test):
        if isinstance(each, ast.NamedExpr | ast.Lambda | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(each, ast.Call):
            name = getattr(each.func, "attr", getattr(each.func, "id", ""))
            if name not in _ASKING:
                return False
    return True
