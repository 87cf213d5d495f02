"""The end of a long comment stands beside its code, and nothing of it is lost."""

from __future__ import annotations

import pytest

from sidebyside.rendering.beside import arranged
from sidebyside.rendering.pieces import Piece, Pieces
from sidebyside.source.sections import Line
from tests.sidebyside.test_page import render

LONG = "<p>" + "Some words that go on. " * 12 + "</p>\n"
LONGER = "<p>" + "Some words that go on. " * 20 + "</p>\n"
SHORT = "<p>A <em>few</em><br> words.</p>\n"
ONE = [Line(1, "x = 1")]
MANY = [Line(n, f"x = {n}") for n in range(40)]
NONE = [Line(1, "")]
FORMULA = '<p><span class="sbs-piece" data-n="0">y = x</span></p>\n'
TALL = FORMULA.replace('"0"', '"1"')

CASES = {
    "short": (SHORT, ONE, ("", "", SHORT)),
    "long, and one line": (LONG + LONG + SHORT, ONE, (LONG + LONG, "", SHORT)),
    "long, and as much code": (LONG + LONG + SHORT, MANY, ("", "", LONG + LONG + SHORT)),
    "one long paragraph": (LONG, ONE, ("", "", LONG)),
    "one longer paragraph": (LONGER, ONE, (LONGER, "", "")),
    "a short and a longer one": (SHORT + LONGER, ONE, (SHORT + LONGER, "", "")),
    "long, without code": (LONG, NONE, (LONG, "", "")),
    "short, without code": (SHORT, NONE, ("", "", SHORT)),
    "a heading near the end": (
        LONG + "<h4>Then</h4>\n" + SHORT,
        ONE,
        (LONG, "", "<h4>Then</h4>\n" + SHORT),
    ),
    "a formula after a few words": (SHORT + FORMULA, ONE, ("", SHORT, FORMULA)),
    "a formula after many": (LONG + FORMULA, ONE, (LONG, "", FORMULA)),
    "a formula after many, and as much code": (LONG + FORMULA, MANY, ("", LONG, FORMULA)),
    "words and a formula after many": (LONG + SHORT + FORMULA, ONE, (LONG + SHORT, "", FORMULA)),
    "a tall formula after a few words": (SHORT + TALL, ONE, (SHORT, "", TALL)),
    "a few words after a tall formula": (SHORT + TALL + SHORT, ONE, (SHORT + TALL, "", SHORT)),
    "a tall formula beside some code": (SHORT + TALL, MANY, ("", SHORT, TALL)),
    "a tall formula without code": (SHORT + TALL, NONE, (SHORT + TALL, "", "")),
    "a long list": (
        f"<ul>\n<li>{LONG}</li>\n<li>{LONG}</li>\n</ul>\n{SHORT}",
        ONE,
        (f"<ul>\n<li>{LONG}</li>\n<li>{LONG}</li>\n</ul>\n", "", SHORT),
    ),
    "signs in attributes": (
        f'<p title="a > b">{LONG}</p>\n{SHORT}',
        ONE,
        (f'<p title="a > b">{LONG}</p>\n', "", SHORT),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_fits_stands_beside_the_code(case: str) -> None:
    prose, code, expected = CASES[case]
    rows = '<div class="sbs-formula"><span class="katex-html">{}</span></div>'
    strut = '<span class="strut" style="height:{}em;vertical-align:-0.7em;"></span>y = x'
    pieces = Pieces()
    for height in (1.0, 6.5):
        pieces.add(Piece("y = x", rows.format(strut.format(height)), is_block=True))
    found = arranged(prose, code, pieces)
    assert "".join(found) == prose
    assert tuple(part.strip() for part in found) == tuple(part.strip() for part in expected)


def test_an_anchor_before_a_heading_stays_in_it() -> None:
    text = (
        'class MultiHead:\n    """\n    <a id="MHA"></a>\n\n    ## Attention\n\n    W.\n    """\n'
    )
    html = render(text, strict=False)
    assert html.count("<h2") == 1
    assert '<h2 id="MultiHead"' in html
    assert '<span id="MHA"></span>Attention' in html
