"""
# What the symbols of a statement mean

A symbol that no code computes is a number from a domain, an abbreviation for another formula, or
random.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sidebyside.algebra.domain import CUSTOMARY, Domain
from sidebyside.algebra.dots import NoValue
from sidebyside.checking.distributions import Distribution, is_moment
from sidebyside.formula import to_text
from sidebyside.formula.tree import Expression, Formula, Series, Symbol, parts

__all__ = ["RandomSymbolError", "Terms", "UnknownSymbolError"]


class UnknownSymbolError(NoValue):
    """A symbol that neither code nor notation explains."""


class RandomSymbolError(UnknownSymbolError):
    """A random number where one number is needed."""


@dataclass(frozen=True)
class Terms:
    """What the symbols of a statement mean: numbers, other formulas, or random numbers."""

    domains: Mapping[Symbol, Domain] = field(default_factory=dict)
    definitions: Mapping[Symbol, Expression] = field(default_factory=dict)
    distributions: Mapping[Symbol, Distribution] = field(default_factory=dict)

    def unknowns(
        self, tree: Formula, bound: tuple[Symbol, ...] = (), averaged: bool = False
    ) -> dict[Symbol, Domain]:
        """
        Return the symbols that a formula depends on, in order, each with its domain.

        `bound` are the variables of the series around it; `averaged` says that it stands in an
        expectation, where random symbols may be.
        """
        if isinstance(tree, Symbol):
            return {} if tree in bound else self._unknown(tree, averaged)
        averaged = averaged or is_moment(tree)
        found: dict[Symbol, Domain] = {}
        for (name, _), part in parts(tree):
            if name in ("function", "variable"):
                continue
            # A bound of a series does not know the variable of the series.
            inner = bound
            if isinstance(tree, Series) and tree.variable is not None and name == "body":
                inner = (*bound, tree.variable)
            found |= self.unknowns(part, inner, averaged)
        return found

    def _unknown(self, symbol: Symbol, averaged: bool) -> dict[Symbol, Domain]:
        if symbol in self.definitions and symbol not in self.domains:
            return self.unknowns(self.definitions[symbol])
        if symbol not in self.distributions:
            return {symbol: self.domain(symbol)}
        if not averaged:
            text = to_text(symbol)
            raise RandomSymbolError(
                f"`{text}` is random, so it has no one value; E[…] and Var[…] of it have"
            )
        parameters = self.distributions[symbol].parameters
        return {s: d for parameter in parameters for s, d in self.unknowns(parameter).items()}

    def domain(self, symbol: Symbol) -> Domain:
        if symbol in self.domains:
            return self.domains[symbol]
        if symbol.name in CUSTOMARY and not symbol.accent:
            return CUSTOMARY[symbol.name]
        text = to_text(symbol)
        raise UnknownSymbolError(
            f"nothing says what `{text}` may be; add it to the notation list, as in "
            f"`* ${text} > 0$ is …`"
        )

    def random(self, tree: Formula) -> bool:
        """Whether a formula speaks of an expectation or a variance."""
        return is_moment(tree) or any(self.random(part) for _, part in parts(tree))
