"""
# From Python text to sections

A *section* is one row of a page: a piece of prose and the code lines it stands beside. Definitions
open a section, and so does each block of whole-line comments. The text is split with Python's own
parser and tokenizer; nothing here guesses at syntax. Every line of the file is either prose, or
code of exactly one section.
"""

from __future__ import annotations

import ast
import bisect
import itertools
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sidebyside.source.reading import (
    SourceError,
    Tokens,
    decode,
    dotted,
    is_directive,
    parse,
    read_tokens,
)

__all__ = ["Line", "Module", "Section", "SourceError", "parse_source"]

Kind = Literal["module", "class", "function", "comment"]
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Line:
    """One line of the file, or one line of prose with the number of the line it stands on."""

    number: int
    text: str


@dataclass(frozen=True)
class Section:
    """
    One row of a page. `name` is the definition it is, or the one its comment stands in.

    A `cell` is prose between code, as notebooks have it: it may have headings.
    """

    kind: Kind
    name: str
    prose: tuple[Line, ...]
    code: tuple[Line, ...]
    depth: int
    cell: bool = False


@dataclass(frozen=True)
class Module:
    """A parsed source file. Its first section is the module itself, with or without a docstring."""

    path: str
    text: str
    lines: tuple[Line, ...]
    sections: tuple[Section, ...]
    tree: ast.Module


def parse_source(path: Path, text: str | bytes | None = None) -> Module:
    """Split a Python file into sections. `text` stands in for the content of the file."""
    if text is None:
        text = path.read_bytes()
    if isinstance(text, bytes):
        text = decode(path, text)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    # Not `splitlines`: form feeds and Unicode separators do not end a line in Python.
    texts = text.removesuffix("\n").split("\n") if text else []
    lines = tuple(Line(number, line) for number, line in enumerate(texts, 1))
    tree = parse(path, text)
    tokens = read_tokens(path, text)
    scopes = _scopes(tree, tokens, len(lines))
    comments = [*_comments(tokens, scopes), *_string_blocks(tree, tokens, scopes[0])]
    sections = _begun_by_a_cell(tuple(_sections(lines, tokens, scopes, comments)))
    return Module(str(path), text, lines, sections, tree)


def unread_source(path: str, text: str, reason: str) -> Module:
    """A file that is no Python, as one row: why, and its text as it stands."""
    texts = text.removesuffix("\n").split("\n")
    lines = tuple(Line(number, each) for number, each in enumerate(texts, 1))
    said = "This file could not be read as annotated source. It is shown as it stands."
    why = [f"# `{Path(path).name}`", "", said, "", "~~~", *re.split(r"\n|(?<=;) ", reason), "~~~"]
    prose = tuple(Line(1, each) for each in why)
    section = Section("module", "", prose, lines if text else (), 0)
    return Module(path, text, lines, (section,), ast.Module([], []))


@dataclass(frozen=True)
class _Scope:
    """A definition, or the module: where it stands, and which of its lines are docstring."""

    kind: Kind
    name: str
    depth: int
    lines: range  # with decorators
    column: int
    reach: int  # the last line on which an indented comment still belongs to it
    head: int  # the last line of its head; comments up to there stay code
    docstring: tuple[Line, ...] = ()
    hidden: range = range(0)
    parent: _Scope | None = None


def _scopes(tree: ast.Module, tokens: Tokens, last: int) -> list[_Scope]:
    """The module and its definitions, outer before inner."""
    docstring, hidden = _docstring(tree, tokens)
    head = hidden.stop - 1 if hidden else 0
    module = _Scope("module", "", 0, range(1, last + 1), -1, last, head, docstring, hidden)
    scopes = [module]
    stack: list[tuple[ast.AST, _Scope]] = [(tree, module)]
    overload: Definition | None = None  # the first of those that stand right above
    while stack:  # not recursion: a long `elif` chain nests deeper than Python's own limit
        node, parent = stack.pop()
        if isinstance(node, Definition) and _is_overload(node):
            overload = overload if overload and overload.name == node.name else node
            continue
        if isinstance(node, Definition):
            declared = overload if overload and overload.name == node.name else node
            parent = _scope(node, _first_line(declared), parent, tokens)
            scopes.append(parent)
        overload = None
        inner = (ast.stmt, ast.ExceptHandler, ast.match_case)
        children = [child for child in ast.iter_child_nodes(node) if isinstance(child, inner)]
        stack.extend((child, parent) for child in reversed(children))
    return scopes


def _is_overload(node: Definition) -> bool:
    """Whether this only declares types. It is code of the function that it stands above."""
    declared = any(dotted(d).split(".")[-1] == "overload" for d in node.decorator_list)
    return declared and ast.get_docstring(node) is None


def _first_line(node: Definition) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _scope(node: Definition, first: int, parent: _Scope, tokens: Tokens) -> _Scope:
    start = tokens.statements[bisect.bisect_right(tokens.statements, first) - 1]
    end = node.end_lineno or node.lineno
    following = bisect.bisect_right(tokens.statements, end)
    reach = [*tokens.statements[following : following + 1], parent.reach + 1][0] - 1
    docstring, hidden = _docstring(node, tokens)
    return _Scope(
        kind="class" if isinstance(node, ast.ClassDef) else "function",
        name=f"{parent.name}.{node.name}".lstrip("."),
        depth=parent.depth + 1,
        lines=range(start, end + 1),
        column=tokens.rows[start][0].start[1],
        reach=reach,
        head=hidden.stop - 1 if hidden else node.lineno,
        docstring=docstring,
        hidden=hidden,
        parent=parent,
    )


def _docstring(node: ast.Module | Definition, tokens: Tokens) -> tuple[tuple[Line, ...], range]:
    """The docstring as it stands in the file. One that shares a line with code stays code."""
    if ast.get_docstring(node, clean=False) is None:
        return (), range(0)
    first, last = node.body[0].lineno, node.body[0].end_lineno or 0
    hidden = range(first, last + 1)
    on_lines = [token for row in hidden for token in tokens.rows.get(row, ())]
    if len(on_lines) != 1:  # other code, or a string put together from several
        return (), range(0)
    prose = _docstring_prose(on_lines[0])
    remark = tokens.comments.get(last)
    if remark and not is_directive(remark):
        prose = [*prose, Line(last, ""), Line(last, remark.string.lstrip("# "))]
    return tuple(prose), hidden


def _docstring_prose(token: tokenize.TokenInfo) -> list[Line]:
    """The text between the quotes, escapes as written, without the indentation of the quotes."""
    prefix, body = re.split("(?=['\"])", token.string, maxsplit=1)
    width = 3 if body[:3] in ('"""', "'''") else 1
    texts = body[width:-width].split("\n")
    if "r" not in prefix.lower():
        texts = [re.sub(r"(?<!\\)((?:\\\\)*)\\(['\"]|$)", r"\1\2", text) for text in texts]
        if "\\" not in re.sub(r"\\[\\'\"\n]", "", body):  # written as Python reads it: `\\beta`
            texts = [text.replace("\\\\", "\\") for text in texts]
    column = len(token.line[: token.start[1]].expandtabs())
    rest = [text.expandtabs() for text in texts[1:]]
    margin = min([column, *(_indentation(text) for text in rest if text.strip())])
    dedented = [texts[0].strip(), *(text[margin:].rstrip() for text in rest)]
    return _trim([Line(token.start[0] + n, text) for n, text in enumerate(dedented)])


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip())


def _trim(lines: list[Line]) -> list[Line]:
    """Without blank lines at either end."""
    filled = [n for n, line in enumerate(lines) if line.text]
    return lines[filled[0] : filled[-1] + 1] if filled else []


@dataclass(frozen=True)
class _Comment:
    """Whole-line comments on consecutive lines and in one column."""

    lines: range
    prose: tuple[Line, ...]
    scope: _Scope
    is_cell: bool = False


_CELL = re.compile(r"#+ ?%%+\s*(?:\[\w+\])?\s*(?P<title>.*)|#{20,}\s*$")
# What is said of a cell to a program, as in `# %% Its title tags=["hidden"]`.
_OF_CELL = re.compile(r"(?<!\S)[\w.-]+=(?:\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}|\w+)(?!\S)")


def _string_blocks(tree: ast.Module, tokens: Tokens, module: _Scope) -> Iterator[_Comment]:
    """Strings that stand alone between statements, after an empty line: text, as in a notebook."""
    for before, node in itertools.pairwise(tree.body):
        rows = range(node.lineno, (node.end_lineno or 0) + 1)
        is_string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        found = [token for row in rows for token in tokens.rows.get(row, ())] if is_string else []
        alone = len(found) == 1 and found[0].type == tokenize.STRING
        if alone and (before.end_lineno or 0) + 1 < node.lineno and "\n" in found[0].string:
            prose = _docstring_prose(found[0])
            if prose and not is_code("\n".join(line.text for line in prose)):
                yield _Comment(rows, tuple(prose), module, is_cell=True)


def is_code(text: str) -> bool:
    """Whether a text is Python, such as somebody puts in quotes to keep it from running."""
    try:
        return bool(parse(Path("string"), text).body)
    except SourceError:
        return False


def _comments(tokens: Tokens, scopes: list[_Scope]) -> Iterator[_Comment]:
    heads = {row for scope in scopes for row in range(scope.lines.start, scope.head + 1)}
    starts = [scope.lines.start for scope in scopes]
    blocks: list[list[tokenize.TokenInfo]] = []
    for token in tokens.whole_line:
        row, column = token.start
        if row in heads:
            continue
        if blocks and blocks[-1][-1].start == (row - 1, column):
            blocks[-1].append(token)
        else:
            blocks.append([token])
    for block in blocks:
        row, column = block[0].start
        scope = scopes[bisect.bisect_right(starts, row) - 1]
        while scope.parent and not (
            row in scope.lines or (row <= scope.reach and column > scope.column)
        ):
            scope = scope.parent
        if row <= 2 and _is_of_jupytext(block):
            continue
        cell = _CELL.match(block[0].string)
        title = " ".join(_OF_CELL.sub("", cell["title"] or "").split()) if cell else ""
        prose = _comment_prose(block[1:] if cell else block)
        if title:
            prose = (Line(row, f"## {title}"), Line(row, ""), *prose)
        if prose or (cell and cell["title"] is not None):
            yield _Comment(range(row, row + len(block)), prose, scope, cell is not None)


def _is_of_jupytext(block: list[tokenize.TokenInfo]) -> bool:
    """Whether a comment is the head of a notebook, for programs."""
    texts = [token.string.lstrip("# ") for token in block]
    return texts[0] == texts[-1] == "---" and "jupyter:" in texts


def _comment_prose(block: list[tokenize.TokenInfo]) -> tuple[Line, ...]:
    texts = [token.string.lstrip("#").expandtabs().rstrip() for token in block]
    margin = min((_indentation(text) for text in texts if text), default=0)
    lines = [Line(token.start[0], t[margin:]) for token, t in zip(block, texts, strict=True)]
    return tuple(_trim(lines))


def _sections(
    lines: tuple[Line, ...], tokens: Tokens, scopes: list[_Scope], comments: list[_Comment]
) -> Iterator[Section]:
    """Cut the lines where a definition or a comment starts, and where a definition is over."""
    owners = [scopes[0]] * (len(lines) + 1)
    for scope in scopes[1:]:
        owners[scope.lines.start : scope.lines.stop] = [scope] * len(scope.lines)
    hidden = {row for scope in scopes for row in scope.hidden}
    hidden |= {row for comment in comments for row in comment.lines}

    cells = {comment.lines.start for comment in comments if comment.is_cell}
    cuts: list[tuple[int, Kind, _Scope, tuple[Line, ...]]] = []
    cuts += [(scope.lines.start, scope.kind, scope, scope.docstring) for scope in scopes]
    cuts += [(c.lines.start, "comment", c.scope, c.prose) for c in comments]
    cuts += [(row, "comment", owners[row], ()) for row in _returns(tokens, owners, cuts)]
    cuts.sort(key=lambda cut: cut[0])  # stable: the module stays first

    ends = [start for start, *_ in cuts[1:]] + [len(lines) + 1]
    for (start, kind, scope, prose), end in zip(cuts, ends, strict=True):
        code = tuple(line for line in lines[start - 1 : end - 1] if line.number not in hidden)
        is_cell = kind == "comment" and start in cells
        yield Section(kind, scope.name, prose, code, scope.depth, is_cell)


def _begun_by_a_cell(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections of a notebook: its first cell, if it is text with a title, is the docstring."""
    first, *others = sections
    is_code = any(not re.match(r"\s*(#|$)", line.text) for line in first.code)
    if first.prose or is_code or not others or not others[0].cell or not others[0].prose:
        return sections
    if not re.match(r"#\s", others[0].prose[0].text):
        return sections
    return replace(first, prose=others[0].prose), replace(others[0], prose=()), *others[1:]


def _returns(
    tokens: Tokens, owners: list[_Scope], cuts: list[tuple[int, Kind, _Scope, tuple[Line, ...]]]
) -> Iterator[int]:
    """Statements that follow a definition without a comment of their own."""
    cut_scopes = {start: scope for start, _, scope, _ in cuts}
    current = owners[0]
    for row in sorted({*cut_scopes, *tokens.statements}):
        if row in cut_scopes:
            current = cut_scopes[row]
        elif owners[row] is not current:
            current = owners[row]
            yield row
