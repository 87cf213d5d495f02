"""Prose as other people write it reads well, and none of its words is lost."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from sidebyside.source import Line, parse_source
from sidebyside.styles import as_markdown
from tests.sidebyside.test_page import render


def read(text: str, *, comment: bool = False) -> str:
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
    return "\n".join(line.text for line in as_markdown(lines, comment=comment))


READ = {
    "a title between rules": ("=====\nTitle\n=====\n\nText.", "# Title\n\nText."),
    "a title above tildes": ("Title\n~~~~~\nText.", "### Title\nText."),
    "a fence is no title": ("It\n\n~~~\nx\n~~~", "It\n\n~~~\nx\n~~~"),
    "a section of NumPy": (
        "Parameters\n----------\nx : float\n    The value.\n*args : tuple\n    More.",
        "**Parameters**\n\n* `x` (float)\n    The value.\n* `*args` (tuple)\n    More.",
    ),
    "a section of Google": (
        "Args:\n    x (int): a\n        number\n    y: more\n\nText.",
        "**Args**\n\n* `x (int)`: a\n    number\n* `y`: more\n\nText.",
    ),
    "what is returned": ("Returns:\n    The sum of it.", "**Returns**\n\nThe sum of it."),
    "an example": ("Example:\n    f(1)\n", "**Example**\n\n\n```python\nf(1)\n```\n"),
    "words with a colon stay": ("Note that: yes\nfor sure:", "Note that: yes\nfor sure:"),
    "a formula": (".. math::\n\n    y = x^2", "\n$$\ny = x^2\n$$\n"),
    "a note": (".. note:: Beware\n    of it.", "\n**Note.** Beware\nof it.\n"),
    "code": (".. code-block:: c\n\n    int x;\n\nText.", "\n```c\nint x;\n```\n\n\nText."),
    "a literal block": ("So::\n\n    x = 1\n\nText.", "So:\n\n```python\nx = 1\n```\n\n\nText."),
    "a picture": (".. image:: a.png\n   :alt: A", "![A](a.png)\n"),
    "roles": (
        "See :func:`g`, :class:`~torch.optim.Adam`, :math:`a_b` and :pep:`8`.",
        "See `g`, `Adam`, $a_b$ and PEP 8.",
    ),
    "links": ("`the docs <https://e.org>`_, `np.sum`_", "[the docs](https://e.org), `np.sum`"),
    "roles in code": ("    x = `a`_", "    x = `a`_"),
    "stars": (
        "a[2*k] * x**2, *args, *so* and `a*b*c`",
        r"a[2\*k] * x\*\*2, \*args, *so* and `a*b*c`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_each_habit_becomes_markdown_that_says_the_same(case: str) -> None:
    written, expected = READ[case]
    assert read(written) == expected


def test_in_a_comment_stars_are_stars() -> None:
    html = render("# It is a[2*k+1]*b[3*k] here.\nx = 1\n", strict=False)
    assert "<p>It is a[2*k+1]*b[3*k] here.</p>" in html


CELLS = '''"""Measuring."""
import math

# %%
# A first part
# ------------
# Words.
x = 1

# %% [markdown]
# # A heading
y = 2

# %% A title
z = 3

"""
## A block of text

More words.
"""

u = 4

##########################
# In a gallery
# ~~~~~~~~~~~~
v = 5
text = """
a value
"""
'''


def test_cells_and_blocks_of_text_are_prose_with_headings() -> None:
    html = render(CELLS, strict=False)
    headings = re.findall(r"<h(\d)[^>]*>([^<]*)", html)
    expected = [("1", "Measuring"), ("3", "A first part"), ("2", "A heading"), ("2", "A title")]
    assert headings[:4] == expected
    assert headings[4] == ("2", "A block of text")
    assert "<p>More words.</p>" in html
    assert "%%" not in html
    assert headings[5] == ("3", "In a gallery")
    code = [line for section in parse_source(Path("f.py"), CELLS).sections for line in section.code]
    texts = [line.text for line in code if line.text]
    assert texts == [
        *("import math", "x = 1", "y = 2", "z = 3", "u = 4", "v = 5"),
        *('text = """', "a value", '"""'),
    ]


def test_a_string_behind_a_variable_is_code_of_it() -> None:
    html = render('x = 1\n"""\nWhat x is.\n"""\ny = 2\n', strict=False)
    assert "What x is." in re.sub("<[^>]*>", "", html.partition('class="sbs-code')[2])


WORD = re.compile(r"\w+")


@pytest.mark.parametrize("package", ["torch.optim.adam", "argparse", "attr._make", "typing"])
def test_no_word_of_others_is_lost_or_moved(package: str) -> None:
    """Readers may take signs away, and the directives they know; words stay in their order."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    for section in parse_source(Path(spec.origin)).sections:
        before = "\n".join(line.text for line in section.prose)
        after = "\n".join(
            line.text for line in as_markdown(section.prose, comment=section.kind == "comment")
        )
        known = (
            r"\.\. [\w-]+::|:\w+:(?=`)|~?[\w.]*\.(?=\w+`)|```\w*|\*\*\w+\.?\*\*|^\s*:\w+:|<[^>]*>"
        )
        plain = [WORD.findall(re.sub(known, " ", t, flags=re.MULTILINE)) for t in (before, after)]
        kept = [word for word in plain[0] if word not in ("python",)]
        missing = set(kept) - set(WORD.findall(after))
        assert not missing, (section.name, missing)
