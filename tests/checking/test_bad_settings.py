"""What an author may write wrongly into the settings, and what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.__main__ import main
from tests.checking.test_command import TABLE, project, pytest_run
from tests.checking.toy import check, failed

YIELDS = """    yield Toy, {}
    yield Toy, {"signed": True}
    yield Toy, {"decay": 0.1}
    yield Toy, {"decay": 0.1, "signed": True}
"""
LAST = '        param -= group["lr"] / correction * m / denominator\n'
REMEDY = 'let it yield pairs of a class and its arguments, as in `yield Adam, {"lr": 0.1}`'


def told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, *changes: tuple[str, str], more: str = ""
) -> str:
    """Check a package with a mistake, and return the one line that says so."""
    root = project(tmp_path, *changes, table=TABLE + more)
    assert main(["check", str(root)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line.replace(f"{root}/", "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("    [(Toy, {})]\n", "returned None"),
        ("    return 3\n", "returned 3"),
        ("    return {}\n", "returned {}"),
        ("    return []\n", "yields nothing"),
        ("    yield Toy\n", "yields <class 'momentum.Toy'> as number 1"),
        (
            "    yield Toy, {}\n    yield Toy, 0.1\n",
            "yields (<class 'momentum.Toy'>, 0.1) as number 2",
        ),
        ("    yield {}, Toy\n", "yields ({}, <class 'momentum.Toy'>) as number 1"),
        ("    yield Toy, {}, 1\n", "yields (<class 'momentum.Toy'>, {}, 1) as number 1"),
        ("    yield Toy, {1: 2}\n", "yields (<class 'momentum.Toy'>, {1: 2}) as number 1"),
        ("    yield 'Toy', {}\n", "yields ('Toy', {}) as number 1"),
    ],
)
def test_configurations_that_are_no_pairs_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, body: str, problem: str
) -> None:
    line = told(capsys, tmp_path, (YIELDS, body))
    assert line == f"configurations.py: `configurations()` {problem}; {REMEDY}"


def test_a_configuration_that_is_given_twice_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = told(capsys, tmp_path, (YIELDS, "    yield Toy, {}\n    yield Toy, {}\n"))
    assert line.startswith("configurations.py: `configurations()` yields Toy() 2 times; ")


def test_configurations_that_raise_are_an_error_with_the_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = told(capsys, tmp_path, (YIELDS, "    yield Toy, {}\n    yield Tow, {}\n"))
    expected = "configurations.py:7: `configurations()` raised NameError: name 'Tow' is not defined"
    assert line.startswith(expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("import numpy as np\n", "import nowhere\n"), ":2: it raised ModuleNotFoundError: "),
        (("def configurations():", "def configurations(:"), ":5: it raised SyntaxError: "),
        (
            ("def run(cls, arguments, count, gradients=None):", "def run(cls, arguments):"),
            ": `run` must take three arguments, (cls, arguments, count): too many",
        ),
    ],
)
def test_a_file_that_cannot_run_anything_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    assert told(capsys, tmp_path, change).startswith(f"configurations.py{message}")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            'entry = "step_parm"',
            'entry = "step_parm": no function of the sources is called so (did you mean '
            "`step_param`?); name the method that takes one step",
        ),
        (
            'entry = "walk"',
            'entry = "walk": no function of the sources is called so; name the method that takes '
            "one step",
        ),
        (
            'entry = "keep_max"\nmemory = ["u"]',
            'entry = "keep_max": Toy.keep_max in momentum.py:70 was called, but none of its '
            "arguments was counted; in `run`, call count(param) before the step of each param; "
            "where one call takes a step for many, move what is done to one of them into a method "
            "of its own, and name that",
        ),
        (
            'memory = ["state", "parm"]',
            'memory = ["state", "parm"]: `parm` is neither an argument of `step_param` (state, '
            "group, grad, param) nor an attribute such as `self.mean` (did you mean `param`?); "
            "name what lives on from one step to the next",
        ),
        (
            'entry = "step"',
            'memory = ["state", "param"], its default: `state` is neither an argument of `step` '
            "(grads) nor an attribute such as `self.mean` (did you mean `self.states`?); name what "
            "lives on from one step to the next, or `[]` if nothing does",
        ),
    ],
)
def test_a_name_that_the_sources_do_not_have_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: str, message: str
) -> None:
    line = told(capsys, tmp_path, more=more)
    assert line == f"pyproject.toml: [tool.sidebyside.check]: {message}"


def test_an_entry_that_nothing_calls_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    idle = ("class Base:\n", "def rest(state, param):\n    pass\n\n\nclass Base:\n")
    line = told(capsys, tmp_path, idle, more='entry = "rest"')
    assert 'entry = "rest": no configuration calls it; name the method' in line


@pytest.mark.parametrize(
    ("base", "method"),
    [
        ("Base", "step_param(self, state, group, grad, param)"),
        ("Toy", "get_mv(self, state, group, grad)"),
    ],
)
def test_a_class_that_no_configuration_makes_is_named_and_its_formulas_are_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, base: str, method: str
) -> None:
    text = f"class Idle({base}):\n    def {method}:\n        # gₜ²\n        return grad**2\n"
    line = told(capsys, tmp_path, (LAST, f"{LAST}\n\n{text}"))
    assert line == "momentum.py: no configuration makes Idle; add it to configurations.py"


def test_what_takes_no_steps_need_not_be_made_and_is_told_line_by_line(tmp_path: Path) -> None:
    text = """
class Helper:
    \"\"\"
    ## Half

    * $x$ is `x`, any number
    \"\"\"

    def half(self, x):
        # x / 2
        return x / 2
"""
    (wrong,) = failed(check(tmp_path, (LAST, LAST + text)))
    assert wrong.text == "x / 2"
    assert wrong.detail.startswith("never executed: no configuration reaches line ")


@pytest.mark.parametrize("value", ["[1]", '"param"'])
def test_a_list_of_something_else_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, value: str
) -> None:
    assert "pyproject.toml: `memory` must be a list" in told(
        capsys, tmp_path, more=f"memory = {value}"
    )


def test_an_attribute_may_be_memory(tmp_path: Path) -> None:
    assert (
        main(
            [
                "check",
                str(project(tmp_path, table=f'{TABLE}memory = ["state", "param", "self.states"]')),
            ]
        )
        == 0
    )


def test_pytest_shows_the_message_and_no_traceback(tmp_path: Path) -> None:
    out = pytest_run(project(tmp_path, table=f'{TABLE}entry = "step_parm"'))
    assert "did you mean `step_param`?" in out
    assert "Traceback" not in out
    assert "configuration.py" not in out
    out = pytest_run(project(tmp_path, (YIELDS, "    return 3\n")))
    assert "`configurations()` returned 3" in out
    assert "Traceback" not in out
