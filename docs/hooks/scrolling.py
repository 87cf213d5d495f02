"""Make what scrolls sideways reachable by keyboard, and draw what is long when it is needed.

A table stands in a section that takes the focus and is named after the heading above it, a code
block takes the focus itself. Where they fit, docs/assets/site.js takes the stop away again.

A browser draws a long table or block when a reader comes near. Until then it takes it to be as tall
as it is told here: a table about, a block exactly.
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
BLOCK = re.compile(
    r'<div class="(?P<kind>(?:language-\w+ )?highlight)">(?P<inner>.*?</code></pre>)', re.DOTALL
)
LONG = 10  # rows, or lines
ALONE = re.compile(r"<code>[^<]*</code>")


def on_page_content(html: str, config: MkDocsConfig, **_: object) -> str:
    """Each page."""
    return reachable(html, config.plugins["sidebyside"].say("table"))


def reachable(html: str, table: str = "table") -> str:
    """Wrap the tables of a page, and give its code blocks a stop of the Tab key."""
    html = BLOCK.sub(late, html)
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
            rows = part["table"].count("<tr")
            return f"{region(name, rows)}{CODED.sub(coded, part['table'])}</section>"
        return part[0]

    return PARTS.sub(replaced, html)


def coded(cell: re.Match[str]) -> str:
    """A cell that holds code, and says so to the stylesheet; or that it holds nothing else."""
    kind = "code alone" if ALONE.fullmatch(cell["inner"]) else "code"
    return f'<td class="{kind}"{cell["style"]}>{cell["inner"]}</td>'


def region(name: str, rows: int) -> str:
    """The beginning of an element that scrolls, named and reachable."""
    begun = f'<section class="scrolls" tabindex="0" aria-label="{escape(name)}">'
    if rows < LONG:
        return begun
    return begun.replace('"scrolls"', f'"scrolls long" style="--tall: {3 * rows}rem"')


def late(block: re.Match[str]) -> str:
    """A block of code, and how tall it is if it is long: its lines, its margins, its title."""
    lines = block["inner"].count("\n")
    if lines < LONG:
        return block[0]
    tall = 1.1024 * lines + 1.0625 + 2.15 * ('class="filename"' in block["inner"])
    return f'<div class="{block["kind"]} long" style="--tall: {tall:.1f}rem">{block["inner"]}'


def plain(html: str) -> str:
    """The words of a heading."""
    return " ".join(unescape(TAG.sub("", PERMALINK.sub("", html))).split())
