"""
# Fonts with the characters in use, and no others

KaTeX's fonts know a thousand signs, and pages of formulas use sixty. Cut down to those, they weigh
a quarter. Its stylesheet knows eleven sizes inside of each of eleven, and pages use five of those.
All is cut after all pages are made, when it is known what is in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import unescape
from io import BytesIO
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]

_SIZE = re.compile(r"\breset-size(\d+) size(\d+)\b")
_MARKUP = re.compile(r"<[^>]*>")


def characters(typeset: Iterable[str]) -> frozenset[str]:
    """The characters that typeset formulas show. Their MathML is read aloud, and needs no font."""
    shown = (html.partition('class="katex-html"')[2].partition(">")[2] for html in typeset)
    return frozenset(char for html in shown for char in unescape(_MARKUP.sub("", html)))


def sizes(typeset: Iterable[str]) -> frozenset[tuple[str, str]]:
    """The changes of size in typeset formulas, from one to another."""
    return frozenset(size for html in typeset for size in _SIZE.findall(html))


def cut_sizes(stylesheet: Path, used: frozenset[tuple[str, str]]) -> None:
    """Leave out of KaTeX's stylesheet the rules for sizes that no formula has."""
    if not stylesheet.is_file():
        return
    css = stylesheet.read_text(encoding="utf-8")
    rule = re.compile(r"\.katex [\w.-]*\.reset-size(\d+)\.size(\d+)(?:,[^{}]*)?\{[^{}]*\}")
    css = rule.sub(lambda found: found[0] if found.groups() in used else "", css)
    stylesheet.write_text(css, encoding="utf-8")


def cut_fonts(folder: Path, used: frozenset[str]) -> None:
    """Cut each woff2 font in a folder down to the characters in use; without any, none is left."""
    for path in sorted(folder.glob("*.woff2")):
        if used:
            path.write_bytes(cut(path.read_bytes(), used))
        else:
            path.unlink()


@lru_cache(maxsize=64)  # while the site is served, fonts change only when a new character is used
def cut(font: bytes, used: frozenset[str]) -> bytes:
    """A font with the characters in use, as woff2."""
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False, bidi_closure=False)
    whole = subset.load_font(BytesIO(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(used))
    subsetter.subset(whole)
    result = BytesIO()
    subset.save_font(whole, result, options)
    content: bytes = result.getvalue()
    return content
