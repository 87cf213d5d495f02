"""
# The Python in notation lists

What a list calls `state["exp_avg"]` is looked up among the names that a snapshot has kept.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import Any, cast

from sidebyside.algebra.dots import NoValue
from sidebyside.notation import RETURN_NAME, python_of
from sidebyside.trace.trace import RETURN

__all__ = ["NotThere", "attributes", "exists", "names_in", "root", "run", "with_switches", "words"]


class NotThere(NoValue):
    """The code that a notation names does not exist at this moment."""


@cache
def root(code: str) -> str:
    """Return the variable that a piece of code starts from: `state` for `state["exp_avg"]`."""
    found = [node.id for node in ast.walk(_parsed(code)) if isinstance(node, ast.Name)]
    return found[0] if found else ""


@cache
def _parsed(code: str) -> ast.Expression:
    tree = ast.parse(python_of(code), mode="eval")
    return cast(ast.Expression, _Attributes().visit(tree))


class _Attributes(ast.NodeTransformer):
    """Looks up `self.rectify` under that name, since snapshots keep no objects."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:  # ast's name
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return ast.copy_location(ast.Name(ast.unparse(node), ast.Load()), node)
        return node


def attributes(code: str) -> set[str]:
    """Return the attributes of `self` that a piece of code speaks of, as in `self.rectify`."""
    names = (node.id for node in ast.walk(_parsed(code)) if isinstance(node, ast.Name))
    return {name for name in names if "." in name}


@cache
def names_in(code: str) -> frozenset[str]:
    """Return the variables that a piece of code reads."""
    return frozenset(n.id for n in ast.walk(_parsed(code)) if isinstance(n, ast.Name))


@cache
def _compiled(code: str) -> CodeType:
    return compile(_parsed(code), code, "eval")


def with_switches(names: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the names with the keys of the group and the state as further names."""
    inside = (names.get("state"), names.get("group"))
    merged: dict[str, Any] = {}
    for each in inside:
        merged |= each if isinstance(each, Mapping) else {}
    return {**merged, **names}


@cache
def words(code: str) -> frozenset[str]:
    """Return the names in a piece of code, and the keys: `lr` of `group["lr"]`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(python_of(code))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


def exists(code: str, names: Mapping[str, Any]) -> bool:
    """Whether a piece of code has a value among these names."""
    try:
        run(code, names)
    except NotThere:
        return False
    return True


def run(code: str, names: Mapping[str, Any]) -> Any:
    """Evaluate Python over frozen names."""
    if code in names:
        return names[code]
    seen = {RETURN_NAME: names[RETURN], **names} if RETURN in names else names
    try:
        return eval(_compiled(code), {"__builtins__": {}}, seen)
    except (NameError, LookupError, AttributeError, TypeError, ArithmeticError) as error:
        kind = type(error).__name__
        raise NotThere(f"`{code}` does not exist here ({kind}: {error})") from None
