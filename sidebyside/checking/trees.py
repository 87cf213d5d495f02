"""
# Changing a tree

Trees are immutable; to change one part is to build the tree again around it. A *place* is the way
from the root of a tree to one of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeAlias, TypeVar

from sidebyside.formula.tree import Expression, Formula, Relation

Step: TypeAlias = tuple[str, int]  # from a node to one of its parts: the field, and where in it
Place: TypeAlias = tuple[Step, ...]
Tree = TypeVar("Tree", bound=Formula)


def parts(tree: Formula) -> Iterator[tuple[Step, Expression]]:
    """Yield the parts of a node, each with the step that leads to it."""
    if isinstance(tree, Relation):
        if tree.first is not None:
            yield ("first", 0), tree.first
        for n, (_, side) in enumerate(tree.rest):
            yield ("rest", n), side
        return
    for field in fields(tree):
        value = getattr(tree, field.name)
        members: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
        for n, part in enumerate(members):
            if isinstance(part, Expression):
                yield (field.name, n), part


def places(tree: Formula, start: Place = ()) -> Iterator[tuple[Place, Formula]]:
    """Yield every node of a tree with its place, parents first."""
    yield start, tree
    for step, part in parts(tree):
        yield from places(part, (*start, step))


def at(tree: Formula, place: Place) -> Any:
    """Return the node at a place."""
    for step in place:
        tree = dict(parts(tree))[step]
    return tree


def put(tree: Formula, place: Place, part: Any) -> Any:
    """Return `tree` with another node at a place."""
    if not place:
        return part
    (name, n), *inner = place
    new = put(dict(parts(tree))[name, n], tuple(inner), part)
    old: Any = getattr(tree, name)
    if isinstance(tree, Relation) and name == "rest":
        new = (old[n][0], new)
    changed: Any = {name: (*old[:n], new, *old[n + 1 :]) if isinstance(old, tuple) else new}
    return replace(tree, **changed)


def rewrite(tree: Tree, change: Callable[[Formula], Formula | None]) -> Tree:
    """
    Return `tree` with each node replaced for which `change` returns another.

    Parents are asked first; within a replacement nothing is replaced again.
    """
    new = change(tree)
    if new is not None:
        return new  # type: ignore[return-value]  # an expression stays one, whatever its kind
    for step, part in list(parts(tree)):
        changed = rewrite(part, change)
        if changed is not part:
            tree = put(tree, (step,), changed)
    return tree
