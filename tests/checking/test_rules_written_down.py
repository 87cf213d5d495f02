"""
The rules of the checker, written down in `rules/*.md`: a program, and the sign of each formula.

A section is a case. Its first block of Python is the module; a second one, if there is one, says
what to run. The block `signs` has a line for each formula that matters: the formula, `→`, its sign,
and, after a colon, words that the verdict must have.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sidebyside.checking.report import Report
from tests.checking.tiny import CONFIGURATIONS, check

RULES = Path(__file__).with_name("rules")


class Case(NamedTuple):
    name: str
    program: str
    configurations: str
    signs: list[tuple[str, str, str]]
    settings: dict[str, Any]


def read_cases() -> Iterator[Case]:
    for file in sorted(RULES.glob("*.md")):
        for section in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
            title = section.partition("\n")[0]
            blocks = re.findall(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$", section, flags=re.M | re.S)
            programs = [text for kind, _, text in blocks if kind == "python"]
            options = next((option for kind, option, _ in blocks if kind == "python"), "")
            memory = re.search(r'memory="([^"]*)"', options)
            signs = next(text for kind, _, text in blocks if kind == "signs")
            yield Case(
                f"{file.stem}: {title}",
                programs[0],
                programs[1] if len(programs) > 1 else CONFIGURATIONS,
                [read_sign(line) for line in signs.splitlines()],
                {"memory": tuple(memory[1].split())} if memory else {},
            )


def read_sign(line: str) -> tuple[str, str, str]:
    formula, _, rest = line.rpartition(" → ")
    sign, _, words = rest.partition(": ")
    return formula, sign, words


def in_module(program: str) -> str:
    """A program with a title, if it has none of its own."""
    return program if program.startswith('"""') else f'"""\n# Tiny\n"""\n\n\n{program}'


def found(report: Report) -> list[tuple[str, str, str]]:
    return [(each.text, each.status, each.detail) for each in report.entries["tiny.py"]]


CASES = list(read_cases())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_rule_gives_the_sign_that_is_written_down(case: Case, tmp_path: Path) -> None:
    report = check(tmp_path, in_module(case.program), case.configurations, **case.settings)
    entries = [each for each in found(report) if each[1] != "mention"]
    for formula, sign, words in case.signs:
        same = [each for each in entries if each[0] == formula]
        assert same, f"no formula `{formula}` in {entries}"
        assert any(status == sign and words in detail for _, status, detail in same), same
        entries.remove(same[0])
    failed = [each for each in entries if each[1] == "failed"]
    assert not failed, "a formula that no sign is written down for fails"
