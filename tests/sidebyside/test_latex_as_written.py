"""An author's LaTeX is typeset as written: the same visible characters as KaTeX gives alone."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from sidebyside.rendering.katex import Katex, KatexError
from sidebyside.rendering.math import Typesetter
from sidebyside.source.prose import Display, formulas, read_prose
from sidebyside.source.sections import Line, parse_source
from tests.sidebyside.test_mkdocs import Project, built, project

__all__ = ["project"]  # a fixture

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def katex() -> Iterator[Katex]:
    with Katex(ROOT) as running:
        yield running


def typeset(katex: Katex, text: str) -> str:
    """The one formula in a docstring of others, as HTML."""
    lines = [Line(n, line) for n, line in enumerate(text.split("\n"), 1)]
    typesetter = Typesetter(katex, "f.py")
    typesetter.markdown(read_prose(lines, path="f.py", comment=False, strict=False))
    (piece,) = typesetter.pieces.items
    return piece.html


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
    html = typeset(katex, around.format(tex))
    assert seen(html) == seen(katex.render(tex, False))
    (copied,) = re.findall(r'data-tex="([^"]*)"', html)
    assert unescape(copied) == tex


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"\text{old_value} + 1", "old_value+1"),
        (r"x_\text{learning_rate}", "xlearning_rate"),
        (r"\texttt{a#b} = \mbox{50%}", "a#b=50%"),
        (r"\text{a\_b} x_1", "a_bx1"),
        (r"\mathrm{a_b}", "ab"),
    ],
)
def test_a_box_shows_the_text_that_stands_in_it(katex: Katex, tex: str, shown: str) -> None:
    html = typeset(katex, f"${tex}$")
    assert seen(html) == shown
    (copied,) = re.findall(r'data-tex="([^"]*)"', html)
    assert unescape(copied) == tex


TEXTS = {
    r"\hat{m}_t = \beta_1 m_{t-1}^2 + g_t": "m̂ₜ = β₁·mₜ₋₁² + gₜ",
    r"\frac{\hat m_t}{\sqrt{v_t} + \epsilon}": "m̂ₜ / (√vₜ + ε)",
    "e_{ij}": "e_{ij}",
    r"\log(x)": "log(x)",
    # Another reading of these is as good as ours, and what is copied must not decide.
    "T(n/2)": None,
    r"O(n \log n)": None,
    r"\sin m\theta": None,
    r"V^{\pi_\theta}(s_t)": None,
    "D(G(z))": None,
    "U[0,1]": "U[0, 1]",
    r"f \odot c": None,
    "sigma": None,
}


@pytest.mark.parametrize(("tex", "text"), TEXTS.items())
def test_latex_is_copied_as_text_where_the_text_says_the_same(
    katex: Katex, tex: str, text: str | None
) -> None:
    copied = re.search('data-text="([^"]*)"', typeset(katex, f"${tex}$"))
    assert (unescape(copied[1]) if copied else None) == text


SYMBOLS = {
    r"\hat{m}_t = \beta_1 m_{t-1}^2 + (1 - \beta_1) g_t": ["m-hat", "beta-1", "m", "beta-1", "g"],
    r"e^{-x_t} + \bar{x_t}": ["e", "x", "x-bar"],
    r"\sum_{i=1}^n x_i y": ["n", "x", "y"],
    r"m\theta": ["m", "theta"],
    r"\textcolor{red}{p}_t + \textcolor{red}{q_t}": ["q"],
    "x'_0": ["x-prime-0"],
}


@pytest.mark.parametrize("tex", SYMBOLS)
def test_symbols_of_latex_are_known_by_their_names(katex: Katex, tex: str) -> None:
    html = typeset(katex, f"${tex}$")
    assert re.findall('data-sym="([^"]*)"', html) == SYMBOLS[tex]


def lengths(html: str) -> Counter[str]:
    """The sizes and places of everything in a formula."""
    styles = ";".join(re.findall('style="([^"]*)"', html)).split(";")
    return Counter(style for style in styles if style and "color" not in style)


@pytest.mark.parametrize("tex", [*SYMBOLS, *TEXTS])
def test_a_symbol_that_is_known_stands_where_it_stood(katex: Katex, tex: str) -> None:
    assert lengths(typeset(katex, f"${tex}$")) == lengths(katex.render(tex, False))


def test_a_symbol_of_latex_shows_its_meaning(project: Project) -> None:
    text = """
class Mean:
    r'''
    ## The mean

    * $mₜ$ is the mean of all before

    $$m_t \\leftarrow \\frac{m_{t-1}}{2}$$
    '''
"""
    project.write({"package/said.py": text})
    html = built(project).page("annotated/said").partition('class="sbs-formula')[2]
    titled = re.findall(r'data-sym="m" title="([^"]*)"', html)
    assert titled == ["mₜ: the mean of all before"] * 2


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
