"""
# Letters, accents and signs

What mathematicians write, in its three spellings: Unicode, an ASCII word, a LaTeX command.
"""

# ruff: noqa: RUF001, RUF002  # letters that look alike stand here side by side on purpose

from __future__ import annotations

import unicodedata

# Letters by their ASCII name. The LaTeX command is the same word, with exceptions further down.
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

# Letters that one pen stroke makes into another in some fonts mean the same here.
SAME_LETTER = {"ϵ": "ε", "µ": "μ", "ϕ": "φ", "ϑ": "θ", "ϱ": "ρ", "𝔼": "E", "∆": "Δ"}

# Greek letters that no reader can tell from the Latin ones, or hardly.
LOOKS_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονυ", "ABEZHIKMNOPTYXovu", strict=True))

# Papers write `\epsilon`; this form looks like the ε that stands in the code and the comments.
LATEX_COMMANDS = {letter: name for name, letter in GREEK.items()} | {
    "ε": "varepsilon", "φ": "varphi", "ℓ": "ell", "∇": "nabla", "∂": "partial",
}  # fmt: skip
LETTER_OF_COMMAND = (
    GREEK
    | {command: letter for letter, command in LATEX_COMMANDS.items()}
    | {"vartheta": "θ", "varrho": "ρ"}
)

# These stand before what they act on, without brackets.
OPERATORS = frozenset("∇Δ∂")

# Combining mark and LaTeX command of each accent; `star` and `prime` follow their letter instead.
ACCENTS = {
    "hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307", "check": "\u030c",
    "star": "^*", "prime": "′",
}  # fmt: skip
TRAILING_ACCENTS = frozenset(["star", "prime"])
ACCENT_OF_MARK = {mark: accent for accent, mark in ACCENTS.items()} | {"\u0305": "bar"}
ACCENT_OF_COMMAND = {name: name for name in ACCENTS if name not in TRAILING_ACCENTS} | {
    "widehat": "hat", "widetilde": "tilde", "overline": "bar",
}  # fmt: skip

# Words that may stand in a plain formula; every other word is English or code, and no formula.
FUNCTIONS = frozenset(
    [
        *("max", "min", "argmax", "argmin", "clip", "sign", "abs"),
        *("sqrt", "exp", "log", "ln", "sin", "cos", "tan", "arcsin", "arccos", "arctan"),
        *("sinh", "cosh", "tanh", "floor", "ceil", "Var", "Cov"),
    ]
)
LATEX_FUNCTIONS = frozenset(
    [
        *("max", "min", "exp", "log", "ln", "sin", "cos", "tan", "arcsin", "arccos", "arctan"),
        *("sinh", "cosh", "tanh"),
    ]
)
ROUNDING = {"floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}  # functions that are written by their brackets
BRACKETED_FUNCTIONS = frozenset(["E", "Var", "Cov"])  # written with square brackets

# A letter before brackets in LaTeX is a function only if it looks like one; see `tokens`.
FUNCTION_LETTERS = frozenset("fFLℓRpPJEψφ")

LATEX_RELATIONS = {
    "=": "=", "<": "<", ">": ">", "←": r"\leftarrow", "→": r"\to", "≈": r"\approx", "≤": r"\le",
    "≥": r"\ge", "≠": r"\ne", "∝": r"\propto", "∈": r"\in", "∼": r"\sim", "≪": r"\ll", "≫": r"\gg",
    "≡": r"\equiv",
}  # fmt: skip
RELATIONS = {sign: sign for sign in LATEX_RELATIONS} | {
    "<-": "←", "->": "→", "<=": "≤", ">=": "≥", "!=": "≠", "~": "∼",
}  # fmt: skip
RELATION_COMMANDS = {command[1:]: sign for sign, command in LATEX_RELATIONS.items()} | {
    "gets": "←", "rightarrow": "→", "leq": "≤", "geq": "≥", "lt": "<", "gt": ">", "neq": "≠",
}  # fmt: skip

SUBSCRIPTS = dict(
    zip(
        "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        "0123456789+-=()aehijklmnoprstuvxβγρφχ",
        strict=True,
    )
)
SUPERSCRIPTS = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᴺᵝᵞᵟ",
        "0123456789+-=()abcdefghijklmnoprstuvwxyzTNβγδ",
        strict=True,
    )
)


def _styled(style: str, exceptions: str) -> dict[str, str]:
    """Return the capital letters of a Unicode style by their plain letter, such as `N` to `𝒩`."""
    found = {}
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        prefix = "" if letter in exceptions else "MATHEMATICAL "
        found[letter] = unicodedata.lookup(f"{prefix}{style} CAPITAL {letter}")
    return found


# Unicode took some of these letters in earlier, under names without "MATHEMATICAL".
STYLED = {
    "mathcal": _styled("SCRIPT", exceptions="BEFHILMR"),
    "mathbb": _styled("DOUBLE-STRUCK", exceptions="CHNPQRZ"),
}
STYLE_OF_LETTER = {
    styled: (command, letter)
    for command, letters in STYLED.items()
    for letter, styled in letters.items()
}


def split_letter(text: str) -> tuple[str, str] | None:
    """
    Return a letter and its accent's name, or None when it has an accent that formulas do not use.

    The letter may carry its accent precomposed (`ŝ`) or as a combining mark.
    """
    base, *marks = list(unicodedata.normalize("NFD", text))
    letter = _letter(base)
    if not letter or len(marks) > 1 or any(mark not in ACCENT_OF_MARK for mark in marks):
        return None
    return letter, ACCENT_OF_MARK[marks[0]] if marks else ""


def _letter(character: str) -> str:
    """The letter of formulas that a character is; nothing for one of another script."""
    letter = SAME_LETTER.get(character, character)
    letter = letter if letter in _LETTERS else unicodedata.normalize("NFKC", letter)
    return letter if letter in _LETTERS else ""


_LETTERS = frozenset(
    [
        *(chr(code) for code in range(0x391, 0x3CA) if chr(code).isalpha()),  # Alpha to omega
        *"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzħℓ∇∂",
        *STYLE_OF_LETTER,
    ]
)


# What stands for a letter where only plain text will do.
ASCII_NAMES = (
    {letter: name for name, letter in GREEK.items()}
    | {"ℓ": "ell", "∇": "nabla", "∂": "partial"}
    | {styled: f"{command[4:]}-{letter}" for styled, (command, letter) in STYLE_OF_LETTER.items()}
)
