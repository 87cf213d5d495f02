"""The number a formula stands for."""

import math

import numpy as np
import pytest

from sidebyside.algebra.numeric import NotFinite, NoValue, evaluate
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Number, Relation, Sum, Symbol

HISTORY = {k: np.array([k * 1.0, -k, 0.5]) for k in range(1, 9)}
NUMBERS = {"a": 3.0, "b": -4.0, "t": 5, "β": 0.5, "z": 0}


def lookup(symbol):
    if symbol.name == "s":
        (index,) = symbol.index
        if isinstance(index, Number):
            return HISTORY[int(index.text)]
        return HISTORY[4 if isinstance(index, Sum) else 5]
    if symbol.name in NUMBERS:
        return NUMBERS[symbol.name]
    raise NoValue(f"no {symbol.name}")


def value(text):
    tree = parse_formula(text)
    assert not isinstance(tree, Relation)
    return evaluate(tree, lookup)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b − 1", -2),
        ("−a·b / 6", 2),
        ("a·b·t", -60),
        ("2a + 1e-8", 6.00000001),
        ("a / b / 2", -0.375),
        ("a²", 9),
        ("b^{−2}", 1 / 16),
        ("β^t", 1 / 32),
        ("√(a·a + b·b)", 5),
        ("|b|", 4),
        ("‖b‖", 4),
        ("max(a, b, 1)", 3),
        ("min(a, b, 1)", -4),
        ("exp(ln(a))", 3),
        ("log(exp(1))", 1),
        ("sign(b)", -1),
        ("clip(b, −1, 1)", -1),
        ("sin(z) + cos(z) + tan(z) + tanh(z)", 1),
        ("Σ_{i=1}^{t} i", 15),
        ("Σ_{i=1}^{t} β^{t−i}", 2 - 2**-4),
        ("Σ_{i=1}^{z} i", 0),
        ("∏_{i=1}^{t} i", 120),
        ("∏_{i=1}^{z} i", 1),
        ("Σ_{i=1}^{3} Σ_{j=1}^{i} i·j", 1 + 2 * 3 + 3 * 6),
        (r"\frac{a}{\sqrt{\beta}} b", 3 / math.sqrt(0.5) * -4),
    ],
)
def test_formula_has_the_value_a_person_would_compute(text, expected):
    assert value(text) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sₜ", HISTORY[5]),
        ("sₜ₋₁", HISTORY[4]),
        ("sₜ·sₜ − sₜ₋₁²", HISTORY[5] ** 2 - HISTORY[4] ** 2),
        ("max(sₜ, β)", np.maximum(HISTORY[5], 0.5)),
        ("max(s₁, …, sₜ)", np.max([HISTORY[k] for k in range(1, 6)], axis=0)),
        ("max(s₁, s₂, …, sₜ)", np.max([HISTORY[k] for k in range(1, 6)], axis=0)),
        ("min(z, s₁, …, sₜ)", np.min([HISTORY[k] for k in range(1, 6)] + [np.zeros(3)], axis=0)),
        ("s₁ + … + sₜ", sum(HISTORY[k] for k in range(1, 6))),
        ("s₁·…·s₃", HISTORY[1] * HISTORY[2] * HISTORY[3]),
        ("Σ_{i=1}^{t} β^{t−i}·sᵢ", sum(0.5 ** (5 - k) * HISTORY[k] for k in range(1, 6))),
        ("Σ_{i=0}^{t−1} s_{t−i}", sum(HISTORY[k] for k in range(1, 6))),
        (
            "β^{t−1}·s₁ + β^{t−2}·s₂ + … + β^0·sₜ",
            sum(0.5 ** (5 - k) * HISTORY[k] for k in range(1, 6)),
        ),
        ("‖sₜ‖", np.linalg.norm(HISTORY[5])),
        ("‖sₜ‖₁", np.linalg.norm(HISTORY[5], 1)),
        ("‖sₜ‖_∞", np.linalg.norm(HISTORY[5], np.inf)),
    ],
)
def test_arrays_are_elementwise_and_history_is_looked_up(text, expected):
    np.testing.assert_allclose(value(text), expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("f(a)", "not known; for a product write `f·(…)`"),
        ("β(1 − a)", "not known; for a product write `β·(…)`"),
        ("E[a]", "`E[a]` is not known"),
        ("Var[a]", "`Var[a]` is not known"),
        ("∇f(a)", "is not known"),
        ("log_2(a)", "is not known"),
        ("max(a)", "compares one thing with nothing"),
        ("clip(a, 1, 2, 3)", "takes 3 arguments, not 4"),
        ("Σ_{i} i", "does not say from where to where"),
        ("Σ_{i=1}^{∞} i", "`∞` is not a whole number"),
        ("Σ_{i=1}^{t·1e6} i", "too many"),
        ("(a, b)", "is not a number"),
        ("q", "no q"),
        ("…", "is not a number"),
        ("s₁ + s₃ + … + sₜ", "does not count up one by one"),
        ("s₁ + … + β", "is not a whole number"),
        ("Σ_{i=1}^{s₁} i", "`s₁` is not a whole number"),
        ("‖a‖_β", "order of a norm"),
    ],
)
def test_what_has_no_numeric_meaning_says_why(text, reason):
    with pytest.raises(NoValue) as caught:
        value(text)
    assert not isinstance(caught.value, NotFinite)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / z", "a division by zero in `1/z`"),
        ("sₜ / (sₜ − sₜ)", "a division by zero"),
        ("z / z", "0 / 0"),
        ("z^{−1}", "a division by zero"),
        ("√b", "the root of a negative number in `√b`"),
        ("b^{0.5}", "something undefined"),
        ("exp(1000)", "a number too large"),
        ("log(z)", "a division by zero"),
        ("∞", "`∞` is not finite"),
        ("Σ_{i=1}^{β} i", "`β` is 0.5, not a whole number"),
        ("∞ − ∞", "something undefined"),
    ],
)
def test_a_value_that_is_not_finite_is_an_error_of_its_own(text, reason):
    with pytest.raises(NotFinite) as caught:
        value(text)
    assert reason in caught.value.reason


@pytest.mark.parametrize("bad", [float("nan"), math.inf, np.array([1.0, np.nan])])
def test_a_symbol_that_is_not_finite_is_refused(bad):
    with pytest.raises(NotFinite, match="`mₜ` is not finite"):
        evaluate(parse_formula("max(mₜ, 1)"), lambda s: bad if s.name == "m" else 1)


@pytest.mark.parametrize("bad", [None, object(), {"a": 1}])
def test_a_symbol_that_is_no_number_is_refused(bad):
    with pytest.raises(NoValue, match="not a number"):
        evaluate(parse_formula("2·m"), lambda _: bad)


def test_arrays_that_do_not_go_together_are_refused():
    shapes = {"a": np.ones(2), "b": np.ones(3)}
    with pytest.raises(NoValue, match=r"shapes \(2,\) and \(3,\)"):
        evaluate(parse_formula("a + b"), lambda s: shapes[s.name])


def test_evaluation_leaves_numpy_as_it_was():
    before = np.geterr()
    value("a + b")
    assert np.geterr() == before


def test_a_row_that_ends_before_it_began_is_empty():
    def first_step(symbol):
        return 1 if symbol == Symbol("t") else HISTORY[int(symbol.index[0].text)]

    for text in ("max(s₁, …, sₜ)", "max(s₁, s₂, …, sₜ)", "s₁ + s₂ + … + sₜ"):
        np.testing.assert_array_equal(evaluate(parse_formula(text), first_step), HISTORY[1])
