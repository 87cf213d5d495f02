"""Every link within the site leads somewhere, down to its anchor."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse

import pytest

from tests.site.browsing import ROOT, Site

HERE = "http://here/"


class Links(HTMLParser):
    """The anchors a page offers, the places it links to, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.repeated: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if name := values.get("id"):
            (self.repeated if name in self.anchors else self.anchors).add(name)
        if tag in ("a", "area") and (target := values.get("href")):
            self.links.append(target)
        loaded = values.get("href") if tag == "link" else values.get("src")
        if loaded and values.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(loaded)


@pytest.fixture(scope="module")
def parsed(built: Path) -> dict[str, Links]:
    """Each page's address within the site, and what it holds."""
    pages = {}
    for path in built.rglob("*.html"):
        links = Links()
        links.feed(path.read_text(encoding="utf-8"))
        address = path.relative_to(built).as_posix().removesuffix("index.html")
        pages[HERE + address] = links
    return pages


def broken(page: str, target: str, parsed: dict[str, Links], built: Path) -> bool:
    parts = urlparse(urljoin(page, target))
    if parts.scheme != "http" or parts.netloc != "here":
        return False
    address = parts._replace(fragment="").geturl()
    if address not in parsed:
        return not (built / unquote(parts.path).lstrip("/")).is_file()
    return bool(parts.fragment) and unquote(parts.fragment) not in parsed[address].anchors


def test_no_link_is_broken(parsed: dict[str, Links], built: Path) -> None:
    wrong = [
        f"{page} -> {target}"
        for page, links in parsed.items()
        for target in [*links.links, *links.loaded]
        # The 404 page is served from any address, so its links are absolute from the site's root.
        if broken(page, target, parsed, built)
    ]
    assert wrong == []


def test_a_broken_anchor_would_be_noticed(parsed: dict[str, Links], built: Path) -> None:
    assert broken(HERE, "adam/#Adam.nothing", parsed, built)
    assert broken(HERE, "nowhere/", parsed, built)
    assert not broken(HERE, "adam/#Adam.adam_update", parsed, built)


def test_anchors_are_unique(parsed: dict[str, Links]) -> None:
    assert {page: links.repeated for page, links in parsed.items() if links.repeated} == {}


def test_nothing_is_loaded_from_another_host(parsed: dict[str, Links]) -> None:
    foreign = [
        f"{page}: {target}"
        for page, links in parsed.items()
        for target in links.loaded
        if urlparse(urljoin(page, target)).netloc != "here"
    ]
    assert foreign == []


def test_every_definition_links_to_its_line_in_the_source(
    site: Site, parsed: dict[str, Links]
) -> None:
    shown = re.compile(r"https://source\.invalid/(\w+/\w+\.py)#L(\d+)")
    for page in ("adam/", "ada_belief/"):
        found = [shown.fullmatch(link) for link in parsed[HERE + page].links]
        places = [(match[1], int(match[2])) for match in found if match]
        assert len(places) > 3, page
        for path, number in places[1:]:  # the first leads to the file as a whole
            line = (ROOT / path).read_text(encoding="utf-8").splitlines()[number - 1]
            assert line.lstrip().startswith(("class ", "def ", "@")), f"{path}:{number}"


def test_every_line_of_every_source_has_one_anchor(site: Site, parsed: dict[str, Links]) -> None:
    for page in site.annotated:
        lines = [name for name in parsed[HERE + page].anchors if re.fullmatch(r"L\d+", name)]
        assert len(lines) > 10, page
        numbers = {link for link in parsed[HERE + page].links if link.startswith("#L")}
        assert numbers >= {f"#{name}" for name in lines}, page
