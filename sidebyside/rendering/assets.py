"""
# Stylesheets, the script, and fonts

Everything a page asks for is part of the site; no request leaves it.
"""

from __future__ import annotations

import re
from pathlib import Path

from sidebyside.rendering.katex import Katex, KatexError, find_package, stylesheet_and_fonts

_FOLDER = "assets/sidebyside"
CLASSES = f"{_FOLDER}/page/classes.css"  # of styles that stood in pages; see `policy`
STYLESHEETS = [f"{_FOLDER}/katex/katex.css", f"{_FOLDER}/sidebyside.css", CLASSES]
FONTS = f"{_FOLDER}/katex/fonts"
SCRIPT = f"{_FOLDER}/sidebyside.js"
LABELS = f"{_FOLDER}/labels.js"  # those of scripts, in editions that are translated
ENGLISH = f"{_FOLDER}/english.js"  # likewise: shows the English of a passage


_KATEX_LINK = re.compile(rf"<link[^>]*{re.escape(STYLESHEETS[0])}[^>]*>")


def without_unused(html: str) -> str:
    """A page without a formula needs nothing of KaTeX."""
    return html if 'class="katex' in html else _KATEX_LINK.sub("", html)


def asset_files(katex: Katex) -> dict[str, bytes]:
    """The files themselves, by their path on the site."""
    own = Path(__file__).parents[1] / "assets"
    files = {f"{_FOLDER}/{path.name}": _content(path) for path in sorted(own.iterdir())}
    try:
        math = stylesheet_and_fonts(find_package(katex.start))
    except KatexError:  # a site without formulas can do without; the first formula would complain
        math = {}
    return files | {f"{_FOLDER}/katex/{name}": content for name, content in math.items()}


def _content(path: Path) -> bytes:
    """A file as it is sent: the comments of a style sheet are for those who change it."""
    content = path.read_bytes()
    return _COMMENT.sub(b"", content) if path.suffix == ".css" else content


_COMMENT = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
