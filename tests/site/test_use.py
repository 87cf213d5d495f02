"""What a reader does on a page: search, follow a name, switch the theme, copy, use the keyboard."""

import re
from re import escape

import pytest
from playwright.sync_api import Page, expect

from tests.site.browsing import ROOT, Site, Visitor

pytestmark = pytest.mark.browser

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_name_in_code_leads_to_its_definition_through_inheritance(
    site: Site, visit: Visitor
) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    page.locator(".sbs-name", has_text="r_adam_update").first.click()
    page.wait_for_url(f"{site.address}radam/#RAdam.r_adam_update")
    expect(page.locator('[id="RAdam.r_adam_update"]')).to_be_in_viewport()


def test_a_line_number_is_a_link_that_marks_its_line(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    plain = page.evaluate("getComputedStyle(document.querySelector('.sbs-line')).backgroundColor")
    number = page.locator(".sbs-no").nth(30)
    number.click()
    target = page.locator(".sbs-line:target")
    expect(target).to_be_in_viewport()
    page.mouse.move(0, 0)
    assert target.evaluate("line => getComputedStyle(line).backgroundColor") != plain


def test_the_theme_persists_across_pages(site: Site, visit: Visitor) -> None:
    page = visit(color_scheme="light").page
    body = page.locator("body")
    page.goto(site.address)
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    page.locator('label[title="Colors: as the system. Switch to light"]').click()
    page.locator('label[title="Colors: light. Switch to dark"]').click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.goto(site.address + "ada_belief/")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.locator('label[title="Colors: dark. Switch to as the system"]').click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")


def test_copying_a_row_gives_exactly_its_code(site: Site, visit: Visitor) -> None:
    page = visit(**CLIPBOARD).page
    page.goto(site.address + "ada_belief/")
    source = (ROOT / "labml_nn_optim" / "ada_belief.py").read_text(encoding="utf-8").splitlines()
    rows = page.locator(".sbs-code", has=page.locator(".sbs-button"))
    expect(rows.first).to_be_attached()
    for row in rows.all()[:12]:
        numbers = [
            int(number)
            for number in row.locator(".sbs-no").evaluate_all(
                "links => links.map(link => link.dataset.n)"
            )
        ]
        row.hover()
        row.locator(".sbs-button").click()
        expect(row.locator(".sbs-button")).to_have_text("Copied")
        assert copied(page).splitlines() == [source[number - 1] for number in numbers]


def test_selected_code_is_copied_without_numbers_or_prose(site: Site, visit: Visitor) -> None:
    page = visit(**CLIPBOARD).page
    page.goto(site.address + "ada_belief/")
    rows = page.locator('.sbs-row:has([id="AdaBelief.get_ms"]), [id="AdaBelief.get_ms"] ~ *')
    rows.first.scroll_into_view_if_needed()
    texts = page.locator('.sbs-row:has([id="AdaBelief.get_ms"]) .sbs-text').first.bounding_box()
    below = page.locator('.sbs-row:has([id="AdaBelief.get_ms"]) + .sbs-row + .sbs-row .sbs-text')
    last = below.first.bounding_box()
    assert texts
    assert last
    page.mouse.move(texts["x"] + 1, texts["y"] + 5)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] + 40, last["y"] + 5, steps=8)
    page.mouse.up()
    page.keyboard.press("Control+c")
    selected = copied(page)
    assert "def get_ms" in selected
    assert "surprise = grad - m" in selected
    assert "How far" not in selected
    source = (ROOT / "labml_nn_optim" / "ada_belief.py").read_text(encoding="utf-8").splitlines()
    wrong = [line for line in selected.splitlines()[1:] if line.strip() and line not in source]
    assert wrong == []


def test_a_formula_is_copied_by_keyboard_alone(site: Site, visit: Visitor) -> None:
    page = visit(**CLIPBOARD).page
    page.goto(site.address + "ada_belief/")
    formula = page.locator(".sbs-algorithm .sbs-formula").nth(1)
    note = formula.locator(".sbs-note")
    for label, kind in (("Copy TeX", "tex"), ("Copy as text", "text")):
        formula.locator(".sbs-mark").focus()
        page.keyboard.press("Enter")
        expect(note).to_be_visible()
        for _ in range(6):  # past the links of the note
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == label:
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Copied")
        assert copied(page) == formula.get_attribute(f"data-{kind}")
        expect(note).to_be_hidden()
    assert copied(page) == "sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε"


def test_a_formula_that_was_not_checked_is_copied_too(site: Site, visit: Visitor) -> None:
    page = visit(**CLIPBOARD).page
    page.goto(site.address + "running_mean/")
    formula = page.locator(".sbs-formula").first
    formula.hover()
    formula.locator(".sbs-corner").click()
    formula.get_by_text("Copy as text").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert copied(page) == formula.get_attribute("data-text")


def test_tab_reaches_the_first_formula(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    page.locator(".sbs-intro a").last.focus()
    inside = False
    for _ in range(60):
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement.closest('.sbs-formula') !== null")
        if inside:
            break
    assert inside, "sixty Tab presses below the introduction, and no formula"


def test_a_copied_paragraph_carries_its_formulas_as_text(site: Site, visit: Visitor) -> None:
    page = visit(**CLIPBOARD).page
    page.goto(site.address + "ada_belief/")
    paragraph = page.locator(".sbs-intro p:has(.sbs-math)").first
    paragraph.evaluate("p => getSelection().selectAllChildren(p)")
    page.keyboard.press("Control+c")
    texts = paragraph.locator(".sbs-math").evaluate_all("all => all.map(math => math.dataset.text)")
    for text in texts:
        assert copied(page).count(text) == sum(other.count(text) for other in texts)
    assert "\\" not in copied(page)


def test_pointing_at_a_symbol_shows_it_everywhere(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "ada_belief/")
    symbol = page.locator(".sbs-algorithm [data-sym]").first
    name = symbol.get_attribute("data-sym") or ""
    symbol.hover()
    lit = page.locator(".sbs-same")
    assert lit.count() == page.locator(f'[data-sym="{name}"]').count() > 1
    page.locator("h1").hover()
    expect(lit).to_have_count(0)


# Of the symbols in formulas: those that are drawn, and those that who points at them does not hit.
POINTED = """() => {
    const drawn = [], missed = [];
    for (const symbol of document.querySelectorAll(".sbs-formula .katex-html [data-sym]")) {
        const glyph = symbol.querySelector(".mathnormal") ?? symbol;
        glyph.scrollIntoView({block: "center"});
        const { left, top, width, height } = glyph.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        (symbol.contains(hit) ? drawn : missed).push(symbol.dataset.sym);
    }
    return [drawn.length, missed];
}"""


def test_each_symbol_can_be_pointed_at_also_below_a_fraction_or_a_hat(
    site: Site, visit: Visitor
) -> None:
    page = visit().page
    for address in ("adam/", "radam/", "ada_belief/"):
        page.goto(site.address + address)
        number, missed = page.evaluate(POINTED)
        assert number > 40
        assert missed == [], address


@pytest.mark.parametrize(
    ("address", "line", "pairs"),
    [
        ("ada_belief/", "s.mul_(beta2)", {"s": "s", "beta-2": "beta2"}),
        ("radam/", "rho_inf = ", {"rho-infinity": "rho_inf", "beta-2": "beta2"}),
        ("", "m.lerp_(", {"m": "m", "g": "grad", "beta-1": "beta1"}),  # the piece on the home page
    ],
)
def test_a_symbol_and_what_it_is_called_in_code_show_each_other(
    site: Site, visit: Visitor, address: str, line: str, pairs: dict[str, str]
) -> None:
    page = visit().page
    page.goto(site.address + address)
    line = f"#{page.locator('.sbs-line', has_text=line).first.get_attribute('id')}"
    row = page.locator(f".sbs-row:has({line})")
    for name, called in pairs.items():
        symbol = row.locator(f'.sbs-formula [data-sym="{name}"]').first
        code = row.locator(f'{line} [data-sym="{name}"]').first
        expect(code).to_have_text(called)
        for pointed, other in ((symbol, code), (code, symbol)):
            pointed.hover()
            expect(other).to_have_class(re.compile("sbs-same"))
        code.click()
        expect(page.locator(".sbs-meaning")).to_have_text(symbol.get_attribute("title") or "")
        page.keyboard.press("Escape")


def test_a_long_explanation_keeps_its_code_in_view(site: Site, visit: Visitor) -> None:
    page = visit(height=400).page
    page.goto(site.address + "engine/programs/")
    row = page.locator(".sbs-comment").evaluate_all(
        """rows => {
            const spare = row => row.offsetHeight - row.querySelector(".sbs-code").offsetHeight;
            return rows.sort((a, b) => spare(b) - spare(a))[0].querySelector(".sbs-line").id;
        }"""
    )
    line = page.locator(f"#{row}")
    line.evaluate(
        """line => scrollTo(0, scrollY - 100 +
            line.closest(".sbs-row").getBoundingClientRect().bottom)"""
    )
    expect(line).to_be_in_viewport()


# Of each line beside a formula: how far its baseline is from that of the formula.
STEPS = """() => {
    const baseline = (element, place) => {
        const probe = document.createElement("span");
        probe.style.display = "inline-block";
        element[place](probe);
        const { bottom } = probe.getBoundingClientRect();
        probe.remove();
        return bottom;
    };
    return [...document.querySelectorAll(".sbs-comment > .sbs-prose")]
        .filter(prose => prose.firstElementChild?.matches(".sbs-formula:only-child"))
        .filter(prose => prose.nextElementSibling?.matches(".sbs-code"))
        .map(prose => baseline(prose.querySelector(".katex-html .base"), "prepend")
            - baseline(prose.nextElementSibling.querySelector(".sbs-text"), "prepend"));
}"""


def test_a_line_of_code_stands_level_with_its_formula(site: Site, visit: Visitor) -> None:
    for address in ("adam/", "radam/", "ada_belief/"):
        page = visit(width=1280).page
        page.goto(site.address + address)
        page.evaluate("document.fonts.ready")
        steps = page.evaluate(STEPS)
        assert len(steps) > 1
        assert all(abs(step) <= 2 for step in steps), (address, steps)


def test_a_sheet_of_code_is_no_taller_than_its_code(site: Site, visit: Visitor) -> None:
    page = visit(width=1280).page
    for address in ("adam/", "radam/", "ada_belief/", "engine/fused/"):
        page.goto(site.address + address)
        spare = page.locator(".sbs-code").evaluate_all(
            "all => all.map(code => code.offsetHeight - code.querySelector('pre').offsetHeight)"
        )
        assert max(spare) < 24, address


def test_previous_and_next_follow_the_story(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address + "adam/")
    for _ in range(3):
        page.locator(".md-footer__link--next").click()
    page.wait_for_url(f"{site.address}ada_belief/")
    assert escape("AdaBelief") in page.title()
