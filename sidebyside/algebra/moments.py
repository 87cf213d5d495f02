"""
# Expectation and variance, exactly

Where quadrature has compared `E[ψ²]` with a formula at some numbers, this says what it is for all
of them. A random variable here is a scale over a gamma variable, `X = s/u`. The density of u is
`u^{a−1}·e^{−u}/Γ(a)`, so that the mean of `Xᵏ` is Euler's integral

    E[Xᵏ] = sᵏ·Γ(a − k) / Γ(a)

which is finite just where `a − k > 0`. For a whole k the quotient is one of products. For others it
keeps a name: one number, of which nothing is known but that it is finite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import sympy

from sidebyside.algebra.distributions import Distribution
from sidebyside.algebra.domain import Domain, Terms
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import Lookup, to_sympy
from sidebyside.algebra.signs import POSITIVE, signs
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    MOMENTS,
    Call,
    Expression,
    Power,
    Symbol,
    is_moment,
    rewrite,
    walk,
)

Shape: TypeAlias = tuple[sympy.Expr, sympy.Expr]  # s and a

MOST = 12  # the power of a random number


def _scaled_inverse_chi2(nu: sympy.Expr, tau2: sympy.Expr) -> Shape:
    """`ν·τ²` over a χ² variable, which is twice a gamma variable with `a = ν/2`."""
    return nu * tau2 / 2, nu / 2


_SHAPES: Mapping[str, Callable[..., Shape]] = {"scaled_inverse_chi2": _scaled_inverse_chi2}


@dataclass
class Exact:
    """What formulas with moments are, where symbols have these names and domains."""

    terms: Terms
    names: Mapping[Symbol, sympy.Symbol]
    domains: Mapping[sympy.Symbol, Domain]
    _nameless: dict[tuple[Distribution, sympy.Expr], sympy.Symbol] = field(default_factory=dict)

    def __call__(
        self, tree: Expression, bound: Mapping[Symbol, sympy.Symbol] | None = None
    ) -> sympy.Expr:
        """
        Return the expression of a formula; raise `NoValue` where a moment may be infinite.

        `bound` are the variables of the series that it stands in.
        """
        return self._expression(tree, {**self.names, **(bound or {})})

    def is_positive(self, expression: sympy.Expr) -> bool:
        """Whether an expression is positive for all numbers of the domains."""
        return signs(expression, self.domains) <= POSITIVE

    def _expression(self, tree: Expression, names: Mapping[Symbol, sympy.Symbol]) -> sympy.Expr:
        def inside(tree: Expression, _: Lookup) -> sympy.Expr:
            return self._expression(tree, names)

        known = self.terms.lookup(names, inside)

        def lookup(symbol: Symbol) -> sympy.Expr:
            if symbol.name in MOMENTS and symbol.index and isinstance(symbol.index[0], Call):
                return self._moment(symbol.index[0], names)
            found: sympy.Expr = known(symbol)
            return found

        return to_sympy(rewrite(tree, _as_symbol), lookup)

    def _moment(self, call: Call, names: Mapping[Symbol, sympy.Symbol]) -> sympy.Expr:
        its = [law for s, law in self.terms.distributions.items() if s in walk(call.arguments[0])]
        if not its:  # which is its own mean
            value = self._expression(call.arguments[0], names)
            return value if call.function.name == "E" else sympy.Integer(0)
        if len(its) > 1:
            raise NoValue(f"`{to_text(call)}` speaks of several random numbers at once")
        law, x = its[0], sympy.Dummy("x", real=True)
        value = self._expression(call.arguments[0], {**names, law.symbol: x})
        mean = self._mean(value, x, law, call)
        if call.function.name == "E":
            return mean
        return self._mean(value**2, x, law, call) - mean**2

    def _mean(
        self, value: sympy.Expr, x: sympy.Symbol, law: Distribution, call: Call
    ) -> sympy.Expr:
        """The mean of a sum of powers: that of each is known."""
        total = sympy.Integer(0)
        for term in sympy.Add.make_args(sympy.expand(value)):
            factor, power = term.as_independent(x, as_Add=False)
            exponent = sympy.Integer(0) if power == 1 else power.as_base_exp()[1]
            if power != x**exponent or not exponent.is_Integer or abs(exponent) > MOST:
                raise NoValue(f"`{to_text(call)}` is no mean of powers")
            total += factor * self._power(law, exponent)
        return total

    def _power(self, law: Distribution, exponent: sympy.Integer) -> sympy.Expr:
        """The mean of a power of the letter of a law."""
        k = exponent
        if isinstance(law.variable, Power):
            k = exponent / to_sympy(law.variable.exponent, self.terms.lookup({}, to_sympy))
        numbers = [self._expression(each, self.names) for each in law.parameters]
        scale, a = _SHAPES[law.name](*numbers)
        if not all(map(self.is_positive, (*numbers, a, a - k))):
            raise NoValue(f"the mean of `{to_text(law.symbol)}` to the power {exponent}")
        if not k.is_Integer:
            return self._nameless.setdefault((law, k), sympy.Dummy("moment", real=True))
        whole = [a - n for n in range(1, int(k) + 1)] if k > 0 else [a + n for n in range(-int(k))]
        return scale**k * sympy.Mul(*whole) ** (-1 if k > 0 else 1)


def _as_symbol(node: object) -> Symbol | None:
    """A moment as a symbol that stands for it."""
    return Symbol("E", "", (node,)) if is_moment(node) else None  # type: ignore[arg-type]  # a moment is an expression
