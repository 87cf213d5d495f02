"""Fonts are cut down to the characters in use, and look as before."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

from sidebyside.rendering.fonts import characters, cut, cut_fonts, cut_sizes, sizes
from sidebyside.rendering.katex import Katex, find_package

FONTS = find_package(Path(__file__).parent) / "dist" / "fonts"
MAIN = (FONTS / "KaTeX_Main-Regular.woff2").read_bytes()


def outline(font: bytes, character: str) -> list[object]:
    glyphs = TTFont(BytesIO(font)).getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[TTFont(BytesIO(font)).getBestCmap()[ord(character)]].draw(pen)
    return list(pen.value)


def test_characters_are_those_a_reader_sees() -> None:
    with Katex() as katex:
        seen = characters([katex.render(r"\beta_1 < 2"), katex.render(r"\sqrt{x}", display=True)])
    assert {"β", "1", "<", "2", "x"} <= seen
    # The source of the formula stands in its MathML, which no font has to draw.
    assert not {"\\", "q", "b"} & seen


def test_a_font_keeps_the_characters_in_use_and_their_shapes() -> None:
    used = frozenset("1(+√")
    small = cut(MAIN, used)
    kept = {chr(code) for code in TTFont(BytesIO(small)).getBestCmap()}
    assert kept == used
    assert outline(small, "1") == outline(MAIN, "1")
    assert len(small) < len(MAIN) / 4


def test_widths_and_heights_stay_so_that_lines_do_not_move() -> None:
    before, after = TTFont(BytesIO(MAIN)), TTFont(BytesIO(cut(MAIN, frozenset("1+"))))
    assert (after["hhea"].ascent, after["hhea"].descent) == (
        before["hhea"].ascent,
        before["hhea"].descent,
    )
    assert after["hmtx"][after.getBestCmap()[ord("1")]] == before["hmtx"]["one"]


@pytest.mark.parametrize("face", sorted(path.name for path in FONTS.glob("*.woff2")))
def test_every_face_can_be_cut(face: str, tmp_path: Path) -> None:
    (tmp_path / face).write_bytes((FONTS / face).read_bytes())
    cut_fonts(tmp_path, frozenset("a1("))
    assert (tmp_path / face).stat().st_size < (FONTS / face).stat().st_size / 2


def test_without_a_formula_no_font_is_left(tmp_path: Path) -> None:
    for face in FONTS.glob("*.woff2"):
        (tmp_path / face.name).write_bytes(face.read_bytes())
    cut_fonts(tmp_path, frozenset())
    assert not list(tmp_path.iterdir())


def test_the_stylesheet_keeps_the_sizes_in_use_and_all_that_is_no_size(tmp_path: Path) -> None:
    with Katex() as katex:
        used = sizes([katex.render("a^{b^c}"), katex.render(r"\Huge x")])
    assert ("6", "3") in used
    path = tmp_path / "katex.css"
    whole = (FONTS.parent / "katex.min.css").read_text(encoding="utf-8")
    path.write_text(whole, encoding="utf-8")
    cut_sizes(path, used)
    css = path.read_text(encoding="utf-8")
    found = set(re.findall(r"\.reset-size(\d+)\.size(\d+)[,{]", css))
    assert found == used
    others = re.compile(r"[^{}]*\.reset-size[^{}]*\{[^{}]*\}")
    assert others.sub("", css) == others.sub("", whole)
