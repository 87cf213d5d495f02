"""
# Names in code that look the same

`self.beta` is another name to Python where one of its letters is Cyrillic, and the same to readers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sidebyside.formula.letters import LOOKS_LATIN
from sidebyside.source.sections import Module

# Cyrillic letters that no font tells from Latin ones.
_CYRILLIC = dict(
    zip(
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455",
        "ABEKMHOPCTXaeopcyxijs",
        strict=True,
    )
)
_LATIN = str.maketrans({**LOOKS_LATIN, **_CYRILLIC})


def look_alike_names(module: Module) -> Iterator[str]:
    """Yield each name that looks like another one of its file."""
    seen: dict[str, tuple[str, int]] = {}
    told: set[str] = set()
    for name, line in sorted(_names(module.tree), key=lambda each: each[1]):
        other, first = seen.setdefault(name.translate(_LATIN), (name, line))
        if other != name and name not in told:
            told.add(name)
            yield (
                f"{module.path}:{line}: `{name}` looks like `{other}` in line {first}, and has "
                "letters of another alphabet; write one of them, or take another name"
            )


def _names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
