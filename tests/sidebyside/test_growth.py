"""Twice as much of an absurd text is twice as much work, not four times."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from sidebyside.rendering import patience
from tests.sidebyside.test_page import render

NOTHING_CLOSES_IT = {
    "brackets": ("[", 800),
    "pictures": ("![", 800),
    "links": ("[](", 800),
    "references": ("[a][", 800),
    "tags": ("<b>", 800),
    "tags of two kinds": ("<i><b>", 400),
    "fences": ("```a\n", 400),
    "environments": ("\\begin{align}\n", 400),
    "environments that end in a sentence": ("\\begin{align}\n\\end{align} x\n", 200),
    "blocks of formulas": ("$$ a\n", 200),
    "assignments": ("    a = b\n", 40),
    "paragraphs": ("Some words.\n\n", 200),
}


def steps(text: str) -> int:
    """How many lines of Python are executed for a page."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        html = render(f'r"""\n# T\n\n{text}\n"""\nx = 1\n', strict=False)
    finally:
        sys.settrace(before)
    assert 'id="L' in html
    return count


@pytest.mark.parametrize("kind", NOTHING_CLOSES_IT)
def test_work_grows_with_the_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_ALWAYS", 0)  # so that a short text is long
    absurd, number = NOTHING_CLOSES_IT[kind]
    steps(absurd)  # what is made once
    little, much = steps(absurd * number), steps(absurd * number * 2)
    assert much < 2.5 * little


def test_what_is_written_behind_absurd_text_is_still_read() -> None:
    html = render(
        f'"""\n# T\n\n{"[" * 300}\n\n[a link](https://example.org), <b>b</b>\n"""\nx = 1\n'
    )
    assert '<a href="https://example.org">a link</a>, <b>b</b>' in html
