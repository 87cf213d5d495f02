"""
Record what the processor runs for each annotated line of AdaBelief's step.

`python docs/kernel.py` traces the step and prints it, as the library does, and writes
docs/facts/kernel.json. The page is made from the record, so that building the site needs no torch;
a test compares the record with what is printed now.
"""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import torch

from labml_nn_optim import AdaBelief
from labml_nn_optim.engine.printing_c import to_c
from labml_nn_optim.engine.printing_triton import to_triton
from labml_nn_optim.engine.programs import Recipe, split_numbers, traced
from labml_nn_optim.engine.tracing import Trace
from labml_nn_optim.rule import settled
from sidebyside.formula import FormulaError, parse_formula

HERE = Path(__file__).parent
RECORD = HERE / "facts" / "kernel.json"
ASSIGNED = re.compile(r"^ *((?:const \w+ )?x(\d+) = .*)$", re.MULTILINE)
STORED = re.compile(r"^ *(p_\d+\[i\] = .*|tl\.store\(p\d+ \+ places.*)$", re.MULTILINE)


def current() -> dict[str, Any]:
    """What is printed now, long after rectification has begun, without weight decay."""
    optimizer = AdaBelief([torch.zeros(1, requires_grad=True)])
    group = optimizer.param_groups[0]
    at_step = optimizer.at_step(settled(group), 1000)
    constants, names, _ = split_numbers(at_step, optimizer.defaults, group)
    tensors = ("param", "grad", "exp_avg", "exp_avg_var")
    kinds = tuple((name, torch.float32) for name in tensors)
    trace = traced(Recipe(AdaBelief, ((constants, names),), kinds, "cpu"))
    sources = {"c": to_c(trace), "triton": to_triton(trace)}
    labels = [name for name, count in names for name in ([name] if not count else BETAS)]
    return {
        "sources": sources,
        "fetched": [
            {"name": name, **written(sources, {value.place})}
            for name, value in [*zip(labels, trace.numbers, strict=True), *trace.tensors.items()]
        ],
        "rows": [row(sources, trace, *each) for each in steps(trace)],
        "stored": {language: STORED.findall(text) for language, text in sources.items()},
    }


BETAS = ["betas[0]", "betas[1]"]


def steps(trace: Trace) -> list[tuple[str, int]]:
    """The file and line of each statement of the rule, in the order in which they run."""
    return [source for source, _ in groupby(line.source for line in trace.lines)]


def row(sources: dict[str, str], trace: Trace, path: str, number: int) -> dict[str, Any]:
    """A statement, the formula above it, and what becomes of it."""
    lines = [line for line in trace.lines if line.source == (path, number)]
    code = Path(path).read_text(encoding="utf-8").splitlines()
    once = {line.value.place for line in lines if not line.value.vector}
    each = {line.value.place for line in lines if line.value.vector}
    return {
        "file": Path(path).name,
        "code": code[number - 1].strip(),
        "formulas": formulas_above(code, number),
        "once": written(sources, once),
        "each": written(sources, each),
    }


def formulas_above(code: list[str], number: int) -> list[str]:
    """The formulas in the comment right above a statement."""
    found: list[str] = []
    for line in reversed(code[: number - 1]):
        text = line.strip()
        if not text.startswith("#"):
            break
        try:
            parse_formula(text.removeprefix("#").strip())
        except FormulaError:
            continue
        found.append(text.removeprefix("#").strip())
    return found[::-1]


def written(sources: dict[str, str], places: set[int]) -> dict[str, list[str]]:
    """The printed lines that compute these values."""
    return {
        language: [text for text, place in ASSIGNED.findall(source) if int(place) in places]
        for language, source in sources.items()
    }


if __name__ == "__main__":
    RECORD.write_text(json.dumps(current(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {RECORD}")
