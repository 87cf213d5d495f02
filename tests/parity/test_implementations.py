"""Each row of "How implementations differ" is true, and the recorded figures are those of today."""

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
import torch

from tests.parity.facts import last_by_the_paper, measure
from tests.parity.gradients import gradients
from tests.parity.implementations import IMPLEMENTATIONS, Implementation, Variant
from tests.parity.recorded import FACTS, OPTAX
from tests.parity.running import assert_same_path, by_the_paper, path_of

# Where no difference can hide behind its being small: spikes, little memory, a large ε.
TELLING = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2}
GRADS = gradients("spiky", steps=120)


def variants(of: Callable[[Implementation], object]) -> list[Any]:
    """The rows for which `of` holds, each without and with the maximum."""
    return [
        pytest.param(row, variant, id=row.name + " with maximum" * (variant is row.maximum))
        for row in IMPLEMENTATIONS
        for variant in (row.plain, row.maximum)
        if variant and of(row)
    ]


@pytest.mark.parametrize(("row", "variant"), variants(lambda row: row.make))
def test_computes_what_its_row_says(row: Implementation, variant: Variant) -> None:
    make = row.make
    assert make is not None
    assert_same_path(
        path_of(lambda params: make(params, **variant.settings, **TELLING), GRADS),
        by_the_paper(row.recurrence, GRADS, TELLING, **variant.computes),
    )


@pytest.mark.parametrize(("row", "variant"), variants(lambda row: row.exact))
def test_our_settings_compute_the_same(row: Implementation, variant: Variant) -> None:
    ours, settings = variant.ours
    assert_same_path(
        path_of(lambda params: ours(params, **{**settings, **TELLING}), GRADS),
        by_the_paper(row.recurrence, GRADS, TELLING, **variant.computes),
    )


@pytest.mark.parametrize(("row", "variant"), variants(lambda row: True))
def test_the_default_eps_is_the_one_in_its_row(row: Implementation, variant: Variant) -> None:
    ours, settings = variant.ours
    param = torch.zeros(1, requires_grad=True)
    assert ours([param], **settings).param_groups[0]["eps"] == row.eps
    if row.make is not None:
        assert row.make([param], **variant.settings).param_groups[0]["eps"] == row.eps


def test_optax_computes_what_its_row_says() -> None:
    row = next(row for row in IMPLEMENTATIONS if row.package == "optax")
    computed = last_by_the_paper(row.recurrence, TELLING, 1.0, **row.plain.computes)
    assert_same_path(torch.tensor(OPTAX["telling"], dtype=torch.float64), computed)


def test_versions_of_the_paper_differ_only_where_eps_matters() -> None:
    by_name = {row["name"]: row for row in measure()["implementations"]}
    later = by_name["AdaBelief, the paper since 20 December 2020"]
    assert later["from_paper"] == [0, 0, 0]
    for number in (1, 2):
        earlier = by_name[f"AdaBelief, the paper, version {number}"]["from_paper"]
        assert 0 < earlier[0] < earlier[1] < earlier[2]


# What a reader is told, in the words of the table: ε beside, ε inside, maximum, rectification.
TOLD = {
    "torch.optim.Adam": ("corrected root", "never", "of the uncorrected mean", "no"),
    "labml_nn Adam": ("uncorrected root", "never", "none", "no"),
    "torch.optim.RAdam": ("uncorrected root", "never", "none", "ρ > 5; a step along m̂ before"),
    "RAdam, the paper": ("never", "never", "none", "ρ > 4; a step along m̂ before"),
    "RAdam, the authors' program": ("uncorrected root", "never", "none", "ρ > 5; nothing before"),
    "AdaBelief, the paper since 20 December 2020": ("corrected root", "every step", "none", "no"),
    "AdaBelief, the paper, version 2": ("corrected root", "at use", "none", "no"),
    "AdaBelief, the paper, version 1": ("corrected root", "never", "none", "no"),
    "adabelief_pytorch (the authors), `rectify=False`": (
        "corrected root",
        "every step",
        "of the uncorrected mean",
        "no",
    ),
    "adabelief_pytorch (the authors)": (
        "uncorrected root",
        "every step",
        "computed, never used",
        "ρ > 5; a step along m̂ before",
    ),
    "timm AdaBelief": (
        "uncorrected root",
        "every step",
        "computed, never used",
        "ρ > 5; a step along m̂ before",
    ),
    "pytorch_optimizer AdaBelief": (
        "corrected root",
        "every step",
        "of the uncorrected mean",
        "no",
    ),
    "pytorch_optimizer AdaBelief, `rectify=True`": (
        "uncorrected root",
        "every step",
        "of the uncorrected mean",
        "ρ > 5; a step along m̂ before",
    ),
    "optax.adabelief": ("corrected root", "every step", "none", "no"),
    "labml_nn AdaBelief, as documented": (
        "uncorrected root",
        "at use",
        "of the uncorrected mean",
        "ρ > 5; a step along m̂ before",
    ),
    "labml_nn AdaBelief, as shipped": (
        "corrected root",
        "at use",
        "of the uncorrected mean, always on",
        "ρ > 5; nothing before",
    ),
}


def test_the_recorded_words_are_those_of_the_specification() -> None:
    recorded = json.loads(FACTS.read_text(encoding="utf-8"))["implementations"]
    assert {
        row["name"]: (row["eps_beside"], row["eps_inside"], row["maximum"], row["rectified"])
        for row in recorded
    } == TOLD


def flat(facts: object, at: str = "") -> dict[str, object]:
    """Every value of nested lists and dictionaries, by its place."""
    if isinstance(facts, dict):
        return {k: v for key in facts for k, v in flat(facts[key], f"{at}.{key}").items()}
    if isinstance(facts, list):
        return {k: v for i, item in enumerate(facts) for k, v in flat(item, f"{at}[{i}]").items()}
    return {at: facts}


def test_the_recorded_facts_are_those_measured_today() -> None:
    recorded = flat(json.loads(FACTS.read_text(encoding="utf-8")))
    today = flat(measure())
    if another := [place for place, value in today.items() if value == version("torch")]:
        # On another torch, the steps must be those that were recorded all the same.
        today |= {place: recorded[place] for place in another if place.endswith(".version")}
    remedy = "run `python -m tests.parity.record` and look at what changed"
    assert recorded.keys() == today.keys(), remedy
    for place, value in today.items():
        # The last of two digits may be rounded either way.
        expected = pytest.approx(value, rel=0.1) if isinstance(value, float) else value
        assert recorded[place] == expected, f"{place}: {remedy}"


def test_settings_said_to_be_exact_are_exact_and_the_others_are_not_called_so() -> None:
    for row in json.loads(FACTS.read_text(encoding="utf-8"))["implementations"]:
        if row["exact"]:
            assert row["from_ours"] == [0, 0, 0]
