"""
# How other people lay out their text

Lists, tables and margins that people see at a glance, and that Markdown reads otherwise or not at
all. As in `styles`, each reader takes the lines of a piece of prose, and gives them back as the
Markdown that says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sidebyside.source.sections import Line, is_code

_ITEM = re.compile(r"(?P<margin>\s*)(?:[*+-]|\d+\.)(?P<space>\s+)(?=\S)")
_DEEPEST = 8  # lists in lists; what goes deeper is no list that somebody reads
_FENCE = re.compile(r"\s*(```+|~~~+)")
# A line of a table with borders, or of a block of lines; a rule over the columns of a table.
# With more space before it, it is code.
_BORDER = re.compile(r" {0,3}(?:\|(?:\s|$)|\+[-=]+)")
_BORDERED = re.compile(r" {0,3}(?:\||\+[-=]+)")
_MARKDOWN_TABLE = re.compile(r"\s*\|?(?:\s*:?-{3,}:?\s*\|)*\s*:?-{3,}:?\s*\|?\s*$")
_COLUMNS = re.compile(r" {0,3}=+(?:\s+=+)+\s*$")
_SENTENCE = re.compile(r"(?!\d+[.)]\s)[\w`'\"(].*(?<!:)$")
# What is explained further in: some words, and no end of a sentence; a name between marks.
_TERM = re.compile(r"\s*(?=[\w`*'\"])(?![*+-]\s|\d+[.)]\s|```|\*\*[^*]+\*\*$).{0,78}[^\s.,;:?!]$")
_NAME = re.compile(r"\s*(`+)[^`]+\1(?:\s*:\s.*)?$|\s*(\*+)[^*]+\2$")


def with_margin(lines: Sequence[Line]) -> list[Line]:
    """Without the space that stands before every line: it is no code."""
    margin = min((_indent(line.text) for line in lines if line.text.strip()), default=0)
    return [replace(line, text=line.text[margin:]) for line in lines]


def with_docstring_margin(lines: Sequence[Line]) -> list[Line]:
    """As `with_margin`; a first line that goes on further in is one of the others."""
    first, rest = lines[:1], with_margin(lines[1:])
    goes_on = len(lines) > 1 and lines[1].text.strip() and _SENTENCE.match(lines[0].text)
    is_text = goes_on and not is_code("\n".join(line.text for line in rest))
    return [*with_margin(first), *rest] if is_text else with_margin(lines)


def with_tables(lines: Sequence[Line]) -> list[Line]:
    """Tables that are drawn, and blocks of lines, as they stand."""
    made: list[Line] = []
    at, closing = 0, ""
    while at < len(lines):
        closing = _closing(lines[at].text, closing)
        end = at if closing else _table(lines, at)
        if end > at:
            made += fenced(lines[at:end], "text", _indent(lines[at].text))
        else:
            made.append(lines[at])
        at = max(end, at + 1)
    return made


def with_nested_lists(lines: Sequence[Line]) -> list[Line]:
    """Lists that stand close to the text before them, or stand less than four spaces in another."""
    made: list[Line] = []
    closing = ""
    outer: list[_Item] = []
    for line in lines:
        was_fence = bool(closing)
        closing = _closing(line.text, closing)
        before = made[-1].text if made else ""
        item = None if was_fence else _ITEM.match(line.text)
        if line.text.strip() and (item or not before.strip()):
            while outer and _indent(line.text) < outer[-1].column:
                outer.pop()
        if not item:
            made.append(_moved(line, outer, is_new=not before.strip() and not was_fence))
            continue
        if not outer and before.rstrip().endswith(":") and _indent(before) <= _indent(line.text):
            made.append(replace(line, text=""))
        moved = _moved(line, outer, is_new=True)
        shift = _indent(moved.text) - _indent(line.text)
        outer.append(_Item(item.end(), shift))
        made.append(moved)
        if len(outer) > _DEEPEST:
            return list(lines)
    return made


@dataclass
class _Item:
    """An item of a list: the column of its text, and how far what is in it is moved."""

    column: int
    shift: int


def _moved(line: Line, outer: list[_Item], is_new: bool) -> Line:
    """A line inside of some items; one that begins a paragraph or an item decides how far in."""
    if not outer or not line.text.strip():
        return line
    inner, indent = outer[-1], _indent(line.text)
    if indent < inner.column:  # goes on with the sentence
        return line
    if is_new and indent + inner.shift < 4 * len(outer):
        inner.shift = 4 * len(outer) - indent
    return replace(line, text=" " * inner.shift + line.text)


def with_definitions(lines: Sequence[Line], depth: int = 0) -> list[Line]:
    """Terms, each with what it means further in and right below it, as a list."""
    if depth == _DEEPEST:
        return list(lines)
    made: list[Line] = []
    at, closing = 0, ""
    while at < len(lines):
        closing = _closing(lines[at].text, closing)
        is_begin = not closing and not (at and lines[at - 1].text.strip())
        ends = _definitions(lines, at) if is_begin else []
        for end in ends:
            made.append(replace(lines[at], text=f"* {lines[at].text.strip()}"))
            inside = with_definitions(with_margin(lines[at + 1 : end]), depth + 1)
            made += [replace(each, text=f"    {each.text}".rstrip()) for each in inside]
            at = end
        if not ends:
            made.append(lines[at])
            at += 1
    return made


def _definitions(lines: Sequence[Line], start: int) -> list[int]:
    """Where the definitions that begin here end, each; none, where this may be a sentence."""
    ends: list[int] = []
    at, column = start, _indent(lines[start].text)
    term = _NAME if column >= 4 else _TERM  # other text that far in is code
    while at + 1 < len(lines) and _indent(lines[at].text) == column and term.match(lines[at].text):
        end = at + 1
        while end < len(lines) and (
            _indent(lines[end].text) >= column + 2 or (end > at + 1 and not lines[end].text.strip())
        ):
            end += 1
        if end == at + 1:
            break
        ends.append(end)
        at = end
    if len(ends) != 1:
        return ends
    # A sentence may go on further in, but not behind an empty line, where code may.
    text = "\n".join(line.text for line in with_margin(lines[start + 1 : ends[0]])).rstrip()
    return ends if re.search(r"\n[ ]*\n", text) and not is_code(text) else []


def _closing(text: str, closing: str) -> str:
    """The fence that has to close, after this line."""
    fence = _FENCE.match(text)
    if closing:
        return "" if fence and fence[1].startswith(closing) else closing
    return fence[1] if fence else ""


def _table(lines: Sequence[Line], start: int) -> int:
    """Behind the table that starts here; here, if none does."""
    end = start
    if _COLUMNS.match(lines[start].text):
        block = list(_paragraph(lines, start))
        rules = [at for at in block if _COLUMNS.match(lines[at].text)]
        return rules[-1] + 1 if len(rules) > 1 else start
    while (
        _BORDER.match(lines[start].text) and end < len(lines) and _BORDERED.match(lines[end].text)
    ):
        end += 1
    is_markdown = end > start + 1 and _MARKDOWN_TABLE.match(lines[start + 1].text)
    return start if is_markdown or end <= start + 1 else end


def _paragraph(lines: Sequence[Line], start: int) -> Iterator[int]:
    for at in range(start, len(lines)):
        if not lines[at].text.strip():
            return
        yield at


def fenced(block: Sequence[Line], language: str, indentation: int) -> list[Line]:
    """Some lines as code."""
    filled = [line for line in block if line.text.strip()]
    if not filled:
        return []
    margin = min(_indent(line.text) for line in filled)
    space = " " * indentation
    lines = block[block.index(filled[0]) :]
    first, last = lines[0], lines[-1]
    code = [replace(line, text=space + line.text[margin:]) for line in lines]
    fence = "~~~" if any("```" in line.text for line in code) else "```"
    return [
        replace(first, text=""),
        replace(first, text=f"{space}{fence}{language}"),
        *code,
        replace(last, text=f"{space}{fence}"),
        replace(last, text=""),
    ]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
