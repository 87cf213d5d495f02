"""Each page opens cleanly for every reader: any width, any theme, with or without JavaScript."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, expect

from tests.site.browsing import PHONE, ROOT, Site, Visit, Visitor, open_visit
from tests.site.test_widths import cut_off

pytestmark = pytest.mark.browser

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# Only what is wrong is listed.
AUDIT = """async () => (await axe.run({resultTypes: ["violations"]})).violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.target} ${node.failureSummary}`))"""
AUDIT_COLORS = AUDIT.replace("run({", 'run({runOnly: ["color-contrast"], ')
KINDS = [
    "",
    "ada_belief/",
    "speed/",
    "results/",
    "notebooks/write_your_own/",
    "si/adam/",
    "nowhere/",
]
THEMES = {"light": "default", "dark": "slate"}
# For each row, where its leftmost character stands, in pixels from the edge of the row.
FIRST_COLUMNS = """() => [...document.querySelectorAll(".sbs-code")].map(code => {
    const edge = code.getBoundingClientRect().left;
    const starts = [...code.querySelectorAll(".sbs-text")].map(text => {
        const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        while (walk.nextNode()) {
            const at = walk.currentNode.data.search(/\\S/);
            if (at < 0) continue;
            range.setStart(walk.currentNode, at);
            range.setEnd(walk.currentNode, at + 1);
            return Math.round(range.getBoundingClientRect().left - edge);
        }
        return Infinity;
    });
    return Math.min(...starts);
}).filter(Number.isFinite)"""
SETTLED = "() => document.fonts.ready"


@dataclass
class Tour:
    """What a reader met who opened every page: problems by page, and all that was asked for."""

    problems: dict[str, list[str]]
    sizes: dict[str, list[int]]
    visit: Visit
    cut_off: dict[str, list[str]] = field(default_factory=dict)


def tour(site: Site, browser: Browser, scheme: str, **options: Any) -> Tour:
    """
    Open every page, let axe look at it, and try to scroll it sideways.

    In a window, as on a desk, that takes all widths in the end.
    """
    # Animated colors would be measured half-way.
    options |= {"reduced_motion": "reduce", "bypass_csp": True}  # axe brings styles of its own
    visit = open_visit(browser, color_scheme=scheme, **options)
    made = Tour({}, {}, visit)
    page = visit.page
    for address in site.pages:
        page.goto(site.address + address)
        page.evaluate(SETTLED)
        page.evaluate(AXE)
        assert page.locator("body").get_attribute("data-md-color-scheme") == THEMES[scheme]
        problems = page.evaluate(AUDIT)
        page.evaluate("scrollTo(400, 0)")
        made.sizes[address] = page.evaluate("[document.body.scrollWidth, Math.round(scrollX)]")
        if scheme == "light" and address in KINDS:
            # Colors are all that the other theme changes, and the tour on a phone sees every page
            # in it. What a phone has no room for is the same on all pages of a kind.
            page.emulate_media(color_scheme="dark")
            expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
            problems += page.evaluate(AUDIT_COLORS)
            page.emulate_media(color_scheme="light")
        if problems:
            made.problems[address] = problems
        if "is_mobile" not in options:
            window = page.viewport_size
            made.cut_off[address] = cut_off(page)
            page.set_viewport_size(window)
    return made


@pytest.fixture(scope="module")
def desk(site: Site, browser: Browser) -> Iterator[Tour]:
    """A tour on a wide screen, one page of each kind in both themes."""
    made = tour(site, browser, "light")
    yield made
    made.visit.page.context.close()


@pytest.fixture(scope="module")
def phone(site: Site, browser: Browser) -> Iterator[Tour]:
    """A tour on a phone, in the dark."""
    made = tour(site, browser, "dark", **PHONE)
    yield made
    made.visit.page.context.close()


@pytest.fixture(params=["desk", "phone"])
def toured(request: pytest.FixtureRequest) -> Tour:
    made: Tour = request.getfixturevalue(request.param)
    return made


def test_every_kind_of_page_is_visited(phone: Tour) -> None:
    assert {"", "adam/", "guide/", "results/", "notebooks/start_here/", "experiments/gan/"} <= {
        *phone.sizes
    }


def test_pages_open_without_a_complaint_and_ask_no_other_host(site: Site, toured: Tour) -> None:
    reader = toured.visit
    assert reader.complaints == []
    assert {urlparse(response.url).netloc for response in reader.responses} == {
        urlparse(site.address).netloc
    }
    assert [response.url for response in reader.responses if response.status >= 400] == []


def test_a_host_may_forbid_scripts_and_styles_inside_of_pages(site: Site, visit: Visitor) -> None:
    reader = visit(color_scheme="light")
    for address in KINDS:
        policy = reader.page.goto(site.address + address).headers["content-security-policy"]
        assert policy == "script-src 'self'; style-src 'self'"
        reader.page.evaluate(SETTLED)
        # Where its style is missing, a strut has no height, and a line of code does not hang.
        if struts := reader.page.locator(".katex-html .strut"):
            heights = struts.evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
            assert all(height > 4 for height in heights)
    reader.page.goto(site.address + "adam/")
    switch = reader.page.locator("label[for^=__palette]:visible")
    switch.click()
    switch.click()
    expect(reader.page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    reader.page.reload()
    expect(reader.page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    assert [said for said in reader.complaints if "404" not in said] == []


def test_axe_finds_nothing_to_improve(toured: Tour) -> None:
    assert toured.problems == {}


def test_no_page_scrolls_sideways(toured: Tour) -> None:
    width = toured.visit.page.viewport_size["width"]  # type: ignore[index]
    wide = {page: size for page, size in toured.sizes.items() if size != [width, 0]}
    assert wide == {}


def test_no_width_cuts_anything_off(site: Site, desk: Tour) -> None:
    assert desk.cut_off == {page: [] for page in site.pages}


def test_axe_finds_nothing_to_improve_where_there_is_no_page(site: Site, visit: Visitor) -> None:
    page = visit(reduced_motion="reduce").page
    page.goto(site.address + "404.html")
    page.evaluate(AXE)
    assert page.evaluate(AUDIT) == []


def test_a_phone_shows_code_without_the_indentation_its_lines_share(
    site: Site, visit: Visitor
) -> None:
    reader = visit(**PHONE)
    reader.page.goto(site.address + "ada_belief/")
    starts = reader.page.evaluate(FIRST_COLUMNS)
    assert len(starts) > 5
    # One column for all rows, right of the line numbers; a pixel or two are rounding.
    assert max(starts) - min(starts) <= 2
    assert 15 < min(starts) < 60


def test_pages_read_without_javascript(site: Site, visit: Visitor) -> None:
    reader = visit(java_script_enabled=False)
    for page in site.annotated:
        reader.page.goto(site.address + page)
        for part in (".sbs-intro h1", ".sbs-prose :is(p, h2)", ".sbs-line:not(.sbs-blank)"):
            assert reader.page.locator(part).first.is_visible(), f"{page}: {part}"
        formulas = reader.page.locator(".sbs-formula, .sbs-math")
        for way, reading in ((".katex-html", "seen"), ("math", "listened to")):
            without = formulas.evaluate_all(
                "(all, way) => all.filter(f => !f.querySelector(way)).map(f => f.textContent)", way
            )
            assert without == [], f"{page}: cannot be {reading}"
        assert reader.page.locator(".sbs-button").count() == 0
    reader.page.goto(site.address + "ada_belief/")
    box = reader.page.locator(".sbs-formula .katex-html").first.bounding_box()
    assert box
    assert box["height"] > 10


def test_no_page_shows_the_command_that_should_have_brought_a_file(site: Site) -> None:
    for page in site.pages:
        text = (site.folder / page / "index.html").read_text(encoding="utf-8")
        assert not re.search(r"-*8 ?(<|&lt;) ?-", text), page


def test_the_layout_does_not_shift_while_a_page_loads(site: Site, visit: Visitor) -> None:
    for width in (1440, 390):
        reader = visit(width=width)
        reader.page.add_init_script(
            """window.shift = 0; new PerformanceObserver(list => {
                for (const entry of list.getEntries()) window.shift += entry.value;
            }).observe({type: "layout-shift", buffered: true});"""
        )
        for page in ("", "ada_belief/", "differences/"):
            reader.page.goto(site.address + page, wait_until="networkidle")
            reader.page.evaluate(SETTLED)
            assert reader.page.evaluate("window.shift") <= 0.01, f"{page} at {width} px"


def test_a_page_prints_in_full_without_chrome(site: Site, visit: Visitor) -> None:
    reader = visit()
    reader.page.goto(site.address + "ada_belief/")
    document = reader.page.pdf(format="A4")
    assert document.startswith(b"%PDF")
    # What is drawn on each page: no page is blank.
    found = re.findall(
        rb"/Filter /FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", document, re.DOTALL
    )
    drawn = [text for text in map(zlib.decompress, found) if b"BT" in text]
    assert len(drawn) == len(re.findall(rb"/Type /Page\b", document)) <= 6
    assert all(text.count(b"Tj") + text.count(b"TJ") > 20 for text in drawn)
    reader.page.emulate_media(media="print")
    for hidden in (".md-header", ".md-sidebar", ".md-footer", ".sbs-button"):
        assert not reader.page.locator(hidden).first.is_visible(), hidden
    assert reader.page.locator(".sbs-line").last.is_visible()
    code = reader.page.locator(".sbs-code").first
    paper = code.evaluate("code => getComputedStyle(code).backgroundColor")
    assert paper in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")
