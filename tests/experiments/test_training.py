"""A run follows from its settings alone, whether or not it was interrupted."""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from pydoc_data.topics import topics

import pytest
import torch

from experiments import results, tasks
from experiments.optimizers import competing
from experiments.runs import Run
from experiments.training import Record, Task, train

ROOT = Path(__file__).parents[2]
SMALL = ("digits", "lstm", "transformer", "gan", "beale", "trap")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def run(task: str, optimizer: str = "adabelief", seed: int = 3, steps: int = 12) -> Run:
    return Run(task, optimizer, 1e-2, 0.0, seed, steps)


def trained(one: Run, logs: Path) -> Record:
    return train(tasks.make(one), logs / one.task / one.name, alone=False)


def stop_after(task: Task, steps: int) -> Task:
    """The task, which is interrupted while it takes its last step."""
    step, left = task.step, iter(range(steps))

    def counted() -> float:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGINT)
        return step()

    task.step = counted  # type: ignore[method-assign]
    return task


@pytest.mark.parametrize("task", SMALL)
@pytest.mark.parametrize("optimizer", ["adabelief", "sgd"])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    task: str, optimizer: str, tmp_path: Path
) -> None:
    one = run(task, optimizer, steps=24)
    whole = trained(one, tmp_path / "whole")
    folder = tmp_path / "parts" / one.task / one.name
    with pytest.raises(KeyboardInterrupt):
        train(stop_after(tasks.make(one), 13), folder)
    resumed = train(tasks.make(one), folder, resume=True)
    assert resumed == whole


def test_a_walk_that_has_settled_is_still_settled_when_it_goes_on(tmp_path: Path) -> None:
    one = Run("bowl", "adabelief", 0.3, 0.0, 0, 200)
    whole = trained(one, tmp_path / "whole")
    assert 0 < whole["test"][-1] < 150
    folder = tmp_path / "parts" / one.task / one.name
    with pytest.raises(KeyboardInterrupt):
        train(stop_after(tasks.make(one), 195), folder)
    assert train(tasks.make(one), folder, resume=True) == whole


def test_nothing_to_resume_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run without --resume"):
        train(tasks.make(run("trap")), tmp_path / "trap" / "none", resume=True)


@pytest.mark.parametrize("task", SMALL)
def test_the_same_seed_gives_the_same_result_and_another_one_another(
    task: str, tmp_path: Path
) -> None:
    first, again = trained(run(task), tmp_path / "a"), trained(run(task), tmp_path / "b")
    assert first == again
    assert trained(run(task, seed=4), tmp_path / "c") != first


@pytest.mark.parametrize("task", SMALL)
def test_all_optimizers_see_the_same_initialization_and_batches(task: str) -> None:
    seen = set()
    for name in competing(task):
        torch.rand(3)  # whoever else draws from the program's generator makes no difference
        made = tasks.make(run(task, name))
        start = [param for group in params(made) for param in group]
        before = [param.detach().clone() for param in start]
        made.step()
        seen.add(
            (
                tuple(float(tensor.sum()) for tensor in before),
                # How far the generator of batches has come after a step.
                bytes(made.random.get_state().tolist()),
            )
        )
    assert len(seen) == 1


def params(task: Task) -> list[list[torch.Tensor]]:
    groups = [group for optimizer in task.optimizers.values() for group in optimizer.param_groups]
    return [group["params"] for group in groups]


def test_the_step_size_falls_to_a_tenth_after_three_quarters() -> None:
    task = tasks.make(run("digits", steps=100))
    rates = []
    for done in (0, 74, 75, 99):
        task.set_rate(done)
        rates.append(task.optimizers["optimizer"].param_groups[0]["lr"])
    assert rates == pytest.approx([1e-2, 1e-2, 1e-3, 1e-3])


def test_a_loss_that_is_not_finite_ends_the_run_and_is_recorded_as_null(tmp_path: Path) -> None:
    one = Run("rosenbrock", "sgd", 1.0, 0.0, 0, 400)
    record = trained(one, tmp_path)
    assert record["step"][-1] < 400
    path = results.write(one, record, tmp_path / one.task / one.name, "test")
    assert json.loads(path.read_text())["record"]["loss"][-1] is None
    assert results.read(one, tmp_path)[1] == "current"


def command(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_keeps_what_was_recorded(tmp_path: Path) -> None:
    arguments = ("experiments.digits", "--logs", str(tmp_path), "--steps", "5000")
    program = command(*arguments)
    assert program.stderr is not None
    first = program.stderr.readline()
    assert "left" in first or "…" in first
    program.send_signal(signal.SIGINT)
    _, rest = program.communicate(timeout=300)
    assert program.returncode == 130
    assert "--resume goes on from there" in rest
    (folder,) = (tmp_path / "digits").iterdir()
    kept = torch.load(folder / "checkpoint.pt", weights_only=True)
    assert kept["record"]["step"][-1] == kept["done"] > 0
    tracked = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert any("test" in line["track"] for line in tracked)
    endings = (folder / "run_log.jsonl").read_text()
    assert '"interrupted"' in endings


NO_NETWORK = """
import socket, sys, runpy

def refuse(*_, **__):
    raise RuntimeError("a socket was opened")

sys.addaudithook(lambda event, _: refuse() if event.startswith("socket.") else None)
sys.argv = ["digits", "--steps", "4", "--logs", sys.argv[1]]
runpy.run_module("experiments.digits", run_name="__main__", alter_sys=True)
"""


def test_runs_are_tracked_in_local_files_and_no_socket_is_opened(tmp_path: Path) -> None:
    home, logs = tmp_path / "home", tmp_path / "logs"
    home.mkdir()
    environment = {
        **os.environ,
        "HOME": str(home),
        # Where labml would report to, if it could.
        "labml_app_url": "http://127.0.0.1:9/",
        "OMP_NUM_THREADS": "1",
    }
    program = [sys.executable, "-W", "error::ResourceWarning", "-c", NO_NETWORK, str(logs)]
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder,) = (logs / "digits").iterdir()
    lines = (folder / "log.jsonl").read_text().splitlines()
    points = [json.loads(line)["track"] for line in lines]
    assert points[-1]["test"][-1][0] == 4
    assert {"run.yaml", "configs.yaml", "result.json"} <= {path.name for path in folder.iterdir()}
    assert not (home / ".labml").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--optimizer", "adabelieve"), "one of sgd, torch-adam, .*adabelief-rectified, .*; got"),
        (("--lr", "-1"), "lr must be positive and finite, got -1.0"),
        (("--seed", "-1"), "seed must be 0 or more"),
        (("--steps", "0"), "steps must be at least 1"),
        (("--resume", "--seed", "77"), "nothing to resume"),
    ],
)
def test_bad_arguments_end_in_one_line_that_says_what_is_allowed(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from experiments.command import main

    logs = ["--logs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["toys", *arguments, *logs])
    with pytest.raises(SystemExit, match=message):
        main("", {"trap": "trap"}, "--surface")


def test_a_command_reports_progress_with_the_time_left(tmp_path: Path) -> None:
    program = command("experiments.toys", "--surface", "trap", "--logs", str(tmp_path))
    _, lines = program.communicate(timeout=300)
    assert program.returncode == 0, lines
    assert "500/1000" in lines
    assert " s left" in lines


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the text of another Python is longer")
def test_the_text_is_as_long_and_as_hard_to_guess_as_the_page_says() -> None:
    text = "".join(topics.values())
    page = (ROOT / "experiments" / "text.py").read_text(encoding="utf-8")
    assert f"{round(len(text), -3):,} characters" in page
    assert f"about {math.log2(len({*text})):.1f}, the binary logarithm of {len({*text})}" in page
