"""
# What stands between users and a step

A formula of a class is about what its users do. They may call its entry method themselves; or they
call `step`, as that of an optimizer of torch, which calls it for each parameter. A row is proved
only where `step` does that and nothing else: for all groups, for all parameters with a gradient,
and with each one's own memory. So it has to be written in a few forms, and torch's own methods have
to be torch's.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any

from sidebyside.proving.constructors import OPTIMIZER, keeps_arguments, of_project
from sidebyside.proving.provable import function_of

__all__ = ["HOOKS", "Driven", "steps_as_ours"]

# Where our optimizers step, and what classes may make of it.
OURS = ("labml_nn_optim.generic", "GenericAdaptiveOptimizer")
HOOKS = {"init_state", "at_step", "get_lr", "step_param"}
_OTHERS = {"object", "abc.ABC", "typing.Generic", OPTIMIZER}
_OF_TORCH = {"param_groups", "state", "defaults"}
_MAY_DIFFER = {"__init__", "__repr__", "__doc__", "__module__", "__slots__", "step"}
_DECORATORS = {"torch.no_grad()", "override", "typing.override"}
_CLOSURE = {
    "loss = None",
    "loss = None if closure is None else closure()",
    "loss = closure() if closure is not None else None",
    "if closure is not None:\n    loss = closure()",
    "if closure is not None:\n    with torch.enable_grad():\n        loss = closure()",
}
_RETURNS = {"return", "return None", "return loss"}


def steps_as_ours(owner: type) -> bool:
    """Return whether a class steps as our optimizers do: by hooks, and else by our methods."""
    ours = getattr(sys.modules.get(OURS[0]), OURS[1], None)
    if ours is None or not issubclass(owner, ours):
        return False
    others = [each for each in owner.__mro__[: owner.__mro__.index(ours)] if not _is_our_own(each)]
    changed = {
        name
        for each in others
        for name, member in vars(each).items()
        if hasattr(ours, name) and _inner(member) is not _inner(getattr(ours, name))
    }
    its_own = HOOKS | _MAY_DIFFER - {"step"} | {*vars(object)} | _SETTINGS
    return not changed - its_own and keeps_arguments(owner, others)


_SETTINGS = {"__annotations__", "__dict__", "__weakref__", "__abstractmethods__", "_abc_impl"}


def _inner(member: Any) -> Any:
    """A member without what torch has put around it."""
    home = getattr(sys.modules.get("torch.optim.optimizer"), "__file__", None)
    while isinstance(member, FunctionType) and member.__code__.co_filename == home:
        member = getattr(member, "__wrapped__", None)
    return member


def _is_our_own(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == OURS[0].partition(".")[0]


@dataclass(frozen=True)
class Driven:
    """A class, its `entry` method, what of it is `memory`, and what its runs have `counted`."""

    owner: type
    entry: str
    memory: tuple[str, ...]
    counted: str
    is_project: Callable[[str], bool]

    def is_plain(self, drivers: Collection[CodeType]) -> bool:
        """Whether nothing but plain forms stands between users and the entry method."""
        callers = [*self.callers()]
        handing = [each for each in callers if self.hands_on(each)]
        if not self.has_plain_classes or {*drivers} - {each.__code__ for each in callers}:
            return False
        if self.is_optimizer and self.entry != "step":
            its_own = inspect.unwrap(self.owner.step)  # type: ignore[attr-defined]
            return callers == [its_own] and _Loop(self, its_own).is_plain()
        return callers == handing

    def hands_on(self, function: FunctionType) -> bool:
        """Whether a method only hands on its arguments to the entry method, under their names."""
        node = function_of(function.__code__)
        if node is None or node.decorator_list:
            return False
        names = [*inspect.signature(getattr(self.owner, self.entry)).parameters]
        its_own = [each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)]
        body = node.body[1:] if ast.get_docstring(node) else node.body
        call = f"{names[0]}.{self.entry}({', '.join(names[1:])})"
        return its_own == names and [ast.unparse(each) for each in body] in (
            [call],
            [f"return {call}"],
        )

    @property
    def is_optimizer(self) -> bool:
        return any(_name(each) == OPTIMIZER for each in self.owner.__mro__)

    @cached_property
    def has_plain_classes(self) -> bool:
        """Whether its classes keep what they are given, and change nothing of torch."""
        classes = of_project(self.owner, self.is_project)
        others = {_name(each) for each in self.owner.__mro__ if each not in classes}
        if others - _OTHERS or type(self.owner).__module__ not in ("builtins", "abc"):
            return False
        torch = next((each for each in self.owner.__mro__ if _name(each) == OPTIMIZER), object)
        for each in classes if self.is_optimizer else ():
            changed = {n for n in vars(each) if hasattr(torch, n) or n in _OF_TORCH}
            if changed - _MAY_DIFFER - _SETTINGS:
                return False
        return keeps_arguments(self.owner, classes)

    def callers(self) -> Iterator[FunctionType]:
        """The methods of the class that call the entry method, and those that call them."""
        members = [
            function
            for each in of_project(self.owner, self.is_project)
            for name, value in vars(each).items()
            if name != self.entry
            for function in _functions(value)
        ]
        known = {self.entry}
        while found := [each for each in members if known & {*_names(each.__code__)}]:
            members = [each for each in members if each not in found]
            known |= {each.__name__ for each in found}
            yield from found

    def shared(self) -> set[str]:
        """The arguments that are one and the same for several parameters."""
        if not self.is_optimizer:
            return set()
        loop = _Loop(self, inspect.unwrap(self.owner.step))  # type: ignore[attr-defined]
        return {"self", *loop.shared} if loop.is_plain() else {"self"}


def _name(kind: type) -> str:
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def _functions(member: Any) -> Iterator[FunctionType]:
    """The functions of a member of a class, without what torch has put around them."""
    parts = (member, *(getattr(member, n, None) for n in ("fget", "fset", "fdel", "__func__")))
    for each in parts:
        if isinstance(each, FunctionType):
            yield inspect.unwrap(each)


def _names(code: CodeType) -> Iterator[str]:
    """The names in a function, and in those within it."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)
        elif isinstance(each, str):
            yield each  # of `getattr`


@dataclass
class _Loop:
    """The method that goes from parameter to parameter. `known` is what its names stand for."""

    driven: Driven
    function: FunctionType
    known: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)

    def is_plain(self) -> bool:
        """Whether it does nothing else."""
        node = function_of(self.function.__code__)
        torch = self.function.__globals__.get("torch")
        if node is None or torch is None or torch is not sys.modules.get("torch"):
            return False
        args = node.args
        names = [each.arg for each in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
        is_named = names in (["self"], ["self", "closure"]) and not args.vararg and not args.kwarg
        plain = all(ast.unparse(each) in _DECORATORS for each in node.decorator_list)
        body = [each for each in node.body if not isinstance(each, ast.Expr | ast.Pass)]
        texts = [ast.unparse(each) for each in node.body if isinstance(each, ast.Expr)]
        is_documented = texts == ([ast.unparse(node.body[0])] if ast.get_docstring(node) else [])
        return is_named and plain and is_documented and self.is_body(body)

    def is_body(self, body: list[ast.stmt]) -> bool:
        """Whether it handles a closure, goes through the groups, and returns the loss."""
        if body and ast.unparse(body[-1]) in _RETURNS:
            body.pop()
        *before, loop = body or [ast.Pass()]
        if any(ast.unparse(each) not in _CLOSURE for each in before):
            return False
        match loop:
            case ast.With([item], [ast.For() as inner]) if ast.unparse(item) == "torch.no_grad()":
                loop = inner
        match loop:
            case ast.For(ast.Name(name), it, body, []) if ast.unparse(it) == "self.param_groups":
                return self.bind(name, "group") and self.is_of_group(body)
        return False

    def is_of_group(self, body: list[ast.stmt]) -> bool:
        """Whether it goes through the parameters of a group."""
        *before, loop = body
        if not all(self.is_binding(each) for each in before):
            return False
        match loop:
            case ast.For(
                ast.Name(name), ast.Subscript(group, ast.Constant("params")), body, []
            ) if self.atom(group) == "group":
                return self.bind(name, "param") and self.is_of_param(body)
        return False

    def is_of_param(self, body: list[ast.stmt], asked: bool = False) -> bool:
        """Whether it calls the entry method for a parameter that has a gradient."""
        *before, last = body
        for each in before:
            match each:
                case ast.If(test, [ast.Continue()], []) if self.asks(test, ast.Is) and not asked:
                    asked = True
                case _ if not (self.is_binding(each) or self.is_new_memory(each)):
                    return False
        match last:
            case ast.If(test, inner, []) if self.asks(test, ast.IsNot) and not asked:
                return self.is_of_param(inner, asked=True)
            case ast.Expr(ast.Call(ast.Attribute(ast.Name("self"), name)) as call):
                return asked and name == self.driven.entry and self.is_call(call)
        return False

    def asks(self, test: ast.expr, sign: type[ast.cmpop]) -> bool:
        """Whether a test asks for the gradient."""
        match test:
            case ast.Compare(left, [asked], [ast.Constant(None)]):
                return isinstance(asked, sign) and self.atom(left) == "grad"
        return False

    def bind(self, name: str, atom: str) -> bool:
        is_new = name not in self.known and name not in ("self", "closure", "loss", "torch")
        self.known[name] = atom
        return is_new

    def is_binding(self, statement: ast.stmt) -> bool:
        """Whether a name is given to a thing that is known."""
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                atom = self.atom(value)
                return atom != "" and self.bind(name, atom)
        return False

    def atom(self, node: ast.expr) -> str:
        """What a piece of code stands for; empty if that is not known."""
        match node:
            case ast.Name(name):
                return self.known.get(name, "")
            case ast.Attribute(value, "grad"):
                return "grad" if self.atom(value) == "param" else ""
            case ast.Subscript(ast.Attribute(ast.Name("self"), "state"), key):
                return "state" if self.atom(key) == "param" else ""
            case ast.Subscript(value, ast.Constant(str(key))) if key != "params":
                inner = self.atom(value)
                return f"{inner} {key}" if inner in ("group", "state") else ""
        return ""

    def is_new_memory(self, statement: ast.stmt) -> bool:
        """Whether memory that is missing is made: zeros."""
        match statement:
            case ast.If(test, body, []):
                return self.asks_for_memory(test) and all(self.is_zero(each) for each in body)
        return False

    def asks_for_memory(self, test: ast.expr) -> bool:
        match test:
            case (
                ast.Compare(ast.Constant(str()), [ast.NotIn()], [state])
                | ast.UnaryOp(ast.Not(), state)
                | ast.Compare(ast.Call(ast.Name("len"), [state], []), [ast.Eq()], [ast.Constant(0)])
            ):
                return self.atom(state) == "state"
        return False

    def is_zero(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Assign(targets=[target], value=value):
                is_its_own = self.atom(target).startswith("state ")
                is_name = isinstance(target, ast.Name)
                return is_its_own and not is_name and self.is_nothing(value)
        return False

    def is_nothing(self, value: ast.expr) -> bool:
        match value:
            case ast.Constant(number):
                return type(number) in (int, float) and number == 0
            case ast.Call(ast.Attribute(ast.Name("torch"), "zeros_like"), [like], options):
                usual = ["memory_format=torch.preserve_format"]
                is_usual = [ast.unparse(each) for each in options] in ([], usual)
                return is_usual and self.atom(like) in ("param", "grad")
        return False

    def is_call(self, call: ast.Call) -> bool:
        """Whether the entry method is given what its names say."""
        method = getattr(self.driven.owner, self.driven.entry)
        names = [*inspect.signature(method).parameters][1:]
        named = [(each.arg, each.value) for each in call.keywords]
        given = [*zip(names, call.args, strict=False), *named]
        atoms = [self.atom(value) for _, value in given]
        roots = {re.split(r"[.\[]", each)[0] for each in self.driven.memory}
        self.shared = {n or "" for (n, _), a in zip(given, atoms, strict=True) if a[:5] == "group"}
        is_whole = len(call.args) <= len(names) and len({*atoms}) == len(atoms)
        return (
            is_whole
            and "" not in atoms
            and (self.driven.counted, "param") in zip([n for n, _ in given], atoms, strict=True)
            and not roots & {"self", *self.shared}
            and all(
                self.is_named(n or "", a, roots) for (n, _), a in zip(given, atoms, strict=True)
            )
        )

    def is_named(self, name: str, atom: str, roots: set[str]) -> bool:
        """Whether an argument has the name of the setting; a gradient is no memory."""
        kind, _, key = atom.partition(" ")
        return name == key if kind == "group" and key else not (kind == "grad" and name in roots)
