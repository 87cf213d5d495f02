"""
# The ground of a proof

A symbolic run starts from any state, any gradient and any hyper-parameters. What else the code
looks at is as it happens to be in that run: an attribute that counts, a switch of the module, a
hyper-parameter that is 0. A proof must not stand on any of it, so it is looked for in the source of
the functions that ran.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sidebyside.checking.claims import functions_of
from sidebyside.checking.snapshots import Recording
from sidebyside.source import Module

__all__ = ["Looks", "hidden_state", "looks_of", "read_keys", "ungrounded"]


@dataclass(frozen=True)
class Looks:
    """
    What the source of a function looks at: `attributes` of anything, `keys` and other texts.

    `outside` says how it looks at what is neither, in the module.
    """

    attributes: frozenset[str]
    keys: frozenset[str]
    outside: str


def hidden_state(recordings: Iterable[Recording]) -> dict[type, set[str]]:
    """Return the attributes of each class that changed from step to step, and are not memory."""
    found: dict[type, set[str]] = {}
    for recording in recordings:
        found.setdefault(recording.owner, set()).update(recording.changing)
    return found


def looks_of(modules: Sequence[Module]) -> dict[tuple[str, int], Looks]:
    """Return what all functions of some modules look at, by file and first line."""
    return {
        (module.path, first): _looks(node, set(_values(module.tree)))
        for module in modules
        for _, first, node in functions_of(module.tree)
    }


def ungrounded(
    recording: Recording,
    looks: Mapping[tuple[str, int], Looks],
    hidden: Mapping[type, set[str]],
) -> str:
    """Return on what a run depends that is not a symbol in it; empty if on nothing."""
    changing = hidden.get(recording.owner, set())
    for each in _reached(recording, looks):
        if each.outside:
            return each.outside
        if each.attributes & changing:
            return f"`self.{min(each.attributes & changing)}` changes from step to step"
    return ""


def read_keys(recording: Recording, looks: Mapping[tuple[str, int], Looks]) -> set[str]:
    """Return the texts in the functions that ran: the keys that they read are among them."""
    return {key for each in _reached(recording, looks) for key in each.keys}


def _reached(recording: Recording, looks: Mapping[tuple[str, int], Looks]) -> Iterator[Looks]:
    for function in recording.reached:
        found = looks.get((function.path, function.line))
        if found is not None:
            yield found


def _looks(node: ast.AST, values: set[str]) -> Looks:
    attributes, keys, outside = set(), set(), ""
    for inside in ast.walk(node):
        if isinstance(inside, ast.Attribute):
            attributes.add(inside.attr)
        elif isinstance(inside, ast.Constant) and isinstance(inside.value, str):
            keys.add(inside.value)
        elif isinstance(inside, ast.Global | ast.Nonlocal):
            outside = f"`{ast.unparse(inside)}`"
    for test in _tests(node):
        named = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)} & values
        if named:
            outside = f"a branch asks for `{min(named)}` of the module"
    return Looks(frozenset(attributes), frozenset(keys), outside)


def _values(tree: ast.Module) -> Iterator[str]:
    """The names of a module that stand for values, not for functions, classes or modules."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _tests(node: ast.AST) -> Iterator[ast.expr]:
    """The conditions that decide what a function does."""
    for inside in ast.walk(node):
        if isinstance(inside, ast.If | ast.IfExp | ast.While | ast.Assert):
            yield inside.test
        elif isinstance(inside, ast.Match):
            yield inside.subject
        elif isinstance(inside, ast.BoolOp):
            yield inside
        elif isinstance(inside, ast.comprehension):
            yield from inside.ifs
