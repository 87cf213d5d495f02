"""The rules of the checker, written down in `rules/*.md`: programs, and the signs of formulas."""

from pathlib import Path

import pytest

from sidebyside.report import Report
from tests.checking.tiny import check
from tests.checking.written_down import Case, in_module, read_cases

RULES = Path(__file__).with_name("rules")


def found(report: Report) -> list[tuple[str, str, str]]:
    return [(each.text, each.status, each.detail) for each in report.entries["tiny.py"]]


CASES = [case for file in sorted(RULES.glob("*.md")) for case in read_cases(file)]


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
