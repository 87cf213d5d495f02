"""
What the recipes say of other packages is so. Their code is run in tests/test_docs_run.py; here are
the tables, row by row, and the program that readers save as a file.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import labml_nn_optim
from tests.parity import peers
from tests.test_docs_run import ROOT

PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
TITLED = re.compile(r'^```python title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+\(params.*?\))` \| `(\w+\(params.*?\))` \|", re.MULTILINE)
OURS = {name: getattr(labml_nn_optim, name) for name in labml_nn_optim.__all__}
PACKAGES: dict[str, dict[str, Any]] = {
    "torch.optim": vars(torch.optim),
    "adabelief-pytorch": {"AdaBelief": peers.authors_adabelief},
    "labml_nn": {
        "Adam": peers.LabmlAdam,
        "AMSGrad": peers.LabmlAMSGrad,
        "RAdam": peers.LabmlRAdam,
        "WeightDecay": peers.LabmlWeightDecay,
    },
}


def rows(package: str) -> list[tuple[str, str]]:
    """What stands on the left and in the middle of the table about a package."""
    section = PAGE.split(f"## Coming from `{package}`\n")[1].split("\n## ")[0]
    return ROW.findall(section)


Made = Callable[[list[Tensor]], Any]


def maker(call: str, names: dict[str, Any]) -> Made:
    return lambda params: eval(call, {**names, "params": params})


def stepped(make: Made, optimizer: Any = None, start: Tensor | None = None, steps: int = 20) -> Any:
    """A parameter after some steps along noisy gradients, and the optimizer."""
    noise = torch.Generator().manual_seed(0 if start is None else 1)
    first = torch.linspace(-1, 1, 7, dtype=torch.float64) if start is None else start.clone()
    param = first.detach().requires_grad_()
    made = make([param])
    if optimizer is not None:
        # torch would share the count of steps with the one that is loaded
        made.load_state_dict(deepcopy(optimizer.state_dict()))
    for _ in range(steps):
        param.grad = torch.randn(7, generator=noise, dtype=torch.float64) + 0.3
        made.step()
    return param.detach(), made


CASES = [(package, *row) for package in PACKAGES for row in rows(package)]


@pytest.mark.parametrize(("package", "theirs", "ours"), CASES)
def test_a_row_of_a_table_names_two_equal_optimizers(package: str, theirs: str, ours: str) -> None:
    there, _ = stepped(maker(theirs, PACKAGES[package]))
    here, _ = stepped(maker(ours, OURS))
    torch.testing.assert_close(here, there, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("package", "theirs", "ours"), CASES)
def test_a_run_may_change_over_half_way(package: str, theirs: str, ours: str) -> None:
    half, optimizer = stepped(maker(theirs, PACKAGES[package]))
    there, _ = stepped(maker(theirs, PACKAGES[package]), optimizer, start=half)
    if "amsgrad" in theirs and package == "adabelief-pytorch":
        for group in optimizer.param_groups:
            group["amsgrad"] = False  # as the page says
    here, _ = stepped(maker(ours, OURS), optimizer, start=half)
    assert not torch.equal(there, half)
    torch.testing.assert_close(here, there, rtol=1e-12, atol=1e-14)


def test_the_tables_have_the_rows_that_are_tested() -> None:
    assert [len(rows(package)) for package in PACKAGES] == [6, 7, 5]
    # Each is a row of three columns, and no other table begins with a call.
    assert len(CASES) == len(re.findall(r"^\| `\w+\(params", PAGE, re.MULTILINE))


def test_a_row_with_a_wrong_name_would_be_noticed() -> None:
    there, _ = stepped(maker("Adam(params)", PACKAGES["labml_nn"]))
    here, _ = stepped(maker("Adam(params)", OURS))
    assert not torch.allclose(here, there, rtol=1e-12, atol=1e-14)


def test_the_logging_program_records_steps_and_second_moments(tmp_path: Path) -> None:
    ((name, program),) = TITLED.findall(PAGE)
    (tmp_path / name).write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, name],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (log,) = (tmp_path / "logs").rglob("log.jsonl")
    tracked: dict[str, list[float]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        for name, points in json.loads(line)["track"].items():
            tracked.setdefault(name, []).extend(value for _, values in points for value in values)
    assert tracked.keys() == {
        "loss",
        *("step.weight", "step.bias", "second_moment.weight", "second_moment.bias"),
    }
    assert {len(values) for values in tracked.values()} == {20}  # every fiftieth of a thousand
    assert tracked["loss"][-1] < 1e-6 < tracked["loss"][0]
    assert all(value > 0 for value in tracked["second_moment.weight"])
    # The longest steps are some learning rates long, and the last ones short.
    assert tracked["step.weight"][-1] < 1e-2 < max(tracked["step.weight"]) < 1
