"""`sidebyside check`, and the tests that the pytest plugin makes."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sidebyside.__main__ import main
from sidebyside.checking.check import check_files
from sidebyside.report import read_report
from sidebyside.settings import Settings, read_settings
from tests.checking.toy import write

ROOT = Path(__file__).parents[2]
TABLE = """
[tool.sidebyside.check]
sources = ["momentum.py"]
configurations = "configurations.py"
report = "checks.json"
"""


def project(folder: Path, *changes: tuple[str, str], table: str = TABLE) -> Path:
    settings: Settings = write(folder, *changes)
    (settings.root / "pyproject.toml").write_text(table, encoding="utf-8")
    return settings.root


WRONG = ("# √vₜ + ε", "# √vₜ − ε")
MESSAGE = """\
momentum.py:88: √vₜ − ε
    disagrees with lines 89–90 (Toy(), step 1): formula 0.269415, code 0.289415; \
the likely cause: the sign of `ε`
    89 | denominator = v**0.5 + group["eps"]
    90 | if group["signed"]:
"""


def test_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(project(tmp_path))]) == 0
    assert "24 formulas: 13 tried, 11 mention" in capsys.readouterr().out


def test_pythons_memory_is_collected_afterwards_as_before(tmp_path: Path) -> None:
    assert gc.isenabled()
    main(["check", str(project(tmp_path))])
    assert gc.isenabled()


def test_a_failure_shows_formula_code_configuration_step_and_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(project(tmp_path, WRONG))]) == 1
    assert capsys.readouterr().out.startswith(MESSAGE)


def test_every_formula_is_shown_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "--all", str(project(tmp_path) / "momentum.py")])
    line = "momentum.py:88: √vₜ + ε  [tried: agrees with lines 89–90; in 4 runs, 48 comparisons;"
    assert line in capsys.readouterr().out


def test_the_verdicts_are_recorded(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert main(["check", str(root), "--record"]) == 0
    report = read_report(root / "checks.json")
    report.verify(root)
    assert report.totals()["tried"] == 13


def test_a_proof_that_was_recorded_and_is_lost_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path)
    main(["check", str(root), "--record"])
    report = root / "checks.json"
    entries = json.loads(report.read_text(encoding="utf-8"))
    formula = next(e for e in entries["entries"]["momentum.py"] if e["text"] == "√vₜ + ε")
    formula["status"] = "proved"
    report.write_text(json.dumps(entries), encoding="utf-8")
    assert main(["check", str(root)]) == 1
    assert "√vₜ + ε\n    was proved when it was recorded" in capsys.readouterr().out
    assert main(["check", str(root), "--record"]) == 0
    assert main(["check", str(root)]) == 0


def test_part_of_the_sources_is_not_recorded(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert main(["check", str(root / "momentum.py"), "--record"]) == 2
    assert not (root / "checks.json").exists()


def test_settings_may_be_named(tmp_path: Path) -> None:
    assert main(["check", "--settings", str(project(tmp_path) / "pyproject.toml")]) == 0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "has a table [tool.sidebyside.check]"),
        ("[tool.sidebyside.check]\nsources = []", "missing: configurations"),
        (TABLE + "colour = 'red'", "unknown: colour"),
        (TABLE + "strict = 'yes'", "`strict` must be a bool, got 'yes'"),
        (TABLE + "[", "pyproject.toml: "),
        (TABLE.replace("configurations.py", "nowhere.py"), "no such Python file"),
        (
            TABLE.replace("configurations.py", "momentum.py"),
            "there is no function `configurations`",
        ),
        (TABLE.replace("momentum.py", "nowhere"), "neither a file, nor a folder, nor a module"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, message: str
) -> None:
    assert main(["check", str(project(tmp_path, table=table))]) == 2
    assert message in capsys.readouterr().err


def test_a_path_without_sources_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path)
    assert main(["check", str(root / "configurations.py")]) == 2
    assert "none of the sources" in capsys.readouterr().err


def test_a_formula_that_does_not_parse_is_an_error_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path, ("        # vₜ ← β·vₜ₋₁ + gₜ²", "        # vₜ ← β·vₜ₋₁ +"))
    assert main(["check", str(root)]) == 2
    assert capsys.readouterr().err.startswith("momentum.py:65: `vₜ ← β·vₜ₋₁ +` is no formula")


def pytest_run(root: Path, *options: str) -> str:
    module = "from sidebyside.pytest_plugin import Formulas\n\nformulas = Formulas()\n"
    (root / "test_formulas.py").write_text(module)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout


def test_each_formula_is_a_test(tmp_path: Path) -> None:
    out = pytest_run(project(tmp_path), "--collect-only")
    assert "test_formulas.py::formulas::momentum.py:88 √vₜ + ε" in out
    assert "test_formulas.py::formulas::momentum.py: symbols" in out


def test_a_wrong_formula_is_a_failed_test_without_a_traceback(tmp_path: Path) -> None:
    out = pytest_run(project(tmp_path, WRONG))
    assert MESSAGE in out
    assert "Traceback" not in out
    assert "1 failed, 14 passed" in out


def test_an_unknown_symbol_in_a_sentence_fails_the_test_of_the_file(tmp_path: Path) -> None:
    out = pytest_run(project(tmp_path, ("# The whole of it:", "# The whole of $qₜ$:")))
    assert "FAILED test_formulas.py::formulas::momentum.py: symbols" in out
    assert 'no symbol "qₜ"' in out


def test_the_formula_beside_the_wrong_line_is_told_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ("        v += grad**2", "        v += grad**4")
    assert main(["check", str(project(tmp_path, wrong))]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("momentum.")]
    assert lines[0] == "momentum.py:65: vₜ ← β·vₜ₋₁ + gₜ²"
    assert len(lines) > 1


def test_what_raised_is_told_before_what_it_made_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ("        m, v = state", "        raise ValueError('no')\n        m, v = state")
    assert main(["check", str(project(tmp_path, wrong))]) == 1
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "configurations.py: Toy() raised ValueError in momentum.py:60: no"
    assert any("no run of Toy has come to the end of a step" in line for line in rest)


def test_a_file_checked_alone_has_the_signs_that_it_has_among_others() -> None:
    settings = read_settings(ROOT / "pyproject.toml")
    path = "labml_nn_optim/amsgrad.py"
    alone = check_files(settings, [path]).entries[path]
    recorded = read_report(ROOT / settings.report).entries[path]
    assert [(each.text, each.status) for each in alone] == [(e.text, e.status) for e in recorded]
