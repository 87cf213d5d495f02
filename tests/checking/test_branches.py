"""Two branches of which one runs are not given the same condition in words."""

from pathlib import Path

import pytest

from sidebyside.source.sections import parse_source
from sidebyside.words.branches import doubled_conditions
from tests.checking.tiny import STEP, check, of_class

BRANCHES = """
def move(r, plain):
    # {first}
    if r is not None:
        return r
    # {second}
    elif plain:
        return 1
    else:
        # {third}
        return 0
"""


def found(first: str = "One", second: str = "Two", third: str = "Three") -> list[str]:
    text = BRANCHES.format(first=first, second=second, third=third)
    return list(doubled_conditions(parse_source(Path("own.py"), text)))


@pytest.mark.parametrize(
    "second",
    [
        "If $r$ is small",
        "If $r$ is small.",
        "If $r$ is small, take a step",
        "If $r$ is small take a step",
        "If $r$\n    # is small",
    ],
)
def test_a_condition_that_two_branches_share_is_found(second: str) -> None:
    [problem] = found("If $r$ is small", second)
    assert problem.startswith("own.py:")
    assert "the comment above `elif plain:` says 'If $r$ is small', as line 4 does" in problem


def test_what_stands_after_else_is_a_branch_too() -> None:
    [problem] = found("When it is small", "Two", "When it is small: nothing")
    assert "the comment above `return 0`" in problem
    [problem] = found("One", "When it is small", "When it is small: nothing")
    assert "as line 7 does" in problem


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("If $r$ is small", "If $r$ is smaller"),
        ("If $r$ is small", "If $r$ is large"),
        ("If so", "If so, go on"),
        ("Take a long step", "Take a long step"),  # no condition
        ("If $r$ is small, take a step", "If $r$ is small"),
    ],
)
def test_other_comments_are_no_problem(first: str, second: str) -> None:
    assert found(first, second) == []


def test_an_if_within_else_has_branches_of_its_own() -> None:
    inner = BRANCHES.format(first="If it is so", second="If it is so", third="Three")
    [head, *body] = inner.strip().splitlines()
    text = "\n".join(
        [head, "    if plain:", "        r = 1", "    else:", *(f"    {b}" for b in body)]
    )
    [problem] = doubled_conditions(parse_source(Path("own.py"), text))
    assert "`elif plain:`" in problem


def test_branches_of_two_conditions_may_both_run() -> None:
    text = BRANCHES.format(first="If it is so", second="If it is so", third="").replace(
        "elif", "if"
    )
    module = parse_source(Path("own.py"), text)
    assert list(doubled_conditions(module)) == []


def test_a_doubled_condition_stops_the_check(tmp_path: Path) -> None:
    text = of_class(STEP) + BRANCHES.format(first="If it is so", second="If it is so", third="")
    [problem] = check(tmp_path, text).problems
    assert "as line" in problem
