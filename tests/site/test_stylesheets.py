"""The theme's stylesheet is cut to what the pages have, and no page looks different."""

from collections.abc import Sequence
from pathlib import Path

import material
import pytest
from playwright.sync_api import Page, Route

from docs.hooks.stylesheets import bare, rules, used
from tests.site.browsing import PHONE, Site, Visitor

# What any stylesheet says something about.
NAMES = """() => {
    const names = new Set();
    const read = list => [...list].forEach(rule => {
        [...rule.style ?? []].forEach(name => name.startsWith("--") || names.add(name));
        read(rule.cssRules ?? []);
    });
    [...document.styleSheets].forEach(sheet => read(sheet.cssRules));
    return [...names];
}"""
# How that is for all elements outside of formulas, and for what stands before and behind them.
LOOK = """names => [...document.querySelectorAll(":not(.katex *, svg *)")].map(element =>
    ["", "::before", "::after"].map(part => {
        const style = getComputedStyle(element, part);
        if (part && style.content === "none") return "";
        return names.map(name => style.getPropertyValue(name)).join(";");
    }).join("|"))"""


def theme() -> str:
    folder = Path(material.__file__).parent / "templates" / "assets" / "stylesheets"
    return next(folder.glob("main.*.css")).read_text(encoding="utf-8")


def test_a_rule_stays_when_its_classes_may_be_there() -> None:
    words = {"a", "b"}
    assert used(".a{color:red}.a .x,.b:hover{top:0}.x{top:1px}", words) == (
        ".a{color:red}.b:hover{top:0}"
    )
    assert used("p{top:0}.a:not(.x,:is(.y)){top:0}.a:has(.x){top:0}", words) == (
        "p{top:0}.a:not(.x,:is(.y)){top:0}"
    )
    assert used("@media print{.x{top:0}}@media screen{.a{top:0}.x{top:0}}", words) == (
        "@media screen{.a{top:0}}"
    )
    whole = '@charset "utf-8";@keyframes x{0%{top:0}}.a::after{content:"}"}/* { */.b{top:0}'
    assert used(whole, words) == whole
    assert used(r".x\:y{top:0}", words) == r".x\:y{top:0}"


def test_no_rule_is_lost_in_reading() -> None:
    css = theme()
    whole = (head if body is None else f"{head}{{{body}}}" for head, body in rules(css))
    assert "".join(whole).strip() == css.strip()


def test_our_own_stylesheets_go_without_comments() -> None:
    css = """
/* one */
a { content: "/* no comment */"; }  /* two */

/* three
   lines */
  b { top: 0 }
"""
    assert bare(css) == 'a { content: "/* no comment */"; }\nb { top: 0 }\n'


@pytest.mark.browser
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_no_page_looks_different(site: Site, visit: Visitor, options: dict[str, int]) -> None:
    css = theme()
    for address in ("", "amsgrad/", "zh/notebooks/start_here/"):
        pages = [visit(reduced_motion="reduce", **options).page for _ in range(2)]
        pages[0].route("**/main.*.css", lambda route: full(route, css))
        for page in pages:
            page.goto(site.address + address)
        names = pages[0].evaluate(NAMES)
        assert len(names) > 150
        for media in ("screen", "print"):
            whole, cut = looks(pages, names, media)
            for _ in range(9):
                if whole == cut:
                    break
                # One page may be without a font, or what a script adds, that the other one has. A
                # difference of the stylesheets is there each time they are opened.
                for page in pages:
                    page.goto(site.address + address)
                whole, cut = looks(pages, names, media)
            assert whole == cut, f"{address} on {media}"


def full(route: Route, css: str) -> None:
    route.fulfill(body=css, content_type="text/css")


def settle(pages: Sequence[Page]) -> None:
    """Wait for fonts, on which sizes hang, and for what scripts add when they have time."""
    for page in pages:
        page.evaluate("document.fonts.ready")
    known, counts = [-1], [0]
    while counts != known:
        pages[0].wait_for_timeout(400)
        known = counts
        counts = [page.evaluate("document.querySelectorAll('*').length") for page in pages]


def looks(pages: Sequence[Page], names: list[str], media: str) -> list[list[int]]:
    """How each page looks, with the drawer and the search open, too."""
    for page in pages:
        page.emulate_media(media=media)  # type: ignore[arg-type]
        page.evaluate("document.querySelector('#__drawer').checked = true")
        page.evaluate("document.querySelector('.site-search').open = true")
    settle(pages)
    return [[hash(style) for style in page.evaluate(LOOK, names)] for page in pages]
