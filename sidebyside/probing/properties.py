"""
# Attributes that are code

To read an attribute has no effect, unless it is a property: that runs code, which may count how
often it is read. What is read to watch a run must leave the run as it is, so properties are not.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from types import CodeType
from typing import Any, TypeAlias

__all__ = ["Attributes", "attributes_in", "compiled", "is_property", "reads_property"]

# What each attribute in some code belongs to, and its name.
Attributes: TypeAlias = "tuple[tuple[CodeType, str], ...]"


def compiled(text: str) -> CodeType:
    """Return an expression, ready to be evaluated; Python has warned of its text already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(text, text, "eval")


def attributes_in(code: ast.AST) -> Attributes:
    """Return the attributes in some code; those that others are found by come first."""
    found = [
        (ast.unparse(node.value), node.attr)
        for node in ast.walk(code)
        if isinstance(node, ast.Attribute) and not _calls(node.value)
    ]
    return tuple((compiled(owner), name) for owner, name in dict.fromkeys(found[::-1]))


def _calls(code: ast.AST) -> bool:
    """Whether to evaluate some code may have an effect."""
    return any(isinstance(node, ast.Call) for node in ast.walk(code))


def reads_property(attributes: Attributes, names: tuple[dict[str, Any], Mapping[str, Any]]) -> bool:
    """Return whether one of some attributes is a property of an object of a project."""
    return any(is_property(eval(owner, *names), name) for owner, name in attributes)


def is_property(owner: Any, name: str) -> bool:
    """Return whether an attribute of an object is code that somebody has written."""
    for each in type(owner).__mro__:
        if name in vars(each):
            return isinstance(vars(each)[name], property)
    return False
