"""
# What is wrong with a formula, in words
"""

from __future__ import annotations

from lark import Token

from sidebyside.formula.letters import GREEK


class FormulaError(ValueError):
    """
    Text is not a formula.

    `column` counts characters from 1, `reason` says what is wrong there, and `expected` what could
    stand there instead, in words; it is empty when the reason says it all.
    """

    def __init__(self, column: int, reason: str, expected: str = "") -> None:
        self.column = column
        self.reason = reason
        self.expected = expected
        remedy = f"; expected {expected}" if expected else ""
        super().__init__(f"column {column}: {reason}{remedy}")


_LONGEST, _DEEPEST = 1000, 40


def refuse_what_nobody_writes(text: str) -> None:
    """Raise `FormulaError` for a formula so long or so deep that walking its tree would fail."""
    if len(text) > _LONGEST:
        raise FormulaError(_LONGEST, f"it is longer than {_LONGEST} characters")
    depth = 0
    for column, sign in enumerate(text, 1):
        depth += (sign in "([{") - (sign in ")]}")
        if depth > _DEEPEST:
            raise FormulaError(column, f"its brackets are nested more than {_DEEPEST} deep")


# Tokens that the grammar may expect, in the words of someone who writes formulas.
_WORDS = {
    "LETTER": "a symbol, number or bracket",
    "_DOT": "an operator",
    "RELATION": "a relation",
    "_COMMA": "`,`",
    "_RPAR": "`)`",
    "_RSQB": "`]`",
    "_RBRACE": "`}`",
    "_RCURLY": "`}`",
    "_RFLOOR": "`⌋`",
    "_RCEIL": "`⌉`",
    "_LBRACE": "`{`",
    "_CLOSE_BAR": "`|`",
    "_CLOSE_NORM": "`‖`",
    "$END": "the end",
}


def unexpected(token: Token, accepted: set[str], text: str) -> FormulaError:
    """Return the error for a token that the grammar does not accept; the end is `$END`."""
    assert token.start_pos is not None
    assert token.end_pos is not None
    column = token.start_pos + 1
    if not text[token.start_pos :].strip():
        return FormulaError(column, "the formula ends too early", _in_words(accepted))
    after_operand = "_DOT" in accepted
    if after_operand and token.type in ("_TIGHT_DOT", "_TIGHT_SLASH"):
        reason = "what the spaced `/` divides by could end here or not"
        return FormulaError(column, reason, "brackets, as in `a / (b·c)`")
    if after_operand and token.type == "_SUP":
        reason = "the exponent could belong to the last letter or to all before it"
        return FormulaError(column, reason, "brackets, as in `√(x²)`")
    found = text[token.start_pos : max(token.end_pos, token.start_pos + 1)]
    return FormulaError(column, f"`{found}` cannot stand here", _in_words(accepted))


def _in_words(accepted: set[str]) -> str:
    if "_DOT" not in accepted and "LETTER" not in accepted and "_LPAR" in accepted:
        return "`(`"  # after a function, or an operator with a power: what do they act on?
    words = list(dict.fromkeys(word for kind, word in _WORDS.items() if kind in accepted))
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def no_letter(text: str, start: int) -> FormulaError:
    """Return the error for a letter, counted from 0, that no formula has."""
    reason = f"`{text}` is no letter of formulas ({code_points(text)})"
    return FormulaError(start + 1, reason, "a Latin or Greek letter, with one accent at most")


def code_points(text: str) -> str:
    """Return the numbers of characters in Unicode: `U+0445`."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


def inverse(name: str, start: int) -> FormulaError:
    """Return the error for `sin⁻¹(x)`, which some read as `arcsin(x)`, and others as `1/sin(x)`."""
    known = {"sin": "arcsin", "cos": "arccos", "tan": "arctan"}
    other = f"`{known[name]}(x)` or " if name in known else ""
    reason = f"`{name}` to the power −1 is the inverse function, or one by it"
    return FormulaError(start + 1, reason, f"{other}`1/{name}(x)`")


def acts_on_how_much(function: str, start: int) -> FormulaError:
    r"""Return the error for `\log x z`, some of whose readers take the logarithm of both."""
    reason = f"what `\\{function}` acts on could end here or not"
    return FormulaError(start + 1, reason, f"brackets, as in `\\{function}(x) z`")


def not_single(word: str, start: int) -> FormulaError:
    """Return the error for a word, counted from 0, where formulas have letters."""
    letters = word.rstrip("0123456789")
    if len(letters) < len(word) and (letters in GREEK or len(letters) == 1):
        remedy = f"an index, as in `{letters}_{word[len(letters) :]}`"
        return FormulaError(start + 1, f"`{word}` is a name from code", remedy)
    return FormulaError(start + 1, f"`{word}` is a word", "single letters, numbers and signs")
