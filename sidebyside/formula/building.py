"""
# Building the tree

One method for each rule of `formula.lark`, in the same order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

from lark import Token, Transformer, v_args

from sidebyside.formula.errors import FormulaError
from sidebyside.formula.letters import SAME_LETTER, split_letter
from sidebyside.formula.tree import (
    Absolute,
    Blank,
    Call,
    Divide,
    Dots,
    Expression,
    Formula,
    Listing,
    Negative,
    Norm,
    Number,
    Power,
    Product,
    Relation,
    Root,
    Series,
    Sum,
    Symbol,
)

Index: TypeAlias = tuple[Expression, ...]
Bound: TypeAlias = tuple[Symbol, Expression | None]

_NODES: dict[str, type[Root] | type[Absolute]] = {"sqrt": Root, "abs": Absolute}


@v_args(inline=True)
class Builder(Transformer[Token, Formula]):
    """
    Turns Lark's parse tree into ours.

    Rules of products hand up a list of factors, so that `a·b · c` is one product however it is
    spaced; `term` makes the node. An exponent that is a mark, as in `θ^*`, stays a token until the
    letter takes it as its accent.
    """

    def chain(self, first: Expression, *rest: Any) -> Formula:
        return replace(self.continued(*rest), first=first) if rest else first

    def continued(self, *rest: Any) -> Relation:
        pairs = zip(rest[::2], rest[1::2], strict=True)
        return Relation(None, tuple((str(sign), side) for sign, side in pairs))

    def bare(self, *items: Expression) -> Listing:
        return Listing(items)

    def sum(self, sign: Token | None, first: Expression, *rest: Any) -> Expression:
        pairs = [(sign, first), *zip(rest[::2], rest[1::2], strict=True)]
        terms = tuple(Negative(term) if _is_minus(sign) else term for sign, term in pairs)
        alone = len(terms) == 1 and (sign is None or _is_minus(sign))
        return terms[0] if alone else Sum(terms)

    def term(self, factors: list[Expression]) -> Expression:
        return Product(tuple(factors)) if len(factors) > 1 else factors[0]

    def product(self, *parts: Any) -> list[Expression]:
        return [factor for part in parts for factor in (part if isinstance(part, list) else [part])]

    wide = ratio = tight = tight_ratio = wide_open = tight_open = product

    def quotient(self, numerator: list[Expression], denominator: Expression) -> list[Expression]:
        return [Divide(self.term(numerator), denominator)]

    def series(self, sign: Token, body: Expression) -> Series:
        return Series("sum" if sign in "Σ∑" else "product", None, None, None, body)

    def series_from(self, sign: Token, bound: Bound, body: Expression) -> Series:
        return replace(self.series(sign, body), variable=bound[0], lower=bound[1])

    def series_to(self, sign: Token, upper: Expression, body: Expression) -> Series:
        return replace(self.series(sign, body), upper=upper)

    def series_from_to(
        self, sign: Token, bound: Bound, upper: Expression, body: Expression
    ) -> Series:
        return replace(self.series_from(sign, bound, body), upper=upper)

    def series_to_from(
        self, sign: Token, upper: Expression, bound: Bound, body: Expression
    ) -> Series:
        return self.series_from_to(sign, bound, upper, body)

    def bound(self, variable: Symbol, relation: Token | None, lower: Expression | None) -> Bound:
        if relation is not None and relation != "=":
            raise FormulaError(_column(relation), f"a sum has no bound with `{relation}`", "`=`")
        return variable, lower

    def bound_letter(self, letter: Symbol) -> Bound:
        return letter, None

    def power(self, base: Expression, exponent: Expression | Token) -> Expression:
        if isinstance(exponent, Token):
            raise FormulaError(_column(exponent), "a star or prime may only follow a letter")
        return Power(base, exponent)

    def root(self, value: Expression) -> Root:
        return Root(value)

    def cube_root(self, value: Expression) -> Call:
        return Call(Symbol("cbrt"), (value,))

    def floor(self, value: Expression) -> Call:
        return Call(Symbol("floor"), (value,))

    def ceil(self, value: Expression) -> Call:
        return Call(Symbol("ceil"), (value,))

    def operated(self, function: Symbol, value: Expression) -> Call:
        return Call(function, (value,))

    def operator(self, name: Token, index: Index | None) -> Symbol:
        return Symbol(SAME_LETTER.get(name, str(name)), index=index or ())

    def dots(self) -> Dots:
        return Dots()

    def blank(self) -> Blank:
        return Blank()

    def absolute(self, value: Expression) -> Absolute:
        return Absolute(value)

    def norm(self, value: Expression, order: Expression | None) -> Norm:
        return Norm(value, order)

    def fraction(self, numerator: Expression, denominator: Expression) -> Divide:
        return Divide(numerator, denominator)

    def listing(self, *parts: Any) -> Listing:
        items = tuple(part for part in parts if isinstance(part, Expression))
        return Listing(items, str(parts[0]), str(parts[-1]))

    def call(self, function: Symbol, arguments: Listing) -> Expression:
        if function.name in _NODES and len(arguments.items) == 1:
            return _NODES[function.name](arguments.items[0])
        brackets = arguments.left + arguments.right
        return Call(function, arguments.items, "" if brackets == "()" else brackets)

    def raised_call(self, raised: Expression, arguments: Listing) -> Expression:
        if isinstance(raised, Power):
            assert isinstance(raised.base, Symbol)
            return Power(self.call(raised.base, arguments), raised.exponent)
        assert isinstance(raised, Symbol)
        return self.call(raised, arguments)

    def powered_call(
        self, function: Symbol, exponent: Expression | Token, arguments: Listing
    ) -> Expression:
        return self.power(self.call(function, arguments), exponent)

    def arguments(self, *parts: Any) -> Listing:
        return self.listing(*parts)

    def symbol(self, letter: Symbol, index: Index | None) -> Symbol:
        return replace(letter, index=letter.index + (index or ()))

    def raised(self, letter: Symbol, exponent: Expression | Token) -> Expression:
        if not isinstance(exponent, Token):
            return Power(letter, exponent)
        if letter.accent:
            raise FormulaError(_column(exponent), "a letter has at most one accent")
        return replace(letter, accent=str(exponent))

    def raised_indexed(
        self, letter: Symbol, index: Index, exponent: Expression | Token
    ) -> Expression:
        return self.raised(self.symbol(letter, index), exponent)

    def raised_reversed(
        self, letter: Symbol, exponent: Expression | Token, index: Index
    ) -> Expression:
        return self.raised(self.symbol(letter, index), exponent)

    def letter(self, token: Token) -> Symbol:
        split = split_letter(token)
        assert split is not None, "the scanners let only letters pass"
        return Symbol(*split)

    def accented(self, accent: Token, symbol: Symbol) -> Symbol:
        if symbol.accent:
            raise FormulaError(_column(accent), "a letter has at most one accent")
        return replace(symbol, accent=str(accent))

    def accented_letter(self, accent: Token, letter: Token) -> Symbol:
        return self.accented(accent, self.letter(letter))

    def number(self, token: Token) -> Number:
        return Number(str(token))

    def sub(self, *items: Expression) -> Index:
        return items

    def word(self, token: Token) -> Symbol:
        return Symbol(str(token))

    def negative(self, minus: Token, value: Expression) -> Negative:
        return Negative(value)


def _is_minus(sign: Token | None) -> bool:
    return sign is not None and sign.type == "MINUS"


def _column(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos + 1
