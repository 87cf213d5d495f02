"""
# What stand-ins are in, and which of them share memory

A caller may give one array for two arguments, or for one an array that the object keeps, or a part
of it. Where two may share memory, whatever changes one in place leaves nothing known of the other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import combinations
from types import CodeType
from typing import Any

import sympy

from sidebyside.source.trees import tree_of
from sidebyside.trace.captured import Part, Taken, leaves, place
from sidebyside.trace.symbolic import Opaque, SymbolicArray, SymbolicNumber, SymbolicTensor

__all__ = ["ARRAYS", "Held", "collection", "inner_of", "is_raised", "leaves_of", "pairs"]

ARRAYS = ("array", "tensor")


def pairs(taken: Taken, is_kept_apart: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """
    Yield the code of arrays that may share memory: two arguments, or one and what is kept.

    What is made and kept by torch's loop alone `is_kept_apart`.
    """
    found = [each for name, part in taken.given.items() for each in leaves(part, name)]
    for (one, its), (other, others) in combinations(found, 2):
        is_given = [each in taken.given for each in (one, other)]
        is_apart = not all(is_given) and (is_kept_apart(one) or is_kept_apart(other))
        if its.kind == others.kind and its.kind in ARRAYS and any(is_given) and not is_apart:
            yield one, other


class Held:
    """
    The stand-ins that a step begins with, by their code.

    Those of the `same` code may share memory. `changed` is the code of what was changed in place.
    """

    def __init__(self, given: Mapping[str, Any], same: Collection[str]) -> None:
        found = [each for name, value in given.items() for each in leaves_of(value, name)]
        self.leaves = {code: leaf for code, leaf in found if isinstance(leaf, SymbolicNumber)}
        self.begun = {code: leaf.expression for code, leaf in self.leaves.items()}
        self.same = same
        self.changed: set[str] = set()

    def note(self, which: Any) -> None:
        """Note that a stand-in was changed in place."""
        its = {code for code, leaf in self.leaves.items() if leaf is which}
        self.changed |= its
        if its & {*self.same}:
            for code in {*self.same} - its:
                self.leaves[code].expression = sympy.Dummy(f"{code} changed", real=True)

    def keeps(self, given: Mapping[str, Any], result: Any) -> set[str]:
        """Return by which code the object keeps what is returned."""
        returned = {id(leaf) for _, leaf in leaves_of(result, "return")}
        found = [each for name, value in given.items() for each in leaves_of(value, name)]
        arrays = [
            (c, leaf) for c, leaf in found if isinstance(leaf, SymbolicArray | SymbolicTensor)
        ]
        return {code for code, leaf in arrays if id(leaf) in returned and code not in given}

    def moved(self, given: Mapping[str, Any], roots: Collection[str]) -> set[str]:
        """Return the numbers and arrays under some names that are not as they were."""
        found = [each for name in roots if name in given for each in leaves_of(given[name], name)]
        now = {code: leaf.expression for code, leaf in found if isinstance(leaf, SymbolicNumber)}
        known = {code for code in self.begun if re.split(r"[.\[]", code)[0] in roots}
        return {code for code in now.keys() | known if now.get(code) != self.begun.get(code)}


def inner_of(value: Any) -> Mapping[Any, Any] | None:
    if type(value) is dict:
        return value
    if type(value) is tuple:
        return dict(enumerate(value))
    if isinstance(value, SymbolicNumber | Opaque):
        return None
    return vars(value) if hasattr(value, "__dict__") else None


def leaves_of(value: Any, code: str) -> Iterator[tuple[str, Any]]:
    inner = inner_of(value)
    if inner is None:
        yield code, value
        return
    kind = "dict" if type(value) is dict else "tuple" if type(value) is tuple else "object"
    for key, part in inner.items():
        yield from leaves_of(part, place(kind, code, key))


def collection(part: Part, inner: dict[Any, Any]) -> Any:
    if part.kind == "dict":
        return inner
    if part.kind == "tuple":
        return tuple(inner.values())
    assert part.owner is not None
    made: Any = object.__new__(part.owner)
    vars(made).update(inner)
    return made


def is_raised(error: Exception, ran: Collection[CodeType]) -> bool:
    """Whether the code itself has raised an error, by a statement."""
    found = error.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    if found is None or found.tb_frame.f_code not in ran:
        return False
    line = found.tb_lineno
    nodes = ast.walk(tree_of(found.tb_frame.f_code.co_filename))
    return any(isinstance(n, ast.Raise) and n.lineno <= line <= (n.end_lineno or 0) for n in nodes)
