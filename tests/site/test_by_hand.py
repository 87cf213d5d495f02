"""Each optimizer's page has its first steps in numbers."""

import re

import pytest

from docs.hooks.by_hand import TABLES
from tests.site.browsing import Site


@pytest.mark.parametrize("edition", ["", "si/", "zh/", "ja/"])
@pytest.mark.parametrize("name", TABLES)
def test_each_optimizers_page_has_its_first_steps(name: str, edition: str, site: Site) -> None:
    html = site.html(f"{edition}{name}/")
    intro = html[html.index('class="sbs-intro"') : html.index('sbs-part"')]
    (table,) = re.findall(r"<table><thead>.*?</table>", intro)
    assert len(re.findall("<th>", table)) == len(TABLES[name].columns)
    assert table.count("<td>0.1") >= 1
    assert intro.index(table) < intro.index('<h2 id="when-to-use-it">')
