"""
# Lists with the numbers that were written

Markdown begins each numbered list with 1 and counts on, whatever is written. In the text of others
a list goes on after some code, or begins with 4, since the first three stand elsewhere: an item
whose number is not the next one keeps it, and numbers do not go on with bullets. Items that all say
`1.` are meant to be counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import OListProcessor

_NUMBER = re.compile(r"\d+(?=\.)")


def keep_numbers(md: Markdown) -> None:
    """Teach one run of Markdown to keep the numbers of lists."""
    md.parser.blockprocessors.register(_Numbered(md.parser), "olist", 40)
    vars(md.parser.blockprocessors["ulist"])["SIBLING_TAGS"] = ["ul"]


class _Numbered(OListProcessor):
    SIBLING_TAGS: ClassVar = ["ol"]

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self._last: dict[ElementTree.Element, int] = {}  # the number of each list's last item

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        """Add the items of a block to a list, and give them their numbers."""
        marks = [found[1] for line in blocks[0].split("\n") if (found := self.CHILD_RE.match(line))]
        sibling = self.lastChild(parent)
        goes_on = [parent] if parent.tag in ("ol", "ul") else []
        if sibling is not None and sibling.tag in self.SIBLING_TAGS:
            goes_on = [sibling]
        done = len(goes_on[0]) if goes_on else 0
        super().run(parent, blocks)
        items = goes_on[0] if goes_on else parent[-1]
        if items.tag == "ol":
            written = [_NUMBER.match(mark) for mark in marks]
            self._last[items] = _number(items, done, written, self._last.get(items, 0))


def _number(
    items: ElementTree.Element, done: int, written: Sequence[re.Match[str] | None], number: int
) -> int:
    """Give items, but those that are done, the numbers that were written; return the last one."""
    for place, item in enumerate(items[done:], done):
        number = int(item.get("value", number + 1))
        found = written[place - done] if place < done + len(written) else None
        if found and int(found[0]) not in (number, 1 if place else number):
            number = int(found[0])
            item.set("value", str(number))
    return number
