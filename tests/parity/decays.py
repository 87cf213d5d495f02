"""
What a weight decay does: a row for each program or paper, and how to get the same here.

What is a matter of decay shows only while a schedule changes the step size. So all rows run under
one: after half of the steps, the step size is a quarter of what it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, RAdam, WeightDecay
from tests.parity.peers import LabmlAdam, LabmlWeightDecay, authors_adabelief
from tests.parity.recurrences import rectification
from tests.parity.running import starting_point

LR, BETAS, EPS, DECAY = 0.1, (0.8, 0.95), 1e-2, 0.3
COMMON: dict[str, Any] = {"lr": LR, "betas": BETAS, "eps": EPS}
Make = Callable[[list[Tensor]], Optimizer]
Recurrence = Callable[[Sequence[float], float], list[float]]


def schedule(t: int, steps: int) -> float:
    """The paper's ηₜ: what the step size is multiplied by at step t."""
    return 1.0 if t <= steps // 2 else 0.25


def adamw(grads: Sequence[float], theta: float) -> list[float]:
    """Loshchilov and Hutter 2017, Algorithm 2: the schedule scales the decay, α does not."""
    (beta1, beta2), m, v, path = BETAS, 0.0, 0.0, []
    for t, g in enumerate(grads, start=1):
        eta = schedule(t, len(grads))
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - eta * (LR * m_hat / (v_hat**0.5 + EPS) + DECAY * theta)
        path.append(theta)
    return path


def authors_radam(grads: Sequence[float], theta: float) -> list[float]:
    """The RAdam authors' radam.py at commit 5fad7b1, by default: it decays when it moves."""
    (beta1, beta2), m, v, path = BETAS, 0.0, 0.0, []
    for t, g in enumerate(grads, start=1):
        lr = LR * schedule(t, len(grads))
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        r = rectification(beta2, t, 5)
        if r is not None:
            theta = theta - lr * DECAY * theta
            step = lr * r * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
            theta = theta - step * m / (v**0.5 + EPS)
        path.append(theta)
    return path


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    name: str
    package: str | None
    """The distribution on PyPI; nothing for a paper, and for what is no package."""
    coupled: bool
    rule: str
    """What becomes of the gradient, or of the parameter."""
    theirs: Make | Recurrence
    ours: Make
    code: str
    """Our call, as a reader would write it."""
    exact: bool = True
    note: str = ""


GRADIENT = "$gₜ + λ·θₜ₋₁$"
BY_RATE = "$(1 − αₜ·λ)·θₜ₋₁$"

ROWS = [
    Row(
        name="torch.optim.Adam",
        package="torch",
        coupled=True,
        rule=GRADIENT,
        theirs=lambda p: torch.optim.Adam(p, **COMMON, weight_decay=DECAY),
        ours=lambda p: Adam(p, **COMMON, weight_decay=DECAY),
        code="Adam(params, weight_decay=λ)",
    ),
    Row(
        name="torch.optim.AdamW",
        package="torch",
        coupled=False,
        rule=BY_RATE,
        theirs=lambda p: torch.optim.AdamW(p, **COMMON, weight_decay=DECAY),
        ours=lambda p: Adam(p, **COMMON, weight_decay=WeightDecay(DECAY)),
        code="Adam(params, weight_decay=WeightDecay(λ))",
    ),
    Row(
        name="AdamW, the paper",
        package=None,
        coupled=False,
        rule="$(1 − ηₜ·λ)·θₜ₋₁$",
        theirs=adamw,
        ours=lambda p: Adam(p, **COMMON, weight_decay=WeightDecay(DECAY / LR)),
        code="Adam(params, weight_decay=WeightDecay(λ / α))",
    ),
    Row(
        name="torch.optim.RAdam",
        package="torch",
        coupled=True,
        rule=GRADIENT,
        theirs=lambda p: torch.optim.RAdam(p, **COMMON, weight_decay=DECAY),
        ours=lambda p: RAdam(p, **COMMON, weight_decay=DECAY),
        code="RAdam(params, weight_decay=λ)",
    ),
    Row(
        name="torch.optim.RAdam, `decoupled_weight_decay=True`",
        package="torch",
        coupled=False,
        rule=BY_RATE,
        theirs=lambda p: torch.optim.RAdam(
            p, **COMMON, weight_decay=DECAY, decoupled_weight_decay=True
        ),
        ours=lambda p: RAdam(p, **COMMON, weight_decay=WeightDecay(DECAY)),
        code="RAdam(params, weight_decay=WeightDecay(λ))",
    ),
    Row(
        name="RAdam, the authors' program",
        package=None,
        coupled=False,
        rule=BY_RATE,
        theirs=authors_radam,
        ours=lambda p: RAdam(p, **COMMON, weight_decay=WeightDecay(DECAY), degenerate_to_sgd=False),
        code="RAdam(params, weight_decay=WeightDecay(λ), degenerate_to_sgd=False)",
        exact=False,
        note="Does not decay while it waits; ours does.",
    ),
    Row(
        name="adabelief_pytorch (the authors)",
        package="adabelief-pytorch",
        coupled=False,
        rule=BY_RATE,
        theirs=lambda p: authors_adabelief(p, **COMMON, weight_decay=DECAY),
        ours=lambda p: AdaBelief(p, **COMMON, weight_decay=DECAY),
        code="AdaBelief(params, weight_decay=λ)",
    ),
    Row(
        name="adabelief_pytorch, `weight_decouple=False`",
        package="adabelief-pytorch",
        coupled=True,
        rule=GRADIENT,
        theirs=lambda p: authors_adabelief(p, **COMMON, weight_decay=DECAY, weight_decouple=False),
        ours=lambda p: AdaBelief(p, **COMMON, weight_decay=DECAY, decoupled_weight_decay=False),
        code="AdaBelief(params, weight_decay=λ, decoupled_weight_decay=False)",
    ),
    Row(
        name="adabelief_pytorch, `fixed_decay=True`",
        package="adabelief-pytorch",
        coupled=False,
        rule="$(1 − λ)·θₜ₋₁$",
        theirs=lambda p: authors_adabelief(p, **COMMON, weight_decay=DECAY, fixed_decay=True),
        ours=lambda p: AdaBelief(p, **COMMON, weight_decay=WeightDecay(DECAY, absolute=True)),
        code="AdaBelief(params, weight_decay=WeightDecay(λ, absolute=True))",
    ),
    Row(
        name="labml_nn Adam, `weight_decay=WeightDecay(λ)`",
        package="labml-nn",
        coupled=False,
        rule=BY_RATE,
        theirs=lambda p: LabmlAdam(
            p, **COMMON, optimized_update=False, weight_decay=LabmlWeightDecay(DECAY)
        ),
        ours=lambda p: Adam(p, **COMMON, weight_decay=WeightDecay(DECAY)),
        code="Adam(params, weight_decay=WeightDecay(λ))",
    ),
]


def path_of(make: Make, grads: Sequence[Tensor]) -> Tensor:
    """The path of an optimizer under the schedule."""
    param = starting_point()
    optimizer = make([param])
    path = []
    for t, grad in enumerate(grads, start=1):
        for group in optimizer.param_groups:
            group["lr"] = LR * schedule(t, len(grads))
        param.grad = grad.clone()
        optimizer.step()
        path.append(param.detach().clone())
    return torch.stack(path)


def path_by(recurrence: Recurrence, grads: Sequence[Tensor]) -> Tensor:
    """The path of a recurrence under the schedule, each number by itself."""
    starts = starting_point().tolist()
    columns = torch.stack(list(grads)).T.tolist()
    paths = [recurrence(column, theta) for column, theta in zip(columns, starts, strict=True)]
    return torch.tensor(paths, dtype=torch.float64).T


def facts(version: Callable[[str | None], str | None]) -> list[dict[str, Any]]:
    """The table, for the site."""
    return [
        {
            "name": row.name,
            "package": row.package,
            "version": version(row.package),
            "coupled": row.coupled,
            "rule": row.rule,
            "ours": row.code,
            "exact": row.exact,
            "note": row.note,
        }
        for row in ROWS
    ]
