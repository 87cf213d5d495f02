"""
# Identities of symbols

Two symbols that mean the same thing at different times share an identity. Highlighting goes
by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache

from sidebyside.formula.letters import ASCII_NAMES
from sidebyside.formula.tree import Expression, Number, Symbol, walk

TIME = Symbol("t")


def identity(symbol: Symbol, running: bool = False, bound: Collection[Symbol] = ()) -> str:
    """
    Return what a symbol is called: plain text that is the same for `sₜ`, `sₜ₋₁` and `s`.

    Numbers, `∞`, words and letters in the index belong to the name (`beta-2`, `rho-infinity`,
    `C-var`, `K-p`). A time does not, nor does a letter in `bound`: the variable of a series around
    the symbol. With `running`, numbers are running, too: so it is next to an ellipsis, where `s₁`
    is the first of `s₁, …, sₜ`.
    """
    return _identity(symbol, running, tuple(bound))


@cache
def _identity(symbol: Symbol, running: bool, bound: tuple[Symbol, ...]) -> str:
    parts = [ASCII_NAMES.get(symbol.name, symbol.name), symbol.accent]
    for part in symbol.index:
        if not is_running(part, bound):
            parts += _names(part, running)
    return "-".join(part for part in parts if part)


def is_running(index: Expression, bound: Collection[Symbol] = ()) -> bool:
    """Whether an index counts steps, or the terms of a series."""
    return any(part == TIME or part in bound for part in walk(index))


def at_time(symbol: Symbol, bound: Collection[Symbol]) -> Symbol:
    """Return a symbol such as `xᵢ` as `xₜ` if a series in `bound` runs through its index."""
    index = tuple(TIME if any(v in walk(part) for v in bound) else part for part in symbol.index)
    return replace(symbol, index=index) if index != symbol.index else symbol


def _names(index: Expression, running: bool) -> Iterator[str]:
    """The numbers, words and letters in an index, as plain text."""
    for part in walk(index):
        if isinstance(part, Number) and not running:
            yield part.text.replace("∞", "infinity").replace(".", "-")
        elif isinstance(part, Symbol):
            yield ASCII_NAMES.get(part.name, part.name)
