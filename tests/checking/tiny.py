"""A class of a few lines to check, for tests of what a step may do."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from sidebyside.checking.check import check_package
from sidebyside.report import Entry, Report
from sidebyside.settings import Settings

CLASS = '''"""
# Tiny
"""

import numpy as np


class X:
    """
    ## X

    * $x$ is `x`, the input
    * $mₜ$ is `self.m`, the state
    """

    def __init__(self):
        self.m = 0.0

{body}
'''
STEP = """
    def step(self, x):
        # mₜ ← mₜ₋₁ + x
        self.m = self.m + x
"""
CONFIGURATIONS = """
from tiny import X

def configurations():
    yield X, {}

def run(cls, arguments, count):
    it = cls(**arguments)
    for k in range(4):
        count(it)
        it.step(1.0 + k)
"""

# With a second number, and as many steps as a sentence may speak of.
RUN = CONFIGURATIONS.replace("yield X, {}", 'yield X, {}\n    yield X, {"w": 0.8}').replace(
    "range(4)", "range(6)"
)


def of_class(body: str) -> str:
    """Return a module with a class that has these methods."""
    return CLASS.format(body=body)


def write(
    folder: Path, source: str, configurations: str = CONFIGURATIONS, **settings: Any
) -> Settings:
    """Write a package of one module into a folder of its own."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tiny", "helper")]:
        del sys.modules[name]  # that of another test
    (folder / "tiny.py").write_text(source, encoding="utf-8")
    (folder / "configurations.py").write_text(configurations, encoding="utf-8")
    usual: dict[str, Any] = {"entry": "step", "memory": ("self.m",)}
    return Settings(folder, ("tiny.py",), "configurations.py", **{**usual, **settings})


def check(
    folder: Path, source: str, configurations: str = CONFIGURATIONS, **settings: Any
) -> Report:
    """Check such a package."""
    return check_package(write(folder, source, configurations, **settings))


def entry(report: Report, text: str, number: int = -1) -> Entry:
    """Return what became of the last formula with this text, or of another one."""
    return [each for each in report.entries["tiny.py"] if each.text == text][number]
