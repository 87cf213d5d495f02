"""What is run is what is written, and the report says on what the verdicts depend."""

from __future__ import annotations

import os
import py_compile
from pathlib import Path

import pytest

from sidebyside.checking.check import check_package
from sidebyside.report import ReportError
from sidebyside.settings import Settings, read_settings
from tests.checking.tiny import CONFIGURATIONS, STEP, check, entry, of_class, write

FORMULA = "mₜ ← mₜ₋₁ + x"


def keep_compiled(file: Path) -> None:
    """Compile a file, and let the compiled one seem up to date after a change of equal size."""
    times = (file.stat().st_atime, file.stat().st_mtime)
    py_compile.compile(str(file))
    file.write_text(file.read_text(encoding="utf-8").replace("m + x", "m - x"), encoding="utf-8")
    os.utime(file, times)


def test_code_that_was_compiled_before_a_change_is_not_run(tmp_path: Path) -> None:
    settings = write(tmp_path, of_class(STEP))
    keep_compiled(settings.root / "tiny.py")
    found = entry(check_package(settings), FORMULA)
    assert found.status == "failed"
    assert "formula 1, code -1" in found.detail


def test_configurations_that_were_compiled_before_a_change_are_not_run(tmp_path: Path) -> None:
    runs = CONFIGURATIONS + "\ndef change(m, x):\n    return m + x\n"
    runs = runs.replace("it.step(1.0 + k)", "it.step(change(0.0, 1.0))")
    settings = write(
        tmp_path, of_class(STEP.replace("+ x\n        self", "+ |x|\n        self")), runs
    )
    keep_compiled(settings.root / "configurations.py")
    assert entry(check_package(settings), "mₜ ← mₜ₋₁ + |x|").status == "failed"


HELPED = STEP.replace("self.m = self.m + x", "self.m = add(self.m, x)")
HELPER = "def add(a, b):\n    return a + b\n"
TABLE = """
[tool.sidebyside.check]
sources = ["tiny.py"]
configurations = "configurations.py"
notation = "notation.md"
entry = "step"
memory = ["self.m"]

[tool.other]
"""


def project(tmp_path: Path) -> Settings:
    """A package with a helper that is no source, and settings in a file."""
    source = of_class(HELPED).replace("import numpy as np", "from helper import add")
    root = write(tmp_path, source).root
    for name, text in (("helper.py", HELPER), ("notation.md", ""), ("pyproject.toml", TABLE)):
        (root / name).write_text(text, encoding="utf-8")
    return read_settings(root / "pyproject.toml")


@pytest.mark.parametrize(
    ("file", "old", "new", "name"),
    [
        ("helper.py", "a + b", "a - b", "helper.py"),
        ("notation.md", "", "Words.", "notation.md"),
        ("pyproject.toml", '"self.m"', '"x"', r"pyproject\.toml \[tool\.sidebyside\.check\]"),
    ],
)
def test_a_change_of_what_the_verdicts_depend_on_makes_the_report_stale(
    tmp_path: Path, file: str, old: str, new: str, name: str
) -> None:
    settings = project(tmp_path)
    report = check_package(settings)
    assert report.ok
    report.verify(settings.root)
    path = settings.root / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ReportError, match=f"{name} has changed since it was checked"):
        report.verify(settings.root)


def test_other_settings_in_the_same_file_may_change(tmp_path: Path) -> None:
    settings = project(tmp_path)
    report = check_package(settings)
    file = settings.root / "pyproject.toml"
    file.write_text(file.read_text(encoding="utf-8") + "changed = true\n", encoding="utf-8")
    report.verify(settings.root)


def test_the_report_is_about_the_project_only(tmp_path: Path) -> None:
    report = check(tmp_path, of_class(STEP))
    assert set(report.hashes) == {
        "tiny.py",
        "configurations.py",
        "pyproject.toml [tool.sidebyside.check]",
    }


def test_warnings_about_the_text_of_a_module_are_not_the_checkers(tmp_path: Path) -> None:
    source = of_class(STEP) + '\nPATTERN = "\\d"\n'
    assert check(tmp_path, source).ok  # although the tests turn warnings into errors
