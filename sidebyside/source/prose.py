"""
# What in prose is math

Prose is Markdown with formulas in it. This module is the one place that says where the formulas
are, for the page and for the checker alike. It cuts the prose of a section into blocks:

* `Text`, Markdown as written, with the formulas that stand between dollars in it;
* `Display`, rows of display math. Several without a blank line between them are an *algorithm*.

A row is a line that is wholly one relation: a whole line of a comment, or a line of a docstring
that is indented by four spaces. In a comment, a paragraph that is wholly one expression is a row,
too: it says what the code below computes. Rows also come from LaTeX, between double dollars or in
an environment such as `align`.

With `strict`, for sources that are written for this, everything that looks like a formula must
parse. Without it, for other people's sources, what does not parse is prose, or LaTeX that can only
be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TypeAlias
from unicodedata import normalize

from sidebyside.formula import FormulaError, parse_formula, to_text
from sidebyside.formula.letters import RELATION_COMMANDS, RELATIONS
from sidebyside.formula.tree import Relation
from sidebyside.source.formula_lines import (
    ENVIRONMENTS,
    FormulaLine,
    is_expression,
    latex_rows,
    read_latex,
    read_plain,
)
from sidebyside.source.reading import Errors, SourceError
from sidebyside.source.sections import Line

__all__ = ["Block", "Display", "FormulaLine", "Text", "formulas", "read_prose"]


@dataclass(frozen=True)
class Text:
    """
    Markdown, twice: as `lines`, and cut into `parts`, where each formula stands for itself.

    With dollars around its formulas, the parts together are the lines, joined by newlines.
    """

    lines: tuple[Line, ...]
    parts: tuple[str | FormulaLine, ...]


@dataclass(frozen=True)
class Display:
    """Rows of display math. `indent` keeps them in their list item; outside of lists it is 0."""

    rows: tuple[FormulaLine, ...]
    indent: int = 0


Block: TypeAlias = Text | Display


def read_prose(
    lines: Sequence[Line], *, path: str, comment: bool, strict: bool = True
) -> tuple[Block, ...]:
    """
    Cut the prose of a section into blocks; `comment` tells a comment from a docstring.

    With `strict`, raise `SourceError` with the line for a formula that does not parse, and for a
    fence that is never closed; for all of them at once.
    """
    reader = _Reader(lines, path, comment, strict)
    blocks = tuple(reader.blocks())
    reader.errors.stop()
    return blocks


def formulas(blocks: Iterable[Block]) -> Iterator[FormulaLine]:
    """Yield all formulas of some blocks in the order of the source."""
    for block in blocks:
        if isinstance(block, Display):
            yield from block.rows
        else:
            yield from (part for part in block.parts if isinstance(part, FormulaLine))


_FENCE = re.compile(r"\s*(?P<fence>`{3,}|~{3,})[^`]*$")
_ITEM = re.compile(r"\s*(?:[*+-]|[0-9]+[.)])\s")
_ENVIRONMENT = re.compile(rf"\s*\\begin\{{({ENVIRONMENTS})\}}")
_SIGNS = re.compile(
    "|".join(map(re.escape, RELATIONS))
    + rf"|\\(?:{'|'.join(filter(None, RELATION_COMMANDS))})(?![A-Za-z])"
)
_INDENT = " " * 4
_NO_FENCE = "\u2060"  # nobody sees it; Markdown has no backslash for tildes

# Escaped signs and code spans are there so that the dollars in them are passed over.
_INLINE = re.compile(
    r"""
  \\[\\`$]
| (?P<ticks>(?<!(?<!\\)`)`+(?!`))(?:(?!\n\s*\n).)+?(?<!`)(?P=ticks)(?!`)
| \$\$(?P<wide>(?:(?!\n\s*\n)[^$])+)\$\$
| \$(?P<math>(?=[^\s$])(?:\\.|(?!\n\s*\n)[^$\\`])+?)(?<!\s)\$(?![0-9])
""",
    re.VERBOSE | re.DOTALL,
)

# Behind a closing dollar there may be the end of a word, as in `$n$th`.
_ENDINGS = re.compile(r"(?:th|st|nd|rd|s|d)?(?![\w{])")


def _is_math(whole: str, match: re.Match[str]) -> bool:
    """Tell math from the dollars of shells, templates and patterns in other people's text."""
    before, start = whole[max(match.start() - 1, 0) : match.start()], match.start() + 1
    if match["wide"]:
        return True
    if before and (before.isalnum() or before in "_^|"):
        return False
    quoted = before in ("'", '"', "`") and whole[start : start + 1] == before
    return not quoted and _ENDINGS.match(whole, match.end()) is not None


# What no sentence has: an arrow, a root, a letter at step t, a Greek letter in a calculation.
_FORMULA_SIGNS = re.compile(r"[←√ₜᵗ]|[α-ω][₀-₉]?\s?[·/+−^=≈<>≤≥]\s?[\w(]")


def _keeps_letters(found: FormulaLine) -> bool:
    """Whether a formula has the letters and signs that were written, if in other places."""
    if not found.text.isascii() or "\\" in found.text or found.formula is None:
        return True
    texts = (found.text, to_text(found.formula).replace("−", "-"))
    one, other = (re.sub(r"[\s_^{}]", "", normalize("NFKC", text)) for text in texts)
    return one == other


_AMONG_WORDS = (
    "is a formula, and words stand beside it; in a comment, put an empty line before and after it, "
    "so that it is compared with the code; otherwise put dollars around it"
)


class _Reader:
    """Goes through the lines once; `at` is the next one."""

    def __init__(self, lines: Sequence[Line], path: str, comment: bool, strict: bool) -> None:
        self.lines = lines
        self.path = path
        self.comment = comment
        self.strict = strict
        self.at = 0
        self.pending: list[tuple[Line, bool]] = []  # the next Text; True marks lines that are code
        self.in_list = False
        self.errors = Errors()
        # Nothing is looked for twice: a text may have thousands of openings that nothing closes.
        self.refused: set[int] = set()  # lines
        self.never_closed: set[str] = set()  # fences
        self.found: dict[str, tuple[int, int]] = {}  # where each closing of LaTeX comes next
        self.around = range(0), False  # the indented lines looked at last, and whether all are math

    def refuse(self, line: Line, reason: str) -> None:
        """Note an error, one for each line, and go on: authors of others are not to blame."""
        if self.strict and line.number not in self.refused:
            self.refused.add(line.number)
            self.errors.found.append(SourceError(self.path, line.number, reason))

    def blocks(self) -> Iterator[Block]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if fence := self.fence(line):
                self.pending += [(part, True) for part in fence]
                self.at += len(fence)
            elif rows := self.display():
                yield from self.flush()
                indent = len(line.text) - len(line.text.lstrip()) if self.in_list else 0
                yield Display(rows, indent)
            else:
                self.text(line)
                self.at += 1
        yield from self.flush()

    def flush(self) -> Iterator[Text]:
        filled = [n for n, (line, _) in enumerate(self.pending) if line.text]
        if filled:
            lines = self.pending[filled[0] : filled[-1] + 1]
            yield Text(tuple(line for line, _ in lines), tuple(self.parts(lines)))
        self.pending = []

    def fence(self, line: Line) -> Sequence[Line]:
        """Return the lines of the fenced code that starts here, if it does."""
        opening = _FENCE.match(line.text)
        if not opening:
            return ()
        fence = opening["fence"]
        if fence not in self.never_closed:
            closing = re.compile(rf"\s*{fence[0]}{{{len(fence)},}}\s*$")
            for end in range(self.at + 1, len(self.lines)):
                if closing.match(self.lines[end].text):
                    return self.lines[self.at : end + 1]
            self.never_closed.add(fence)
        self.refuse(line, f"the fence {line.text.strip()} is never closed; close it with {fence}")
        return ()

    def text(self, line: Line) -> None:
        before, was_code = self.pending[-1] if self.pending else (Line(0, ""), False)
        if _ITEM.match(line.text):
            self.in_list = True
        elif not before.text and line.text and not line.text.startswith(" "):
            self.in_list = False
        indented = line.text.startswith(_INDENT) and not self.comment and not self.in_list
        if indented and not was_code:
            self.no_formula(line, "put code between ``` fences")
        if self.strict and is_expression(read_plain(line)):
            self.refuse(line, f"`{line.text.strip()}` {_AMONG_WORDS}")
        if _FENCE.match(line.text):  # never closed: or else a later one would seem to close it
            plain = line.text.replace("`", r"\`")
            line = Line(line.number, re.sub(r"^(\s*)(?=~)", f"\\1{_NO_FENCE}", plain))
        self.pending.append((line, indented and (self.strict or was_code or not before.text)))

    def no_formula(self, line: Line, remedy: str) -> None:
        """Refuse a line that must be a formula and is none."""
        if not self.strict:
            return
        text = line.text.strip()
        try:
            parse_formula(text)
            reason = "no relation sign such as `←` or `=`"
        except FormulaError as error:
            reason = str(error)
        self.refuse(line, f"`{text}` is no formula: {reason}; {remedy}")

    def parts(self, lines: list[tuple[Line, bool]]) -> Iterator[str | FormulaLine]:
        """Yield Markdown and the formulas in it; lines that are code have none."""
        markdown = ""
        for is_code, pairs in groupby(lines, key=lambda pair: pair[1]):
            run = [line for line, _ in pairs]
            whole = "".join(line.text + "\n" for line in run)
            done = 0
            for match in () if is_code else _INLINE.finditer(whole):
                markdown += self.plain(run, whole, done, match.start())
                done = match.end()
                written = match["wide"] or match["math"]
                if written and (self.strict or _is_math(whole, match)):
                    yield markdown
                    yield self.inline(written, run[whole.count("\n", 0, match.start())])
                    markdown = ""
                else:
                    markdown += match[0]
            markdown += whole[done:] if is_code else self.plain(run, whole, done, len(whole))
        yield markdown.removesuffix("\n")

    def plain(self, lines: list[Line], whole: str, start: int, end: int) -> str:
        """Return text without formulas; raise an error for signs that only they have."""
        found = _FORMULA_SIGNS.search(whole, start, end)
        if self.strict and found:
            line = lines[whole.count("\n", 0, found.start())]
            self.no_formula(line, "inside a sentence it belongs between dollars")
        return whole[start:end]

    def inline(self, written: str, line: Line) -> FormulaLine:
        text = " ".join(written.split())
        if not self.strict and text.isascii():
            return read_latex(text, line.number)
        try:
            return FormulaLine(text, line.number, parse_formula(text), as_written="\\" in text)
        except FormulaError as error:
            self.refuse(line, f"`${text}$` is no formula: {error}")
            return read_latex(text, line.number)

    def display(self) -> tuple[FormulaLine, ...]:
        """Return the rows of display math that start at this line, and step behind them."""
        rows: tuple[FormulaLine, ...] = ()
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if latex := self.latex(line):
                rows += tuple(latex_rows(latex))
                self.at += len(latex)
            elif (row := self.row(line)) and self.is_math_around():
                rows += (row,)
                self.at += 1
            elif lone := self.lone_expression(line):
                rows += (lone,)
                self.at += 1
            else:
                break
        return rows

    def row(self, line: Line) -> FormulaLine | None:
        """Return the row that a line is, if it is wholly one relation in the right place."""
        placed = self.comment or line.text.startswith(_INDENT)
        if not placed or not _SIGNS.search(line.text) or _ITEM.match(line.text):
            return None
        found = read_plain(line)
        if not found or not isinstance(found.formula, Relation):
            return None
        # In other people's text, `gamma = 2 * n` may be code, and is shown with these letters.
        return found if self.strict or _keeps_letters(found) else None

    def lone_expression(self, line: Line) -> FormulaLine | None:
        """Return the expression that is all of a paragraph: what the code below it computes."""
        around = [n for n in (self.at - 1, self.at + 1) if 0 <= n < len(self.lines)]
        if not self.comment or not self.strict or any(self.lines[n].text for n in around):
            return None
        found = read_plain(line)
        return found if is_expression(found) else None

    def is_math_around(self) -> bool:
        """Tell a formula from a simple assignment in other people's indented code."""
        if self.strict or self.comment:
            return True
        if self.at not in self.around[0]:
            first = last = self.at
            while first > 0 and self.lines[first - 1].text.startswith(_INDENT):
                first -= 1
            while last + 1 < len(self.lines) and self.lines[last + 1].text.startswith(_INDENT):
                last += 1
            is_math = all(self.row(line) for line in self.lines[first : last + 1])
            self.around = range(first, last + 1), is_math
        return self.around[1]

    def latex(self, line: Line) -> Sequence[Line]:
        """Return the lines of the LaTeX block that starts here, if it does."""
        if environment := _ENVIRONMENT.match(line.text):
            opening, closing = environment[0], f"\\end{{{environment[1]}}}"
        elif line.text.lstrip().startswith("$$"):
            opening, closing = line.text[: line.text.index("$$") + 2], "$$"
        else:
            return ()
        end, place = self.find(closing, len(opening))
        if end < len(self.lines):
            is_alone = self.lines[end].text[place:].rstrip() == closing
            return self.lines[self.at : end + 1] if is_alone else ()
        self.refuse(line, f"`{opening.strip()}` is never closed; close it with `{closing}`")
        return ()

    def find(self, closing: str, start: int) -> tuple[int, int]:
        """The line and the place where a text comes next; behind all lines, if it does not."""
        if self.found.get(closing, (-1, 0))[0] <= self.at:  # or else it was found from further up
            places = (
                (n, self.lines[n].text.find(closing)) for n in range(self.at + 1, len(self.lines))
            )
            first = self.at, self.lines[self.at].text.find(closing, start)
            found = (place for place in chain([first], places) if place[1] >= 0)
            self.found[closing] = next(found, (len(self.lines), 0))
        return self.found[closing]
