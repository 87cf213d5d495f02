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
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import Lookup, NotFinite, evaluate
from sidebyside.formula import FormulaError, parse_formula, to_text
from sidebyside.formula.tree import Call, Expression, Listing, Number, Power, Symbol, walk

Weighted: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]  # points, and their weights


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

    def root(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the letter is when the variable has these values: their roots, for ψ²."""
        if not isinstance(self.variable, Power):
            return values
        assert isinstance(self.variable.exponent, Number)
        result: NDArray[np.float64] = values ** (1 / float(self.variable.exponent.text))
        return result


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


def moment(call: Call, distributions: Mapping[Symbol, Distribution], lookup: Lookup) -> float:
    """
    Return the value of `E[…]` or `Var[…]`; `lookup` knows everything that is not random.

    What is not random is its own expectation, and its variance is 0.
    """
    inside = call.arguments[0]
    random = [law for symbol, law in distributions.items() if symbol in walk(inside)]
    if not random:
        return float(evaluate(inside, lookup)) if call.function.name == "E" else 0.0
    if len(random) > 1:
        raise NoValue(f"`{to_text(call)}` speaks of several random numbers at once")
    law = random[0]
    parameters = [float(evaluate(parameter, lookup)) for parameter in law.parameters]
    points, weights = _LAWS[law.name][1](*parameters)
    drawn = law.root(points)
    values = evaluate(inside, lambda symbol: drawn if symbol == law.symbol else lookup(symbol))
    try:
        mean = float(np.sum(weights * values))
        if call.function.name == "E":
            return mean
        return float(np.sum(weights * (values - mean) ** 2))
    except FloatingPointError as error:
        raise NotFinite(f"`{to_text(call)}` is not finite") from error


def _scaled_inverse_chi2(nu: float, tau2: float) -> Weighted:
    """
    Return points and weights of the scaled inverse χ² distribution: ν degrees of freedom, scale τ².

    In u = log(ν·τ²/x) both tails vanish exponentially, so that Gauss's quadrature is accurate even
    where a moment is barely finite.
    """
    if nu <= 0 or tau2 <= 0:
        raise NotFinite("scaled_inverse_chi2 has no value: a parameter is not positive")
    # The weight peaks at log ν with a width of √(2/ν). On the left a moment may fade slowly.
    peak, width = math.log(nu), math.sqrt(2 / nu)
    left = [u for u in (-340.0, -80.0, -20.0, -5.0) if u < peak - 5 * width]
    middle = [peak - 5 * width, peak, peak + 5 * width, peak + 12 * width + 2]
    u, steps = _gauss([*left, *middle])
    norm = nu / 2 * math.log(2) + math.lgamma(nu / 2)
    density = np.exp(np.maximum(nu / 2 * u - np.exp(u) / 2 - norm, -700.0))
    counts = (
        density > 1e-250
    )  # elsewhere nothing is left to add, and x may be too large for a double
    return nu * tau2 * np.exp(-u[counts]), density[counts] * steps[counts]


def _gauss(ends: list[float]) -> Weighted:
    """Return points and weights for integrating from the first end to the last."""
    nodes, weights = _rule(60)
    halves = [(high - low) / 2 for low, high in pairwise(ends)]
    points = [half * (nodes + 1) + low for half, low in zip(halves, ends, strict=False)]
    return np.concatenate(points), np.concatenate([half * weights for half in halves])


# Finding the nodes takes longer than using them.
_rule = lru_cache(maxsize=None)(np.polynomial.legendre.leggauss)

# Each law with the number of its parameters.
_LAWS: dict[str, tuple[int, Callable[..., Weighted]]] = {
    "scaled_inverse_chi2": (2, _scaled_inverse_chi2),
}
