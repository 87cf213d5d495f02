"""
The first steps of each optimizer in numbers: `python -m experiments.by_hand` records them.

What stands in a table is what the real class computes, and a test makes it again. The gradients are
small and whole, so that a reader with a pocket calculator comes to the same numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam

PATH = Path(__file__).parents[1] / "docs" / "facts" / "by_hand.json"
GENTLE = (1.0, 1.0, 1.0, -1.0)
RARE = (3.0, -1.0, -1.0, 3.0)  # of the paper on AMSGrad
STEEP = (2.0,) * 7
Row = dict[str, float]


def steps(optimizer: Optimizer, grads: Sequence[float]) -> Iterator[Row]:
    """What an optimizer of one parameter remembers after each step, and where it is."""
    group = optimizer.param_groups[0]
    (param,) = group["params"]
    for t, grad in enumerate(grads, 1):
        before = param.item()
        param.grad = torch.full_like(param, grad)
        optimizer.step()
        state = {key: value.item() for key, value in optimizer.state[param].items()}
        beta1, beta2 = group["betas"]
        found = {"t": t, "g": grad, "m": state["exp_avg"], "theta": param.item()}
        found |= {"m_hat": found["m"] / (1 - beta1**t), "step": before - found["theta"]}
        letters = {"exp_avg_sq": "v", "exp_avg_var": "s", "max_exp_avg_sq": "u"}
        for key, letter in letters.items():
            if key in state:
                found |= {letter: state[key], f"{letter}_hat": state[key] / (1 - beta2**t)}
        yield found


def made(kind: Any, start: float = 1.0, **settings: Any) -> Optimizer:
    """An optimizer of one parameter, with the defaults but for the step size."""
    param = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer: Optimizer = kind([param], lr=0.1, **settings)
    return optimizer


def adam() -> list[Row]:
    return [*steps(made(Adam), GENTLE)]


def amsgrad() -> list[Row]:
    forgetful: dict[str, Any] = {"start": 0.0, "betas": (0.0, 0.1)}
    plain = steps(made(Adam, **forgetful), RARE)
    ours = steps(made(AMSGrad, **forgetful), RARE)
    return [{**row, "adam": each["step"]} for row, each in zip(ours, plain, strict=True)]


def radam() -> list[Row]:
    rows = []
    for row in steps(made(RAdam, start=2.0), STEEP):
        factor = RAdam.calc_rectification_term(0.999, int(row["t"]))
        rows.append(row if factor is None else {**row, "r": float(factor)})
    return rows


def ada_belief() -> list[Row]:
    plain = steps(made(Adam), GENTLE)
    ours = steps(made(AdaBelief, rectify=False), GENTLE)
    return [
        {**row, "surprise": row["g"] - row["m"], "adam": each["step"]}
        for row, each in zip(ours, plain, strict=True)
    ]


TABLES = {each.__name__: each for each in (adam, amsgrad, radam, ada_belief)}


def rounded() -> dict[str, list[dict[str, str]]]:
    """All tables, to four digits."""
    return {
        name: [{key: f"{value:.4g}" for key, value in row.items()} for row in make()]
        for name, make in TABLES.items()
    }


if __name__ == "__main__":
    text = json.dumps(rounded(), separators=(",", ":"))
    PATH.write_text(text.replace("},", "},\n") + "\n", encoding="utf-8")
