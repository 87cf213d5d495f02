"""Dollars that are no math are text, and never stop the build of other people's sources."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from sidebyside.rendering.katex import Katex
from sidebyside.rendering.math import Typesetter
from sidebyside.source.prose import formulas, read_prose
from sidebyside.source.sections import Line

ROOT = Path(__file__).parents[2]


def read(text: str) -> list[str]:
    blocks = read_prose([Line(1, text)], path="f.py", comment=True, strict=False)
    return [formula.text for formula in formulas(blocks)]


@pytest.mark.parametrize(
    "text",
    [
        "echo $HOME/bin:$PATH here",
        "either '$' or '$' ends it",
        'a "$" and a "$"',
        "${HOME}/bin:${PATH}",
        "matches foo$ and bar$ alike",
        "it costs $5 or $6",
        "names like a$b$c",
        "^a$|^b$",
    ],
)
def test_dollars_of_shells_patterns_and_prices_are_no_math(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "formula"),
    [("the $n$th of", "n"), ("($x$)", "x"), ('"$x$"', "x"), ("$x$, $y$", "x"), ("$a b$.", "a b")],
)
def test_dollars_around_math_are_math(text: str, formula: str) -> None:
    assert read(text)[0] == formula


@pytest.fixture(scope="module")
def katex() -> Iterator[Katex]:
    with Katex(ROOT) as running:
        yield running


@pytest.mark.parametrize(
    "text", ["Set $x_$ then", r"a $\nosuch{x}$ b", "$a}$", "a $x^$ b", "$#1$", "$$x_$$", "$&%$"]
)
def test_what_katex_refuses_is_shown_as_it_stands(katex: Katex, text: str) -> None:
    typesetter = Typesetter(katex, "f.py")
    typesetter.strict = False
    blocks = read_prose([Line(1, text)], path="f.py", comment=True, strict=False)
    markdown = typesetter.markdown(blocks)
    html = typesetter.pieces.fill(typesetter.pieces.plain_html(markdown))
    assert html == escape(text, quote=False)
