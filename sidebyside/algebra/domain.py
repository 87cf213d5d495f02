"""
# The numbers a symbol may be

A statement between symbols that no code computes, such as `(1 − β)·Σ_{i=1}^{t} β^{t−i} = 1 − βᵗ`,
is meant for certain numbers. The notation list says which (`$ρ > 4$ is any number of gradients`);
for letters that everybody uses alike, the table below does.

A symbol may also be an abbreviation for another formula, or random. What a relation between such
symbols needs are its `Terms`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

import sympy

from sidebyside.algebra.distributions import Distribution
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import to_sympy
from sidebyside.algebra.numeric import Lookup, evaluate
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    PI,
    Dots,
    Expression,
    Formula,
    Listing,
    Number,
    Relation,
    Series,
    Symbol,
    bounded_by,
    is_exponential,
    is_moment,
    parts,
    walk,
)

Evaluate: TypeAlias = Callable[[Expression, Lookup], Any]

# How far samples go where a domain has no end, and how close they come to one not included.
FAR = 60.0
MARGIN = 0.02

# Where formulas are special, and where they are large; sums over whole numbers must come to an end.
NEAR = (0.0, 1.0, -1.0)
DISTANT = (1e3, 1e6, 1e9, -1e3, -1e6, -1e9)
DISTANT_WHOLE = (100.0, 1000.0)
SHARES = (0.1, 0.25, 0.5, 0.75, 0.99)
# How far numbers are from one: as far as a tolerance may be, or as far as one can see.
BESIDE = (1e-4, -1e-4, 1e-9, -1e-9)


class End(float):
    """An end of a domain that knows the fraction which it rounds, as in `β ≤ 2/3`."""

    exact: sympy.Rational | None = None


def exact_end(end: float) -> sympy.Expr | None:
    """Return an end of a domain without rounding; None if nobody knows it."""
    if isinstance(end, End):
        return end.exact
    if math.isinf(end):
        return sympy.oo if end > 0 else -sympy.oo
    return sympy.Integer(end) if isinstance(end, int) else None


@dataclass(frozen=True)
class Domain:
    """An interval of real numbers, or of whole numbers. Infinite ends are never included."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    whole: bool = False

    def __str__(self) -> str:
        if self.whole:
            end = f", {self.high:g}" if math.isfinite(self.high) else ""
            return f"{{{self.low:g}, {self.low + 1:g}, …{end}}}"
        left = "(" if self.low_open or math.isinf(self.low) else "["
        right = ")" if self.high_open or math.isinf(self.high) else "]"
        return f"{left}{_plain(self.low)}, {_plain(self.high)}{right}"

    def of(self, name: str) -> str:
        """Return that a symbol lies here, in the signs of math: `β ∈ (0, 1)`, `α > 0`."""
        if self == _POSITIVE:
            return f"{name} > 0"
        return name if self == Domain() else f"{name} ∈ {self}"

    @property
    def endless(self) -> bool:
        """Whether it has no upper end."""
        return self.high == math.inf

    def __contains__(self, number: float) -> bool:
        above = number > self.low or (number == self.low and not self.low_open)
        below = number < self.high or (number == self.high and not self.high_open)
        return above and below and not (self.whole and number != int(number))

    @property
    def near(self) -> list[float]:
        """The numbers in it at which formulas are often special."""
        return [number for number in NEAR if number in self]

    @property
    def distant(self) -> list[float]:
        """Large numbers in it, if it has any, and those on the way to an end that is far off."""
        ends = [end for end in (self.low, self.high) if FAR < abs(end) < math.inf]
        shares = [] if self.whole else [share * end for end in ends for share in SHARES]
        far = DISTANT_WHOLE if self.whole else DISTANT
        return [each for each in (*far, *shares) if each in self]

    def samples(self, chance: random.Random, count: int, margin: float = MARGIN) -> list[float]:
        """
        Return `count` numbers, at least two: those at the ends first, then random ones.

        `margin` is how far they stay from an end that is not included. All are short decimals.
        """
        if self.whole:
            return self._whole_samples(chance, count)
        low, high = max(self.low, -FAR), min(self.high, FAR)
        if math.isfinite(self.low) and not math.isfinite(self.high):
            high = max(high, self.low + FAR)
        step = margin * min(1.0, high - low)
        first = low + step if self.low_open else low
        last = high - step if self.high_open else high
        # Squared, so that small numbers and numbers near the lower end, where most formulas have
        # their poles, are frequent.
        spread = [first + (last - first) * chance.random() ** 2 for _ in range(count - 2)]
        return [first, last, *(min(max(round(x, 3), first), last) for x in spread)]

    def grid(self, count: int) -> list[float]:
        """Return numbers in it, from the smallest on, evenly apart."""
        if self.whole:
            start = int(max(self.low, -50))
            return [float(n) for n in range(start, int(min(self.high, start + 100)) + 1)]
        low, high = max(self.low, -FAR), min(self.high, FAR)
        if math.isfinite(self.low) and not math.isfinite(self.high):
            high = max(high, self.low + FAR)
        margin = (high - low) * 1e-6
        first = low + margin if self.low_open else low
        last = high - margin if self.high_open else high
        return [first + (last - first) * n / count for n in range(count + 1)]

    def _whole_samples(self, chance: random.Random, count: int) -> list[float]:
        low = int(max(self.low, -12))
        high = int(min(self.high, low + 11))
        return [low, high, *(chance.randint(low, high) for _ in range(count - 2))]

    def within(self, other: Domain) -> Domain:
        """Return the numbers that are in both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Domain(low, high, low_open, not closed, self.whole or other.whole)

    @property
    def has_many(self) -> bool:
        """Whether it has more than one number; of a domain that has not, nothing is proved."""
        ends = [end for end in (self.low, self.high) if math.isfinite(end)]
        return self.low < self.high and not (self.whole and any(end % 1 for end in ends))

    def symbol(self, name: str) -> sympy.Symbol:
        """Return a SymPy symbol that is known to be what every number here is."""
        positive = self.low > 0 or (self.low == 0 and self.low_open)
        facts = {"integer": True} if self.whole else {"real": True}
        if positive:
            facts["positive"] = True
        elif self.low >= 0:
            facts["nonnegative"] = True
        return sympy.Symbol(name, **facts)

    @property
    def decay(self) -> bool:
        """Whether every number here is strictly between 0 and 1."""
        above = self.low > 0 or (self.low == 0 and self.low_open)
        below = self.high < 1 or (self.high == 1 and self.high_open)
        return above and below and not self.whole


def beside(numbers: Iterable[float]) -> list[float]:
    """Return what lies half-way between neighbours among numbers and 0, and right beside them."""
    known = sorted({0.0, *map(abs, numbers)})
    middles = [(a + b) / 2 for a, b in pairwise(known)]
    return [*middles, *(each * (1 + share) for share in BESIDE for each in known if each)]


_POSITIVE = Domain(low=0, low_open=True)
_STEPS = Domain(low=1, whole=True)

# What these letters are when the notation does not say, whatever their index.
CUSTOMARY = {
    "α": _POSITIVE,
    "β": Domain(0, 1, low_open=True, high_open=True),
    "ε": _POSITIVE,
    "λ": _POSITIVE,
    "σ": _POSITIVE,
    "i": _STEPS,
    "n": _STEPS,
    "t": _STEPS,
}


def symbols_beside(relation: Relation) -> set[Symbol]:
    """Return the symbols by which a relation bounds one, but for π, which is a number."""
    bounded = bounded_by(relation)
    sides = [side for side in relation.sides if side is not None and side != bounded]
    return {node for side in sides for node in walk(side) if isinstance(node, Symbol)} - {PI}


def has_plain_bounds(relation: Relation) -> bool:
    """Whether a relation bounds a symbol by numbers only."""
    return not symbols_beside(relation)


def domain_of(relation: Relation, lookup: Lookup | None = None) -> tuple[Symbol, Domain]:
    """
    Return the symbol and the domain that the math of a notation bullet declares.

    Understood are `ρ > 4`, `0 ≤ β < 1`, `β ∈ [0, 1)` and `t ∈ {1, 2, …}`, and other symbols for the
    numbers, if `lookup` says what they are. Raises `NoValue` for anything else, saying so.
    """
    signs = [sign for sign, _ in relation.rest]
    symbol = bounded_by(relation)
    if relation.first is None or symbol is None:
        raise _unclear(relation)
    number = partial(_constant, lookup=lookup or _refused)
    sides = [relation.first, *(side for _, side in relation.rest)]
    place = sides.index(symbol)
    if signs == ["∈"] and isinstance(sides[1], Listing):
        return symbol, _listed(sides[1], relation, number)
    domain = Domain()
    for n, sign in enumerate(signs):
        if sign not in _MIRRORED:
            raise _unclear(relation)
        bound = number(sides[n if place == n + 1 else n + 1])
        domain = _cut(domain, sign if place == n else _MIRRORED[sign], bound)
    return symbol, domain


_MIRRORED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}


def _cut(domain: Domain, sign: str, number: float) -> Domain:
    low, high, low_open, high_open = domain.low, domain.high, domain.low_open, domain.high_open
    if sign in "<≤":
        return Domain(low, number, low_open, sign == "<")
    return Domain(number, high, sign == ">", high_open)


def _listed(listing: Listing, relation: Relation, number: Callable[[Expression], float]) -> Domain:
    if len(listing.items) == 2 and listing.left in ("(", "["):
        low, high = (number(item) for item in listing.items)
        return Domain(low, high, listing.left == "(", listing.right == ")")
    if listing.left == "{" and any(isinstance(item, Dots) for item in listing.items):
        numbers = [number(item) for item in listing.items if not isinstance(item, Dots)]
        last = math.inf if isinstance(listing.items[-1], Dots) else numbers[-1]
        return Domain(numbers[0], last, whole=True)
    raise _unclear(relation)


def _constant(tree: Expression, lookup: Lookup) -> float:
    if tree == Number("∞"):
        return math.inf
    end = End(evaluate(tree, lookup))
    with suppress(NoValue):
        found = to_sympy(tree, _refused)
        end.exact = found if found.is_Rational else None
    return end


def _refused(symbol: Symbol) -> float:
    """Raise `NoValue`, as a symbol is no number."""
    raise NoValue(f"`{to_text(symbol)}` cannot bound a domain, only numbers can")


def _unclear(relation: Relation) -> NoValue:
    return NoValue(
        f"`{to_text(relation)}` is no domain of one symbol; write it as in `ρ > 4`, `0 ≤ β < 1`, "
        "`β ∈ [0, 1)` or `t ∈ {1, 2, …}`"
    )


def _plain(number: float) -> str:
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    return f"{number:g}".replace("-", "−")


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
            return {} if tree in bound or tree == PI else self._unknown(tree, averaged)
        averaged = averaged or is_moment(tree)
        found: dict[Symbol, Domain] = {}
        for (name, _), part in parts(tree):
            if name in ("function", "variable") or (name == "base" and is_exponential(tree)):
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

    def lookup(self, numbers: Mapping[Symbol, Any], evaluate: Evaluate) -> Lookup:
        """Return what a symbol is where some are these numbers, and others stand for formulas."""

        def lookup(symbol: Symbol) -> Any:
            if symbol in numbers:
                return numbers[symbol]
            if symbol in self.definitions:
                return evaluate(self.definitions[symbol], lookup)
            raise NoValue("nothing says what `{}` is", symbol)

        return lookup

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
