"""The arguments that a docstring lists are those of the function."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sidebyside.source.sections import parse_source
from sidebyside.words.documented import wrong_arguments
from tests.checking.tiny import STEP, check, of_class

FUNCTION = '''
def update(param, grad, rate, momentum=0.9{more}):
    """
    ### Update

    {words}

    * `param`: the parameter
    * `grad` is the gradient
    {items}
    """
'''


def found(*items: str, words: str = "Moves.", more: str = "") -> list[str]:
    text = FUNCTION.format(items="\n    ".join(items), words=words, more=more)
    problems = list(_wrong_in(text))
    return [each.split(" the docstring of `update` ")[1] for each in problems]


def _wrong_in(text: str) -> Iterator[str]:
    module = parse_source(Path("own.py"), text)
    return wrong_arguments(module, [module])


BOTH = ("* `rate`: how far", "* `momentum`: how slowly")


@pytest.mark.parametrize(
    "items",
    [
        BOTH,
        ("* `rate` and `momentum`: how far, and how slowly",),
        (),
        ("* $gₜ$ is `grad`",),
        (*BOTH, "* `param.grad` is not touched"),
        (*BOTH, "* some words about `lists`"),
    ],
)
def test_a_right_list_and_a_short_one_are_no_problem(items: tuple[str, ...]) -> None:
    assert found(*items) == []


def test_an_argument_that_is_gone_is_found() -> None:
    among = "among `param`, `grad`, `rate`, `momentum`"
    assert found(*BOTH, "* `steps`: how many") == [f"lists `steps`, which is no argument, {among}"]
    assert found(*BOTH, "* `steps`.") == [f"lists `steps`, which is no argument, {among}"]


@pytest.mark.parametrize("name", ["moment", "momentun", "momenta"])
def test_an_argument_by_another_name_is_found_with_its_own(name: str) -> None:
    said = f"lists `{name}`, which is no argument; did it mean `momentum`?"
    assert found(BOTH[0], f"* `{name}`: how slowly") == [said]
    assert found(BOTH[0], f"* `{name}`: how slowly", more=", **others") == [said]


def test_keywords_may_have_any_name() -> None:
    assert found(*BOTH, "* `steps`: how many", more=", **others") == []
    assert found(*BOTH, "* `others`: what else", more=", **others") == []


def test_the_one_argument_that_is_forgotten_is_found() -> None:
    listed = "lists `param`, `grad`, `rate`, and forgets `momentum`"
    assert found(BOTH[0]) == [listed]
    assert found(BOTH[0], words="With `momentum`, it goes on.") == []
    assert found(BOTH[0], words="Those of [another](other.py#it), and") == []


@pytest.mark.parametrize("quoted", ["'momentum'", '"momentum"', "“momentum”"])
def test_an_argument_in_quotes_is_found(quoted: str) -> None:
    said = f"lists {quoted} as words; an argument is code, between backticks"
    assert said in found(BOTH[0], f"* {quoted}: how slowly")


CONSTRUCTORS = '''
class Root:
    def __init__(self, params, rate):
        """
        * `params`: the parameters
        * `rate`: how far
        """


class Base(Root):
    def __init__(self, params, rate, momentum=0.9):
        """
        Those of [Root](own.py#Root.__init__), and

        * `momentum`: how slowly
        """


class Stranger:
    def __init__(self, size):
        """* `size`: how large"""


class Own(Base):
    def __init__(self, params, rate, momentum=0.9, steps=3{more}):
        """
        {words}

        {items}
        """
'''
STEPS = "* `steps`: how many"


@pytest.mark.parametrize(
    ("words", "items", "more", "problem"),
    [
        ("Those of [Base](own.py#Base.__init__), and", STEPS, "", ""),
        ("Those of [Base](own.py#Base.__init__), and `steps`, how many.", "", "", ""),
        (
            "Those of [Root](own.py#Root.__init__), `momentum` too, and",
            STEPS,
            "",
            "list `momentum`",
        ),
        ("Those of [Root](own.py#Root.__init__), and", STEPS, "", "list `momentum`"),
        ("Those of [Base](own.py#Base.__init__).", "", "", "list `steps`"),
        ("Those of [Base](own.py#Base.__init__), and", STEPS, ", fast=True", "list `fast`"),
        ("Those of [Base](own.py#Base.__init__), and", STEPS, ", **others", ""),
        ("Those of [Base](own.py#Gone.__init__), and", STEPS, "", ""),
        ("Those of [it](own.py#Own.__init__), and", STEPS, "", "its arguments are its own"),
        ("Those of [it](own.py#Stranger.__init__) and", STEPS, ", **others", "has no `size`"),
        ("Those of [it](own.py#Stranger.__init__) but for `size`, and", STEPS, "", "list `params`"),
    ],
)
def test_arguments_of_another_constructor_and_its_own_are_all(
    words: str, items: str, more: str, problem: str
) -> None:
    found = list(_wrong_in(CONSTRUCTORS.format(words=words, items=items, more=more)))
    assert bool(found) == bool(problem)
    assert all(each.startswith("own.py:2") for each in found)
    assert not problem or problem in found[0]


def test_a_subclass_takes_over_all_arguments_unless_it_takes_any() -> None:
    text = CONSTRUCTORS.format(words="Moves.", items="", more="")
    fewer = text.replace("(self, params, rate, momentum=0.9):", "(self, params, momentum=0.9):")
    [problem] = _wrong_in(fewer)
    assert problem.endswith("takes over the arguments of `Root.__init__`, and has no `rate`")
    assert list(_wrong_in(fewer.replace("0.9):", "0.9, **more):"))) == []


def test_other_lists_are_left_alone() -> None:
    text = '"""\n* `one`: a word\n"""\n\n\ndef f(two):\n    """\n    * `one`: a word\n    """\n'
    assert list(_wrong_in(text)) == []


def test_a_wrong_list_stops_the_check(tmp_path: Path) -> None:
    listed = '''
    def hand(self, a):
        """
        * `a`: one
        * `b`: two
        """
'''
    [problem] = check(tmp_path, of_class(STEP) + listed).problems
    assert problem.endswith("the docstring of `X.hand` lists `b`, which is no argument, among `a`")
