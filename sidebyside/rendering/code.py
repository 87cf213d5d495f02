"""
# Code lines as HTML

Pygments colors the whole file at once, so that a string over many lines stays a string in each row.
Links of names, and the symbols that they stand for, are laid over the colors. The text itself is
never touched: what is copied from the page is what stands in the file.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from textwrap import dedent

from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES, _TokenType

from sidebyside.rendering.hidden import marked
from sidebyside.rendering.names import Link
from sidebyside.rendering.symbols import Spot
from sidebyside.source.sections import Line, Module

# Names, punctuation and space have the color of the text around them, and are half of any page.
_PLAIN = {"n", "p", "w"}
# A telephone shows about this many letters. What is longer, without a space, may be broken here.
_LETTERS = 30
_TAG = re.compile(r"(<[^>]*>)")
_OPENING = re.compile(r"[=(\[]|\.$")


def highlight(
    module: Module, links: Iterable[Link] = (), spots: Iterable[Spot] = ()
) -> dict[int, str]:
    """The HTML of each line of a file, by line number; a link comes before a symbol."""
    over: dict[int, list[Link | Spot]] = {}
    marks: list[Link | Spot] = [*links, *spots]
    for each in marks:
        there = over.setdefault(each.line, [])
        if all(each.end <= other.start or other.end <= each.start for other in there):
            there.append(each)
    colored = _colored_lines(module.text)
    return {
        line.number: _breakable(line.text, marked(_line_html(spans, over.get(line.number, []))))
        for line, spans in zip(module.lines, colored, strict=False)
    }


def rows_html(lines: Iterable[Line], html: Mapping[int, str]) -> str:
    """The lines of one row. Line numbers are attributes: shown, linked, and never copied."""
    lines = list(lines)
    filled = [n for n, line in enumerate(lines) if line.text.strip()] or [-1, -1]
    parts = []
    for place, line in enumerate(lines):
        number = line.number
        blank = "" if filled[0] <= place <= filled[-1] else " sbs-blank"
        hang = f' style="--in: {indent}"' if (indent := common_indentation([line])) else ""
        parts.append(
            f'<span class="sbs-line{blank}" id="L{number}"{hang}>'
            f'<a class="sbs-no" href="#L{number}" data-n="{number}" '
            f'aria-label="line {number}" tabindex="-1"></a>'
            f'<span class="sbs-text">{html[number]}</span>\n</span>'
        )
    return "".join(parts)


def sheet(lines: Iterable[Line], html: Mapping[int, str]) -> str:
    """The code of one row."""
    lines = list(lines)
    indentation = common_indentation(lines)
    void = "" if any(line.text.strip() for line in lines) else " sbs-void"
    style = f' style="--sbs-indent: {indentation}"' if indentation else ""
    return (
        f'<div class="sbs-code no-copy{void}"{style}>'
        f'<pre class="sbs-pre"><code>{rows_html(lines, html)}</code></pre></div>\n'
    )


def target(lines: Iterable[Line]) -> str:
    """What the first statement gives a value to, as `name =`, or changes in place, as `name ←`."""
    texts = itertools.dropwhile(lambda text: not text, (line.text.rstrip() for line in lines))
    try:
        first, *others = ast.parse(dedent("\n".join(itertools.takewhile(bool, texts)))).body
    except (SyntaxError, ValueError):
        return ""
    if any(not isinstance(other, ast.Return) for other in others):
        return ""  # which of them a formula is about is for the checker to say
    match first:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return f"{name} ="
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method) as at)) if method.endswith(
            "_"
        ) and not method.endswith("__"):
            found: ast.expr = at
            while isinstance(found, ast.Attribute | ast.Call):
                found = found.value if isinstance(found, ast.Attribute) else found.func
            return f"{found.id} ←" if isinstance(found, ast.Name) else ""
    return ""


def common_indentation(lines: Iterable[Line]) -> int:
    """The columns, as the stylesheet shows them, by which all lines with text are indented."""
    texts = [line.text.expandtabs(4) for line in lines if line.text.strip()]
    return min((len(text) - len(text.lstrip()) for text in texts), default=0)


def _colored_lines(text: str) -> Iterator[list[tuple[str, str]]]:
    """For each line, pieces of text with their Pygments class."""
    line: list[tuple[str, str]] = []
    for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        first, *rest = value.split("\n")
        line.append((_css_class(kind), first))
        for piece in rest:
            yield line
            line = [(_css_class(kind), piece)]
    yield line


def _css_class(kind: _TokenType) -> str:
    while kind not in STANDARD_TYPES and kind.parent:
        kind = kind.parent
    short = STANDARD_TYPES.get(kind, "")
    return "" if short in _PLAIN else short


def _line_html(spans: list[tuple[str, str]], over: list[Link | Spot]) -> str:
    """One line. Colored pieces are cut where a link or symbol starts or ends, which wraps them."""
    borders = {border for each in over for border in (each.start, each.end)}
    pieces: list[tuple[int, str, str]] = []
    column = 0
    for css, text in spans:
        cuts = sorted({0, *(b - column for b in borders if 0 < b - column < len(text))})
        pieces += [
            (column + start, css, text[start:end])
            for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)
        ]
        column += len(text)

    def around(piece: tuple[int, str, str]) -> Link | Spot | None:
        return next((each for each in over if each.start <= piece[0] < each.end), None)

    html = ""
    for each, group in groupby(pieces, around):
        alike = groupby(group, key=lambda piece: piece[1])
        inner = "".join(_span(css, "".join(p[2] for p in pieces)) for css, pieces in alike)
        html += _wrapped(each, inner) if each and inner else inner
    return html


def _breakable(text: str, html: str) -> str:
    """Where a line has a long word, it says where to break it: after `=`, a bracket or a point."""
    if max(map(len, text.split()), default=0) < _LETTERS:
        return html
    parts = _TAG.split(html)
    parts[::2] = [_OPENING.sub(r"\g<0><wbr>", part) for part in parts[::2]]
    return "".join(parts)


def _span(css: str, text: str) -> str:
    if not text:
        return ""
    return f'<span class="{css}">{escape(text, quote=False)}</span>' if css else escape(text, False)


def _wrapped(by: Link | Spot, inner: str) -> str:
    if isinstance(by, Spot):
        return f'<span data-sym="{escape(by.symbol)}">{inner}</span>'
    return f'<a class="sbs-name" href="{escape(by.url)}" title="{escape(by.title)}">{inner}</a>'
