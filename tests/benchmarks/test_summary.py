"""Statements about speed follow from the samples, and from nothing else."""

import json
from itertools import count
from typing import Any

import pytest

from benchmarks import chart, summary
from benchmarks.__main__ import FACTS, rounded
from benchmarks.workloads import FULL

HEAT = {summary.REFERENCE: [2.0, 4.0, 8.0], "quick": [1.0, 2.0, 4.0], "slow": [4.0, 12.0, 8.0]}


def workload(name: str = "any", *heats: dict[str, list[float]]) -> dict[str, Any]:
    return {"name": name, "parameters": 10, "heats": list(heats or (HEAT,)), "subjects": {}}


def results(**milliseconds: float) -> dict[str, Any]:
    """As if each subject had always taken the same time, everywhere."""
    everyone = (summary.REFERENCE, summary.OURS, summary.PLAIN, summary.AUTHORS)
    heat = {name: [1.0] * 6 for name in (*everyone, summary.ADAM, summary.LOOP)}
    heat |= {getattr(summary, name): [value] * 6 for name, value in milliseconds.items()}
    workloads = [workload(each.name, dict(heat)) for each in FULL]
    return {"workloads": workloads, "growth": [], "compiling": []}


def test_a_ratio_is_of_two_times_from_one_round() -> None:
    # The reference got slower from round to round; the ratio of the medians would say 2.
    assert summary.ratio(workload(), "slow", summary.REFERENCE) == pytest.approx(
        {"low": 1.5, "median": 2.0, "high": 2.5}
    )
    assert summary.ratio(workload(), "quick", summary.REFERENCE) == {
        "low": 0.5, "median": 0.5, "high": 0.5
    }  # fmt: skip


def test_subjects_that_never_met_have_no_ratio() -> None:
    apart = workload("any", {"quick": [1.0, 1.0]}, {"slow": [2.0, 2.0]})
    assert summary.ratio(apart, "slow", "quick") is None
    assert summary.ratio(apart, "slow", "absent") is None


def test_the_reference_counts_from_every_heat() -> None:
    twice = workload("any", HEAT, {summary.REFERENCE: [6.0, 6.0, 6.0]})
    rows = summary.summarize_workload(twice)["rows"]
    assert rows[summary.REFERENCE]["milliseconds"]["median"] == 6.0
    assert rows[summary.REFERENCE]["to_reference"]["median"] == 1.0


def verdicts(**milliseconds: float) -> list[bool | None]:
    return [each.get("met") for each in summary.targets(results(**milliseconds))[:7]]


def test_targets_are_met_or_not_by_the_samples() -> None:
    assert verdicts(OURS=0.1, AUTHORS=3.0) == [True] * 7
    # 0.8 is enough on 2 × 4096², ResNet-34 and GPT-2 small, and not on 600 × 32²; 0.9 and 0.96
    # are enough on fewer.
    assert verdicts(OURS=0.8, AUTHORS=4.5)[:5] == [True, True, False, True, True]
    assert verdicts(OURS=0.9)[:4] == [True, False, False, True]
    assert verdicts(OURS=0.96)[:4] == [True, False, False, False]
    assert verdicts(OURS=0.1, AUTHORS=0.4)[4] is False
    assert verdicts(ADAM=1.1)[5:] == [False, True]
    assert verdicts(PLAIN=1.1)[5:] == [True, False]


def test_the_worst_size_decides() -> None:
    some = results()
    some["growth"] = [workload("10³", {summary.ADAM: [3.0] * 6, summary.LOOP: [1.0] * 6})]
    assert summary.targets(some)[5]["value"] == 3.0


def test_samples_on_both_sides_of_a_target_cannot_tell() -> None:
    some = results()
    for each in some["workloads"]:
        each["heats"] = [{summary.REFERENCE: [1.0] * 8, summary.OURS: [0.9] * 6 + [1.1] * 2}]
    first = summary.targets(some)[0]
    assert (first["value"], first["low"], first["high"], first["met"]) == (0.9, 0.9, 1.1, None)


def test_an_interval_holds_the_median_of_a_distribution_it_knows_nothing_of() -> None:
    # Tables of the sign test: of 6 values the whole range, of 11 the 2nd to the 10th.
    assert summary.certain([3.0, 1.0, 2.0, 6.0, 5.0, 4.0]) == {
        "low": 1.0, "median": 3.5, "high": 6.0
    }  # fmt: skip
    assert summary.certain(map(float, range(1, 12))) == {"low": 2.0, "median": 6.0, "high": 10.0}
    assert summary.certain([1.0] * 5)["high"] == float("inf")


def test_a_target_with_a_value_missing_is_not_decided() -> None:
    some = results()
    for each in some["workloads"]:
        del each["heats"][0][summary.OURS]
    first, *_, last = summary.targets(some)
    assert first["value"] is None
    assert "met" not in first
    assert last["value"] is None, "nothing was compiled, so nothing is known"


def test_the_recorded_summary_follows_from_the_recorded_samples() -> None:
    recorded = json.loads((FACTS / "speed.json").read_text(encoding="utf-8"))
    assert not recorded["quick"]
    assert rounded(summary.summarize(recorded)) == recorded["summary"]


def test_a_chart_scale_is_logarithmic() -> None:
    scale = chart.Scale([1, 100], 0, 10)
    assert [scale(value) for value in (1, 10, 100)] == [0, 5, 10]


def test_numbers_are_rounded_to_what_the_clock_can_tell() -> None:
    numbers = count(1.23456)
    assert rounded({"a": [next(numbers), "1.23456", 7]}) == {"a": [1.235, "1.23456", 7]}


def test_what_is_shown_of_a_target_is_what_decides():
    sure = {"low": 0.91, "median": 0.96, "high": 0.97, "where": "sure"}
    wide = {"low": 0.82, "median": 0.88, "high": 1.02, "where": "wide"}
    over = {"low": 1.01, "median": 1.03, "high": 1.05, "where": "over"}
    decided = [
        (found["where"], found["met"])
        for found in (
            summary.target("all", values, 1.0) for values in ([sure], [sure, wide], [wide, over])
        )
    ]
    assert decided == [("sure", True), ("wide", None), ("over", False)]
