"""
# Characters that hide

Some characters are never seen and change what is: they turn the direction of text around, or speak
to a terminal. In prose they are replaced by their names. In code they stay, since what is copied is
what stands in the file; there each is marked, and kept from reaching beyond itself.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

# Directions of text (UAX 9), invisible spaces and joiners, and control characters. Tabs, ends of
# lines and form feeds are white space.
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(f"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f{_DIRECTIONS}\ufeff\u2028\u2029]")


def visible(text: str) -> str:
    """Prose in which each hidden character is told by its number."""
    return _HIDDEN.sub(lambda found: f"⟨{_number(found[0])}⟩", text)


def marked(html: str) -> str:
    """A line of code as HTML, in which hidden characters are marked, and still there."""
    return _HIDDEN.sub(_mark, html)


def _mark(found: re.Match[str]) -> str:
    name = unicodedata.name(found[0], "control character").lower()
    number = _number(found[0])
    title = escape(f"{number} {name}")
    return f'<bdi class="sbs-hidden" data-c="{number}" title="{title}">{found[0]}</bdi>'


def _number(character: str) -> str:
    return f"U+{ord(character):04X}"
