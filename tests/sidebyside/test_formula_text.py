"""What is written can be read again, in both spellings, and KaTeX accepts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from sidebyside.formula import Formula, FormulaError, parse_formula, to_latex, to_text
from sidebyside.formula.letters import FUNCTION_LETTERS, FUNCTIONS
from sidebyside.formula.tree import Call, Number, Symbol, walk
from sidebyside.rendering.katex import Katex
from tests.sidebyside.formula_trees import formulas

THOROUGH = settings(
    max_examples=300,
    deadline=None,  # the first formula of all builds the parser
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def katex() -> Iterator[Katex]:
    with Katex() as running:
        yield running


def is_a_product_in_latex(node: Formula) -> bool:
    """Whether LaTeX would read a call as a product: a letter, not of functions, before brackets."""
    return (
        isinstance(node, Call)
        and node.function.name not in FUNCTIONS | FUNCTION_LETTERS
        and not isinstance(node.arguments[0], Symbol | Number)
    )


@THOROUGH
@given(formulas())
@example(parse_formula("a·b / c / d"))
@example(parse_formula("a/(b/c)"))
@example(parse_formula("−(−a)"))
@example(parse_formula("(θ^*)²"))
@example(parse_formula("(√x)² + √(x²)"))
@example(parse_formula("(Σ x) / t + (a·Σ x) / t + (Σ x)·t"))
def test_plain_text_is_read_as_the_tree_it_was_written_from(tree: Formula) -> None:
    assert parse_formula(to_text(tree), "plain") == tree


@THOROUGH
@given(formulas())
@example(parse_formula("2·3·(a + b)·Δ·x"))
@example(parse_formula("(a/b)/(c/d)"))
def test_latex_is_read_as_the_tree_it_was_written_from(tree: Formula) -> None:
    assume(not any(is_a_product_in_latex(node) for node in walk(tree)))
    for small in (False, True):
        assert parse_formula(to_latex(tree, tag=False, small=small), "latex") == tree


@THOROUGH
@given(formulas())
def test_katex_typesets_all_latex_that_is_written(katex: Katex, tree: Formula) -> None:
    for display in (False, True):
        assert "katex-error" not in katex.render(to_latex(tree), display)


@pytest.mark.parametrize("text", ["U[0, 1]", "y[t]", "f{x}", "E[g²]", "f(x) + [0, 1]", "{a, b}"])
def test_brackets_that_mean_something_are_those_of_the_author(text: str) -> None:
    assert to_text(parse_formula(text)) == text
    assert parse_formula(to_latex(parse_formula(text), tag=False), "latex") == parse_formula(text)


def test_an_application_and_a_product_look_different_or_are_refused() -> None:
    application, product = parse_formula("α(x + 1)"), parse_formula("α·(x + 1)")
    assert application != product
    assert to_latex(application, tag=False) == r"\alpha(x + 1)"
    assert to_latex(product, tag=False) == r"\alpha \cdot (x + 1)"
    assert to_latex(parse_formula("f(x)"), tag=False) != to_latex(parse_formula("f·(x)"), tag=False)
    with pytest.raises(FormulaError, match="expected `·`"):
        parse_formula("α (x + 1)")


def test_authors_are_told_all_functions_that_a_formula_may_use():
    guide = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text(encoding="utf-8")
    paragraph = guide.split("\nFunctions are ")[1].split("\n\n")[0]
    assert {*re.findall(r"`(\w+)`", paragraph)} == FUNCTIONS | {"E"}
