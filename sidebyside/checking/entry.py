"""
# Is there such an entry, and such a memory?

The settings name the method that takes one step, and what lives on from one step to the next. With
a wrong name nothing would be recorded, and every formula would seem to stand beside dead code. So
the names are looked up in the sources before anything runs.

A step is one call, from its start to its end. A generator or a coroutine stops in the middle and
goes on later, maybe in another step, so neither can be checked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from sidebyside.checking.claims import Claim, functions_of
from sidebyside.checking.configuration import ConfigurationError, Settings
from sidebyside.notation import Scope
from sidebyside.source import Module

__all__ = ["refuse_generators", "refuse_unknown_names"]

Defined: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"

_DEFAULT = Settings.__dataclass_fields__["memory"].default


def refuse_unknown_names(settings: Settings, modules: Sequence[Module]) -> None:
    """Raise `ConfigurationError` if `entry` or `memory` names nothing in the sources."""
    functions = [node for module in modules for _, _, node in functions_of(module.tree)]
    if not functions:
        return  # then there is nothing that could be recorded
    entries = [node for node in functions if node.name == settings.entry]
    if not entries:
        names = sorted({node.name for node in functions})
        raise ConfigurationError(
            f'{settings.name}: entry = "{settings.entry}": no function of the sources is called '
            f"so{_similar(settings.entry, names)}; name the method that takes one step"
        )
    arguments = list(dict.fromkeys(name for node in entries for name in _arguments(node)))
    attributes = {name for module in modules for name in _attributes(module)}
    unknown = [name for name in settings.memory if name not in {*arguments, *attributes}]
    # The default is for optimizers; one of its names is enough for a simpler class.
    is_enough = settings.memory == _DEFAULT and len(unknown) < len(settings.memory)
    if unknown and not is_enough:
        shown = ", ".join(f'"{name}"' for name in settings.memory)
        default = ", its default" if settings.memory == _DEFAULT else ""
        similar = _similar(unknown[0], [*arguments, *sorted(attributes)])
        raise ConfigurationError(
            f"{settings.name}: memory = [{shown}]{default}: `{unknown[0]}` is neither an argument "
            f"of `{settings.entry}` ({', '.join(arguments)}) nor an attribute such as `self.mean`"
            f"{similar}; name what lives on from one step to the next"
        )


def refuse_generators(
    settings: Settings, modules: Sequence[Module], claims: Sequence[Claim]
) -> None:
    """Raise `ConfigurationError` if the entry, or a function with formulas, stops in the middle."""
    compared = ("line", "call", "statement")
    scopes = {claim.scope for claim in claims if claim.kind in compared and not claim.excuse}
    for module in modules:
        for name, line, node in functions_of(module.tree):
            is_entry = node.name == settings.entry
            if not (is_entry or Scope(module.path, name) in scopes) or not _stops(node):
                continue
            kind = "a coroutine" if isinstance(node, ast.AsyncFunctionDef) else "a generator"
            remedy = (
                "name a method that takes a step in one go"
                if is_entry
                else "move the lines with the formulas to a function that runs in one go"
            )
            what = f'entry = "{settings.entry}": ' if is_entry else ""
            raise ConfigurationError(
                f"{settings.name}: {what}{name} in {module.path}:{line} is {kind}, which stops in "
                f"the middle and goes on later; {remedy}"
            )


def _stops(node: Defined) -> bool:
    """Whether a function is a generator or a coroutine."""
    return isinstance(node, ast.AsyncFunctionDef) or any(map(_yields, node.body))


def _yields(node: ast.AST) -> bool:
    """Whether a part of a function yields, and not one of the functions inside it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return False
    inside = ast.iter_child_nodes(node)
    return isinstance(node, ast.Yield | ast.YieldFrom) or any(map(_yields, inside))


def _arguments(node: Defined) -> Iterator[str]:
    """The arguments of a function, without `self`."""
    all_ = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    rest = [each for each in (node.args.vararg, node.args.kwarg) if each is not None]
    yield from (each.arg for each in [*all_, *rest] if each.arg != "self")


def _attributes(module: Module) -> Iterator[str]:
    """The attributes of `self` that a source speaks of."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield f"self.{name}"


def _similar(name: str, names: Sequence[str]) -> str:
    found = get_close_matches(name, names, 1, 0.6)
    return f" (did you mean `{found[0]}`?)" if found else ""
