"""Each optimizer's page has its first steps in numbers."""

import json
import re

import pytest

from docs.hooks.by_hand import TABLES
from experiments.by_hand import PATH
from tests.site.browsing import Site

RECORDED = json.loads(PATH.read_text(encoding="utf-8"))


@pytest.mark.parametrize("edition", ["", "si/", "zh/", "ja/"])
@pytest.mark.parametrize("name", TABLES)
def test_each_optimizers_page_has_its_first_steps(name: str, edition: str, site: Site) -> None:
    html = site.html(f"{edition}{name}/")
    intro = html[html.index('class="sbs-intro"') : html.index('sbs-part"')]
    (table,) = re.findall(r"<table><thead>.*?</table>", intro)
    assert len(re.findall("<th>", table)) == len(TABLES[name].columns)
    for row in RECORDED[name]:
        assert f"<td>{row['step'].replace('-', '−')}</td>" in table
    assert intro.index(table) < intro.index('<h2 id="when-to-use-it">')
