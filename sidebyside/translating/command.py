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
from sidebyside.translating.rules import Fault, faults


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
        try:
            catalog = read_catalog(file, _language_of(file))
        except CatalogError as error:
            print(error)
            wrong += 1
            continue
        wrong += _report(catalog)
    return int(wrong > 0)


def _language_of(file: Path) -> str:
    """The folder below `translations`."""
    parts = file.resolve().parts
    if "translations" in parts[:-2]:
        return parts[len(parts) - parts[::-1].index("translations")]
    return file.resolve().parent.name


def _report(catalog: Catalog) -> int:
    """Print what is wrong with a catalog and how far it is; return how many faults there are."""
    found: list[Fault] = list(faults(catalog))
    for fault in found:
        print(fault)
    live = [entry for entry in catalog.entries if not entry.obsolete]
    done = sum(bool(entry.msgstr) and not entry.fuzzy for entry in live)
    print(f"{catalog.path}: {done} of {len(live)} translated; {len(found)} faults")
    return len(found)


def _update(check: bool, add: Sequence[str]) -> int:
    shelf, messages = collect(Path("mkdocs.yml"))
    behind = wrong = 0
    # All are made before any is written: what one page lost, another may have taken.
    for catalog, changes, differs in list(shelf.update(messages, add)):
        behind += differs
        if differs:
            print(f"{catalog.path}: {changes or 'in another order'}")
        if not check:
            write_catalog(catalog)
        else:
            wrong += _report(catalog)
    if check and behind:
        print("Catalogs are behind the English text; run `make translations`.")
    return int(check and behind + wrong > 0)
