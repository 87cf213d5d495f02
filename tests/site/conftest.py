"""The site is built once, strictly, and served on loopback; tests open it in a real Chromium."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser

from tests.site.browsing import ROOT, Site, Visit, Visitor, open_visit, served

# An address of nobody, so that the tests see "view source" links without naming a host.
SOURCE_URL = "https://source.invalid/{path}#L{line}"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; workers of one run share it, and the first that asks for it builds it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_URL": SOURCE_URL}
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            build = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True
            )
            assert build.returncode == 0, build.stderr
    return folder


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[Site]:
    with served(built) as site:
        yield site


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
