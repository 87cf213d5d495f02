"""
# A failed build leaves the last site alone

The site is built beside its place, in a hidden folder, and moved there when everything is done. Who
reads the old site meanwhile is not disturbed, and a build that fails leaves no trace.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path


class Staging:
    """The place where one site is built. `folder` becomes `site` when it is accepted."""

    @classmethod
    def beside(cls, site: Path) -> Staging | None:
        """A place for this site; None for the temporary folder that `mkdocs serve` shows."""
        served = site.name.startswith("mkdocs_") and site.parent == Path(tempfile.gettempdir())
        return None if served else cls(site)

    def __init__(self, site: Path) -> None:
        self.site = site
        self.folder = site.with_name(f".{site.name}.new")
        self._old = site.with_name(f".{site.name}.old")

    def accept(self) -> None:
        """Move what was built to its place. Hidden files of the old site stay, as with MkDocs."""
        shutil.rmtree(self._old, ignore_errors=True)
        if self.site.exists():
            for hidden in self.site.glob(".*"):  # such as the `.git` of a branch with pages
                if not (self.folder / hidden.name).exists():
                    hidden.rename(self.folder / hidden.name)
            self.site.rename(self._old)
        self.folder.rename(self.site)
        shutil.rmtree(self._old, ignore_errors=True)

    def discard(self) -> None:
        """Remove what was built so far."""
        shutil.rmtree(self.folder, ignore_errors=True)
