"""
# Is every element closed?

Raw HTML is part of Markdown. An element that a comment opens and never closes would go on through
the rows that follow.
"""

from __future__ import annotations

from html.parser import HTMLParser

_NEVER_CLOSED = {"area", "br", "col", "embed", "hr", "img", "input", "link", "source", "wbr"}
_CLOSED_BY_BROWSERS = {"p", "li", "dt", "dd", "tr", "td", "th"}


def stray_tag(html: str) -> str:
    """The first tag without its other half: `<b>`, `</div>`; nothing if all is well."""
    parser = _Balance()
    parser.feed(html)
    parser.close()
    return parser.stray or (f"<{parser.open[0]}>" if parser.open else "")


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.stray = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _NEVER_CLOSED | _CLOSED_BY_BROWSERS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """`<br />` opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in _NEVER_CLOSED | _CLOSED_BY_BROWSERS:
            return
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.stray = self.stray or (f"<{self.open[-1]}>" if tag in self.open else f"</{tag}>")
