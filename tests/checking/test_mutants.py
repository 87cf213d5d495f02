"""The generators of mutants themselves: they must make what they promise, and nothing harmless."""

import pytest

from sidebyside.formula import parse_formula, to_text
from tests.checking import code_mutant_samples as samples
from tests.checking.code_mutants import code_mutants
from tests.checking.mutants import formula_mutants, same_value

ADA_BELIEF = "sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε"
ADAM = "θₜ ← θₜ₋₁ − α·m̂ₜ / (√v̂ₜ + ε)"


@pytest.mark.parametrize(
    ("formula", "slip"),
    [
        (ADA_BELIEF, "sₜ ← β₂·sₜ₋₁ − (1 − β₂)·(gₜ − mₜ)² + ε"),  # sign
        (ADA_BELIEF, "sₜ ← β₂·sₜ + (1 − β₂)·(gₜ − mₜ)² + ε"),  # index
        (ADA_BELIEF, "sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ₋₁)² + ε"),
        (ADA_BELIEF, "sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)³ + ε"),  # exponent
        (ADA_BELIEF, "sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ) + ε"),
        (ADA_BELIEF, "sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)²"),  # dropped term
        (ADA_BELIEF, "sₜ ← sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε"),  # dropped factor
        (ADA_BELIEF, "sₜ ← β₁·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε"),  # β₁ ↔ β₂
        (ADA_BELIEF, "sₜ ← β₂·sₜ₋₁ + β₂·(gₜ − mₜ)² + ε"),  # 1 − β → β, up to its sign
        (ADA_BELIEF, "sₜ ← β₂·mₜ + (1 − β₂)·(gₜ − mₜ)² + ε"),  # swapped symbols
        (ADAM, "θₜ ← θₜ₋₁ − α·mₜ / (√v̂ₜ + ε)"),  # hat dropped
        (ADAM, "θₜ ← θₜ₋₁ − α·m̂ₜ / (v̂ₜ + ε)"),  # √ removed
        (ADAM, "θₜ ← θₜ₋₁ − α·√m̂ₜ / (√v̂ₜ + ε)"),  # √ added
        (ADAM, "θₜ ← θₜ₋₁ − α·m̂ₜ / √(v̂ₜ + ε)"),  # ε moved
        (ADAM, "θₜ ← θₜ₋₁ − (√v̂ₜ + ε) / (α·m̂ₜ)"),  # upside down
        ("√(vₜ + ε)", "√vₜ + ε"),
        ("α·√c₂ / c₁", "α·√c₁ / c₁"),  # c₁ ↔ c₂
        ("c₁ = 1 − β₁ᵗ", "c₁ = 1 − β₁^{t − 1}"),  # off by one
        ("uₜ ← max(uₜ₋₁, vₜ)", "uₜ ← min(uₜ₋₁, vₜ)"),
        ("Σ_{i=1}^{t} βⁱ", "Σ_{i=1+1}^{t} βⁱ"),
        ("E[ψ²] = ρ", "Var[ψ²] = ρ"),
    ],
)
def test_slip_is_among_the_mutants(formula, slip):
    texts = {
        to_text(mutant).replace("(−β₂)", "β₂")
        for _, mutant in formula_mutants(parse_formula(formula))
    }
    assert to_text(parse_formula(slip)) in texts


@pytest.mark.parametrize("text", [ADA_BELIEF, ADAM, "E[ψ²] = ρ / (ρ − 2)", "√(vₜ / c₂) + ε"])
def test_mutants_are_all_different_and_none_is_the_formula(text):
    formula = parse_formula(text)
    mutants = [mutant for _, mutant in formula_mutants(formula)]
    assert len(set(mutants)) == len(mutants) > 20
    assert formula not in mutants


@pytest.mark.parametrize(
    ("formula", "mutant", "same"),
    [
        ("a ← (g − m)²", "a ← (m − g)²", True),
        ("a ← g·m", "a ← m·g", True),
        ("E[ψ²] = 1", "E[(−ψ)²] = 1", True),
        ("Var[ψ] = 1", "Var[−ψ] = 1", True),
        ("a ← g²", "a ← g³", False),
        ("a ← √(v / c)", "a ← √v / √c", True),
        ("a ← |g|", "a ← g", False),
        ("E[ψ²] = 1", "E[ψ]² = 1", False),
        ("a < b", "a ≤ b", False),
        ("a ← b", "b ← a", False),
    ],
)
def test_what_says_the_same_is_told_from_what_does_not(formula, mutant, same):
    assert same_value(parse_formula(formula), parse_formula(mutant)) == same


def test_each_kind_of_slip_is_made_in_code():
    made = {each.what for each in code_mutants(samples.update)}
    assert made >= {
        "another operator",
        "operand dropped",
        "another method",
        "method dropped",
        "another variable",
        "another key",
        "names exchanged",
        "number + 1",
        "number − 1",
        "keyword dropped",
        "sign flipped",
        "√ dropped",
        "statement dropped",
        "another comparison",
    }
    assert [each.after for each in code_mutants(samples.Child.again)] == ["x"]


def test_mutant_runs_in_place_and_is_gone_afterwards():
    mutants = list(code_mutants(samples.plus))
    assert {each.after for each in mutants} >= {"a - b", "a * b", "a", "b"}
    minus = next(each for each in mutants if each.after == "a - b")
    assert samples.plus(5, 3) == 8
    with minus.in_place():
        assert samples.plus(5, 3) == 2
    assert samples.plus(5, 3) == 8


def test_mutant_keeps_file_and_line():
    for mutant in code_mutants(samples.plus):
        assert mutant.code.co_filename == samples.__file__
        assert mutant.code.co_firstlineno == samples.plus.__code__.co_firstlineno


def test_mutant_of_a_method_may_call_super():
    right = samples.Child.double
    assert samples.Child().double(4) == 9
    results = set()
    for mutant in code_mutants(right):
        with mutant.in_place():
            try:
                results.add(samples.Child().double(4))
            except (AttributeError, TypeError):
                results.add("raised")
    assert {7, 8, 10, "raised"} <= results
