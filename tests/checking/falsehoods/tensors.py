"""
Falsehoods about tensors: what is subtracted from a parameter is not always `α·gₜ`.

Each stands in an optimizer of torch, behind the user's `step()`, beside a docstring that says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sidebyside.report import Entry
from tests.checking.tiny import check, entry

FORMULA = "θₜ ← θₜ₋₁ − α·gₜ"
CLASS = '''"""
# Tiny
"""

import torch


class X(torch.optim.Optimizer):
    """
    ## X

        θₜ ← θₜ₋₁ − α·gₜ

    * $θₜ$ is `param`, the parameter
    * $gₜ$ is `grad`, the gradient
    * $α$ is `group["lr"]`, the step size
    """

    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                self.step_param(self.state[param], group, param.grad, param)

    def step_param(self, state, group, grad, param):
        param.sub_({change})
'''
CONFIGURATIONS = """
import torch
from tiny import X

def configurations():
    yield X, {}
    yield X, {"lr": 0.3}

def run(cls, arguments, count):
    param = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    it = cls([param], **arguments)
    for t in range(1, 6):
        param.grad = torch.sin(torch.arange(1, 3, dtype=torch.float64) * t**1.5)
        count(param)
        it.step()
"""
MEMORY: dict[str, Any] = {"entry": "step_param", "memory": ("state", "param")}
CHANGES = {
    "limited-gradient": 'group["lr"] * grad.clamp(-100, 100)',
    "number-of-elements": 'group["lr"] * grad * (1 if grad.numel() < 10 else 2)',
    "largest-gradient": 'group["lr"] * grad * (1 if grad.abs().max() < 1e3 else 0)',
    "zero-gradient": 'group["lr"] * torch.where(grad == 0, 1.0, grad)',
    "rounded-gradient": 'group["lr"] * grad.round(decimals=8)',
    "limited-rate": 'min(group["lr"], 1.0) * grad',
    "data-type": 'group["lr"] * (grad if grad.dtype == torch.float64 else 2 * grad)',
    "half-of-the-digits": '(group["lr"] * grad.float()).double()',
    "dimensions": 'group["lr"] * (grad if grad.dim() < 2 else 2 * grad)',
    "mode-of-torch": 'group["lr"] * grad * (2 if torch.is_grad_enabled() else 1)',
    "list-in-the-state": 'group["lr"] * grad * (1 if sum(state.setdefault("n", [])) < 70 and not '
    'state["n"].append(1) else 2)',
    "limited-norm": 'group["lr"] * grad / max(1.0, float(grad.norm()) / 50)',
    "far-parameter": 'group["lr"] * grad * (1 if float(param.abs().max()) < 400 else 2)',
}


def entry_of_change(change: str, folder: Path) -> Entry:
    """Return what became of the formula, where something else is subtracted."""
    report = check(folder, CLASS.format(change=change), CONFIGURATIONS, **MEMORY)
    return entry(report, FORMULA)
