"""
# Trees to LaTeX

What a careful author would write: fractions stand as fractions, but as `a / b` inside another
fraction or a script; products have a dot only where two factors could be misread; brackets grow
with what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatchmethod

from sidebyside.formula.letters import (
    BRACKETED_FUNCTIONS,
    LATEX_COMMANDS,
    LATEX_FUNCTIONS,
    LATEX_RELATIONS,
    LETTER_OF_COMMAND,
    OPERATORS,
    STYLE_OF_LETTER,
    TRAILING_ACCENTS,
)
from sidebyside.formula.text import FACTOR, OPEN, RATIO, SUM, TIGHT, is_prefix, is_rounding
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
    identity,
)

_BRACES = {"{": r"\{", "}": r"\}"}
_ACCENT_COMMANDS = {
    "hat": r"\hat",
    "tilde": r"\tilde",
    "bar": r"\bar",
    "dot": r"\dot",
    "check": r"\check",
}


def to_latex(tree: Formula, tag: bool = True, align: bool = False, small: bool = False) -> str:
    r"""
    Return the LaTeX of a formula.

    With `tag`, each symbol stands in `{\htmlData{sym=<identity>}{…}}`, which KaTeX turns into
    `data-sym`. With `align`, the first relation sign gets the `&` of an `aligned` block. With
    `small`, as for a sentence, fractions stand as `a / b`.
    """
    writer = _Writer(tag, small)
    if not isinstance(tree, Relation):
        return writer.write(tree)
    parts = [] if tree.first is None else [writer.write(tree.first)]
    for place, (sign, side) in enumerate(tree.rest):
        mark = "&" if align and place == 0 else ""
        parts.append(f"{mark}{LATEX_RELATIONS[sign]} {writer.write(side)}")
    return " ".join(parts)


@dataclass(frozen=True)
class _Writer:
    tag: bool
    small: bool = False  # inside a fraction or a script, where fractions stand inline
    running: bool = False  # next to an ellipsis, where numbers in indices count
    bound: tuple[Symbol, ...] = ()  # the variables of the series around

    @singledispatchmethod
    def write(self, expression: Expression) -> str:
        """Return the LaTeX of an expression, without brackets around it."""
        raise TypeError(f"no LaTeX for {type(expression).__name__}")

    @write.register
    def _(self, node: Number) -> str:
        return node.text.replace("∞", r"\infty")

    @write.register
    def _(self, node: Dots) -> str:
        return r"\dots"

    @write.register
    def _(self, node: Blank) -> str:
        return r"\cdot"

    @write.register
    def _(self, node: Symbol) -> str:
        return self.symbol(node)

    @write.register
    def _(self, node: Sum) -> str:
        inside = self.beside(node.terms)
        if len(node.terms) == 1:
            return "+" + inside.at(node.terms[0], OPEN)
        text = ""
        for term in node.terms:
            if isinstance(term, Negative):
                text += (" - " if text else "-") + inside.at(term.value, OPEN)
            else:
                text += (" + " if text else "") + inside.at(term, OPEN)
        return text

    @write.register
    def _(self, node: Negative) -> str:
        return "-" + self.at(node.value, OPEN)

    @write.register
    def _(self, node: Product) -> str:
        inside = self.beside(node.factors)
        *before, last = node.factors
        parts = [inside.at(factor, FACTOR) for factor in before]
        parts.append(inside.at(last, OPEN if isinstance(last, Series) else FACTOR))
        text = parts[0]
        for left, right, part in zip(node.factors, node.factors[1:], parts[1:], strict=False):
            text += (r" \cdot " if _needs_dot(left, right, part) else " ") + part
        return text

    @write.register
    def _(self, node: Divide) -> str:
        inside = replace(self, small=True)
        if self.small:
            return f"{inside.at(node.numerator, TIGHT)} / {inside.at(node.denominator, FACTOR)}"
        return rf"\frac{{{inside.write(node.numerator)}}}{{{inside.write(node.denominator)}}}"

    @write.register
    def _(self, node: Power) -> str:
        exponent = _close(replace(self, small=True).write(node.exponent))
        if isinstance(node.base, Symbol) and node.base.accent not in TRAILING_ACCENTS:
            return self.symbol(node.base, _script("^", exponent))
        simple = isinstance(node.base, Number | Absolute | Norm) or (
            isinstance(node.base, Call) and not is_prefix(node.base)
        )
        base = self.write(node.base)
        return (base if simple else _bracket(base)) + _script("^", exponent)

    @write.register
    def _(self, node: Root) -> str:
        return rf"\sqrt{{{self.write(node.value)}}}"

    @write.register
    def _(self, node: Absolute) -> str:
        return _bracket(self.write(node.value), r"\lvert ", r" \rvert")

    @write.register
    def _(self, node: Norm) -> str:
        text = _bracket(self.write(node.value), r"\lVert ", r" \rVert")
        return text if node.order is None else text + _script("_", self.script(node.order))

    @write.register
    def _(self, node: Call) -> str:
        name = self.function(node.function)
        inside = self.beside(node.arguments)
        if is_prefix(node):
            return f"{name} {self.write(node.arguments[0])}"
        if node.function == Symbol("cbrt") and len(node.arguments) == 1:
            return rf"\sqrt[3]{{{self.write(node.arguments[0])}}}"
        if is_rounding(node):
            left, right = rf"\l{node.function.name} ", rf" \r{node.function.name}"
            return _bracket(self.write(node.arguments[0]), left, right)
        default = "[]" if node.function.name in BRACKETED_FUNCTIONS else "()"
        left, right = (_BRACES.get(sign, sign) for sign in node.brackets or default)
        return name + _bracket(", ".join(map(inside.write, node.arguments)), left, right)

    @write.register
    def _(self, node: Series) -> str:
        text = r"\sum" if node.kind == "sum" else r"\prod"
        if node.variable is not None:
            lower = "" if node.lower is None else f"={self.script(node.lower)}"
            text += _script("_", self.script(node.variable) + lower)
        if node.upper is not None:
            text += _script("^", self.script(node.upper))
        inside = self
        if node.variable is not None:
            inside = replace(self, bound=(*self.bound, node.variable))
        return f"{text} {inside.at(node.body, OPEN)}"

    @write.register
    def _(self, node: Listing) -> str:
        text = ", ".join(map(self.beside(node.items).write, node.items))
        if not node.left:
            return text
        left, right = (_BRACES.get(sign, sign) for sign in (node.left, node.right))
        return _bracket(text, left, right)

    def at(self, expression: Expression, least: int) -> str:
        """Return LaTeX that holds together at least that tightly, in brackets if it must."""
        text = self.write(expression)
        return text if self.level(expression, text) >= least else _bracket(text)

    def level(self, expression: Expression, text: str) -> int:
        """Return how tightly the text of an expression holds together."""
        if isinstance(expression, Sum | Negative):
            return SUM
        if isinstance(expression, Series):
            return OPEN
        if isinstance(expression, Product):
            loose = r"\cdot " in text or isinstance(expression.factors[-1], Series)
            return OPEN if loose else TIGHT
        if isinstance(expression, Divide) and self.small:
            return RATIO
        return FACTOR

    def beside(self, siblings: tuple[Expression, ...]) -> _Writer:
        """Return the writer for things that stand in a row, of which one may be an ellipsis."""
        return replace(self, running=True) if Dots() in siblings else self

    def script(self, expression: Expression) -> str:
        """Return LaTeX for an index: it belongs to its letter, so nothing in it is tagged."""
        return _close(replace(self, small=True, tag=False).write(expression))

    def function(self, symbol: Symbol) -> str:
        if symbol.name == "E" and not symbol.accent:
            text = r"\mathbb{E}"
        elif symbol.name in LATEX_FUNCTIONS:
            text = f"\\{symbol.name}"
        elif len(symbol.name) > 1:
            text = rf"\operatorname{{{symbol.name}}}"
        else:
            return self.symbol(symbol)
        return text + self.index(symbol)

    def symbol(self, symbol: Symbol, exponent: str = "") -> str:
        letter = _letter(symbol.name)
        if symbol.accent in _ACCENT_COMMANDS:
            letter = f"{_ACCENT_COMMANDS[symbol.accent]}{{{letter}}}"
        trailing = {"star": "^*", "prime": "'"}.get(symbol.accent, exponent)
        text = letter + self.index(symbol) + trailing
        if not self.tag:
            return text
        # The outer braces keep the space around signs out of what is highlighted.
        return rf"{{\htmlData{{sym={identity(symbol, self.running, self.bound)}}}{{{text}}}}}"

    def index(self, symbol: Symbol) -> str:
        return _script("_", ",".join(map(self.script, symbol.index))) if symbol.index else ""


def _needs_dot(left: Expression, right: Expression, text: str) -> bool:
    """Return whether two factors could be read as something else: `2 3`, `β(1 − x)`, `Δ x`."""
    if text[0] in "0123456789." or text.startswith(r"\infty") or Dots() in (left, right):
        return True
    if isinstance(right, Divide) and isinstance(left, Divide | Number):
        return True
    if isinstance(left, Symbol) and left.name in OPERATORS:
        return True
    names = isinstance(left, Symbol | Call) or (
        isinstance(left, Power) and isinstance(left.base, Symbol | Call)
    )
    return names and text.startswith(("(", "[", r"\left", r"\{"))


def _letter(name: str) -> str:
    if name in STYLE_OF_LETTER:
        command, letter = STYLE_OF_LETTER[name]
        return rf"\{command}{{{letter}}}"
    if len(name) > 1:
        return rf"\mathrm{{{name}}}"
    return f"\\{LATEX_COMMANDS[name]}" if name in LATEX_COMMANDS else name


def _close(text: str) -> str:
    """Set + and − without spaces, as one does in scripts."""
    return text.replace(" - ", "-").replace(" + ", "+")


def _script(sign: str, text: str) -> str:
    is_letter = text[0] == "\\" and text[1:] in LETTER_OF_COMMAND
    alone = len(text) == 1 or is_letter or text == r"\infty"
    return sign + (text if alone else f"{{{text}}}")


def _bracket(text: str, left: str = "(", right: str = ")") -> str:
    """Put brackets around LaTeX; they grow only where something tall stands between them."""
    if any(command in text for command in (r"\frac", r"\sum", r"\prod")):
        return rf"\left{left}{text} \right{right.lstrip()}"
    return left + text + right
