"""What algebra proves of statements between symbols, and what it must not."""

from __future__ import annotations

import pytest

from sidebyside.algebra.distributions import parse_distribution
from sidebyside.algebra.domain import Terms, domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.formula import parse_formula
from sidebyside.proving.algebraic import proof_of

LAW = parse_distribution(parse_formula("ψ²"), "scaled_inverse_chi2(ρ, 1/σ²)")
PLAIN = parse_distribution(parse_formula("χ"), "scaled_inverse_chi2(ρ, 1/σ²)")


def is_proved(text: str, *domains: str, definitions: dict[str, str] | None = None) -> bool:
    named = {parse_formula(name): parse_formula(it) for name, it in (definitions or {}).items()}
    known = dict(domain_of(parse_formula(each)) for each in domains)
    terms = Terms(known, named, {law.symbol: law for law in (LAW, PLAIN)})
    try:
        return bool(proof_of(parse_formula(text), terms))
    except NoValue:
        return False


MOMENTS = [
    ("E[ψ²] = ρ / ((ρ − 2)·σ²)", "ρ > 2"),
    ("Var[ψ] = E[ψ²] − E[ψ]²", "ρ > 2"),
    ("Var[ψ²] = 2·ρ² / ((ρ − 2)²·(ρ − 4)·σ⁴)", "ρ > 4"),
    ("Var[ψ²] / (4·E[ψ²]) = ρ / (2·(ρ − 2)·(ρ − 4)·σ²)", "ρ > 4"),
    ("Var[2·ψ + σ] = 4·Var[ψ]", "ρ > 2"),
    ("E[(χ − E[χ])²] = Var[χ]", "ρ > 4"),
    ("E[χ] > 1/σ²", "ρ > 2"),
    ("E[χ] = ρ / ((ρ − 2)·σ²) > 0", "ρ > 2"),
    ("E[ρ²] = ρ²", "ρ > 2"),
]


@pytest.mark.parametrize(("text", "domain"), MOMENTS)
def test_a_moment_is_proved_where_it_is_finite(text: str, domain: str) -> None:
    assert is_proved(text, domain)


UNPROVED_MOMENTS = [
    # Infinite at the end of the domain, or in a part of it.
    ("E[ψ²] = ρ / ((ρ − 2)·σ²)", "ρ ≥ 2"),
    ("E[ψ²] = ρ / ((ρ − 2)·σ²)", "ρ > 1.99"),
    ("Var[ψ²] = 2·ρ² / ((ρ − 2)²·(ρ − 4)·σ⁴)", "ρ > 3"),
    ("Var[ψ] = E[ψ²] − E[ψ]²", "ρ > 1"),
    ("E[ψ⁴] = E[ψ⁴]", "ρ > 3"),
    ("E[ψ^{3}] = E[ψ^{3}]", "ρ > 2.9"),
    # No distribution, or no variance that is positive.
    ("E[χ] = ρ / ((ρ − 2)·σ²)", "ρ < 0"),
    # Of another letter, power or constant.
    ("E[ψ²] = ρ / ((ρ − 2)·σ)", "ρ > 2"),
    ("Var[ψ²] = E[ψ²]", "ρ > 4"),
    ("Var[ψ] = E[ψ²]", "ρ > 2"),
    ("E[ψ] = E[ψ³]", "ρ > 4"),
    ("E[χ] > 1/σ²", "ρ < 2"),
    # Which root ψ is, the law does not say.
    ("E[|ψ|] = E[ψ]", "ρ > 4"),
    ("E[√(ψ²)] = E[ψ]", "ρ > 4"),
    ("E[ψ] > 0", "ρ > 4"),
    # Two random numbers may depend on each other.
    ("E[ψ·χ] = E[ψ]·E[χ]", "ρ > 4"),
    ("E[ψ²·χ] = E[ψ²·χ]", "ρ > 4"),
    # A mean of a quotient is none of powers.
    ("E[1 / (1 + ψ²)] = 1 / (1 + E[ψ²])", "ρ > 4"),
]


@pytest.mark.parametrize(("text", "domain"), UNPROVED_MOMENTS)
def test_no_moment_is_proved_that_is_false_or_infinite(text: str, domain: str) -> None:
    assert not is_proved(text, domain)


INEQUALITIES = [
    ("2 / (1 − x) − 1 ≤ 5", "0 < x ≤ 2/3"),
    ("2 / (1 − x) − 1 < 5", "0 < x < 2/3"),
    ("x² ≤ x", "0 ≤ x ≤ 1"),
    ("x² < x", "0 < x < 1"),
    ("(x − 1/3)² ≥ 0", "x ≤ 1"),
    ("x² ≠ 2", "0 < x ≤ 1.4142"),
    ("1 − βᵗ < 1", "x > 0"),
    ("0 < 1 − βᵗ", "x > 0"),
    ("β·βᵗ ≥ 0", "x > 0"),
    ("x·β < x", "x > 0"),
    ("x + σ > 0", "x ≥ 0"),
    ("x² + σ² ≥ 2·x·σ", "x < ∞"),
    ("√x ≥ 0", "x ≥ 0"),
    ("x / (x + σ) < 1", "x > 0"),
    ("0 ≤ x ≤ 1", "x ∈ [0, 1]"),
]


@pytest.mark.parametrize(("text", "domain"), INEQUALITIES)
def test_an_inequality_is_proved_by_signs_of_factors(text: str, domain: str) -> None:
    assert is_proved(text, domain)


FALSE_INEQUALITIES = [
    # Equal at one point: an end that is included, or a root within.
    ("2 / (1 − x) − 1 < 5", "0 < x ≤ 2/3"),
    ("x² < x", "0 ≤ x < 1"),
    ("x² < x", "0 < x ≤ 1"),
    ("(x − 1/3)² > 0", "x ≤ 1"),
    ("x² ≠ 2", "0 < x ≤ 1.5"),
    ("x + y > 0", "x ≥ 0", "y ≥ 0"),
    ("x·y < 1", "0 < x ≤ 1", "0 < y ≤ 1"),
    ("x² + y² > 0", "x < ∞", "y < ∞"),
    # Beyond the end by less than a double tells.
    ("x ≤ 1", "x ≤ 1 + 0.00000000000000000001"),
    ("2 / (1 − x) − 1 ≤ 5", "0 < x ≤ 2/3 + 0.0000000000000000001"),
    ("x ≥ 1", "x ≥ 1 − 0.00000000000000000001"),
    # Ends that nobody knows without rounding.
    ("x² ≤ 2", "0 < x ≤ √2"),
    ("x < 4", "0 < x ≤ π"),
    # Whole numbers have gaps, which are no proof; and 0 may be one of them.
    ("n·(n − 1/2) ≠ 0", "n ∈ {0, 1, …}"),
    ("1 − βᵗ > 0", "t ∈ {0, 1, …}"),
    ("βᵗ < 1", "t ∈ {0, 1, …}"),
    ("xᵗ < 1", "x ∈ [0, 1]"),
    ("xᵗ ≤ 1", "x ≥ 0"),
    # Empty, and a single number.
    ("x < x", "1 < x < 0"),
    ("x > 0", "x ∈ [0, 0]"),
    # No value somewhere, though it cancels.
    ("x / x > 0", "x ≥ 0"),
    ("x·x^{1 − 2} ≥ 1", "x ≥ 0"),
    ("1 / x > 0", "x ≥ 0"),
    ("√x ≥ 0", "x ≥ −1"),
    ("(√x)² ≥ x", "x < ∞"),
    ("ln(x) − ln(x) ≥ 0", "x ≥ 0"),
    ("x^{0.5}·x^{0.5} ≥ x", "x < ∞"),
    # A root of a square is no number without its absolute value.
    ("√(x²) = x", "x < ∞"),
    ("√(x²) ≤ x", "x < ∞"),
    ("|x| > 0", "x < ∞"),
    ("√x > 0", "x ≥ 0"),
    # Symbols that differ by an index.
    ("x₁ ≤ x₂", "x₁ ≤ 1", "x₂ ≤ 1"),
    ("x₁ − x₂ = 0", "x₁ ≤ 1", "x₂ ≤ 1"),
    # One link of a chain.
    ("0 ≤ x ≤ 1/2", "x ∈ [0, 1]"),
]


@pytest.mark.parametrize("text", FALSE_INEQUALITIES, ids=str)
def test_no_inequality_is_proved_that_fails_at_one_number(text: tuple[str, ...]) -> None:
    assert not is_proved(*text)


def test_the_formula_of_a_symbol_is_put_in_its_place() -> None:
    known = {"ρ_∞": "2 / (1 − x) − 1"}
    assert is_proved("ρ_∞ ≤ 5", "0 < x ≤ 2/3", definitions=known)
    assert not is_proved("ρ_∞ ≤ 5", "0 < x ≤ 0.67", definitions=known)
    assert not is_proved("ρ_∞ > 0", "0 < x ≤ 1", definitions=known)  # a pole within
    assert not is_proved("0·ρ_∞ ≤ 0", "0 < x ≤ 1", definitions=known)


def test_a_moment_stays_what_it_is_inside_of_a_formula() -> None:
    assert is_proved("c = 4·Var[χ]", "ρ > 4", definitions={"c": "Var[2·χ]"})
    assert not is_proved("c = 4·Var[χ]", "ρ > 3", definitions={"c": "Var[2·χ]"})


@pytest.mark.parametrize("text", ["x ≈ x", "x ∝ x", "x ∈ [0, 1]"])
def test_what_says_nothing_exact_is_not_proved(text: str) -> None:
    assert not is_proved(text, "x > 0")
