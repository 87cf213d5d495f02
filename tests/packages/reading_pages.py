"""
A second reader of our pages, for tests: it shares no code with the renderer.

Of the HTML of a page it keeps what the source must account for: the lines of code by number, the
tokens of the prose in their order, and the formulas with the characters that a reader sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# Words, and the signs that mean something in a sentence about code.
TOKEN = re.compile(r"[^\W_]+|[*_<>|=+/^%&@()\[\]{}$\\]")
_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
# What the page says of itself, in the place of nothing that an author wrote.
_OURS = {
    *("sbs-eyebrow", "sbs-summary", "sbs-legend", "sbs-relations", "sbs-source", "sbs-qualname"),
    *("sbs-missing", "sbs-no", "sbs-mark", "sbs-note", "headerlink", "katex-mathml"),
}


@dataclass
class Formula:
    """A formula: the TeX that is copied from it, how it is written in text, and what is seen."""

    tex: str
    text: str
    is_block: bool = False
    seen: str = ""


@dataclass
class ReadPage:
    """What stands on a page."""

    code: list[tuple[int, str]] = field(default_factory=list)
    items: list[str | Formula] = field(default_factory=list)  # prose, with formulas in it

    @property
    def formulas(self) -> list[Formula]:
        return [item for item in self.items if isinstance(item, Formula)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ReadPage()
        self.stack: list[tuple[str, str]] = []  # tags, and what begins with each
        self.numbers: list[int | None] = []  # of the item at hand, in each list around it
        self.text: list[str] = []  # of the prose since the last formula

    def inside(self, what: str) -> bool:
        return any(begun == what for _, begun in self.stack)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            if tag == "img" and self.inside("page"):
                self.text.append(f" {given.get('alt', '')} ")
            return
        classes = set(given.get("class", "").split())
        begun = ""
        if "sbs-page" in classes:
            begun = "page"
        elif classes & _OURS:
            begun = "ours"
        elif "sbs-line" in classes:
            begun = "line"
            self.page.code.append((int(given["id"].removeprefix("L")), ""))
        elif "data-tex" in given and "sbs-copy" not in classes:
            begun = "formula"
            formula = Formula(given["data-tex"], given.get("data-text", ""), tag == "div")
            self.flush()
            self.page.items.append(formula)
        if tag == "ol":
            self.numbers.append(int(given.get("start", "1")) - 1)
        if tag == "ul":
            self.numbers.append(None)
        if tag == "li" and self.numbers and self.numbers[-1] is not None:
            self.numbers[-1] = int(given.get("value", self.numbers[-1] + 1))
            self.text.append(f" {self.numbers[-1]} ")
        if tag in ("p", "li", "td", "th", "pre", "div", "h1", "h2", "h3", "h4", "h5", "h6", "dt"):
            self.text.append(" ")
        self.stack.append((tag, begun))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ol", "ul"):
            self.numbers.pop()
        while self.stack:
            last, begun = self.stack.pop()
            if begun == "page":
                self.flush()
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self.inside("page") or self.inside("ours"):
            return
        if self.inside("line"):
            number, text = self.page.code[-1]
            self.page.code[-1] = number, text + data
        elif self.inside("formula"):
            formula = self.page.items[-1]
            assert isinstance(formula, Formula)
            formula.seen += re.sub(r"[\s\u200b\u2060]", "", data)
        else:
            self.text.append(data)

    def flush(self) -> None:
        self.page.items.append("".join(self.text))
        self.text = []


def read_page(html: str) -> ReadPage:
    """What stands on a page, by its HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page
