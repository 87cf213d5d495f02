"""The site in all its languages: what is not prose is the same everywhere, by comparison."""

import re

import pytest

from tests.site.browsing import LANGUAGES, Site

FORMULA = re.compile(r'<div class="sbs-formula.*?<span class="katex-html"', re.DOTALL)
WORDS = re.compile(r' (?:title|aria-label|data-(?:toc-label|copy))="[^"]*"')


def skeleton(html: str) -> dict[str, list[str]]:
    """Code, formulas, ids and links of a page, without a word of prose."""
    article = html[html.index("<article") : html.index("</article>")]
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
