"""Measure how implementations differ, and say it in the words of the site's table."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad
from tests.parity import decays, recurrences
from tests.parity.implementations import IMPLEMENTATIONS, Implementation, Options, Variant
from tests.parity.noise import NUMBERS, SIZES, STEPS, noise
from tests.parity.peers import LabmlAdaBelief, authors_adabelief
from tests.parity.recorded import OPTAX
from tests.parity.running import Make, by_the_paper, path_of

SAME = 1e-12
"""Differences below this are rounding."""

COMMON: dict[str, Any] = {"lr": 1e-3, "betas": (0.9, 0.999)}

End = Callable[[float], Tensor]
"""Where a run ends, as a function of the size of the gradients."""


def grads_of(size: float) -> list[Tensor]:
    """The gradients all facts are measured with: noise of that size."""
    return [
        size * torch.tensor(noise(t, NUMBERS), dtype=torch.float64) for t in range(1, STEPS + 1)
    ]


def last_of(make: Make, size: float) -> Tensor:
    """Where an optimizer ends."""
    return path_of(make, grads_of(size), start=torch.zeros(NUMBERS, dtype=torch.float64))[-1]


def last_by_the_paper(
    recurrence: Any, numbers: dict[str, Any], size: float, **options: Any
) -> Tensor:
    """Where a recurrence ends, with its `lr`, `betas` and `eps`."""
    start = torch.zeros(NUMBERS, dtype=torch.float64)
    return by_the_paper(recurrence, grads_of(size), numbers, start=start, **options)[-1]


def last_of_theirs(row: Implementation, size: float) -> Tensor:
    """Where an implementation ends with its defaults."""
    if row.make is not None:
        make = row.make
        return last_of(lambda params: make(params, **row.plain.settings), size)
    if row.package == "optax":
        return torch.tensor(OPTAX["default"][str(size)], dtype=torch.float64)
    return last_by_the_paper(row.recurrence, {**COMMON, "eps": row.eps}, size, **row.plain.computes)


def apart(one: Tensor, other: Tensor) -> float:
    """The largest |Δθ|, to two digits; 0 when it is only rounding."""
    difference = (one - other).abs().max().item()
    return float(f"{difference:.1e}") if difference > SAME else 0.0


def code_of(ours: tuple[type[Optimizer], Options]) -> str:
    """The call a reader can copy."""
    kind, settings = ours
    return f"{kind.__name__}({', '.join(['params', *(f'{k}={v}' for k, v in settings.items())])})"


def maximum_in_words(row: Implementation) -> str:
    """What becomes of AMSGrad's maximum."""
    if "maximum_of" in row.plain.computes:
        return f"of the {row.plain.computes['maximum_of']}, always on"
    if row.maximum is None:
        return "none"
    return _maximum_of(row.maximum)


def _maximum_of(variant: Variant) -> str:
    of = variant.computes.get("maximum_of")
    return f"of the {of}" if of else "computed, never used"


def rectification_in_words(row: Implementation) -> str:
    """Whether, from when on, and what happens before."""
    computes = row.plain.computes
    if not (row.family == "RAdam" or computes.get("rectify")):
        return "no"
    before = computes.get("otherwise", "a step along m̂")
    threshold = 5 if row.family == "AdaBelief" else computes.get("threshold", 4)
    return f"ρ > {threshold}; {before} before"


def row_of(row: Implementation) -> dict[str, Any]:
    """One row of the table."""
    computes = row.plain.computes
    theirs = [last_of_theirs(row, size) for size in SIZES]
    ours_kind, settings = row.plain.ours
    ours = [last_of(lambda params: ours_kind(params, **settings), size) for size in SIZES]
    paper = [last_by_the_paper(row.recurrence, {**COMMON, "eps": row.eps}, size) for size in SIZES]
    default_eps_beside = "uncorrected root" if row.family == "RAdam" else "corrected root"
    if not row.eps:
        default_eps_beside = "never"
    return {
        "name": row.name,
        "family": row.family,
        "package": row.package,
        "version": OPTAX["optax"] if row.package == "optax" else installed(row.package),
        "eps": row.eps,
        "eps_beside": computes.get("eps_beside", default_eps_beside),
        "eps_inside": computes.get("eps_inside", "every step")
        if row.family == "AdaBelief"
        else "never",
        "maximum": maximum_in_words(row),
        "rectified": rectification_in_words(row),
        "ours": code_of(row.plain.ours),
        "ours_with_maximum": code_of(row.maximum.ours) if row.maximum else None,
        "exact": row.exact,
        "from_ours": [apart(a, b) for a, b in zip(theirs, ours, strict=True)],
        "from_paper": [apart(a, b) for a, b in zip(theirs, paper, strict=True)],
        "note": row.note,
    }


def installed(package: str | None) -> str | None:
    """The version of a package, without the build's own suffix such as `+cpu`."""
    return version(package).split("+")[0] if package else None


def by_recurrence(recurrence: Any, eps: float, **options: Any) -> End:
    """The end of a recurrence."""
    return lambda size: last_by_the_paper(recurrence, {**COMMON, "eps": eps}, size, **options)


def by_optimizer(make: Callable[..., Optimizer], **settings: Any) -> End:
    """The end of an optimizer."""
    return lambda size: last_of(lambda params: make(params, **settings), size)


# The differences people ask about, between two ways to do one thing.
COMPARISONS: list[tuple[str, End, str, End]] = [
    (
        "AdaBelief, ε = 1e-8, the paper's version 1",
        by_recurrence(recurrences.adabelief, 1e-8, eps_inside="never"),
        "AdaBelief, ε = 1e-8, the paper's version 2",
        by_optimizer(AdaBelief, rectify=False, eps=1e-8, eps_in_state=False),
    ),
    (
        "AdaBelief, the paper's algorithm",
        by_optimizer(AdaBelief, rectify=False),
        "AdaBelief, the authors' package by default",
        by_optimizer(authors_adabelief),
    ),
    (
        "AdaBelief, the authors' package by default",
        by_optimizer(authors_adabelief),
        "AdaBelief, labml_nn as shipped",
        by_optimizer(LabmlAdaBelief),
    ),
    (
        "AdaBelief, ε = 1e-16 inside at every step",
        by_optimizer(AdaBelief, rectify=False, eps=1e-16),
        "AdaBelief, ε = 1e-16 inside at use",
        by_optimizer(AdaBelief, rectify=False, eps=1e-16, eps_in_state=False),
    ),
    (
        "AdaBelief, ε = 1e-8 inside at every step",
        by_optimizer(AdaBelief, rectify=False, eps=1e-8),
        "AdaBelief, ε = 1e-8 inside at use",
        by_optimizer(AdaBelief, rectify=False, eps=1e-8, eps_in_state=False),
    ),
    (
        "Adam, ε beside the corrected root",
        by_optimizer(Adam),
        "Adam, ε beside the uncorrected root",
        by_optimizer(Adam, optimized_update=True),
    ),
    (
        "AMSGrad, maximum of the uncorrected mean",
        by_optimizer(AMSGrad),
        "AMSGrad, maximum of the corrected mean",
        by_recurrence(recurrences.adam, 1e-8, maximum_of="corrected mean"),
    ),
]


def comparisons() -> list[dict[str, Any]]:
    """How far two ways to do one thing end from each other."""
    return [
        {"between": [one, other], "apart": [apart(a(size), b(size)) for size in SIZES]}
        for one, a, other, b in COMPARISONS
    ]


def measure() -> dict[str, Any]:
    """All that the site's page says in numbers."""
    return {
        "how": {
            "lr": COMMON["lr"],
            "betas": list(COMMON["betas"]),
            "steps": STEPS,
            "gradient_sizes": list(SIZES),
        },
        "implementations": [row_of(row) for row in IMPLEMENTATIONS],
        "comparisons": comparisons(),
        "decays": decays.facts(installed),
    }
