"""
# Annotations in quotes

`"list[RAdam]"` is a string to Python, and code to its readers.
"""

from __future__ import annotations

import ast


def parse_expression(text: str) -> ast.expr | None:
    """The expression that a text is, if it is one."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None


def read_quoted(node: ast.Constant, line: str) -> ast.expr | None:
    """The expression in a quoted annotation on this line, with its place in the file if plain."""
    start, end = node.col_offset + 1, (node.end_col_offset or 0) - 1
    text = str(node.value)
    plain = line.encode()[start:end] == text.encode()  # no prefix, triple quotes, escapes
    expression = parse_expression(text) if plain and text.strip() == text else None
    for each in ast.walk(expression) if expression else ():
        if isinstance(each, ast.expr):
            each.lineno = each.end_lineno = node.lineno
            each.col_offset += start
            each.end_col_offset = (each.end_col_offset or 0) + start
    return expression
