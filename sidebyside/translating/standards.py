"""
# What the translations of a project are held to

    docs/translations/names.txt       names that are the same in every language, one a line
    docs/translations/glossary.tsv    the words of the field: what is accepted, what is refused

Both may be missing. In the glossary, `match` is a regular expression for the English text, and the
columns `accept_LANGUAGE` and `refuse_LANGUAGE` hold stems, with ` | ` between them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sidebyside.translating.messages import LOCKED


@dataclass(frozen=True)
class Term:
    """One row of the glossary, for one language."""

    english: str
    pattern: re.Pattern[str]
    accepted: Sequence[str]
    refused: Sequence[str]


@dataclass(frozen=True)
class Standards:
    """For one language, by its code."""

    language: str
    names: Collection[str] = ()
    terms: Sequence[Term] = ()

    @cached_property
    def name(self) -> re.Pattern[str]:
        """Finds each name, the longest that fits."""
        return re.compile(rf"(?<![A-Za-z0-9_.])(?:{_one_of(self.names)})(?![A-Za-z0-9_])")

    @cached_property
    def varied_name(self) -> re.Pattern[str]:
        """Finds names also where they are in the plural, or begin a sentence."""
        small = [name.capitalize() for name in self.names if name.islower()]
        names = _one_of([*self.names, *small])
        return re.compile(rf"(?<![A-Za-z0-9_.])({names})s?(?![A-Za-z0-9_])")

    def varied(self, text: str) -> set[str]:
        """The names of a text, as they are listed."""
        found = self.varied_name.findall(text)
        return {each if each in self.names else each.lower() for each in found}


def _one_of(names: Collection[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)"


# What a translation may leave as it is: titles, which stand in *…*, names of people, and of files
# and repositories.
_TITLE = re.compile(r"(?<!\*)\*[^*]+\*(?!\*)")
_PERSONAL = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]*\.?)*(?: [A-Z][a-z]+)+")
_PATH = re.compile(r"\w[\w.-]*/[\w./-]*\w|\w+\.(?:py|ipynb|md|json|toml|yml)\b")


@dataclass(frozen=True)
class Pair:
    """A message and its translation, and what they are without locked parts."""

    text: str
    translation: str
    standards: Standards

    @property
    def language(self) -> str:
        return self.standards.language

    @cached_property
    def words(self) -> str:
        """The words of the English text."""
        return LOCKED.sub(" \ufffc ", self.text)

    @cached_property
    def said(self) -> str:
        """The words of the translation; a locked part is one sign, as close as it stood."""
        return LOCKED.sub("\ufffc", self.translation)

    @cached_property
    def prose(self) -> str:
        """The words of the English text, without what its translation leaves as it is."""
        return self._without_kept(self.words)

    @cached_property
    def said_prose(self) -> str:
        """The words of the translation, without what it leaves as it is in English."""
        return self._without_kept(self.said)

    def _without_kept(self, text: str) -> str:
        for pattern in (_TITLE, _PATH, _PERSONAL):
            text = pattern.sub(lambda part: "" if self._is_kept(part[0]) else part[0], text)
        return text

    def _is_kept(self, part: str) -> bool:
        return part in self.words and part in self.said


def read_names(folder: Path) -> frozenset[str]:
    """The names that a project lists."""
    file = folder / "names.txt"
    lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
    return frozenset(line.strip() for line in lines if line.strip() and line[0] != "#")


def read_standards(folder: Path, language: str) -> Standards:
    """What a project holds the translations into a language to."""
    file = folder / "glossary.tsv"
    terms = []
    if file.exists():
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            terms = [_term(row, language) for row in rows]
    return Standards(language, read_names(folder), terms)


def _term(row: dict[str, str], language: str) -> Term:
    accepted = _stems(row.get(f"accept_{language}")) if row.get("gate") == "yes" else []
    return Term(
        row["en"],
        re.compile(row["match"], re.IGNORECASE),
        accepted,
        _stems(row.get(f"refuse_{language}")),
    )


def _stems(cell: str | None) -> list[str]:
    return [stem.strip() for stem in (cell or "").split(" | ") if stem.strip()]
