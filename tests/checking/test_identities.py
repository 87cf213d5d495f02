"""Statements between symbols that no line of code computes."""

import pytest

from sidebyside.algebra.distributions import parse_distribution
from sidebyside.algebra.domain import Terms, domain_of
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Symbol
from sidebyside.judging.identities import check_relation, joined
from sidebyside.judging.verdicts import Finding

LAW = parse_distribution(parse_formula("ψ²"), "scaled_inverse_chi2(ρ, 1/σ²)")
TERMS = Terms(
    domains=dict([domain_of(parse_formula("ρ > 4")), domain_of(parse_formula("x ∈ [−1, 1]"))]),
    definitions={parse_formula("ρ_∞"): parse_formula("2 / (1 − β₂) − 1")},
    distributions={LAW.symbol: LAW},
)
TRUE = [
    ("(1 − β)·Σ_{i=1}^{t} β^{t−i} = 1 − βᵗ", "proved"),
    (
        "Σ_{i=1}^{t} i·(1 − β₂)·β₂^{i−1} / (1 − β₂ᵗ) = 1 / (1 − β₂) − t·β₂ᵗ / (1 − β₂ᵗ)",
        "proved",
    ),
    ("(ρ_∞ + 1) / 2 = 1 / (1 − β₂)", "proved"),
    ("(x + 1)² = x² + 2x + 1 = (1 + x)·(1 + x)", "proved"),
    ("1 + 1 = 2", "proved"),
    ("Σ_{i=1}^{t} x^i·i² = Σ_{i=0}^{t} x^i·i²", "proved"),
    ("E[ψ²] = ρ / ((ρ − 2)·σ²)", "tried"),
    ("Var[ψ²] = 2·ρ² / ((ρ − 2)²·(ρ − 4)·σ⁴)", "tried"),
    ("Var[ψ] ≈ Var[ψ²] / (4·E[ψ²]) = ρ / (2·(ρ − 2)·(ρ − 4)·σ²)", "tried"),
    ("1 − βᵗ < 1", "tried"),
    ("x² ≤ |x| ≤ 1", "tried"),
    ("E[ψ]² ≤ E[ψ²]", "tried"),
    ("ρ / (ρ − 2) ≈ 1", "tried"),
]
FALSE = [
    "(1 − β)·Σ_{i=1}^{t} β^{t−i} = 1 − β^{t−1}",
    "(1 − β)·Σ_{i=0}^{t} β^{t−i} = 1 − βᵗ",
    "Σ_{i=1}^{t} i·(1 − β₂)·β₂^i / (1 − β₂ᵗ) = 1 / (1 − β₂) − t·β₂ᵗ / (1 − β₂ᵗ)",
    "(ρ_∞ − 1) / 2 = 1 / (1 − β₂)",
    "(x + 1)² = x² + 2x + 1 = x² + 1",
    "E[ψ²] = ρ / ((ρ − 3)·σ²)",
    "E[ψ²] = ρ / ((ρ − 2)·σ)",
    "Var[ψ²] = 2·ρ² / ((ρ − 2)²·(ρ − 2)·σ⁴)",
    "Var[ψ] ≈ Var[ψ²] / (2·E[ψ²])",
    "Var[ψ] ≈ Var[ψ²] / (4·E[ψ²]²)",
    "Var[ψ] ≈ Var[ψ²] / (4·E[ψ²]) = ρ / (2·(ρ − 2)·(ρ − 3)·σ²)",
    "1 − βᵗ ≤ 0.9",
    "|x| < x",
    "x ≠ x",
    "ρ / (2ρ − 2) ≈ 1",
]


@pytest.mark.parametrize(("text", "status"), TRUE)
def test_true_statement_is_found_true(text, status):
    finding = check_relation(parse_formula(text), TERMS)
    assert finding.status == status, finding.detail


@pytest.mark.parametrize("text", FALSE)
def test_false_statement_is_refuted_with_numbers(text):
    finding = check_relation(parse_formula(text), TERMS)
    assert finding.status == "failed"
    assert "does not" in finding.detail


def test_counterexample_shows_both_values_and_where():
    finding = check_relation(parse_formula("1 − βᵗ = 1 − β"), TERMS)
    assert finding.detail == (
        "does not hold: `1 − βᵗ` is 0.215283 and `1 − β` is 0.02 at β = 0.98, t = 12"
    )


@pytest.mark.parametrize("text", ["E[ψ²] = ψ² / σ²", "ψ > 0", "E[ψ²] = ρ / ((ψ − 2)·σ²)"])
def test_random_symbol_has_no_value_outside_an_expectation(text):
    finding = check_relation(parse_formula(text), TERMS)
    assert finding.status == "failed"
    assert "`ψ` is random" in finding.detail


@pytest.mark.parametrize("text", ["E[ρ²] = ρ²", "Var[σ] = 0"])
def test_what_is_not_random_is_its_own_expectation(text):
    assert check_relation(parse_formula(text), TERMS).status == "tried"
    assert check_relation(parse_formula(text.replace("=", "= 1 +")), TERMS).status == "failed"


def test_bound_of_a_series_does_not_know_its_variable():
    finding = check_relation(parse_formula("Σ_{i=1}^{i} 1 = i"), TERMS)
    assert finding.status in ("tried", "proved")
    assert check_relation(parse_formula("Σ_{i=1}^{i} 1 = t"), TERMS).status == "failed"


def test_count_that_is_not_whole_fails():
    finding = check_relation(parse_formula("Σ_{i=1}^{x·x / 2} 1 = x"), TERMS)
    assert finding.status == "failed"
    assert "not a whole number" in finding.detail


def test_proof_says_for_which_numbers():
    finding = check_relation(parse_formula("β·βᵗ = β^{t+1}"), TERMS)
    assert finding.detail == "for all β ∈ (0, 1), t ∈ {1, 2, …}"


def test_bound_is_never_called_proved():
    finding = check_relation(parse_formula("x ≤ x + 1"), TERMS)
    assert finding.status == "tried"
    assert finding.detail == "held under attack at 63 points, x ∈ [−1, 1]"


def test_approximation_says_what_was_found_about_its_error():
    finding = check_relation(parse_formula("Var[ψ] ≈ Var[ψ²] / (4·E[ψ²])"), TERMS)
    start = "its relative error falls like 1/ρ^1 as ρ grows: 0.2 (ρ = 16)"
    assert finding.detail.startswith(start)


def test_approximation_without_a_limit_is_not_checked():
    finding = check_relation(parse_formula("x ≈ x + 1"), TERMS)
    assert (finding.status, "≈" in finding.detail) == ("not checked", True)


@pytest.mark.parametrize("text", ["q = 1", "mₜ = 1", "â = 1"])
def test_symbol_that_nothing_explains_fails_and_names_the_remedy(text):
    finding = check_relation(parse_formula(text), TERMS)
    assert finding.status == "failed"
    assert "add it to the notation list" in finding.detail


@pytest.mark.parametrize("text", ["1 / (x − x) = x", "√(x − 2) = 1", "(ρ_∞ − ρ_∞)^{−1} > 1"])
def test_value_that_is_not_finite_fails(text):
    finding = check_relation(parse_formula(text), TERMS)
    assert finding.status == "failed"
    assert "`" in finding.detail


@pytest.mark.parametrize("text", ["f(x) = x", "x ∝ ρ", "x ∈ [0, 1)", "= x"])
def test_statement_without_numeric_meaning_is_not_checked_and_says_why(text):
    finding = check_relation(parse_formula(text), TERMS)
    assert finding.status == "not checked"
    assert finding.detail


def test_rows_that_begin_with_a_sign_go_on_from_the_row_above():
    rows = [parse_formula(text) for text in ("a = b", "= c", "≤ d", "x", "= y")]
    chains = [parse_formula("a = b = c ≤ d"), parse_formula("x = y")]
    assert joined(rows) == chains


def test_symbols_are_distinct_by_index():
    terms = Terms(definitions={Symbol("ρ", "", (Symbol("t"),)): parse_formula("2")})
    assert check_relation(parse_formula("ρₜ = 2"), terms).status == "proved"
    assert check_relation(parse_formula("ρ = 2"), terms).status == "failed"


def test_symbol_with_a_domain_is_any_number_of_it():
    """A page may use ρ for any number, and define ρₜ elsewhere."""
    rho = Symbol("ρ")
    terms = Terms(TERMS.domains, {rho: parse_formula("2")})
    assert check_relation(parse_formula("ρ = 2"), terms).status == "failed"
    assert check_relation(parse_formula("ρ + ρ = 2ρ"), terms).status == "proved"


WIDE = Terms(
    domains=dict(
        domain_of(parse_formula(text))
        for text in ("a > −1", "b > 0", "x ∈ [−1, 1]", "n ∈ {1, 2, …}", "z > −1000000000")
    ),
    definitions={parse_formula("q"): parse_formula("1 / (x − 0.3)")},
)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("a / a = 1", "something undefined, such as 0 / 0, in `a/a` at a = 0"),
        ("x² / x = x", "something undefined, such as 0 / 0, in `x²/x` at x = 0"),
    ],
)
def test_zero_and_one_are_always_tried(text, detail):
    finding = check_relation(parse_formula(text), WIDE)
    assert finding.status == "failed"
    assert finding.detail.startswith(detail)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("(a − 2) / (a − 2) = 1", "`(a − 2) / (a − 2)` at a = 2"),
        ("(a² − 2) / (a² − 2) = 1", "`(a² − 2) / (a² − 2)` at a = 1.41421"),
        ("(b − 7)⁻¹·(b − 7) = 1", "`(b − 7)⁻¹` at b = 7"),
        ("q·(x − 0.3) = 1", "`1 / (x − 0.3)` at x = 0.3"),
        ("(n − 30) / (n − 30) = 1", "`(n − 30) / (n − 30)` at n = 30"),
    ],
)
def test_nothing_is_proved_where_a_formula_divides_by_zero(text, where):
    finding = check_relation(parse_formula(text), WIDE)
    assert finding.status == "failed"
    assert finding.detail.startswith(f"a division by zero in {where}, which is in ")


@pytest.mark.parametrize("text", ["(b + 7) / (b + 7) = 1", "(1 − βᵗ) / (1 − βᵗ) = 1", "b⁻¹·b = 1"])
def test_a_division_by_zero_outside_the_domain_does_not_matter(text):
    assert check_relation(parse_formula(text), WIDE).status == "proved"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("max(b, 61) = 61", "b = 1000"),
        ("log(b) < 7", "b = 1e+06"),
        ("min(n, 12) = n", "n = 100"),
        ("2ⁿ < 5000", "n = 100"),
        ("Σ_{i=1}^{n} 1 = min(n, 500)", "n = 1000"),
    ],
)
def test_a_statement_that_is_false_for_large_numbers_only_is_refuted(text, where):
    finding = check_relation(parse_formula(text), WIDE)
    assert finding.status == "failed"
    assert finding.detail.endswith(f"at {where}")


@pytest.mark.parametrize(
    "text", ["(z + 1)² − z² − 2·z = 1", "βⁿ > 0", "3^{n²} > n", "√(b² + 1) > b", "exp(b) > b"]
)
def test_rounding_and_overflow_of_large_numbers_refute_nothing(text):
    assert check_relation(parse_formula(text), WIDE).status in ("proved", "tried")


def judged(text: str, *domains: str) -> Finding:
    known = dict(domain_of(parse_formula(each)) for each in domains)
    return check_relation(parse_formula(text), Terms(known))


UNDEFINED = [
    ("cos(ρ) / cos(ρ) = 1", "ρ > 4"),
    ("tan(x)·cos(x) = sin(x)", "x > 0"),
    ("1 / sin(x) = 1 / sin(x)", "0 < x < 10"),
    ("log(x) / log(x) = 1", "0 < x < 3"),
    ("log(x − 5) = log(x − 5)", "x > 0"),
    ("√(x − 1)·√(x − 1) = x − 1", "x > 0"),
    ("exp(1 / (exp(x) − 3)) = exp(1 / (exp(x) − 3))", "x > 0"),
]


@pytest.mark.parametrize(("text", "domain"), UNDEFINED)
def test_what_has_no_value_somewhere_is_refused(text: str, domain: str) -> None:
    assert judged(text, domain).status == "failed"


def test_a_quotient_whose_denominator_is_not_known_is_only_checked() -> None:
    finding = judged("tan(x)·cos(x) = sin(x)", "0 < x < 1")
    assert finding.status == "tried"
    assert "x ∈ (0, 1)" in finding.detail


@pytest.mark.parametrize(
    "text", ["exp(log(x)) = x", "√(x²) = x", "1 / (1 + x²) = (1 + x²) / (1 + x²)²"]
)
def test_a_quotient_with_a_value_everywhere_is_proved(text: str) -> None:
    assert judged(text, "x > 0").status == "proved"


FALSE_BOUNDS = [
    "x < x",
    "(x − 3.14159)² > 0",
    "x² + 1 > 2·x",
    "(x − 3.14159)² ≥ 0.00001",
    "(x − 7.77)² + (x − 7.77)⁴ ≠ 0",
    "x ≠ 2.71828",
    "|sin(x)| < 1",
]
TRUE_BOUNDS = [
    "(x − 3.14159)² ≥ 0",
    "(x − 3.14159)² + 0.00000001 > 0",
    "x² + 1 ≥ 2·x",
    "exp(x) > x + 1",
    "1 / (1 + x) < 1",
    "x ≠ −1",
]


@pytest.mark.parametrize("text", FALSE_BOUNDS)
def test_an_inequality_that_fails_at_one_number_is_refused(text: str) -> None:
    assert judged(text, "x > 0").status == "failed"


@pytest.mark.parametrize("text", TRUE_BOUNDS)
def test_a_true_inequality_holds_under_attack(text: str) -> None:
    assert judged(text, "x > 0").status == "tried"


def test_a_strict_bound_may_come_near_to_equality_far_out() -> None:
    assert judged("1 − βᵗ < 1").status == "tried"


def test_an_approximation_says_to_which_order_it_holds() -> None:
    finding = judged("1 / ρ ≈ 1 / (ρ + 3)", "ρ > 4")
    assert finding.status == "tried"
    assert "falls like 1/ρ^1" in finding.detail


def test_a_rounded_constant_is_not_the_constant() -> None:
    assert judged("log(2)·u = 0.6931471806·u", "u > 0").status == "failed"


def test_a_difference_of_large_numbers_is_compared_with_many_digits() -> None:
    assert judged("βᵗ / (1 − βᵗ) = 1 / (1 − βᵗ) − 1").status != "failed"


@pytest.mark.parametrize("other", ["ρ − 2", "ρ − 3", "ρ + 2", "ρ − (−4)"])
def test_an_approximation_with_a_term_that_it_does_not_see_is_not_checked(other: str) -> None:
    finding = check_relation(parse_formula(f"Var[ψ] ≈ ρ / (2·({other})·ρ·σ²)"), TERMS)
    assert finding.status == "not checked"
    assert "agree to leading order" in finding.detail


def test_a_random_number_outside_of_a_moment_is_refused() -> None:
    finding = check_relation(parse_formula("Var[ψ²] = 2·ψ² / ρ"), TERMS)
    assert finding.status == "failed"
    assert "`ψ` is random" in finding.detail


TOUCHING = [
    ("y/(x − 0.3)² = y/(0.3 − x)²", "x > 0"),
    ("(x − 0.3)²/(x − 0.3)² = 1", "x > 0"),
    ("y/|x − 0.3| = y/|0.3 − x|", "x > 0"),
    ("y/(x − z)² = y/(z − x)²", "x > 0"),
    ("(x² − 2)²/(x² − 2)² = 1", "x > 0"),
    ("log((x − 0.3)²) = log((0.3 − x)²)", "x > 0"),
    ("(x − z)^{0.5} = (x − z)^{0.25}·(x − z)^{0.25}", "x > 0"),
    ("x^{y − 2}·x² = x^y", "x ≥ 0"),
    ("x + 1 = 1 + x", "x ∈ [2, 2]"),
    ("√(x²)/x = 1", "x ∈ [0, 0]"),
    ("x/x = 1", "x ∈ [0, 0]"),
]


@pytest.mark.parametrize(("text", "domain"), TOUCHING)
def test_what_touches_a_pole_or_is_about_one_number_is_not_proved(text: str, domain: str) -> None:
    assert judged(text, domain, "y > 0", "z > 0").status != "proved"


@pytest.mark.parametrize("domain", ["x ∈ [3, 2]", "x ∈ (2, 2)", "x ∈ {0.5, 1.5, …}"])
def test_nothing_is_proved_of_no_numbers(domain: str) -> None:
    assert judged("x + 1 = 1 + x", domain).status != "proved"


@pytest.mark.parametrize(
    "text",
    [
        "y/(x + 0.3)² = y/(−0.3 − x)²",
        "y/(|x − 0.3| + y) = y/(|0.3 − x| + y)",
        "y/((x − z)² + 1) = y/((z − x)² + 1)",
        "log((x − z)² + y) = log((z − x)² + y)",
        "x^{y + 2} = x²·x^y",
        "1/(√x + y) = 1/(y + √x)",
    ],
)
def test_what_has_a_value_everywhere_is_proved_beside_them(text: str) -> None:
    assert judged(text, "x > 0", "y > 0", "z > 0").status == "proved"
