"""A built site, and an open page of it, as the tests see them."""

import functools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Response

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(
    path.name for path in (ROOT / "docs" / "translations").iterdir() if path.is_dir()
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# What takes longer, in milliseconds, does not happen. Hardly anything takes one second, but there
# may be much else to do.
PATIENCE = 60_000

# What a careful host sends. The tests of the site run under it.
POLICY = "script-src 'self'; style-src 'self'"


class Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *message: Any) -> None:
        """Say nothing: what is printed is about the test."""


@contextmanager
def served(folder: Path) -> Iterator["Site"]:
    """Serve a built site on loopback."""
    handler = functools.partial(Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site(folder, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Site:
    """A built site: where its files are, and the address at which they are served."""

    folder: Path
    address: str

    @property
    def pages(self) -> list[str]:
        """Addresses of all English pages, relative to the site: "", "adam/", …"""
        found = self.folder.rglob("index.html")
        relative = (path.parent.relative_to(self.folder).as_posix() for path in found)
        pages = sorted("" if path == "." else f"{path}/" for path in relative)
        return [page for page in pages if page.split("/")[0] not in LANGUAGES]

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
PHONE = {"width": 390, "height": 844, "is_mobile": True, "has_touch": True}


def open_visit(browser: Browser, *, width: int = 1440, height: int = 900, **options: Any) -> Visit:
    """Open a fresh browser context, as a new reader would have."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    visit = Visit(context.new_page())
    visit.page.set_default_timeout(PATIENCE)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("response", lambda response: visit.responses.append(response))
    visit.page.on(
        "console",
        lambda said: said.type in ("error", "warning") and visit.complaints.append(said.text),
    )
    return visit


def until(page: Page, true: str, given: Any = None) -> None:
    """Wait until an expression is true. (Playwright's own way needs what our policy forbids.)"""
    for _ in range(PATIENCE // 50):
        if page.evaluate(true, given):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {true}")


def find_browser() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)
