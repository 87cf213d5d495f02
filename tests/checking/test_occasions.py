"""Which formulas and which runs judge a statement in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.report import Entry
from tests.checking.tiny import CONFIGURATIONS, check, entry, of_class

SPAN = "ρ = 2 / (1 − β) − 1"
LISTS = """
    * $β$ is `self.beta`, how slowly it forgets
    * $ρ$ is `self.rho`, the span
"""
PAIR = '''"""
# Two classes
"""


class A:
    """
    ## A
{lists}    """

    def __init__(self, beta=0.9, plain=False):
        self.beta, self.plain = beta, plain
        self.rho = 1.0

    def step(self, x):
        if not self.plain:
            # ρ = 2 / (1 − β) − 1
            self.rho = 2 / (1 - self.beta) - 1


class B{base}:
    """
    ## B

    Its span is $ρ = 2 / (1 − β) − 1$ steps.
{own}    """

    def step(self, x):
        self.rho = {rho}

    def __init__(self, beta=0.9):
        self.beta, self.plain, self.rho = beta, False, 1.0
'''
RIGHT = "2 / (1 - self.beta) - 1"


def of_pair(tmp_path: Path, *, inherits: bool, rho: str) -> Entry:
    """The verdict on the sentence about B, where the formula stands in A."""
    own = "" if inherits else LISTS
    base, own = ("(A)", "") if inherits else ("", LISTS)
    text = PAIR.format(lists=LISTS, base=base, own=own, rho=rho)
    runs = CONFIGURATIONS.replace("import X", "import A, B").replace(
        "yield X, {}", "yield A, {}\n    yield B, {}"
    )
    return entry(check(tmp_path, text, runs, memory=("self.rho",)), SPAN)


@pytest.mark.parametrize("inherits", [True, False])
def test_a_run_refutes_what_formulas_of_the_page_would_prove(
    tmp_path: Path, inherits: bool
) -> None:
    found = of_pair(tmp_path, inherits=inherits, rho="7.0")
    assert found.status == "failed"
    assert found.detail == "does not hold (B(), step 1): `ρ` is 7 and `2 / (1 − β) − 1` is 19"


def test_a_formula_of_another_class_is_used_only_where_its_symbols_are_the_same(
    tmp_path: Path,
) -> None:
    by_formulas = of_pair(tmp_path, inherits=True, rho=RIGHT)
    by_runs = of_pair(tmp_path, inherits=False, rho=RIGHT)
    assert (by_formulas.status, by_runs.status) == ("tried", "tried")
    assert (by_formulas.runs, by_runs.runs) == (0, 1)


def test_a_formula_of_one_branch_proves_nothing_of_the_other(tmp_path: Path) -> None:
    text = PAIR.format(lists=f"\n    Its span is ${SPAN}$.\n{LISTS}", base="", own=LISTS, rho="0")
    text = text[: text.index("class B")]
    runs = CONFIGURATIONS.replace("import X", "import A").replace("yield X", "yield A")
    found = entry(check(tmp_path, text, runs, memory=("self.rho",)), SPAN, 0)
    assert found.detail.startswith("for all β ∈ (0, 1)")
    plain = runs.replace("yield A, {}", 'yield A, {}\n    yield A, {"plain": True}')
    found = entry(check(tmp_path, text, plain, memory=("self.rho",)), SPAN, 0)
    assert (found.status, found.runs) == ("tried", 1)


HELPER = """
    def helper(self, x):
        \"\"\"
        It multiplies by ${statement}$, always.

        * $c$ is `{code}`, the factor
        \"\"\"
        c = 3 * x
        return c

    def step(self, x):
        # mₜ ← mₜ₋₁ + x
        self.m += x
        self.helper(x)
        c = 5 * x
        return c
"""


@pytest.mark.parametrize("code", ["c", "return"])
def test_a_statement_about_a_method_is_not_compared_with_the_step_that_calls_it(
    tmp_path: Path, code: str
) -> None:
    found = entry(
        check(tmp_path, of_class(HELPER.format(statement="c = 3·x", code=code))), "c = 3·x"
    )
    assert found.status == "proved"
    assert "; holds after each call of X.helper; in 1 run, 4 comparisons" in found.detail
    wrong = check(tmp_path, of_class(HELPER.format(statement="c = 5·x", code=code)))
    found = entry(wrong, "c = 5·x")
    assert found.detail == "does not hold (X(), step 1): `c` is 3 and `5·x` is 5"


def test_a_local_that_the_class_explains_is_looked_up_in_the_method_first(tmp_path: Path) -> None:
    own = "\n\n        * $c$ is `c`, the factor"
    body = HELPER.format(statement="c = 5·x", code="c").replace(own, "")
    source = of_class(body).replace("the state\n", "the state\n    * $c$ is `c`, the factor\n")
    found = entry(check(tmp_path, source), "c = 5·x")
    assert found.detail == "does not hold (X(), step 1): `c` is 3 and `5·x` is 5"


def test_a_statement_about_what_lives_on_is_compared_after_the_step(tmp_path: Path) -> None:
    body = HELPER.format(statement="c = 3·x", code="c").replace("$c = 3·x$", "$mₜ = mₜ₋₁ + x$")
    found = entry(check(tmp_path, of_class(body)), "mₜ = mₜ₋₁ + x")
    assert found.status == "proved"
    assert "; holds after each step of X; in 1 run, 4 comparisons" in found.detail
