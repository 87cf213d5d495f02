"""
# Python code as trees

Files are found and parsed once, and what a tree consists of is listed once: many look for something
in it.
"""

from __future__ import annotations

import ast
import os
import warnings
from functools import lru_cache

__all__ = ["nodes_of", "real_path", "tree_of"]

_trees: dict[tuple[str, int], ast.AST] = {}


def real_path(file: str) -> str:
    """Return where a file is, links followed, which is looked up once."""
    return _real(file if os.path.isabs(file) else os.path.abspath(file))


@lru_cache(maxsize=8192)  # all modules that are loaded
def _real(file: str) -> str:
    return os.path.realpath(file)


def tree_of(file: str) -> ast.AST:
    """Return the tree of a file, which is read once."""
    key = (file, os.stat(file).st_mtime_ns)
    if key not in _trees:
        with open(file, "rb") as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python has warned when the module was loaded
            _trees[key] = ast.parse(source.read())
    return _trees[key]


@lru_cache(maxsize=1 << 15)
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return all nodes of a tree that nobody changes, from the outside in, as `ast.walk` does."""
    return tuple(ast.walk(tree))
