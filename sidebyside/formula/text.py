"""
# Trees to plain text

The canonical plain spelling: `parse_formula(to_text(tree)) == tree` for every tree that has one.
Brackets are set only where the grammar needs them.
"""

from __future__ import annotations

import unicodedata
from functools import singledispatch

from sidebyside.formula.letters import (
    ACCENTS,
    BRACKETED_FUNCTIONS,
    OPERATORS,
    ROUNDING,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    TRAILING_ACCENTS,
)
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

# How tightly a piece of text holds together: each level may stand wherever a lower one may.
SUM, OPEN, WIDE, TIGHT, RATIO, FACTOR, ATOM = range(7)

_SMALL = {
    "SUB": {v: k for k, v in SUBSCRIPTS.items()},
    "SUP": {v: k for k, v in SUPERSCRIPTS.items()},
}
_LONGEST_SMALL = 4  # beyond that, small letters are harder to read than `^{…}`


def to_text(tree: Formula) -> str:
    """Return the canonical plain spelling of a formula."""
    if isinstance(tree, Relation):
        first = "" if tree.first is None else f"{to_text(tree.first)} "
        return first + " ".join(f"{sign} {to_text(side)}" for sign, side in tree.rest)
    return _write(tree)[0]


def _at(expression: Expression, least: int) -> str:
    """Return text that holds together at least that tightly, in brackets if it must."""
    text, level = _write(expression)
    return text if level >= least else f"({text})"


@singledispatch
def _write(expression: Expression) -> tuple[str, int]:
    """Return the text of an expression and its level."""
    raise TypeError(f"no text for {type(expression).__name__}")


@_write.register
def _(node: Number) -> tuple[str, int]:
    return node.text, ATOM


@_write.register
def _(node: Dots) -> tuple[str, int]:
    return "…", ATOM


@_write.register
def _(node: Blank) -> tuple[str, int]:
    return "·", ATOM


@_write.register
def _(node: Symbol) -> tuple[str, int]:
    index = _script("SUB", ",".join(_in_script(part) for part in node.index))
    mark = ACCENTS.get(node.accent, "")
    if node.accent in TRAILING_ACCENTS:
        return node.name + index + mark, FACTOR
    return unicodedata.normalize("NFC", node.name + mark) + index, ATOM


@_write.register
def _(node: Sum) -> tuple[str, int]:
    if len(node.terms) == 1:
        return "+" + _at(node.terms[0], OPEN), SUM
    text = ""
    for term in node.terms:
        if isinstance(term, Negative):
            text += (" − " if text else "−") + _at(term.value, OPEN)
        else:
            text += (" + " if text else "") + _at(term, OPEN)
    return text, SUM


@_write.register
def _(node: Negative) -> tuple[str, int]:
    return "−" + _at(node.value, OPEN), SUM


@_write.register
def _(node: Product) -> tuple[str, int]:
    *before, last = node.factors
    parts = [_factor(factor) for factor in before]
    parts.append(_write(last) if isinstance(last, Series) else _factor(last))
    text, level = parts[0]
    is_wide = was_wide = level == WIDE
    for part, level in parts[1:]:
        text += (" · " if was_wide or level == WIDE else "·") + part
        was_wide = level == WIDE
        is_wide = is_wide or was_wide
    return text, OPEN if isinstance(last, Series) else WIDE if is_wide else TIGHT


def _factor(expression: Expression) -> tuple[str, int]:
    text, level = _write(expression)
    if isinstance(expression, Divide) or level >= FACTOR:
        return text, level
    return f"({text})", ATOM


@_write.register
def _(node: Divide) -> tuple[str, int]:
    numerator, level = _write(node.numerator)
    if level < WIDE or (level == WIDE and isinstance(node.numerator, Product)):
        numerator, level = f"({numerator})", ATOM
    denominator, below = _write(node.denominator)
    if below < FACTOR:
        return f"{numerator} / ({denominator})", WIDE
    if level < RATIO:
        return f"{numerator} / {denominator}", WIDE
    return f"{numerator}/{denominator}", RATIO


@_write.register
def _(node: Power) -> tuple[str, int]:
    return _at(node.base, ATOM) + _script("SUP", _in_script(node.exponent)), FACTOR


@_write.register
def _(node: Root) -> tuple[str, int]:
    return _rooted("√", node.value)


def _rooted(sign: str, value: Expression) -> tuple[str, int]:
    text, level = _write(value)
    bare = isinstance(value, Symbol | Number) and level == ATOM
    return (f"{sign}{text}" if bare else f"{sign}({text})"), FACTOR


@_write.register
def _(node: Absolute) -> tuple[str, int]:
    return f"|{to_text(node.value)}|", ATOM


@_write.register
def _(node: Norm) -> tuple[str, int]:
    order = "" if node.order is None else _script("SUB", _in_script(node.order))
    return f"‖{to_text(node.value)}‖{order}", ATOM


@_write.register
def _(node: Call) -> tuple[str, int]:
    name = _write(node.function)[0]
    if is_prefix(node):
        space = " " if node.function.index else ""
        return name + space + _write(node.arguments[0])[0], FACTOR
    if node.function == Symbol("cbrt") and len(node.arguments) == 1:
        return _rooted("∛", node.arguments[0])
    if is_rounding(node):
        left, right = ROUNDING[name]
        return f"{left}{to_text(node.arguments[0])}{right}", ATOM
    default = "[]" if node.function.name in BRACKETED_FUNCTIONS else "()"
    brackets = node.brackets or default
    return name + brackets[0] + ", ".join(map(to_text, node.arguments)) + brackets[1], ATOM


def is_rounding(call: Call) -> bool:
    """Return whether a call is written by its brackets, as in `⌊x⌋`."""
    return call.function in (Symbol("floor"), Symbol("ceil")) and len(call.arguments) == 1


def is_prefix(call: Call) -> bool:
    """Return whether an operator needs no brackets around its argument, as in `∇f(θ)` and `Δθ`."""
    function, argument = call.function, call.arguments[0]
    operator = function.name == "∇" or (function.name in OPERATORS and not function.index)
    plain = isinstance(argument, Call) or (
        isinstance(argument, Symbol) and argument.accent not in TRAILING_ACCENTS
    )
    return operator and not function.accent and plain and len(call.arguments) == 1


@_write.register
def _(node: Series) -> tuple[str, int]:
    sign = "Σ" if node.kind == "sum" else "∏"
    bounds = ""
    if node.variable is not None:
        lower = "" if node.lower is None else f"={_in_script(node.lower)}"
        bounds += f"_{{{_in_script(node.variable)}{lower}}}"
    if node.upper is not None:
        bounds += f"^{{{_in_script(node.upper)}}}"
    return f"{sign}{bounds} {_at(node.body, OPEN)}", OPEN


@_write.register
def _(node: Listing) -> tuple[str, int]:
    return node.left + ", ".join(map(to_text, node.items)) + node.right, ATOM


def _in_script(expression: Expression) -> str:
    """Return the text of an index or exponent, where + and − stand without spaces."""
    return to_text(expression).replace(" + ", "+").replace(" − ", "−")


def _script(kind: str, text: str) -> str:
    if not text:
        return ""
    small = "".join(_SMALL[kind].get(character, "") for character in text.replace("−", "-"))
    is_plain = len(text) == 1 or not (text.isalpha() or "(" in text)
    if len(small) == len(text) <= _LONGEST_SMALL and is_plain:
        return small
    sign = "_" if kind == "SUB" else "^"
    return (
        sign + text if len(text) == 1 and (text.isalpha() or text == "∞") else f"{sign}{{{text}}}"
    )
