"""Sections become a page: rows of prose and code, headings with anchors, and exact code."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown import Markdown

from sidebyside.rendering.code import highlight, target
from sidebyside.rendering.handwritten import read_handwritten
from sidebyside.rendering.katex import KatexError
from sidebyside.rendering.math import Typesetter
from sidebyside.rendering.names import Link, Reference, Relations
from sidebyside.rendering.page import Document, Surroundings, compose
from sidebyside.rendering.pieces import PiecesExtension
from sidebyside.rendering.prose_text import ProseWriter
from sidebyside.source.sections import Line, SourceError, parse_source

GOLDEN = Path(__file__).parent / "golden"
NEWER_SYNTAX = {"type_parameters": (3, 12)}


class Brackets:
    """Stands in for KaTeX: shows the TeX, so that tests need no Node."""

    def render(self, tex: str, display: bool) -> str:
        tex = re.sub(r"\{?\\htmlData\{[^}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}\}?", r"\1", tex)
        return f"⟦{escape(tex)}⟧" if display else f"⟨{escape(tex)}⟩"


def relations(name: str) -> Relations:
    """Stands in for what `Names` knows of this one method."""
    if name != "AdaBelief.get_ms":
        return Relations()
    above = Reference("Adam.get_mv", "../adam/#Adam.get_mv", "adam.Adam.get_mv", False)
    return Relations(above, (above, above))


def make(
    text: str | bytes, path: str = "f.py", strict: bool = True, html: bool = False
) -> Document:
    """Compose the page of a source text."""
    module = parse_source(Path(path), text)
    writer = ProseWriter(Typesetter(Brackets(), path), strict, html)
    around = Surroundings(
        highlight(module), lambda line: f"https://example.org/{path}#L{line}", relations
    )
    return compose(module, writer, around)


def flow(document: Document) -> str:
    """The stream that search reads, made with Markdown as MkDocs does."""
    extension = PiecesExtension()
    extension.open_page(document.pieces, lambda url: url, document.html)
    extensions = ["toc", "tables", "fenced_code", "footnotes", "admonition", extension]
    return document.flow(Markdown(extensions=extensions).convert(document.markdown))


def render(text: str | bytes, path: str = "f.py", strict: bool = True, html: bool = False) -> str:
    """The page of a source text."""
    document = make(text, path, strict, html)
    return document.lay_out(flow(document))


VOID = {"br", "img", "hr", "input"}
BLOCKS = {"p", "li", "pre", "td", "th", "summary", "h1", "h2", "h3", "h4", "h5", "h6"}


class Outline(HTMLParser):
    """A page in a form that a person can check: what stands in which row, line by line."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.code: list[tuple[int, str]] = []
        self.anchors: list[str] = []
        self._open: list[tuple[str, list[str]]] = []
        self._text = ""
        self.feed(html)
        self._flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        if tag not in VOID:
            self._open.append((tag, classes))
        if "id" in attributes:
            self.anchors.append(attributes["id"])
        if tag in BLOCKS or {"sbs-formula", "sbs-row", "sbs-intro", "sbs-tail"} & {*classes}:
            self._flush()
        if {"sbs-row", "sbs-intro", "sbs-tail"} & {*classes}:
            self.shown.append(f"== {' '.join(classes).replace('sbs-', '')}")
        if "sbs-line" in classes:
            self.code.append((int(attributes["id"][1:]), ""))
            self._flush()
        if tag in BLOCKS - {"p"}:
            self._text = f"<{tag}{' #' + attributes['id'] if 'id' in attributes else ''}> "

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while self._open:  # as browsers do, which close what others left open
            opened, classes = self._open.pop()
            if opened == tag:
                break
        if "sbs-line" in classes:
            self.shown.append(f"{self.code[-1][0]:4} | {self.code[-1][1]!r}"[:100])
        elif tag in BLOCKS or "sbs-formula" in classes:
            self._flush()

    def handle_data(self, data: str) -> None:
        if any("sbs-text" in classes for _, classes in self._open):
            number, text = self.code[-1]
            self.code[-1] = number, text + data
        else:
            self._text += data

    def _flush(self) -> None:
        if text := " ".join(self._text.split()):
            self.shown.append(f"     > {text}"[:100])
        self._text = ""


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.py")), ids=lambda path: path.stem)
def test_hard_inputs_become_the_pages_a_person_would_expect(path: Path) -> None:
    if NEWER_SYNTAX.get(path.stem, (3, 10)) > sys.version_info:
        pytest.skip("newer syntax")
    outline = Outline(render(path.read_bytes(), path.name, strict=False))
    expected = path.with_suffix(".page").read_text(encoding="utf-8")
    assert "\n".join(outline.shown) + "\n" == expected


def test_a_small_page_is_exactly_the_promised_html() -> None:
    path = GOLDEN / "small" / "running_mean.py"
    page = render(path.read_bytes(), "running_mean.py")
    assert page == path.with_suffix(".html").read_text(encoding="utf-8")


def pages_of_others() -> Iterable[Path]:
    installed = Path(sysconfig.get_path("purelib"))
    for package in (
        "labml_nn/optimizers",
        "mkdocs/structure",
        "lark/parsers",
    ):
        yield from sorted((installed / package).glob("*.py"))
    yield from sorted((Path(sysconfig.get_path("stdlib")) / "json").glob("*.py"))


def test_every_code_line_is_on_the_page_exactly_once_with_its_number_and_text() -> None:
    paths = list(pages_of_others())
    assert len(paths) > 25
    for path in paths:
        module = parse_source(path)
        outline = Outline(render(path.read_bytes(), path.name, strict=False))
        expected = [
            (line.number, line.text) for section in module.sections for line in section.code
        ]
        assert outline.code == expected, path
        assert len(outline.anchors) == len(set(outline.anchors)), f"{path}: an id occurs twice"
        definitions = {s.name for s in module.sections if s.kind in ("class", "function")}
        assert definitions <= set(outline.anchors), path


def outline(text: str, strict: bool = True) -> list[str]:
    return Outline(render(text, strict=strict)).shown


def test_search_reads_plain_text_in_the_order_of_the_source() -> None:
    document = make(
        'r"""\n# Title\n\n$\\frac{m_t}{2}$ & more\n"""\nx = 1 < 2\n# mₜ ← β₁·mₜ₋₁\nm = "&"\n'
    )
    text = re.sub(r"<!--.*?-->|<[^>]*>", "", flow(document))
    assert " ".join(text.split()) == ('Title mₜ/2 &amp; more x = 1 &lt; 2 mₜ ← β₁·mₜ₋₁ m = "&amp;"')


@pytest.mark.parametrize(
    ("docstring", "heading"),
    [
        ("### The mean", '<h3 id="A.get_m">The mean <code class="sbs-qualname">get_m</code></h3>'),
        ("### get_m, again", '<h3 id="A.get_m">get_m, again </h3>'),
        (
            "# Too large ##",
            '<h2 id="A.get_m">Too large <code class="sbs-qualname">get_m</code></h2>',
        ),
        ("No heading", '<h3 id="A.get_m"><code class="sbs-qualname">get_m</code></h3>'),
        ("", '<h3 id="A.get_m"><code class="sbs-qualname">get_m</code></h3>'),
        ("Setext\n------", '<h4 id="A.get_m">Setext <code class="sbs-qualname">get_m</code></h4>'),
        ('<a id="get_m"></a>\n\n### The mean', '<h3 id="A.get_m">The mean <code'),
        ("#hashtag", '<h3 id="A.get_m"><code class="sbs-qualname">get_m</code></h3>'),
    ],
)
def test_each_definition_has_a_heading_with_its_qualified_name(
    docstring: str, heading: str
) -> None:
    body = docstring.replace("\n", "\n        ")
    html = render(f'class A:\n    def get_m(self):\n        """{body}"""\n')
    assert heading in html


@pytest.mark.parametrize(
    ("heading", "entry"),
    [
        ("## Of $mₜ$ & `a_b` *c*", "Of mₜ &amp; a_b c"),
        ("", "f"),
        ("## F", "F"),
        ("## f: x", "f: x"),
    ],
)
def test_the_contents_show_a_heading_as_plain_text_without_the_label(
    heading: str, entry: str
) -> None:
    document = make(f'def f():\n    """{heading}"""\n')
    extension = PiecesExtension()
    extension.open_page(document.pieces, lambda url: url, document.html)
    markdown = Markdown(extensions=["toc", extension])
    markdown.convert(document.markdown)
    (title,) = markdown.toc_tokens  # type: ignore[attr-defined]
    assert [(token["id"], token["name"]) for token in title["children"]] == [("f", entry)]


@pytest.mark.parametrize(
    "comment",
    [
        "# # no heading",
        "# ## no heading",
        "#\n# Title\n# =====",
        "# Title\n# -----",
        "# Title\n# -",
    ],
)
def test_a_comment_never_makes_a_heading(comment: str) -> None:
    html = render(f"{comment}\nx = 1\n")
    assert re.findall(r"<h\d", html) == ["<h1"]
    assert "<hr" not in html


def test_a_method_tells_what_it_overrides_and_what_overrides_it() -> None:
    html = render("class AdaBelief:\n    def get_ms(self): ...\n    def other(self): ...\n")
    link = '<a class="sbs-name" href="../adam/#Adam.get_mv">Adam.get_mv</a>'
    text = f'<p class="sbs-relations">overrides {link}; overridden by {link}, {link}</p>'
    assert text in html
    assert html.count("sbs-relations") == 1


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/adam.py", "adam"), ("a/pkg/__init__.py", "pkg"), ("__init__.py", "__init__.py")],
)
def test_a_module_without_a_title_is_called_by_its_name(path: str, name: str) -> None:
    assert f"<code>{name}</code></h1>" in render("", path)


def test_only_the_first_heading_of_a_module_is_its_title() -> None:
    html = render('"""\n# One\n\ntext\n\n# Two\n\n```\n# three\n```\n"""\n')
    assert re.findall(r"<(h\d)[^>]*>(\w+)", html) == [("h1", "One"), ("h2", "Two")]
    assert "# three" in html


@pytest.mark.parametrize(
    "summary", ["A short summary", ">\n  A short\n  summary", '"A short summary"']
)
def test_front_matter_gives_title_and_summary(summary: str) -> None:
    document = make(f'"""\n---\ntitle: Adam: how\nsummary: {summary}\n---\n\nText\n"""\n')
    assert document.markdown.startswith("# Adam: how\n\nText\n")
    assert document.describe(flow(document)) == "A short summary"


def test_the_first_paragraph_describes_the_page() -> None:
    document = make('"""\n# T\n\n![](x.png)\n\nWhat $mₜ$ *is*,\nin & out.\n\nMore.\n"""\n')
    assert document.describe(flow(document)) == "What mₜ is, in & out."


def test_bibtex_becomes_a_box_to_copy_from() -> None:
    html = render('"""\n# T\n\n```bibtex\n@a{b,\n  c = {<d>}\n}\n```\n\nAfter\n"""\n')
    assert (
        '<code class="language-bibtex">@a{b,\n  c = {&lt;d&gt;}\n}\n</code></pre></details>' in html
    )
    assert "<p><details" not in html
    assert "<p>After</p>" in html


def test_footnotes_stand_below_the_rows() -> None:
    shown = outline("# Text[^1]\n#\n# [^1]: A *note*\nx = 1\n")
    assert shown[-3:] == ["== tail", "     > <li #fn:1>", "     > A note ↩"]


def test_markdown_works_in_prose() -> None:
    html = render(
        "# * a\n# * b\n#\n# | x | y |\n# |---|---|\n# | 1 | 2 |\n#\n# !!! note\n#     Text\n#\n"
        "# ```python\n# # a comment\n# ```\nx = 1\n"
    )
    for tag in ("<ul>", "<table>", '<div class="admonition note">', "<pre><code", "# a comment"):
        assert tag in html


def test_a_session_in_an_item_is_code() -> None:
    text = "Parameters\n    ----------\n    x : int\n        A:\n\n        >>> f(1)\n        2"
    markdown = make(f'def f():\n    """T\n\n    {text}\n    """\n', strict=False).markdown
    assert "    ```pycon\n    >>> f(1)\n    2\n    ```" in markdown


def test_a_session_in_a_comment_is_code_and_ends_where_words_go_on() -> None:
    html = render("# So, e.g.\n#   >>> f(1)\n#   2\n# and\n# >>> g()\nx = 1\n", strict=False)
    codes = re.findall(r'<code class="language-pycon">(.*?)</code>', html, re.DOTALL)
    assert codes == ["&gt;&gt;&gt; f(1)\n2\n", "&gt;&gt;&gt; g()\n"]
    assert "<p>and</p>" in html


def test_python_sessions_are_code_and_not_quotations() -> None:
    html = render('def f():\n    """Like\n    >>> # this\n    1\n\n    > quote\n    """\n')
    assert '<pre><code class="language-pycon">&gt;&gt;&gt; # this\n1\n</code></pre>' in html
    assert html.count("<blockquote>") == 1


def test_rows_of_an_algorithm_are_set_in_halves_and_single_formulas_whole() -> None:
    html = render("# a ← b\n# c ≤ d·e\nx = 1\n# a ← b\ny = 2\n")
    algorithm, single = re.findall(
        r'<div class="sbs-prose">(.*?)\n</div>\n<div class="sbs-code', html, re.DOTALL
    )
    assert algorithm.count('class="sbs-formula"') == 2
    assert '<span class="sbs-left">⟨\\displaystyle c ⟩</span>' in algorithm
    assert '<span class="sbs-right">⟨\\displaystyle \\le d e⟩</span>' in algorithm
    assert re.findall(r'id="(F\d)" data-line="(\d)"', algorithm) == [("F1", "1"), ("F2", "2")]
    assert single.startswith(
        '<div class="sbs-formula" id="F4" data-line="4" data-tex="a \\leftarrow b"'
    )
    assert "⟦a \\leftarrow b⟧" in single


def test_a_fraction_in_a_sentence_is_not_small_and_is_copied_as_it_is_alone() -> None:
    html = render('"""\nIt is $1 / (1 − β)$ long.\n\n$$m / (1 − β)$$\n"""\n')
    assert "⟨1 / (1 - \\beta)⟩" in html
    assert 'data-tex="\\frac{1}{1 - \\beta}"' in html
    assert "⟦\\frac{m}{1 - \\beta}⟧" in html


def test_what_only_latex_can_say_is_shown_as_it_is() -> None:
    text = '"""\n$$\\begin{pmatrix} a & b \\end{pmatrix}$$\n\n$x \\stackrel{d}{=} y$\n"""\n'
    html = render(text, strict=False)
    assert 'class="sbs-formula sbs-opaque" id="F2"' in html
    assert "⟦\\begin{aligned}\\begin{pmatrix} a &amp; b" in html
    assert "data-text" not in html


def test_indentation_that_a_row_shares_is_named_for_narrow_screens() -> None:
    text = "if x:\n    # Deep\n    if y:\n\n        z = 1\n# Flat\nw = 1\nif x:\n\t# Tab\n\ty = 1\n"
    styles = re.findall(r'sbs-code no-copy"([^>]*)>', render(text))
    # A tab is as wide as the stylesheet shows it.
    assert styles == ["", ' style="--sbs-indent: 4"', "", ' style="--sbs-indent: 4"']


def test_a_long_word_of_code_says_where_a_telephone_may_break_it() -> None:
    long = "f(decoupled_weight_decay=decoupled_weight_decay)"
    module = parse_source("f.py", f"f(a=a.b)\n{long}\n")
    lines = highlight(module)
    short, broken = (re.sub(r"<(?!wbr)[^>]*>", "", lines[number]) for number in (1, 2))
    assert short == "f(a=a.b)"
    assert broken == "f(<wbr>decoupled_weight_decay=<wbr>decoupled_weight_decay)"


def test_links_lie_over_the_colors_without_changing_the_text() -> None:
    module = parse_source(Path("f.py"), "import torch.nn as nn  # nn\nx = 'a<b'\n")
    links = [
        Link(1, 7, 12, "t/", "torch", True),
        Link(1, 13, 15, "n/", 'torch"nn', True),
        Link(2, 5, 8, "#L1", "part of a string", False),
    ]
    html = highlight(module, links)
    assert [re.sub(r"<[^>]*>", "", line) for line in html.values()] == [
        "import torch.nn as nn  # nn",
        "x = 'a&lt;b'",
    ]
    assert re.findall(r'<a class="sbs-name" href="([^"]*)" title="([^"]*)">(.*?)</a>', html[1]) == [
        ("t/", "torch", '<span class="nn">torch</span>'),
        ("n/", "torch&quot;nn", '<span class="nn">nn</span>'),
    ]
    assert 'title="part of a string"><span class="s1">a&lt;b</span></a>' in html[2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Fine\nx = 1\n# a\n# <div>\n# b\ny = 2\n# c\nz = 3\n", "f.py:4: the HTML `<"),
        ('"""\n# T\n\n<details>\nopen\n"""\nx = 1\n# y\n', "f.py:4: the HTML `<"),
        (
            "# text\n# An <b>open word\nx = 1\n",
            "f.py:2: the HTML `<b>` lacks its other half; close it,",
        ),
        ("# text\n# a </div>\nx = 1\n", "f.py:2: the HTML `</div>` lacks its other half"),
        ("# a dict<str, int>\nx = 1\n", "f.py:1: the HTML `<str,>` lacks"),
        ("x = 1\n# ```\n# open\ny = 2\n", "f.py:2: "),
        ("x = 1\n# a ← (b\ny = 2\n", "f.py:2: "),
        ('def f():\n    """\n    Text\n\n        a ← 2·(b\n    """\n', "f.py:5: "),
        ("# In a sentence $a ← (b$.\nx = 1\n", "f.py:1: "),
    ],
)
def test_what_cannot_be_shown_is_an_error_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        render(text, html=True)
    assert str(caught.value).startswith(message)


def test_signs_that_mark_places_cannot_be_forged() -> None:
    html = render("# \ufdd00\ufdd1 \ufdd0row 0\ufdd1 <!--sbs-end-->\nx = '\ufdd0row 1\ufdd1'\n")
    assert Outline(html).code == [(2, "x = '\ufdd0row 1\ufdd1'")]


def test_errors_in_a_document_name_its_line_also_when_a_hook_has_added_lines() -> None:
    text = "---\ntitle: T\n---\n# T\n\n<!-- table -->\n\n$a$ and\n$(b$\n"
    markdown = text.partition("---\n# ")[2].replace("<!-- table -->", "| a |\n\n| b |\n\nmore")
    with pytest.raises(SourceError, match=r"^docs/t\.md:9: `\$\(b\$` is no formula: "):
        read_handwritten(markdown, text, Typesetter(Brackets(), "docs/t.md"), str, lambda *_: "")


def test_formulas_of_a_document_that_cannot_be_typeset_are_all_told() -> None:
    class Refusing(Brackets):
        def render(self, tex: str, display: bool) -> str:
            if "foo" in tex:
                raise KatexError("undefined", tex)
            return super().render(tex, display)

    text = "# T\n\nA $\\foo{a}$ and $a$.\n\n$$\n\\foo{b}\n$$\n"
    with pytest.raises(SourceError) as caught:
        read_handwritten(text, text, Typesetter(Refusing(), "t.md"), str, lambda *_: "")
    assert str(caught.value).splitlines() == [
        "t.md:3: `\\foo{a}` cannot be typeset: undefined",
        "t.md:6: `\\foo{b}` cannot be typeset: undefined",
    ]


def test_a_heading_does_not_repeat_the_title_of_the_page() -> None:
    html = render('"""# Mean"""\n\n\nclass Mean:\n    """## Mean"""\n\n    """## Other"""\n')
    assert '<h2 id="Mean">class Mean ' in html
    assert html.count("Mean</h") == 1
    assert '<h2 id="Mean">A mean ' in render('"""# Mean"""\n\n\nclass Mean:\n    """## A mean"""\n')


@pytest.mark.parametrize(
    ("text", "title", "left"),
    [
        ("Sorts.", "Sorts", ""),
        ("Sorts what is\ngiven to it.\n\nMore.", "Sorts what is given to it", "More."),
        ("Sorts. It is\nstable.", "Sorts", "It is stable."),
        ("Sorts, e.g. Adam and Eve. It is stable.", "Sorts, e.g. Adam and Eve", "It is stable."),
        ("Does it sort? Yes.", "Does it sort?", "Yes."),
        ("All of it: this.", "f", "All of it: this."),
        ("- an item\n- another", "f", "an item"),
        ("Words " * 30, "f", "Words Words"),
    ],
)
def test_a_page_without_a_heading_takes_its_first_sentence_for_the_title(
    text: str, title: str, left: str
) -> None:
    html = render(f'"""\n{text}\n"""\nx = 1\n', strict=False)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>(.*?)<div", html, re.DOTALL)
    assert heading
    assert re.sub(r"<[^>]+>|¶", "", heading[1]).strip() == title
    assert left in re.sub(r"\s+", " ", heading[2])


def test_words_before_a_formula_stand_above_it_and_the_formula_beside_its_line() -> None:
    html = render("# Why.\n#\n# a ← b\nx = 1\n# Only words.\ny = 2\n")
    assert re.search(
        r'<div class="sbs-prose sbs-before">\s*<p>Why.</p>\s*</div>\s*'
        r'<div class="sbs-prose"><div class="sbs-formula".*?</div>\s*</div>\s*<div class="sbs-code',
        html,
    )
    assert html.count("sbs-before") == 1


def test_above_the_title_stand_file_length_and_paper() -> None:
    html = render('"""# T\n\nSee [it](https://arxiv.org/abs/1412.6980).\n"""\n')
    eyebrow = html[html.index('<p class="sbs-eyebrow">') : html.index("<h1")]
    texts = re.sub("<[^>]*>", "", eyebrow).split(" · ")
    assert [text.strip() for text in texts] == ["f.py", "4 lines", "arXiv:1412.6980"]


def test_long_files_have_room_for_their_line_numbers() -> None:
    assert "--sbs-digits" not in render("x = 1\n" * 999)
    assert 'style="--sbs-digits: 4"' in render("x = 1\n" * 1000)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("    root = v.sqrt()\n    return root", "root ="),
        ("s.mul_(b).addcmul_(x, x)\n\nif more:\n    s.add_(1)", "s ←"),
        ("s.mul_(b)\nt = s + 1", ""),
        ("return s.sqrt()", ""),
        ("s.mul(b)", ""),
        ("state[key] = 1", ""),
        ("for x in y:", ""),
    ],
)
def test_a_formula_without_a_relation_is_told_what_the_code_beside_it_computes(
    code: str, said: str
) -> None:
    assert target(Line(n, text) for n, text in enumerate(code.split("\n"), 1)) == said
