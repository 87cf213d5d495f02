"""
# Statements between symbols

`(1 − β)·Σ_{i=1}^{t} β^{t−i} = 1 − βᵗ` is computed by no line of code. It is tried on numbers from
the domains of its symbols, and where SymPy can, proved for all of them. A false one is answered
with numbers for which it fails.

* `=` is tried on many points: ordinary ones, 0 and ±1, and large numbers. A formula that divides by
  zero anywhere in the domains of its symbols is refused.
* `<`, `≤`, `>`, `≥` and `≠` are tried too, and never called proved: they *held under attack*.
* `≈` is a statement about a limit: one of its symbols may grow without end, and as it grows, the
  relative error shrinks towards zero. The verdict names the symbol and the errors.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import sympy

from sidebyside.algebra.agreement import HOLDS, SHARE, error_of, holds, is_close, no_claim
from sidebyside.algebra.defined import Bound, has_values, trees_of
from sidebyside.algebra.distributions import moment
from sidebyside.algebra.domain import Domain, Terms, UnknownSymbolError, beside
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import is_zero, to_sympy, within
from sidebyside.algebra.falsify import Link, corners, pole, turning_points
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.algebra.signs import signs
from sidebyside.claims.binding import Meanings
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    MOMENTS,
    Call,
    Expression,
    Formula,
    Number,
    Relation,
    Sum,
    Symbol,
    is_moment,
    positions,
    put,
    rewrite,
    walk,
)
from sidebyside.judging.verdicts import Finding, Status, Verdict, difference, failed
from sidebyside.reasons import Reason, in_words

Point = dict[Symbol, float]

POINTS = 60
POINTS_BY_INTEGRATION = 12
TOO_LONG_TO_PROVE = 200  # operations


def joined(rows: Sequence[Formula]) -> list[Formula]:
    """Return rows with those that begin with a sign, such as `= c`, added to the row above."""
    chains: list[Formula] = []
    for row in rows:
        above = chains[-1] if chains else None
        if isinstance(row, Relation) and row.first is None and above is not None:
            first, rest = (above.first, above.rest) if isinstance(above, Relation) else (above, ())
            chains[-1] = Relation(first, (*rest, *row.rest))
        else:
            chains.append(row)
    return chains


def judge_identity(claim: Claim, meanings: Meanings) -> Verdict:
    """Judge a claim about symbols that no code computes. An arrow states equality, too."""
    if not isinstance(claim.formula, Relation):
        return Verdict(claim, "not checked", (Reason("no-relation"),))
    rest = tuple(("=" if sign == "←" else sign, side) for sign, side in claim.formula.rest)
    try:
        finding = check_relation(replace(claim.formula, rest=rest), meanings.terms(claim))
    except NoValue as error:
        return failed(claim, *in_words(error.reason))
    return Verdict(claim, finding.status, finding.reasons)


def check_relation(relation: Relation, terms: Terms | None = None) -> Finding:
    """Try each link of a chain `a = b ≤ c`, and prove it where that is quick."""
    if relation.first is None:
        return Finding("not checked", (Reason("no-start"),))
    sides = [relation.first, *(side for _, side in relation.rest)]
    between = [sign for sign, _ in relation.rest]
    chance = random.Random(0)  # the same points in every build
    known = terms or Terms()
    try:
        links = [Link(*each, known) for each in zip(sides, between, sides[1:], strict=False)]
        findings = [_Check(link, chance).finding() for link in links]
    except (NotFinite, UnknownSymbolError) as error:
        return Finding("failed", in_words(error.reason))
    except NoValue as error:
        return Finding("not checked", in_words(error.reason))
    status = min((found.status for found in findings), key=_WORST_FIRST.index)
    reasons = [each for found in findings if found.status == status for each in found.reasons]
    return Finding(status, tuple(r for n, r in enumerate(reasons) if r not in reasons[:n]))


_WORST_FIRST: tuple[Status, ...] = ("failed", "not checked", "tried", "proved")


def values_at(relation: Relation, point: Point, terms: Terms) -> tuple[float, float]:
    """Return both sides of a relation at a point; raise `NoValue` where one has no value."""
    assert relation.first is not None
    return _value(relation.first, point, terms), _value(relation.rest[0][1], point, terms)


def _value(tree: Expression, point: Point, terms: Terms) -> float:
    """What a formula is at a point; raise `NotFinite` that says where it has no value."""
    named = rewrite(tree, lambda node: Symbol("E", "", (node,)) if is_moment(node) else None)  # type: ignore[arg-type]  # a moment is an expression
    known = terms.lookup(point, lambda tree, _: _value(tree, point, terms))

    def lookup(symbol: Symbol) -> Any:
        if symbol.name in MOMENTS and symbol.index and isinstance(symbol.index[0], Call):
            return moment(symbol.index[0], terms.distributions, lookup)
        return known(symbol)

    try:
        return float(evaluate(named, lookup))
    except NotFinite as error:
        where = f" at {', '.join(_at(point))}" if point else ""
        raise NotFinite(f"{error.reason}{where}") from None


class _Check:
    """One link of a chain, tried at points that are drawn by `chance`."""

    def __init__(self, link: Link, chance: random.Random) -> None:
        self.link, self.chance = link, chance
        self.is_bound = link.sign in HOLDS

    def finding(self) -> Finding:
        link = self.link
        if link.sign == "≈":
            return self.approximation()
        if not self.is_bound and link.sign not in "=≡":
            return Finding("not checked", in_words(no_claim(link.sign).reason))
        points, worst = self.points(by_integration=link.is_random), 0.0
        for point in points:
            a, b = self.values(point)
            worst = max(worst, error_of(a, b))
            if not self.holds(point, a, b):
                return Finding("failed", (self.counterexample(point),))
        broken = self.extremes(points) or self.narrowest(points)
        if broken:
            return Finding("failed", (broken,))
        if not self.is_bound and self.proves():
            domains = self.domains()
            proved = Reason("for-all", {"symbols": domains}) if domains else Reason("by-algebra")
            return Finding("proved", (proved,))
        turned = self.turned(points)
        if turned:
            return Finding("failed", (turned,))
        if self.is_bound:
            return Finding("tried", (self.tried("attack", points),))
        for point in [] if link.is_random or not link.unknowns else points[-2:]:
            if link.is_false_to_the_last_digit(point):
                return Finding("failed", (self.counterexample(point),))
        how = "integration" if link.is_random else "points"
        largest = Reason("error", {"error": f"{worst:.0e}"})
        return Finding("tried", (self.tried(how, points), largest))

    def values(self, point: Point) -> tuple[float, float]:
        """Both sides at a point."""
        return values_at(self.link.relation, point, self.link.terms)

    def domains(self) -> list[str]:
        """Where the symbols lie, in the signs of math."""
        return [domain.of(to_text(symbol)) for symbol, domain in self.link.unknowns.items()]

    def tried(self, how: str, points: Sequence[Point]) -> Reason:
        """At how many points a statement was tried, and where they lie."""
        domains = self.domains()
        if not domains:
            return Reason(how, {"points": len(points)})
        return Reason(f"{how}-in", {"points": len(points), "symbols": domains})

    def points(self, by_integration: bool) -> list[Point]:
        """Both ends of all domains, then points at random."""
        unknowns = self.link.unknowns
        if not unknowns:
            return [{}]
        # Near the pole of a moment its integral converges too slowly to be compared with.
        count, margin = (POINTS_BY_INTEGRATION, 0.5) if by_integration else (POINTS, 0.02)
        columns = {s: d.samples(self.chance, count, margin) for s, d in unknowns.items()}
        points = [{s: column[n] for s, column in columns.items()} for n in range(count)]
        if not by_integration:
            points += _varied(points[2:], {s: d.near for s, d in unknowns.items()})
        return points

    def extremes(self, points: Sequence[Point]) -> Reason | None:
        """Why a relation that holds at ordinary points does not hold everywhere."""
        link = self.link
        if not link.unknowns or link.is_random:
            return None
        far = {s: d.distant for s, d in link.unknowns.items()}
        if self.is_bound:
            turns = turning_points(link, points[2])
            far = {s: [*each, *turns.get(s, ())] for s, each in far.items()}
        broken = self.broken([*_varied(points[2:], far), *self.beside(points)])
        return broken or self.undefined(points)

    def broken(self, points: Sequence[Point]) -> Reason | None:
        """Why a relation does not hold at one of some unusual points."""
        for point in points:
            try:
                a, b = self.values(point)
            except NoValue:  # too large a number, or too long a sum
                continue
            is_close_call = self.is_bound and is_close(a, b)
            if (not self.holds(point, a, b) and self.link.is_false(point)) or (
                is_close_call and self.link.is_false_to_the_last_digit(point)
            ):
                return self.counterexample(point)
        return None

    def turned(self, points: Sequence[Point]) -> Reason | None:
        """Why a relation does not hold where a part of it turns."""
        if not self.link.unknowns or self.link.is_random:
            return None
        at = [(point, corners(self.link, point)) for point in points[2:4]]
        return self.broken([each for point, found in at for each in _varied([point], found)])

    def beside(self, points: Sequence[Point]) -> list[Point]:
        """Points beside the numbers of a relation, also where all other symbols are 1."""
        link = self.link
        nodes = {n for n in walk(link.relation) if isinstance(n, Number)} - {Number("∞")}
        known = beside(
            value for node in nodes if math.isfinite(value := _value(node, {}, link.terms))
        )
        near = {
            s: [sign * each for each in known for sign in (1, -1) if sign * each in d]
            for s, d in link.unknowns.items()
        }
        ones = {s: 1.0 for s, d in link.unknowns.items() if 1 in d}
        return [*_varied(points[2:], near), *_varied([points[2] | ones], near)]

    def holds(self, point: Point, a: float, b: float) -> bool:
        """Whether a relation holds for two values; where they are close, by many more digits."""
        link = self.link
        if link.sign in "<>" and is_close(a, b):
            return link.is_random or link.differs(point, "every digit") is not False
        share = SHARE["integration" if link.is_random else "points"]
        agrees = holds(a, link.sign, b) if self.is_bound else error_of(a, b) < share
        if agrees or link.is_random:
            return bool(agrees)
        return link.is_false(point) is False

    def narrowest(self, points: Sequence[Point]) -> Reason | None:
        """Look for where an inequality fails, from the points at which it nearly does."""
        sign, unknowns = self.link.sign, self.link.unknowns
        if not self.is_bound or not unknowns or self.link.is_random:
            return None

        def room(point: Point) -> float:
            """How far an inequality is from failing, or `≠` from being an equality."""
            try:
                a, b = self.values(point)
            except NoValue:
                return math.inf
            return abs(a - b) if sign == "≠" else (b - a if sign in "<≤" else a - b)

        usual = statistics.median(map(room, points))
        for start in sorted(points, key=room)[:4]:
            point = _descended(room, start, unknowns)
            try:
                values = self.values(point)
            except NoValue:
                continue
            touches = sign in "<>≠" and _touches(room, point, unknowns, usual)
            if touches or not self.holds(point, *values):
                return self.counterexample(point)
        return None

    def is_defined(self) -> bool:
        """Whether every part is known to have a value, for all numbers of domains of many."""
        link, names = self.link, self.link.names
        domains = {names[symbol]: domain for symbol, domain in link.unknowns.items()}

        def value(tree: Expression, bound: Bound) -> sympy.Expr:
            return to_sympy(tree, link.terms.lookup({**names, **bound}, to_sympy))

        known = partial(signs, domains=domains)
        return all(each.has_many for each in domains.values()) and within(
            lambda: all(has_values(tree, value, known) for tree in trees_of(link))
        )

    def proves(self) -> bool:
        link = self.link
        if link.is_random or not self.is_defined():
            return False
        try:
            left, right = (link.expression(side, link.names) for side in (link.left, link.right))
        except NoValue:
            return False
        difference = left - right
        is_short = difference.count_ops() < TOO_LONG_TO_PROVE
        return bool(is_short and is_zero(difference, link.decays))

    def counterexample(self, point: Point) -> Reason:
        """Return the values of both sides at a point."""
        link, (a, b) = self.link, self.values(point)
        where = {"point": _at(point)} if point else {}
        return difference((link.left, a), link.sign, (link.right, b), where)

    def undefined(self, points: Sequence[Point]) -> Reason | None:
        """Where a formula has no value; None if nowhere, or if it is random."""
        found = None if self.link.is_random else pole(self.link, points[2:6])
        if found is None:
            return None
        fields = {"whole": to_text(found.whole), "symbol": to_text(found.symbol)}
        place = {"number": f"{found.number:g}", "domain": str(found.domain)}
        return Reason(f"pole-{found.kind}", {**fields, **place})

    def approximation(self) -> Finding:
        growing = [symbol for symbol, domain in self.link.unknowns.items() if domain.endless]
        if not growing:
            return Finding("not checked", (Reason("no-limit"),))
        found = self.vanishing(growing, self.link.relation)
        if found.status != "tried":
            return found
        broken = None if self.link.is_random else self.undefined(self.points(by_integration=False))
        if broken:
            return Finding("failed", (broken,))
        for part, instead, changed in _without_terms(self.link.relation):
            other = self.vanishing(growing, changed)
            # Where it becomes exact, the term is what is neglected.
            if other.status == "tried" and other.reasons[0].key == "limit":
                fields = {"part": to_text(part), "instead": to_text(instead)}
                return Finding("not checked", (Reason("leading", fields),))
        return found

    def vanishing(self, growing: Sequence[Symbol], relation: Relation) -> Finding:
        """Whether the relative error vanishes as one of some symbols grows."""
        tries = [self.shrinking(symbol, relation) for symbol in growing]
        return next((found for found in tries if found.status == "tried"), tries[0])

    def shrinking(self, growing: Symbol, relation: Relation) -> Finding:
        """Whether the relative error shrinks by half or more each time a symbol is quadrupled."""
        name, start = to_text(growing), max(self.link.unknowns[growing].low, 4.0)
        for point in self.points(by_integration=True)[2:5]:
            errors: dict[float, float] = {}
            for factor in (4, 16, 64, 256):
                inside = point | {growing: start * factor}
                sides = values_at(relation, inside, self.link.terms)
                errors[start * factor] = error_of(*sides)
            shown = [f"{e:.1g} ({name} = {x:g})" for x, e in errors.items()]
            series = list(errors.values())
            shrinks = all(b <= a / 2 or b < SHARE["points"] for a, b in pairwise(series))
            if not shrinks or series[-1] > 0.01:
                return Finding("failed", (Reason("stays", {"symbol": name, "errors": shown}),))
        order = math.log(series[0] / series[-1], 64) if series[-1] > SHARE["points"] else math.inf
        fields = {"symbol": name, "order": f"{order:.1g}", "errors": shown}
        return Finding("tried", (Reason("limit" if order < 20 else "limit-all", fields),))


def _without_terms(relation: Relation) -> Iterator[tuple[Expression, Expression, Relation]]:
    """Yield each sum in a relation, the sum without one of its terms, and the relation with it."""
    for place, node in positions(relation):
        if isinstance(node, Sum) and len(node.terms) > 1:
            for n in range(len(node.terms)):
                rest = (*node.terms[:n], *node.terms[n + 1 :])
                instead = rest[0] if len(rest) == 1 else Sum(rest)
                yield node, instead, put(relation, place, instead)


def _descended(
    room: Callable[[Point], float], point: Point, unknowns: Mapping[Symbol, Domain]
) -> Point:
    """Walk from a point to where there is less room, symbol by symbol, in ever smaller steps."""
    best = room(point)
    steps = {s: 1.0 if d.whole else max(abs(point[s]), 1.0) / 4 for s, d in unknowns.items()}
    for _ in range(40):
        moved = False
        for symbol, domain in unknowns.items():
            for step in (steps[symbol], -steps[symbol]):
                there = point | {symbol: point[symbol] + step}
                if there[symbol] in domain and (found := room(there)) < best:
                    point, best, moved = there, found, True
        if not moved:
            steps = {s: step if unknowns[s].whole else step / 3 for s, step in steps.items()}
    return point


def _touches(
    room: Callable[[Point], float], point: Point, unknowns: Mapping[Symbol, Domain], usual: float
) -> bool:
    """Whether there is no room at a point, and some at both sides of it."""
    if room(point) > SHARE["touching"] * usual:
        return False
    for symbol, domain in unknowns.items():
        step = 1.0 if domain.whole else 1e-3 * max(abs(point[symbol]), 1.0)
        beside = [point | {symbol: point[symbol] + each} for each in (step, -step)]
        if any(p[symbol] not in domain or room(p) < SHARE["beside"] * usual for p in beside):
            return False
    return True


def _varied(points: Sequence[Point], numbers: Mapping[Symbol, Sequence[float]]) -> list[Point]:
    """Points that have one symbol at one of its numbers, and are ordinary else."""
    changes = [{symbol: number} for symbol, each in numbers.items() for number in each]
    return [points[n % len(points)] | change for n, change in enumerate(changes)]


def _at(point: Point) -> list[str]:
    return [f"{to_text(symbol)} = {value:g}" for symbol, value in point.items()]
