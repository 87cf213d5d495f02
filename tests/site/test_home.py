"""The home page makes its promise on real rows, and the way from there follows the story."""

import pytest
from playwright.sync_api import expect

from tests.site.browsing import Site, Visitor

pytestmark = pytest.mark.browser


def test_the_home_page_shows_live_rows_of_a_page(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address)
    rows = page.locator(".sbs-excerpt .sbs-row")
    assert rows.count() == 3
    mark = rows.first.locator(".sbs-mark")
    mark.click()
    link = page.locator(".sbs-note:popover-open a").first
    assert "ada_belief/#L" in (link.get_attribute("href") or "")
    page.keyboard.press("Escape")
    rows.first.locator(".sbs-no").first.click()
    page.wait_for_url(f"{site.address}ada_belief/#L*")
    # The same rows, word by word.
    shown = page.locator(".sbs-line:target").inner_text()
    page.go_back()
    assert rows.first.locator(".sbs-line").first.inner_text() == shown


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (768, 1024)])
def test_three_ways_in_need_no_scrolling(
    site: Site, visit: Visitor, width: int, height: int
) -> None:
    page = visit(width=width, height=height).page
    page.goto(site.address)
    ways = page.locator(".site-ways a")
    assert ways.count() == 3
    for way in ways.all():
        expect(way).to_be_in_viewport(ratio=1)


def test_the_term_that_each_paper_changed_is_in_color(site: Site, visit: Visitor) -> None:
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme).page
        page.goto(site.address)
        colors = page.locator(".site-family .katex-html").evaluate_all(
            """all => all.map(math => {
                const color = (element) => getComputedStyle(element).color;
                return color(math.querySelector("[data-term]")) !== color(math);
            })"""
        )
        assert colors == [True] * 4


def test_next_follows_the_story_and_leaves_out_what_is_inside(site: Site, visit: Visitor) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(site.address)
    seen = []
    following = page.locator(".md-footer__link--next")
    while following.count():
        page.goto(following.evaluate("link => link.href"))
        seen.append(page.url.removeprefix(site.address))
    assert seen[:5] == ["guide/", "adam/", "amsgrad/", "radam/", "ada_belief/"]
    assert {"recipes/", "results/", "checking/"} <= {*seen}
    assert not any(each.startswith(("engine/", "experiments/", "checks/")) for each in seen)


def test_few_stops_of_the_tab_key_stand_before_a_page(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.md-skip')")
    stops = 0
    while not page.evaluate("document.activeElement.closest('.md-content') !== null"):
        page.keyboard.press("Tab")
        stops += 1
        # The theme's switch is drawn by its label.
        seen = page.evaluate(
            """document.activeElement.matches(".md-option")
            || document.activeElement.checkVisibility({opacityProperty: true})"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")
    assert stops < 45, stops


def test_the_page_of_each_of_the_family_shows_its_term_on_the_first_screen(
    site: Site, visit: Visitor
) -> None:
    for width, height in ((1440, 900), (1280, 720), (390, 844)):
        page = visit(width=width, height=height).page
        for name in ("adam", "amsgrad", "radam", "ada_belief"):
            page.goto(f"{site.address}{name}/")
            member = page.locator(".site-kin [aria-current] .site-term")
            expect(member).to_be_in_viewport(ratio=1)
            term = member.locator("[data-term]")
            color = "each => getComputedStyle(each).color"
            assert term.evaluate(color) != member.evaluate(color)
            others = page.locator(".site-kin li:not([aria-current]) a")
            assert others.count() == 3
            assert others.first.is_visible() == (width > 390)
