"""
# Prose as Markdown

What a comment or docstring says, made ready for Markdown: formulas become tokens, each definition
gets a heading with its qualified name as anchor, and nothing in a comment becomes a heading.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape

from sidebyside.rendering.code import target
from sidebyside.rendering.math import Typesetter
from sidebyside.rendering.pieces import Piece, without_tokens
from sidebyside.source.prose import read_prose
from sidebyside.source.sections import Line, Section
from sidebyside.source.styles import as_markdown
from sidebyside.translating.editions import Say, say_english

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_HEADING = re.compile(r"(?P<marks>#{1,6})\s+(?P<text>.*?)(?P<attributes>\s*\{[^{}]*\})?$")
_ANCHOR = re.compile(r"(?P<tag><a (?:id|name)=[\"'](?P<id>[^\"'<>]+)[\"']>\s*</a>)\s*$")
_BULLET = re.compile(r"(?P<margin> *)(?:[*+-]|\d+\.)\s")
_UNDERLINE = re.compile(r"(=+|-+) *$")
_DIVIDER = re.compile(r"\s*(([-=#*~_])\2{2,}|=+|-+)\s*$")
# No list, quotation, table or block begins such a line.
_WORDS = re.compile(r" {0,3}[\w`“\"'(*]")
_SENTENCE = re.compile(
    r"(?=[A-Z`“])(?P<sentence>[^:\ufdd0]{3,120}?"
    r"(?:(?<!\b\w)(?<!\bvs)(?<!\bal)(?<!\bcf)(?<!\bFig)[.!?](?=\s+[A-Z`“])|$))\s*(?P<left>.*)$"
)
_SPACE = re.compile(r"( {300}) +")  # nobody sees how much more it is, and patterns would try it all
_BIBTEX = re.compile(r"^```+\s*bibtex\s*\n(.*?)^```+\s*$", re.DOTALL | re.MULTILINE)


class ProseWriter:
    """Writes the Markdown of the sections of one page."""

    def __init__(
        self, typesetter: Typesetter, strict: bool, html: bool = False, say: Say = say_english
    ) -> None:
        self.say = say
        self.typesetter = typesetter
        self.pieces = typesetter.pieces
        self.strict = typesetter.strict = strict
        self.html = html
        self._anchors: dict[str, int] = {}  # and how many of that name came before
        self._title = ""

    def write(self, section: Section, title: str = "") -> str:
        """The Markdown of one section. `title` is that of a module whose docstring has none."""
        comment = section.kind == "comment"
        prose = [Line(line.number, without_tokens(line.text)) for line in section.prose]
        if not self.strict:
            prose = [replace(line, text=_SPACE.sub(r"\1", line.text)) for line in prose]
            prose = as_markdown(prose, comment=comment and not section.cell)
        path, self.typesetter.scope = self.typesetter.path, section.name
        self.typesetter.computes = target(section.code) if comment else ""
        blocks = read_prose(prose, path=path, comment=comment, strict=self.strict)
        lines = self.typesetter.markdown(blocks).split("\n")
        if section.cell:
            lines = [*_with_plain_headings(lines, 2)]
            return "\n".join(_demoted(lines))
        if comment:
            return "\n".join(_with_fenced_sessions(_without_headings(lines)))
        lines = list(_with_fenced_sessions(lines))
        lines = self._citations(_with_plain_headings(lines, section.depth + 1))
        if section.kind == "module":
            lines = _with_title(lines, title)
            self._title = lines[0].removeprefix("#").strip()
            return "\n".join(lines)
        return "\n".join(self._with_heading(lines, section))

    def _with_heading(self, lines: list[str], section: Section) -> list[str]:
        """The docstring of a definition, under a heading that leads to it."""
        name = section.name.rpartition(".")[2]
        place = _ANCHOR.match(lines[0])
        if place:
            lines = lines[2 if lines[1:2] == [""] else 1 :]
        target = place["tag"] if place and place["id"] != name else ""  # or the heading is it
        anchor = self._unique(section.name)
        label = f'<code class="sbs-qualname">{escape(name)}</code>'
        heading = _HEADING.match(lines[0].rstrip(" #")) if lines else None
        if heading is None:
            token = self.pieces.add(Piece(name, label, anchor=anchor))
            return ["#" * min(section.depth + 1, 6) + f" {target}{token}", "", *lines]
        words, said = heading["text"], _says(heading["text"], name)
        if words == self._title == name:  # the page is about this: its title need not be repeated
            words = f"{section.kind} {name}"
        token = self.pieces.add(Piece("" if said else name, "" if said else label, anchor=anchor))
        marks = "#" * max(len(heading["marks"]), 2)
        text = f"{marks} {target}{words} {token}{heading['attributes'] or ''}"
        return [text, "", *lines[1:]]

    def _unique(self, name: str) -> str:
        """The name, or, when a definition of that name came before, the name with a number."""
        number = self._anchors[name] = self._anchors.get(name, 0) + 1
        return f"{name}-{number}" if number > 1 else name

    def _citations(self, lines: Iterable[str]) -> list[str]:
        """Fenced BibTeX becomes a box to copy from."""

        def box(fence: re.Match[str]) -> str:
            entry = f'<code class="language-bibtex">{escape(fence[1], False)}</code>'
            summary = f"<summary>{self.say('Cite this paper')}</summary>"
            html = f'<details class="sbs-cite">{summary}<pre>{entry}</pre></details>'
            return f"\n{self.pieces.add(Piece(fence[1], html, is_block=True))}\n"

        return _BIBTEX.sub(box, "\n".join(lines)).split("\n")


def _says(heading: str, name: str) -> bool:
    """Whether a heading says a name, and not just a word that is spelled like it."""
    if name.isalpha() and name.islower():  # such as `takes`
        return f"`{name}`" in heading or heading.strip().lower() == name
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", heading, re.IGNORECASE))


def split_front_matter(prose: tuple[Line, ...]) -> tuple[dict[str, str], tuple[Line, ...]]:
    """Take data such as `title: …` between two lines of `---` off the start of a docstring."""
    texts = [line.text for line in prose]
    if not texts or texts[0] != "---" or "---" not in texts[1:]:
        return {}, prose
    end = texts.index("---", 1)
    data: dict[str, str] = {}
    for text in texts[1:end]:
        key, colon, value = text.partition(":")
        if text.startswith(" ") and data:  # a value that goes on
            data[[*data][-1]] += " " + text.strip()
        elif colon:
            data[key.strip()] = value.strip().lstrip(">|").strip("\"'")
    rest = tuple(itertools.dropwhile(lambda line: not line.text, prose[end + 1 :]))
    return {key: value.strip() for key, value in data.items()}, rest


def _outside_fences(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether Markdown reads it as text."""
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            yield line, False
            fence = "" if mark and mark[1].startswith(fence) else fence
        else:
            fence = mark[1] if mark else ""
            yield line, not mark


def _without_headings(lines: Iterable[str]) -> Iterator[str]:
    """A comment: `#` is a sign, and a line of dashes is decoration around a title."""
    for line, is_text in _outside_fences(lines):
        if is_text and _DIVIDER.match(line):
            yield ""
        else:
            yield "\\" + line if is_text and line.startswith("#") else line


def _with_plain_headings(lines: Iterable[str], level: int) -> Iterator[str]:
    """A docstring: underlined headings in the form that starts with `#`; `=` makes this level."""
    above: str | None = None
    for line, is_text in _outside_fences(lines):
        underline = _UNDERLINE.match(line) if is_text else None
        if above and underline and not re.match(r"\s|[-*+#>|]|\d+\.", above):
            marks = "#" * min(level + (underline[1][0] == "-"), 6)
            yield f"{marks} {above}"
            above = None
            continue
        if above is not None:
            yield above
        above = line
    if above is not None:
        yield above


def _with_fenced_sessions(lines: Iterable[str]) -> Iterator[str]:
    """Python sessions as code, up to a blank line or words: to Markdown, `>>>` is a quotation."""
    fence, space, item = "", "", 0  # what closes; what stands before; how far in an item's text is
    for line, is_text in _outside_fences(lines):
        if fence and not (line.strip() and line.startswith(space)):
            yield from (fence, "")
            fence = ""
        elif is_text and not fence:
            bullet = _BULLET.match(line)
            item = len(bullet["margin"]) + 4 if bullet else item if line[:1] in ("", " ") else 0
            session = re.match(r"( *)>>>( |$)", line)
            if session and (len(session[1]) < 4 or item <= len(session[1]) < item + 4):
                space = session[1]
                fence = f"{space if len(space) >= 4 else ''}```"
                yield from ("", f"{fence}pycon")
        yield line.removeprefix(space) if fence and len(space) < 4 else line
    if fence:
        yield fence


def _with_title(lines: list[str], title: str) -> list[str]:
    """The docstring of a module: one title, at the top; other headings stand below it."""
    lines = [re.sub(r"^#+(?=\s)", "#", lines[0]), *lines[1:]]  # what comes first is the title
    if not re.match(r"#\s", lines[0]):
        # Its own name is said anyway; a sentence, as in PEP 257, says more.
        sentence = title.startswith("`") and _first_sentence(lines)
        lines = sentence or [f"# {title}", "", *lines]
    first, *rest = lines
    return [first, *_demoted(rest)]


def _first_sentence(lines: Sequence[str]) -> list[str]:
    """A text with its first sentence as the title; nothing where it begins with something else."""
    paragraph = list(itertools.takewhile(str.strip, lines))
    if not all(_WORDS.match(line) for line in paragraph):
        return []
    found = _SENTENCE.match(" ".join(line.strip() for line in paragraph))
    if not found:
        return []
    left = [found["left"]] if found["left"] else []
    return [f"# {found['sentence'].rstrip('.')}", "", *left, *lines[len(paragraph) :]]


def _demoted(lines: Iterable[str]) -> Iterator[str]:
    """Headings that could be taken for the title of the page, one level down."""
    for line, is_text in _outside_fences(lines):
        yield "#" + line if is_text and re.match(r"#\s", line) else line
