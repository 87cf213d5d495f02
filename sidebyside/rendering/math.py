"""
# Formulas as pieces of a page

Each formula becomes typeset HTML that carries its TeX and its plain text, and a plain text for
search. Rows of an algorithm are typeset in two halves, so that they align at the relation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html import escape, unescape
from typing import Protocol

from sidebyside.formula import FormulaError, parse_formula, to_latex, to_text
from sidebyside.formula.tree import Relation
from sidebyside.formula.written import in_text, tagged
from sidebyside.rendering.katex import KatexError
from sidebyside.rendering.notes import Notes
from sidebyside.rendering.pieces import Piece, Pieces
from sidebyside.source.prose import Block, Display, FormulaLine
from sidebyside.source.reading import Errors, SourceError


class Renderer(Protocol):
    """What turns TeX into HTML; see `katex.py`."""

    def render(self, tex: str, display: bool) -> str: ...


NO_NOTES = Notes()
_MATHML = re.compile(r'<span class="katex-mathml">.*?</math></span>', re.DOTALL)
_BOX = re.compile(r"\\(?:text(?:rm|it|bf|tt|sf|up|md|normal)?|mbox)\s*\{(?:[^{}$\\]|\\[_%#&])*\}")
_DATA = re.compile(r"\\htmlData\{[^{}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}")

# An inline formula of up to so many letters stays on one line.
SHORT = 26
# One of up to so many does also on a telephone.
BRIEF = 16


class Typesetter:
    """
    Typesets the formulas of one file and keeps them among the pieces of its page.

    `path` is what errors call the file. `anchors` are the ids of the formulas so far, `scope` the
    qualified name of the definition that the next ones stand in, and `computes` what the code
    beside them gives a value, as in `name =`. `errors` are those of formulas that cannot be
    typeset, or that failed their check.
    """

    def __init__(
        self,
        renderer: Renderer,
        path: str,
        notes: Notes = NO_NOTES,
        pieces: Pieces | None = None,
    ) -> None:
        self.path = path
        self.notes = notes
        self.scope = ""
        self.computes = ""
        self.strict = True
        self.pieces = Pieces() if pieces is None else pieces
        self.anchors: set[str] = set()
        self.errors = Errors()
        self._renderer = renderer

    def markdown(self, blocks: Iterable[Block]) -> str:
        """The Markdown of some blocks, with tokens in place of formulas."""
        return "\n\n".join(
            " " * block.indent + self._display_or_text(block)
            if isinstance(block, Display)
            else "".join(self._parts(block.parts))
            for block in blocks
        )

    def _display_or_text(self, block: Display) -> str:
        errors = self.errors.found
        before = len(errors)
        if self.strict or all(self._can_show(row) for row in block.rows):
            piece = self._display(block)
            if self.strict or len(errors) == before:
                return self.pieces.add(piece)
            del errors[before:]  # half of a row is not always a formula
        return "\n".join(self._as_it_stands(f"$${row.whole or row.text}$$") for row in block.rows)

    def _parts(self, parts: Iterable[str | FormulaLine]) -> Iterator[str]:
        before = ""
        for part in parts:
            if isinstance(part, str):
                yield part
                before = part
            elif not self.strict and not self._can_show(part):
                yield self._as_it_stands(f"${part.whole or part.text}$")
            else:
                # A formula that begins an item of a list is being explained there.
                yield self.pieces.add(self._inline(part, before.endswith(("* ", "- "))))
                before = ""

    def _inline(self, formula: FormulaLine, is_explained: bool) -> Piece:
        html = self._render(formula, _tex(formula, small=True), display=False)
        anchor = f"V{formula.line}"
        while anchor in self.anchors:
            anchor += "b"
        mark = ""
        with self.errors.kept():
            mark = self.notes.inline_mark(formula, anchor)
        if mark:
            self.anchors.add(anchor)
        kinds = {"sbs-short": SHORT, "sbs-brief": BRIEF}
        kind = " ".join(
            ["sbs-math", *(k for k, most in kinds.items() if len(formula.text) <= most)]
        )
        math = f'<span class="{kind}"{_attributes(formula)}>{html}</span>'
        # Word joiners: the sign does not part from its formula, nor a comma from the sign.
        math += f"&#8288;{mark}&#8288;" if mark else ""
        plain = _plain(formula, html)
        if is_explained:
            plain = " ".join([plain, *_spelled(plain)])
        return Piece(plain, math, literal=f"${formula.text}$")

    def _as_it_stands(self, text: str) -> str:
        """Text in which Markdown finds nothing."""
        return self.pieces.add(Piece(text, escape(text, quote=False)))

    def _can_show(self, formula: FormulaLine) -> bool:
        """Whether KaTeX takes it. In the text of others, dollars may stand around anything."""
        try:
            self._renderer.render(_with_plain_boxes(_tex(formula)), False)
        except KatexError as error:
            if not error.tex:
                raise
            return False
        return True

    def _display(self, block: Display) -> Piece:
        """A formula on a line of its own, or several of them as an algorithm."""
        if len(block.rows) == 1:
            html, plain = self._single(block.rows[0])
            return Piece(plain, html, is_block=True)
        rows, plains = zip(*(self._row(formula) for formula in block.rows), strict=True)
        html = f'<div class="sbs-algorithm">{"".join(rows)}</div>'
        return Piece("\n".join(plains), html, is_block=True)

    def _single(self, formula: FormulaLine) -> tuple[str, str]:
        html = self._render(formula, _tex(formula), display=True)
        known = not isinstance(formula.formula, Relation) and self.notes.known(formula)
        # A formula without a relation is about the value that the code beside it computes.
        name = f'<code class="sbs-target">{escape(self.computes)}</code>' if known else ""
        return self._block(formula, (name if self.computes else "") + html), _plain(formula, html)

    def _row(self, formula: FormulaLine) -> tuple[str, str]:
        left, right = formula.halves if any(formula.halves) else ("", formula.text)
        if formula.formula is not None and formula.as_written:
            left, right = (tagged(half, formula.formula) for half in (left, right))
        if isinstance(formula.formula, Relation) and not formula.as_written:
            left, right = to_latex(formula.formula, align=True).split("&", 1)
        halves = [
            self._render(formula, rf"\displaystyle {half}", display=False) if half else ""
            for half in (left, right)
        ]
        halves = _heard_once(halves, self._render(formula, f"{left} {right}", display=False))
        html = "".join(
            f'<span class="sbs-{side}">{half}</span>'
            for side, half in zip(("left", "right"), halves, strict=True)
        )
        return self._block(formula, html), _plain(formula, " ".join(halves))

    def _block(self, formula: FormulaLine, html: str) -> str:
        anchor = f"F{formula.line}"
        is_new = anchor not in self.anchors
        self.anchors.add(anchor)
        identity = f' id="{anchor}"' if is_new else ""
        mark = ""
        with self.errors.kept():
            mark = self.notes.mark(formula, self.scope, f"V{formula.line}") if is_new else ""
        opaque = " sbs-opaque" if formula.is_opaque else ""
        return (
            f'<div class="sbs-formula{opaque}"{identity} data-line="{formula.line}"'
            f"{_attributes(formula)}>{html}{mark}</div>"
        )

    def _render(self, formula: FormulaLine, tex: str, display: bool) -> str:
        try:
            html = self._renderer.render(_with_plain_boxes(tex), display)
            return self.notes.titled(html, formula, self.scope)
        except KatexError as error:
            if not error.tex:  # not its fault: KaTeX itself is missing
                raise
            reason = f"`{formula.text}` cannot be typeset: {error.args[0].splitlines()[0]}"
            self.errors.found.append(SourceError(self.path, formula.line, reason))
            return escape(formula.text)


def _tex(formula: FormulaLine, small: bool = False) -> str:
    """LaTeX as its author wrote it; of the plain spelling, ours, with `small` fractions or not."""
    if formula.formula is None:
        return _opaque_row(formula.text)
    if formula.as_written:
        return _opaque_row(tagged(formula.text, formula.formula))
    return to_latex(formula.formula, small=small)


def _with_plain_boxes(tex: str) -> str:
    r"""What stands in a box of text stands for itself: `\text{max_len}`, as MathJax reads it."""
    return _BOX.sub(lambda box: re.sub(r"(?<!\\)[_%#]", r"\\\g<0>", box[0]), tex)


def _heard_once(halves: list[str], whole: str) -> list[str]:
    """The halves of a row, with the MathML of the whole row in the first that shows something."""
    heard = _MATHML.findall(whole)
    return [_MATHML.sub(lambda _: heard.pop() if heard else "", half) for half in halves]


def _opaque_row(text: str) -> str:
    """LaTeX as written; a row of an environment may hold the marks of its columns."""
    return rf"\begin{{aligned}}{text}\end{{aligned}}" if "&" in text else text


def _text(formula: FormulaLine) -> str:
    """The plain spelling; nothing where it would not say what was written."""
    if formula.formula is None:
        bare = _bare(formula.text)
        with suppress(FormulaError):
            return "" if bare == formula.text else in_text(bare, parse_formula(bare, "latex"))
        return ""
    if formula.as_written:
        return in_text(formula.text, formula.formula)
    return to_text(formula.formula)


def _bare(tex: str) -> str:
    """LaTeX without what only tells a stylesheet something."""
    return _DATA.sub(r"\g<1>", tex)


def _attributes(formula: FormulaLine) -> str:
    tex = _bare(formula.text)
    if formula.formula is not None and not formula.as_written:
        tex = to_latex(formula.formula, tag=False)
    text = _text(formula)
    return f' data-tex="{escape(tex)}"' + (f' data-text="{escape(text)}"' if text else "")


def _plain(formula: FormulaLine, html: str) -> str:
    """For the search: plain Unicode; of what only LaTeX can say, the letters of its MathML."""
    return _text(formula) or " ".join(_mathml_text(html))


def _spelled(text: str) -> list[str]:
    """The names of the Greek letters in a text, for those who search for "epsilon"."""
    names = (unicodedata.name(letter, "").lower() for letter in text)
    greek = [name.split()[-1] for name in names if name.startswith("greek small letter")]
    return ["lambda" if name == "lamda" else name for name in greek]  # Unicode's spelling


def _mathml_text(html: str) -> Iterable[str]:
    for math in re.findall(r"<semantics>(.*?)</semantics>", html, re.DOTALL):
        yield unescape(re.sub(r"<[^>]*>", "", math))
