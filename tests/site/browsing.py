"""A built site, and an open page of it, as the tests see them."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Response

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Site:
    """A built site: where its files are, and the address at which they are served."""

    folder: Path
    address: str

    @property
    def pages(self) -> list[str]:
        """Addresses of all pages, relative to the site: "", "adam/", …"""
        found = self.folder.rglob("index.html")
        relative = (path.parent.relative_to(self.folder).as_posix() for path in found)
        return sorted("" if path == "." else f"{path}/" for path in relative)

    @property
    def annotated(self) -> list[str]:
        """Addresses of the pages made from source files."""
        return [page for page in self.pages if 'class="sbs-page"' in self.html(page)]

    def html(self, page: str) -> str:
        return (self.folder / page / "index.html").read_text(encoding="utf-8")


@dataclass
class Visit:
    """An open page, with everything it asked for and complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)


Visitor = Callable[..., Visit]


def find_browser() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)
