"""
# The scanner of the plain spelling, and what both scanners share

A scanner turns text into the tokens that `formula.lark` declares, one after the other. What depends
on neighbors (implied products, which `|` opens) is left to `tokens`.
"""

# ruff: noqa: RUF001  # signs that look alike are read alike

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lark import Token

from sidebyside.formula.errors import FormulaError, no_letter, not_single
from sidebyside.formula.letters import (
    FUNCTIONS,
    GREEK,
    OPERATORS,
    RELATIONS,
    SAME_LETTER,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    split_letter,
)

SIGNS = (
    {
        ",": "_COMMA", "+": "PLUS", "-": "MINUS", "−": "MINUS", "√": "_ROOT", "∞": "NUMBER",
        "(": "_LPAR", ")": "_RPAR", "[": "_LSQB", "]": "_RSQB", "|": "_BAR", "‖": "_NORM",
        "⌊": "_LFLOOR", "⌋": "_RFLOOR", "⌈": "_LCEIL", "⌉": "_RCEIL", "∛": "_CUBE_ROOT",
        "Σ": "BIG", "∑": "BIG", "Π": "BIG", "∏": "BIG", "_": "_SUB", "^": "_SUP",
        "…": "_DOTS", "⋯": "_DOTS", "...": "_DOTS",
    }
    | dict.fromkeys("·*∗×⋅⊙", "_DOT")
    | dict.fromkeys("/∕", "_SLASH")
    | dict.fromkeys(RELATIONS, "RELATION")
)  # fmt: skip
_MARKS = "[\u0300-\u036f]*"

# The named groups choose the method `on_<name>` below; the first that matches wins.
COMMON_PATTERN = rf"""
  (?P<space>\s+)
| (?P<blank>(?<=[(\[])[.·](?=[)\]]))
| (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+−]?[0-9]+)?)
| (?P<mark>\^(?:[*∗]|\{{[*∗]\}})|[′'])
| (?P<sup>[{"".join(SUPERSCRIPTS)}]+)
| (?P<sub>[{"".join(SUBSCRIPTS)}]+)
| (?P<letter>(?![ΣΠ])(?:[^\W\d_]|[{"".join(OPERATORS | SAME_LETTER.keys())}]){_MARKS})
| (?P<brace>[{{}}])
| (?P<sign>{"|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))})
"""


def make_token(kind: str, value: str, start: int, end: int) -> Token:
    """Return a token that knows its place in the text, counted from 0."""
    return Token(kind, value, start_pos=start, end_pos=end)


class Scanner:
    """Reads the plain spelling."""

    pattern: ClassVar[re.Pattern[str]] = re.compile(
        # Words are read whole, with the digits in them, so that they cannot pass for products.
        rf"(?P<word>[A-Za-z][A-Za-z0-9]+) | {COMMON_PATTERN}",
        re.VERBOSE,
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.previous = ""
        self.braces: list[str] = []  # for each open brace: "sub", "sup", "group", "set" or "skip"

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens; raise FormulaError at the first character that no formula contains."""
        position = 0
        while position < len(self.text):
            match = self.pattern.match(self.text, position)
            if match is None:
                raise FormulaError(position + 1, f"`{self.text[position]}` is not used in formulas")
            read = getattr(self, f"on_{match.lastgroup}")
            for token in read(match):
                self.previous = token.type
                yield token
            position = match.end()

    def on_space(self, match: re.Match[str]) -> Iterator[Token]:
        yield from ()

    def on_blank(self, match: re.Match[str]) -> Iterator[Token]:
        yield make_token("_BLANK", "·", *match.span())

    def on_number(self, match: re.Match[str]) -> Iterator[Token]:
        yield make_token("NUMBER", match.group().replace("−", "-"), *match.span())

    def on_mark(self, match: re.Match[str]) -> Iterator[Token]:
        yield make_token("_SUP", "^", match.start(), match.start())
        accent = "prime" if match.group() in "′'" else "star"
        yield make_token("MARK", accent, *match.span())

    def on_sup(self, match: re.Match[str]) -> Iterator[Token]:
        yield from self.small("_SUP", SUPERSCRIPTS, match)

    def on_sub(self, match: re.Match[str]) -> Iterator[Token]:
        yield from self.small("_SUB", SUBSCRIPTS, match)

    def small(self, kind: str, table: dict[str, str], match: re.Match[str]) -> Iterator[Token]:
        """Unfold `ₜ₋₁` to the tokens of `_{t-1}`, each at the place of its small form."""
        start, end = match.span()
        yield make_token(kind, match.group()[0], start, start)
        yield make_token("_LBRACE", "{", start, start)
        for token in Scanner("".join(table[character] for character in match.group())).tokens():
            assert token.start_pos is not None
            assert token.end_pos is not None
            yield make_token(token.type, token, start + token.start_pos, start + token.end_pos)
        yield make_token("_RBRACE", "}", end, end)

    def on_word(self, match: re.Match[str]) -> Iterator[Token]:
        word, span = match.group(), match.span()
        if word in GREEK or word == "eps":
            yield make_token("LETTER", GREEK.get(word, "ε"), *span)
        elif word == "inf":
            yield make_token("NUMBER", "∞", *span)
        elif word.isalpha() and self.is_index(match):
            yield make_token("WORD", word, *span)
        elif word in ("hat", "bar", "tilde"):
            yield make_token("ACCENT", word, *span)
        elif word.isalpha() and self.previous == "_SUB":
            raise FormulaError(span[0] + 1, f"the index `{word}` needs braces", f"`{{{word}}}`")
        elif word in FUNCTIONS:
            yield make_token("FUNCTION", word, *span)
        else:
            raise not_single(word, span[0])

    def is_index(self, match: re.Match[str]) -> bool:
        """Return whether a word ends an index, as in `C_{var}`, or one of several."""
        return "sub" in self.braces and self.text[match.end() :].lstrip()[:1] in ("}", ",")

    def on_letter(self, match: re.Match[str]) -> Iterator[Token]:
        if split_letter(match.group()) is None:
            raise no_letter(match.group(), match.start())
        yield make_token("LETTER", match.group(), *match.span())

    def on_brace(self, match: re.Match[str]) -> Iterator[Token]:
        if match.group() == "{":
            script = self.previous in ("_SUB", "_SUP")
            self.braces.append(self.previous.strip("_").lower() if script else "set")
            yield make_token("_LBRACE" if script else "_LCURLY", "{", *match.span())
        else:
            opened = self.braces.pop() if self.braces else "set"
            yield make_token("_RCURLY" if opened == "set" else "_RBRACE", "}", *match.span())

    def on_sign(self, match: re.Match[str]) -> Iterator[Token]:
        sign = match.group()
        yield make_token(SIGNS[sign], RELATIONS.get(sign, sign), *match.span())
