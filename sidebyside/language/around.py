"""
# What stands around a function

A formula about what a function returns is read by whoever calls it. Their call may go through a
decorator of the project, or through the `__call__` of the object, and what these make of it is
nothing that was compared. So there has to be none, or it has to hand on what it gets.
"""

from __future__ import annotations

import ast
import inspect
import os
import sys
from collections.abc import Callable, Collection, Iterator
from types import CodeType
from typing import Any

from sidebyside.language.named import stored_in
from sidebyside.language.writers import writers
from sidebyside.probing.modules import file_of, module_at
from sidebyside.probing.trees import nodes_of, real_path, tree_of
from sidebyside.reasons import Reason

__all__ = ["around_call", "wrapping"]

_CALL = "__call__"


def wrapping(file: str, name: str, first: int, is_ours: Callable[[str], bool]) -> Iterator[Reason]:
    """Yield the code of the project that stands around a function, which begins in some line."""
    found: Any = module_at(file)
    for part in name.split("."):
        found = inspect.getattr_static(found, part, None)
    yield from _replaced(file, name)
    while found is not None:
        found = getattr(found, "fget", None) or getattr(found, "func", None) or found
        found = found.__func__ if isinstance(found, classmethod | staticmethod) else found
        code = getattr(found, "__code__", None)
        home = code.co_filename if code else file_of(sys.modules.get(type(found).__module__))
        line = code.co_firstlineno if code else 1
        if real_path(home) == file and line == first:
            return
        inner = _handed_on(found) if home and is_ours(home) else _wrapped(found)
        if home and is_ours(home) and inner is None:
            what = getattr(found, "__qualname__", type(found).__name__)
            place = f"{os.path.basename(home)}:{line}"
            yield Reason("wrapped", {"place": place, "code": what, "name": name})
        found = inner


def _replaced(file: str, name: str) -> Iterator[Reason]:
    """What gives an object something else by the name of one of its methods."""
    owner, _, method = name.rpartition(".")
    for writer in writers(file) if owner else ():
        if writer.is_self and writer.name == f".{method}" and writer.owner == owner:
            place = f"{os.path.basename(file)}:{writer.node.lineno}"
            yield Reason(
                "wrapped", {"place": place, "code": ast.unparse(writer.node), "name": name}
            )


def around_call(owner: type, entry: str) -> Iterator[Reason]:
    """Yield a `__call__` of a class of the project that does not hand on what a method returns."""
    bases = [each for each in owner.__mro__ if _CALL in vars(each)]
    is_own = bases and bases[0].__module__.partition(".")[0] not in ("torch", "builtins")
    code = getattr(vars(bases[0])[_CALL], "__code__", None) if is_own else None
    if (
        entry != _CALL
        and code is not None
        and not _hands_on(code, (f"self.{entry}", "super().__call__"))
    ):
        place = f"{os.path.basename(code.co_filename)}:{code.co_firstlineno}"
        yield Reason(
            "wrapped", {"place": place, "code": f"{bases[0].__name__}.{_CALL}", "name": entry}
        )


def _handed_on(wrapper: Any) -> Any:
    """The function that a decorator's only hands on to; None if it does more."""
    code = getattr(wrapper, "__code__", None)
    if code is None or not _hands_on(code, code.co_freevars):
        return None
    cells = zip(code.co_freevars, wrapper.__closure__ or (), strict=False)
    found = (cell.cell_contents for _, cell in cells)
    return next((each for each in found if callable(each) and each is not wrapper), None)


def _wrapped(function: Any) -> Any:
    return getattr(function, "__wrapped__", None)


def _hands_on(code: CodeType, methods: Collection[str]) -> bool:
    """Whether a function returns what one of some others does, if given the same."""
    nodes = nodes_of(tree_of(code.co_filename))
    functions = [each for each in nodes if isinstance(each, ast.FunctionDef)]
    node = next((each for each in functions if _first(each) == code.co_firstlineno), None)
    if node is None:
        return False
    own = {each.arg for each in nodes_of(node) if isinstance(each, ast.arg)} - stored_in(node)
    for value in (each.value for each in nodes_of(node) if isinstance(each, ast.Return)):
        if not isinstance(value, ast.Call) or ast.unparse(value.func) not in methods:
            return False
        given = [*value.args, *(each.value for each in value.keywords)]
        bare = [each.value if isinstance(each, ast.Starred) else each for each in given]
        if not all(isinstance(each, ast.Name) and each.id in own for each in bare):
            return False
    return True


def _first(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])
