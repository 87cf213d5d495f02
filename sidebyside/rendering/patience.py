"""
# How often a text is searched for other halves

For each bracket that opens, Markdown looks for the one that closes it: for a link, for a picture,
for a reference. For each tag, we look for its end. Of 20,000 that are never closed, each would be
looked for to the end of the text. So all these searches together may go over a text a hundred
times and a million letters, which is more than any text that somebody reads needs. From then on, a
bracket is a bracket, and a tag is text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markdown import Markdown
from markdown.inlinepatterns import LinkInlineProcessor
from markdown.preprocessors import Preprocessor

_TIMES, _ALWAYS = 100, 1_000_000
_NOTHING = {"getText": ("",), "getLink": ("", None)}  # what Markdown finds where there is no link


class Patience:
    """How many letters may still be searched in one run of Markdown."""

    def __init__(self, md: Markdown) -> None:
        self.left = 0
        md.preprocessors.register(_Measure(self, md), "sbs-measure", 200)

    def search_links(self, md: Markdown) -> None:
        """Let the searches of Markdown itself end here, too. Call it when all are registered."""
        for processor in md.inlinePatterns:
            if isinstance(processor, LinkInlineProcessor):
                for name, nothing in _NOTHING.items():
                    setattr(processor, name, self._bounded(getattr(processor, name), nothing))

    def _bounded(self, search: Callable[[str, int], Any], nothing: tuple[Any, ...]) -> Any:
        def bounded(data: str, index: int) -> Any:
            if self.left <= 0:
                return *nothing, index, False
            found = search(data, index)  # the last but one says how far it went
            self.left -= max(found[-2] - index, 0)
            return found

        return bounded


class _Measure(Preprocessor):
    def __init__(self, patience: Patience, md: Markdown) -> None:
        super().__init__(md)
        self.patience = patience

    def run(self, lines: list[str]) -> list[str]:
        self.patience.left = _ALWAYS + _TIMES * sum(map(len, lines))
        return lines
