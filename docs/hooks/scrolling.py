"""Make what scrolls sideways reachable by keyboard, with or without JavaScript.

A table stands in a region that takes the focus and is named after the heading above it, a code
block takes the focus itself. Where they fit, docs/assets/site.js takes the stop away again.
"""

import re
from collections import Counter
from html import escape, unescape

from mkdocs.config.defaults import MkDocsConfig

PARTS = re.compile(
    r"<h[1-6]\b[^>]*>(?P<heading>.*?)</h[1-6]>"
    r"|<summary>(?P<summary>.*?)</summary>"
    r"|(?P<closing></details>)"
    r"|(?P<table><table>.*?</table>)"
    r"|(?P<code><pre>(?=<span></span><code))",
    re.DOTALL,
)
PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")
# A cell with code needs room: code breaks nowhere.
CODED = re.compile(
    r"<td(?P<style>[^>]*)>(?P<inner>(?:(?!</td>).)*?</code>(?:(?!</td>).)*)</td>", re.DOTALL
)
ALONE = re.compile(r"<code>[^<]*</code>")


def on_page_content(html: str, config: MkDocsConfig, **_: object) -> str:
    """Each page."""
    return reachable(html, config.plugins["sidebyside"].say("table"))


def reachable(html: str, table: str = "table") -> str:
    """Wrap the tables of a page, and give its code blocks a stop of the Tab key."""
    names = Counter[str]()
    heading = summary = ""

    def replaced(part: re.Match[str]) -> str:
        nonlocal heading, summary
        if part["heading"]:
            heading = plain(part["heading"])
        elif part["summary"]:
            summary = plain(part["summary"])
        elif part["closing"]:
            summary = ""
        elif part["code"]:
            return '<pre class="scrolls" tabindex="0">'
        elif part["table"]:
            name = f"{heading}: {summary or table}"
            names[name] += 1
            # Regions of one page have different names.
            name += f" {names[name]}" if names[name] > 1 else ""
            return f"{region(name)}{CODED.sub(coded, part['table'])}</div>"
        return part[0]

    return PARTS.sub(replaced, html)


def coded(cell: re.Match[str]) -> str:
    """A cell that holds code, and says so to the stylesheet; or that it holds nothing else."""
    kind = "code alone" if ALONE.fullmatch(cell["inner"]) else "code"
    return f'<td class="{kind}"{cell["style"]}>{cell["inner"]}</td>'


def region(name: str) -> str:
    """The beginning of an element that scrolls, named and reachable."""
    return f'<div class="scrolls" role="region" tabindex="0" aria-label="{escape(name)}">'


def plain(html: str) -> str:
    """The words of a heading."""
    return " ".join(unescape(TAG.sub("", PERMALINK.sub("", html))).split())
