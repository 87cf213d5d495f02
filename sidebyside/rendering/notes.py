"""
# Notes on formulas: verdicts and meanings

Beside a display formula, and behind a statement in a sentence, stands a small sign that tells
whether it was checked. It opens a note: the verdict, in a sentence, and what the symbols mean. The
note is an HTML popover, which browsers open and close by themselves. Inside formulas, each symbol
shows its meaning to who points at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from html import escape

from sidebyside.formula import at_time, identity, to_text
from sidebyside.formula.tree import Series, Symbol, walk
from sidebyside.reasons import FRAMES, Field, in_words, plain, say
from sidebyside.rendering.recorded import Verdicts
from sidebyside.report import Entry
from sidebyside.source.notation import Meaning, Notation, Scope
from sidebyside.source.prose import FormulaLine
from sidebyside.source.reading import SourceError
from sidebyside.translating.editions import Edition, Original, Say, label, listed

# What a status is called beside a formula, in a sentence that counts (one, several), and at the
# beginning of a sentence. The first is also the name of a class.
_WORDS: Mapping[str, str] = {
    "proved": label("proved"),
    "definition": label("definition"),
    "tried": label("tried"),
    "not checked": label("not checked"),
}
# What has no sign says in its note, too, that it has none.
_UNPROVED = label("tried, not proved")
_COUNTED: Mapping[str, tuple[str, str]] = {
    "proved": (label("{number} proved"),) * 2,
    "definition": (label("{number} definition"), label("{number} definitions")),
    "tried": (label("{number} tried"),) * 2,
    "not checked": (label("{number} not checked"),) * 2,
}
_LEGEND: Mapping[str, str] = {
    "proved": label(
        "Algebra shows that code and formula agree for all values that the note names."
    ),
    "definition": label(
        "The formula gives a name to something. Where the code computes it, they agree."
    ),
    "tried": label(
        "No proof, so no promise. The code was run many times, and each time they agreed; what"
        " speaks of no code was tried with many numbers. One that nobody tried may refute it."
    ),
    "not checked": label("Nothing here ran it. The note behind the sign says why."),
}
_OPENS = label(
    "Each sign opens a note: which line it was held against, in how many runs, and what the symbols"
    " mean. A run is one choice of settings. A formula of one branch meets only the runs that take"
    " it, so their number may be small."
)
_LINES = label(
    "Code keeps the line numbers of its file. Those left out are the lines of comments, which you"
    " read as text."
)
_SYMBOL = re.compile(r'data-sym="([^"]*)"')


@dataclass(frozen=True)
class Notes:
    """
    What is known about the formulas of the file `path`.

    `explanation` is the address of the page that explains the words, or empty.
    """

    path: str = ""
    verdicts: Verdicts = field(default_factory=Verdicts)
    notation: Notation = field(default_factory=lambda: Notation(()))
    explanation: str = ""
    edition: Original | Edition = field(default_factory=Original)

    def titled(self, html: str, formula: FormulaLine, scope: str) -> str:
        """A typeset formula, with the meaning of each symbol for who points at it."""
        titles: dict[str, str] = {}
        for symbol, meaning in self._meanings(formula, scope):
            titles.setdefault(
                identity(symbol), _plain(f"{to_text(meaning.symbol)}: {self._said(meaning)}")
            )

        def with_title(place: re.Match[str]) -> str:
            title = titles.get(place[1])
            return f'{place[0]} title="{escape(title)}"' if title else place[0]

        return _SYMBOL.sub(with_title, html) if titles else html

    def verify(self, formula: FormulaLine) -> Entry | None:
        """The verdict on a formula; raise `SourceError` if there is none, or it is a failure."""
        return self.verdicts.find(self.path, formula)

    def known(self, formula: FormulaLine) -> bool:
        """Whether there is a verdict on a formula, and no failure."""
        try:
            return self.verify(formula) is not None
        except SourceError:
            return False  # told where the sign is made

    def mark(self, formula: FormulaLine, scope: str, anchor: str) -> str:
        """The sign beside a display formula, and the note that it opens."""
        entry = self.verify(formula)
        if entry is None:
            return ""
        return (
            f"{self._button(entry, formula, anchor)}"
            f'<div class="sbs-note" id="{anchor}" popover>'
            f"<p>{self._sentence(entry)}</p>{self._glossary(formula, scope)}"
            f"{self._link(self._say('What this means'))}</div>"
        )

    def inline_mark(self, formula: FormulaLine, anchor: str) -> str:
        """The sign behind a statement in a sentence; empty for a formula that states nothing."""
        entry = self.verify(formula)
        if entry is None or entry.status == "mention":
            return ""
        return (
            f"{self._button(entry, formula, anchor, ' sbs-inline')}"
            f'<span class="sbs-note" id="{anchor}" popover>'
            f"{self._sentence(entry)} {self._link(self._say('What this means'))}</span>"
        )

    def summary(self, path: str | None = None) -> str:
        """How many formulas of this file, or of all with `path` None, there are of each kind."""
        say = self._say
        if path in self.verdicts.stale:
            text = say("This file has changed since its formulas were checked.")
            return f'<p class="sbs-summary">{text}</p>\n'
        totals = self.verdicts.totals(path)
        kinds = [status for status in _COUNTED if totals[status]]
        if not kinds:  # as where all have failed, and the page will not be made
            return ""
        number = sum(totals[status] for status in kinds)
        counts = [
            f'<span class="sbs-sign sbs-{_class(status)}"></span>'
            + say(_COUNTED[status][totals[status] > 1], number=totals[status])
            for status in kinds
        ]
        formulas = say("1 formula") if number == 1 else say("{number} formulas", number=number)
        told = listed(counts, say)
        text = say("{formulas}: {counts}.", formulas=formulas, counts=told)
        link = self._link(say("How they are checked"))
        legend = self._legend(kinds, totals["mention"])
        return f'<p class="sbs-summary">{text} {link}</p>\n{legend}'

    def _legend(self, statuses: Iterable[str], mentions: int) -> str:
        """What the signs of a page say, folded."""
        say, more = self._say, ""
        if mentions:
            more = " " + say(
                "Formulas inside sentences have no sign where they only name something: {number}.",
                number=mentions,
            )
        items = "".join(
            f'<dt><span class="sbs-sign sbs-{_class(status)}">{say(_WORDS[status])}</span></dt>'
            f"<dd>{say(_LEGEND[status])}</dd>"
            for status in statuses
        )
        title = say("What the signs and line numbers say")
        return (
            f'<details class="sbs-legend"><summary>{title}</summary>'
            f"<dl>{items}</dl><p>{say(_OPENS)}{more}</p><p>{say(_LINES)}</p></details>\n"
        )

    def _sentence(self, entry: Entry) -> str:
        """The verdict as a sentence, with links to the lines it speaks of."""
        # What is wrong with a formula is told to its author, in English.
        reasons = [r if r.key in FRAMES else in_words(*say([r]))[0] for r in entry.reasons]
        frames = {reason.key: self._say(FRAMES[reason.key]) for reason in reasons}
        clauses = say(reasons, frames, shown=_shown)
        said = reduce(
            lambda one, other: self._say("{one}; {other}", one=one, other=other), clauses or [""]
        )
        word = _UNPROVED if entry.status == "tried" else _WORDS[entry.status]
        status = f"<strong>{self._say(word).capitalize()}</strong>"
        return self._say("{status}: {reasons}.", status=status, reasons=said)

    def _button(self, entry: Entry, formula: FormulaLine, anchor: str, kind: str = "") -> str:
        word = self._say(_WORDS[entry.status])
        name = escape(f"{word.capitalize()}: {formula.text}")
        shown = "" if kind else word  # in a sentence, a word would be read as part of it
        return (
            f'<button type="button" class="sbs-mark{kind} sbs-sign sbs-{_class(entry.status)}"'
            f' popovertarget="{anchor}" aria-label="{name}">{shown}</button>'
        )

    def _glossary(self, formula: FormulaLine, scope: str) -> str:
        meanings = dict.fromkeys(meaning for _, meaning in self._meanings(formula, scope))
        items = "".join(
            f"<dt>{escape(to_text(meaning.symbol))}</dt><dd>{escape(_plain(self._said(meaning)))}</dd>"
            for meaning in meanings
        )
        return f"<dl>{items}</dl>" if items else ""

    @property
    def _say(self) -> Say:
        return self.edition.say

    def _said(self, meaning: Meaning) -> str:
        return self.edition.phrase(meaning.text)

    def _meanings(self, formula: FormulaLine, scope: str) -> Iterator[tuple[Symbol, Meaning]]:
        """The symbols of a formula, each with what it means in this scope, if that is said."""
        tree = formula.formula
        nodes = list(walk(tree)) if tree else []
        bound = [node.variable for node in nodes if isinstance(node, Series) and node.variable]
        symbols = [at_time(part, bound) for part in nodes if isinstance(part, Symbol)]
        symbols.sort(key=lambda symbol: symbol == Symbol("t"))  # it is in most indices; last, then
        scopes = self._scopes(Scope(self.path, scope))
        for symbol in dict.fromkeys(symbols):
            said = [each for each in self.notation.explained(symbol, scopes) if each.text]
            where = [(each.scope, each.back) for each in said]
            yield from (
                (symbol, each) for each, at in zip(said, where, strict=True) if at == where[0]
            )

    def _scopes(self, scope: Scope) -> tuple[Scope, ...]:
        """Where a formula looks for what its symbols mean. A module speaks of its classes, too."""
        places = [scope] if scope.name else [c for c in self.notation.bases if c.path == self.path]
        scopes = [each for place in places for each in self.notation.scopes(place)]
        return tuple(dict.fromkeys([*scopes, scope]))

    def _link(self, text: str) -> str:
        address = escape(self.explanation)
        return f'<a class="sbs-why" href="{address}">{text}</a>' if address else ""


def _shown(name: str, value: Field) -> str:
    """A field of a verdict as HTML: code is marked, and a line is linked."""
    text = plain(name, value)
    if name == "symbols":  # such as "ε > 0"
        text = re.sub(r"(?<=[^,]) (?=\S)", "\N{NO-BREAK SPACE}", text)
    if name == "line":
        return f'<a href="#L{text}">{text}</a>'
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text, quote=False))


def _class(status: str) -> str:
    return status.replace(" ", "-")


def _plain(text: str) -> str:
    """Words of a notation list, without the signs that mark formulas and code."""
    return re.sub(r"[$`]", "", text)
