"""Classes of any kind are run on symbols: what is true is proved, and nothing false is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.checking.package import Package
from sidebyside.checking.proved import prove
from sidebyside.checking.running import record_all
from sidebyside.judging.checker import Checker
from sidebyside.judging.verdicts import Verdict
from sidebyside.settings import load_configurations
from tests.checking.falsehoods import proofs
from tests.checking.falsehoods.table import Case, settings_of


def outcome(case: Case, folder: Path) -> tuple[str, str]:
    """What becomes of a formula without any doubts, and the key of the reason why."""
    settings = settings_of(case, folder)
    package = Package(settings)
    configurations, run = load_configurations(settings)
    recordings, failures = record_all(package, configurations, run)
    assert not failures
    [claim] = [each for each in package.claims if each.text == case.formula]
    moments = len(Checker(package.meanings, recordings).moments(claim))
    verdict = Verdict(claim, "tried", (), len(configurations), moments)
    found = prove(package, configurations, [verdict], recordings, run)
    return ("proved", "") if 0 in found.proved else ("", found.unproved[0].key)


@pytest.mark.parametrize("case", proofs.CASES, ids=lambda case: case.name)
def test_what_is_false_somewhere_is_not_proved(case: Case, tmp_path: Path) -> None:
    assert outcome(case, tmp_path)[0] != "proved"
