"""A file that is checked alone is not held to what only the runs of others show."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_file_keeps_its_signs_when_it_is_checked_alone() -> None:
    command = [sys.executable, "-m", "sidebyside", "check", "labml_nn_optim/ada_belief.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed" not in done.stdout
