"""
# Is there such an entry, and such a memory?

The settings name the method that takes one step, and what lives on from one step to the next. With
a wrong name nothing would be recorded, and every formula would seem to stand beside dead code. So
the names are looked up in the sources before anything runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from sidebyside.checking.claims import functions_of
from sidebyside.checking.configuration import ConfigurationError, Settings
from sidebyside.source import Module

__all__ = ["refuse_unknown_names"]

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


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
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
