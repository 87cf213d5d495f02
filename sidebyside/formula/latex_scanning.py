"""
# The scanner of the LaTeX spelling

Sizes, spaces, colors and alignment marks say nothing about what a formula means and are left out.
But a color has to be one that readers see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lark import Token

from sidebyside.formula.errors import FormulaError, not_single
from sidebyside.formula.letters import (
    ACCENT_OF_COMMAND,
    FUNCTIONS,
    LETTER_OF_COMMAND,
    RELATION_COMMANDS,
    STYLED,
)
from sidebyside.formula.scanning import COMMON_PATTERN, Scanner, make_token

_COMMANDS = (
    {
        "sqrt": ("_SQRT", ""), "infty": ("NUMBER", "∞"), "sum": ("BIG", "Σ"), "prod": ("BIG", "∏"),
        "{": ("_LCURLY", "{"), "}": ("_RCURLY", "}"),
        "lbrace": ("_LCURLY", "{"), "rbrace": ("_RCURLY", "}"),
        "lfloor": ("_LFLOOR", "⌊"), "rfloor": ("_RFLOOR", "⌋"),
        "lceil": ("_LCEIL", "⌈"), "rceil": ("_RCEIL", "⌉"),
    }
    | dict.fromkeys(("frac", "dfrac", "tfrac"), ("_FRAC", ""))
    | dict.fromkeys(("cdot", "times", "odot", "ast"), ("_DOT", "·"))
    | {"vert": ("_BAR", "|"), "lvert": ("_OPEN_BAR", "|"), "rvert": ("_CLOSE_BAR", "|")}
    | {"lVert": ("_OPEN_NORM", "‖"), "rVert": ("_CLOSE_NORM", "‖")}
    | dict.fromkeys(("|", "Vert"), ("_NORM", "‖"))
    | dict.fromkeys(("dots", "ldots", "cdots", "dotsc", "dotsb"), ("_DOTS", "…"))
    | {command: ("RELATION", sign) for command, sign in RELATION_COMMANDS.items()}
    | {command: ("LETTER", letter) for command, letter in LETTER_OF_COMMAND.items()}
    | {command: ("ACCENT", accent) for command, accent in ACCENT_OF_COMMAND.items()}
)  # fmt: skip

# Seen on white and on black.
_COLORS = frozenset(
    [
        "blue",
        "brown",
        "coral",
        "cyan",
        "gray",
        "green",
        "lightgreen",
        "magenta",
        "olive",
        "orange",
        "pink",
        "purple",
        "red",
        "teal",
        "violet",
        "yellowgreen",
    ]
)


class LatexScanner(Scanner):
    """Reads the LaTeX spelling."""

    pattern: ClassVar[re.Pattern[str]] = re.compile(
        rf"""
  (?P<sided>\\(?P<side>left|right)\s*(?:(?P<bar>\||\\vert\b)|\\(?:\||Vert\b)))
| (?P<skip>\\(?:left|right|[bB]igg?[lrm]?|displaystyle|limits|nolimits|nonumber|q?quad)(?![A-Za-z])
         | \\[,;:!\ ] | ~ | &)
| (?P<color>\\textcolor\s*\{{(?P<shade>[^{{}}]*)\}}\s*\{{)
| (?P<styled>\\(?P<style>mathcal|mathbb)\s*(?:\{{\s*(?P<braced>[A-Z])\s*\}}|(?P<bare>[A-Z])))
| (?P<named>\\(?:text|textrm|mathrm|mathit|operatorname)\s*\{{\s*(?P<name>[A-Za-z]+)\s*\}})
| (?P<placeholder>(?<=[(\[])\s*\\cdot\s*(?=[)\]]))
| (?P<latexmark>\^\s*(?:\\ast|\\star|\{{\s*\\(?:ast|star)\s*\}}))
| (?P<cube>\\sqrt\s*\[\s*3\s*\])
| (?P<command>\\(?:[A-Za-z]+|[{{}}|]))
| (?P<letters>[A-Za-z]+)
| {COMMON_PATTERN}""",
        re.VERBOSE,
    )

    def on_skip(self, match: re.Match[str]) -> Iterator[Token]:
        yield from ()

    def on_sided(self, match: re.Match[str]) -> Iterator[Token]:
        side = "_OPEN" if match["side"] == "left" else "_CLOSE"
        yield make_token(f"{side}_BAR" if match["bar"] else f"{side}_NORM", "|", *match.span())

    def on_color(self, match: re.Match[str]) -> Iterator[Token]:
        if match["shade"].strip() not in _COLORS:
            reason = f"`{match['shade']}` is no color that all readers see"
            raise FormulaError(match.start() + 1, reason, ", ".join(sorted(_COLORS)))
        self.braces.append("skip")
        yield from ()

    def on_styled(self, match: re.Match[str]) -> Iterator[Token]:
        letter = STYLED[match["style"]][match["braced"] or match["bare"]]
        yield make_token("LETTER", letter, *match.span())

    def on_named(self, match: re.Match[str]) -> Iterator[Token]:
        yield self.name(match["name"], match)

    def on_placeholder(self, match: re.Match[str]) -> Iterator[Token]:
        yield make_token("_BLANK", "·", *match.span())

    def on_latexmark(self, match: re.Match[str]) -> Iterator[Token]:
        yield make_token("_SUP", "^", match.start(), match.start())
        yield make_token("MARK", "star", *match.span())

    def on_cube(self, match: re.Match[str]) -> Iterator[Token]:
        yield make_token("_CBRT", "", *match.span())

    def on_command(self, match: re.Match[str]) -> Iterator[Token]:
        command = match.group()[1:]
        if command in _COMMANDS:
            kind, value = _COMMANDS[command]
            yield make_token(kind, value, *match.span())
        elif command in FUNCTIONS:
            yield self.name(command, match)
        else:
            raise FormulaError(match.start() + 1, f"`\\{command}` is not known here")

    def on_letters(self, match: re.Match[str]) -> Iterator[Token]:
        """Read letters side by side: a product of two, a name, or a word."""
        letters, start = match.group(), match.start()
        if len(letters) > 2 or ("sub" in self.braces and len(letters) > 1):
            yield self.name(letters, match)
            return
        for place, letter in enumerate(letters, start):
            yield make_token("LETTER", letter, place, place + 1)

    def name(self, name: str, match: re.Match[str]) -> Token:
        """Return what a word stands for: part of an index, a function, or a letter set upright."""
        if len(name) == 1:
            return make_token("LETTER", name, *match.span())
        if self.is_index(match):
            return make_token("WORD", name, *match.span())
        if name in FUNCTIONS:
            return make_token("FUNCTION", name, *match.span())
        raise not_single(name, match.start())

    def on_number(self, match: re.Match[str]) -> Iterator[Token]:
        if len(match.group()) > 1:
            self.refuse_script(match)
        yield from super().on_number(match)

    def on_sign(self, match: re.Match[str]) -> Iterator[Token]:
        if match.group() in ("+", "-", "−"):
            self.refuse_script(match)
        yield from super().on_sign(match)

    def refuse_script(self, match: re.Match[str]) -> None:
        """Raise `FormulaError` where TeX would raise or lower the first character only."""
        if self.previous in ("_SUP", "_SUB"):
            sign, text = "^" if self.previous == "_SUP" else "_", match.group()
            whole = text if text[-1].isdigit() else f"{text}1"
            reason = f"TeX takes one character after `{sign}`; write `{sign}{{{whole}}}`"
            raise FormulaError(match.start() + 1, reason)

    def on_brace(self, match: re.Match[str]) -> Iterator[Token]:
        if match.group() == "{":
            script = self.previous in ("_SUB", "_SUP")
            self.braces.append(self.previous.strip("_").lower() if script else "group")
            yield make_token("_LBRACE", "{", *match.span())
        elif not self.braces or self.braces.pop() != "skip":
            yield make_token("_RBRACE", "}", *match.span())
