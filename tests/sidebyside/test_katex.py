"""KaTeX typesets what the formula language says, and complains clearly about the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import labml_nn
import pytest

from sidebyside.formula import parse_formula, to_latex
from sidebyside.rendering import katex as module
from sidebyside.rendering.katex import (
    Katex,
    KatexError,
    find_node,
    find_package,
    stylesheet_and_fonts,
)
from sidebyside.rendering.math import Typesetter
from sidebyside.source.prose import formulas, read_prose
from sidebyside.source.sections import Line, parse_source

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def katex() -> Iterator[Katex]:
    with Katex() as running:
        yield running


def test_html_is_for_the_eye_and_mathml_for_the_ear(katex: Katex) -> None:
    html = katex.render(to_latex(parse_formula("ŝₜ ← β₂ᵗ·sₜ₋₁")))
    math = re.search(r"<math.*</math>", html)
    assert math is not None
    spoken = "".join(ElementTree.fromstring(math[0]).itertext())
    assert spoken == "s^t←β2tst−1"
    assert 'class="katex-html" aria-hidden="true"' in html


def test_a_row_of_an_algorithm_is_heard_once_and_whole(katex: Katex) -> None:
    blocks = read_prose([Line(1, "ŝₜ ← β₂ᵗ·sₜ₋₁"), Line(2, "a ≤ b")], path="f.py", comment=True)
    writer = Typesetter(katex, "f.py")
    writer.markdown(blocks)
    html = "".join(piece.html for piece in writer.pieces.items)
    maths = re.findall(r"<math.*?</math>", html)
    heard = ["".join(ElementTree.fromstring(math).itertext()) for math in maths]
    assert heard == ["s^t←β2tst−1", "a≤b"]
    assert html.count('class="katex-html"') == 4


def test_a_row_may_end_its_half_with_a_space(katex: Katex) -> None:
    lines = [Line(n, text) for n, text in enumerate(["$$", r"\min \ & x \\", "& y", "$$"])]
    writer = Typesetter(katex, "f.py")
    writer.strict = False
    writer.markdown(read_prose(lines, path="f.py", comment=True, strict=False))
    assert writer.errors.found == []
    assert writer.pieces.items[0].html.count('class="katex-html"') == 3


def test_of_others_a_row_whose_halves_are_none_is_text(katex: Katex) -> None:
    lines = [
        Line(n, text) for n, text in enumerate(["$$", r"\left( x & y \right) \\", "& y", "$$"])
    ]
    writer = Typesetter(katex, "f.py")
    writer.strict = False
    writer.markdown(read_prose(lines, path="f.py", comment=True, strict=False))
    assert writer.errors.found == []
    assert r"\left( x" in "".join(piece.html for piece in writer.pieces.items)


@pytest.mark.parametrize(
    ("tex", "seen"),
    [
        (r"a \mbox{ if } b", "a if b"),
        (r"\ensuremath{x} y", "xy"),
        (r"a = b \label{eq:1}", "a=b"),
    ],
)
def test_what_katex_calls_otherwise_is_typeset(katex: Katex, tex: str, seen: str) -> None:
    html = katex.render(tex).partition("</math>")[2]
    assert re.sub("<[^>]*>", "", html).replace("\xa0", " ") == seen


def test_symbols_carry_their_identity(katex: Katex) -> None:
    html = katex.render(to_latex(parse_formula("ŝₜ ← β₂ᵗ·sₜ₋₁")))
    assert re.findall(r'data-sym="([^"]*)"', html) == ["s-hat", "beta-2", "t", "s"]


def test_tags_do_not_change_how_a_formula_looks(katex: Katex) -> None:
    """Heights, depths and spaces are what they are without tags; only wrapping spans differ."""
    tree = parse_formula("θₜ ← θₜ₋₁ − α·√c₂/c₁ · m̂ₜ² / (√uₜ + ε) = f(θ) + Δθ + |x|·max(s₁, …, sₜ)")
    plain, tagged = (
        re.findall(r'style="[^"]*"|class="mspace"', katex.render(to_latex(tree, tag=tag), True))
        for tag in (False, True)
    )
    assert tagged == plain


def test_display_style_is_larger(katex: Katex) -> None:
    assert 'display="block"' in katex.render(r"\frac{a}{b}", display=True)
    assert 'display="block"' not in katex.render(r"\frac{a}{b}", display=False)


def test_nothing_is_larger_than_what_one_reads(katex: Katex) -> None:
    html = katex.render(r"\rule{9999em}{9999em}\raisebox{9999em}{x}\kern9999em y")
    seen = html.partition('class="katex-html"')[2]  # MathML is there to be heard
    assert max(float(size) for size in re.findall(r"([\d.]+)em", seen)) < 60


def test_an_author_marks_a_term_for_a_stylesheet(katex: Katex) -> None:
    assert 'data-term="new"' in katex.render(r"v + \htmlData{term=new}{g_t^2}")


@pytest.mark.parametrize(
    ("tex", "reason"),
    [
        (r"\frac{a", "Unexpected end of input in a macro argument"),
        (r"\unknown", "Undefined control sequence: \\unknown"),
        (r"\href{https://example.org}{x}", r"\href is not allowed here"),
        (r"\htmlData{md-component=dialog}{x}", r"\htmlData is not allowed here"),
        (r"\htmlData{sym=a, n=0}{x}", r"\htmlData is not allowed here"),
        (r"a % comment", "commentAtEnd"),
        ("ŝ = 字", "unicodeTextInMathMode"),
    ],
)
def test_errors_carry_the_formula_and_katex_own_words(katex: Katex, tex: str, reason: str) -> None:
    with pytest.raises(KatexError, match=re.escape(reason)) as caught:
        katex.render(tex)
    assert caught.value.tex == tex
    assert tex in str(caught.value)
    assert "katex" in katex.render("x")  # one bad formula does not stop the rest


def test_all_formulas_of_real_sources_are_typeset(katex: Katex) -> None:
    own = sorted((ROOT / "labml_nn_optim").glob("*.py"))
    others = sorted((Path(labml_nn.__file__).parent / "optimizers").glob("*.py"))
    seen = 0
    for path in own + others:
        for section in parse_source(path).sections:
            comment, strict = section.kind == "comment", path in own
            blocks = read_prose(section.prose, path=path.name, comment=comment, strict=strict)
            for formula in formulas(blocks):
                tex = formula.text if formula.formula is None else to_latex(formula.formula)
                assert "katex-mathml" in katex.render(tex, display=True)
                seen += 1
    assert seen > 450


def test_a_formula_is_typeset_once(katex: Katex, monkeypatch: pytest.MonkeyPatch) -> None:
    first = katex.render("q + 1")
    monkeypatch.setattr(katex, "_ask", lambda question: pytest.fail("asked again"))
    assert katex.render("q + 1") == first


def test_a_closed_katex_starts_again() -> None:
    katex = Katex()
    first = katex.render("x")
    katex.close()
    katex.close()
    assert katex.render("y") != first
    katex.close()


def test_a_broken_package_is_reported_with_the_remedy(tmp_path: Path) -> None:
    with Katex(tmp_path) as katex, pytest.raises(KatexError, match="npm ci"):
        katex.render("x")


def test_a_missing_package_is_reported_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(KatexError, match=r"run `npm install katex`.* or `npm ci`"):
        find_package(tmp_path)


def test_the_package_is_found_from_folders_below(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "katex"
    package.mkdir(parents=True)
    (package / "package.json").touch()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_package(tmp_path / "a" / "b") == package


def test_node_of_the_system_is_used_where_pip_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/somewhere/{name}")
    assert find_node() == "/somewhere/node"
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(KatexError, match="Node is not installed"):
        find_node()


def test_stylesheet_and_fonts_are_complete_and_only_woff2() -> None:
    package = find_package(ROOT)
    files = stylesheet_and_fonts(package)
    css = files["katex.css"].decode()
    urls = re.findall(r"url\(([^)]*)\)", css)
    assert len(urls) == css.count("@font-face") > 15
    assert all(files[url].startswith(b"wOF2") for url in urls)
    assert files.keys() == {"katex.css", "LICENSE", *urls}


def test_the_package_is_the_pinned_one() -> None:
    pinned = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"][
        "katex"
    ]
    installed = json.loads((find_package(ROOT) / "package.json").read_text(encoding="utf-8"))
    assert installed["version"] == pinned
