"""Results that are whole and current are kept; others are done again, and never mixed in."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from experiments import results, sources, suite, tasks
from experiments.optimizers import COMPETITORS, competing, find
from experiments.plan import DESIGNS, REPORT_SEEDS, TUNING_SEEDS, Plan
from experiments.runs import Run
from experiments.suite import Progress, Store, record, run_all
from experiments.summary import Experiment
from experiments.training import train

ROOT = Path(__file__).parents[2]
RUN = Run("trap", "adam", 1e-2, 0.0, 0, 10)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A result that is whole and current."""
    folder = tmp_path / RUN.task / RUN.name
    done = train(tasks.make(RUN), folder, alone=False)
    return results.write(RUN, done, folder, "test")


def test_a_result_comes_back_as_it_was_written(file: Path, tmp_path: Path) -> None:
    result, state = results.read(RUN, tmp_path)
    assert state == "current"
    assert result is not None
    assert result["record"]["step"] == list(range(1, 11))
    assert {"commit", "machine", "python", "torch", "command"} <= result["made"].keys()


def test_a_file_cut_anywhere_is_damaged_and_the_run_is_done_again(
    file: Path, tmp_path: Path
) -> None:
    text = file.read_text()
    for length in range(0, len(text) - 2, 97):
        file.write_text(text[:length])
        assert results.read(RUN, tmp_path) == (None, "damaged")
        assert Store(tmp_path).find(RUN) is None


def test_a_training_that_ended_before_its_last_step_is_damaged(file: Path, tmp_path: Path) -> None:
    result = json.loads(file.read_text())
    result["record"] = {name: values[:-1] for name, values in result["record"].items()}
    file.write_text(json.dumps(result))
    assert results.read(RUN, tmp_path) == (None, "damaged")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_result_of_another_source_optimizer_or_torch_is_stale(
    file: Path, tmp_path: Path, part: int
) -> None:
    result = json.loads(file.read_text())
    key = result["key"].split("-")
    key[part] = "0" + key[part][1:] + "0"
    file.write_text(json.dumps({**result, "key": "-".join(key)}))
    assert results.read(RUN, tmp_path) == (None, "stale")


def test_comments_docstrings_and_layout_do_not_change_the_digest() -> None:
    plain = "def f(x):\n    return x + 1\n"
    explained = '"""Why."""\ndef f(x):\n    """Adds."""\n    # One.\n\n    return x  +  1\n'
    assert sources.code(explained) == sources.code(plain)


@pytest.mark.parametrize(
    "other", ["def f(x):\n    return x + 2\n", "def f(x):\n    pass\nreturn_ = x + 1\n"]
)
def test_other_code_changes_the_digest(other: str) -> None:
    assert sources.code(other) != sources.code("def f(x):\n    return x + 1\n")


def test_indentation_is_code() -> None:
    inside = "if x:\n    a()\n    b()\n"
    after = "if x:\n    a()\nb()\n"
    assert sources.code(inside) != sources.code(after)


def our_competitors() -> set[type]:
    param = torch.zeros(1, requires_grad=True)
    made = (each.make([param], 0.1, 0.0, (0.9, 0.999)) for each in COMPETITORS.values())
    return {kind for kind in map(type, made) if kind.__module__.startswith("labml_nn_optim.")}


@pytest.mark.parametrize("kind", sorted(our_competitors(), key=lambda kind: kind.__name__))
def test_the_optimizers_digest_changes_with_what_any_competitor_does(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sources.of_optimizers()
    assert sources.of_optimizers() == before
    # Of this class alone, whatever others inherit from it.
    right = kind.step_param
    monkeypatch.setattr(
        kind,
        "step_param",
        lambda self, *given: None if type(self) is kind else right(self, *given),
    )
    remedy = f"add {kind.__name__} to of_optimizers in sources.py"
    assert sources.of_optimizers() != before, remedy


def test_each_task_has_a_design_and_a_source() -> None:
    assert tasks.TASKS.keys() == DESIGNS.keys() == sources.FILES.keys()
    assert all((sources.FOLDER / name).is_file() for name in sources.FILES.values())


def test_an_unknown_optimizer_or_task_lists_the_right_ones() -> None:
    with pytest.raises(ValueError, match=r"one of sgd, torch-adam, .* got 'adabelieve'"):
        find("adabelieve")
    with pytest.raises(ValueError, match=r"one of digits, digits-hard, .* got 'digit'"):
        tasks.find("digit")


def test_tuning_is_equal_for_all_and_on_other_seeds_than_those_reported() -> None:
    assert not set(TUNING_SEEDS) & set(REPORT_SEEDS)
    assert len(REPORT_SEEDS) >= 5
    for task in DESIGNS:
        plan = Plan(task, 1)
        budgets = {
            len(grid := plan.grid(name)) + len(plan.decays(grid[0])) for name in competing(task)
        }
        assert len(budgets) == 1, task


def test_each_eps_of_the_paper_is_tried_where_the_paper_used_it() -> None:
    tried = {
        task: {name for name in competing(task) if name.startswith("adabelief-1e")}
        for task in DESIGNS
    }
    assert tried.pop("digits") == tried.pop("digits-hard") == {"adabelief-1e-8"}
    assert tried.pop("gan") == {"adabelief-1e-12"}
    assert set().union(*tried.values()) == set()
    for name in ("adabelief-1e-8", "adabelief-1e-12"):
        optimizer = find(name).make([torch.zeros(1, requires_grad=True)], 0.1, 0.0, (0.9, 0.999))
        assert optimizer.param_groups[0]["eps"] == float(name.removeprefix("adabelief-"))
        assert optimizer.param_groups[0]["rectify"] is False


def test_the_untuned_warm_up_takes_a_share_of_adams_step_that_rises_to_one() -> None:
    def steps(name: str, count: int) -> list[float]:
        param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = find(name).make([param], 0.5, 0.0, (0.9, 0.99))
        moves = []
        for _ in range(count):
            before, param.grad = param.item(), torch.ones(1, dtype=torch.float64)
            optimizer.step()
            moves.append(param.item() - before)
        return moves

    warm, plain = steps("adam-warmup", 300), steps("torch-adam", 300)
    shares = [a / b for a, b in zip(warm, plain, strict=True)]
    assert shares == pytest.approx([min(1.0, t / 200) for t in range(1, 301)], rel=1e-9)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, list[Plan]]:
    """Three experiments, all the way, in this process."""
    torch.set_num_threads(1)
    logs = tmp_path_factory.mktemp("logs")
    plans = [Plan(task, 4, quick=True) for task in ("digits-hard", "bowl", "trap")]
    store = Store(logs)
    for plan in plans:
        while missing := plan.missing(store.find):
            for run in missing:
                folder = logs / run.task / run.name
                done = train(tasks.make(run), folder, alone=False)
                results.write(run, done, folder, "test")
    return store, plans


def test_what_is_done_is_not_done_again(
    quick: tuple[Store, list[Plan]], capsys: pytest.CaptureFixture[str]
) -> None:
    store, plans = quick
    again = Store(store.logs)
    run_all(plans, again, 1)
    assert capsys.readouterr().err == ""
    assert all(sum(run.task == plan.task for run in again.known) == plan.count() for plan in plans)


def test_the_best_setting_on_the_validation_set_is_reported(
    quick: tuple[Store, list[Plan]], tmp_path: Path
) -> None:
    store, plans = quick
    for plan in plans:
        experiment = Experiment.read(record(plan, store, tmp_path))
        for name in competing(plan.task):
            scores = {
                (tried.lr, tried.weight_decay): tried.score for tried in experiment.tuning(name)
            }
            chosen = experiment.chosen(name)
            values = [score for score in scores.values() if score is not None]
            best = max(values) if experiment.higher else min(values)
            assert scores[chosen.lr, chosen.weight_decay] == best
            assert len(experiment.finals(name)) == 2


def test_a_damaged_record_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "digits.json"
    path.write_text('{"task": "digits"')
    with pytest.raises(ValueError, match=r"digits\.json is damaged .* run `make experiments`"):
        Experiment.read(path)


def test_progress_estimates_from_the_pace_of_each_kind(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress([Plan("trap", 10)], workers=2)
    total = progress.total["trap"]
    progress.done["trap"], progress.times["trap"] = total - 10, [6.0, 6.0]
    progress.show("now")
    line = capsys.readouterr().err
    assert line == f"{total - 10} of {total} runs, now, about 0 min 30 s left\n"


def test_the_suite_says_which_tasks_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["experiments", "--only", "digit"])
    with pytest.raises(SystemExit, match="one of digits, digits-hard"):
        suite.main()


def test_an_interrupted_rehearsal_keeps_what_is_done_and_goes_on_from_there(tmp_path: Path) -> None:
    only = ["--quick", "--workers", "1", "--logs", str(tmp_path), "--only", "trap"]
    start = [sys.executable, "-m", "experiments", *only]
    first = subprocess.Popen(start, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert first.stderr is not None
    assert first.stderr.readline().startswith("1 of 32 runs, trap sgd")
    first.send_signal(signal.SIGINT)
    _, words = first.communicate(timeout=300)
    assert first.returncode == 1
    assert "the same command goes on from there" in words
    kept = {path: path.read_text() for path in tmp_path.rglob("result.json")}
    assert 0 < len(kept) < 32
    again = subprocess.run(start, cwd=ROOT, capture_output=True, text=True, check=True)
    assert again.stderr.startswith(f"{len(kept) + 1} of 32 runs")
    assert all(path.read_text() == text for path, text in kept.items())
    assert (tmp_path / "quick" / "results" / "trap.json").exists()


@pytest.mark.parametrize("path", sorted(results.RECORDED.glob("*.json")), ids=lambda p: p.stem)
def test_recorded_results_are_of_the_present_source(path: Path) -> None:
    if path.stem == "timing":
        return
    experiment = Experiment.read(path)
    remedy = "run `make experiments`"
    assert experiment.data["key"] == results.key(experiment.task), remedy
    assert all(len(rows) == len(REPORT_SEEDS) for rows in experiment.reports.values())
