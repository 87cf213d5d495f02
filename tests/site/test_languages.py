"""The site in all its languages: what is not prose is the same everywhere, by comparison."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.site.browsing import LANGUAGES, PHONE, Site, Visitor
from tests.site.test_open import AUDIT, AXE, SETTLED
from tests.site.test_search import ask, hits
from tests.site.test_widths import BEYOND, HIDDEN

# As people type it in each language, and a page that is to be among the first three found. Sinhala
# is typed with and without the joiner of its conjuncts.
QUERIES = {
    "si": [
        ("අනුක්රමණය", "ada_belief/"),
        ("අනුක්‍රමණය", "ada_belief/"),
        ("චල මධ්යන්යය", "ada_belief/"),
        ("බර ක්ෂය", "weight_decay/"),
        ("නැඹුරුව නිවැරදි කිරීම", "adam/"),
        ("ඉගෙනුම් අනුපාතය", "guide/#changing-the-learning-rate"),
        ("warm-up", "recipes/"),
        ("විචලතාව", "notebooks/why_rectify/"),
        ("විචලතාවය", "radam/"),
        ("checkpoint", "generic/"),
        ("closure", "guide/#closures"),
        ("විස්මය", "ada_belief/"),
        ("පරාමිති සමූහ", "generic/"),
        ("දෙවන ඝූර්ණය", "amsgrad/"),
        ("AdaBelief", "ada_belief/"),
    ],
    "zh": [
        ("梯度", "ada_belief/"),
        ("梯度下降", "ada_belief/"),
        ("权重衰减", "weight_decay/"),
        ("移动平均", "adam/"),
        ("偏差修正", "adam/"),
        ("学习率", "guide/#changing-the-learning-rate"),
        ("预热", "radam/"),
        ("方差", "notebooks/why_rectify/"),
        ("检查点", "generic/"),
        ("闭包", "guide/#closures"),
        ("意外", "ada_belief/"),
        ("参数组", "guide/#groups"),
        ("保存与恢复", "guide/#saving-and-resuming"),
        ("二阶矩", "amsgrad/"),
        ("分母", "radam/"),
    ],
    "ja": [
        ("勾配", "radam/"),
        ("勾配降下法", "ada_belief/"),
        ("重み減衰", "weight_decay/"),
        ("移動平均", "adam/"),
        ("バイアス補正", "adam/"),
        ("学習率", "guide/#changing-the-learning-rate"),
        ("ウォームアップ", "radam/"),
        ("分散", "notebooks/why_rectify/"),
        ("チェックポイント", "generic/"),
        ("クロージャ", "guide/#closures"),
        ("驚き", "ada_belief/"),
        ("実装の違い", "differences/"),
        ("パラメータグループ", "generic/"),
        ("保存と再開", "guide/#saving-and-resuming"),
        ("二次モーメント", "amsgrad/"),
    ],
}

FORMULA = re.compile(r'<div class="sbs-formula.*?<span class="katex-html"', re.DOTALL)
WORDS = re.compile(r' (?:title|aria-label|data-(?:toc-label|copy))="[^"]*"')
# What a translated page says of itself, and what its English is found by: assets/english.js.
OWN = re.compile(r'<p class="sbs-(?:untranslated|translation)".*?</p>')
PASSAGE = re.compile(r"<(p|li|td|th|dt|dd|h[1-6]|figcaption)\b")


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
        "passages": PASSAGE.findall(OWN.sub("", article)),
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
def test_the_english_of_a_passage_is_shown_on_demand(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(f"{site.address}ja/ada_belief/")
    english = page.locator(".sbs-english")
    page.locator(".sbs-intro > p:not([class])").first.hover()
    page.locator(".sbs-original").click()
    expect(english).to_be_visible()
    words = english.inner_text()
    assert len(words) > 100
    assert words in " ".join(re.sub("<[^>]*>", "", site.html("ada_belief/")).split())
    page.keyboard.press("Escape")
    expect(english).to_be_hidden()
    page.keyboard.press("e")  # the same, without a mouse
    expect(english).to_be_visible()
    assert english.inner_text() == words


@pytest.mark.browser
def test_where_english_cannot_be_fetched_its_page_opens(site: Site, visit: Visitor) -> None:
    page = visit(**PHONE).page
    page.goto(f"{site.address}zh/guide/")
    page.get_by_role("heading", level=2).nth(1).tap()
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        refused.append(route.request.url)
        route.abort() if len(refused) == 1 else route.continue_()

    page.route(f"{site.address}guide/", refuse_once)
    page.locator(".sbs-original").tap()
    page.wait_for_url(f"{site.address}guide/#*")
    assert len(refused) == 2


@pytest.mark.browser
def test_the_language_changes_without_javascript(site: Site, visit: Visitor) -> None:
    page = visit(java_script_enabled=False, **PHONE).page
    page.goto(site.address + "zh/adam/")
    page.locator(".site-languages summary").click()
    page.get_by_role("link", name="සිංහල").click()
    page.wait_for_url("**/si/adam/")
    expect(page.locator("html")).to_have_attribute("lang", "si")


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_fifteen_words_of_the_language_are_found(site: Site, visit: Visitor, language: str) -> None:
    page = visit().page
    page.goto(f"{site.address}{language}/")
    wrong = []
    for query, expected in QUERIES[language]:
        ask(page, query, page.keyboard.insert_text)
        first = [hit.removeprefix(f"{site.address}{language}/") for hit in hits(page)[:3]]
        if not any(hit.startswith(expected) for hit in first):
            wrong.append(f"{query}: {first}, not {expected}")
        page.keyboard.press("Escape")
    assert len(QUERIES[language]) == 15
    assert wrong == []


LEARNERS = [
    *("", "guide/", "adam/", "amsgrad/", "radam/", "ada_belief/", "weight_decay/", "generic/"),
    *("differences/", "notebooks/start_here/", "notebooks/ada_belief_by_hand/"),
    *("notebooks/why_rectify/", "notebooks/when_adam_fails/", "results/", "speed/", "404.html"),
]
# Letters of scripts that have no italics, slanted.
SLANTED = """() => [...document.querySelectorAll("body *")].filter(box =>
    /[\u0d80-\u0dff\u3040-\u30ff\u4e00-\u9fff]/.test([...box.childNodes]
        .map(node => node.nodeType === 3 ? node.data : "").join(""))
    && getComputedStyle(box).fontStyle !== "normal" && box.checkVisibility()
).map(box => box.textContent)"""


# What is not words is the same in all languages, so each page is looked at in one of them.
@pytest.mark.browser
@pytest.mark.parametrize("turn", range(len(LANGUAGES)))
def test_a_learners_pages_are_accessible_and_nothing_is_cut_off_or_slanted(
    site: Site, visit: Visitor, turn: int
) -> None:
    page = visit(color_scheme=("light", "dark")[turn % 2], bypass_csp=True).page
    wrong = []
    for number, address in enumerate(LEARNERS):
        if number % len(LANGUAGES) != turn:
            continue
        language = LANGUAGES[(number // len(LANGUAGES) + turn) % len(LANGUAGES)]
        page.goto(f"{site.address}{language}/{address}")
        page.add_style_tag(content=".sbs-part { content-visibility: visible !important }")
        page.evaluate(SETTLED)
        page.evaluate(AXE)
        wrong += [f"{language}/{address}: {each}" for each in page.evaluate(AUDIT)]
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate(HIDDEN) + page.evaluate(SLANTED)
            if (beyond := page.evaluate(BEYOND)) > 0:
                found.append(f"{beyond} px wider than the window")
            wrong += [f"{language}/{address} at {width}: {each}" for each in found]
    assert wrong == []


# The distance of lines in all blocks of Sinhala that are seen, as a share of the size of type.
LEADING = """[...document.querySelectorAll(".md-content :is(h1, h2, h3, p)")]
  .filter(block => /[\u0d80-\u0dff]/.test(block.textContent) && block.checkVisibility())
  .map(block => parseFloat(getComputedStyle(block).lineHeight)
                / parseFloat(getComputedStyle(block).fontSize))"""


@pytest.mark.browser
def test_no_sign_of_sinhala_is_cut_off_above_or_below(site: Site, visit: Visitor) -> None:
    page = visit().page
    leading = []
    for address in ("si/ada_belief/", "si/adam/"):
        page.goto(site.address + address)
        page.evaluate("document.fonts.ready")
        leading += page.evaluate(LEADING)
    assert len(leading) > 30
    assert min(leading) > 1.3  # the ink of its tallest letter on its deepest is 1.253
