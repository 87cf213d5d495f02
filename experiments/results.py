"""Results: one file for each run, and one for each experiment when all are done.

A run's file is written under another name and renamed, so that it is whole or not there. What is
there all the same and cannot be read, or ends before the training does, counts as absent: the run
is done again. So does a result that another version of the source made.
"""

from __future__ import annotations

import json
import math
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments import sources
from experiments.runs import Run

FILE = "result.json"
RECORDED = Path(__file__).parent / "results"
Result = dict[str, Any]


@cache
def made() -> dict[str, str]:
    """By what: commit, machine, versions."""
    import torch

    return {
        "commit": commit(),
        "machine": f"{platform.system()} {platform.machine()}, one thread",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": version("numpy"),
        "scikit-learn": version("scikit-learn"),
        "labml": version("labml"),
    }


def commit() -> str:
    """The commit that is checked out, and whether files differ from it."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        name = subprocess.run(
            [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run(
            [*git, "status", "--porcelain", "--", ".", "../labml_nn_optim"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + (" with changes" if changes.stdout.strip() else "")


@cache
def key(task: str) -> str:
    """What a result depends on beside its run: see `sources`."""
    import torch

    release = torch.__version__.split("+")[0]
    return f"{sources.of_task(task)}-{sources.of_optimizers()}-torch{release}"


def write(run: Run, record: dict[str, list[Any]], folder: Path, command: str) -> Path:
    """Write a run's result, and the command that led to it; returns the path."""
    result = {
        "run": asdict(run),
        "key": key(run.task),
        "made": {**made(), "command": command},
        "record": finite(record),
    }
    return store(folder / FILE, json.dumps(result) + "\n")


def command() -> str:
    """How this program was called."""
    name = getattr(sys.modules["__main__"], "__spec__", None)
    module = name.name.removesuffix(".__main__") if name else Path(sys.argv[0]).name
    return " ".join(["python -m", module, *sys.argv[1:]])


def finite(record: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """JSON has no infinity: what is not finite is null. Seven digits are enough."""
    return {
        name: [float(f"{value:.7g}") if math.isfinite(value) else None for value in values]
        for name, values in record.items()
    }


def store(path: Path, text: str) -> Path:
    """Write a file as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    return path


def read(run: Run, logs: Path) -> tuple[Result | None, str]:
    """
    A run's result, or none and why not: `absent`, `damaged` or `stale`.

    A training that was ended early, because its loss was not finite, is complete.
    """
    path = logs / run.task / run.name / FILE
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        record = result["record"]
        whole = record["step"][-1] == run.steps or record["loss"][-1] is None
        same = result["run"] == asdict(run)
    except FileNotFoundError:
        return None, "absent"
    except (ValueError, KeyError, IndexError, TypeError):
        return None, "damaged"
    if not whole or not same:
        return None, "damaged"
    if result["key"] != key(run.task):
        return None, "stale"
    return result, "current"


def collect(
    about: dict[str, Any], rows: Iterable[dict[str, Any]], found: list[Result], path: Path
) -> Path:
    """
    Write what the page needs of an experiment into one small file, a row on each line.

    `about` describes the experiment, so that the page is made without loading it; `found` are the
    results that the rows came from, and say what made them.
    """
    makers: dict[str, list[str]] = {}
    for result in found:
        for name, value in result["made"].items():
            if value not in makers.setdefault(name, []):
                makers[name].append(value)
    head = {**about, "key": key(about["task"]), "made": makers}
    lines = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in rows)
    top = ",\n".join(
        f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in head.items()
    )
    return store(path, f'{{\n{top},\n "rows": [\n{lines}\n ]\n}}\n')
