"""Styles and scripts stand apart from pages, and the rest of a page stays as it was."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

import pytest

from sidebyside.rendering.policy import Policy
from tests.sidebyside.test_hostile import Reader
from tests.sidebyside.test_mkdocs import Project, built, project

__all__ = ["project"]  # a fixture

CSS = "assets/page/classes.css"
LINK = f'<link href="../{CSS}" rel="stylesheet">'


def applied(html: str, folder: Path) -> tuple[str, str]:
    """A page with this in it, and the stylesheet that goes with it."""
    policy = Policy(CSS)
    page = policy.apply(f"<head>{LINK}</head>{html}")
    policy.write(folder)
    return page, (folder / CSS).read_text()


@pytest.mark.parametrize(
    ("html", "rules"),
    [
        ('<i style="top:1em">x</i>', ["top:1em"]),
        ('<i class="a" style="top:1em;">x</i>', ["top:1em"]),
        ("<i style='top: 1em' class='a'>x</i>", ["top:1em"]),
        ('<i style="top:1em; left : 2px;">x</i>', ["left:2px", "top:1em"]),
        ('<i style="width:calc(1px + 2%)">x</i>', ["width:calc(1px + 2%)"]),
        ('<i title="a > b" style="top:1em" data-a=1/>', ["top:1em"]),
        ('<i style="a:b"></i><b style="a:b"></b>', ["a:b"]),
        ('<i style="font-family:&quot;A&quot;">x</i>', ['font-family:"A"']),
        ('<p>&lt;i style="top:1em"&gt; is text</p>', []),
        ('<p title="<i style=&quot;top:1em&quot;>">x</p>', []),
        ('<i style="">x</i>', []),
        ('<i style="a:b}*{c:d">x</i>', []),
    ],
)
def test_each_style_becomes_a_class_with_the_same_rule(
    html: str, rules: list[str], tmp_path: Path
) -> None:
    page, css = applied(html, tmp_path)
    assert re.findall(r"\.s-[\w-]+:not\(#_\)\{(.*)\}", css) == rules
    assert not re.search(r"<\w[^<>&]* style=", re.sub('title="[^"]*"', "", page))
    for name in re.findall(r"\.(s-[\w-]+)", css):
        assert re.search(rf"class=[\"'][^\"']*{name}", page)
    assert Reader(page).text == Reader(html).text


def test_scripts_become_files_in_the_same_order_and_data_stays(tmp_path: Path) -> None:
    html = "<script>a()</script><script src=b.js></script><script type=module>c()</script>"
    data = '<script id="d" type="application/json">{"e": 1}</script>'
    page, _ = applied(html + data, tmp_path)
    assert data in page
    names = re.findall(r"src=[\"']?([^\"'>]+)", page)
    assert names[1] == "b.js"
    texts = [(tmp_path / "page" / names[n]).resolve().read_text() for n in (0, 2)]
    assert texts == ["a()", "c()"]
    assert not re.search(r"<script[^>]*>[^<]", page.replace(data, ""))


def test_a_style_element_becomes_a_stylesheet(tmp_path: Path) -> None:
    page, _ = applied("<style>.a { top: 0 }</style>", tmp_path)
    (name,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"></head>', page)
    assert (tmp_path / "page" / name).resolve().read_text() == ".a { top: 0 }"


def test_a_page_inside_of_a_page_is_no_exception(tmp_path: Path) -> None:
    inner = "<title>T</title><style>.a { top: 0 }</style><p style='top: 1em'>x</p>"
    page, css = applied(f'<iframe title="t" srcdoc="{escape(inner)}"></iframe>', tmp_path)
    (shown,) = re.findall('srcdoc="([^"]*)"', page)
    assert re.fullmatch(
        f'<title>T</title><link rel="stylesheet" href="../{CSS}">'
        r'<link rel="stylesheet" href="../assets/page/css/\w+.css"><p class="s-t1em">x</p>',
        unescape(shown),
    )
    assert "{top:1em}" in css


def test_a_page_inside_of_a_page_that_is_only_spoken_of_is_text(tmp_path: Path) -> None:
    html = '<pre>&lt;iframe srcdoc="&lt;script&gt;a()&lt;/script&gt;"&gt;</pre>'
    page, _ = applied(html, tmp_path)
    assert html in page
    assert not list(tmp_path.rglob("*.js"))


def test_pages_of_a_site_have_no_style_and_no_script_of_their_own(project: Project) -> None:
    site = built(project).site()
    for name, content in site.items():
        if name.endswith(".html"):
            html = content.decode()
            assert not re.search(r"<\w[^<>]* style=", html), name
            assert not re.search(r"<script(?![^>]*(src=|application/json))", html), name
            assert "<style" not in html
    rules = site["site/assets/sidebyside/page/classes.css"].decode()
    assert "{--in:8}" in rules
    assert "vertical-align" in rules  # of KaTeX's struts
