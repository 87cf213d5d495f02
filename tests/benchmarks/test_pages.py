"""What a page keeps its reader waiting for is seen, and nothing is where nothing is."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.pages import DEVICES, visited
from tests.site.browsing import served

pytestmark = pytest.mark.browser

BUSY = (
    '<!doctype html><title>busy</title><p>Some words to paint.</p><script src="busy.js"></script>'
)
SCRIPT = """
addEventListener('load', () => requestAnimationFrame(() => setTimeout(() => {
  const end = performance.now() + 400;
  while (performance.now() < end) {}
}, 300)));
"""


def test_a_script_that_keeps_the_page_busy_is_counted_and_a_quiet_page_is_not(
    browser: Browser, tmp_path: Path
) -> None:
    for name, html in (("busy", BUSY), ("quiet", "<!doctype html><title>quiet</title><p>Words.")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(html)
    (tmp_path / "busy" / "busy.js").write_text(SCRIPT)
    with served(tmp_path) as site:
        busy, quiet = (
            visited(browser, site.address + page, DEVICES["desk"]) for page in ("busy/", "quiet/")
        )
    assert busy["blocked"] >= 300  # 400 in one task, of which 50 are free, and as long as it takes
    assert busy["blocked"] > quiet["blocked"]
    assert quiet["shift"] == 0
