"""
# Momentum

A ball that rolls downhill keeps a part of its velocity.
"""

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import ParamsT


class Momentum(Optimizer):
    """
    ## Gradient descent with momentum

        bₜ ← μ·bₜ₋₁ + gₜ
        θₜ ← θₜ₋₁ − α·bₜ

    * $θₜ$ is `param`, the parameter
    * $gₜ$ is `grad`, its gradient
    * $bₜ$ is `state["velocity"]`, the velocity
    * $α$ is `group["lr"]`, the step size
    * $μ$ is `group["momentum"]`, how much of the velocity stays
    """

    def __init__(self, params: ParamsT, lr: float = 0.1, momentum: float = 0.9) -> None:
        """### Settings, for all groups that have none of their own"""
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:
        """### All parameters"""
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    state = self.state[param]
                    if "velocity" not in state:
                        state["velocity"] = torch.zeros_like(param)
                    self.update(group, state, param, param.grad)

    def update(
        self, group: dict[str, float], state: dict[str, Tensor], param: Tensor, grad: Tensor
    ) -> None:
        """### One parameter"""
        # bₜ ← μ·bₜ₋₁ + gₜ
        state["velocity"].mul_(group["momentum"]).add_(grad)
        # θₜ ← θₜ₋₁ − α·bₜ
        param.sub_(group["lr"] * state["velocity"])
