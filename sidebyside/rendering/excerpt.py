"""
# Some rows of an annotated page, on another page

A hand-written page may show a few comments of a definition beside their code, exactly as the page
of that file shows them. Whatever leads from there leads to that page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from itertools import dropwhile, takewhile
from urllib.parse import urljoin

from sidebyside.rendering.code import sheet
from sidebyside.rendering.names import relative_url
from sidebyside.rendering.pieces import Piece
from sidebyside.rendering.prose_text import ProseWriter
from sidebyside.source.sections import Module

_HREF = re.compile(r'href="([^"]*)"')


def excerpt(
    module: Module,
    definition: str,
    count: int,
    writer: ProseWriter,
    code: Mapping[int, str],
    addresses: tuple[str, str],
) -> str:
    """
    Write the Markdown of the first `count` comments of a definition, with their code.

    `addresses` are those of the module's page and of the page that shows the rows. Raise
    `ValueError` if the definition has fewer comments.
    """
    rows = [s for s in module.sections if s.kind == "comment" and s.name == definition][:count]
    if len(rows) < count:
        raise ValueError(f"{module.path}: {definition} has {len(rows)} comments, not {count}")
    pieces, first = writer.pieces, len(writer.pieces.items)
    start = f'<div class="sbs-page sbs-excerpt" data-source="{escape(module.path)}">'
    parts = []
    for number, row in enumerate(rows):
        begin = '<div class="sbs-row sbs-comment"><div class="sbs-prose">'
        lines = dropwhile(lambda line: not line.text.strip(), row.code)
        # What comes behind an empty line begins something that is not shown here.
        beside = [*takewhile(lambda line: line.text.strip(), lines)]
        end = f"</div>{sheet(beside, code)}</div>"
        parts.append(pieces.add(Piece("", begin if number else start + begin, is_block=True)))
        parts.append(writer.write(row))
        last = number == len(rows) - 1
        parts.append(pieces.add(Piece("", end + "</div>" if last else end, is_block=True)))
    for place in range(first, len(pieces.items)):
        html = _HREF.sub(
            lambda link: f'href="{_moved(link[1], *addresses)}"', pieces.items[place].html
        )
        pieces.items[place] = replace(pieces.items[place], html=html)
    return "\n\n".join(parts)


def _moved(link: str, there: str, here: str) -> str:
    """A link on one page of the site, as the other page has to write it."""
    if re.match(r"\w+:", link):
        return link
    path, hash_, fragment = urljoin(f"/{there}", link).lstrip("/").partition("#")
    return relative_url(path, here) + hash_ + fragment
