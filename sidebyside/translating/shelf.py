"""
# The folder of translations

    docs/translations/
        names.txt                what is called the same in all languages
        si/
            adam.po              of the page adam.md
            notebooks/….po
            site.po              titles in the navigation, labels, sentences of signs

What one language has a catalog of, each language has. `python -m sidebyside translations` writes
the messages of today into them; no translation is ever thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sidebyside.translating.catalogs import (
    Catalog,
    CatalogError,
    Changes,
    empty_catalog,
    read_catalog,
    texts,
    updated,
    write_catalog,
)
from sidebyside.translating.messages import Message
from sidebyside.translating.standards import Standards, read_names, read_standards

SITE = "site"  # the catalog of what belongs to no page


@dataclass(frozen=True)
class Language:
    """A language of the site: its folder, its name in itself, and its tag in HTML."""

    code: str
    name: str
    tag: str


@dataclass(frozen=True)
class Shelf:
    """The catalogs of all languages, below `folder`."""

    folder: Path
    languages: Sequence[Language]

    def names(self) -> frozenset[str]:
        """Names that are the same in all languages."""
        return read_names(self.folder)

    def standards(self, language: Language) -> Standards:
        """What the catalogs of a language are held to."""
        return read_standards(self.folder, language.code)

    def pages(self) -> list[str]:
        """The names of pages that some language has a catalog of."""
        found = {
            path.relative_to(self.folder / language.code).with_suffix("").as_posix()
            for language in self.languages
            for path in (self.folder / language.code).rglob("*.po")
        }
        return sorted(found - {SITE})

    def read(self, language: Language, name: str) -> Catalog:
        """One catalog; an empty one if there is no such file."""
        path = self.folder / language.code / f"{name}.po"
        if path.exists():
            return read_catalog(path, language.code)
        return empty_catalog(path, language.code)

    def _read_all(self, names: Iterable[str]) -> list[dict[str, Catalog]]:
        """The catalogs of each language; raise `CatalogError` with all that cannot be read."""
        problems: list[str] = []
        found: list[dict[str, Catalog]] = []
        for language in self.languages:
            found.append({})
            for name in names:
                try:
                    found[-1][name] = self.read(language, name)
                except CatalogError as error:
                    problems.append(str(error))
        if problems:
            raise CatalogError("\n".join(problems))
        return found

    def update(
        self, messages: Mapping[str, Iterable[Message]], more: Iterable[str] = ()
    ) -> Iterator[tuple[Catalog, Changes, bool]]:
        """
        Yield each catalog as it should be, what changed, and whether it differs from the file.

        `messages` are those of each page of the site, and of `SITE`; `more` are pages that are to
        have catalogs from now on.
        """
        names = [SITE, *dict.fromkeys([*self.pages(), *more])]
        if unknown := [name for name in names if name not in messages]:
            raise ValueError(f"{self.folder}: the site has no page {unknown[0]!r}")
        for before in self._read_all(names):
            others = {
                msgid: msgstr
                for catalog in before.values()
                for msgid, msgstr, is_hidden in texts(catalog)
                if msgstr and not is_hidden
            }
            for name in names:
                changes = Changes()
                # What is in the catalogs is changed in place, so it is compared as text.
                as_was = list(texts(before[name])) if before[name].path.exists() else None
                after = updated(before[name], messages[name], others, changes)
                yield after, changes, list(texts(after)) != as_was


def write(catalogs: Iterable[Catalog]) -> None:
    for catalog in catalogs:
        write_catalog(catalog)
