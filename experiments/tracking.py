"""
# Tracking, in local files

Runs are tracked with [labml](https://github.com/labmlai/labml), which can also send them to a
server. Here it cannot: of its writers only the one for files is used, so there is no account, no
address and no network. Each run has a folder in `logs/`, which git ignores.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import TracebackType

from labml import experiment, lab, tracker

from experiments.runs import Run


@contextlib.contextmanager
def quiet(home: Path) -> Iterator[None]:
    """
    ## labml, without its announcements, and away from the home folder

    labml prints a heading for each run, and keeps a list of projects in `~/.labml`. A thousand
    small runs want neither. The list goes to the logs instead.
    """
    old = os.environ.get("HOME")
    os.environ["HOME"] = str(home)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        if old is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = old


@cache
def configure(logs: Path) -> None:
    """## Where labml puts its files"""
    lab.configure({"path": str(logs), "experiments_path": ".", "app_url": None})


class Tracker:
    """
    ## One tracked run

    A context: labml notes how the run ended, completed, interrupted or crashed.

    * `folder`: where its files go, named `<logs>/<task>/<run>`
    * `resume`: add to what is there, rather than begin anew
    * `show`: print a progress line, with the time that is left
    """

    def __init__(self, run: Run, folder: Path, *, resume: bool, show: bool) -> None:
        """### Make the folder, and tell labml"""
        self.run, self.show = run, show
        self.start = time.monotonic()
        self.first: int | None = None
        logs = folder.parents[1]
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            # The process number that labml leaves behind would make it refuse to go on.
            if not resume or path.name == "run.pid":
                path.unlink()
        with quiet(logs):
            configure(logs)
            # An address in the environment has no effect, since "app" is not among the writers.
            experiment.create(
                uuid=folder.name, name=run.task, python_file=__file__, writers={"file"}
            )
            experiment.configs(vars(run).copy())
            self.watcher = experiment.start()

    def __enter__(self) -> Tracker:
        """### Begin"""
        with quiet(Path()):
            self.watcher.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """### End, one way or another"""
        self.watcher.__exit__(kind, error, trace)
        if self.show:
            print(file=sys.stderr)

    def save(self, point: dict[str, float]) -> None:
        """### Track one point, and show it"""
        step = int(point["step"])
        values = {name: value for name, value in point.items() if name != "step"}
        tracker.save(step, values)
        if self.show:
            self.print_line(step, values)

    def print_line(self, step: int, values: dict[str, float]) -> None:
        """
        ### The progress line

        On a terminal it replaces itself. In a file each record has its own line.
        """
        if self.first is None:
            # A resumed run has taken its first steps in another process: count from here.
            self.first, self.start = step, time.monotonic()
        pace = (time.monotonic() - self.start) / max(1, step - self.first)
        left = f"{pace * (self.run.steps - step):.0f} s left" if step > self.first else "…"
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        line = f"{self.run.task} {self.run.optimizer}  {step}/{self.run.steps}  {numbers}  {left}"
        ending = "" if sys.stderr.isatty() else "\n"
        start = "\r\033[K" if sys.stderr.isatty() else ""
        print(start + line, end=ending, file=sys.stderr, flush=True)

    def interrupted(self, step: int) -> None:
        """### Say what was kept"""
        if self.show:
            message = f"interrupted; kept up to step {step}, --resume goes on from there"
            print(f"\n{message}", file=sys.stderr)
