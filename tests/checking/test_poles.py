"""What code divides by is looked at as it was computed, before SymPy cancels it."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

from sidebyside.algebra.domain import Domain
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Relation
from sidebyside.proving.poles import poles
from sidebyside.proving.proofs import SymbolicRun
from sidebyside.trace.symbolic import Branches, SymbolicNumber

SHARE = Domain(0, 1, low_open=True, high_open=True)
ONE, TWO = SHARE.symbol("β₁"), SHARE.symbol("β₂")
GRAD = sympy.Symbol("grad at entry", real=True)


def run_with(*divisors: sympy.Expr) -> SymbolicRun:
    recording: Any = None
    return SymbolicRun(recording, (), {ONE: SHARE, TWO: SHARE}, divisors=divisors)


@pytest.mark.parametrize("divisor", [1 - ONE - TWO, ONE - TWO, GRAD - ONE, 2 * ONE - 1])
def test_what_changes_its_sign_is_a_pole(divisor: sympy.Expr) -> None:
    assert poles(run_with(divisor), [], {}) == [divisor]


@pytest.mark.parametrize("divisor", [1 - ONE, ONE + TWO, 1 - ONE * TWO, GRAD**2 + TWO, 2 - ONE])
def test_what_keeps_its_sign_is_none(divisor: sympy.Expr) -> None:
    assert poles(run_with(divisor), [], {}) == []


def test_a_list_of_symbols_may_say_that_there_is_none() -> None:
    bound = parse_formula("β₂ < 1 − β₁")
    assert isinstance(bound, Relation)
    assert poles(run_with(1 - ONE - TWO), [bound], {}) == []


def test_what_is_cancelled_was_divided_by() -> None:
    branches = Branches()
    rest = 1 - SymbolicNumber(ONE, branches) - SymbolicNumber(TWO, branches)
    assert (rest / rest).expression == 1
    assert branches.divisors == [1 - ONE - TWO]
