"""Several files are checked at once, and the report is the same as of one after the other."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sidebyside.__main__ import main
from sidebyside.checking.processes import FORMULAS, check_files, shared_out
from sidebyside.checking.settings import ConfigurationError, Settings

MODULE = '''"""
# Sums
"""


class {name}:
    """
    ## Sums

    * $x$ is `x`, the input
    """

    def step(self, x):
{lines}

        return x
'''
CONFIGURATIONS = """
from one import One
from two import Two

def configurations():
    yield One, {}
    yield Two, {}

def run(cls, arguments, count):
    it = cls(**arguments)
    for k in range(4):
        count(it)
        it.step(1.5 + k)
"""


def project(folder: Path, *, wrong: int = 0, configurations: str = CONFIGURATIONS) -> Settings:
    """Write two modules with a formula more than a process is started for, and one wrong one."""
    for name in ("One", "Two"):
        sys.modules.pop(name.lower(), None)  # that of another test
        numbers = range(3, FORMULAS + 4)
        lines = [f"        # x · {n}\n        y{n} = x * {n + (n == wrong)}" for n in numbers]
        text = MODULE.format(name=name, lines="\n".join(lines))
        (folder / f"{name.lower()}.py").write_text(text, encoding="utf-8")
    (folder / "configurations.py").write_text(configurations, encoding="utf-8")
    return Settings(folder, ("one.py", "two.py"), "configurations.py", entry="step", memory=())


@pytest.mark.parametrize("wrong", [0, 5])
def test_two_processes_find_what_one_finds(tmp_path: Path, wrong: int) -> None:
    settings = project(tmp_path, wrong=wrong)
    alone, together = check_files(settings, jobs=1), check_files(settings, jobs=2)
    assert shared_out(settings, (), 2) == [["one.py"], ["two.py"]]
    assert together == alone
    assert list(together.entries) == ["one.py", "two.py"]
    assert together.totals()["failed"] == (2 if wrong else 0)


def test_a_handful_of_formulas_is_not_worth_a_process(tmp_path: Path) -> None:
    settings = project(tmp_path)
    assert shared_out(settings, ["one.py"], 8) == [["one.py"]]
    assert len(shared_out(settings, (), 8)) == 2


def test_what_several_processes_complain_of_is_said_once(tmp_path: Path) -> None:
    raising = CONFIGURATIONS.replace("yield Two, {}", 'yield Two, {}\n    yield Two, {"z": 1}')
    settings = project(tmp_path, configurations=raising.replace("Two, {}", "One, {'z': 1}"))
    found = check_files(settings, jobs=2)
    assert found.problems == check_files(settings, jobs=1).problems
    assert sum("One(z=1) raised TypeError" in each for each in found.problems) == 1


def test_a_process_that_is_killed_is_told_with_the_remedy(tmp_path: Path) -> None:
    killed = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n" + CONFIGURATIONS
    with pytest.raises(ConfigurationError, match="ended in the middle of a run; `--jobs 1`"):
        check_files(project(tmp_path, configurations=killed), jobs=2)


def test_what_is_wrong_with_the_settings_is_told_as_by_one_process(tmp_path: Path) -> None:
    wrong = "def configurations(): yield from ()\n"
    settings = project(tmp_path, configurations=wrong)
    messages = []
    for jobs in (1, 2):
        with pytest.raises(ConfigurationError) as raised:
            check_files(settings, jobs=jobs)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_a_number_of_processes_is_at_least_one(
    jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--jobs", jobs])
    assert f"'{jobs}' is not a number of processes, 1 or more" in capsys.readouterr().err


def test_a_file_that_no_configured_class_stands_in_is_compared_wherever_it_is_used(
    tmp_path: Path,
) -> None:
    settings = project(tmp_path)
    rule = MODULE.format(name="Rule", lines="        # x · 2\n        y2 = x * 2").replace(
        "def step", "def apply"
    )
    (tmp_path / "rule.py").write_text(rule, encoding="utf-8")
    two = (tmp_path / "two.py").read_text(encoding="utf-8")
    two = two.replace("\n\nclass", "\n\nfrom rule import Rule\n\n\nclass", 1)
    two = two.replace("        return x", "        return Rule().apply(x)")
    (tmp_path / "two.py").write_text(two, encoding="utf-8")
    settings = replace(settings, sources=("one.py", "rule.py", "two.py"))
    for only in (["rule.py"], ["one.py", "rule.py"]):
        found = check_files(settings, only, jobs=1)
        assert [each.status for each in found.entries["rule.py"]] == ["mention", "checked"], only
