"""Classes of any kind are run on symbols: what is true is proved, and nothing false is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sidebyside.checking.check import check_package
from sidebyside.checking.package import Package
from sidebyside.checking.proved import prove
from sidebyside.checking.running import record_all
from sidebyside.judging.checker import Checker
from sidebyside.judging.verdicts import Verdict
from sidebyside.settings import Settings, load_configurations
from tests.checking.falsehoods import elsewhere, proofs
from tests.checking.falsehoods.table import Case, settings_of


def outcome(case: Case, folder: Path) -> tuple[str, str]:
    """What becomes of a formula that agrees in runs, and the key of the reason why."""
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


@pytest.mark.parametrize("case", [*proofs.CASES, *elsewhere.CASES], ids=lambda case: case.name)
def test_what_is_false_somewhere_is_not_proved(case: Case, tmp_path: Path) -> None:
    assert outcome(case, tmp_path)[0] != "proved"


@pytest.mark.parametrize("case", [*proofs.TRUE, *elsewhere.TRUE], ids=lambda case: case.name)
def test_what_people_write_is_proved(case: Case, tmp_path: Path) -> None:
    assert outcome(case, tmp_path) == ("proved", "")


EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
RUNS = """
from source.running_mean import RunningMean

def configurations():
    for beta in (0.5, 0.8):
        yield RunningMean, {"beta": beta}

def run(cls, arguments, count):
    mean = cls(**arguments)
    for x in (3.0, -1.0, 4.0, 1.5, -9.0):
        count(mean)
        mean.add(x)
"""
MORE = "        return self.mean /"


@pytest.mark.parametrize(
    ("name", "runs", "entry", "memory", "proved"),
    [
        ("running_mean", RUNS, "add", ("self.mean",), 3),
        ("momentum", "", "update", ("param", "state"), 4),
    ],
)
def test_the_examples_of_the_documentation_are_proved(
    name: str, runs: str, entry: str, memory: tuple[str, ...], proved: int, tmp_path: Path
) -> None:
    for module in [each for each in sys.modules if each.partition(".")[0] == "source"]:
        del sys.modules[module]
    (tmp_path / "source").mkdir()
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    text = text.replace(MORE, f"        # m̂ₜ ← mₜ / (1 − βᵗ)\n{MORE}")
    (tmp_path / "source" / f"{name}.py").write_text(text, encoding="utf-8")
    runs = runs or (EXAMPLES / f"{name}_runs.py").read_text(encoding="utf-8")
    (tmp_path / "configurations.py").write_text(runs, encoding="utf-8")
    settings = Settings(tmp_path, ("source",), "configurations.py", entry=entry, memory=memory)
    [entries] = check_package(settings).entries.values()
    found = [each.status for each in entries if each.status != "mention"]
    assert found == ["proved"] * proved
