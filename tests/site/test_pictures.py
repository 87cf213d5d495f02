"""Each optimizer's page has its picture."""

from html import escape

import pytest

from docs.hooks.pictures import PICTURES
from tests.site.browsing import Site


@pytest.mark.parametrize("name", PICTURES)
def test_each_optimizers_page_has_its_picture_with_words_for_those_who_listen(
    name: str, site: Site
) -> None:
    html = site.html(f"{name}/")
    intro = html[html.index('class="sbs-intro"') : html.index('sbs-part"')]
    for panel in PICTURES[name].panels.values():
        assert intro.count(f">{escape(panel.words)}</desc>") == 1
    for series in PICTURES[name].keys:
        assert intro.count(f'<path class="line {series}') >= 2, "in a chart and in the key"
    assert 'href="../assets/charts.css"' in html
