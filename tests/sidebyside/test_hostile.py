"""Text is text: a file of others can look odd on its page, and do nothing else."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from markdown import Markdown

from sidebyside.rendering.pieces import PiecesExtension
from sidebyside.rendering.raw_html import is_safe_link
from tests.sidebyside.test_mkdocs import CONFIG, Project, built, project
from tests.sidebyside.test_page import make, render

__all__ = ["project"]  # a fixture

_HARMLESS = {
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "a",
    "code",
    "pre",
    "div",
    "span",
    "button",
    "bdi",
    "em",
}


class Reader(HTMLParser):
    """What a browser would act on, and what a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.acts: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            plain = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name.startswith("on") or plain.startswith(("javascript:", "data:", "vbscript:")):
                self.acts.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.text += data


TAGS = [
    "Mapping<str, int>",
    "<EOS>",
    "Returns <textarea> of things",
    "a <div> and a <p>",
    "</div></div>",
    "List[<T>] <undefined>",
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<svg onload=alert(1)>",
    "<iframe srcdoc='<b>'></iframe>",
    "<style>*{display:none}</style>",
    "<!-- not seen -->",
    "<b>never closed",
    "<plaintext>",
    "<?php echo 1 ?>",
    "<![CDATA[ x ]]>",
    "<math><mi>x</mi></math>",
    "<form action=x><input name=q></form>",
    "<meta http-equiv=refresh content=0>",
    "<base href=//evil.example>",
    "x < y > z <=> w",
]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("written", TAGS)
def test_a_tag_in_text_is_text(written: str, strict: bool) -> None:
    for source in (
        f"# {written}\nx = 1\n# after\ny = 2\n",
        f'"""\n# T\n\n{written}\n\nAfter.\n"""\nx = 1\n',
        f'def f():\n    """{written} after"""\n    return 3\n',
    ):
        html = render(source, strict=strict)
        found = Reader(html)
        assert set(found.tags) <= _HARMLESS, found.tags
        assert not found.acts
        assert written in found.text
        assert "after" in found.text.lower()
        assert found.tags.count("div") == html.count("</div>")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("H<sub>2</sub>O", "<p>H<sub>2</sub>O</p>"),
        ("a<br>b", "<p>a<br>\nb</p>"),
        ("<kbd>Ctrl</kbd> and <KBD>C</KBD>", "<p><kbd>Ctrl</kbd> and <kbd>C</kbd></p>"),
        ('<a id="here"></a>there', '<p><span id="here"></span>there</p>'),
        ("<b>*both*</b>", "<p><b><em>both</em></b></p>"),
        ("<b>a <b>b</b> c</b>", "<p><b>a <b>b</b> c</b></p>"),
        ('<b onclick="alert(1)" style="color:red" title="t">x</b>', '<p><b title="t">x</b></p>'),
        ('<a href="javascript:alert(1)">x</a>', "<p><span>x</span></p>"),
        ('<a id="__config">{}</a>', "<p><span>{}</span></p>"),
    ],
)
def test_harmless_elements_in_a_sentence_are_html_without_what_could_do_harm(
    written: str, shown: str
) -> None:
    assert shown in render(f"# {written}\nx = 1\n")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "http://[half",
    ],
)
def test_links_lead_to_places_only(url: str) -> None:
    assert not is_safe_link(url)
    html = render(f"# See [the words]({url}) and ![the picture]({url}).\nx = 1\n")
    found = Reader(html)
    assert not found.acts
    assert "img" not in found.tags
    assert "the words" in found.text


def test_a_picture_on_another_host_is_a_link_since_pages_ask_no_other_host() -> None:
    html = render("# ![a cat](https://example.org/cat.png)\nx = 1\n")
    assert '<a href="https://example.org/cat.png">a cat</a>' in html
    assert "<img" not in html


@pytest.mark.parametrize(
    "written",
    [
        '```python" onload="alert(1)\nx\n```',
        '```{.py onmouseover="alert(1)" style="position:fixed"}\nx\n```',
        '![$x" onerror="alert(1)$](a.png)',
        "[a]: javascript:alert(1)\n\nSee [a].",
        '[x](a "t\\" onclick=\\"alert(1)")',
        "!!! note \"<img src=x onerror='alert(1)'>\"\n\n    words",
        "<javascript:alert(1)>",
        '| a |\n|---|\n| <img src=x onerror="alert(1)"> |',
        "Text[^1].\n\n[^1]: <svg/onload=alert(1)>",
    ],
)
def test_markup_around_text_sets_no_attributes_that_act(written: str) -> None:
    html = render(f'"""\n# T\n\n{written}\n"""\nx = 1\n', strict=False)
    assert Reader(html).acts == []


@pytest.mark.parametrize("own", ["md-overlay", "md-header", "sbs-page", "katex-mathml"])
def test_text_takes_no_class_that_the_page_is_made_with(own: str) -> None:
    extension = PiecesExtension()
    document = make(f'"""\n# T\n\nwords\n{{: .{own} .theirs }}\n"""\nx = 1\n')
    extension.open_page(document.pieces, lambda url: url)
    html = document.flow(Markdown(extensions=["attr_list", extension]).convert(document.markdown))
    assert '<p class="theirs">words</p>' in html


def test_text_shows_no_other_file(project: Project) -> None:
    extensions = "markdown_extensions:\n  - pymdownx.snippets\n"
    config = CONFIG.replace("markdown_extensions:\n", extensions)
    project.write({"mkdocs.yml": config, "secret.txt": "opened"})
    project.write({"package/said.py": '"""\n# T\n\n--8<-- "secret.txt"\n"""\nx = 1\n'})
    html = built(project).page("annotated/said")
    assert "opened" not in html
    assert '--8&lt;-- "secret.txt"' in html


def test_characters_that_stand_for_pieces_are_replaced() -> None:
    html = render("# \ufdd0 *a* \ufdd1 `b` \ufdd2 c\nx = 1\n", strict=False)
    assert "<p>\ufffd <em>a</em> \ufffd <code>b</code> \ufffd c</p>" in html


def test_characters_that_hide_are_shown_in_prose_and_marked_in_code() -> None:
    html = render("# a \u202e b \x1b[31m c\nx = 'a\u2066b\u202ec'  # \x07\n")
    assert "a ⟨U+202E⟩ b ⟨U+001B⟩[31m c" in html
    for number in ("U+2066", "U+202E", "U+0007"):
        assert f'<bdi class="sbs-hidden" data-c="{number}"' in html
    code = re.sub(r"<[^>]*>", "", html.partition('class="sbs-text">')[2].partition("</pre>")[0])
    assert unescape(code).strip("\n") == "x = 'a\u2066b\u202ec'  # \x07"  # as it stands in the file


@pytest.mark.parametrize("strict", [True, False])
def test_references_to_characters_are_text(strict: bool) -> None:
    html = render("# Replace &gt; and &#62; by >, & by &amp;, `&lt;` stays\nx = 1\n", strict=strict)
    paragraph = re.search("<p>(Replace.*?)</p>", html)
    assert paragraph
    text = unescape(re.sub("<[^>]*>", "", paragraph[1]))
    assert text == "Replace &gt; and &#62; by >, & by &amp;, &lt; stays"


def test_html_of_a_trusted_source_is_html() -> None:
    text = "# <div class='box'>*in* it</div>\nx = 1\n"
    assert "<div class='box'>" in render(text, html=True)
    assert "&lt;div class='box'&gt;" in render(text)


HEADS = [
    'Never print `"><script>document.title="PWNED"</script>` unescaped.',
    "A plain \" and a ' and a & here.",
    'Ends here"',
    "`</title><script>alert(1)</script>`",
    "`&lt;script&gt;` and &amp;lt; entities",
]


@pytest.mark.parametrize("said", HEADS)
def test_descriptions_and_titles_in_the_head_are_text(project: Project, said: str) -> None:
    project.write({"package/said.py": f"r'''\n# On {said}\n\n{said}\n'''\nx = 1\n"})
    head = built(project).page("annotated/said").partition("</head>")[0]
    scripts = re.findall(r"<script[^>]*>", head)
    assert not any("document.title" in script for script in scripts)
    expected = unescape(said.replace("`", "")) if "`" not in said else said.replace("`", "")
    if "&" not in said:
        (content,) = re.findall(r'<meta name="description" content="([^"]*)">', head)
        assert unescape(content) == expected
        (title,) = re.findall(r"<title>(.*?)</title>", head, re.DOTALL)
        assert unescape(title) == f"On {expected} - Test"
    assert "PWNED</" not in head
    assert not Reader(head).acts


def test_front_matter_is_text(project: Project) -> None:
    matter = '---\ntitle: T "><script>a()</script>\nsummary: S "><img src=x onerror=a()>\n---\n'
    project.write({"package/said.py": f"r'''\n{matter}\nWords.\n'''\nx = 1\n"})
    html = built(project).page("annotated/said")
    assert "<script>a()" not in html
    assert not [act for act in Reader(html).acts if "a()" in act]
    assert 'content="S &quot;&gt;&lt;img src=x onerror=a()&gt;"' in html
