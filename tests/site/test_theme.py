"""What the theme's own script would do, our small one does: colors, sidebar, header, keys."""

import re

import pytest
from playwright.sync_api import expect

from tests.site.browsing import PHONE, Site, Visitor, until

pytestmark = pytest.mark.browser
SCHEME = "document.body.dataset.mdColorScheme"


def test_no_page_loads_the_themes_script(site: Site) -> None:
    for page in site.pages:
        assert "bundle." not in site.html(page), page


def test_no_script_stands_in_the_way_of_reading(site: Site) -> None:
    pages = [site.html(page) for page in site.pages]
    pages.append((site.folder / "404.html").read_text(encoding="utf-8"))
    for html in pages:
        scripts = re.findall(r"<script[^>]*>", html.partition("<body")[2])
        assert scripts
        waiting = [
            tag for tag in scripts if " defer" not in tag and 'type="application/json' not in tag
        ]
        assert waiting == []


def test_colors_follow_the_system_until_a_reader_chooses_and_the_choice_is_kept(
    site: Site, visit: Visitor
) -> None:
    page = visit(color_scheme="dark").page
    page.goto(site.address + "guide/")
    assert page.evaluate(SCHEME) == "slate"
    page.emulate_media(color_scheme="light")
    until(page, f"{SCHEME} === 'default'")
    switch = page.locator(".md-header__option label:visible")
    expect(switch).to_have_count(1)
    switch.click()  # light
    switch.click()  # dark
    assert page.evaluate(SCHEME) == "slate"
    page.goto(site.address + "adam/")
    assert page.evaluate(SCHEME) == "slate"
    expect(switch).to_have_count(1)
    switch.click()  # as the system again
    assert page.evaluate(SCHEME) == "default"


@pytest.mark.parametrize(("scheme", "expected"), [("dark", "slate"), ("light", "default")])
def test_a_first_visit_has_its_colors_before_the_pages_script_runs(
    site: Site, visit: Visitor, scheme: str, expected: str
) -> None:
    page = visit(color_scheme=scheme).page
    page.route("**/theme.js", lambda route: route.abort())
    page.goto(site.address + "guide/")
    assert page.evaluate(SCHEME) == expected


def test_the_sidebar_and_the_header_say_where_a_reader_is(site: Site, visit: Visitor) -> None:
    page = visit(width=1280, height=800).page
    page.goto(site.address + "ada_belief/#which-adabelief")
    active = page.locator(".md-nav--secondary .md-nav__link--active")
    expect(active).to_have_text("Which AdaBelief?")
    expect(page.locator(".md-header__title--active")).to_have_count(1)
    page.locator(".md-nav--secondary a", has_text="The algorithm").click()
    expect(active).to_have_text("The algorithm")
    page.evaluate("scrollTo(0, 0)")
    expect(active).to_have_count(0)
    expect(page.locator(".md-header__title--active")).to_have_count(0)


def test_the_way_back_to_the_top_is_shown_to_those_who_turn_back(
    site: Site, visit: Visitor
) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    top = page.locator(".md-top")
    page.mouse.move(700, 500)
    page.mouse.wheel(0, 3000)
    expect(top).to_have_attribute("hidden", "")
    page.mouse.wheel(0, -300)
    expect(top).not_to_have_attribute("hidden", "")
    top.click()
    until(page, "scrollY === 0")
    expect(top).to_have_attribute("hidden", "")


def test_who_jumps_up_to_a_heading_sees_it(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    start = page.evaluate("scrollY")
    page.locator('.md-nav--secondary a[href="#AdaBelief.get_ms"]').click()
    until(page, "start => scrollY > innerHeight && scrollY < start", start)
    start = page.evaluate("scrollY")
    page.evaluate("scrollBy(0, -100)")  # as what is laid out late does
    until(page, "start => scrollY < start", start)
    page.wait_for_timeout(100)  # what comes with the scrolling has come
    expect(page.locator(".md-top")).to_have_attribute("hidden", "")
    page.mouse.move(700, 500)
    page.mouse.wheel(0, -100)
    expect(page.locator(".md-top")).not_to_have_attribute("hidden", "")


def test_n_and_p_follow_the_story_but_not_while_one_types(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "radam/")
    page.keyboard.press("n")
    page.wait_for_url(f"{site.address}ada_belief/")
    page.keyboard.press("p")
    page.wait_for_url(f"{site.address}radam/")
    page.keyboard.press("/")
    page.keyboard.type("nn")
    expect(page.locator(".site-search input")).to_have_value("nn")
    assert page.url == f"{site.address}radam/"


def test_a_link_in_the_drawer_closes_it(site: Site, visit: Visitor) -> None:
    page = visit(**PHONE).page
    page.goto(site.address + "ada_belief/")
    page.locator(".md-header label[for=__drawer]").click()
    link = page.locator(".md-sidebar--primary a:visible").last
    expect(link).to_be_visible()
    page.evaluate("document.querySelector('.md-sidebar--primary a[href^=\"#\"]').click()")
    expect(page.locator("#__drawer")).not_to_be_checked()


def test_a_link_to_a_folded_place_unfolds_it(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "results/")
    folded = page.locator(".md-content details").first
    assert not folded.evaluate("each => each.open")
    folded.locator("table").first.evaluate("table => { table.id = 'inside' }")
    page.evaluate("location.hash = 'inside'")
    until(page, "document.querySelector('.md-content details').open")


@pytest.mark.parametrize(
    ("address", "printed", "kept"),
    [
        ("results/", "In numbers: 8 optimizers", "Tuning"),
        ("notebooks/start_here/", "Whose curve does RAdam", "What this notebook needs"),
    ],
)
def test_what_is_folded_is_printed_but_for_what_would_fill_sheets(
    site: Site, visit: Visitor, address: str, printed: str, kept: str
) -> None:
    page = visit().page
    page.goto(site.address + address)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for title, is_open in ((printed, True), (kept, False)):
        fold = page.locator(f".md-content details:has(> summary:text('{title}'))").first
        assert fold.evaluate("each => each.open") is is_open


def test_the_keyboard_shows_where_it_is_on_what_folds(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "results/")
    page.locator(".md-content summary").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_folded_sidebar_opens_for_the_keyboard_and_closes_behind_it(
    site: Site, visit: Visitor
) -> None:
    page = visit(width=390).page
    page.goto(site.address + "guide/")
    links = page.locator(".md-sidebar--primary a:visible")
    links.first.focus()
    page.keyboard.press("Tab")
    until(page, "document.activeElement.getBoundingClientRect().left >= 0")
    links.last.focus()
    page.keyboard.press("Tab")
    until(page, "document.querySelector('.md-sidebar--primary').getBoundingClientRect().right <= 0")
    assert page.evaluate("document.activeElement.closest('.md-content') !== null")
