"""
# What Markdown must not touch

Formulas are put into the Markdown as tokens, made with two characters that no text contains. While
MkDocs works on the page (Markdown, table of contents, search), a token stands for plain text. At
the end that text is replaced by the typeset formula. Boxes and diagrams come in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlsplit
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from sidebyside.rendering.hidden import visible
from sidebyside.rendering.numbered import keep_numbers
from sidebyside.rendering.patience import Patience
from sidebyside.rendering.raw_html import is_safe_link, read_tags_as_text
from sidebyside.translating.editions import label

# Unicode guarantees that these are never characters of a text. Two are for tokens.
_NEVER_WRITTEN = re.compile("[\ufdd0-\ufdef]")
OPEN, CLOSE = "\ufdd0", "\ufdd1"
TOKEN = re.compile(f"{OPEN}(\\d+){CLOSE}")
_SPAN = r'<span class="sbs-piece" data-n="(\d+)">[^<]*</span>'
# Behind a formula, browsers would begin a line with a sign of full width.
_SIGN = r"(?P<sign>[、。，．；：！？）」』”]*)"  # noqa: RUF001
_FILLED = re.compile(rf"<p>\s*{_SPAN}\s*</p>|{_SPAN}{_SIGN}")
# So it is kept beside a formula of up to so many letters. Longer ones have to break on a phone.
_KEPT = 14
_ALONE = re.compile(rf"<p>\s*{_SPAN}\s*</p>")
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True)
class Piece:
    """`plain` is what search and the contents see; `html` is what the reader gets."""

    plain: str
    html: str
    is_block: bool = False
    anchor: str = ""  # the id of the heading it stands in
    literal: str = ""  # of a formula in a sentence: how it is written there


@dataclass
class Pieces:
    """The pieces of one page, in the order in which they were put in."""

    items: list[Piece] = field(default_factory=list)

    def add(self, piece: Piece) -> str:
        """Keep a piece; return the token that stands for it in Markdown."""
        self.items.append(piece)
        return f"{OPEN}{len(self.items) - 1}{CLOSE}"

    def plain_html(self, html: str) -> str:
        """Tokens that Markdown left alone (in raw HTML, say) become plain text as all others."""
        return TOKEN.sub(lambda token: self._span(int(token[1])), html)

    def fill(self, html: str) -> str:
        """Replace plain text by the real thing."""
        return _FILLED.sub(self._fill, html)

    def last_block(self, html: str) -> tuple[str, str]:
        """What stands before the block that a text ends with, and that block; or all of it."""
        paragraphs = [*_ALONE.finditer(html)]
        last = paragraphs[-1] if paragraphs else None
        if last and not html[last.end() :].strip() and self.items[int(last[1])].is_block:
            return html[: last.start()], html[last.start() :]
        return "", html

    def without_blocks(self, html: str) -> tuple[str, list[str]]:
        """A text without the blocks in it, and the HTML of those."""
        blocks: list[str] = []

        def block(found: re.Match[str]) -> str:
            number = int(found[1])
            if number >= len(self.items) or not self.items[number].is_block:
                return found[0]
            blocks.append(self.items[number].html)
            return ""

        return _ALONE.sub(block, html), blocks

    def _span(self, number: int) -> str:
        plain = escape(self.items[number].plain, quote=False)
        return f'<span class="sbs-piece" data-n="{number}">{plain}</span>'

    def _fill(self, match: re.Match[str]) -> str:
        number = int(match[1] or match[2])
        if number >= len(self.items):  # written by an author, not by us
            return match[0]
        piece = self.items[number]
        if match[1] is not None:
            return piece.html if piece.is_block else f"<p>{piece.html}</p>"
        if match["sign"] and len(piece.literal) <= _KEPT:
            return f'<span class="sbs-kept">{piece.html}{match["sign"]}</span>'
        return piece.html + match["sign"]


MISSING = label("This picture is missing: {path}")


@dataclass(frozen=True)
class Shown:
    """How a picture is shown: its address and size, or what is said in its place."""

    url: str
    size: tuple[int, int] | None = None
    instead: str = ""


def row_mark(number: int) -> str:
    """A paragraph that marks where a row starts."""
    return f"{OPEN}row {number}{CLOSE}"


def split_rows(html: str) -> tuple[str, dict[int, str]]:
    """What stands before the first mark, and after each, by its number."""
    intro, *found = re.split(f"<p>{OPEN}row (\\d+){CLOSE}</p>", html)
    return intro, dict(zip(map(int, found[::2]), found[1::2], strict=True))


def without_tokens(text: str) -> str:
    """Text of which no character can be taken for part of a token, and none hides."""
    return visible(_NEVER_WRITTEN.sub("\ufffd", text))


class PiecesExtension(Extension):
    """
    Teaches Python-Markdown about the pieces of the page at hand, and about links between sources.

    One instance serves a whole build: `open_page` comes before each page.
    """

    def open_page(
        self,
        pieces: Pieces,
        resolve: Callable[[str], str],
        html: bool = False,
        show: Callable[[str], Shown] | None = None,
    ) -> None:
        """
        Take up a page. `resolve` turns links as written into links that MkDocs understands, `show`
        does so for pictures, and `html` tells that its HTML is to be trusted.
        """
        self.pieces, self.resolve, self.html = pieces, resolve, html
        self.show = show or (lambda url: Shown(resolve(url)))

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's own name for it
        """Register with one run of Markdown."""
        if not self.html:
            patience = Patience(md)
            read_tags_as_text(md, patience)
            patience.search_links(md)
            keep_numbers(md)
        # Before all that could find Markdown in it. Headings before `toc` (5) gives them ids.
        md.inlinePatterns.register(_PieceProcessor(self.pieces, md), "sbs-piece", 200)
        md.treeprocessors.register(_AnchorProcessor(self.pieces, md), "sbs-anchor", 9)
        # Before MkDocs' own treatment of links (0).
        links = _LinkProcessor(self.resolve, self.show, self.html, md)
        md.treeprocessors.register(links, "sbs-link", 4)


class _PieceProcessor(InlineProcessor):
    def __init__(self, pieces: Pieces, md: Markdown) -> None:
        super().__init__(TOKEN.pattern, md)
        self.pieces = pieces

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element, int, int]:
        element = ElementTree.Element("span", {"class": "sbs-piece", "data-n": m[1]})
        element.text = AtomicString(self.pieces.items[int(m[1])].plain)
        return element, m.start(0), m.end(0)


class _AnchorProcessor(Treeprocessor):
    def __init__(self, pieces: Pieces, md: Markdown) -> None:
        super().__init__(md)
        self.pieces = pieces

    def run(self, root: ElementTree.Element) -> None:
        for heading in root.iter():
            if heading.tag in _HEADINGS:
                for span in heading.iterfind("span[@class='sbs-piece']"):
                    self._name(heading, span)

    def _name(self, heading: ElementTree.Element, span: ElementTree.Element) -> None:
        """Give a heading its id. The contents show its words, or its name if it has none."""
        if anchor := self.pieces.items[int(span.get("data-n", ""))].anchor:
            heading.set("id", anchor)
            words = "".join(heading.itertext()).removesuffix(span.text or "").strip()
            if words and span.text:
                heading.set("data-toc-label", words)


class _LinkProcessor(Treeprocessor):
    def __init__(
        self,
        resolve: Callable[[str], str],
        show: Callable[[str], Shown],
        html: bool,
        md: Markdown,
    ) -> None:
        super().__init__(md)
        self.resolve, self.show, self.html = resolve, show, html

    def run(self, root: ElementTree.Element) -> None:
        for element in root.iter():
            for attribute in {"a": ["href"], "img": ["src"]}.get(str(element.tag), []):
                url = element.get(attribute, "")
                if not self.html and not is_safe_link(url):
                    element.tag, element.text = "span", element.text or element.get("alt")
                    element.attrib.clear()  # the words stay
                elif element.tag == "img" and not self.html and urlsplit(url).netloc:
                    label = element.get("alt") or url
                    element.tag, element.text = "a", label  # a page asks no other host for anything
                    element.attrib = {"href": url}
                elif url and element.tag == "img":
                    self._picture(element, url)
                elif url:
                    element.set(attribute, self.resolve(url))
                elif (
                    element.tag == "a"
                ):  # a place to link to; MkDocs insists that `a` leads somewhere
                    element.tag = "span"
                    element.set("id", element.get("id") or element.attrib.pop("name", ""))
                else:
                    element.set(attribute, "")

    def _picture(self, element: ElementTree.Element, url: str) -> None:
        """A picture with its size; where it cannot be shown, the page says so."""
        shown = self.show(url)
        if shown.instead:
            element.tag, element.text = "span", AtomicString(f"{element.get('alt', '')} ".lstrip())
            element.attrib = {}
            said = ElementTree.SubElement(element, "span", {"class": "sbs-missing"})
            said.text = AtomicString(f"({shown.instead})")
            return
        element.set("src", shown.url)
        if shown.size and not {"width", "height"} & set(element.keys()):
            element.set("width", str(shown.size[0]))
            element.set("height", str(shown.size[1]))
