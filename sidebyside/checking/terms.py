"""
# What the symbols of a statement mean

A symbol that no code computes is a number from a domain, an abbreviation for another formula, or
random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidebyside.checking.distributions import Distribution, is_moment
from sidebyside.checking.domains import CUSTOMARY, Domain
from sidebyside.checking.trees import parts
from sidebyside.checking.unfolding import NoValue
from sidebyside.formula import to_text
from sidebyside.formula.tree import Call, Expression, Formula, Series, Symbol

__all__ = ["Terms", "UnknownSymbolError"]


class UnknownSymbolError(NoValue):
    """A symbol that neither code nor notation explains."""


@dataclass(frozen=True)
class Terms:
    """What the symbols of a statement mean: numbers, other formulas, or random numbers."""

    domains: Mapping[Symbol, Domain] = field(default_factory=dict)
    definitions: Mapping[Symbol, Expression] = field(default_factory=dict)
    distributions: Mapping[Symbol, Distribution] = field(default_factory=dict)

    def unknowns(self, tree: Formula, bound: tuple[Symbol, ...] = ()) -> dict[Symbol, Domain]:
        """Return the symbols that a formula depends on, in order, each with its domain."""
        if isinstance(tree, Symbol):
            if tree in bound:
                return {}
            if tree in self.definitions:
                return self.unknowns(self.definitions[tree])
            if tree in self.distributions:
                law = self.distributions[tree]
                return {s: d for p in law.parameters for s, d in self.unknowns(p).items()}
            return {tree: self.domain(tree)}
        if isinstance(tree, Call):
            inside: Sequence[Expression] = tree.arguments
        else:
            inside = [part for _, part in parts(tree)]
        if isinstance(tree, Series) and tree.variable is not None:
            bound = (*bound, tree.variable)
        return {s: d for part in inside for s, d in self.unknowns(part, bound).items()}

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
