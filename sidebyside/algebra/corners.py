"""
# Where a formula turns

What is rounded down jumps where it passes a whole number. An absolute value, a square, and what is
the largest of several have a corner where something is zero. And a bump as narrow as you like is
highest where what it is a function of is zero. So a statement between symbols is tried there, and
right beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise

from sidebyside.algebra.domain import Domain
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.falsify import Link, Point, halved
from sidebyside.algebra.numeric import evaluate
from sidebyside.formula.tree import (
    Absolute,
    Call,
    Expression,
    Formula,
    Negative,
    Power,
    Root,
    Sum,
    Symbol,
    walk,
)

__all__ = ["corners"]

GRID = 100
MOST = 6  # for each part of a formula
# Whole numbers are never far from the corners of what is rounded, or periodic.
WHOLE = (*range(1000), *(10**k + n for k in range(3, 10) for n in (-1, 0, 1)))
# How far from a corner numbers are tried, as a share of where it is.
BESIDE = (0.0, 1e-9, -1e-9, 1e-5, -1e-5)


def corners(link: Link, point: Point) -> dict[Symbol, list[float]]:
    """Return where the parts of both sides turn; all symbols but one are as at the point."""
    found: dict[Symbol, list[float]] = {}
    parts = dict.fromkeys(_parts(link.relation, link))
    for symbol, domain in link.unknowns.items():
        if domain.whole and any(is_rounded or isinstance(each, Call) for each, is_rounded in parts):
            found[symbol] = [float(n) for n in WHOLE if n in domain]
        for part, is_rounded in parts:
            at = _corners(_function(part, symbol, link, point), domain, is_rounded)
            found.setdefault(symbol, []).extend(x for x in at if x in domain)
    return found


def _parts(tree: Formula, link: Link) -> Iterator[tuple[Expression, bool]]:
    """What has a corner where it is zero; or, where it is rounded, a whole number."""
    for node in walk(tree):
        match node:
            case Call(Symbol("floor" | "ceil"), (inside,)):
                yield inside, True
            case Call(Symbol("max" | "min"), sides):
                for one, other in combinations(sides, 2):
                    yield Sum((one, Negative(other))), False
            case Call(_, (inside,)):
                yield node, False
                yield inside, False
            case Absolute(inside) | Root(inside) | Power(inside, _):
                yield inside, False
            case Sum():
                yield node, False
            case Symbol() if node in link.terms.definitions:
                yield from _parts(link.terms.definitions[node], link)


def _function(
    part: Expression, symbol: Symbol, link: Link, point: Point
) -> Callable[[float], float]:
    def value(number: float) -> float:
        try:
            known = link.terms.lookup({**point, symbol: number}, evaluate)
            return float(evaluate(part, known))
        except (NoValue, TypeError):
            return math.nan

    return value


def _corners(value: Callable[[float], float], domain: Domain, is_rounded: bool) -> Iterator[float]:
    xs, count = domain.grid(GRID), 0
    pairs = [(x, value(x)) for x in xs]
    if len({f for _, f in pairs}) == 1:
        return  # it does not depend on the symbol
    for (x, f), (y, g) in pairwise(pairs):
        zero = float(math.floor(max(f, g))) if is_rounded and math.isfinite(f + g) else 0.0
        if (f - zero) * (g - zero) >= 0 or count == MOST:
            continue
        count += 1
        root = halved(lambda number, zero=zero: value(number) - zero, x, y)  # type: ignore[misc]
        if domain.whole:
            yield from (math.floor(root), math.ceil(root))
        else:
            yield from (root + share * max(abs(root), 1e-3) for share in BESIDE)
