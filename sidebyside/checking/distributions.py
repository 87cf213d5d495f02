"""
# Expectation and variance, by integration

A formula such as `E[ψ²] = ρ / ((ρ − 2)·σ²)` is a statement about a random number. The notation list
says how it is distributed; the density is then integrated. Nothing here knows the textbook moments
that formulas are checked against.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath

from sidebyside.checking.unfolding import NoValue
from sidebyside.checking.values import Lookup, evaluate
from sidebyside.formula import FormulaError, parse_formula, to_text
from sidebyside.formula.tree import Call, Expression, Listing, Number, Power, Symbol, walk

__all__ = ["Distribution", "is_moment", "moment", "parse_distribution"]

MOMENTS = ("E", "Var")


@dataclass(frozen=True)
class Distribution:
    """
    How a random number is distributed: `variable`, such as ψ or `ψ²`, follows the law `name`.

    `parameters` are formulas: the law may depend on other symbols.
    """

    variable: Expression
    name: str
    parameters: tuple[Expression, ...]

    @property
    def symbol(self) -> Symbol:
        """The letter that is random: ψ, when the variable is `ψ²`."""
        inside = self.variable.base if isinstance(self.variable, Power) else self.variable
        assert isinstance(inside, Symbol)
        return inside

    def root(self, value: float) -> float:
        """Return what the letter is when the variable has this value: its positive root, for ψ²."""
        if not isinstance(self.variable, Power):
            return value
        assert isinstance(self.variable.exponent, Number)
        return float(value ** (1 / float(self.variable.exponent.text)))


def parse_distribution(variable: Expression, text: str) -> Distribution:
    """
    Read `scaled_inverse_chi2(ρ, 1/σ²)`, the code of a notation bullet.

    Raises `NoValue` for a law that is not known, saying which are.
    """
    match = re.fullmatch(r"(\w+)(\(.*\))", text.strip())
    if match is None or match[1] not in _LAWS:
        raise NoValue(f"`{text}` is no known distribution; there are {', '.join(_LAWS)}")
    base = variable.base if isinstance(variable, Power) else variable
    power = variable.exponent if isinstance(variable, Power) else Number("1")
    if not isinstance(base, Symbol) or not isinstance(power, Number):
        raise NoValue(f"`{to_text(variable)}` is neither a symbol nor a power of one")
    try:
        listing = parse_formula(match[2])
    except FormulaError as error:
        raise NoValue(f"the parameters in `{text}` do not parse: {error}") from None
    parameters = listing.items if isinstance(listing, Listing) else (listing,)
    count = _LAWS[match[1]][0]
    if len(parameters) != count or not all(isinstance(p, Expression) for p in parameters):
        raise NoValue(f"`{match[1]}` takes {count} parameters, not {len(parameters)}")
    return Distribution(
        variable, match[1], tuple(p for p in parameters if isinstance(p, Expression))
    )


def is_moment(tree: Any) -> bool:
    """Return whether a node is `E[…]` or `Var[…]`."""
    return isinstance(tree, Call) and tree.function.name in MOMENTS and len(tree.arguments) == 1


def moment(call: Call, distributions: Mapping[Symbol, Distribution], lookup: Lookup) -> float:
    """Return the value of `E[…]` or `Var[…]`; `lookup` knows everything that is not random."""
    inside = call.arguments[0]
    random = [d for symbol, d in distributions.items() if symbol in walk(inside)]
    if len(random) != 1:
        raise NoValue(f"`{to_text(call)}` needs one symbol whose distribution the notation gives")
    law = random[0]
    parameters = [float(evaluate(parameter, lookup)) for parameter in law.parameters]
    integrate = _LAWS[law.name][1]

    def value(x: float) -> float:
        drawn = law.root(x)
        return float(evaluate(inside, lambda s: drawn if s == law.symbol else lookup(s)))

    mean = integrate(value, *parameters)
    if call.function.name == "E":
        return mean
    return integrate(lambda x: (value(x) - mean) ** 2, *parameters)


def _scaled_inverse_chi2(value: Callable[[float], float], nu: float, tau2: float) -> float:
    """
    Integrate over the scaled inverse χ² distribution with ν degrees of freedom and scale τ².

    In u = log(ν·τ²/x) both tails vanish exponentially, so that the integral is well behaved even
    where a moment is barely finite.
    """
    if nu <= 0 or tau2 <= 0:
        raise NoValue("scaled_inverse_chi2 needs positive parameters")
    norm = nu / 2 * math.log(2) + math.lgamma(nu / 2)

    def integrand(u: float) -> float:
        weight = math.exp(nu / 2 * u - math.exp(u) / 2 - norm)
        # Where the weight is below what a double can hold, nothing is left to add.
        return weight * value(nu * tau2 * math.exp(-u)) if weight > 1e-250 else 0.0

    # The weight peaks at log ν with a width of √(2/ν). On the left a moment may fade slowly; where
    # the range ends, the square of x is still a double.
    peak, width = math.log(nu), math.sqrt(2 / nu)
    left = [u for u in (-340.0, -80.0, -20.0, -5.0) if u < peak - 5 * width]
    middle = [peak - 5 * width, peak, peak + 5 * width, peak + 12 * width + 2]
    return float(mpmath.fp.quad(integrand, [*left, *middle]))


_LAWS: dict[str, tuple[int, Callable[..., float]]] = {
    "scaled_inverse_chi2": (2, _scaled_inverse_chi2),
}
