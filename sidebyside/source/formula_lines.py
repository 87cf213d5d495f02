"""
# Formulas where they stand

A formula with the line it stands on, and the rows that a block of LaTeX is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sidebyside.formula import Formula, FormulaError, parse_formula
from sidebyside.formula.tree import Listing, Number, Relation, Symbol, walk
from sidebyside.source.sections import Line

ENVIRONMENTS = r"(?:align|aligned|equation|gather|split|eqnarray)\*?"


@dataclass(frozen=True)
class FormulaLine:
    """
    A formula and the line it stands on.

    `text` is what the author wrote, without dollars and alignment marks. `formula` is None for
    LaTeX that the grammar does not cover; `reason` then says why, and `text` is all there is to
    show. LaTeX is shown `as_written`, with its tree or without; of a row with an alignment mark,
    `halves` are what stands before it and behind it, and `whole` is all of it.
    """

    text: str
    line: int
    formula: Formula | None
    reason: str = ""
    as_written: bool = False
    halves: tuple[str, str] = ("", "")
    whole: str = ""

    @property
    def is_opaque(self) -> bool:
        """Whether the formula can only be shown, not understood."""
        return self.formula is None


def read_plain(line: Line) -> FormulaLine | None:
    """Return a whole line as a formula, or None if it is no formula."""
    text = line.text.strip()
    try:
        return FormulaLine(text, line.number, parse_formula(text))
    except FormulaError:
        return None


def is_expression(found: FormulaLine | None) -> bool:
    """Whether a line computes something: more than a number, a symbol or a list of them."""
    if found is None or isinstance(found.formula, Number | Symbol | Listing | Relation | None):
        return False
    return any(isinstance(node, Symbol) for node in walk(found.formula))


def read_latex(text: str, line: int) -> FormulaLine:
    """Return LaTeX as a formula, opaque when it does not parse."""
    halves = _halves(text)
    whole, text = (_in_a_line(each) for each in (text, _without_marks(text)))
    try:
        tree = parse_formula(text, "latex")
        return FormulaLine(text, line, tree, "", "\\" in text or text.isascii(), halves, whole)
    except FormulaError as error:
        return FormulaLine(text, line, None, str(error), True, halves, whole)


_NESTING = re.compile(
    r"(?P<row>\\\\(?:\[[^\]]*\])?)|(?P<begin>\\begin\b)|(?P<end>\\end\b)|(?P<mark>(?<!\\)&)"
)


def _outer(text: str) -> Iterator[re.Match[str]]:
    """Yield the ends of rows and alignment marks, but not those of `cases` and the like inside."""
    depth = 0
    for match in _NESTING.finditer(text):
        depth += (match["begin"] is not None) - (match["end"] is not None)
        if depth == 0 and not match["end"]:
            yield match


def _halves(text: str) -> tuple[str, str]:
    """What stands before the first alignment mark, and behind it without further ones."""
    at = next((match.start() for match in _outer(text) if match["mark"]), None)
    if at is None:
        return "", ""
    return _in_a_line(text[:at]), _in_a_line(_without_marks(text[at + 1 :]))


def _in_a_line(text: str) -> str:
    """LaTeX with single spaces; the one that a backslash makes stays, at the end, too."""
    text = " ".join(text.split())
    return f"{text} " if re.search(r"(?<!\\)(?:\\\\)*\\$", text) else text


def _without_marks(text: str) -> str:
    marks = {match.start() for match in _outer(text) if match["mark"]}
    return "".join(character for n, character in enumerate(text) if n not in marks)


_WRAPPING = re.compile(rf"\$\$|\\(?:begin|end)\{{{ENVIRONMENTS}\}}")


def latex_rows(lines: Sequence[Line]) -> Iterator[FormulaLine]:
    """Yield the rows of `$$…$$` or an environment. Rows of `cases` inside one stay together."""
    text = "\n".join(line.text for line in lines)
    text = _WRAPPING.sub(lambda match: " " * len(match[0]), text)
    start = 0
    ends = [match.span() for match in _outer(text) if match["row"]]
    for end, next_start in [*ends, (len(text), len(text))]:
        row = text[start:end]
        if row.strip():
            first = start + len(row) - len(row.lstrip())
            yield read_latex(row, lines[text.count("\n", 0, first)].number)
        start = next_start
