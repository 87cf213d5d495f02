"""What code divides by is looked at as it was computed, before SymPy cancels it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sympy

from sidebyside.algebra.domain import Domain
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Relation
from sidebyside.proving.poles import Poles, poles
from sidebyside.proving.proofs import SymbolicRun
from sidebyside.trace.elementwise import OPERATIONS
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


def has_values(divisors: Sequence[sympy.Expr], *, where: tuple[sympy.Basic, ...] = ()) -> bool:
    run = replace(run_with(*divisors), conditions=where)
    return Poles({0: (run, [])}).has_values(0)


ROOT = sympy.sqrt(GRAD)
NEVER_SHOWN = [
    (ONE - sympy.Rational(3, 10)) ** 2,
    sympy.Abs(ONE - sympy.Rational(3, 10)),
    1 - 2 * ONE * (1 - ONE) * 2,
    sympy.sqrt((ONE - TWO) ** 2),
    (GRAD - ONE) ** 2,
    GRAD**2,
    sympy.exp(GRAD) - 1,
    sympy.cos(GRAD),
    sympy.Max(GRAD, 0),
    ROOT,
]
SHOWN = [
    (ONE - 3) ** 2,
    sympy.Abs(ONE) + TWO,
    1 - 2 * ONE * (1 - ONE),
    GRAD**2 + ONE,
    sympy.exp(GRAD),
    sympy.Max(GRAD, ONE),
    ROOT + TWO,
    sympy.sqrt(1 - ONE**2),
    1 - ONE ** Domain(low=1, whole=True).symbol("t"),
]


@pytest.mark.parametrize("divisor", NEVER_SHOWN)
def test_what_is_zero_somewhere_is_not_shown_to_be_none(divisor: sympy.Expr) -> None:
    assert not has_values([divisor])


@pytest.mark.parametrize("divisor", SHOWN)
def test_what_is_nowhere_zero_is_shown(divisor: sympy.Expr) -> None:
    run = run_with(divisor)
    time = Domain(low=1, whole=True)
    run = replace(run, numbers={**run.numbers, time.symbol("t"): time})
    assert Poles({0: (run, [])}).has_values(0)


def test_a_branch_may_show_it() -> None:
    assert has_values([GRAD - 4, (GRAD - 4) * (GRAD - 2) * ONE], where=(GRAD > 5,))
    assert not has_values([GRAD - 6], where=(GRAD > 5,))


def test_a_root_of_the_code_is_one_that_its_formulas_take() -> None:
    run = replace(run_with(), radicands=(GRAD * ONE,))
    assert not Poles({0: (run, [])}).has_values(0)
    assert Poles({0: (run, [])}, roots={0: {GRAD / (1 - TWO)}}).has_values(0)
    assert not Poles({0: (run, [])}, roots={0: {GRAD + 1}}).has_values(0)


@pytest.mark.parametrize("operation", ["log1p", "tan"])
def test_what_has_no_value_somewhere_has_a_pole(operation: str) -> None:
    branches = Branches()
    SymbolicNumber(GRAD, branches)._apply(OPERATIONS[operation])
    assert not has_values(branches.divisors)
