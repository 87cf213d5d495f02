"""Whatever the width of the window, nothing is cut off without a hint."""

import pytest
from playwright.sync_api import Browser

from tests.site.browsing import Site, open_visit

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 390, 768, 1024, 1280, 1440, 1920)
# Boxes that hold more than they show, or whose content sticks out. Letters for screen readers are
# clipped on purpose, KaTeX draws roots larger than it shows them, and `scrolls` shows a shadow. The
# frame of a word in code may stick out of its line by a hair.
HIDDEN = """() => [...document.querySelectorAll(".md-content *")].filter(box => {
    const [beyond, style] = [box.scrollWidth - box.clientWidth, getComputedStyle(box)];
    const clips = style.overflowX !== "visible";
    return beyond > (clips ? 1 : 4) && box.clientWidth > 1 && style.display !== "inline"
        && (clips || box.matches("p, li, pre, dd, [class*=sbs-]")) && box.checkVisibility()
        && !box.matches(".scrolls, .katex-mathml, .katex-mathml *, .hide-tail, [class*='-tail']")
        && !box.matches(".sbs-left, .sbs-mark");
}).map(box => `${box.tagName}.${box.className}: ${box.textContent.trim().slice(0, 50)}`)"""
BEYOND = "() => document.documentElement.scrollWidth - innerWidth"


def test_no_width_cuts_anything_off(site: Site, browser: Browser) -> None:
    page = open_visit(browser).page
    wrong = []
    for address in site.pages:
        page.goto(site.address + address)
        page.evaluate("document.fonts.ready")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found = {*page.evaluate(HIDDEN)}
            if beyond := page.evaluate(BEYOND):
                found.add(f"{beyond} px wider than the window")
            wrong += [f"{address} at {width}: {each}" for each in sorted(found)]
    page.context.close()
    print("\n".join(wrong))
    assert wrong == []
