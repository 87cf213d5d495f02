"""
# HTML in the text of others

Markdown lets HTML through, and a docstring is not always written by who answers for the site. So in
text, a tag is text: `Mapping<str, int>`, `<EOS>` and `&gt;` are shown as they stand. Only an
element that is known, harmless and closed, such as `<sub>2</sub>`, is read as HTML. What Markdown
makes of a page is washed once more at the end, since its extensions have ways of their own to set
attributes.

A source with `html: true` is trusted, and its HTML must be balanced: an element that is opened and
never closed would go on through the rows that follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

import nh3
from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor

from sidebyside.rendering.patience import Patience

_NEVER_CLOSED = {"area", "br", "col", "embed", "hr", "img", "input", "link", "source", "wbr"}
_CLOSED_BY_BROWSERS = {"p", "li", "dt", "dd", "tr", "td", "th"}

# What a sentence may hold. Blocks are left to Markdown.
_IN_SENTENCES = {
    *("a", "abbr", "b", "bdi", "br", "cite", "code", "del", "dfn", "em", "i", "img", "ins", "kbd"),
    *("mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"),
}
_WRITTEN = {"a": {"href", "name"}, "img": {"src", "alt", "width", "height", "align"}}
_WRITTEN_ANYWHERE = {"id", "title", "lang", "dir", "cite", "datetime"}

# What Markdown and its extensions may make of a page.
_MADE = _IN_SENTENCES | {
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "blockquote", "div", "section"),
    *("center", "details", "summary", "figure", "figcaption", "input", "label"),
    *("ol", "ul", "li", "dl", "dt", "dd"),
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "*": {"id", "class", "title", "lang", "dir", "align", "role", "aria-label", "aria-hidden"},
    "a": {"href", "name", "rel"},
    "abbr": {"title"},
    "col": {"span"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height", "loading"},
    "input": {"type", "checked", "disabled", "name"},
    "label": {"for"},
    "ol": {"start", "type"},
    "li": {"value"},
    "span": {"data-n"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_OWNED = re.compile(r"md-|katex|sbs-(?!piece$|missing$)")  # by the theme, by KaTeX, and by us
_SCHEMES = {"", "http", "https", "mailto", "ftp"}
_OPENING = (
    r"<([a-zA-Z][a-zA-Z0-9]*)"
    r"((?:\s+[a-zA-Z][\w:-]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*)\s*/?>"
)
_ATTRIBUTE = re.compile(
    r"(?<![\w:-])([a-zA-Z][\w:-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+))"
)


def is_safe_link(url: str) -> bool:
    """Whether a link leads to a place, and not to a script or to data that pretends to be one."""
    try:
        scheme = urlsplit(re.sub(r"[\x00-\x20]", "", unescape(url))).scheme
    except ValueError:  # such as `http://[half`
        return False
    return scheme.lower() in _SCHEMES


def wash(html: str) -> str:
    """What is harmless in some HTML. All of its elements are closed."""
    return nh3.clean(
        html,
        tags=_MADE,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES - {""},
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Ids with two lines are those by which the theme finds its settings; so do some classes."""
    if name == "class":
        return " ".join(each for each in value.split() if not _OWNED.match(each)) or None
    return None if name in ("id", "name", "for") and value.startswith("__") else value


def read_tags_as_text(md: Markdown, patience: Patience) -> None:
    """
    Teach one run of Markdown that tags are text, but for harmless elements in a sentence.

    Nor does a text show files, such as `mkdocs.yml`, where the site has an extension that would.
    """
    if "snippet" in md.preprocessors:  # it stays, since its extension comes back to it
        vars(md.preprocessors["snippet"])["run"] = lambda lines: lines
    if "html_block" in md.preprocessors:
        md.preprocessors.deregister("html_block")
    if "html" in md.inlinePatterns:
        md.inlinePatterns.deregister("html")
    if "entity" in md.inlinePatterns:
        md.inlinePatterns.deregister("entity")
    md.inlinePatterns.register(_ReferenceProcessor(r"&(?=#?\w+;)", md), "sbs-reference", 91)
    for depth in range(4):  # what is inside an element is read by the patterns that come later
        elements = _ElementProcessor(patience, md)
        md.inlinePatterns.register(elements, f"sbs-html-{depth}", 90 - depth)


class _ReferenceProcessor(InlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802 - Markdown's own name for it
        self, m: re.Match[str], data: str
    ) -> tuple[str, int, int]:
        return self.md.htmlStash.store("&amp;"), m.start(0), m.end(0)


class _ElementProcessor(InlineProcessor):
    def __init__(self, patience: Patience, md: Markdown) -> None:
        super().__init__(_OPENING, md)
        self.patience = patience

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Markdown's own name for it
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element | None, int | None, int | None]:
        tag = m[1].lower()
        if tag not in _IN_SENTENCES or self.patience.left <= 0:
            return None, None, None
        element = ElementTree.Element(tag, dict(_written_attributes(tag, m[2])))
        if tag in _NEVER_CLOSED:
            return element, m.start(0), m.end(0)
        end = _end_of(tag, data, m.end(0))
        self.patience.left -= (end.end() if end else len(data)) - m.end(0)
        if end is None:
            return None, None, None
        element.text = data[m.end(0) : end.start()]
        return element, m.start(0), end.end()


def _written_attributes(tag: str, text: str) -> Iterator[tuple[str, str]]:
    for name, *values in _ATTRIBUTE.findall(text):
        if name.lower() in _WRITTEN_ANYWHERE | _WRITTEN.get(tag, set()):
            yield name.lower(), unescape("".join(values))


def _end_of(tag: str, data: str, start: int) -> re.Match[str] | None:
    """The tag that closes an element, beyond others of its name inside."""
    depth = 1
    for match in re.compile(rf"<(/?){tag}\b[^<>]*>", re.IGNORECASE).finditer(data, start):
        depth += -1 if match[1] else 1
        if depth == 0:
            return match
    return None


def stray_tag(html: str) -> str:
    """The first tag without its other half: `<b>`, `</div>`; nothing if all is well."""
    parser = _Balance()
    parser.feed(html)
    parser.close()
    return parser.stray or (f"<{parser.open[0]}>" if parser.open else "")


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.stray = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _NEVER_CLOSED | _CLOSED_BY_BROWSERS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """`<br />` opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in _NEVER_CLOSED | _CLOSED_BY_BROWSERS:
            return
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.stray = self.stray or (f"<{self.open[-1]}>" if tag in self.open else f"</{tag}>")
