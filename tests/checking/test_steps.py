"""What counts as an execution, and as a step."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.settings import ConfigurationError
from tests.checking.tiny import CONFIGURATIONS, STEP, check, entry, of_class

RAISING = """
    def step(self, x):
        self.m = 7.0
        {opening}
            # mₜ = 7
            self.m = x / 0
        {ending}
        return self.m
"""


@pytest.mark.parametrize(
    ("opening", "ending"),
    [
        ("try:", "except ZeroDivisionError:\n            pass"),
        ("with np.testing.assert_raises(ZeroDivisionError):", "x = 0"),
    ],
)
def test_a_chunk_that_raised_was_not_executed(tmp_path: Path, opening: str, ending: str) -> None:
    body = RAISING.format(opening=opening, ending=ending)
    found = entry(check(tmp_path, of_class(body)), "mₜ = 7")
    assert found.status == "failed"
    assert found.detail.startswith("never executed: no configuration reaches line ")


HANDLED = """
    def numbers(self, x):
        yield x
        yield 2 * x

    def step(self, x):
        # y = 2·x
        {first}
            {second}
        return self.m
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("for each in self.numbers(x):", "y = each"),
        ("try:", "y = x / 0\n        except ZeroDivisionError:\n            y = 2 * x"),
        (
            "with suppress(ZeroDivisionError):",
            "y = 2 * x\n            x / 0",
        ),
    ],
)
def test_what_a_chunk_handles_itself_does_not_end_it(
    tmp_path: Path, first: str, second: str
) -> None:
    body = HANDLED.format(first=first, second=second).replace(
        "        # y", "        y = 0\n        # y"
    )
    source = of_class(body).replace("`self.m`, the state\n", "`self.m`\n    * $y$ is `y`\n")
    source = source.replace("import numpy", "from contextlib import suppress\n\nimport numpy")
    found = entry(check(tmp_path, source), "y = 2·x")
    assert (found.status, found.times) == ("tried", 4)


def test_a_step_that_was_not_counted_is_refused(tmp_path: Path) -> None:
    once = CONFIGURATIONS.replace("        count(it)\n", "").replace(
        "    for", "    count(it)\n    for"
    )
    with pytest.raises(ConfigurationError) as caught:
        check(tmp_path, of_class(STEP), once)
    assert "X.step in tiny.py:20 was called a second time in step 1; in `run`, call count" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (STEP.replace("def", "async def"), "a coroutine"),
        (STEP + "        yield self.m\n", "a generator"),
        (STEP + "        received = yield from [self.m]\n", "a generator"),
    ],
)
def test_an_entry_that_stops_in_the_middle_is_refused(tmp_path: Path, step: str, kind: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(tmp_path, of_class(step))
    assert str(caught.value).endswith(
        f'entry = "step": X.step in tiny.py:20 is {kind}, which stops in the middle and goes on '
        "later; name a method that takes a step in one go"
    )


GENERATOR = """
    def halves(self, x):
        {comment}
        y = x / 2
        yield y
"""


def test_a_generator_with_a_formula_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(tmp_path, of_class(GENERATOR.format(comment="# y = x / 2") + STEP))
    assert str(caught.value).endswith(
        "X.halves in tiny.py:20 is a generator, which stops in the middle and goes on later; move "
        "the lines with the formulas to a function that runs in one go"
    )


def test_other_generators_may_be_there(tmp_path: Path) -> None:
    inner = STEP + "        return list(n for n in (lambda: (yield))())\n"
    report = check(tmp_path, of_class(GENERATOR.format(comment="# Half.") + inner))
    assert report.ok
