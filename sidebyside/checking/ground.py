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

from sidebyside.checking.claims import functions_of
from sidebyside.checking.snapshots import Recording
from sidebyside.source import Module

__all__ = ["hidden_state", "read_keys", "ungrounded"]


def hidden_state(recordings: Iterable[Recording]) -> dict[type, set[str]]:
    """Return the attributes of each class that changed from step to step, and are not memory."""
    found: dict[type, set[str]] = {}
    for recording in recordings:
        found.setdefault(recording.owner, set()).update(recording.changing)
    return found


def ungrounded(
    recording: Recording, modules: Sequence[Module], hidden: Mapping[type, set[str]]
) -> str:
    """Return on what a run depends that is not a symbol in it; empty if on nothing."""
    attributes = hidden.get(recording.owner, set())
    for module, node in _reached(recording, modules):
        for inside in ast.walk(node):
            if isinstance(inside, ast.Attribute) and inside.attr in attributes:
                return f"`{ast.unparse(inside)}` changes from step to step"
            if isinstance(inside, ast.Global | ast.Nonlocal):
                return f"`{ast.unparse(inside)}`"
        values = set(_values(module.tree))
        for test in _tests(node):
            named = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}
            if named & values:
                return f"a branch asks for `{min(named & values)}` of the module"
    return ""


def read_keys(recording: Recording, modules: Sequence[Module]) -> set[str]:
    """Return the texts in the functions that ran: the keys that they read are among them."""
    return {
        inside.value
        for _, node in _reached(recording, modules)
        for inside in ast.walk(node)
        if isinstance(inside, ast.Constant) and isinstance(inside.value, str)
    }


def _reached(
    recording: Recording, modules: Sequence[Module]
) -> Iterator[tuple[Module, ast.FunctionDef | ast.AsyncFunctionDef]]:
    lines = {(function.path, function.line) for function in recording.reached}
    for module in modules:
        for _, first, node in functions_of(module.tree):
            if (module.path, first) in lines:
                yield module, node


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
