"""
# A page: sections as rows of prose and code

`compose` writes the Markdown of a page, with a mark where each row starts. MkDocs turns it into
HTML. `Document.flow` adds the code of each row as plain text, one thing after the other: this is
what search reads. `Document.lay_out` sets prose and code side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from html import escape, unescape

from sidebyside.rendering.beside import arranged
from sidebyside.rendering.code import sheet
from sidebyside.rendering.names import Reference, Relations
from sidebyside.rendering.pieces import OPEN, Pieces, row_mark, split_rows, without_tokens
from sidebyside.rendering.prose_text import ProseWriter, split_front_matter
from sidebyside.rendering.raw_html import stray_tag, wash
from sidebyside.source.reading import Errors, SourceError
from sidebyside.source.sections import Module, Section
from sidebyside.translating.editions import Say, say_english

# In the flow, comments mark rows. They hold a character that no text contains.
_MARK = f"<!--{OPEN}"
_ROW = re.compile(rf"{_MARK}row (\d+)-->(.*?){_MARK}code-->.*?(?={_MARK}|$)", re.DOTALL)
_END = f"{_MARK}end-->"
_LONG = 12  # lines of code without a word beside them take the whole width
_DEFINITIONS = ("class", "function")
_PAPER = re.compile(r'href="(https://arxiv\.org/abs/([\w./-]+))"')


@dataclass(frozen=True)
class Surroundings:
    """What a page shows of a file besides its text: colors, links, and how definitions connect."""

    code: Mapping[int, str]  # the HTML of each line
    source_url: Callable[[int], str]  # where readers find a line; nothing if the source is offline
    relations: Callable[[str], Relations]  # of a definition, by its qualified name
    summary: str = ""  # HTML that tells how many formulas were checked
    say: Say = say_english  # labels


@dataclass(frozen=True)
class Document:
    """
    A page on its way.

    `summary` comes from the front matter of the source, if it has any. `anchors` are the ids that
    Markdown does not know of: those of code lines and formulas. With `html`, the HTML of its prose
    is trusted, and must be balanced; where it is not, only `strict` makes an error of it.
    """

    module: Module
    markdown: str
    summary: str
    html: bool
    pieces: Pieces
    anchors: Set[str]
    around: Surroundings
    strict: bool = True

    @property
    def name(self) -> str:
        """The file, as errors call it."""
        return self.module.path

    @property
    def lines(self) -> Sequence[str]:
        """The text of the file."""
        return [line.text for line in self.module.lines]

    def flow(self, html: str) -> str:
        """Prose and plain code in one stream, from the HTML that MkDocs made of the Markdown."""
        intro, found = split_rows(self.pieces.plain_html(html))
        sections = self.module.sections
        found = {0: "", len(sections): "", **found, -1: intro}  # an introduction has no mark
        self._balance(found)
        intro = found[-1]
        if not self.html:
            intro, found = wash(intro), {number: wash(prose) for number, prose in found.items()}
        rows = [
            f"{_MARK}row {number}-->{found[number]}{_MARK}code-->{_plain_code(section)}"
            for number, section in enumerate(sections)
        ]
        return f"{intro}{''.join(rows)}{_END}{found[len(sections)]}"

    def _balance(self, found: dict[int, str]) -> None:
        """See that no prose reaches into the next row; what does is shown as it was written."""
        errors = Errors()
        for number, section in enumerate(self.module.sections):
            place = number or -1
            lost = not {number, number + 1} <= found.keys()
            tag = stray_tag(found.get(place, "")) if self.html else ""
            if lost or tag:
                errors.found.append(self._never_closed(section, tag))
                written = "\n".join(line.text for line in section.prose)
                found[place] = f"<pre>{escape(written)}</pre>\n"
        if self.strict:
            errors.stop()

    def lay_out(self, html: str) -> str:
        """The page itself: rows of prose and code, from what `flow` returned."""
        html, _, tail = html.partition(_END)
        intro = _ROW.split(html, maxsplit=1)[0]
        found = [(self.module.sections[int(n)], prose) for n, prose in _ROW.findall(html)]
        if not self.module.sections[0].code:
            found = found[1:]
        name = escape(self.name)
        parts = [
            f'<div class="sbs-page" data-source="{name}"{self._digits()}>\n',
            '<div class="sbs-intro">\n',
            self._eyebrow(intro),
            intro.replace("</h1>", f"</h1>\n{self.around.summary}", 1)
            if self.around.summary
            else intro,
            "</div>\n",
            *self._sections(found),
            f'<div class="sbs-tail">\n{tail}</div>\n' if tail.strip() else "",
            "</div>\n",
        ]
        return self.pieces.fill("".join(parts))

    def _digits(self) -> str:
        """Room for line numbers, where they are longer than most."""
        digits = len(str(len(self.module.lines)))
        return f' style="--sbs-digits: {digits}"' if digits > 3 else ""

    def describe(self, html: str) -> str:
        """One paragraph about the page, as plain text: what its flow begins with."""
        intro = _ROW.split(html, maxsplit=1)[0]
        paragraphs = re.findall(r"<p>(.*?)</p>", intro, re.DOTALL)
        texts = [" ".join(unescape(re.sub(r"<[^>]*>", "", p)).split()) for p in paragraphs]
        return self.summary or next((text for text in texts if text), "")

    def _sections(self, rows: Iterable[tuple[Section, str]]) -> Iterator[str]:
        """A definition, and the rows of its comments, are one section of the page."""
        parts: list[list[tuple[Section, str]]] = []
        for section, prose in rows:
            if section.kind in _DEFINITIONS or not parts:
                parts.append([])
            parts[-1].append((section, prose))
        for part in parts:
            # What is far from the window is not laid out; its height is a guess until it is.
            tall = 5 * round(sum(_height(section) for section, _ in part) / 5 + 0.5)
            yield f'<section class="sbs-part" style="--sbs-tall: {tall}rem">\n'
            yield from (self._row(section, prose) for section, prose in part)
            yield "</section>\n"

    def _row(self, section: Section, prose: str) -> str:
        if section.kind in _DEFINITIONS:
            parts = self._definition(section, prose)
        else:
            wide, before, level = arranged(prose, section.code, self.pieces)
            parts = f"{_prose(wide, ' sbs-wide')}{_prose(before, ' sbs-before')}"
            parts += f"{_prose(level)}{self._code(section)}"
        filled = prose.strip() or any(line.text.strip() for line in section.code)
        kind = section.kind if filled else f"{section.kind} sbs-empty"
        words = re.sub(r"<h\d.*?</h\d>", "", prose, count=1, flags=re.DOTALL)
        if not words.strip() and len(section.code) > _LONG:
            kind += " sbs-bare"
        elif not words.strip() and section.kind in _DEFINITIONS:
            kind += " sbs-titled"
        return f'<div class="sbs-row sbs-{kind}" data-depth="{section.depth}">\n{parts}</div>\n'

    def _definition(self, section: Section, prose: str) -> str:
        """A heading, the code, and the docstring, which flows around the code."""
        heading, end, prose = prose.partition(f"</h{_level(prose)}>")
        head = f"{heading}{end}\n{self._relations(section.name)}"
        head += self._source_link(self.around.say("view source"), section.code[0].number)
        return f'<div class="sbs-head">{head}</div>\n{self._code(section)}{_prose(prose)}'

    def _code(self, section: Section) -> str:
        return sheet(section.code, self.around.code) if section.code else ""

    def _eyebrow(self, intro: str) -> str:
        """Above the title: the file, its length, and the first paper that the page names."""
        number = len(self.module.lines)
        say = self.around.say
        lines = say("1 line") if number == 1 else say("{number} lines", number=number)
        paper = _PAPER.search(intro)
        parts = [self._source_link(self.name, 1).strip() or escape(self.name), lines]
        parts += [f'<a href="{paper[1]}">arXiv:{paper[2]}</a>'] if paper else []
        return f'<p class="sbs-eyebrow">{" · ".join(parts)}</p>\n'

    def _relations(self, name: str) -> str:
        """What a method overrides, and what overrides it. Of constructors that is no news."""
        if name.endswith(".__init__"):
            return ""
        relations = self.around.relations(name)
        above = [relations.overrides] if relations.overrides else []
        say, below = self.around.say, relations.overridden_by
        texts = [say("overrides {names}", names=_links(above))] if above else []
        texts += [say("overridden by {names}", names=_links(below))] if below else []
        said = say("{one}; {other}", one=texts[0], other=texts[1]) if texts[1:] else "".join(texts)
        return f'<p class="sbs-relations">{said}</p>\n' if texts else ""

    def _source_link(self, text: str, line: int) -> str:
        if not (url := self.around.source_url(line)):
            return ""
        said = self.around.say("View source of {file}, line {line}", file=self.name, line=line)
        label = escape(said)
        return (
            f'<a class="sbs-source" href="{escape(url)}" aria-label="{label}">{escape(text)}</a>\n'
        )

    def _never_closed(self, section: Section, tag: str) -> SourceError:
        tag = tag or "<"
        lines = [line.number for line in section.prose if tag.rstrip(">") in line.text]
        first = section.prose[0] if section.prose else section.code[0]
        reason = f"the HTML `{tag}` lacks its other half; close it, or put it between backticks"
        return SourceError(self.name, [*lines, first.number][0], reason)


def compose(module: Module, writer: ProseWriter, around: Surroundings) -> Document:
    """Write the Markdown of a page, with a mark where each row starts."""
    first, *others = module.sections
    errors = writer.typesetter.errors
    data, prose = split_front_matter(first.prose)
    data = {key: without_tokens(value) for key, value in data.items()}
    first = replace(first, prose=prose)
    parts = []
    with errors.kept():
        parts.append(writer.write(first, data.get("title") or _title(module.path)))
    parts.append(row_mark(0))
    for number, section in enumerate(others, 1):
        with errors.kept():
            parts += [row_mark(number), writer.write(section)]
    errors.stop()
    parts.append(row_mark(len(module.sections)))
    markdown = "\n\n".join(parts) + "\n"
    lines = {f"L{line.number}" for section in module.sections for line in section.code}
    anchors = lines | writer.typesetter.anchors
    summary, html, strict = data.get("summary", ""), writer.html, writer.strict
    return Document(module, markdown, summary, html, writer.pieces, anchors, around, strict)


def _links(references: Iterable[Reference]) -> str:
    return ", ".join(map(_link, references))


def _link(reference: Reference) -> str:
    return f'<a class="sbs-name" href="{escape(reference.url)}">{escape(reference.name)}</a>'


def _height(section: Section) -> float:
    """About how tall a row is, in lines of a heading's size."""
    heading = 3.0 if section.kind in _DEFINITIONS else 0.5
    prose = 0 if section.kind == "module" else 1.4 * len(section.prose)  # that stands above
    return heading + max(prose, 1.05 * len(section.code))


def _prose(html: str, kind: str = "") -> str:
    return f'<div class="sbs-prose{kind}">{html}</div>\n' if html.strip() else ""


def _level(prose: str) -> str:
    """The level of the heading that a definition begins with."""
    heading = re.search(r"<h([1-6])", prose)
    return heading[1] if heading else ""


def _plain_code(section: Section) -> str:
    text = "\n".join(line.text for line in section.code)
    return f"<pre><code>{escape(text, quote=False)}</code></pre>\n" if text.strip() else ""


def _title(path: str) -> str:
    """The name of a file, as the title of a page that has none."""
    folder, _, name = path.rpartition("/")
    stem = folder.rpartition("/")[2] if name == "__init__.py" else name.removesuffix(".py")
    return f"`{stem or name}`"
