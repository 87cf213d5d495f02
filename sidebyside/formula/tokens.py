"""
# From scanned tokens to parsable ones

What a sign means can depend on its neighbors. This pass writes down what the author left out, so
that the grammar needs no guessing.

* **Implied products** become `_TIGHT_DOT`. LaTeX has them everywhere. The plain spelling has them
  only after a number or a closing bracket, without space: `2t`, `2(ρ − 4)`, `(ρ − 4)(ρ − 2)`. So
  ordinary words are never products.
* **A letter before brackets** is a function in the plain spelling: `f(θ)`. In LaTeX, where
  `\\beta (1 - x)` is a product, it is a function when it looks like one (`f`, `p`, `ψ`), or when
  its brackets hold several things or a lone symbol.
* **`|` and `‖`** open or close.
* **Product signs and slashes** with spaces on both sides bind less than those without.
* **`∇`, `Δ`, `∂`** before a letter, and LaTeX functions without brackets (`\\log x`), act on what
  follows. Does `\\log x z` end behind the x? Readers differ, so nothing may follow but a sum.
* **A gap** as wide as `\\quad`, or `\\!`, which makes none, is no product sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lark import Token

from sidebyside.formula.errors import FormulaError, acts_on_how_much, inverse
from sidebyside.formula.latex_scanning import LatexScanner
from sidebyside.formula.letters import FUNCTION_LETTERS, OPERATORS, SAME_LETTER, split_letter
from sidebyside.formula.scanning import Scanner, make_token

_OPENING = {"_LPAR": "_RPAR", "_LSQB": "_RSQB", "_LCURLY": "_RCURLY", "_LBRACE": "_RBRACE"}
_OPENING |= {"_LFLOOR": "_RFLOOR", "_LCEIL": "_RCEIL"}
_CLOSING = frozenset(_OPENING.values())
_SYMBOL_PARTS = frozenset(["LETTER", "NUMBER", "ACCENT", "MARK", "_BLANK", "_SUB", "_SUP"])
_ODD_GAP = re.compile(r"\\(?:q?quad(?![A-Za-z])|!)")
_BARS = {
    kind: (f"_OPEN{bar}", f"_CLOSE{bar}")
    for bar in ("_BAR", "_NORM")
    for kind in (bar, f"_OPEN{bar}", f"_CLOSE{bar}")
}

# What the operand at hand is once a token of it is read; "" when it has only begun.
_AFTER = {
    "LETTER": "symbol", "FUNCTION": "function", "NUMBER": "number", "WORD": "other",
    "_DOTS": "other", "_BLANK": "other",
    "ACCENT": "", "_ROOT": "", "_CUBE_ROOT": "", "_SQRT": "", "_CBRT": "", "_FRAC": "", "BIG": "",
}  # fmt: skip


@lru_cache(
    maxsize=256
)  # to be read, to be typeset, to be copied: the same formula comes soon again
def tokenize(text: str, spelling: str) -> tuple[Token, ...]:
    """Return the tokens of a formula in a spelling as `formula.lark` declares them."""
    scanner = LatexScanner(text) if spelling == "latex" else Scanner(text)
    return tuple(_Joiner(text, list(scanner.tokens()), spelling == "latex").run())


@dataclass(frozen=True)
class _Open:
    """
    An open bracket: its place in `out`, the token that closes it, and the state after that.
    """

    start: int
    closing: str
    last: str
    head: int | None  # None: the letter inside is the head from then on, as in `\\hat{L}(x)`
    rooted: bool


class _Joiner:
    """
    Goes through the tokens once.

    `last` is the operand that just ended (a value of `_AFTER`, `"bracket"` or `"numerator"`), or
    `""` after a sign; it ended at `end` in the text, and `head` is the place of its letter in
    `out`. `rooted` tells whether it stands under a plain `√`, and `script` whether an index or
    exponent of one token comes next. `bare` are the functions without brackets at work, by depth.
    """

    def __init__(self, text: str, tokens: list[Token], latex: bool) -> None:
        self.text = text
        self.tokens = tokens
        self.latex = latex
        self.out: list[Token] = []
        self.last = ""
        self.end = 0
        self.head = 0
        self.rooted = False
        self.script = False
        self.open: list[_Open] = []
        self.bare: dict[int, Token] = {}
        self.inner = -1  # where in `out` the bracket that was closed last opens

    def run(self) -> list[Token]:
        for place, token in enumerate(self.tokens):
            if token.type in _BARS:
                self.bar(token, *_BARS[token.type])
            elif token.type in _OPENING:
                self.bracket(token, place)
            elif token.type in _CLOSING:
                self.close(token)
            elif token.type in ("_SUB", "_SUP"):
                self.refuse_inverse(place)
                self.refuse_index_of_which(token)
                self.emit(token)
                self.script = True
            elif self.script:
                self.emit(token)
                self.script = token.type == "MINUS"
            elif token.type in _AFTER:
                self.operand(token)
            else:
                self.sign(token)
        return self.out

    def emit(self, token: Token) -> None:
        self.out.append(token)
        self.end = _end(token)

    def sign(self, token: Token) -> None:
        if token.type in ("_DOT", "_SLASH") and not self.latex:
            before, after = self.text[: _start(token)][-1:], self.text[_end(token) :][:1]
            if not (before.isspace() and after.isspace()):
                token = _retype(token, f"_TIGHT{token.type}")
        if token.type in ("_DOT", "_SLASH"):
            self.refuse_bare(token)
        self.bare.pop(len(self.open), None)
        self.emit(token)
        self.last, self.rooted = "", False

    def operand(self, token: Token) -> None:
        if self.acts_on(token):
            if self.last == "function":
                self.bare[len(self.open)] = self.out[self.head]
            self.out[self.head] = _retype(self.out[self.head], "OPERATOR")
        else:
            self.imply_product(token)
        self.emit(token)
        self.last = _AFTER[token.type]
        if token.type in ("LETTER", "FUNCTION"):
            self.head = len(self.out) - 1
        elif token.type in ("_ROOT", "_CUBE_ROOT"):
            self.rooted = True

    def acts_on(self, token: Token) -> bool:
        """Return whether the function or operator before this operand needs no brackets for it."""
        if self.last == "function":
            return self.latex
        if self.last != "symbol" or token.type not in ("LETTER", "ACCENT", "FUNCTION"):
            return False
        head = SAME_LETTER.get(self.out[self.head], self.out[self.head])
        bare = self.head == len(self.out) - 1
        return head == "∇" or (head in OPERATORS and bare)

    def touches(self, token: Token) -> bool:
        return _start(token) == self.end

    def imply_product(self, token: Token) -> None:
        """Put a product sign between two operands; raise an error where the author must do it."""
        if not self.last:
            return
        self.refuse_bare(token)
        if self.latex:
            numbers = self.last == "number" and token.type == "NUMBER"
            gap = self.text[self.end : _start(token)]
            allowed = not (numbers or _ODD_GAP.search(gap))
        else:
            allowed = self.last in ("number", "bracket") and self.touches(token) and not self.rooted
        if not allowed:
            found = self.text[_start(token) : _end(token)]
            reason = f"no sign before `{found}`"
            raise FormulaError(_start(token) + 1, reason, "`·`, another sign or the end")
        self.out.append(make_token("_TIGHT_DOT", "·", _start(token), _start(token)))

    def refuse_bare(self, token: Token) -> None:
        """Refuse `\\log x z` and `\\log x / z`: what is it the logarithm of?"""
        if function := self.bare.get(len(self.open)):
            raise acts_on_how_much(function, _start(token))

    def bar(self, token: Token, opening: str, closing: str) -> None:
        inside = bool(self.open) and self.open[-1].closing == closing
        if token.type == closing or (token.type != opening and self.last and inside):
            self.close(_retype(token, closing))
            return
        self.imply_product(token)
        self.enter(_retype(token, opening), closing, "other")

    def bracket(self, token: Token, place: int) -> None:
        closing = _OPENING[token.type]
        before = self.out[-1].type if self.out else ""
        if self.script:
            self.script = False
            self.enter(token, closing, self.last)
        elif before == "ACCENT":
            self.enter(token, closing, "symbol")
        elif token.type == "_LBRACE":
            self.enter(token, closing, "numerator" if before == "_FRAC" else "other")
        elif token.type not in ("_LFLOOR", "_LCEIL") and self.applies(place):
            self.enter(token, closing, "other")
        else:
            self.imply_product(token)
            self.enter(token, closing, "bracket")

    def check_label(self, token: Token, start: int) -> None:
        """Refuse `x^{(1)}`: brackets around all of a superscript say that it is no power."""
        if token.type != "_RBRACE" or start == 0 or self.out[start - 1].type != "_SUP":
            return
        first, last = self.out[start + 1], self.out[-2]
        if first.type == "_LPAR" and last.type in _CLOSING and self.inner == start + 1:
            reason = "a superscript in brackets is a label, no power"
            raise FormulaError(_start(first) + 1, reason, "an index instead")

    def refuse_index_of_which(self, token: Token) -> None:
        """Refuse the plain `e^xₜ`, whose index could be that of either letter."""
        kinds = [each.type for each in (*self.out[-2:], token)]
        if kinds == ["_SUP", "LETTER", "_SUB"] and not self.latex:
            reason = "the index could belong to the exponent or to the letter before it"
            raise FormulaError(_start(token) + 1, reason, "braces, as in `e^{xₜ}`")

    def refuse_inverse(self, place: int) -> None:
        """Refuse `sin⁻¹(x)`: some read the inverse function, others one by it."""
        function = self.tokens[place - 1] if place else None
        if function is None or function.type != "FUNCTION" or self.tokens[place].type != "_SUP":
            return
        exponent = [each for each in self.tokens[place + 1 : place + 5] if each.type != "_LBRACE"]
        if [each.type for each in exponent[:2]] == ["MINUS", "NUMBER"] and exponent[1] == "1":
            raise inverse(str(function), _start(function))

    def enter(self, token: Token, closing: str, after: str) -> None:
        head = None if self.out and self.out[-1].type == "ACCENT" else self.head
        self.open.append(_Open(len(self.out), closing, after, head, self.rooted))
        self.emit(token)
        self.last, self.rooted = "", False

    def close(self, token: Token) -> None:
        self.emit(token)
        if self.open:
            self.bare.pop(len(self.open), None)
            opened = self.open.pop()
            self.check_label(token, opened.start)
            self.inner = opened.start
            self.last, self.rooted = opened.last, opened.rooted
            self.head = self.head if opened.head is None else opened.head

    def applies(self, place: int) -> bool:
        """Return whether a function stands before the bracket at this place."""
        if self.last != "symbol":
            return self.last == "function"
        if not self.latex:
            return self.touches(self.tokens[place])
        letter = split_letter(self.out[self.head])
        looks_like = letter is not None and letter[0] in FUNCTION_LETTERS
        return looks_like or self.several_or_lone(place)

    def several_or_lone(self, place: int) -> bool:
        """Return whether the brackets opened here hold several things or nothing but a symbol."""
        depth, inside = 0, []
        for token in self.tokens[place + 1 :]:
            if token.type in _CLOSING:
                if depth == 0:
                    break
                depth -= 1
                continue
            if depth == 0 and token.type != "_LBRACE":
                inside.append(token.type)
            depth += token.type in _OPENING
        letters = sum(kind in ("LETTER", "NUMBER", "_BLANK") for kind in inside)
        scripts = sum(kind in ("_SUB", "_SUP") for kind in inside)
        lone = set(inside) <= _SYMBOL_PARTS and letters - scripts <= 1
        return "_COMMA" in inside or lone


def _start(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos


def _end(token: Token) -> int:
    assert token.end_pos is not None
    return token.end_pos


def _retype(token: Token, kind: str) -> Token:
    return make_token(kind, token, _start(token), _end(token))
