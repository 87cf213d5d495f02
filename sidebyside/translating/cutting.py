"""
# Cutting a page into messages

A step of Python-Markdown's own run. It comes when blocks are known and sentences are still the
author's Markdown, with tokens in place of formulas. So one rule serves sources, documents and
notebooks, tables, asides and footnotes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import STX, AtomicString

from sidebyside.notation_reading import item_text
from sidebyside.rendering.pieces import CLOSE, OPEN, TOKEN, Pieces
from sidebyside.translating.messages import FORMULA, Message, joined, says_something

_KINDS = {
    **{f"h{n}": "heading" for n in range(1, 7)},
    **{"p": "paragraph", "li": "item", "td": "cell", "th": "column", "summary": "title of a fold"},
}
_CODE = {"pre", "code", "script", "style"}
# Behind the words: a name that `prose_text` puts behind a heading, and attributes.
_BEHIND = re.compile(
    rf"(?P<words>.*?)(?P<behind>(?:\s*{OPEN}\d+{CLOSE})?(?:\s*\{{:?[^{{}}]*\}})?\s*)$", re.DOTALL
)


class Taker(Protocol):
    """What is done with each message: returns what stands in its place, or None for English."""

    def __call__(self, message: Message) -> str | None: ...


class Cutter(Extension):
    """
    Teaches Python-Markdown to cut a page, and to put translations in.

    One instance serves a whole build: `open_page` comes before each page. What consists of `names`
    needs no translation.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        super().__init__()
        self.names = names

    def open_page(
        self, pieces: Pieces, lines: Sequence[str], name: str, take: Taker, notation: bool
    ) -> None:
        """Take up a page of the file `name`. `notation` tells that its lists explain symbols."""
        self.pieces, self.lines, self.name = pieces, lines, name
        self.take, self.notation = take, notation

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's own name for it
        """After blocks and footnotes (50), before what stands in sentences (20)."""
        md.treeprocessors.register(_CutProcessor(self, md), "sbs-cut", 25)


class _CutProcessor(Treeprocessor):
    def __init__(self, cutter: Cutter, md: Markdown) -> None:
        super().__init__(md)
        self.pieces, self.take, self.notation = cutter.pieces, cutter.take, cutter.notation
        self.place = _Places(cutter.name, cutter.lines)
        self.names = cutter.names
        self.scope = ""

    def run(self, root: ElementTree.Element) -> None:
        for element, is_item in _texts(root):
            text = element.text or ""
            self._enter(element, text)
            before, words, behind = self._parts(text, is_item and self.notation)
            message = joined(self._literal(words))
            if OPEN in message or STX in words or not says_something(message, self.names):
                continue
            kind = "meaning of a symbol" if before else _KINDS.get(element.tag, element.tag)
            place = self.place(self._literal(text))
            translation = self.take(Message(message, kind, self.scope, place))
            if translation is not None:
                element.text = before + self._with_tokens(words, translation) + behind

    def _enter(self, element: ElementTree.Element, text: str) -> None:
        """A heading with a name begins what is said of that definition."""
        if re.fullmatch("h[1-6]", element.tag):
            names = [self.pieces.items[int(n)].anchor for n in TOKEN.findall(text)]
            self.scope = next(filter(None, names), self.scope)

    def _parts(self, text: str, explains: bool) -> tuple[str, str, str]:
        """What stands before the words, the words, and what stands behind them."""
        match = _BEHIND.match(text)
        words, behind = (match["words"], match["behind"]) if match else (text, "")
        if self._literal(behind) != TOKEN.sub("", behind):  # a sentence that ends with a formula
            words, behind = text, ""
        if explains:
            words = joined(words)
            whole = self._literal(words)
            said = item_text(whole)
            if said is not None:
                before = whole.removesuffix(said)
                cut = next(n for n in range(len(words) + 1) if self._literal(words[:n]) == before)
                return words[:cut], words[cut:], behind
        return "", words, behind

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


def _texts(
    root: ElementTree.Element, in_item: bool = False
) -> Iterator[tuple[ElementTree.Element, bool]]:
    """Elements that begin with text, in the order of the page, and whether they are list items."""
    if root.tag in _CODE:
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
            for number in (*range(self.at, len(self.lines)), *range(self.at)):
                if beginning in self.lines[number]:
                    self.at = number
                    return f"{self.name}:{number + 1}"
        return self.name
