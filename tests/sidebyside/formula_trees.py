"""Formula trees for hypothesis: all that the plain spelling can say, nothing that it cannot."""

# ruff: noqa: RUF001  # formulas use letters that look alike

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

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

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFLNRTVαβγδεθλμρσφχψωΔΓℓ∂∇𝒩ℒℝ"
ACCENTS = ["hat", "tilde", "bar", "dot", "check"]
FUNCTION_NAMES = ["max", "min", "exp", "log", "clip", "argmax", "Var", "sign"]
WORDS = ["var", "max", "model", "CE", "SMA"]
NUMBERS = ["0", "1", "2", "10", "0.5", ".25", "1e-8", "1e-16", "∞"]
SIGNS = ["←", "=", "≈", "≤", "≥", "<", ">", "≠", "∝", "∈", "→", "∼"]
KINDS = [Symbol, Sum, Negative, Product, Divide, Power, Root, Absolute, Norm, Call, Series, Listing]


def _some(draw: DrawFn, depth: int, least: int = 2) -> tuple[Expression, ...]:
    return tuple(_expression(draw, depth) for _ in range(draw(st.integers(least, 3))))


def _maybe(draw: DrawFn, depth: int) -> Expression | None:
    return _expression(draw, depth) if draw(st.booleans()) else None


def _symbol(draw: DrawFn, depth: int, trailing: bool = True) -> Symbol:
    """A symbol; operators have no accents, and not every place allows a star or prime."""
    name = draw(st.sampled_from(LETTERS))
    accents = ["", "", "", *ACCENTS, *(["star", "prime"] if trailing else [])]
    accent = "" if name in "∇Δ∂" else draw(st.sampled_from(accents))
    words = [Symbol(draw(st.sampled_from(WORDS)))] if draw(st.integers(0, 5)) == 0 else []
    parts = [_expression(draw, depth)] if depth >= 0 and draw(st.booleans()) else []
    return Symbol(name, accent, (*words, *parts))


def _exponent(draw: DrawFn, depth: int) -> Expression:
    """Anything but a pair in round brackets: `x^{(a, b)}` is a label, no power."""
    found = _expression(draw, depth)
    is_label = isinstance(found, Listing) and found.left == "("
    return Root(found) if is_label else found


def _call(draw: DrawFn, depth: int) -> Call:
    if draw(st.booleans()):
        function = _symbol(draw, depth)
    else:
        index = (_expression(draw, depth),) if draw(st.booleans()) else ()
        function = Symbol(draw(st.sampled_from(FUNCTION_NAMES)), "", index)
    is_blank = draw(st.integers(0, 9)) == 0
    return Call(function, (Blank(),) if is_blank else _some(draw, depth, least=1))


def _series(draw: DrawFn, depth: int) -> Series:
    variable = _symbol(draw, depth, trailing=False) if draw(st.booleans()) else None
    lower = _maybe(draw, depth) if variable else None
    kind = draw(st.sampled_from(["sum", "product"]))
    upper = _exponent(draw, depth) if draw(st.booleans()) else None
    return Series(kind, variable, lower, upper, _expression(draw, depth))


def _listing(draw: DrawFn, depth: int) -> Listing:
    if draw(st.booleans()):
        return Listing(_some(draw, depth, least=1), "{", "}")
    left, right = draw(st.sampled_from("([")), draw(st.sampled_from(")]"))
    return Listing(_some(draw, depth), left, right)


def _sum(draw: DrawFn, depth: int) -> Sum:
    terms = _some(draw, depth, least=1)
    if len(terms) == 1 and isinstance(terms[0], Negative):  # which would be `+−x`
        terms = (Number("1"), *terms)
    return Sum(terms)


def _expression(draw: DrawFn, depth: int) -> Expression:
    if depth <= 0 or draw(st.integers(0, 3)) == 0:
        leaf = draw(st.sampled_from([Symbol, Symbol, Number, Number, Dots]))
        if leaf is Number:
            return Number(draw(st.sampled_from(NUMBERS)))
        return Dots() if leaf is Dots else _symbol(draw, depth - 2)
    kind = draw(st.sampled_from(KINDS))
    below = depth - 1
    composed = {Symbol: _symbol, Sum: _sum, Call: _call, Series: _series, Listing: _listing}
    if kind in composed:
        return composed[kind](draw, below)
    if kind is Product:
        return Product(_some(draw, below))
    if kind is Norm:
        return Norm(_expression(draw, below), _maybe(draw, below))
    if kind is Power:
        return Power(_expression(draw, below), _exponent(draw, below))
    if kind is Divide:
        return Divide(_expression(draw, below), _expression(draw, below))
    return kind(_expression(draw, below))


@st.composite
def formulas(draw: DrawFn) -> Formula:
    """An expression, or a relation between expressions and lists of them."""

    def side() -> Expression:
        return Listing(_some(draw, 2)) if draw(st.integers(0, 5)) == 0 else _expression(draw, 3)

    if draw(st.integers(0, 2)):
        return _expression(draw, 4)
    first = side() if draw(st.booleans()) else None
    signs = draw(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=2))
    return Relation(first, tuple((sign, side()) for sign in signs))
