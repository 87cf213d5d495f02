"""What is wider than the screen is scrolled by keyboard, and by those without JavaScript, too."""

import importlib.util
from types import ModuleType

import pytest
from playwright.sync_api import expect

from tests.site.browsing import PHONE, ROOT, Site, Visitor, until

STOPS = ".scrolls[tabindex]"
# Those that a reader is near to; the others are not laid out yet.
DRAWN = """[...document.querySelectorAll(".scrolls")]
    .filter(box => box.checkVisibility({ contentVisibilityAuto: true }))"""


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    path = ROOT / "docs" / "hooks" / "scrolling.py"
    spec = importlib.util.spec_from_file_location("scrolling", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_table_is_named_after_what_stands_above_it(hook: ModuleType) -> None:
    heading = '<h2 id="a">A &amp; <code>b</code><a class="headerlink" href="#a">¶</a></h2>'
    folded = "<details><summary>All of it</summary><table>2</table></details>"
    made = hook.reachable(f"{heading}<table>1</table>{folded}<table>3</table>")
    names = [part.split('"')[0] for part in made.split('aria-label="')[1:]]
    assert names == ["A &amp; b: table", "A &amp; b: All of it", "A &amp; b: table 2"]
    assert (
        made.count('<section class="scrolls" tabindex="0"') == made.count("</table></section>") == 3
    )


def test_only_a_long_table_or_block_is_drawn_late(hook: ModuleType) -> None:
    block = '<div class="language-python highlight"><pre><span></span><code>{}</code></pre></div>'
    assert " long" not in hook.reachable(block.format(9 * "1\n"))
    assert 'highlight long" style="--tall: 12.1rem"><pre' in hook.reachable(
        block.format(10 * "1\n")
    )
    short, long = (hook.reachable(f"<table>{rows * '<tr></tr>'}</table>") for rows in (9, 10))
    assert '<section class="scrolls" tabindex' in short
    assert '<section class="scrolls long" style="--tall: 30rem" tabindex' in long


def test_what_is_not_a_plain_table_or_fence_is_left_alone(hook: ModuleType) -> None:
    html = '<table class="sbs"><tr></tr></table><pre class="sbs-pre"><code>1</code></pre>'
    assert hook.reachable(html) == html


@pytest.mark.browser
def test_a_wide_table_is_scrolled_by_keyboard(site: Site, visit: Visitor) -> None:
    page = visit(**PHONE).page
    page.goto(site.address + "differences/")
    box = page.get_by_role("region", name="Which one are you running?: table")
    expect(box).to_have_attribute("tabindex", "0")
    page.locator("h2 .headerlink").first.focus()
    page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowRight")
    until(page, "document.activeElement.scrollLeft > 0")


@pytest.mark.browser
@pytest.mark.parametrize("address", ["results/", "guide/", "notebooks/start_here/"])
def test_what_fits_is_no_stop_of_the_tab_key(site: Site, visit: Visitor, address: str) -> None:
    page = visit().page
    page.goto(site.address + address)
    stop = "box => box.hasAttribute('tabindex')"
    until(page, f"{DRAWN}.every(box => ({stop})(box) === box.scrollWidth > box.clientWidth)")
    assert page.evaluate(f"{DRAWN}.filter({stop}).length < {DRAWN}.length / 2")
    assert (
        page.locator("section.scrolls:not([tabindex])[aria-label]").filter(visible=True).count()
        == 0
    )


@pytest.mark.browser
def test_all_that_may_scroll_is_reachable_without_javascript(site: Site, visit: Visitor) -> None:
    page = visit(java_script_enabled=False, **PHONE).page
    page.goto(site.address + "recipes/")
    boxes = page.locator(".scrolls")
    assert page.locator("pre > code, table").count() == boxes.count() > 15
    assert page.locator(STOPS).count() == boxes.count()
    page.evaluate("scrollTo(400, 0)")
    assert page.evaluate("scrollX") == 0


@pytest.mark.browser
@pytest.mark.parametrize("options", [{}, PHONE])
def test_a_block_is_as_tall_as_it_is_taken_to_be(
    site: Site, visit: Visitor, options: dict[str, object]
) -> None:
    page = visit(**options).page
    page.goto(site.address + "checking/")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    off = page.evaluate(
        """[...document.querySelectorAll(".highlight.long")].map(block => {
            const taken = getComputedStyle(block).containIntrinsicHeight.match(/[\\d.]+px/)[0];
            const tall = block.querySelector("pre").scrollHeight
                + (block.querySelector(".filename")?.offsetHeight ?? 0);
            return tall - parseFloat(taken);
        })"""
    )
    assert len(off) >= 2
    assert all(abs(each) <= 3 for each in off), off
