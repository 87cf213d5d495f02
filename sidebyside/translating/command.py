"""
# The command: catalogs for the messages of today

    python -m sidebyside translations              write new messages into all catalogs
    python -m sidebyside translations --add PAGE   begin catalogs of one more page
    python -m sidebyside translations --check      change nothing; fail if there is anything to do
    python -m sidebyside translations --check FILE…    look at some catalogs, without the site
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from sidebyside.translating.catalogs import Catalog, CatalogError, read_catalog, write_catalog
from sidebyside.translating.collecting import collect
from sidebyside.translating.rules import faults
from sidebyside.translating.standards import Standards, read_standards


def run_translations(files: Sequence[Path], *, check: bool, add: Sequence[str]) -> int:
    """Return 0 if all is well, 1 if a catalog is wrong or behind, 2 if nothing could be done."""
    try:
        if files:
            return _look_at(files)
        return _update(check, add)
    except (CatalogError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _look_at(files: Iterable[Path]) -> int:
    wrong = 0
    for file in files:
        folder = _folder_of(file)
        language = file.resolve().relative_to(folder.resolve()).parts[0]
        try:
            catalog = read_catalog(file, language)
        except CatalogError as error:
            print(error)
            wrong += 1
        else:
            wrong += _report(catalog, read_standards(folder, language))
    return int(wrong > 0)


def _folder_of(file: Path) -> Path:
    """The folder of translations, in which the languages have their folders."""
    for folder in file.parents:
        if (folder / "glossary.tsv").exists() or folder.name == "translations":
            return folder
    return file.parent.parent


def _report(catalog: Catalog, standards: Standards, *, only_faults: bool = False) -> int:
    """Print what is wrong with a catalog and how far it is; return how many faults there are."""
    found = list(faults(catalog, standards))
    for fault in found:
        print(fault)
    if only_faults and not found:
        return 0
    live = [entry for entry in catalog.entries if not entry.obsolete]
    done = sum(bool(entry.msgstr) and not entry.fuzzy for entry in live)
    print(f"{catalog.path}: {done} of {len(live)} translated; {len(found)} faults")
    return len(found)


def _update(check: bool, add: Sequence[str]) -> int:
    shelf, messages = collect(Path("mkdocs.yml"))
    if not shelf.languages:
        raise ValueError("mkdocs.yml: there are no `languages` below `sidebyside`; name one")
    behind = wrong = 0
    # All are made before any is written: what one page lost, another may have taken.
    for catalog, changes, differs in list(shelf.update(messages, add)):
        behind += differs
        if differs:
            print(*changes.unused, f"{catalog.path}: {changes or 'in another order'}", sep="\n")
        if not check:
            write_catalog(catalog)
        else:
            code = catalog.path.relative_to(shelf.folder).parts[0]
            wrong += _report(catalog, read_standards(shelf.folder, code), only_faults=True)
    if check and behind:
        print("Catalogs are behind the English text; run `make translations`.")
    return int(check and behind + wrong > 0)
