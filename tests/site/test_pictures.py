"""Each optimizer's page has its picture."""

import re
from html import escape

import pytest
from playwright.sync_api import expect

from docs.hooks.pictures import PICTURES
from tests.site.browsing import Site, Visitor


@pytest.mark.parametrize("name", PICTURES)
def test_each_optimizers_page_has_its_picture_with_words_for_those_who_listen(
    name: str, site: Site
) -> None:
    html = site.html(f"{name}/")
    intro = html[html.index('class="sbs-intro"') : html.index('sbs-part"')]
    for panel in PICTURES[name].panels.values():
        words = re.escape(escape(panel.words)).replace(r"\{", "{").replace(r"\}", "}")
        said = re.findall(rf">{re.sub('{.*?}', '[0-9.]+', words)}</desc>", intro)
        assert len(said) == (5 if panel.chosen else 1)
    for series in PICTURES[name].keys:
        assert intro.count(f'<path class="line {series}') >= 2, "in a chart and in the key"
    assert 'href="../assets/charts.css"' in html


@pytest.mark.browser
def test_the_reader_turns_the_noise_up_without_any_script(site: Site, visit: Visitor) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(site.address + "ada_belief/")
    dial = page.get_by_role("group", name="1, with noise of this size:")
    shown = dial.locator("svg:visible title")
    expect(shown).to_have_text(["Every gradient is 1, with noise of size 1"])
    dial.get_by_role("radio", name="1", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(shown).to_have_text(["Every gradient is 1, with noise of size 3"])
    dial.locator("label").first.click()
    expect(shown).to_have_text(["Every gradient is 1, with noise of size 0.1"])
