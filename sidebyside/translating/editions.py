"""
# The editions of a site: the original, and one in each language

Both are asked the same: what stands in the place of a message, and of a label. The original answers
with what its author wrote, and takes note of it. An edition answers from its catalogs, and counts
what they do not know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from sidebyside.translating.catalogs import Catalog
from sidebyside.translating.messages import Message, count_words
from sidebyside.translating.shelf import SITE, Language

# Says a label: its English text, which may hold fields, and what stands in them.
Say = Callable[..., str]
SAID = "data-said"


def label(text: str) -> str:
    """A label that is said elsewhere: here it is found by who collects labels."""
    return text


def listed(items: Iterable[str], say: Say) -> str:
    """Some words in a row, with the comma of the language."""
    return reduce(lambda one, other: say("{one}, {other}", one=one, other=other), items)


def said(markdown: str) -> str:
    """What a hook has said with labels already, so that it is not cut into messages once more."""
    return f'<div {SAID} markdown="1">\n\n{markdown}\n\n</div>'


def say_english(text: str, /, **fields: object) -> str:
    """A label as it stands in the program."""
    return text.format(**fields) if fields else text


@dataclass
class Original:
    """
    The site as it was written.

    `headings` are the ids of each page's headings, `said` the labels that were asked for.
    """

    names: Collection[str] = ()
    language: Language | None = None
    messages: defaultdict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    headings: dict[str, list[str]] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def translate(self, page: str, message: Message) -> str | None:
        """Take note; nothing stands in its place."""
        self.messages[page].append(message)
        return None

    def knows(self, page: str) -> bool:
        """Whether there is anything of this page in the language: of course."""
        return True

    def say(self, text: str, /, **fields: object) -> str:
        """Take note; a label is as it stands in the program."""
        self.said.add(text)
        return say_english(text, **fields)

    def phrase(self, text: str) -> str:
        """A text that stands on some page, wherever that is."""
        return text

    def place_headings(self, page: str, ids: Sequence[str]) -> Sequence[str]:
        """Take note of the ids that the headings of a page got."""
        self.headings[page] = list(ids)
        return ids


@dataclass
class Edition:
    """
    The site in one language.

    `total` and `missing` count messages, and those in English, page by page; `words` and
    `english_words` count their words. `sections` are the parts of the navigation, with the names of
    their pages.
    """

    language: Language
    catalogs: Mapping[str, Catalog]
    original: Original
    refused: Collection[tuple[str, str]] = ()  # pages and messages whose translation is faulty
    total: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    words: int = 0
    english_words: int = 0
    sections: list[tuple[str, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._elsewhere = {
            entry.msgid: page
            for page, catalog in self.catalogs.items()
            for entry in catalog.entries
            if catalog.translation(entry.msgid)
        }

    @property
    def names(self) -> Collection[str]:
        return self.original.names

    def knows(self, page: str) -> bool:
        """Whether the page has a catalog, with translations in it."""
        return page in self.catalogs and self.catalogs[page].is_begun

    def is_complete(self, page: str) -> bool:
        """Whether nothing of a page is in English."""
        return self.knows(page) and not self.missing[page]

    def translate(self, page: str, message: Message) -> str | None:
        """The translation of a message; None where English has to do."""
        found = self._find(page, message.text)
        words = count_words(message.text)
        self.total[page] += 1
        self.words += words
        if found is None:
            self.missing[page] += 1
            self.english_words += words
        return found

    def say(self, text: str, /, **fields: object) -> str:
        """A label, in English if there is no other."""
        return say_english(self._find(SITE, text) or text, **fields)

    def phrase(self, text: str) -> str:
        """The translation of a text that stands on some page."""
        return self._find("", text) or text

    def place_headings(self, page: str, ids: Sequence[str]) -> Sequence[str]:
        """The ids of the English headings: an address is the same in all languages."""
        return self.original.headings.get(page, ids)

    def _find(self, page: str, text: str) -> str | None:
        """Look into the catalog of the page, then where the same text is translated elsewhere."""
        for place in (page, self._elsewhere.get(text, "")):
            catalog = self.catalogs.get(place)
            found = catalog.translation(text) if catalog else None
            if found and (place, text) not in self.refused:
                return found
        return None
