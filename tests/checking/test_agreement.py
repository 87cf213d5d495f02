"""How large the numbers are that a value is made of."""

import numpy as np
import pytest

from sidebyside.algebra.agreement import Sides, compare, scale_of
from sidebyside.algebra.numeric import evaluate
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Expression, Symbol


@pytest.mark.parametrize(
    ("text", "size"), [("a − b·c", 1.0), ("a² − b²", 1.0), ("1 / (a − b)", 1e5), ("a·c", 0.9)]
)
def test_every_number_of_a_small_difference_is_as_large_as_its_parts(
    text: str, size: float
) -> None:
    tree = parse_formula(text)
    assert isinstance(tree, Expression)
    ones = np.full(64, 1.001)
    known = {"a": ones, "b": ones * (1 - 1e-5), "c": ones / 1.001 * (1 - 1e-10)}

    def lookup(symbol: Symbol) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        return known[symbol.name]

    value = evaluate(tree, lookup)
    scale = scale_of(tree, lookup, evaluate, value)
    assert scale.shape == (64,)
    assert np.all(scale > size)
    # As many numbers, each with a rounding error of what it is made of
    rounded = value + 4e-16 * scale
    assert compare(Sides(rounded, "=", value, scale=lambda: scale)).agrees
    assert not compare(Sides(value + 1e-12 * scale, "=", value, scale=lambda: scale)).agrees
