"""Whatever the width of the window, nothing is cut off without a hint."""

from base64 import b64encode

import pytest
from playwright.sync_api import Page

from tests.site.browsing import PHONE, Site, Visitor

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 390, 768, 1024, 1280, 1440, 1920)
# Boxes that hold more than they show, or whose content sticks out. Letters for screen readers are
# clipped on purpose, KaTeX draws roots larger than it shows them, and `scrolls` shows a shadow. The
# frame of a word in code may stick out of its line by a hair.
HIDDEN = """() => [...document.querySelectorAll(".md-content *")].filter(box => {
    const beyond = box.scrollWidth - box.clientWidth;
    if (beyond <= 1) return false;
    const style = getComputedStyle(box);
    const clips = style.overflowX !== "visible";
    return beyond > (clips ? 1 : 4) && box.clientWidth > 1 && style.display !== "inline"
        && (clips || box.matches("p, li, pre, dd, [class*=sbs-]")) && box.checkVisibility()
        && !box.matches(".scrolls, .katex-mathml, .katex-mathml *, .hide-tail, [class*='-tail']")
        && !box.matches(".sbs-left, .sbs-mark");
}).map(box => `${box.tagName}.${box.className}: ${box.textContent.trim().slice(0, 50)}`)"""
BEYOND = "() => document.documentElement.scrollWidth - innerWidth"


def cut_off(page: Page) -> list[str]:
    """What any width of the window cuts off of a page whose policy lets us add a style."""
    page.add_style_tag(content=".sbs-part { content-visibility: visible !important }")
    page.evaluate("document.fonts.ready")
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = {*page.evaluate(HIDDEN)}
        if beyond := page.evaluate(BEYOND):
            found.add(f"{beyond} px wider than the window")
        wrong += [f"at {width}: {each}" for each in sorted(found)]
    return wrong


def test_a_number_is_never_broken_nor_a_foreign_word_in_a_heading(
    site: Site, visit: Visitor
) -> None:
    page = visit(**PHONE).page
    for address in ("ada_belief/", "guide/", "differences/", "ja/notebooks/why_rectify/"):
        page.goto(site.address + address)
        lines = page.locator(".whole").evaluate_all(
            "all => all.map(piece => piece.getClientRects().length)"
        )
        assert len(lines) > 1, address
        assert {*lines} <= {0, 1}, address  # notes that are closed have none


def test_the_link_of_a_heading_is_named_after_it_and_stands_within_the_window(
    site: Site, visit: Visitor
) -> None:
    page = visit(**PHONE).page
    page.goto(site.address + "radam/")
    names = [link.get_attribute("aria-label") for link in page.locator(".headerlink").all()]
    assert "Link to “How many gradients has vₜ seen?”" in names
    assert all(name and name.startswith("Link to “") for name in names)
    for link in page.locator(".headerlink").all():
        box = link.bounding_box()
        assert box
        assert 0 <= box["x"] <= 390 - box["width"]


# How much of a picture is not of the color of its first pixel.
INK = """async png => {
    const blob = await (await fetch(`data:image/png;base64,${png}`)).blob();
    const image = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    let ink = 0;
    for (let at = 0; at < data.length; at += 4) {
        ink += Math.abs(data[at] - data[0]) + Math.abs(data[at + 1] - data[1]) > 120;
    }
    return ink;
}"""


# What is far from the window is laid out as well; a picture is not taken while things move.
LAID_OUT = """() => document.querySelectorAll(".sbs-part").forEach(
    part => { part.style.contentVisibility = "visible"; })"""


def test_forced_colors_leave_the_letter_under_a_hat(site: Site, visit: Visitor) -> None:
    ink = []
    for forced in ("none", "active"):
        page = visit(forced_colors=forced, color_scheme="light").page
        page.goto(site.address + "ada_belief/")
        page.evaluate("document.fonts.ready")
        page.evaluate(LAID_OUT)
        hat = page.locator('.sbs-algorithm .sbs-left [data-sym="m-hat"]').first
        hat.scroll_into_view_if_needed()
        page.evaluate("new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
        ink.append(page.evaluate(INK, b64encode(hat.screenshot()).decode()))
    assert ink[0] > 20
    assert 0.7 < ink[1] / ink[0] < 1.4, ink
