"""Several processes share a check, and the report is the same as that of one."""

from __future__ import annotations

import os
import select
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sidebyside.__main__ import main
from sidebyside.checking.check import check_files
from sidebyside.checking.processes import Team, both, together
from sidebyside.settings import ConfigurationError, Settings
from sidebyside.source.sections import SourceError
from tests.checking.falsehoods import bounds, conditions, helpers, inputs, loops
from tests.checking.falsehoods.table import Case, settings_of

FORMULAS = 10
# One of each kind that runs could tell apart only together.
CASES = [kind.CASES[0] for kind in (bounds, conditions, helpers, inputs, loops)]

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
    """Write two modules, with one wrong formula each."""
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
    assert together == alone
    assert list(together.entries) == ["one.py", "two.py"]
    assert together.totals()["failed"] == (2 if wrong else 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_refused_is_refused_for_the_same_reason(case: Case, tmp_path: Path) -> None:
    settings = settings_of(case, tmp_path)
    assert check_files(settings, jobs=3) == check_files(settings, jobs=1)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_each_process_knows_what_all_have_found(jobs: int) -> None:
    done: list[int] = []

    def square(n: int) -> int:
        done.append(n)
        return n * n

    with together(jobs) as team:
        squares = team.each(square, range(7))
        again = team.each(square, range(7, 9))
        last = team.all(squares[-1])
        shares = team.all(done)
    assert squares == [n * n for n in range(7)]
    assert again == [49, 64]
    assert last == [36] * jobs
    assert sorted(n for share in shares for n in share or ()) == list(range(9))


def test_who_is_free_takes_the_next_item() -> None:
    done: list[int] = []
    reading, writing = os.pipe()

    def do(n: int) -> None:
        done.append(n)
        if n == 0:  # wait until the other process has done all the rest
            select.select([reading], [], [], 30)
        elif n == 8:
            os.write(writing, b"!")

    with together(2) as team:
        team.each(do, range(9))
        shares = team.all(done)
    os.close(reading)
    os.close(writing)
    assert sorted(shares, key=str) == [[0], list(range(1, 9))]


def test_what_cannot_be_told_is_done_by_each_process() -> None:
    with together(2) as team:
        found = team.each(lambda n: lambda: n, range(4))  # Python cannot send such a function
        told = team.all([each() for each in found])
    assert told == [[0, 1, 2, 3]] * 2


def test_what_a_copy_cannot_tell_is_done_here() -> None:
    ran: list[int] = []
    found, other = both(lambda: ran.append(7) or (lambda: 7), lambda: 8)
    assert (found(), other) == (7, 8)
    assert ran == [7]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_source_that_cannot_be_read_is_told_first(tmp_path: Path, jobs: int) -> None:
    settings = project(tmp_path, configurations="raise ValueError('no')")
    (tmp_path / "two.py").write_text("class Two\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"two\.py"):
        check_files(settings, jobs=jobs)


def test_the_first_item_that_raises_is_the_one_that_is_told() -> None:
    def do(n: int) -> None:
        if n:
            raise ValueError(n)

    for jobs in (1, 2, 3):
        with together(jobs) as team, pytest.raises(ValueError, match="1"):
            team.each(do, range(7))


def test_one_process_has_nobody_to_tell() -> None:
    assert Team().all("found") == ["found"]


def test_what_several_processes_complain_of_is_said_once(tmp_path: Path) -> None:
    raising = CONFIGURATIONS.replace("yield Two, {}", 'yield Two, {}\n    yield Two, {"z": 1}')
    settings = project(tmp_path, configurations=raising.replace("Two, {}", "One, {'z': 1}"))
    found = check_files(settings, jobs=2)
    assert found.problems == check_files(settings, jobs=1).problems
    assert sum("One(z=1) raised TypeError" in each for each in found.problems) == 1


def test_a_process_that_is_killed_is_told_with_the_remedy(tmp_path: Path) -> None:
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    of_class = "    if cls is CLASS:\n        " + kill + "\n    it = cls"
    running = CONFIGURATIONS.replace("    it = cls", of_class)
    classes = [running.replace("CLASS", name) for name in ("One", "Two")]
    for killed in (f"{kill}\n{CONFIGURATIONS}", *classes):
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
        assert [each.status for each in found.entries["rule.py"]] == ["mention", "tried"], only
