"""
# The gate: what is wrong with a translation

Each rule looks at one message and its translation. What a rule finds stops the build; the site
that was there stays.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sidebyside.translating.catalogs import Catalog
from sidebyside.translating.messages import lost_and_added


@dataclass(frozen=True)
class Fault:
    """A fault of a translation: where it stands, which rule it breaks, and both texts."""

    place: str
    rule: str
    reason: str
    text: str
    translation: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.rule}: {self.reason}\n"
            f"    English: {self.text}\n    here:    {self.translation}"
        )


Rule = Callable[[str, str], Iterator[str]]


def faults(catalog: Catalog) -> Iterator[Fault]:
    """Yield what is wrong with the translations that are shown."""
    for entry in catalog.entries:
        if not entry.msgstr or entry.obsolete or entry.fuzzy:
            continue
        for name, rule in RULES.items():
            for reason in rule(entry.msgid, entry.msgstr):
                place = f"{catalog.path}:{entry.linenum}"
                yield Fault(place, name, reason, entry.msgid, entry.msgstr)


def keeps_locked(text: str, translation: str) -> Iterator[str]:
    """Formulas, code, the targets of links and such are those of the English text."""
    lost, added = lost_and_added(text, translation)
    for part in dict.fromkeys(lost):
        yield f"{part} is missing{_times(lost.count(part))}"
    for part in dict.fromkeys(added):
        yield f"{part} is not in the English text{_times(added.count(part))}"


def _times(number: int) -> str:
    return f", {number} times" if number > 1 else ""


_FORBIDDEN = {
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\ufffd",
    "\u202a",
    "\u202c",
    "\u200e",
    "\u200f",
}


def has_clean_characters(text: str, translation: str) -> Iterator[str]:
    """Characters are in their composed form (NFC), and none is invisible by accident."""
    if unicodedata.normalize("NFC", translation) != translation:
        yield "characters are not in their composed form (NFC)"
    for char in sorted(_FORBIDDEN & {*translation} - {*text}):
        yield f"the invisible character U+{ord(char):04X} stands in it"


RULES: dict[str, Rule] = {"locked": keeps_locked, "characters": has_clean_characters}
