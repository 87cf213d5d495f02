"""An author's LaTeX is typeset as written: the same visible characters as KaTeX gives alone."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from sidebyside.prose import Display, formulas, read_prose
from sidebyside.rendering.katex import Katex, KatexError
from sidebyside.rendering.math import Typesetter
from sidebyside.source import Line, parse_source

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def katex() -> Iterator[Katex]:
    with Katex(ROOT) as running:
        yield running


def seen(html: str) -> str:
    """The characters that a reader sees."""
    shown = html.partition('class="katex-html"')[2].partition(">")[2]
    return re.sub(r"[\s\u200b]", "", unescape(re.sub(r"<[^>]*>", "", shown)))


WRITTEN = [
    "T(n/2)",
    r"O(n \log n)",
    "O(mn)",
    r"A \in \mathbb{R}^{r \times k}",
    r"f \odot c",
    r"V^{\pi_\theta}(s_t)",
    r"\pi^\sigma(h)",
    r"D(G_\theta(z))",
    "U[0,1]",
    r"\sin m\theta",
    r"p_1 \dots p_N",
    "(i)",
    r"\frac{a}{b} / \frac{c}{d}",
    r"a \ast b \cdot c",
    r"\left[ x \right]",
    r"x^{*}",
    "m!",
]


@pytest.mark.parametrize("tex", WRITTEN)
@pytest.mark.parametrize("around", ["${}$", "$$\n{}\n$$"])
def test_latex_shows_what_stands_in_the_source(katex: Katex, tex: str, around: str) -> None:
    lines = [Line(n, text) for n, text in enumerate(around.format(tex).split("\n"), 1)]
    blocks = read_prose(lines, path="f.py", comment=False, strict=False)
    typesetter = Typesetter(katex, "f.py")
    typesetter.markdown(blocks)
    (piece,) = typesetter.pieces.items
    assert seen(piece.html) == seen(katex.render(tex, False))
    (copied,) = re.findall(r'data-tex="([^"]*)"', piece.html)
    assert unescape(copied) == tex


def test_every_formula_of_the_predecessor_is_typeset_as_written(katex: Katex) -> None:
    spec = importlib.util.find_spec("labml_nn")
    assert spec is not None
    assert spec.origin is not None
    number, different = 0, []
    for path in sorted(Path(spec.origin).parent.rglob("*.py")):
        for section in parse_source(path).sections:
            is_comment = section.kind == "comment"
            blocks = read_prose(section.prose, path=path.name, comment=is_comment, strict=False)
            ours = [found for found in formulas(blocks) if "\\" in found.text]
            text = " ".join(" ".join(line.text.split()) for line in section.prose)
            for formula in ours:
                number += 1
                if formula.text not in text and not any(formula.halves):
                    different.append((path.name, formula.line, formula.text))
                    continue
                try:
                    alone = seen(katex.render(formula.text, True))
                except KatexError:
                    continue
                typesetter = Typesetter(katex, path.name)
                typesetter.markdown([Display((formula,))])
                if seen(typesetter.pieces.items[0].html) != alone:
                    different.append((path.name, formula.line, formula.text))
    assert number > 1000
    assert different == []
