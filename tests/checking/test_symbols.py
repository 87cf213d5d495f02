"""The SymPy expression a formula stands for, and what counts as a proof."""

import random

import pytest
import sympy

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import is_zero, to_sympy
from sidebyside.algebra.numeric import evaluate
from sidebyside.formula import parse_formula

B = sympy.Symbol("β", positive=True)
T = sympy.Symbol("t", positive=True, integer=True)
SYMBOLS = {"β": B, "t": T} | {name: sympy.Symbol(name, positive=True) for name in "abcr"}
FORMULAS = [
    "a·b − c / 2",
    "−a² + √(b / c)",
    "|a − b|·2c",
    "max(a, b, 0.25)",
    "min(a, b) / (1e-8 + c)",
    "exp(−a) + log(b)·ln(c)",
    "sin(a)·cos(b) − tanh(c) + sign(a − b)",
    "clip(a, b, b + c)",
    "clip(a − b, c)",
    "Σ_{i=1}^{t} i·β^{i−1}",
    "∏_{i=1}^{t} (1 + β·i)",
    "βᵗ / (1 − βᵗ)",
    r"\frac{a}{\sqrt{b} + c}",
]


def symbolic(text):
    return to_sympy(parse_formula(text), lambda s: SYMBOLS[s.name])


@pytest.mark.parametrize("text", FORMULAS)
def test_expression_has_the_value_that_numpy_computes(text):
    chance = random.Random(1)
    for _ in range(5):
        numbers = {name: chance.uniform(0.1, 0.9) for name in "abcβ"} | {"t": chance.randint(1, 6)}
        expected = evaluate(parse_formula(text), lambda s, numbers=numbers: numbers[s.name])
        found = symbolic(text).doit().subs({SYMBOLS[name]: n for name, n in numbers.items()})
        assert float(found) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize(
    "text", ["f(a)", "E[a]", "max(a)", "…", "Σ_{i} i", "Σ_{i=1}^{t} g_i", "g₁ + … + gₜ", "‖a‖"]
)
def test_what_has_no_symbolic_meaning_is_refused(text):
    def lookup(symbol):
        return SYMBOLS.get(symbol.name, sympy.Symbol("g"))

    with pytest.raises(NoValue):
        to_sympy(parse_formula(text), lookup)


def test_decimal_numbers_are_exact():
    assert symbolic("0.1 + 0.2 − 0.3") == 0
    assert to_sympy(parse_formula("a"), lambda _: 0.1) == sympy.Rational(1, 10)


@pytest.mark.parametrize("bad", [True, None, "text"])
def test_what_is_no_number_has_no_expression(bad):
    with pytest.raises(NoValue):
        to_sympy(parse_formula("a"), lambda _: bad)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(a + b)²", "a² + 2a·b + b²"),
        ("a / (√(b / (1 − βᵗ)) + c)", "a·√(1 − βᵗ) / (√b + c·√(1 − βᵗ))"),
        ("(1 − β)·Σ_{i=1}^{t} β^{t−i}", "1 − βᵗ"),
        ("Σ_{i=1}^{t} i·(1 − β)·β^{i−1} / (1 − βᵗ)", "1 / (1 − β) − t·βᵗ / (1 − βᵗ)"),
        ("√((1 − βᵗ) / (1 − β))", "√(1 − βᵗ) / √(1 − β)"),
        ("β^{2·t} − 1", "−(1 − βᵗ)·(1 + βᵗ)"),
        ("√(a² + 2a·b + b²)", "a + b"),
    ],
)
def test_equal_formulas_are_proved_equal(left, right):
    assert is_zero(symbolic(left) - symbolic(right), [B])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(a + b)²", "a² + b²"),
        ("√(1 − βᵗ)", "1 − βᵗ"),
        ("(1 − β)·Σ_{i=1}^{t} β^{t−i}", "1 − β^{t+1}"),
        ("Σ_{i=1}^{t} i·(1 − β)·β^i / (1 − βᵗ)", "1 / (1 − β) − t·βᵗ / (1 − βᵗ)"),
        ("βᵗ", "β^{t−1}"),
        ("max(a, b)", "a"),
    ],
)
def test_different_formulas_are_not_proved_equal(left, right):
    assert not is_zero(symbolic(left) - symbolic(right), [B])


def test_a_root_is_taken_apart_only_where_the_signs_are_known():
    x = sympy.Symbol("x", real=True)
    assert not is_zero(sympy.sqrt(x**2) - x)
