"""
# Reading Python text

Decoding, parsing and tokenizing one file, with every failure reported as `path:line: reason`. What
the tokenizer knows about whole lines (where statements start, which comments stand alone) is kept;
`source.py` cuts the text with it.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class SourceError(Exception):
    """A source file that cannot be shown. Its text is `path:line: reason`."""

    def __init__(self, path: str | Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = str(path), line, reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).__new__, (type(self), *self.args), vars(self)


class JoinedError(SourceError):
    """Several errors, each on a line of its own. Path, line and reason are those of the first."""

    def __init__(self, found: list[SourceError]) -> None:
        first = found[0]
        super().__init__(first.path, first.line, first.reason)
        lines = [line for error in found for line in str(error).split("\n")]
        self.args = ("\n".join(dict.fromkeys(lines)),)


class Errors:
    """What was wrong so far. Reading goes on, so that an author sees all of it at once."""

    def __init__(self) -> None:
        self.found: list[SourceError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Take up an error, and leave the block."""
        try:
            yield
        except SourceError as error:
            self.found.append(error)

    def stop(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            self.found.sort(key=lambda error: (error.path, error.line))
            raise self.found[0] if len(self.found) == 1 else JoinedError(self.found)


def decode(path: Path, data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise SourceError(path, 1, f"{error.msg}; save the file as UTF-8") from error
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(path, line, f"not valid {encoding}; save the file as UTF-8") from error
    except (LookupError, UnicodeError) as error:  # such as rot13, from text to text; or punycode
        raise SourceError(path, 1, f"{error}; save the file as UTF-8") from error


_LEAVE_OUT = "mend it, or name the file in `exclude:`"


def parse(path: Path, text: str) -> ast.Module:
    if "\0" in text:  # Python's own message comes without the line
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SourceError(path, line, "does not parse: Python text cannot contain null bytes")
    try:
        with warnings.catch_warnings():
            # `\beta` in a docstring that is not raw is what this reader is for.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        version = ".".join(map(str, sys.version_info[:2]))
        reason = f"does not parse as Python {version}: {error.msg}"
        if "unicodeescape" in str(error.msg):
            reason += '; if this is a docstring, make it raw: r"""…"""'
        raise SourceError(path, error.lineno or 1, f"{reason}; {_LEAVE_OUT}") from error
    except (RecursionError, MemoryError) as error:
        reason = f"does not parse: nested too deeply; {_LEAVE_OUT}"
        raise SourceError(path, 1, reason) from error


def dotted(node: ast.expr) -> str:
    """A name as it is written, `a.b.c` also of `a.b.c[int]`; empty for any other expression."""
    node = node.value if isinstance(node, ast.Subscript) else node
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


# Comments that speak to tools, not to readers: they stay beside the code they concern.
_DIRECTIVE = re.compile(
    r"#\s*((type|fmt|ruff|flake8|isort|yapf|pylint|mypy|pyright|pragma|cython):|(noqa|nosec)\b)"
    r"|#(end)?region\b|#\s*sphinx_gallery_\w+\s*="
)
_CODING = re.compile(r"#!|#.*?coding[:=][ \t]*[-\w.]+")
_LAYOUT = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Tokens:
    """What the tokenizer says about whole lines."""

    rows: dict[int, list[tokenize.TokenInfo]]  # tokens by the line they start on, without layout
    comments: dict[int, tokenize.TokenInfo]
    whole_line: list[tokenize.TokenInfo]  # comments on lines of their own, between statements
    statements: list[int]  # first lines of logical lines


def read_tokens(path: Path, text: str) -> Tokens:
    found = Tokens({}, {}, [], [])
    inside = False  # a logical line
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            row = token.start[0]
            if token.type == tokenize.COMMENT:
                found.comments[row] = token
                if not inside and not is_directive(token):
                    found.whole_line.append(token)
            elif token.type == tokenize.NEWLINE:
                inside = False
            elif token.type not in _LAYOUT:
                if not inside:
                    found.statements.append(row)
                inside = True
                found.rows.setdefault(row, []).append(token)
    except tokenize.TokenError as error:
        raise SourceError(path, error.args[1][0], f"does not parse: {error.args[0]}") from error
    return found


def is_directive(comment: tokenize.TokenInfo) -> bool:
    head = comment.start[0] <= 2 and _CODING.match(comment.string)
    return bool(head or _DIRECTIVE.match(comment.string))
