"""The site is built once, strictly, and served on loopback; tests open it in a real Chromium."""

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.site.browsing import ROOT, Site, Visit, Visitor, open_visit

# An address of nobody, so that the tests see "view source" links without naming a host.
SOURCE_URL = "https://source.invalid/{path}#L{line}"


# What a careful host sends. The tests of the site run under it.
POLICY = "script-src 'self'; style-src 'self'"


class Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *message: Any) -> None:
        """Say nothing: a test's output is about the test."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_URL": SOURCE_URL}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert build.returncode == 0, build.stderr
    return folder


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[Site]:
    handler = functools.partial(Handler, directory=str(built))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site(built, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visitor]:
    """Open a fresh browser context, as a new reader would have: ``visit(width=390, ...)``."""
    visits: list[Visit] = []

    def opened(**options: Any) -> Visit:
        visits.append(open_visit(browser, **options))
        return visits[-1]

    yield opened
    for visit in visits:
        visit.page.context.close()
