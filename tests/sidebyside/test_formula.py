"""Formulas mean what their authors meant; what is no formula is refused with a useful reason."""

# ruff: noqa: RUF001  # formulas use letters that look alike

from __future__ import annotations

import doctest
import re
from fractions import Fraction
from functools import singledispatch
from math import prod
from pathlib import Path

import labml_nn
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

import sidebyside.formula
from sidebyside.formula import FormulaError, identity, parse_formula, to_latex, to_text
from sidebyside.formula.tree import (
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
    Sum,
    Symbol,
    walk,
)
from sidebyside.rendering.katex import Katex
from sidebyside.source.prose import FormulaLine, formulas, read_prose
from sidebyside.source.sections import parse_source

SPELLINGS = [
    ("β₂·sₜ₋₁ + ε", "beta_2 * s_{t-1} + eps", r"\beta_2 s_{t-1} + \epsilon"),
    ("mₜ ← β₁·mₜ₋₁", "m_t <- beta_1 * m_{t-1}", r"m_t \leftarrow \beta_1 \cdot m_{t - 1}"),
    ("(gₜ − mₜ)²", "(g_t - m_t)^2", r"\big(g_t - m_t\big)^2"),
    ("m̂ₜ = mₜ / (1 − β₁ᵗ)", "hat(m)_t = m_t/(1 - beta_1^t)", r"\hat m_t = \frac{m_t}{1-\beta_1^t}"),
    ("ŝₜ", "hat(s)_t", r"\hat{s_t}"),
    ("√ŝₜ + ε", "sqrt(hat(s)_t) + epsilon", r"\sqrt{\hat{s}_t} + \varepsilon"),
    ("α·√c₂/c₁ · m", "alpha * (sqrt(c_2) / c_1) * m", r"\alpha \cdot \frac{\sqrt{c_2}}{c_1} m"),
    ("2·t·β₂ᵗ / c₂", "2*t*beta_2^t / c_2", r"\frac{2 t \beta_2^t}{c_2}"),
    ("2t", "2*t", r"2 t"),
    ("ρ_∞ = 2/(1 − β₂)", "rho_inf = 2/(1 - beta_2)", r"\rho_\infty = \frac{2}{1-\beta_2}"),
    ("(ρ − 4)(ρ − 2)·ρ_∞", "(rho - 4)*(rho - 2)*rho_inf", r"(\rho-4)(\rho-2)\rho_{\infty}"),
    ("β₂^{t−i}", "beta_2^(t-i)", r"\beta_2^{t-i}"),
    ("β₂ᵗ⁻ⁱ", "beta_2^{t - i}", r"\beta^{t-i}_2"),
    ("g²ₜ", "g_t^2", r"g^2_t"),
    ("max(s₁, …, sₜ)", "max(s_1, ..., s_t)", r"\max(s_1, \dots, s_t)"),
    ("max(h, ε)", "max{h, eps}", r"\max \{h, \epsilon\}"),
    ("log(x)", "log(x)", r"\log x"),
    ("Σ_{i=1}^{t} gᵢ²", "Σ_{i=1}^t g_i^2", r"\sum_{i=1}^t g_i^2"),
    ("Σᵢ₌₁ᵗ gᵢ²", "∑_{i=1}^{t} g_i^2", r"\sum^t_{i=1} g_i^2"),
    ("‖x‖₂ ≤ |y|", "‖x‖_2 <= |y|", r"\lVert x \rVert_2 \le \left| y \right|"),
    ("∇f(θ)", "∇f(theta)", r"\nabla f(\theta)"),
    ("Δθ ≠ 0", "Δtheta != 0", r"\Delta \theta \ne 0"),
    ("E[x²]", "E[x^2]", r"\mathbb{E}\big[x^2\big]"),
    ("g ∼ 𝒩(0, σ²)", "g ~ 𝒩(0, sigma^2)", r"g \sim \mathcal{N}(0, \sigma^2)"),
    ("C_{var}", "C_{var}", r"C_{\text{var}}"),
    ("ψ²(·)", "psi(.)^2", r"\psi^2(.)"),
    ("f(t, β₂) → 5", "f(t, beta_2) -> 5", r"f(t,\beta_2) \to 5"),
    ("f(θ^*) ≥ f(θ)", "f(theta^*) >= f(theta)", r"f(\theta^*) \geq f(\theta)"),
    ("f′(x)", "f'(x)", r"f'(x)"),
    ("β ∈ [0, 1)", "beta ∈ [0, 1)", r"\beta \in [0, 1)"),
    ("10⁻⁴", "10^-4", r"10^{-4}"),
    ("= −a", "= -a", r"= -a"),
    ("s ← s + ε", "s <- s + eps", r"\textcolor{cyan}{s} &\leftarrow \textcolor{red}{s + \epsilon}"),
]  # fmt: skip


@pytest.mark.parametrize(("plain", "ascii_only", "latex"), SPELLINGS)
def test_all_spellings_give_the_same_tree(plain: str, ascii_only: str, latex: str) -> None:
    tree = parse_formula(plain, "plain")
    assert parse_formula(ascii_only, "plain") == tree
    assert parse_formula(latex, "latex") == tree


def sym(name: str, accent: str = "", *index: Expression) -> Symbol:
    return Symbol(name, accent, index)


T, ONE, TWO = sym("t"), Number("1"), Number("2")
BEFORE = Sum((T, Negative(ONE)))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("β₁ᵗ", Power(sym("β", "", ONE), T)),
        ("mₜ₋₁", sym("m", "", BEFORE)),
        ("sₜ²", Power(sym("s", "", T), TWO)),
        ("ŝₜ", sym("s", "hat", T)),
        ("s\u0302ₜ", sym("s", "hat", T)),
        ("√c₂/c₁", Divide(Root(sym("c", "", TWO)), sym("c", "", ONE))),
        ("−a²", Negative(Power(sym("a"), TWO))),
        ("a/b/c", Divide(Divide(sym("a"), sym("b")), sym("c"))),
        ("a·b/c", Product((sym("a"), Divide(sym("b"), sym("c"))))),
        ("a·b / c", Divide(Product((sym("a"), sym("b"))), sym("c"))),
        ("a/b · c", Product((Divide(sym("a"), sym("b")), sym("c")))),
        ("max(a, b)", Call(sym("max"), (sym("a"), sym("b")))),
        ("a = b", Relation(sym("a"), (("=", sym("b")),))),
    ],
)
def test_small_forms_and_precedence_are_read_as_mathematicians_do(text: str, tree: Formula) -> None:
    assert parse_formula(text) == tree


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\beta_1 (1 - x)", "β₁·(1 − x)"),
        (r"\beta_{t} (1 - x)", "βₜ·(1 − x)"),
        (r"2(\rho-2)", "2·(ρ − 2)"),
        (r"f_{t}(1 - x)", "fₜ(1 − x)"),
        (r"\hat{L}(1 - x)", "L̂(1 − x)"),
        (r"\sigma(g_1, ..., g_t)", "σ(g₁, …, gₜ)"),
        (r"R(T)", "R(T)"),
        (r"\frac{1}{B} \sum^{B}_{b=1} x_b", "1/B·Σ_{b=1}^{B} x_b"),
        (r"\vert a \vert b \vert c \vert", "|a|·b·|c|"),
        (r"\nabla_\theta \hat{L} (\theta)", "∇_θ L̂(θ)"),
        (r"\alpha \min \bigg(1, \frac{t}{w}\bigg)", "α·min(1, t/w)"),
        (r"d_{model}", "d_{model}"),
    ],
)
def test_latex_products_and_calls_are_told_apart(latex: str, plain: str) -> None:
    assert to_text(parse_formula(latex, "latex")) == plain


@singledispatch
def value(tree: Expression, names: dict[str, Fraction]) -> Fraction:
    raise TypeError(tree)


@value.register
def _(tree: Number, names: dict[str, Fraction]) -> Fraction:
    return Fraction(tree.text)


@value.register
def _(tree: Symbol, names: dict[str, Fraction]) -> Fraction:
    return names[tree.name]


@value.register
def _(tree: Sum, names: dict[str, Fraction]) -> Fraction:
    return sum((value(term, names) for term in tree.terms), Fraction(0))


@value.register
def _(tree: Negative, names: dict[str, Fraction]) -> Fraction:
    return -value(tree.value, names)


@value.register
def _(tree: Product, names: dict[str, Fraction]) -> Fraction:
    return prod((value(factor, names) for factor in tree.factors), start=Fraction(1))


@value.register
def _(tree: Divide, names: dict[str, Fraction]) -> Fraction:
    return value(tree.numerator, names) / value(tree.denominator, names)


@value.register
def _(tree: Power, names: dict[str, Fraction]) -> Fraction:
    return Fraction(value(tree.base, names) ** int(value(tree.exponent, names)))


NAMES = {"a": Fraction(3, 7), "b": Fraction(-5, 3), "c": Fraction(11, 2), "d": Fraction(1, 13)}


@st.composite
def arithmetic(draw: DrawFn, depth: int = 3) -> str:
    """Arithmetic with random spaces that Python reads, too, but for `^`."""
    if depth == 0:
        return draw(st.sampled_from([*NAMES, "2", "3"]))
    operator = draw(st.sampled_from(["+", "-", "*", "/", "*", "/", "()", "^"]))
    left = draw(arithmetic(depth=depth - 1))
    if operator == "()":
        return f"({left})"
    if operator == "^":
        return f"({left})^{draw(st.integers(2, 3))}"
    space = draw(st.sampled_from(["", " "]))
    return f"{left}{space}{operator}{space}{draw(arithmetic(depth=depth - 1))}"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(arithmetic())
def test_arithmetic_has_the_value_that_python_gives_it(text: str) -> None:
    try:
        tree = parse_formula(text, "plain")
    except FormulaError as error:
        assert "what the spaced `/` divides by" in error.reason  # noqa: PT017 - the one refusal
        assume(False)
    assert isinstance(tree, Expression)
    python = re.sub(r"(\d)", r"Fraction(\1)", text.replace("^", "**"))
    assert value(tree, NAMES) == eval(python, {"Fraction": Fraction}, NAMES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a =", "column 4: the formula ends too early; expected a symbol, number or bracket"),
        ("(a + b", "column 7: the formula ends too early; expected an operator, `,` or `)`"),
        ("a ← b)", "column 6: `)` cannot stand here; "
                   "expected an operator, a relation, `,` or the end"),
        ("β₂·s +", "column 7: the formula ends too early; expected a symbol, number or bracket"),
        ("a ··b", "column 4: `·` cannot stand here; expected a symbol, number or bracket"),
        ("a b", "column 3: no sign before `b`; expected `·`, another sign or the end"),
        ("αβ", "column 2: no sign before `β`; expected `·`, another sign or the end"),
        ("βₜ(a)x", "column 6: no sign before `x`; expected `·`, another sign or the end"),
        ("2 t", "column 3: no sign before `t`; expected `·`, another sign or the end"),
        ("√2t", "column 3: no sign before `t`; expected `·`, another sign or the end"),
        ("a / b·c", "column 6: what the spaced `/` divides by could end here or not; "
                    "expected brackets, as in `a / (b·c)`"),
        ("√x²", "column 3: the exponent could belong to the last letter or to all before it; "
                "expected brackets, as in `√(x²)`"),
        ("max + 1", "column 5: `+` cannot stand here; expected `(`"),
        ("m_{t", "column 5: the formula ends too early; expected an operator, `,` or `}`"),
        ("|x + 1", "column 7: the formula ends too early; expected an operator or `|`"),
        ("x = 5 %", "column 7: `%` is not used in formulas"),
        ("beta2 = 1", "column 1: `beta2` is a name from code; expected an index, as in `beta_2`"),
        ("the mean = 1", "column 1: `the` is a word; expected single letters, numbers and signs"),
        ("é = 1", "column 1: `é` is no letter of formulas (U+00E9); "
                  "expected a Latin or Greek letter, with one accent at most"),
        ("Σ_{i<3} x", "column 5: a sum has no bound with `<`; expected `=`"),
        ("5^* + 1", "column 2: a star or prime may only follow a letter"),
        (r"\hat{x'}", r"column 7: `'` cannot stand here; expected `}`"),
        (r"\frac{a}", "column 9: the formula ends too early; expected `{`"),
        (r"x^{(1)} + 1", "column 4: a superscript in brackets is a label, no power; "
                        "expected an index instead"),
        (r"\alpha \decay", r"column 8: `\decay` is not known here"),
    ],
)  # fmt: skip
def test_errors_say_where_and_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert str(caught.value) == message
    assert str(caught.value).startswith(f"column {caught.value.column}: {caught.value.reason}")


PROSE = """
How far the new gradient fell from the updated mean.
Using the *new* mean is what the paper does; it is = to nothing else
For β₂ ≤ 2/3 that is always: such a mean never sees enough gradients.
See the paper -> section 3
if a is b then x = y
x == y
a != b for all of them
i += 1
x = state["exp_avg"]
lr = 1e-3
beta1, beta2 = group["betas"]
p.grad = None
m = m.lerp(grad, 1 - beta1)
return x, y
a = b; c = d
x = y if z else w
s.mul_(beta2)
params = list(params)
def f(x): return x > 0
for i in range(10): x[i] = 0
Adam → AMSGrad
step_size = lr / c1
x => y
x <= 5 or y >= 3
assert a < b
e.g. a = 1
Returns: a -> b
t = 1, i.e. the first step
The first adaptive step is t = 6.
TODO = fix
exp_avg = 0
https://example.org/?a=b
a_very_long_name = b
-> None
# = comment
=====
<- here
5% < 6%
Ω(n log n) = work
O(n log n) ≤ fast
""".strip().splitlines()


@pytest.mark.parametrize("line", PROSE)
def test_english_and_code_are_no_formulas(line: str) -> None:
    with pytest.raises(FormulaError):
        parse_formula(line, "plain")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ŝₜ₋₁", "s-hat"),
        ("s", "s"),
        ("sₜ", "s"),
        ("β₂", "beta-2"),
        ("ρ_∞", "rho-infinity"),
        ("C_{var}", "C-var"),
        ("θ^*", "theta-star"),
        ("β_{1,t}", "beta-1"),
        ("𝒩", "cal-N"),
        ("ε̂", "epsilon-hat"),
        ("K_p", "K-p"),
        ("K_{i,t}", "K-i"),
        ("W_{k+1}", "W-k-1"),
        ("x_θ", "x-theta"),
    ],
)
def test_identity_is_plain_text_without_the_time(text: str, name: str) -> None:
    symbol = parse_formula(text)
    assert isinstance(symbol, Symbol)
    assert identity(symbol) == name


def test_letters_that_look_alike_are_one_letter() -> None:
    for variants in ("εϵ", "μµ", "φϕ", "θϑ", "Δ∆"):
        assert len({parse_formula(letter) for letter in variants}) == 1


def test_walk_meets_every_symbol_once_from_left_to_right() -> None:
    tree = parse_formula("aₜ ← Σ_{i=b}^{c} d·max(e, √f)/|g|")
    names = [node.name for node in walk(tree) if isinstance(node, Symbol)]
    assert names == [*"atibcd", "max", *"efg"]


def test_the_example_in_the_documentation_runs() -> None:
    assert doctest.testmod(sidebyside.formula) == (0, 2)


def labml_nn_formulas() -> list[tuple[str, FormulaLine]]:
    found = []
    for path in sorted((Path(labml_nn.__file__).parent / "optimizers").glob("*.py")):
        for section in parse_source(path).sections:
            comment = section.kind == "comment"
            blocks = read_prose(section.prose, path=path.name, comment=comment, strict=False)
            found += [(path.name, formula) for formula in formulas(blocks)]
    return found


def test_nearly_all_formulas_of_the_installed_labml_nn_optimizers_parse() -> None:
    found = labml_nn_formulas()
    opaque = sorted((name, formula.line) for name, formula in found if formula.is_opaque)
    assert len(found) == 351
    # A word as a factor, `cases`, a word in the place of a letter, `\text{Scale-inv}`, a bracket
    # never closed, and `\text{if}`.
    assert opaque == [
        ("adam_warmup_cosine_decay.py", 44),
        ("amsgrad.py", 139),
        *[("radam.py", line) for line in (70, 75, 84, 98, 102)],
        ("sophia.py", 21),
    ]


def test_no_letter_or_number_of_other_peoples_latex_is_lost_or_changed() -> None:
    """KaTeX says what is in a formula: it must be the same in the LaTeX we write from the tree."""

    def letters(tex: str) -> list[str]:
        math = re.search("<math.*</math>", katex.render(tex))
        assert math is not None
        leaves = re.findall("<m(?:[in]|text)[^>]*>([^<]*)<", math[0])
        return sorted("".join(leaves).replace("ϵ", "ε").replace("∣", "").replace(".", ""))

    with Katex() as katex:
        for name, found in labml_nn_formulas():
            if found.formula is not None and found.text != "sigma":  # where TeX sees s·i·g·m·a
                ours = letters(to_latex(found.formula))
                assert ours == letters(found.text), f"{name}:{found.line}"


@pytest.mark.parametrize(
    "text",
    [
        r"\log x z",
        r"\log xz",
        r"\log_2 x z",
        r"\exp x \cdot z",
        r"\sin x/z",
        r"\sin x / z",
        r"\tanh x (1 + z)",
        r"\log \frac{x}{y} z",
        r"\log |x| z",
        r"\log x |z|",
        r"x \quad z",
        r"x \! z",
        r"\textcolor{white}{x} z",
        r"\textcolor{#fff}{x} z",
    ],
)
def test_latex_that_readers_may_read_otherwise_is_no_formula(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\log x + z y", "log(x) + z·y"),
        (r"z \log x", "z·log(x)"),
        (r"\log(x) z", "log(x)·z"),
        (r"(\log x) z", "log(x)·z"),
        (r"\frac{\log x}{z} y", "log(x)/z·y"),
        (r"\log \frac{x y}{z}", "log(x·y / z)"),
        (r"\log \sin x", "log(sin(x))"),
        (r"\Delta x z", "Δx·z"),
        (r"x, \quad z", "x, z"),
        (r"x \, z", "x·z"),
        (r"\textcolor{red}{x} z", "x·z"),
    ],
)
def test_latex_that_reads_one_way_is_a_formula(text: str, expected: str) -> None:
    assert parse_formula(text) == parse_formula(expected)
