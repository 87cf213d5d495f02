"""The recorded report: written, read, and refused when it is of something else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sidebyside.checking.check import check_package
from sidebyside.reasons import FRAMES, Reason, say
from sidebyside.report import Entry, Report, ReportError, read_report, write_report
from tests.checking.our_pages import ROOT
from tests.checking.toy import write


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    settings = write(tmp_path_factory.mktemp("report"))
    return check_package(settings), settings.root


def test_a_report_survives_being_written(checked: tuple[Report, Path], tmp_path: Path) -> None:
    report, root = checked
    write_report(report, tmp_path / "new" / "checks.json")
    read = read_report(tmp_path / "new" / "checks.json")
    assert read.totals() == report.totals()
    assert read.problems == report.problems
    assert read.gaps == report.gaps
    for old, new in zip(report.entries["momentum.py"], read.entries["momentum.py"], strict=True):
        assert replace(old, error=0.0) == replace(new, error=0.0)
        assert new.error == pytest.approx(old.error, rel=0.5)
    read.verify(root)


def test_the_same_verdicts_give_the_same_bytes(
    checked: tuple[Report, Path], tmp_path: Path
) -> None:
    report, _ = checked
    write_report(report, tmp_path / "a.json")
    write_report(read_report(tmp_path / "a.json"), tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_report_of_another_version_of_a_source_is_refused(tmp_path: Path) -> None:
    settings = write(tmp_path)
    report = check_package(settings)
    report.verify(settings.root, ["momentum.py"])
    source = settings.root / "momentum.py"
    source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    report.verify(settings.root)  # line ends are not the author's doing
    source.write_text(source.read_text(encoding="utf-8").replace("1 − β", "1 + β"))
    with pytest.raises(ReportError, match=r"momentum\.py has changed since it was checked"):
        report.verify(settings.root)
    source.unlink()
    with pytest.raises(ReportError, match=r"momentum\.py has changed"):
        report.verify(settings.root)
    with pytest.raises(ReportError, match=r"other\.py is not in the report"):
        report.verify(settings.root, ["other.py"])


def test_a_change_of_what_is_run_makes_a_report_stale(tmp_path: Path) -> None:
    settings = write(tmp_path)
    report = check_package(settings)
    (settings.root / "configurations.py").write_text("")
    with pytest.raises(ReportError, match=r"configurations\.py has changed"):
        report.verify(settings.root)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 0}', '{"format": 1, "hashes": {}}'])
def test_a_damaged_or_foreign_report_is_refused_with_a_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "checks.json").write_text(text)
    with pytest.raises(ReportError, match="sidebyside check --record"):
        read_report(tmp_path / "checks.json")
    with pytest.raises(ReportError, match="does not exist"):
        read_report(tmp_path / "none.json")


def test_a_report_from_before_signs_were_proofs_is_refused_with_a_remedy(tmp_path: Path) -> None:
    old = {"format": 2, "hashes": {}, "entries": {}, "gaps": {}, "problems": []}
    (tmp_path / "checks.json").write_text(json.dumps(old))
    with pytest.raises(ReportError, match=r"of another version of sidebyside; .*check --record"):
        read_report(tmp_path / "checks.json")


def test_what_a_reader_is_told() -> None:
    reasons = (
        Reason("agrees-lines", {"line": 2, "last": 4}),
        Reason("runs", {"runs": 3, "times": 36}),
        Reason("for-all", {"symbols": ["β ∈ (0, 1)", "α > 0"]}),
    )
    entry = Entry(1, "x = 1", "proved", reasons)
    said = ["agrees with lines 2–4", "in 3 runs, 36 comparisons", "for all β ∈ (0, 1), α > 0"]
    assert entry.detail == "; ".join(said)


def test_a_verdict_is_recorded_as_data_that_another_language_has_frames_for(tmp_path: Path) -> None:
    entry = Entry(1, "x = 1", "tried", (Reason("agrees-line", {"line": 2}),))
    write_report(Report({}, {"a.py": (entry,)}), tmp_path / "checks.json")
    (read,) = read_report(tmp_path / "checks.json").entries["a.py"]
    assert read == entry
    assert say(read.reasons, {"agrees-line": "stimmt mit Zeile {line} überein"}) == [
        "stimmt mit Zeile 2 überein"
    ]
    assert say(read.reasons, {}) == ["agrees with line 2"]


def test_every_reason_that_our_pages_give_has_a_frame_for_its_fields() -> None:
    report = read_report(ROOT / "docs" / "facts" / "checks.json")
    entries = [entry for each in report.entries.values() for entry in each]
    assert all(entry.detail for entry in entries if entry.status != "mention")
    assert {reason.key for entry in entries for reason in entry.reasons} <= FRAMES.keys()
    # Nothing that is translated is an English sentence in disguise.
    assert not [e for e in entries if "words" in {reason.key for reason in e.reasons}]


def test_reading_a_report_needs_neither_numpy_nor_sympy_nor_torch() -> None:
    code = (
        "import sys, sidebyside.report\n"
        "print({'numpy', 'sympy', 'torch', 'lark'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
