"""Twice as much of a text, absurd or not, is twice as much work, not four times."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from sidebyside.rendering import patience
from sidebyside.rendering.names import Names, SourcePage
from sidebyside.source.sections import Line, parse_source
from sidebyside.source.signs import with_plain_signs
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
    "definitions": ("a\n  b\n\n  c\n\n", 200),
}


# A file of so many definitions, statements and comments.
CODE = {
    "comments": "# A comment\nx{n} = {n}\n",
    "functions": "def f{n}(a):\n    # A comment\n    return f{n}(a)\n\n\n",
    "functions of one name": "def f(a):\n    return a\n\n\n",
    "methods": "class C{n}(dict):\n    def keys(self):\n        return self.keys()\n\n\n",
    "fallbacks": "try:\n    import a{n}\nexcept ImportError:\n    a{n} = None\n",
    "calls of one function": "def f{n}(): pass\nx{n} = f0()\n",
}
# Of these, patterns once looked for the other half at every place, for minutes.
NEVER_ENDING = {
    "ticks": " ".join("`" * n for n in range(1, 250)),
    "spaces": "a" + " " * 50_000 + "b",
    "blank lines": "\n" * 20_000 + "a",
    "terms in terms": "".join(" " * 2 * n + "a\n" for n in range(1000)) + "\n" + " " * 2000 + "a",
    "signs of a heading": "# " * 20_000,
    "attributes": f"<b {'a:' * 20_000}>b</b>",
}


def steps(task: Callable[[], object]) -> int:
    """How many lines of Python are executed for something."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        task()
    finally:
        sys.settrace(before)
    return count


def page(text: str) -> Callable[[], object]:
    """Make the page of a docstring."""
    return lambda: render(f'r"""\n# T\n\n{text}\n"""\nx = 1\n', strict=False)


def file(text: str) -> Callable[[], object]:
    """Make the page of a file, and find where its names lead and who uses what."""

    def task() -> None:
        render(text, "m.py", strict=False)
        names = Names([SourcePage("m", Path("m.py"), "m/", parse_source(Path("m.py"), text))])
        names.links("m")
        names.relations(names.definitions("m")[0].path)

    return task


@pytest.mark.parametrize("kind", NOTHING_CLOSES_IT)
def test_work_grows_with_the_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_ALWAYS", 0)  # so that a short text is long
    absurd, number = NOTHING_CLOSES_IT[kind]
    steps(page(absurd))  # what is made once
    little, much = steps(page(absurd * number)), steps(page(absurd * number * 2))
    assert much < 2.5 * little


@pytest.mark.parametrize("kind", CODE)
def test_work_grows_with_the_code(kind: str) -> None:
    def some(number: int) -> Callable[[], object]:
        return file("".join(CODE[kind].format(n=n) for n in range(number)))

    steps(some(1))  # what is made once
    little, much = steps(some(200)), steps(some(400))
    assert much < 2.03 * little


def test_a_numbered_list_grows_with_its_items() -> None:
    def some(number: int) -> Callable[[], object]:
        return page("\n\n".join(f"{n}. Words." for n in range(1, number)))

    steps(some(2))
    assert steps(some(400)) < 2.03 * steps(some(200))


@pytest.mark.parametrize("kind", NEVER_ENDING)
def test_what_no_pattern_can_close_comes_to_an_end(kind: str) -> None:
    assert 'id="L' in str(page(NEVER_ENDING[kind])())


@pytest.mark.parametrize("absurd", ["<![CDATA[", "[](", "[a](b(", "$$a"])
def test_signs_are_looked_for_once(absurd: str) -> None:
    line = Line(1, absurd * 100_000)
    assert with_plain_signs([line]) == [line]


def test_what_is_written_behind_absurd_text_is_still_read() -> None:
    html = render(
        f'"""\n# T\n\n{"[" * 300}\n\n[a link](https://example.org), <b>b</b>\n"""\nx = 1\n'
    )
    assert '<a href="https://example.org">a link</a>, <b>b</b>' in html
