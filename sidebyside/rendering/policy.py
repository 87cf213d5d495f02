"""
# Pages under a strict Content-Security-Policy

A host may forbid scripts and styles that stand in a page itself: `script-src 'self'; style-src
'self'`. KaTeX writes hundreds of `style` attributes into a page of formulas, and themes write small
scripts. So, when a page is done, each of its styles becomes a class, the same style the same class,
and each script a file. The rules of all classes are one stylesheet of the site.
"""

from __future__ import annotations

import re
from hashlib import sha256
from html import escape, unescape
from pathlib import Path

_TAG = re.compile(
    r"""<[a-zA-Z](?:[^<>"']|"[^"]*"|'[^']*')*?(?P<attribute>\sstyle=(?P<style>"[^"]*"|'[^']*'))"""
    r"""(?:[^<>"']|"[^"]*"|'[^']*')*>"""
)
_DECLARATION = re.compile(
    r"\s*([\w-]+)\s*:\s*((?:[^;\"']|\"[^\"]*\"|'[^']*')*[^;\s\"']?)\s*(?:;|$)"
)
_LENGTH = re.compile(r"(?<![\w.])(-?\d+\.\d{3,})em\b")
_SHORT = {
    "height": "h",
    "top": "t",
    "vertical-align": "v",
    "margin-left": "l",
    "margin-right": "r",
    "min-width": "w",
}
_CLASS = re.compile(r"""\sclass=["']""")
_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)
_DATA = re.compile(r"\ssrc=|\stype=[\"']?(?!module|(?:text|application)/javascript)")
# In text, this is no tag: there its first sign is written `&lt;`.
_PAGE = re.compile(r"""(<iframe\b(?:[^<>"']|"[^"]*"|'[^']*')*?\ssrcdoc=)"([^"]*)\"""")
_HEAD = re.compile(r"</head>|(?<=</title>)")
_STYLE = re.compile(r"<style[^>]*>(?P<text>.*?)</style>", re.DOTALL)


class Policy:
    """
    What stood in the pages of a site and is now apart, by its path on the site.

    `stylesheet` is the path of the one for classes; pages have a link to it already, and so tell
    how their addresses begin.
    """

    def __init__(self, stylesheet: str) -> None:
        self._stylesheet = stylesheet
        self._link = re.compile(rf"""href=["']?(?P<start>[^"'>\s]*){re.escape(stylesheet)}""")
        self._rules: dict[str, str] = {}
        self._files: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def apply(self, html: str) -> str:
        """The page without styles and scripts in it; a page without our stylesheet stays."""
        link = self._link.search(html)
        return html if link is None else self._apart(html, link["start"], [])

    def _apart(self, html: str, start: str, styles: list[str]) -> str:
        """`start` leads from the page to the site; `styles` are those that it gets besides."""

        def page(found: re.Match[str]) -> str:  # one inside of the page
            inner = self._apart(unescape(found[2]), start, [start + self._stylesheet])
            return f'{found[1]}"{escape(inner)}"'

        def script(found: re.Match[str]) -> str:
            if _DATA.search(found["attributes"]) or not found["text"].strip():
                return found[0]
            address = start + self._file(found["text"], "js")
            return f'<script{found["attributes"]} src="{address}"></script>'

        def style(found: re.Match[str]) -> str:
            styles.append(start + self._file(found["text"], "css"))
            return ""

        html = _STYLE.sub(style, _SCRIPT.sub(script, _PAGE.sub(page, html)))
        links = "".join(f'<link rel="stylesheet" href="{each}">' for each in dict.fromkeys(styles))
        return _TAG.sub(self._classed, _HEAD.sub(lambda end: links + end[0], html, count=1))

    def write(self, site: Path) -> None:
        """Write the files. Rules of an earlier build stay: it wrote pages, too."""
        path = site / self._stylesheet
        before = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
        rules = [f".{name}:not(#_){{{rule}}}" for name, rule in self._rules.items()]
        lines = sorted(filter(None, {*before, *rules}))
        for name, text in {self._stylesheet: "\n".join(lines), **self._files}.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text, encoding="utf-8")

    def _classed(self, found: re.Match[str]) -> str:
        names = self._names(found["style"])
        start, tag = found.start(), found[0]
        before, after = found.span("attribute")
        tag = tag[: before - start] + tag[after - start :]
        if not names:
            return tag
        if place := _CLASS.search(tag):
            return f"{tag[: place.end()]}{names} {tag[place.end() :]}"
        end = -2 if tag.endswith("/>") else -1
        return f'{tag[:end].rstrip()} class="{names}"{tag[end:]}'

    def _names(self, style: str) -> str:
        """The classes for a style; most of them come again and again."""
        if style not in self._known:
            written = _LENGTH.sub(_rounded, unescape(style[1:-1]))
            found = [rule for rule in _DECLARATION.findall(written) if not set("{}<>") & {*rule[1]}]
            names = {_name(*rule): ":".join(rule) for rule in found}
            self._rules |= names
            self._known[style] = " ".join(names)
        return self._known[style]

    def _file(self, text: str, kind: str) -> str:
        folder = self._stylesheet.rpartition("/")[0]
        name = f"{folder}/{kind}/{_digest(text)}.{kind}"
        self._files[name] = text
        return name


def _rounded(length: re.Match[str]) -> str:
    """KaTeX counts in ten-thousandths of a letter. A hundredth is a fifth of a pixel."""
    return f"{float(length[1]):.2f}".rstrip("0").rstrip(".") + "em"


def _name(key: str, value: str) -> str:
    """A class for one rule. It is made of what the rule says, so that both pack well."""
    plain = re.sub(r"[^\w-]", "_", value)
    unique = re.fullmatch(r"-?\d*\.?\d*[a-z]*", value)
    return f"s-{_SHORT.get(key, key.strip('-'))}{plain if unique else _digest(value)}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]
