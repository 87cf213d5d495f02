"""A page is light: the AdaBelief page with all it loads, compressed as servers do."""

import gzip
import json
from collections.abc import Callable
from urllib.parse import urlparse

import pytest

from tests.site.browsing import Site, Visitor

pytestmark = pytest.mark.browser

THEME = ("assets/stylesheets/", "assets/javascripts/")  # Material's own
PACKED = (".woff2", ".webp", ".png")  # compressed already


def weigh(path: str, body: bytes) -> int:
    return len(body) if path.endswith(PACKED) else len(gzip.compress(body, 9))


def test_the_ada_belief_page_stays_within_its_budget(
    site: Site, visit: Visitor, record_property: Callable[[str, object], None]
) -> None:
    reader = visit()
    reader.page.goto(site.address + "ada_belief/", wait_until="networkidle")
    weights = {
        (path := urlparse(response.url).path): weigh(path, response.body())
        for response in reader.responses
    }
    total = sum(weights.values())
    theme = sum(size for path, size in weights.items() if path.lstrip("/").startswith(THEME))
    record_property("weights", weights)
    report = json.dumps({**weights, "total": total, "beyond the theme": total - theme}, indent=1)
    assert total <= 110 * 1024, report
    assert total - theme <= 60 * 1024, report
