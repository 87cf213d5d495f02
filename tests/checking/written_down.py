"""
Programs and the signs of their formulas, written down in Markdown.

A section is a case. Its first block of Python is the module; a second one, if there is one, says
what to run. The block `signs` has a line for each formula that matters: the formula, `→`, its sign,
and, after a colon, words that the verdict must have.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.checking.tiny import CONFIGURATIONS

# An optimizer of torch, which takes seven steps with one parameter.
TORCH = """
import torch
from tiny import X

def configurations():
    yield X, {}
    yield X, {"lr": 0.5, "betas": (0.5, 0.7)}

def run(cls, arguments, count):
    param = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
    it = cls([param], **{**{"lr": 0.1, "betas": (0.8, 0.95)}, **arguments})
    for k in range(7):
        grad = torch.sin(torch.arange(1, 4, dtype=torch.float64) * (k + 1) ** 1.5)
        param.grad = grad * (9 if k == 4 else 1)
        count(param)
        it.step()
"""


class Case(NamedTuple):
    name: str
    program: str
    configurations: str
    signs: list[tuple[str, str, str]]
    settings: dict[str, Any]


def read_cases(file: Path) -> Iterator[Case]:
    for section in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
        title = section.partition("\n")[0]
        blocks = re.findall(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$", section, flags=re.M | re.S)
        programs = [text for kind, _, text in blocks if kind == "python"]
        texts = next((option for kind, option, _ in blocks if kind == "python"), "")
        options = dict(re.findall(r'(\w+)="([^"]*)"', texts))
        is_torch = options.pop("run", "") == "torch"
        if is_torch:
            options |= {"entry": "step_param", "memory": "state param"}
        signs = next(text for kind, _, text in blocks if kind == "signs")
        yield Case(
            f"{file.stem}: {title}",
            programs[0],
            programs[1] if len(programs) > 1 else TORCH if is_torch else CONFIGURATIONS,
            [read_sign(line) for line in signs.splitlines()],
            {n: tuple(each.split()) if n == "memory" else each for n, each in options.items()},
        )


def read_sign(line: str) -> tuple[str, str, str]:
    formula, _, rest = line.rpartition(" → ")
    sign, _, words = rest.partition(": ")
    return formula, sign, words


def in_module(program: str) -> str:
    """A program with a title, if it has none of its own."""
    return program if program.startswith('"""') else f'"""\n# Tiny\n"""\n\n\n{program}'
