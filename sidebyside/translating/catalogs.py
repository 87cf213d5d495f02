"""
# Catalogs: the translations of one page in one language

Files of GNU gettext, which many tools edit. Readers of that format forgive much, and then show the
wrong text: an unclosed string counts as empty, of two entries for one text the first one wins. So
a file is read strictly here, before `polib` takes it apart.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polib

from sidebyside.translating.messages import Message, frame, with_locked

# A translation that was carried over because only locked parts changed, or was taken from another
# page, where its words may mean something else. It is in use, and deserves a look.
CARRIED = "carried-over"
_STRING = r'"(?:[^"\\]|\\[\\"nt])*"'
_LINE = re.compile(rf"\s*$|#(?!~)|(?:#~ ?)?(?:(?P<key>msgid|msgstr)\s+)?(?P<string>{_STRING})\s*$")


class CatalogError(Exception):
    """What is wrong with a catalog, as `path:line: reason`."""


@dataclass
class Catalog:
    """One file: `path` as errors call it, and its entries."""

    path: Path
    entries: polib.POFile

    def find(self, text: str) -> polib.POEntry | None:
        """The entry of a message, if the file has one."""
        return self._by_text.get(text)

    def translation(self, text: str) -> str | None:
        """What is shown in the place of a message; None for English."""
        entry = self.find(text)
        return entry.msgstr if entry and entry.msgstr and not entry.fuzzy else None

    @property
    def is_begun(self) -> bool:
        """Whether enough is translated, a fifth, that readers are helped by a page of both."""
        done = sum(self.translation(text) is not None for text in self._by_text)
        return done > 0 and 5 * done >= len(self._by_text)

    def __post_init__(self) -> None:
        self._by_text = {entry.msgid: entry for entry in self.entries if not entry.obsolete}


def read_catalog(path: Path, language: str) -> Catalog:
    """Read a file; raise `CatalogError` for one that is not wholly what it should be."""
    text = _decoded(path)
    _verify(path, text)
    entries = polib.pofile(text, wrapwidth=0, encoding="utf-8")
    said = entries.metadata.get("Language", "")
    if said != language:
        line = text.count("\n", 0, max(text.find("Language:"), 0)) + 1
        raise CatalogError(
            f"{path}:{line}: this is a catalog of {said or 'no'!r} language, in the folder of"
            f" {language!r}; move it, or correct the line `Language:`"
        )
    return Catalog(path, entries)


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogError(f"{path}:{line}: not valid UTF-8; save the file as UTF-8") from error


def _verify(path: Path, text: str) -> None:
    """Refuse what `polib` would read as something else."""
    seen: dict[str, int] = {}
    expected, start, msgid = "msgid", 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        match = _LINE.match(line)
        if match is None:
            line = line.strip()[:60]
            raise CatalogError(f"{path}:{number}: cannot read `{line}`; {_remedy(line)}")
        if key := match["key"]:
            if key != expected:
                raise CatalogError(f"{path}:{number}: `{expected}` is missing before this line")
            expected = "msgstr" if key == "msgid" else "msgid"
            if key == "msgid":
                start, msgid = number, ""
            elif not line.startswith("#~"):
                if msgid in seen:
                    raise CatalogError(
                        f"{path}:{start}: this message stands in line {seen[msgid]} already;"
                        " keep one of the two"
                    )
                seen[msgid] = start
        elif match["string"] and not start:
            raise CatalogError(f"{path}:{number}: `msgid` is missing before this line")
        if match["string"] and expected == "msgstr":
            msgid += match["string"][1:-1]
    if expected == "msgstr":
        raise CatalogError(f"{path}:{start}: this message has no `msgstr`")
    if "" not in seen:
        raise CatalogError(f'{path}:1: the header is missing: `msgid ""` with `Language:`')


def _remedy(line: str) -> str:
    """What to do about a line that cannot be read."""
    if re.match("<{7}|={7}|>{7}", line):
        return "two versions were merged here and differ; keep one"
    if re.match(r"msgctxt|msgid_plural|msgstr\[", line):
        return "a message here is one `msgid` and one `msgstr`"
    return 'a string has to begin and end with `"`, with `\\"` for one inside'


def write_catalog(catalog: Catalog) -> None:
    """Write a file: one line for each text, since not every language has spaces to wrap at."""
    catalog.path.parent.mkdir(parents=True, exist_ok=True)
    catalog.path.write_text(f"{catalog.entries}\n", encoding="utf-8", newline="\n")


def empty_catalog(path: Path, language: str) -> Catalog:
    """A file to begin with."""
    entries = polib.POFile(wrapwidth=0, encoding="utf-8")
    entries.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return Catalog(path, entries)


@dataclass
class Changes:
    """What an update did: how many messages were added, and so on; what nobody says any more."""

    counts: Counter[str] = field(default_factory=Counter)
    unused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return ", ".join(f"{number} {what}" for what, number in self.counts.items() if number)


def updated(
    catalog: Catalog, messages: Iterable[Message], others: Mapping[str, str], changes: Changes
) -> Catalog:
    """
    The catalog for these messages.

    What only moved stays. Where only locked parts changed, the translation is carried over and
    flagged, and so is what is taken from another page: `others` are their translations. A text that
    was changed keeps its translation as a proposal, which is not shown.
    """
    unique: dict[str, list[Message]] = {}
    for message in messages:
        unique.setdefault(message.text, []).append(message)
    rest = {e.msgid: e for e in catalog.entries if e.msgid not in unique or e.obsolete}
    new = empty_catalog(catalog.path, catalog.entries.metadata["Language"])
    new.entries.metadata = dict(catalog.entries.metadata)
    for text, places in unique.items():
        entry = catalog.find(text)
        if entry is None:
            entry = _entry(text, rest, others, changes)
        elif not entry.msgstr and text in others:
            entry.msgstr, entry.flags = others[text], [CARRIED]
            changes.counts["taken from another page"] += 1
        entry.comment = "\n".join(dict.fromkeys(each.comment for each in places))
        entry.occurrences = [_place(each.place) for each in places if each.place]
        new.entries.append(entry)
    for entry in rest.values():
        if entry.msgstr:
            if not entry.obsolete:
                changes.counts["no longer used"] += 1
                changes.unused.append(
                    f"{catalog.path}:{entry.linenum}: no longer used: {entry.msgid}"
                )
            entry.obsolete = True
            entry.occurrences = []
            new.entries.append(entry)
    return Catalog(new.path, new.entries)


def _entry(
    text: str, rest: dict[str, polib.POEntry], others: Mapping[str, str], changes: Changes
) -> polib.POEntry:
    """An entry for a new message, from what is known of others."""
    if text in rest:  # it was there once
        entry = rest.pop(text)
        entry.obsolete = False
        changes.counts["back again"] += 1
        return entry
    if text in others:
        changes.counts["taken from another page"] += 1
        return polib.POEntry(msgid=text, msgstr=others[text], flags=[CARRIED])
    translated = {msgid: entry for msgid, entry in rest.items() if entry.msgstr}
    for msgid, entry in translated.items():
        alike = not entry.fuzzy and frame(msgid) == frame(text)
        if alike and (moved := with_locked(msgid, text, entry.msgstr)):
            del rest[msgid]
            changes.counts["carried over with another formula, code or link"] += 1
            return polib.POEntry(msgid=text, msgstr=moved, flags=[CARRIED], tcomment=entry.tcomment)
    if near := difflib.get_close_matches(text, translated, n=1, cutoff=0.6):
        entry = rest.pop(near[0])
        changes.counts["changed in English: a translation to look at"] += 1
        return polib.POEntry(
            msgid=text,
            msgstr=entry.msgstr,
            flags=["fuzzy"],
            previous_msgid=entry.previous_msgid if entry.fuzzy else near[0],
            tcomment=entry.tcomment,
        )
    changes.counts["new"] += 1
    return polib.POEntry(msgid=text)


def _place(place: str) -> tuple[str, str]:
    name, _, line = place.rpartition(":")
    return (name, line) if line.isdigit() else (place, "")


def texts(catalog: Catalog) -> Iterator[tuple[str, str, bool]]:
    """Each message, its translation, and whether it is shown: what an update may change."""
    for entry in catalog.entries:
        yield entry.msgid, entry.msgstr, entry.fuzzy or entry.obsolete
