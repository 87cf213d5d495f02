"""LaTeX is what a careful author would write."""

# ruff: noqa: RUF001  # formulas use letters that look alike

from __future__ import annotations

import re

import pytest

from sidebyside.formula import parse_formula, to_latex


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε",
         r"s_t \leftarrow \beta_2 s_{t-1} + (1 - \beta_2) (g_t - m_t)^2 + \varepsilon"),
        ("m̂ₜ ← mₜ / (1 − β₁ᵗ)", r"\hat{m}_t \leftarrow \frac{m_t}{1 - \beta_1^t}"),
        ("θₜ ← θₜ₋₁ − α·m̂ₜ / (√ŝₜ + ε)",
         r"\theta_t \leftarrow \theta_{t-1} - "
         r"\frac{\alpha \hat{m}_t}{\sqrt{\hat{s}_t} + \varepsilon}"),
        # A fraction takes what stands close to its slash, so that nothing can be misread.
        ("θ − α·√c₂/c₁ · m / (√u + ε)",
         r"\theta - \alpha \frac{\sqrt{c_2}}{c_1} \cdot \frac{m}{\sqrt{u} + \varepsilon}"),
        ("ρ_∞ − 2·t·β₂ᵗ / c₂", r"\rho_\infty - \frac{2 t \beta_2^t}{c_2}"),
        # Fractions inside fractions and scripts stand on one line, with the brackets they need.
        ("m / (√(u/c₂) + ε)", r"\frac{m}{\sqrt{u / c_2} + \varepsilon}"),
        ("1/(a/b)", r"\frac{1}{a / b}"),
        ("a/(b·c)/d", r"\frac{a / (b c)}{d}"),
        ("x^{1/(1 − β)}", r"x^{1 / (1-\beta)}"),
        # Brackets grow with what they hold, and only then.
        ("(a/b)²", r"\left(\frac{a}{b} \right)^2"),
        ("|a/b| + |c|", r"\left\lvert \frac{a}{b} \right\rvert + \lvert c \rvert"),
        ("max(√s, ε)", r"\max(\sqrt{s}, \varepsilon)"),
        # A dot where two factors could be read as something else.
        ("2·3·x", r"2 \cdot 3 x"),
        ("β·(1 − x)", r"\beta \cdot (1 - x)"),
        ("2·(1 − x)·(1 − y)·z", r"2 (1 - x) (1 - y) z"),
        ("Δ·x", r"\Delta \cdot x"),
        ("Δx", r"\Delta x"),
        ("2·(a/b)", r"2 \cdot \frac{a}{b}"),
        ("√x·y", r"\sqrt{x} y"),
        ("(√x)²", r"(\sqrt{x})^2"),
        ("√(x²)", r"\sqrt{x^2}"),
        ("(1 − β)·Σ_{i=1}^{t} β^{t−i}", r"(1 - \beta) \sum_{i=1}^t \beta^{t-i}"),
        ("E[ψ²]", r"\mathbb{E}[\psi^2]"),
        ("Var[ψ]", r"\operatorname{Var}[\psi]"),
        ("θ^* ∈ {1, 2}", r"\theta^* \in \{1, 2\}"),
        ("C_{var} ≈ 𝒩(0, 1)", r"C_{\mathrm{var}} \approx \mathcal{N}(0, 1)"),
        ("∇f(θ)", r"\nabla f(\theta)"),
        ("‖x‖₂²", r"\lVert x \rVert_2^2"),
        ("max(s₁, …, sₜ)", r"\max(s_1, \dots, s_t)"),
        ("φ + ϕ", r"\varphi + \varphi"),
        ("≈ −1", r"\approx -1"),
        ("+0.5", "+0.5"),
    ],
)  # fmt: skip
def test_latex_reads_as_if_written_by_hand(text: str, latex: str) -> None:
    assert to_latex(parse_formula(text), tag=False) == latex


def tags(text: str) -> list[str]:
    return re.findall(r"\\htmlData\{sym=([^}]*)\}", to_latex(parse_formula(text)))


def test_every_symbol_carries_its_identity_and_indices_belong_to_their_letter() -> None:
    assert tags("ŝₜ ← β₂ᵗ·sₜ₋₁ + f(θ)") == ["s-hat", "beta-2", "t", "s", "f", "theta"]


def test_functions_with_names_and_numbers_carry_no_identity() -> None:
    assert tags("max(1, x) + E[y] + log(z)") == ["x", "y", "z"]


def test_counted_symbols_next_to_an_ellipsis_share_one_identity() -> None:
    assert tags("max(s₁, s₂, …, sₜ) + s₁") == ["s", "s", "s", "s-1"]
    assert tags("s₁ + … + sₜ") == ["s", "s"]


def test_tags_change_nothing_but_tags() -> None:
    tree = parse_formula("θ − α·√c₂/c₁ · m / (√u + ε) · β₁ᵗ")
    untagged = to_latex(tree)
    for _ in range(2):  # exponents have tags of their own
        untagged = re.sub(r"\{\\htmlData\{sym=[^}]*\}\{([^{}]*(?:\{t\})?)\}\}", r"\1", untagged)
    assert untagged.replace("{t}", "t") == to_latex(tree, tag=False)


def test_alignment_marks_the_first_relation_only() -> None:
    latex = to_latex(parse_formula("a = b ≤ c"), tag=False, align=True)
    assert latex == r"a &= b \le c"


def test_the_variable_of_a_series_is_no_part_of_a_name() -> None:
    assert tags("K_i + Σ_{i=1}^{t} gᵢ") == ["K-i", "g"]


def test_in_a_sentence_fractions_stand_on_one_line() -> None:
    for text, latex in (
        ("α·m / (√(u/c₂) + ε)", r"\alpha m / (\sqrt{u / c_2} + \varepsilon)"),
        ("(a + b)/(c·d)", r"(a + b) / (c d)"),
        ("2·(a/b)", r"2 \cdot (a / b)"),
        ("(a/b)²", r"(a / b)^2"),
    ):
        assert to_latex(parse_formula(text), tag=False, small=True) == latex
