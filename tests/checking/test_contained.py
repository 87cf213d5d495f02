"""Code that is recorded may do anything; the check goes on, and says what was done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sidebyside.__main__ import main
from sidebyside.trace import contained
from tests.checking.test_command import project

ROOT = Path(__file__).parents[2]
DRIVES = "def run(cls, arguments, count, gradients=None):\n"


def does(folder: Path, *lines: str) -> Path:
    """Return a package whose runs do something first."""
    code = DRIVES + "".join(f"    {line}\n" for line in lines)
    return project(folder, (DRIVES, code))


def test_what_a_run_prints_is_no_part_of_the_report(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(does(tmp_path, 'print("1 formulas: 1 proved")'))]) == 0
    printed = capfd.readouterr()
    assert printed.out.count("formulas") == 1
    assert "1 formulas: 1 proved\n" in printed.err


def test_a_run_may_change_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = does(tmp_path, "import os, tempfile", "os.chdir(tempfile.gettempdir())")
    monkeypatch.chdir(root)
    assert main(["check", "--record"]) == 0
    assert Path.cwd() == root
    assert (root / "checks.json").exists()


@pytest.mark.parametrize("ends", ["sys.exit(3)", "os._exit(3)", "raise SystemExit(3)"])
def test_a_run_that_ends_the_program_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ends: str
) -> None:
    kept = os._exit
    assert main(["check", str(does(tmp_path, "import os, sys", ends))]) == 1
    said = capsys.readouterr().out
    assert "Toy() raised EndedError: it ends the program, with status 3" in said
    assert "formulas" in said
    assert os._exit is kept


@pytest.mark.skipif(not hasattr(contained.signal, "setitimer"), reason="only Unix interrupts")
@pytest.mark.parametrize("hangs", ["time.sleep(600)", "while True: pass"])
def test_a_run_that_does_not_end_is_interrupted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    hangs: str,
) -> None:
    monkeypatch.setattr(contained, "SECONDS", 0.2)
    lines = "import time", 'if arguments.get("signed"):', f"    {hangs}"
    assert main(["check", str(does(tmp_path, *lines))]) == 1
    said = capsys.readouterr().out
    assert "Toy(signed=True) raised EndedError: it takes longer than 0.2 s" in said


def test_configurations_that_end_the_program_are_an_error_of_their_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path, (DRIVES, f"raise SystemExit(3)\n\n\n{DRIVES}"))
    assert main(["check", str(root)]) == 2
    assert "configurations.py" in (said := capsys.readouterr().err)
    assert "it ends the program, with status 3" in said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing else copies a process")
def test_a_copy_of_the_process_that_a_run_makes_writes_no_second_report(tmp_path: Path) -> None:
    root = does(tmp_path, "import os", "os.fork()")
    command = [sys.executable, "-W", "ignore", "-m", "sidebyside", "check", str(root)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.count("24 formulas: 13 tried") == 1


def test_a_run_that_takes_the_trace_function_away_was_not_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(does(tmp_path, "import sys", "sys.settrace(None)"))]) == 1
    assert "raised UnseenError: the code takes Python's trace function" in capsys.readouterr().out
