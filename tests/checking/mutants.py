"""
Wrong formulas, made from right ones.

Each mutant differs from a formula by one slip of the kind people make: a sign, an index, an
exponent, a swapped symbol, a lost term, a root too many or too few, ε in the wrong place. A checker
that lets one pass does not check.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import evaluate
from sidebyside.formula.tree import (
    Absolute,
    Call,
    Divide,
    Expression,
    Formula,
    Negative,
    Number,
    Power,
    Product,
    Relation,
    Root,
    Series,
    Sum,
    Symbol,
    at,
    is_moment,
    positions,
    put,
    rewrite,
    walk,
)

ONE, T = Number("1"), Symbol("t")
BEFORE = Sum((T, Negative(ONE)))


def formula_mutants(formula: Formula) -> Iterator[tuple[str, Formula]]:
    """Yield each mutant once, with what was done to it."""
    seen = {formula}
    for place, node in positions(formula):
        if isinstance(node, Relation) or _is_name(formula, place):
            continue
        for what, changed in _slips(node, formula):
            mutant = put(formula, place, changed)
            if mutant not in seen:
                seen.add(mutant)
                yield what, mutant


def _is_name(formula: Formula, place: tuple[tuple[str, int], ...]) -> bool:
    """Whether a place is part of a symbol, of the name of a function, or a series' variable."""
    for depth in range(len(place)):
        above, (field, _) = at(formula, place[:depth]), place[depth]
        if isinstance(above, Symbol) or field in ("function", "variable"):
            return True
    return False


def _slips(node: Expression, formula: Formula) -> Iterator[tuple[str, Expression]]:
    match node:
        case Symbol():
            yield from _wrong_symbol(node, formula)
        case Number(text):
            if text.isdigit():
                yield "number + 1", Number(str(int(text) + 1))
                if int(text) > 1:
                    yield "number − 1", Number(str(int(text) - 1))
            else:
                yield "another number", Number("0.123")
        case Sum(terms):
            yield from _wrong_sum(terms)
        case Product(factors):
            for n in range(len(factors)):
                yield "factor dropped", _shorter(Product, factors, n)
                rest = _shorter(Product, factors, n)
                yield "factor divides", Divide(rest, factors[n])
        case Divide(numerator, denominator):
            yield "fraction upside down", Divide(denominator, numerator)
            yield "denominator dropped", numerator
            yield "numerator dropped", Divide(ONE, denominator)
            yield "product, not fraction", Product((numerator, denominator))
        case Power(base, exponent):
            yield "exponent dropped", base
            yield "exponent + 1", Power(base, Sum((exponent, ONE)))
            yield "exponent − 1", Power(base, Sum((exponent, Negative(ONE))))
        case Root(value):
            yield "√ removed", value
            yield from _term_moved_out(value)
        case Absolute(value):
            yield "| | removed", value
        case Call(function, arguments):
            yield from _wrong_call(function, arguments)
        case Series():
            yield "first term dropped", replace(node, lower=_plus(node.lower, ONE))
            yield "one term too many", replace(node, upper=_plus(node.upper, ONE))
            yield "last term dropped", replace(node, upper=_plus(node.upper, Negative(ONE)))
    if not isinstance(node, Root | Negative):
        yield "sign flipped", Negative(node)
    if isinstance(node, Symbol | Divide | Product) and node != T:
        yield "√ added", Root(node)
    if isinstance(node, Negative):
        yield "sign flipped", node.value


def _wrong_symbol(symbol: Symbol, formula: Formula) -> Iterator[tuple[str, Expression]]:
    for n, part in enumerate(symbol.index):
        inside = {"t ↔ t − 1": BEFORE if part == T else T if part == BEFORE else part}
        if part in (Number("1"), Number("2")):
            inside["1 ↔ 2"] = Number("2" if part == ONE else "1")
        for what, changed in inside.items():
            index = (*symbol.index[:n], changed, *symbol.index[n + 1 :])
            yield what, replace(symbol, index=index)
    if symbol == T:
        yield "t off by one", Sum((T, ONE))
        yield "t off by one", BEFORE
    if symbol.accent:
        yield "accent dropped", replace(symbol, accent="")
    others = {node for node in walk(formula) if isinstance(node, Symbol)}
    functions = {node.function for node in walk(formula) if isinstance(node, Call)}
    for other in sorted(others - functions - {symbol}, key=repr):
        yield "another symbol", other


def _wrong_sum(terms: tuple[Expression, ...]) -> Iterator[tuple[str, Expression]]:
    for n, term in enumerate(terms):
        yield "term dropped", _shorter(Sum, terms, n)
        flipped = term.value if isinstance(term, Negative) else Negative(term)
        yield "sign of a term", Sum((*terms[:n], flipped, *terms[n + 1 :]))
        yield "product, not sum", Product(tuple(terms))
        for k, other in enumerate(terms):
            if k != n and isinstance(other, Root):
                rest = [each for i, each in enumerate(terms) if i not in (n, k)]
                inside = Root(Sum((other.value, term)))
                yield "term moved under √", Sum((*rest, inside)) if rest else inside


def _term_moved_out(value: Expression) -> Iterator[tuple[str, Expression]]:
    if isinstance(value, Sum):
        for n, term in enumerate(value.terms):
            yield "term moved out of √", Sum((Root(_shorter(Sum, value.terms, n)), term))


def _wrong_call(
    function: Symbol, arguments: tuple[Expression, ...]
) -> Iterator[tuple[str, Expression]]:
    if function.name in ("max", "min"):
        other = replace(function, name="min" if function.name == "max" else "max")
        yield "max ↔ min", Call(other, arguments)
        yield from (("argument alone", argument) for argument in arguments)
    if function.name in ("E", "Var"):
        other = replace(function, name="Var" if function.name == "E" else "E")
        yield "E ↔ Var", Call(other, arguments)


def _shorter(
    kind: type[Sum] | type[Product], parts: tuple[Expression, ...], without: int
) -> Expression:
    rest = (*parts[:without], *parts[without + 1 :])
    return kind(rest) if len(rest) > 1 else rest[0]


def _plus(bound: Expression | None, term: Expression) -> Expression:
    assert bound is not None
    return Sum((bound, term))


def same_value(formula: Formula, mutant: Formula) -> bool:
    """
    Whether a mutant says the same as the formula, as `(mₜ − gₜ)²` does for `(gₜ − mₜ)²`.

    Every symbol is an independent random number, except that t is a whole one.
    """
    before, after = _sides(formula), _sides(mutant)
    if _signs(formula) != _signs(mutant) or len(before) != len(after):
        return False
    chance = random.Random(0)
    return all(_agree(before, after, _numbers(chance)) for _ in range(8))


def _sides(formula: Formula) -> list[Expression]:
    if isinstance(formula, Relation):
        assert formula.first is not None
        return [formula.first, *(side for _, side in formula.rest)]
    return [formula]


def _signs(formula: Formula) -> list[str]:
    return [sign for sign, _ in formula.rest] if isinstance(formula, Relation) else []


def _numbers(chance: random.Random) -> dict[Symbol, float]:
    class Numbers(dict[Symbol, float]):
        def __missing__(self, symbol: Symbol) -> float:
            # Gradients and parameters may have any sign.
            low = -1.0 if symbol.name in ("g", "m", "θ") else 0.1
            self[symbol] = chance.uniform(low, 1)
            return self[symbol]

    return Numbers({T: chance.randint(2, 6)})


def _agree(before: list[Expression], after: list[Expression], numbers: dict[Symbol, float]) -> bool:
    try:
        pairs = [
            (_value(a, numbers), _value(b, numbers)) for a, b in zip(before, after, strict=True)
        ]
    except NoValue:
        return False
    return all(np.isclose(a, b, rtol=1e-12, atol=0) for a, b in pairs)


def _value(tree: Expression, numbers: dict[Symbol, float]) -> float:
    named = rewrite(tree, lambda node: Symbol("E", "", (node,)) if is_moment(node) else None)

    def lookup(symbol: Symbol) -> float:
        if symbol.name == "E" and symbol.index and is_moment(symbol.index[0]):
            return _moment(symbol.index[0], numbers)
        return numbers[symbol]

    return float(evaluate(named, lookup))


def _moment(call: Expression, numbers: dict[Symbol, float]) -> float:
    """Expectation or variance when ψ is one of three numbers, each as likely."""
    assert isinstance(call, Call)
    draws = [
        float(evaluate(call.arguments[0], lambda s, x=x: x if s.name == "ψ" else numbers[s]))
        for x in (0.3, 0.7, 1.9)
    ]
    return float(np.mean(draws) if call.function.name == "E" else np.var(draws))
