"""The example of the page on many machines does what the page says, whoever dies on the way."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

from tests.distributed.dying import DEATHS, EXAMPLE, run_example
from tests.distributed.world import PATIENCE, in_processes
from tests.labml_nn_optim.table import same

ROOT = Path(__file__).parents[2]
ALL = [f"step-{step:06}" for step in (20, 40, 60, 80, 100)]


def finished(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("step-*"))


def contents(checkpoint: Path, scratch: Path) -> Any:
    dcp_to_torch_save(checkpoint, scratch / "whole.pt")
    whole = torch.load(scratch / "whole.pt", weights_only=True)
    for group in whole["optimizer"]["param_groups"]:
        group.pop("differentiable", None)  # which torch itself adds when something is loaded
    return whole


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken")
    in_processes(2, run_example, folder)
    assert finished(folder) == ALL
    return folder


def assert_same_run(folder: Path, other: Path, scratch: Path) -> None:
    assert finished(folder) == finished(other)
    for name in finished(folder):
        assert same(contents(folder / name, scratch), contents(other / name, scratch)), name


def test_the_example_learns_and_its_checkpoints_hold_everything(
    unbroken: Path, tmp_path: Path
) -> None:
    last = contents(unbroken / ALL[-1], tmp_path)
    assert sorted(last["model"]) == ["0.bias", "0.weight", "2.bias", "2.weight"]
    for param, state in last["optimizer"]["state"].items():
        assert state["step"] == 100
        assert state["exp_avg"].shape == last["model"][param].shape
    numbers = torch.randn(1000, 32, generator=torch.Generator().manual_seed(0))
    hidden = numbers @ last["model"]["0.weight"].T + last["model"]["0.bias"]
    answers = hidden.relu() @ last["model"]["2.weight"].T + last["model"]["2.bias"]
    assert (answers.argmax(1) == numbers[:, :10].argmax(1)).float().mean() > 0.5


@pytest.mark.parametrize("death", DEATHS)
def test_after_a_death_the_run_goes_on_from_the_last_whole_checkpoint(
    death: str, unbroken: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(AssertionError, match="died without a word"):
        in_processes(2, run_example, folder, death)
    assert finished(folder) == ["step-000020"]
    in_processes(2, run_example, folder)
    assert_same_run(folder, unbroken, tmp_path)


def test_torchrun_starts_the_processes_again_when_one_dies(unbroken: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    # The first variable is on the page, with its reason.
    environment = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1", "OMP_NUM_THREADS": "1"}
    torchrun = subprocess.run(
        [*command, "--max-restarts=1", "-m", "tests.distributed.dying", str(folder)],
        cwd=ROOT,
        env={**os.environ, **environment, "GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert torchrun.returncode == 0, torchrun.stderr
    assert "exitcode: -9" in torchrun.stderr, "nobody was killed"
    assert torchrun.stdout.count("step 20:") == 1, "started anew rather than went on"
    assert_same_run(folder, unbroken, tmp_path)


def test_the_checkpoints_of_the_page_do_not_work_with_zero_redundancy(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    made = re.search(r"^optimizer = .*$", text, re.MULTILINE)
    assert made
    changes = (
        ("from torch.distributed.fsdp import fully_shard", "import warnings"),
        ("model = fully_shard(model)\n", ""),
        (
            made[0],
            # What is imported compiles other optimizers with torch.jit, and warns of it.
            "warnings.simplefilter('ignore', DeprecationWarning)\n"
            "from torch.distributed.optim import ZeroRedundancyOptimizer\n"
            "from torch.nn.parallel import DistributedDataParallel\n"
            "model = DistributedDataParallel(model)\n"
            "optimizer = ZeroRedundancyOptimizer("
            "model.parameters(), optimizer_class=AdaBelief, lr=1e-2)",
        ),
    )
    for old, new in changes:
        text = text.replace(old, new)
    source = tmp_path / "zero.py"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError, match="RuntimeError: Optimizer state has not been consol"):
        in_processes(2, run_example, tmp_path / "run", None, source)


def test_the_changes_that_the_page_shows_turn_shards_into_copies(
    unbroken: Path, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "many-machines.md").read_text(encoding="utf-8")
    changes = re.findall(r"^-(.+)\n\+(.+)$", page, re.MULTILINE)
    assert len(changes) == 3
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old + "\n") == 1, old
        text = text.replace(old, new)
    source = tmp_path / "copies.py"
    source.write_text(text, encoding="utf-8")
    folder = tmp_path / "run"
    in_processes(2, run_example, folder, None, source)
    copies, shards = (contents(run / ALL[-1], tmp_path) for run in (folder, unbroken))
    for name, value in copies["model"].items():
        torch.testing.assert_close(value, shards["model"][name], rtol=1e-2, atol=1e-3)
    # And the copies go on from their own checkpoint.
    (folder / ALL[-1]).rename(tmp_path / "last")
    in_processes(2, run_example, folder, None, source)
    assert same(contents(folder / ALL[-1], tmp_path), contents(tmp_path / "last", tmp_path))
