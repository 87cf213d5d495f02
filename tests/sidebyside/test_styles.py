"""Prose as other people write it reads well, and none of its words is lost."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest

from sidebyside.source.sections import Line, parse_source
from sidebyside.source.styles import as_markdown
from tests.sidebyside.test_mkdocs import Project, built, project
from tests.sidebyside.test_page import render

__all__ = ["project"]  # a fixture


def read(text: str, *, comment: bool = False) -> str:
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
    return "\n".join(line.text for line in as_markdown(lines, comment=comment))


READ = {
    "a title between rules": ("=====\nTitle\n=====\n\nText.", "# Title\n\nText."),
    "a title above tildes": ("Title\n~~~~~\nText.", "### Title\nText."),
    "a rule shorter than its title": ("A title\n~~~\nText.", "### A title\nText."),
    "tildes below nothing": ("It\n\n\n~~~\nx", "It\n\n\n~~~\nx"),
    "a fence below words": ("Words:\n~~~\nx\n~~~", "Words:\n~~~\nx\n~~~"),
    "a fence is no title": ("It\n\n~~~\nx\n~~~", "It\n\n~~~\nx\n~~~"),
    "a section of NumPy": (
        "Parameters\n----------\nx : float\n    The value.\n*args : tuple\n    More.",
        "**Parameters**\n\n* `x` (float)\n    The value.\n* `*args` (tuple)\n    More.",
    ),
    "a section of NumPy, written closer": (
        "Parameters\n----------\nx: float\n    The value.\nReturns: y",
        "**Parameters**\n\n* `x` (float)\n    The value.\n* `Returns`: y",
    ),
    "a section of NumPy with something to fill in": (
        "Parameters\n----------\n%(basic)s\nx : float\n    The value.",
        "**Parameters**\n\n%(basic)s\n\n* `x` (float)\n    The value.",
    ),
    "a list in the notes of NumPy": (
        "Notes\n-----\n1. ``a``: b\n2. ``c``: d and\n   ``e``",
        "**Notes**\n\n1. ``a``: b\n2. ``c``: d and\n   ``e``",
    ),
    "a list among what NumPy explains": (
        "Attributes\n----------\n* ``a``: b\n* c : d",
        "**Attributes**\n\n* ``a``: b\n* c : d",
    ),
    "a section of Google": (
        "Args:\n    x (int): a\n        number\n    y: more\n\nText.",
        "**Args**\n\n* `x (int)`: a\n    number\n* `y`: more\n\nText.",
    ),
    "what is returned": ("Returns:\n    The sum of it.", "**Returns**\n\nThe sum of it."),
    "an example": ("Example:\n    f(1)\n", "**Example**\n\n\n```python\nf(1)\n```\n"),
    "definitions": (
        "a\n    one\n\n`b`\n    two\n\n    three",
        "* a\n    one\n\n* `b`\n    two\n\n    three",
    ),
    "definitions further in": (
        "So:\n\n    `a`\n        one\n\n    `b`\n        two",
        "So:\n\n* `a`\n    one\n\n* `b`\n    two",
    ),
    "definitions in a definition": (
        "a\n  b\n    one\n\n    two\n\n  c\n    three\n\nMore.",
        "* a\n    * b\n        one\n\n        two\n\n    * c\n        three\n\nMore.",
    ),
    "a sentence that goes on further in": (
        "Words go\n    on.\n\nMore.",
        "Words go\n    on.\n\nMore.",
    ),
    "code that looks like definitions": (
        "So:\n\n    class A\n        b\n\n    class B\n        c",
        "So:\n\n    class A\n        b\n\n    class B\n        c",
    ),
    "a first line that goes on further in": (
        "Words go\n    on.\n\n    Notes\n    -----\n    More.",
        "Words go\non.\n\n**Notes**\n\nMore.",
    ),
    "code right below its title": (
        "Sample use\n    import sys\n\n    # and then\n    sys.exit()",
        "Sample use\n    import sys\n\n    # and then\n    sys.exit()",
    ),
    "a fence with definitions": (
        "```\na\n    b\n\nc\n    d\n```",
        "```\na\n    b\n\nc\n    d\n```",
    ),
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
    "roles with brackets": (
        "See :meth:`~a.b.Type[t.Any].convert` and :meth:`a.b`.",
        "See `convert` and `a.b`.",
    ),
    "a title that a session prints": (
        "Examples\n--------\n>>> show(d)\na \\ b*c\n---------\n d*e\n\nNotes\n-----\nText.",
        "**Examples**\n\n>>> show(d)\na \\ b*c\n---------\n d*e\n\n**Notes**\n\nText.",
    ),
    "links": ("`the docs <https://e.org>`_, `np.sum`_", "[the docs](https://e.org), `np.sum`"),
    "roles in code": ("Code:\n\n    x = `a`_", "Code:\n\n    x = `a`_"),
    "text that is all indented": ("    ast\n    ~~~\n\n    It is.", "### ast\n\nIt is."),
    "a note below its name": (".. note::\n\n   Slow.\n\nMore.", "\n**Note.** Slow.\n\n\nMore."),
    "a directive of two words": (".. seealso:: `a`", "\n**See also.** `a`\n"),
    "how Sphinx shows it": (".. rst-class:: wide\n\nText.", "\nText."),
    "a table with borders": ("+-+-+\n|a|b|\n+-+-+", "\n```text\n+-+-+\n|a|b|\n+-+-+\n```\n"),
    "a table under rules": (
        "== ==\nA  B\n== ==\n1  2\n== ==",
        "\n```text\n== ==\nA  B\n== ==\n1  2\n== ==\n```\n",
    ),
    "a block of lines": ("| one\n|\n|   two", "\n```text\n| one\n|\n|   two\n```\n"),
    "a table of Markdown": ("| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| c | d |"),
    "a list close to its text": ("Steps:\n- a\n- b", "Steps:\n\n- a\n- b"),
    "a list in another": ("1. a\n   - b\n     c\n   - d", "1. a\n    - b\n      c\n    - d"),
    "text in an item": ("1. a\n\n   b\n\n2. c", "1. a\n\n    b\n\n2. c"),
    "code in an item": ("- a\n\n      b\n\nc", "- a\n\n      b\n\nc"),
    "backslashes": (r"\\server\\. \. \* \w", r"\\\\server\\\\. \\. \* \w"),
    "stars and underscores": ("the _on_*() of *all*", r"the \_on\_\*() of *all*"),
    "names in quotes": ("by _run, 'x_' and _y", r"by \_run, 'x\_' and \_y"),
    "stars of repetition": ("v = *( a ) [ 1*( b )", r"v = \*( a ) [ 1\*( b )"),
    "stars far apart": ("a *b " + "c " * 200 + "d* e", r"a \*b " + "c " * 200 + r"d\* e"),
    "dollars that are no formula": ("$Id: __a__ 1 $", r"$Id: \_\_a\_\_ 1 $"),
    "a role over two lines": (
        "See :term:`the entry <of\nthat>`.\nMore.",
        "See \nthe entry.\nMore.",
    ),
    "an example after a space": (
        "Example:\n\n    f(1)\n",
        "**Example**\n\n\n```python\nf(1)\n```\n",
    ),
    "a list in an item": (
        "Args:\n    x: a\n\n        * b\n\n        c.\n    y: d",
        "**Args**\n\n* `x`: a\n\n    * b\n\n    c.\n\n* `y`: d",
    ),
    "stars": (
        "a[2*k] * x**2, *args, *so* and `a*b*c`",
        r"a[2\*k] * x\*\*2, \*args, *so* and `a*b*c`",
    ),
    "powers and emphasis": (
        "x**|y| >= 2, so x < 2**n <= *some* 2**(1/|y|)",
        r"x\*\*|y| >= 2, so x < 2\*\*n <= *some* 2\*\*(1/|y|)",
    ),
    "emphasis over lines": ("**two\nwords** a**b", "**two\nwords** a\\*\\*b"),
    "names": (
        "__init__() and _x_, f(_y), x_i, _two words_, `__z__` and $x_{t}$, x_{t}",
        r"\_\_init\_\_() and \_x\_, f(\_y), x_i, _two words_, `__z__` and $x_{t}$, x_{t}",
    ),
    "what a session answers": (">>> f()\n__x__\n\na**b", ">>> f()\n__x__\n\na\\*\\*b"),
    "signs in code and LaTeX": (
        "Text:\n\n    a**_b_\n\n\\begin{align}\n_x_ &= a*b*c\n\\end{align}",
        "Text:\n\n    a**_b_\n\n\\begin{align}\n_x_ &= a*b*c\n\\end{align}",
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


def test_code_in_a_list_is_code_without_any_extension_of_the_site(project: Project) -> None:
    text = "1. One.\n\n   So::\n\n       def f():\n           return 1\n\n2. Two."
    config = (project.folder / "mkdocs.yml").read_text(encoding="utf-8")
    lenient = config.replace("to: annotated", "to: annotated\n          strict: false")
    project.write({"package/said.py": f'"""\n{text}\n"""\n', "mkdocs.yml": lenient})
    html = built(project).page("annotated/said")
    code = re.sub(
        "<[^>]*>", "", html.partition('<div class="highlight">')[2].partition("</pre>")[0]
    )
    assert code.strip() == "def f():\n    return 1"


def test_a_heading_that_says_more_than_a_name_stays_as_written() -> None:
    html = render(
        '"""\n# Adam Optimizer\n"""\nclass Adam:\n    """\n    ## Adam Optimizer\n    """\n'
    )
    assert re.search(r"<h2[^>]*>Adam Optimizer", html)


LETTERS = {"gamma = 2 * n": False, "x = 1": True, "y_t = x": True, "y <= x": False, "β ← 2·γ": True}


@pytest.mark.parametrize(("line", "is_formula"), LETTERS.items())
def test_a_row_of_others_is_a_formula_if_it_keeps_its_letters(line: str, is_formula: bool) -> None:
    html = render(f"# {line}\ny = 1\n", strict=False)
    assert ("data-tex" in html) == is_formula
    assert is_formula or f"<p>{escape(line)}</p>" in html


NOTEBOOK = """# ---
# jupyter:
#   kernelspec: python3
# ---

# %% [markdown]
# # A notebook
#
# Some words.

# %%
import numpy as np

# %% A part tags=["hide"] name="b c"
x = np.ones(3)
"""


def test_a_notebook_begins_with_its_title_and_keeps_what_tools_are_told_out_of_prose() -> None:
    html = render(NOTEBOOK, strict=False)
    headings = re.findall(r"<h(\d)[^>]*>(?:<[^>]*>)*([^<]*)", html)
    assert headings == [("1", "A notebook"), ("2", "A part")]
    prose = re.sub(r'(?s)<div class="sbs-code.*?</div>|<[^>]*>', "", html)
    assert "Some words." in prose
    assert not [word for word in ("jupyter", "tags", "b c", "%%") if word in prose]
    assert re.search('id="L3".*kernelspec', html)


def test_what_a_gallery_is_told_stays_code_and_labels_are_gone() -> None:
    text = '"""\n.. _here:\n\nA title\n~~~~~~~\n\nWords.\n"""\n'
    html = render(f"{text}# sphinx_gallery_thumbnail_number = 2\nx = 1\n", strict=False)
    assert re.search("<h1[^>]*>A title", html)
    prose = re.sub(r'(?s)<div class="sbs-code.*?</div>|<[^>]*>', "", html)
    assert not [word for word in ("_here", "thumbnail") if word in prose]
