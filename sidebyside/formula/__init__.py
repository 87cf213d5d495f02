r"""
# Formulas: text to tree, and back

`parse_formula` reads both spellings, `to_text` and `to_latex` write them. What the parts of a
formula become is in `tree`; the grammar is in `formula.lark`.

    >>> from sidebyside.formula import parse_formula, to_latex
    >>> to_latex(parse_formula("θₜ ← θₜ₋₁ − α·m̂ₜ"), tag=False)
    '\\theta_t \\leftarrow \\theta_{t-1} - \\alpha \\hat{m}_t'
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedToken, VisitError
from lark.lexer import Lexer

from sidebyside.formula.building import Builder
from sidebyside.formula.errors import FormulaError, refuse_what_nobody_writes, unexpected
from sidebyside.formula.latex import to_latex
from sidebyside.formula.text import to_text
from sidebyside.formula.tokens import tokenize
from sidebyside.formula.tree import Formula, at_time, identity

__all__ = ["Formula", "FormulaError", "at_time", "identity", "parse_formula", "to_latex", "to_text"]


def parse_formula(text: str, spelling: str | None = None) -> Formula:
    """
    Return the tree of a formula; raise `FormulaError` with the column and what was expected there.

    `spelling` is `"plain"` or `"latex"`. Without it, text with a backslash is LaTeX.
    """
    if spelling is None:
        spelling = "latex" if "\\" in text else "plain"
    refuse_what_nobody_writes(text)
    tokens = [*tokenize(text, spelling), Token("$END", "", start_pos=len(text), end_pos=len(text))]
    parser = _grammar().parse_interactive()
    for place, token in enumerate(tokens):
        try:
            parsed = parser.feed_token(token)
        except UnexpectedToken:
            before = tuple(each.type for each in tokens[:place])
            raise unexpected(tokens[place], _accepted(before), text) from None
    try:
        return Builder().transform(parsed)
    except VisitError as error:
        raise error.orig_exc from None
    except RecursionError:
        raise FormulaError(1, "it has more parts than can be read") from None


@lru_cache(maxsize=1024)
def _accepted(kinds: tuple[str, ...]) -> set[str]:
    """Return what may follow tokens of some kinds; slow, so it is only asked after an error."""
    parser = _grammar().parse_interactive()
    for kind in kinds:
        parser.feed_token(Token(kind, ""))
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]  # Lark has no types here
    return accepted


class _NoLexer(Lexer):
    """Lark's parser is fed token by token, so it needs no lexer."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
        raise NotImplementedError


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = Path(__file__).with_name("formula.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer=_NoLexer)
