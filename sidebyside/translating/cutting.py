"""
# Cutting a page into messages

A step of Python-Markdown's own run. It comes when blocks are known and sentences are still the
author's Markdown, with tokens in place of formulas. So one rule serves sources, documents and
notebooks, tables, asides and footnotes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import STX, AtomicString

from sidebyside.rendering.pieces import CLOSE, OPEN, TOKEN, Pieces
from sidebyside.source.notation_reading import item_parts
from sidebyside.translating.editions import SAID, Edition, Original, Say
from sidebyside.translating.messages import FORMULA, Message, joined, says_something

_KINDS = {
    **{f"h{n}": "heading" for n in range(1, 7)},
    **{"p": "paragraph", "li": "item", "td": "cell", "th": "column", "summary": "title of a fold"},
}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_CODE = {"pre", "code", "script", "style"}
# Behind the words: a name that `prose_text` puts behind a heading, and attributes.
_BEHIND = re.compile(
    rf"(?P<words>.*?)(?P<behind>(?:\s*{OPEN}\d+{CLOSE})?(?:\s*\{{:?[^{{}}]*\}})?\s*)$", re.DOTALL
)


class Cutter(Extension):
    """
    Teaches Python-Markdown to cut a page, and to put translations in.

    One instance serves the whole build of an edition: `open_page` comes before each page.
    """

    def __init__(self, edition: Original | Edition) -> None:
        super().__init__()
        self.edition = edition

    def open_page(
        self, page: str, pieces: Pieces, lines: Sequence[str], name: str, notation: bool
    ) -> None:
        """Take up a page of the file `name`. `notation` tells that its lists explain symbols."""
        self.page, self.pieces, self.notation = page, pieces, notation
        self.place = _Places(name, lines)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's own name for it
        """After blocks and footnotes (50), before what stands in sentences (20)."""
        md.treeprocessors.register(_CutProcessor(self, md), "sbs-cut", 25)
        # Names of definitions are ids already (9); all other headings get one next (5).
        md.treeprocessors.register(_IdsBefore(self, md), "sbs-ids-before", 6)
        md.treeprocessors.register(_IdsAfter(self, md), "sbs-ids-after", 3)


class _CutProcessor(Treeprocessor):
    def __init__(self, cutter: Cutter, md: Markdown) -> None:
        super().__init__(md)
        self.page, self.edition = cutter.page, cutter.edition
        self.pieces, self.notation, self.place = cutter.pieces, cutter.notation, cutter.place
        self.scope = ""

    def run(self, root: ElementTree.Element) -> None:
        for element, is_item in _texts(root):
            text = element.text or ""
            self._enter(element, text)
            parts = item_parts(joined(self._literal(text))) if is_item and self.notation else None
            if parts is not None:
                self._explain(element, joined(text), parts)
            else:
                words, behind = self._parts(text)
                kind = _KINDS.get(element.tag, element.tag)
                said = self._translated(element, words, kind, text)
                element.text = text if said is None else said + behind

    def _translated(
        self, element: ElementTree.Element, words: str, kind: str, text: str
    ) -> str | None:
        """What stands in the place of some words, if anything does."""
        message = joined(self._literal(words))
        names = self.edition.names
        if OPEN in message or STX in words or not says_something(message, names):
            return None
        said = Message(message, kind, self.scope, self.place(self._literal(text)))
        translation = self.edition.translate(self.page, said)
        # A page without a catalog is English as a whole, but for what is said on others, too.
        if language := self.edition.language:
            if translation is None and self.edition.knows(self.page):
                element.set("lang", "en")
            elif translation is not None and not self.edition.knows(self.page):
                element.set("lang", language.tag)
        if translation is None:
            return None
        return self._with_tokens(words, translation)

    def _explain(self, element: ElementTree.Element, text: str, parts: dict[str, str]) -> None:
        """An item that explains a symbol: a frame of the language, around words that are said."""
        words = self._end(text, parts["text"])
        said = self._translated(element, words, "meaning of a symbol", text)
        if self.edition.language and (said is not None or not words):
            symbol = TOKEN.match(text)
            assert symbol is not None
            element.text = _framed(self.edition.say, symbol[0], parts, said or "")

    def _end(self, text: str, literal: str) -> str:
        """The end of a text that begins with a formula, given how it is written."""
        whole = self._literal(text)
        before = whole.removesuffix(literal)
        cut = next(n for n in range(len(text) + 1) if self._literal(text[:n]) == before)
        return text[cut:]

    def _enter(self, element: ElementTree.Element, text: str) -> None:
        """A heading with a name begins what is said of that definition."""
        if element.tag in _HEADINGS:
            names = [self.pieces.items[int(n)].anchor for n in TOKEN.findall(text)]
            self.scope = next(filter(None, names), self.scope)

    def _parts(self, text: str) -> tuple[str, str]:
        """The words, and what stands behind them."""
        match = _BEHIND.match(text)
        words, behind = (match["words"], match["behind"]) if match else (text, "")
        if self._literal(behind) != TOKEN.sub("", behind):  # a sentence that ends with a formula
            return text, ""
        return words, behind

    def _literal(self, text: str) -> str:
        """A text with formulas as they are written."""
        return TOKEN.sub(lambda token: self.pieces.items[int(token[1])].literal, text)

    def _with_tokens(self, words: str, translation: str) -> str:
        """A translation with the tokens of the English words, found by what they stand for."""
        tokens: defaultdict[str, list[str]] = defaultdict(list)
        for token in TOKEN.finditer(words):
            tokens[self._literal(token[0])].append(token[0])

        def token_of(formula: re.Match[str]) -> str:
            found = tokens[formula[0]]
            return found.pop(0) if found else formula[0]

        return FORMULA.sub(token_of, translation)


def _framed(say: Say, symbol: str, parts: dict[str, str], text: str) -> str:
    """Says what a symbol is: where it lives and when, and some words."""
    if law := parts.get("law"):
        place = say("distributed as {law}", law=f"`{law}`")
    elif code := parts.get("code"):
        place = f"`{code}`"
        if parts["entry"]:
            place = say("{place} at entry", place=place)
        if guard := parts["guard"]:
            place = say("{place} when {guard}", place=place, guard=f"`{guard}`")
    else:
        return say("{symbol} is {words}", symbol=symbol, words=text)
    if text:
        return say("{symbol} is {place}, {text}", symbol=symbol, place=place, text=text)
    return say("{symbol} is {place}", symbol=symbol, place=place)


class _IdsBefore(Treeprocessor):
    """Gives the headings of a translated page the ids that they have in English."""

    def __init__(self, cutter: Cutter, md: Markdown) -> None:
        super().__init__(md)
        self.page, self.edition = cutter.page, cutter.edition

    def run(self, root: ElementTree.Element) -> None:
        headings = _headings(root)
        ids = [heading.get("id", "") for heading in headings]
        if self.edition.language:
            ids = list(self.edition.place_headings(self.page, ids))
        for heading, identity in zip(headings, ids, strict=True):
            if identity:
                heading.set("id", identity)


class _IdsAfter(_IdsBefore):
    """Takes note of the ids of an English page."""

    def run(self, root: ElementTree.Element) -> None:
        self.edition.place_headings(self.page, [each.get("id", "") for each in _headings(root)])


def _headings(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [element for element in root.iter() if element.tag in _HEADINGS]


def _texts(
    root: ElementTree.Element, in_item: bool = False
) -> Iterator[tuple[ElementTree.Element, bool]]:
    """
    Elements that begin with text, in the order of the page, and whether they are list items.

    Without what hooks have said in the language already.
    """
    if root.tag in _CODE or root.attrib.pop(SAID, None) is not None:
        return
    is_item = root.tag == "li" or (in_item and root.tag == "p")
    if root.text and root.text.strip() and not isinstance(root.text, AtomicString):
        yield root, is_item
    for child in root:
        yield from _texts(child, root.tag == "li")


class _Places:
    """Finds the line of a message: the next one that holds how it begins."""

    def __init__(self, name: str, lines: Sequence[str]) -> None:
        self.name, self.lines = name, [joined(line) for line in lines]
        self.at = 0

    def __call__(self, text: str) -> str:
        start = joined(text.strip().split("\n")[0])
        for beginning in (start, start[:40], start[:15]):
            for number in chain(range(self.at, len(self.lines)), range(self.at)):
                if beginning in self.lines[number]:
                    self.at = number
                    return f"{self.name}:{number + 1}"
        return self.name
