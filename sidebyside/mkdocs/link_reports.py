"""
# Broken links, with the line they stand on

MkDocs finds broken links and anchors, and names the page. For an author the page does not exist:
the link stands in a source file. This filter puts file and line in front of MkDocs' message.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mkdocs.structure import pages

from sidebyside.rendering.addresses import Addresses

_MESSAGE = re.compile(r"Doc file '(?P<page>[^']+)' (?P<says>contains [a-z ]*link )'(?P<url>[^']+)'")


@dataclass
class _Written:
    name: str
    lines: Sequence[str]
    links: dict[str, str] = field(default_factory=dict)  # as MkDocs sees them: as written


class LinkReports(logging.Filter):
    """Rewrites MkDocs' messages about links while it is entered as a context."""

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[str, _Written] = {}

    def __enter__(self) -> LinkReports:
        pages.log.addFilter(self)
        return self

    def __exit__(self, *_: object) -> None:
        pages.log.removeFilter(self)

    def add_page(
        self, page: str, name: str, lines: Sequence[str], addresses: Addresses
    ) -> Callable[[str], str]:
        """
        Tell of a page: the file it is written in, and the lines of that file.

        Returns what turns its links, as written, into links that MkDocs understands.
        """
        written = self._pages[page] = _Written(name, lines)

        def resolve(url: str) -> str:
            resolved = addresses.resolve(url, name, page)
            written.links[resolved] = url
            return resolved

        return resolve

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the place in front of a message about a link; let everything pass."""
        message = record.getMessage()
        found = _MESSAGE.match(message)
        if found and (written := self._pages.get(found["page"])):
            url = written.links.get(found["url"], found["url"])
            matching = (n for n, line in enumerate(written.lines, 1) if url in line)
            place = f"{written.name}:{next(matching, 1)}"
            record.msg = f"{place}: {found['says']}'{url}'{message[found.end() :]}"
            record.args = ()
        return True
