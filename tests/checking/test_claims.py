"""Which code a formula is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.claims.claims import Claim, read_claims
from sidebyside.source.sections import SourceError, parse_source


def claims(text: str) -> list[Claim]:
    found = read_claims(parse_source(Path("m.py"), text))
    return [claim for claim in found if claim.kind != "mention"]


def chunk(body: str) -> tuple[list[int], tuple[str, ...]]:
    (claim,) = claims(f"def f():\n{body}")
    return list(claim.lines), claim.values


@pytest.mark.parametrize(
    ("code", "lines", "values"),
    [
        ("    # x = 1\n    x = 1\n\n    y = 2\n", [3], ("x",)),
        ("    # x = 1\n    x = 1\n    # Other.\n    y = 2\n", [3], ("x",)),
        ("    # x = 1\n    x = 1\n    y = 2\n", [3, 4], ("x", "y")),
        ("    if a:\n        # x = 1\n        x = 1\n    y = 2\n", [4], ("x",)),
        ("    # x = 1\n    x = (\n\n        1\n    )\n", [3, 4, 5, 6], ("x",)),
        ("    # x = 1\n    x = 1  # not a cut\n    y = 2\n", [3, 4], ("x", "y")),
        ("    # x = 1\n    return 1\n", [3], ("return",)),
        ("    # x = 1\n    x.mul_(a).add_(b)\n", [3], ("x",)),
        ("    # x = 1\n    s['x'].mul_(a)\n", [3], ("s['x']",)),
        ("    # x = 1\n    torch.maximum(x, y, out=x)\n", [3], ("x",)),
        ("    # x = 1\n    x += 1\n", [3], ("x",)),
        ("    # x = 1\n    x: int = 1\n", [3], ("x",)),
        ("    # x = 1\n    print(x)\n    a, b = x\n", [3, 4], ()),
        ("    # x = 1\n    for k in y:\n        x = k\n    z = 1\n", [3, 4, 5], ("z",)),
        ("    # x = 1\n    if a:\n        # y = 1\n        y = 1\n", [3], ()),
        ("    if a:\n        pass\n        # x = 1\n    y = 1\n", [], ()),
        ("    # x = 1\n\n    x = 1\n", [4], ("x",)),
    ],
)
def test_the_chunk_of_a_comment(code: str, lines: list[int], values: tuple[str, ...]) -> None:
    found = claims(f"def f():\n{code}")[0]
    assert (list(found.lines), found.values) == (lines, values)


def test_where_a_formula_stands_says_what_it_is_about() -> None:
    text = '''"""
    x = 1
"""

class C:
    """
        y = 2
    """

    def f(self):
        """
        Inside, $w$ is mentioned.

            z = 3
        """
        # u = 4
        u = 4
'''
    found = {claim.text: (claim.kind, claim.scope.name) for claim in claims(text)}
    assert found == {
        "x = 1": ("row", ""),
        "y = 2": ("row", "C"),
        "z = 3": ("call", "C.f"),
        "u = 4": ("line", "C.f"),
    }


def test_a_guard_stands_in_the_paragraph_before() -> None:
    text = (
        '"""\nFirst, when `a`.\n\nThen, when `b` and when `not c`:\n\n    x = 1\n\n    y = 1\n"""\n'
    )
    assert [claim.guard for claim in claims(text)] == ["b, not c", ""]


def test_rows_know_their_block_and_go_on_from_the_row_above() -> None:
    text = '"""\n    x = 1\n      = 2\n\nAnd\n\n    y = 3\n"""\n'
    first, second, third = claims(text)
    assert first.block == second.block == 2
    assert third.block == 7
    assert str(second) == "m.py:3 = 2"
    assert second.formula is not None
    assert second.formula != first.formula


def test_a_line_that_is_an_expression_claims_a_value_and_a_lone_symbol_is_prose() -> None:
    text = "def f():\n    # a + b\n    x = 1\n\n    # a\n    y = 1\n"
    assert [claim.text for claim in claims(text)] == ["a + b"]


def test_a_comment_that_looks_like_a_formula_and_is_none_is_an_error() -> None:
    with pytest.raises(SourceError, match=r"m\.py:2: `ρₜ > 5 rₜ = √ρₜ` is no formula"):
        claims("def f():\n    # ρₜ > 5 rₜ = √ρₜ\n    x = 1\n")
