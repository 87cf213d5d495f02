"""A proof that takes too long is no proof, and the build goes on."""

import threading
import time
from typing import Any

import pytest
import sympy

from sidebyside.algebra.defined import Needs
from sidebyside.algebra.domain import Domain, Terms
from sidebyside.algebra.expressions import is_unwieldy, length, within
from sidebyside.algebra.falsify import Link, turning_points
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Expression, Number, Product, Sum, Symbol
from sidebyside.trace.symbolic import Branches, ProofError, SymbolicNumber


def endless() -> bool:
    while True:
        pass


def test_what_does_not_end_is_stopped() -> None:
    known = threading.enumerate()
    assert within(endless, seconds=0.1) is False
    for thread in {*threading.enumerate()} - {*known}:
        thread.join(60)  # it is told to end, and does when it gets a processor
        assert not thread.is_alive()


def test_what_ends_in_time_is_what_it_is() -> None:
    assert within(lambda x: x > 1, 2, seconds=60) is True
    assert within(lambda x: x > 1, 0, seconds=60) is False


def test_what_waits_for_the_processor_is_not_stopped() -> None:
    assert within(lambda: time.sleep(0.5) is None, seconds=0.2) is True


def test_an_error_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        within(lambda: bool(1 / 0), seconds=60)


def test_a_logarithm_times_a_long_fraction_is_not_simplified() -> None:
    u = sympy.Symbol("u")
    assert is_unwieldy(sympy.log(2) * u - sympy.Rational("0.6931471806") * u)
    assert not is_unwieldy(sympy.log(2) * u - sympy.Rational("0.25") * u)


def test_an_expression_is_as_long_as_it_is_written_out() -> None:
    x, y = sympy.symbols("x y")
    assert length(x + y) == 3
    assert length((x + y) ** 100) > 300
    assert length(sympy.Rational(1, 3) ** 1000 * x) > 20
    for _ in range(60):
        x = sympy.sqrt(x) + 1 / (1 + x)
    assert length(x) > 2**60


def root(x: Any) -> Any:
    """The root of a number, by Newton's method."""
    guess = x
    for _ in range(60):
        guess = (guess + x / guess) / 2
    return guess


def test_code_whose_expression_doubles_with_each_step_is_not_followed() -> None:
    with pytest.raises(ProofError, match="guess = "):
        root(SymbolicNumber(sympy.Symbol("x"), Branches()))


def test_a_formula_asks_for_each_symbol_once() -> None:
    asked = []

    def lookup(symbol: Symbol) -> sympy.Symbol:
        asked.append(symbol)
        return sympy.Symbol("b", positive=True)

    formula = parse_formula("b + b/(1 + b²)")
    assert isinstance(formula, Expression)
    Needs()(formula, lookup)
    assert asked == [Symbol("b")]


def halved(x: Any) -> Any:
    while x > 1:
        x = x / 2
    return x


def test_a_loop_that_decides_again_and_again_is_not_followed() -> None:
    with pytest.raises(ProofError, match="x > 1"):
        halved(SymbolicNumber(sympy.Symbol("x"), Branches()))


@pytest.mark.parametrize(("times", "found"), [(1, True), (12, False)])
def test_turning_points_are_looked_for_in_what_is_not_too_long(times: int, found: bool) -> None:
    b = Symbol("b")
    formula = parse_formula("b² − b")
    assert isinstance(formula, Expression)
    for _ in range(times - 1):
        formula = Sum((formula, Product((formula, formula))))
    terms = Terms({b: Domain(low=-2, high=2)})
    link = Link(formula, ">", Number("0"), terms)
    assert (b in turning_points(link, {b: 1.0})) is found
