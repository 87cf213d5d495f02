"""
# What of a comment stands beside its code

A line of code computes the formula right above it, so the two stand level. What comes before that
is prose. A long comment beside a line of code would leave a hole below the line; then only its end
stands beside the code, and what comes first has the width of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from sidebyside.rendering.pieces import Pieces
from sidebyside.source.sections import Line

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z]\w*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_NEVER_CLOSED = {"br", "col", "hr", "img", "input", "wbr"}
_WIDTH = 48  # letters of a line of prose
_HOLE = 6.0  # lines of prose; a smaller one is no worse than a change of widths
_CODE = 0.8  # lines of prose that are as high as one of code
_CARD = 1.7  # lines that are as high as the card of a formula without its rows
_STRUT = re.compile(
    r'class="strut" style="height:([\d.]+)em'
)  # how high KaTeX made a piece of a row
_EM = 0.7  # lines that are as high as one unit of a strut
_SIGNS = 45  # of a formula in a line


def arranged(prose: str, code: Sequence[Line], pieces: Pieces) -> tuple[str, str, str]:
    """What has the whole width, what stands above the code, and what stands level with it."""
    number = sum(bool(line.text.strip()) for line in code)
    room = number * _CODE + _HOLE
    parts = list(_blocks(prose))
    heights = [_height(part, pieces) for part in parts]
    before, level = pieces.last_block(prose)
    if sum(heights) <= room:
        return "", before, level
    if not number:
        return prose, "", ""
    left = sum(heights)
    at = 0
    while at < len(parts) and (left > room or (before and at < len(parts) - 1)):
        left -= heights[at]
        at += 1
    # A heading goes with what follows it.
    while 0 < at < len(parts) and re.match(r"\s*<h[1-6]", parts[at - 1]):
        at -= 1
    cut = len("".join(parts[:at]))
    return prose[:cut], "", prose[cut:]


def _blocks(html: str) -> Iterator[str]:
    """The elements of some HTML that stand in no other."""
    depth = start = 0
    for tag in _TAG.finditer(html):
        if tag["name"].lower() in _NEVER_CLOSED:
            continue
        depth += -1 if tag["end"] else 1
        if depth == 0:
            yield html[start : tag.end()]
            start = tag.end()
    if html[start:].strip():
        yield html[start:]


def _height(html: str, pieces: Pieces) -> float:
    """About how many lines of a narrow column some HTML takes."""
    html, blocks = pieces.without_blocks(html)
    paragraphs = re.split(r"</(?:p|li|pre|tr|h[1-6])>", html)
    texts = [unescape(_TAG.sub("", paragraph)).strip() for paragraph in paragraphs]
    return sum(_lines(text) + 0.6 for text in texts if text) + sum(map(_card, blocks))


def _lines(text: str) -> int:
    return sum(1 + len(line) // _WIDTH for line in text.split("\n\n"))


def _card(html: str) -> float:
    """About how many lines the rows of a formula take: fractions and sums are higher than words."""
    rows = html.split('class="sbs-formula')[1:] or [html]
    return _CARD + sum(map(_row, rows))


def _row(html: str) -> float:
    shown = html.partition('class="katex-html"')[2].partition('class="sbs-mark')[0]
    struts = [float(height) for height in _STRUT.findall(shown)]
    lines = 1 + len(_TAG.sub("", shown)) // _SIGNS
    return _EM * max(struts, default=1.0) * lines
