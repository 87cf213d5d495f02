"""
# One condition in words, above two branches

Of `if` and the `elif` or `else` that goes with it, one runs. If the comments above two of them
begin with the same condition, as in "If the sum is small" and "If the sum is small, take a step",
one of the two says the opposite of what the code does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from sidebyside.source.sections import Module

_COMMENT = re.compile(r"\s*#+ ?(.*)")
_CONDITION = re.compile(r"(?:if|when|where)\b.*", re.IGNORECASE)
_SHORTEST = 3  # words: "If so" says too little


def doubled_conditions(module: Module) -> Iterator[str]:
    """Yield each branch whose comment gives the condition of a branch before it."""
    nodes = [each for each in ast.walk(module.tree) if isinstance(each, ast.If)]
    others = {_other(each) for each in nodes}
    for node in nodes:
        said: dict[str, int] = {}
        for line in () if node in others else _branches(node):
            words = _above(module, line)
            same = next((other for other in said if _is_same(other, words)), "")
            if same:
                where = f"{module.path}:{line}: the comment above `{_code(module, line)}`"
                yield f"{where} says {same!r}, as line {said[same]} does; only one of them can run"
            elif _CONDITION.match(words) and len(words.split()) >= _SHORTEST:
                said[words] = line


def _branches(node: ast.If) -> Iterator[int]:
    """The lines of an `if` and of what follows it: each `elif`, and what `else` begins with."""
    yield node.lineno
    other = _other(node)
    if other:
        yield from _branches(other)
    elif node.orelse:
        yield node.orelse[0].lineno


def _other(node: ast.If) -> ast.If | None:
    """The `elif` of an `if`."""
    match node.orelse:
        case [ast.If() as other] if other.col_offset == node.col_offset:
            return other
    return None


def _above(module: Module, line: int) -> str:
    """The comment right above a line, in one line."""
    found: list[str] = []
    for each in reversed(module.lines[: line - 1]):
        comment = _COMMENT.fullmatch(each.text)
        if comment is None or not comment[1]:
            break
        found.append(comment[1].strip())
    return " ".join(reversed(found))


def _is_same(condition: str, words: str) -> bool:
    """Whether some words are a condition, or go on after it."""
    bare, other = condition.rstrip(" .:,"), words.rstrip(" .:,")
    return other == bare or (other.startswith(bare) and other[len(bare)] in " ,:;.—–")


def _code(module: Module, line: int) -> str:
    return module.lines[line - 1].text.strip()
