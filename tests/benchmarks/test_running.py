"""The quick run does all that the long one does. Nothing here looks at a clock."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import torch

from benchmarks import memory, timing
from benchmarks.chart import CHARTS
from benchmarks.subjects import FLOOR, GROWING, REFERENCE, SUBJECTS, Floor, Subject, ours
from benchmarks.workloads import FULL, Workload
from sidebyside.translating.editions import say_english

ROOT = Path(__file__).parents[2]
QUICK = timing.Plan(rounds=(2, 2), warm_up=2, turn=0)
SMALL = Workload("small", [(3, 4), (5,)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speed")
    command = [sys.executable, "-m", "benchmarks", "--quick", "--to", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads((folder / "speed.json").read_text(encoding="utf-8"))
    return recorded


def measured(results: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (workload["name"], name, fact)
        for workload in results["workloads"] + results["growth"]
        for name, fact in workload["subjects"].items()
        if "unavailable" not in fact and name != FLOOR.name
    ]


def test_every_subject_has_a_row_on_every_workload(results: dict[str, Any]) -> None:
    assert [each["name"] for each in results["workloads"]] == [each.name for each in FULL]
    for workload in results["workloads"]:
        assert set(workload["subjects"]) == {subject.name for subject in SUBJECTS}
    for workload in results["growth"]:
        assert set(workload["subjects"]) == {subject.name for subject in GROWING}


def test_ours_and_torchs_are_always_measured(results: dict[str, Any]) -> None:
    for workload in results["workloads"]:
        (heat,) = workload["heats"]
        expected = {s.name for s in SUBJECTS if s.name.startswith(("our", "torch"))}
        assert expected <= set(heat)
        assert {len(samples) for samples in heat.values()} == {3}
        assert all(ms > 0 for samples in heat.values() for ms in samples)


def test_every_step_moves_the_parameters(results: dict[str, Any]) -> None:
    assert all(fact["moved"] > 1e-3 for _, _, fact in measured(results))


def test_those_of_one_algorithm_end_at_one_place(results: dict[str, Any]) -> None:
    for workload, name, fact in measured(results):
        if name.startswith("predecessor"):
            continue  # its ε stands elsewhere, which shows where a gradient is below 1e-4
        assert fact["apart"] <= 1e-3, f"{name} and {fact['beside']} on {workload}"
    peers_run = {**results, "growth": []}  # there, nobody else's AdaBelief runs
    beside = {name: fact["beside"] for _, name, fact in measured(peers_run)}
    assert beside["our Adam, fused"] == "torch Adam, fused"
    assert beside["our RAdam, plain"] == "torch RAdam, for-loop"
    assert beside["our AMSGrad, fused"] == "torch AMSGrad, fused"
    assert beside["our AdaBelief, fused"] == "authors' AdaBelief"


def test_what_the_compiler_does_is_counted(results: dict[str, Any]) -> None:
    (compiled,) = results["compiling"]
    assert compiled["subject"] == "our AdaBelief, fused"
    assert compiled["cold"]["programs"] == compiled["warm"]["programs"] == 1


def test_a_step_is_one_call_of_the_compiled_function_and_the_rest_is_told(
    results: dict[str, Any],
) -> None:
    profiles = results["profiles"]
    assert [profile["workload"] for profile in profiles] == [each.name for each in FULL[:3]]
    for profile, workload in zip(profiles, results["workloads"], strict=False):
        assert profile["subject"] == "our AdaBelief, fused"
        assert set(profile["beside"]) == {REFERENCE.name, FLOOR.name}
        assert (profile["tensors"], profile["calls"]) == (workload["tensors"], 1)
        times = [profile["compiled_microseconds"], profile["rest_microseconds"]]
        assert min(*times, *profile["beside"].values()) > 0
        assert sum(times) == pytest.approx(profile["microseconds"], rel=1e-2)


def test_charts_have_names_and_say_in_words_what_they_show(results: dict[str, Any]) -> None:
    for draw in CHARTS.values():
        drawn = draw(results["summary"], say_english)
        space = "{http://www.w3.org/2000/svg}"
        images = ElementTree.fromstring(f"<div>{drawn}</div>").findall(f"{space}svg")
        assert images
        for image in images:
            title, told = image.find(f"{space}title"), image.find(f"{space}desc")
            assert title is not None
            assert told is not None
            assert image.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
            assert "our AdaBelief, fused" in (told.text or "")


def measure(*subjects: Subject, plan: timing.Plan = QUICK) -> dict[str, Any]:
    return timing.measure(SMALL, [REFERENCE, *subjects], plan)


def test_what_cannot_be_imported_or_fails_is_a_row_with_its_reason() -> None:
    def fail(params: list[torch.Tensor]) -> timing.Stepping:
        raise RuntimeError("out of luck\nand more")

    absent = Subject("absent", "Adam", lambda _: __import__("no_such_package"))
    subjects = measure(absent, Subject("broken", "Adam", fail))["subjects"]
    assert subjects["absent"] == {
        "unavailable": "ModuleNotFoundError: No module named 'no_such_package'"
    }
    assert subjects["broken"] == {"unavailable": "RuntimeError: out of luck"}
    assert "unavailable" not in subjects[REFERENCE.name]


def test_who_compiles_all_tensors_into_one_program_is_spared_many() -> None:
    one = Subject("one", "Adam", ours("Adam", fused=False).make, one_program=True)
    assert (
        "takes minutes"
        in measure(one, plan=timing.Plan(most_in_one=1))["subjects"]["one"]["unavailable"]
    )
    assert "unavailable" not in measure(one)["subjects"]["one"]


def test_little_memory_means_fewer_at_a_time_and_always_the_reference() -> None:
    subjects = [ours("Adam", fused=False), ours("RAdam", fused=False)]
    tight = timing.Plan(rounds=(2, 2), gigabytes=SMALL.parameters * 12 * 2e-9)
    heats = measure(*subjects, plan=tight)["heats"]
    assert [list(heat) for heat in heats] == [
        [REFERENCE.name, subject.name] for subject in subjects
    ]


def test_an_optimizer_that_takes_gradients_away_gets_them_back() -> None:
    class Greedy:
        def __init__(self, params: list[torch.Tensor]) -> None:
            self.params = params

        def step(self) -> None:
            for param in self.params:
                assert param.grad is not None
                param.data.sub_(param.grad)
                param.grad = None

    fact = measure(Subject("greedy", "descent", Greedy))["subjects"]["greedy"]
    assert fact["moved"] > 0


def test_the_floor_moves_28_bytes_for_each_parameter() -> None:
    floor = Floor([torch.zeros(2, 3), torch.zeros(4)])
    held = (floor.param, floor.grad, floor.mean, floor.square)
    assert [tensor.numel() for tensor in held] == [10] * 4
    before = [tensor._version for tensor in held]
    floor.step()
    # Every write is in place, and so reads the same bytes: 3 × 8, and 4 for the gradient.
    assert [t._version - old for t, old in zip(held, before, strict=True)] == [1, 0, 1, 1]
    assert memory.peak_bytes(floor) == 0


def test_peak_memory_counts_what_is_alive_at_once() -> None:
    class Step:
        def step(self) -> None:
            first = torch.ones(1000)
            second = first + 1
            del first, second
            torch.ones(1500)

    # Numbers in the code become tensors of a few bytes for a moment.
    assert 8000 <= memory.peak_bytes(Step()) <= 8032


def test_kept_memory_is_that_of_the_running_means(results: dict[str, Any]) -> None:
    kept = {name: fact["kept_share"] for _, name, fact in measured(results)}
    # Each parameter tensor has a step count, too: four bytes that show beside tiny tensors.
    assert kept["torch Adam, fused"] == pytest.approx(2, abs=0.05)
    assert kept["torch AMSGrad, fused"] == pytest.approx(3, abs=0.05)
    assert kept["our AdaBelief, plain"] == pytest.approx(2, abs=0.05)
