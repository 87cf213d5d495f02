"""
# Formulas on hand-written pages

Documents beside the annotated pages may use the same formulas: between dollars in a sentence, and
between double dollars on lines of their own. Indented lines are code, as everywhere in Markdown. A
line `<!-- sidebyside: hierarchy -->` becomes a diagram of the classes, and with the name of a
package, `<!-- sidebyside: hierarchy pkg -->`, of the classes of that package. A line
`<!-- sidebyside: verdicts -->` becomes a count of all formulas beside code, by what became of them.
A line `<!-- sidebyside: rows page.md Class.method 3 -->` becomes the first three comments of that
definition, each beside its code, as on the page that is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from sidebyside.rendering.math import Typesetter
from sidebyside.rendering.pieces import Piece, Pieces
from sidebyside.source.prose import formulas, read_prose
from sidebyside.source.sections import Line, SourceError

# Stands before indented lines, so that they are not read as formulas.
_GUARD = "\ufdd2"
_DIAGRAM = re.compile(
    r"^(?P<indent> *)<!-- sidebyside: hierarchy(?: (?P<package>[\w.]+))? -->$", re.MULTILINE
)
_VERDICTS = re.compile(r"^<!-- sidebyside: verdicts -->$", re.MULTILINE)
_ROWS = re.compile(
    r"^<!-- sidebyside: rows (?P<page>[\w/.-]+) (?P<name>[\w.]+) (?P<count>\d+) -->$", re.MULTILINE
)
# What none of these has filled.
_LEFT = re.compile(r"^ *(<!-- sidebyside:.*-->) *$", re.MULTILINE)
_INDENTED = re.compile(r"^(?=    )")


@dataclass(frozen=True)
class Handwritten:
    """A document of the site. `markdown` has tokens in place of formulas."""

    name: str
    lines: Sequence[str]
    markdown: str
    pieces: Pieces
    anchors: Set[str]
    html: bool = True  # who writes documents answers for the site

    def flow(self, html: str) -> str:
        """The page with plain text in place of formulas."""
        return self.pieces.plain_html(html)

    def lay_out(self, html: str) -> str:
        """The page itself, with its formulas."""
        return self.pieces.fill(html)

    def describe(self, html: str) -> str:
        """A document says itself what it is about, in its front matter."""
        return ""


def read_handwritten(
    markdown: str,
    text: str,
    typesetter: Typesetter,
    diagram: Callable[[str], str],
    rows: Callable[[str, str, int, Pieces], str],
) -> Handwritten:
    """
    Read a document. `text` is its whole file; `markdown` what is left of it without front matter.

    `diagram` draws the class hierarchy of a package, or of all of them when its name is empty.
    `rows` writes the Markdown of some rows of an annotated page. Raises `SourceError` for what is
    no formula, or cannot be typeset.
    """
    lines = text.split("\n")

    def drawn(place: re.Match[str]) -> str:
        html = f'<figure class="sbs-hierarchy">{diagram(place["package"] or "")}</figure>'
        return place["indent"] + typesetter.pieces.add(Piece("", html, is_block=True))

    summary = Piece("", typesetter.notes.summary(), is_block=True)
    markdown = _DIAGRAM.sub(drawn, markdown)
    markdown = _VERDICTS.sub(lambda _: typesetter.pieces.add(summary), markdown)
    if "$" in markdown:
        markdown = _with_formulas(_numbered(markdown, lines), typesetter)
    markdown = _ROWS.sub(
        lambda place: rows(place["page"], place["name"], int(place["count"]), typesetter.pieces),
        markdown,
    )
    if left := _LEFT.search(markdown):
        number = next((n for n, line in enumerate(lines, 1) if line.strip() == left[1]), 1)
        known = "hierarchy, hierarchy PACKAGE, verdicts, or rows PAGE NAME COUNT"
        reason = f"`{left[1]}` is filled with nothing; write {known}, on a line of its own"
        raise SourceError(typesetter.path, number, reason)
    pieces, anchors = typesetter.pieces, typesetter.anchors
    return Handwritten(typesetter.path, lines, markdown, pieces, anchors)


def _numbered(markdown: str, lines: Sequence[str]) -> Iterator[Line]:
    """The lines of Markdown with their numbers in the file. Hooks may have added some."""
    number = 0
    for text in markdown.split("\n"):
        if text.strip() and text in lines[number:]:
            number = lines.index(text, number) + 1
        yield Line(number, text)


def _with_formulas(lines: Iterable[Line], typesetter: Typesetter) -> str:
    guarded = [Line(line.number, _INDENTED.sub(_GUARD, line.text)) for line in lines]
    # Not strict: text around formulas may say anything. What stands between dollars is checked.
    blocks = read_prose(guarded, path=typesetter.path, comment=False, strict=False)
    for formula in formulas(blocks):
        if formula.is_opaque and "\\" not in formula.text:
            reason = f"`${formula.text}$` is no formula: {formula.reason}"
            typesetter.errors.found.append(SourceError(typesetter.path, formula.line, reason))
    markdown = typesetter.markdown(blocks).replace(_GUARD, "") + "\n"
    typesetter.errors.stop()
    return markdown
