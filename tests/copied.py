"""What a command does in a copy of this process, in which all that it imports is imported."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from sidebyside.checking.processes import apart


def copied(folder: Path, command: Callable[[], int]) -> tuple[int, str]:
    """Run a command in a folder; return its status, and what it printed."""

    def run() -> tuple[int, str]:
        os.chdir(folder)
        own = {each.stem for each in folder.iterdir()}
        for name in [each for each in sys.modules if each.partition(".")[0] in own]:
            del sys.modules[name]  # that of another test
        with redirect_stdout(io.StringIO()) as printed:
            status = command()
        return int(status), printed.getvalue()

    return apart(run)
