r"""
# LaTeX as its author wrote it

A tree is for checking, and what is shown is what stands in the source. Two things are still taken
from the tree: which symbol stands where, so that each shows its meaning; and the plain spelling, to
be copied as text. The latter only where the tree is a faithful one: `T(n/2)` can be read as a
product, and is then no longer what was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from lark import Token

from sidebyside.formula import parse_formula
from sidebyside.formula.errors import FormulaError
from sidebyside.formula.latex import to_latex
from sidebyside.formula.text import to_text
from sidebyside.formula.tokens import tokenize
from sidebyside.formula.tree import Dots, Formula, Power, Series, Symbol, identity, walk

_OPERANDS = frozenset(["LETTER", "NUMBER", "FUNCTION", "ACCENT", "BIG", "_FRAC", "_SQRT"])
_SIGNS = frozenset(["PLUS", "MINUS", "RELATION", "_COMMA", "_RPAR", "_RSQB", "_RCURLY"])


def tagged(text: str, tree: Formula) -> str:
    r"""LaTeX with each symbol in `{\htmlData{sym=<identity>}{…}}`; else nothing is changed."""
    try:
        spans = list(_symbols(text, tokenize(text, "latex")))
    except FormulaError:
        return text
    nodes = list(walk(tree))
    bound = tuple(node.variable for node in nodes if isinstance(node, Series) and node.variable)
    running = any(isinstance(node, Dots) for node in nodes)
    signs: list[tuple[int, bool, int, str]] = []
    for start, end in spans:
        if symbol := _symbol(text[start:end]):
            name = identity(symbol, running, bound)
            signs.append((start, True, start - end, rf"{{\htmlData{{sym={name}}}{{"))
            signs.append((end, False, start, "}}"))
    # From the end. In one place, what ends stands before what begins, and outside encloses more.
    for place, _, _, sign in sorted(signs, key=lambda each: each[:3], reverse=True):
        text = text[:place] + sign + text[place:]
    return text


def in_text(text: str, tree: Formula) -> str:
    """The plain spelling of LaTeX; nothing where that would not be what was written."""
    try:
        written, ours = tokenize(text, "latex"), tokenize(to_latex(tree, tag=False), "latex")
    except FormulaError:
        return ""
    same = _said(text, written) == _said(to_latex(tree, tag=False), ours)
    return to_text(tree) if same and not _reaches_far(written) else ""


def _said(text: str, tokens: Sequence[Token]) -> list[str]:
    """What tokens say, without braces and the products that nobody wrote."""
    return [
        text[token.start_pos : token.end_pos] if token.type == "_DOT" else f"{token.type} {token}"
        for token in tokens
        if token.type not in ("_LBRACE", "_RBRACE", "_TIGHT_DOT")
    ]


def _reaches_far(tokens: Sequence[Token]) -> bool:
    r"""Whether a function may act on a whole product, as in `\sin m\theta`."""
    after = ""
    for token in tokens:
        if token.type == "FUNCTION":
            after = "function"
        elif after == "function" and token.type in _OPERANDS:
            after = "operand"
        elif token.type in _SIGNS or (after == "function" and token.type == "_LPAR"):
            after = ""
        elif after == "operand" and token.type in ("_TIGHT_DOT", "_DOT"):
            return True
    return False


def _symbols(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Where symbols stand, with their accents, indices and exponents; not those in an index."""
    done = -1  # up to here, tokens belong to an accent or an index
    for at, token in enumerate(tokens):
        if at <= done:
            continue
        if token.type == "_SUB":
            done = _group(tokens, at + 1)
        if token.type != "LETTER":
            continue
        first, last = _accented(tokens, at)
        done, whole = last, True
        while last + 1 < len(tokens) and tokens[last + 1].type in ("_SUB", "_SUP", "MARK"):
            sign = tokens[last + 1]
            # A color may end between a letter and its index: `\textcolor{red}{p}_t`.
            whole = whole and not text[tokens[last].end_pos : sign.start_pos].strip()
            last = last + 1 if sign.type == "MARK" else _group(tokens, last + 2)
            done = last if sign.type == "_SUB" else done
        if whole:
            yield tokens[first].start_pos or 0, tokens[last].end_pos or 0


def _accented(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """The first and last token of a letter with its accent."""
    if at >= 1 and tokens[at - 1].type == "ACCENT":
        return at - 1, at
    if at >= 2 and tokens[at - 1].type == "_LBRACE" and tokens[at - 2].type == "ACCENT":
        return at - 2, _group(tokens, at - 1)
    return at, at


def _group(tokens: Sequence[Token], at: int) -> int:
    """The last token of what begins here: one token, or all up to the brace that closes."""
    depth = 0
    for end in range(at, len(tokens)):
        depth += (tokens[end].type == "_LBRACE") - (tokens[end].type == "_RBRACE")
        if depth <= 0:
            return end
    return at


@lru_cache(maxsize=10_000)
def _symbol(text: str) -> Symbol | None:
    try:
        tree = parse_formula(text, "latex")
    except FormulaError:
        return None
    tree = tree.base if isinstance(tree, Power) else tree
    return tree if isinstance(tree, Symbol) else None
