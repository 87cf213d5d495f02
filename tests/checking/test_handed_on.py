"""A variable that a call gives under the name of a neighbor is found, by its name alone."""

from pathlib import Path

import pytest

from sidebyside.source.sections import parse_source
from sidebyside.words.handed_on import misplaced_arguments
from tests.checking.tiny import STEP, check, of_class

CALLS = """
class Base:
    def __init__(self, params, fast=True, best=False, more=None):
        pass

    def move(self, grad, param, m):
        pass

    @staticmethod
    def scale(grad, param):
        pass


class Own(Base):
    def __init__(self, params, best=False, sgd=True, more=None):
        {made}

    def go(self, param, grad, m):
        {moved}


def gcd(a, b):
    return gcd(b, a % b) if b else a


def spread(low, high):
    return gcd(high, low) if low < high else [low, high]
"""


def found(made: str = "pass", moved: str = "pass") -> list[tuple[str, str]]:
    module = parse_source(Path("own.py"), CALLS.format(made=made, moved=moved))
    problems = list(misplaced_arguments(module, [module]))
    assert all(each.startswith("own.py:") for each in problems)
    assert all(each.endswith("; name the arguments in the call") for each in problems)
    names = [each.split("`") for each in problems]
    return [(each[1], each[3]) for each in names]


@pytest.mark.parametrize(
    ("made", "misplaced"),
    [
        ("super().__init__(params, best, sgd, more)", [("best", "fast"), ("sgd", "best")]),
        ("super().__init__(params, False, sgd, more)", [("sgd", "best")]),
        ("super().__init__(params, True, more)", [("more", "best")]),
        ("super().__init__(params, True, best, more)", []),
        ("super().__init__(params, best=best, more=more)", []),
        ("super().__init__(params, best=sgd, more=more)", []),  # named, so it is meant
        ("super().__init__(params, sgd)", []),  # another name for what is there
        ("super().__init__(*params, best)", []),
    ],
)
def test_a_constructor_hands_on_each_argument_to_its_own_place(
    made: str, misplaced: list[tuple[str, str]]
) -> None:
    assert found(made=made) == misplaced


@pytest.mark.parametrize(
    ("moved", "misplaced"),
    [
        ("self.move(param, grad, m)", [("param", "grad"), ("grad", "param")]),
        ("self.move(m, param, grad)", [("m", "grad"), ("grad", "m")]),
        ("self.scale(param, grad)", [("param", "grad"), ("grad", "param")]),
        ("Base.scale(param, grad)", [("param", "grad"), ("grad", "param")]),
        ("self.move(grad, param, m)", []),
        ("self.move(grad, grad, m)", []),
        ("self.move(-param, grad, m)", []),
        ("self.move(grad=param, param=grad, m=m)", []),
        ("other.move(param, grad, m)", []),
    ],
)
def test_two_arguments_are_not_exchanged(moved: str, misplaced: list[tuple[str, str]]) -> None:
    assert found(moved=moved) == misplaced


def test_nothing_is_said_of_a_class_that_extends_one_that_nobody_knows() -> None:
    text = CALLS.format(made="super().__init__(params, best, sgd)", moved="pass")
    module = parse_source(Path("own.py"), text.replace("class Base:", "class Base(Unknown):"))
    assert len(list(misplaced_arguments(module, [module]))) == 2
    stranger = parse_source(Path("own.py"), text.replace("class Own(Base)", "class Own(Unknown)"))
    assert list(misplaced_arguments(stranger, [stranger])) == []


def test_the_class_above_may_stand_in_another_file() -> None:
    base, own = CALLS.split("\n\nclass Own")
    made = "super().__init__(params, best, sgd)"
    text = "class Own" + own.format(made=made, moved="pass")
    modules = [parse_source(Path("base.py"), base), parse_source(Path("own.py"), text)]
    assert len(list(misplaced_arguments(modules[1], modules))) == 2
    modules.append(parse_source(Path("other.py"), base))  # which of the two?
    assert list(misplaced_arguments(modules[1], modules)) == []


TAKES = """
class Own:
    def __init__(self, x, {taken}):
        {body}
"""


@pytest.mark.parametrize(
    ("taken", "body", "dropped"),
    [
        ("**others", "self.x = x", "**others"),
        ("*others", "self.x = x", "*others"),
        ("**others", "super().__init__(x, **others)", ""),
        ("**others", "refuse(others)", ""),
        ("**_", "self.x = x", ""),
    ],
)
def test_a_constructor_drops_nothing_that_it_takes(taken: str, body: str, dropped: str) -> None:
    module = parse_source(Path("own.py"), TAKES.format(taken=taken, body=body))
    remedy = "and drops them; hand them on, or do not take them"
    said = [f"own.py:3: `Own.__init__` takes `{dropped}` {remedy}"] if dropped else []
    assert list(misplaced_arguments(module, [module])) == said


def test_a_swap_stops_the_check(tmp_path: Path) -> None:
    swapped = of_class(STEP) + "\n    def hand(self, a, b):\n        return a\n"
    swapped += "\n    def on(self, a, b):\n        return self.hand(b, a)\n"
    problems = check(tmp_path, swapped).problems
    assert sum("is handed on as" in each for each in problems) == 2
