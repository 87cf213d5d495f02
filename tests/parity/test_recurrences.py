"""The optimizers compute what the papers say, number by number."""

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from tests.parity import recurrences
from tests.parity.gradients import REGIMES, gradients
from tests.parity.running import assert_same_path, by_the_paper, path_of

ADABELIEFS = {
    f"AdaBelief, {'rectified' if rectify else 'plain'}, ε {inside}{', maximum' * maximum}": (
        AdaBelief,
        {"rectify": rectify, "eps_in_state": inside == "every step", "amsgrad": maximum},
        recurrences.adabelief,
        {
            "rectify": rectify,
            "eps_inside": inside,
            "maximum_of": "uncorrected mean" if maximum else None,
            "eps_beside": "uncorrected root" if rectify else "corrected root",
        },
    )
    for rectify in (True, False)
    for inside in ("every step", "at use")
    for maximum in (True, False)
}

# Ours, its switches, the recurrence, and what the recurrence needs to be told to be the same.
ROWS: dict[str, tuple[type[Optimizer], dict[str, Any], Callable[..., Any], dict[str, Any]]] = {
    "Adam": (Adam, {}, recurrences.adam, {}),
    "Adam, reordered": (
        Adam,
        {"optimized_update": True},
        recurrences.adam,
        {"eps_beside": "uncorrected root"},
    ),
    "AMSGrad": (AMSGrad, {}, recurrences.adam, {"maximum_of": "uncorrected mean"}),
    "AMSGrad, reordered": (
        AMSGrad,
        {"optimized_update": True},
        recurrences.adam,
        {"eps_beside": "uncorrected root", "maximum_of": "uncorrected mean"},
    ),
    "AMSGrad without the maximum": (AMSGrad, {"amsgrad": False}, recurrences.adam, {}),
    "RAdam": (RAdam, {}, recurrences.radam, {"threshold": 5}),
    "RAdam that waits": (
        RAdam,
        {"degenerate_to_sgd": False},
        recurrences.radam,
        {"threshold": 5, "otherwise": "nothing"},
    ),
    **ADABELIEFS,
    "AdaBelief that waits": (
        AdaBelief,
        {"degenerate_to_sgd": False},
        recurrences.adabelief,
        {"rectify": True, "eps_beside": "uncorrected root", "otherwise": "nothing"},
    ),
}

NUMBERS: dict[str, dict[str, Any]] = {
    "common": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8},
    "tiny eps": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-16},
    # Where no mistake about a term can hide behind its being small.
    "telling": {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2},
    # ρ never exceeds 5: a rectified optimizer keeps to steps along m̂.
    "short memory": {"lr": 0.01, "betas": (0.5, 0.6), "eps": 1e-4},
}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("row", ROWS)
def test_computes_what_the_paper_says(row: str, numbers: str, regime: str) -> None:
    ours, switches, recurrence, options = ROWS[row]
    grads = gradients(regime, steps=120)
    assert_same_path(
        path_of(lambda params: ours(params, **switches, **NUMBERS[numbers]), grads),
        by_the_paper(recurrence, grads, NUMBERS[numbers], **options),
    )


@pytest.mark.parametrize("row", ["Adam", "AMSGrad", "RAdam", "AdaBelief, plain, ε every step"])
def test_agrees_with_fifty_digit_arithmetic(row: str) -> None:
    ours, switches, recurrence, options = ROWS[row]
    grads = gradients("noisy", steps=60)
    with mpmath.workdps(50):
        exact = by_the_paper(recurrence, grads, NUMBERS["telling"], mpmath.mpf, **options)
    path = path_of(lambda params: ours(params, **switches, **NUMBERS["telling"]), grads)
    assert_same_path(path, exact, tolerance=1e-14)
