"""
# Identities of symbols

Two symbols that mean the same thing at different times share an identity. Highlighting goes
by it.
"""

from __future__ import annotations

from sidebyside.formula.letters import ASCII_NAMES
from sidebyside.formula.tree import Number, Symbol


def identity(symbol: Symbol, running: bool = False) -> str:
    """
    Return what a symbol is called: plain text that is the same for `sₜ`, `sₜ₋₁` and `s`.

    Numbers, `∞` and words in the index belong to the name (`beta-2`, `rho-infinity`, `C-var`),
    running indices do not. With `running`, numbers are running, too: so it is next to an ellipsis,
    where `s₁` is the first of `s₁, …, sₜ`.
    """
    parts = [ASCII_NAMES.get(symbol.name, symbol.name), symbol.accent]
    for part in symbol.index:
        if isinstance(part, Number) and not running:
            parts.append(part.text.replace("∞", "infinity").replace(".", "-"))
        elif isinstance(part, Symbol) and len(part.name) > 1:
            parts.append(part.name)
    return "-".join(part for part in parts if part)
