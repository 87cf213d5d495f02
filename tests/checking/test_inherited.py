"""What a class is said to inherit, or to have in common with another one, is found there."""

from pathlib import Path

import pytest

from sidebyside.source.sections import parse_source
from sidebyside.words.inherited import wrong_heritage
from tests.checking.tiny import STEP, check, of_class

SOURCE = '''
class Root:
    """The first."""

    def go(self):
        """
        Go on:

            kₜ ← kₜ₋₁ + 1
        """

    def wait(self):
        """Wait."""


class Base(Root):
    """
    The base.

        mₜ ← mₜ₋₁ + x
        m̂ₜ ← mₜ / c
    """

    def wait(self):
        """Wait longer."""


class Own(Base):
    """
    Its own.

        mₜ ← mₜ₋₁ + x
        nₜ ← max(nₜ₋₁, mₜ)
        n̂ₜ ← nₜ / c

    {own}
    """

    def run(self):
        """
        {run}

            jₜ ← jₜ₋₁ + 1
        """


class Stranger:
    """Alone."""
'''


def found(own: str = "", run: str = "Runs.") -> list[str]:
    module = parse_source(Path("own.py"), SOURCE.format(own=own, run=run))
    return [each.split(": ", 1)[1] for each in wrong_heritage(module, [module])]


RIGHT = [
    "The rest is inherited from [Base](own.py#Base).",
    "The rest is inherited from [the root](own.py#Root).",
    "Everything but the second line is inherited from [Base](own.py#Base), and so is all else.",
    "`wait` is inherited from `Base`, and `go` is as it was.",
    "`go` is inherited from [Root](own.py#Root).",
    "The symbols are those of [Base](own.py#Base) and [Root](own.py#Root).",
    "What `Stranger` has inherited from `Own` is nothing.",
    "It is inherited from `Unknown`.",
]


@pytest.mark.parametrize("own", RIGHT)
def test_what_is_inherited_from_a_class_above_is_no_problem(own: str) -> None:
    assert found(own) == []


WRONG = {
    "The rest is inherited from [Base](own.py#Stranger).": (
        "says that `Own` inherits from `Stranger`; it extends `Base`, `Root`"
    ),
    "The symbols are those of [Stranger](own.py).": (
        "says that `Own` inherits from `Stranger`; it extends `Base`, `Root`"
    ),
    "`wait` is inherited from `Root`.": (
        "says that `wait` is inherited from `Root`; it is that of `Base`"
    ),
    "`run` is inherited from `Base`.": (
        "says that `run` is inherited from `Base`; it is that of `Own`"
    ),
    "Everything is inherited from [the root](own.py#Root).": (
        "says that all is inherited from `Root`; `Own` extends `Base`"
    ),
    "Everything but the third line is inherited from `Base`.": (
        "says that all but the third line is that of `Base`; other than there is: 2"
    ),
}


@pytest.mark.parametrize(("own", "problem"), WRONG.items())
def test_what_is_not_inherited_is_found(own: str, problem: str) -> None:
    assert found(own) == [problem]


def test_a_formula_that_is_as_elsewhere_stands_there() -> None:
    assert found(run="Runs, as in [Root](own.py#Root.go):") == []
    assert found(run="Runs, but not as in [Base](own.py#Base):") == []
    assert found(run="Runs, as in [Root](own.py#Root.wait):") == []  # which has no formula
    said = "is said to be as in `Base`, and is not there: jₜ ← jₜ₋₁ + 1"
    assert found(run="Runs, as in [Base](own.py#Base):") == [said]


def test_a_wrong_heritage_stops_the_check(tmp_path: Path) -> None:
    text = of_class(STEP).replace("## X", "## X\n\n    All is inherited from `Y`.")
    problems = check(tmp_path, text + "\n\nclass Y:\n    pass\n").problems
    assert any("says that `X` inherits from `Y`; it extends none of ours" in p for p in problems)
