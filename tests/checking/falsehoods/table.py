"""
How the tables of falsehoods are written, and run.

Each is a class `X` whose `step(self, x)` has the body given, with a formula in it, or with `doc` in
the docstring of the class. It is run with two settings on five inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

from sidebyside.checking.check import check_package
from sidebyside.report import SIGNS, Entry
from sidebyside.settings import Settings
from tests.checking.tiny import write

AGREE = (*SIGNS, "tried")  # what the build goes on with
MODULE = '''"""
# Tiny
"""

import math

import numpy as np
{top}

class X:
    """
    ## X

{doc}
    * $x$ is `x`, the input
    * $mₜ$ is `self.m`, the state
    * $w$ is `self.w`, the weight
{notes}
    """

    def __init__(self, {args}):
        self.w = w
        self.m = 0.0
        {init}

{more}
    def step(self, x):
{body}
'''
CONFIGURATIONS = """
import numpy as np
from tiny import X

def configurations():
    yield X, {{"w": 0.5}}
    yield X, {{"w": 0.8}}

def run(cls, arguments, count, gradients=None):
    it = cls(**arguments)
    for x in ({inputs}) if gradients is None else gradients:
        count(it)
        it.step(x)
"""


@dataclass(frozen=True)
class Case:
    """A formula, and the class it speaks of. `helper` is the text of a module beside it."""

    name: str
    kind: str
    body: str
    formula: str
    args: str = "w=0.5"
    init: str = "pass"
    top: str = ""
    doc: str = ""
    more: str = ""
    notes: str = ""
    xs: str = "3.0, -1.0, 4.0, 1.5, -2.5"
    helper: str = ""
    memory: tuple[str, ...] = ("self.m",)

    @property
    def source(self) -> str:
        """The text of the module."""
        return MODULE.format(
            top=self.top,
            doc=indent(self.doc, "    "),
            notes=indent(self.notes, "    "),
            args=self.args,
            init=self.init,
            more=indent(dedent(self.more), "    "),
            body=indent(self.body.strip(), "        "),
        )


def settings_of(case: Case, folder: Path) -> Settings:
    """Write the modules of a case, and return the settings to check them with."""
    runs = CONFIGURATIONS.format(inputs=case.xs)
    settings = write(folder, case.source, runs, memory=case.memory)
    if case.helper:
        (settings.root / "helper.py").write_text(case.helper, encoding="utf-8")
    return settings


def entry_of(case: Case, folder: Path) -> Entry:
    """Return what became of the formula; of the one in the docstring, if there are two."""
    report = check_package(settings_of(case, folder))
    same = [each for each in report.entries["tiny.py"] if each.text == case.formula]
    return same[0 if case.doc else -1]
