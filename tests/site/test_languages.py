"""The site in all its languages: what is not prose is the same everywhere, by comparison."""

import re

import pytest
from playwright.sync_api import expect

from tests.site.browsing import LANGUAGES, PHONE, Site, Visitor

FORMULA = re.compile(r'<div class="sbs-formula.*?<span class="katex-html"', re.DOTALL)
WORDS = re.compile(r' (?:title|aria-label|data-(?:toc-label|copy))="[^"]*"')


def skeleton(html: str) -> dict[str, list[str]]:
    """Code, formulas, ids and links of a page, without a word of prose."""
    article = html[html.index("<article") : html.index("</article>")]
    article = re.sub(r'<p class="sbs-(?:un)?transla.*?</p>', "", article)  # what it says of itself
    return {
        "code": [WORDS.sub("", code) for code in re.findall(r"<pre.*?</pre>", article, re.DOTALL)],
        "formulas": [WORDS.sub("", formula) for formula in FORMULA.findall(article)],
        "inline formulas": sorted(re.findall(r'<span class="sbs-math[^>]*>', article)),
        "ids": re.findall(r' id="([^"]*)"', article),
        "links": sorted(re.findall(r'href="([^"]*)"', article)),
        "drawings": re.findall(r"<(?:path|rect|circle)\b[^>]*>", article),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_formulas_anchors_and_links_of_all_pages_are_those_of_english(
    site: Site, language: str
) -> None:
    assert site.pages
    for page in site.pages:
        ours, english = skeleton(site.html(f"{language}/{page}")), skeleton(site.html(page))
        for what in english:
            assert ours[what] == english[what], f"{language}/{page}: other {what}"


def test_each_page_says_its_language(site: Site) -> None:
    tags = {"si": "si", "zh": "zh-Hans", "ja": "ja"}
    for code in LANGUAGES:
        for page in site.pages:
            assert f'<html lang="{tags[code]}"' in site.html(f"{code}/{page}")


def test_every_page_leads_to_itself_in_all_languages(site: Site) -> None:
    for page in ("", "ada_belief/", "notebooks/start_here/"):
        up = "../" * page.count("/")
        links = re.findall(r'<a href="([^"]*)" hreflang="([^"]*)">', site.html(page))
        assert links == [
            (f"{up}si/{page}", "si"),
            (f"{up}zh/{page}", "zh-Hans"),
            (f"{up}ja/{page}", "ja"),
        ]
        back = re.findall(r'<a href="([^"]*)" hreflang="([^"]*)">', site.html(f"ja/{page}"))
        assert back[0] == (f"{up}../{page}", "en")
        assert len(back) == 3


def test_what_is_not_translated_is_marked_as_english(site: Site) -> None:
    page = site.html("ja/engine/fused/")
    assert re.search(r'<article[^>]* lang="en"><p class="sbs-untranslated" lang="ja">', page)
    assert "sbs-untranslated" not in site.html("engine/fused/")


def test_the_sinhala_font_is_loaded_where_sinhala_is_read(site: Site) -> None:
    assert (site.folder / "si/assets/fonts/noto-serif-sinhala-400.woff2").stat().st_size < 40_000
    assert not (site.folder / "assets/fonts").exists()
    assert not (site.folder / "ja/assets/fonts").exists()


@pytest.mark.browser
def test_the_language_changes_and_page_and_paragraph_stay(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/#AdaBelief.get_ms")
    page.get_by_label("Language", exact=True).click()
    page.get_by_role("link", name="日本語").click()
    page.wait_for_url("**/ja/ada_belief/#*")
    tops = page.evaluate(
        """[document.querySelector(":target"), document.getElementById("AdaBelief.get_ms")]
           .map(place => place.getBoundingClientRect().top)"""
    )
    assert 0 <= tops[0] < 300
    assert abs(tops[1] - tops[0]) < 200
    page.locator(".site-languages summary").click()
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/ada_belief/#*")
    assert "/ja/" not in page.url


@pytest.mark.browser
def test_the_language_changes_without_javascript(site: Site, visit: Visitor) -> None:
    page = visit(java_script_enabled=False, **PHONE).page
    page.goto(site.address + "zh/adam/")
    page.locator(".site-languages summary").click()
    page.get_by_role("link", name="සිංහල").click()
    page.wait_for_url("**/si/adam/")
    expect(page.locator("html")).to_have_attribute("lang", "si")
