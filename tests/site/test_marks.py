"""The sign beside a formula opens a note with the recorded verdict, for every reader."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.site.browsing import ROOT, Site, Visitor
from tests.site.test_open import AUDIT, AXE

pytestmark = pytest.mark.browser

RECORDED = json.loads((ROOT / "docs" / "facts" / "checks.json").read_text(encoding="utf-8"))
SOURCE = "labml_nn_optim/ada_belief.py"


def display_entries() -> list[dict[str, object]]:
    return [entry for entry in RECORDED["entries"][SOURCE] if entry["status"] != "mention"]


def mark_of(page: Page, line: object) -> Locator:
    return page.locator(f'.sbs-formula[data-line="{line}"] .sbs-mark')


def words(text: str) -> str:
    return re.sub(r"\W+", " ", text).lower()


def test_each_display_formula_has_one_mark_that_says_the_recorded_sentence(
    site: Site, visit: Visitor
) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    assert page.locator(".sbs-mark").count() == len(display_entries()) > 5
    assert page.locator(".sbs-inline").count() == 1  # the one sentence that states a formula
    for entry in display_entries():
        said = words(page.locator(f'[id="V{entry["line"]}"]').text_content() or "")
        assert words(str(entry["status"])) in said
        assert words(str(entry["detail"])) in said
        if entry.get("times"):
            assert f" {entry['runs']} run" in said


def test_a_statement_in_a_sentence_has_a_mark_and_conditions_have_none(
    site: Site, visit: Visitor
) -> None:
    page = visit().page
    page.goto(site.address + "radam/")
    assert 2 <= page.locator(".sbs-inline").count() < page.locator(".sbs-math").count() / 5
    mark = page.locator('.sbs-inline[aria-label="Proved: ρ_∞ = 1999"]')
    mark.click()
    note = page.locator(".sbs-note:popover-open")
    expect(note).to_contain_text("Proved: by algebra; where β₂ = 0.999.")
    expect(note.locator("a")).to_be_visible()
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()


def test_a_note_says_which_steps_a_branch_is_about(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "radam/")
    notes = page.locator(".sbs-note").all_text_contents()
    assert any("in the steps in which rho > 5" in note for note in notes)
    assert any("in the steps in which rho <= 5" in note for note in notes)
    assert any("holds after line" in note for note in notes)
    assert not any("is false" in note for note in notes)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_mark_opens_by_click_and_by_keyboard_and_closes_by_escape(
    site: Site, visit: Visitor, script: bool
) -> None:
    page = visit(java_script_enabled=script).page
    page.goto(site.address + "ada_belief/")
    line = display_entries()[-1]["line"]
    mark, note = mark_of(page, line), page.locator(f'[id="V{line}"]')
    expect(note).to_be_hidden()
    mark.click()
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(mark).to_be_focused()
    page.keyboard.press("Enter")
    expect(note).to_be_visible()
    page.keyboard.press("Tab")  # the first thing in it is the link to the code
    expect(note.locator("a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".sbs-line:target")).to_be_in_viewport()
    assert note.get_by_text("Copy TeX").count() == int(script)


def test_a_note_explains_the_symbols_of_its_formula(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    note = page.locator('.sbs-formula[data-text^="sₜ ← β₂"] .sbs-note').first
    explained = dict(
        zip(
            note.locator("dt").all_text_contents(),
            note.locator("dd").all_text_contents(),
            strict=True,
        )
    )
    assert explained["sₜ"] == "the running mean of squared surprise"
    assert {"mₜ", "gₜ", "β₂", "ε"} <= explained.keys()  # some are explained by classes it extends
    symbol = page.locator('.sbs-math [data-sym="s"]').first
    assert symbol.get_attribute("title") == "sₜ: the running mean of squared surprise"


def test_a_sign_says_its_word_and_is_large_enough_for_a_finger(site: Site, visit: Visitor) -> None:
    page = visit(width=390, height=844, is_mobile=True, has_touch=True).page
    page.goto(site.address + "ada_belief/")
    for entry in display_entries():
        mark = page.locator(f'[popovertarget="V{entry["line"]}"]')
        inline = "sbs-inline" in (mark.get_attribute("class") or "")
        assert mark.text_content() == ("" if inline else entry["status"])
        reach = mark.evaluate("""mark => {
            const [box, more] = [mark.getBoundingClientRect(), getComputedStyle(mark, "::after")];
            return [box.width - parseFloat(more.left) - parseFloat(more.right),
                    box.height - parseFloat(more.top) - parseFloat(more.bottom)];
        }""")
        assert min(reach) >= 32, entry


def test_a_legend_near_the_top_explains_the_signs_of_the_page(site: Site, visit: Visitor) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(site.address + "ada_belief/")
    legend = page.locator(".sbs-intro .sbs-legend")
    legend.locator("summary").click()
    shown = legend.locator("dt").all_text_contents()
    assert {*shown} == {entry["status"] for entry in display_entries()}
    expect(legend).to_contain_text("meets only the runs that take it")
    expect(legend).to_contain_text("Those left out are the lines of comments")


def test_a_tap_or_the_enter_key_opens_what_a_symbol_means(site: Site, visit: Visitor) -> None:
    page = visit(width=390, height=844, is_mobile=True, has_touch=True).page
    page.goto(site.address + "ada_belief/")
    symbol = page.locator('.sbs-algorithm [data-sym="s"]').first
    symbol.tap()
    note = page.locator(".sbs-meaning")
    expect(note).to_have_text(symbol.get_attribute("title") or "")
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    introduced = page.locator(".sbs-page li > .sbs-math").first
    introduced.focus()
    page.keyboard.press("Enter")
    expect(note).to_be_visible()


@pytest.mark.parametrize(
    ("address", "symbol", "title"),
    [
        ("adam/", "m-hat", "m̂ₜ: mₜ / (1 − β₁ᵗ)"),
        ("adam/", "v-hat", "v̂ₜ: vₜ / (1 − β₂ᵗ)"),
        ("ada_belief/", "s-hat", "ŝₜ: sₜ / (1 − β₂ᵗ)"),
        ("radam/", "m-hat", "m̂ₜ: mₜ / (1 − β₁ᵗ)"),  # a row of Adam, which RAdam extends
        ("radam/", "v-hat-1", "v̂ₜ: vₜ / (1 − β₂ᵗ)"),
    ],
)
def test_a_symbol_with_a_hat_shows_the_row_that_defines_it(
    site: Site, visit: Visitor, address: str, symbol: str, title: str
) -> None:
    page = visit().page
    page.goto(site.address + address)
    titles = {e.get_attribute("title") for e in page.locator(f'[data-sym="{symbol}"]').all()}
    assert titles == {title}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_to_improve_in_an_open_note(
    site: Site, visit: Visitor, scheme: str, width: int
) -> None:
    page = visit(width=width, color_scheme=scheme, reduced_motion="reduce").page
    page.goto(site.address + "ada_belief/")
    mark_of(page, display_entries()[-1]["line"]).click()
    page.evaluate(AXE)
    assert page.evaluate(AUDIT) == []


def test_an_open_note_fits_on_a_phone(site: Site, visit: Visitor) -> None:
    page = visit(width=390, height=844, is_mobile=True, has_touch=True).page
    page.goto(site.address + "radam/")
    for mark in page.locator(".sbs-mark").all():
        mark.tap()
        box = page.locator(".sbs-note:popover-open").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_mark_never_covers_its_formula(site: Site, visit: Visitor) -> None:
    for width in (1440, 390):
        page = visit(width=width).page
        page.goto(site.address + "radam/")
        for formula in page.locator(".sbs-formula:has(.sbs-mark)").all():
            sign = formula.locator(".sbs-mark").bounding_box()
            math = formula.locator(".katex-display, .sbs-right").first.bounding_box()
            assert sign
            assert math
            beside = math["x"] + math["width"] <= sign["x"] + 1
            assert beside or math["y"] + math["height"] <= sign["y"] + 6


def test_paper_shows_the_signs_and_no_notes(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    mark = page.locator(".sbs-mark").first
    mark.click()
    page.emulate_media(media="print")
    expect(mark).to_be_visible()
    expect(page.locator(".sbs-note").first).to_be_hidden()


def test_pages_count_their_formulas_and_lead_to_what_the_words_mean(
    site: Site, visit: Visitor
) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    summary = page.locator("h1 + .sbs-summary")
    expect(summary).to_contain_text(f"{len(display_entries())} formulas:")
    summary.locator("a").click()
    page.wait_for_url(f"{site.address}checking/")
    page.goto(site.address)
    every = [e for entries in RECORDED["entries"].values() for e in entries]
    total = sum(entry["status"] != "mention" for entry in every)
    expect(page.locator(".sbs-summary")).to_contain_text(f"{total} formulas:")
