"""Walk one number along chosen gradients, in double precision, and look at each move."""

from collections.abc import Callable, Iterable

import torch
from torch.optim import Optimizer


def moves(
    make: Callable[[list[torch.Tensor]], Optimizer], grads: Iterable[float], start: float = 0.0
) -> list[float]:
    """How far each step moved the number: positive is up."""
    param = torch.tensor([start], dtype=torch.float64, requires_grad=True)
    optimizer = make([param])
    found = []
    for grad in grads:
        before = param.item()
        param.grad = torch.tensor([grad], dtype=torch.float64)
        optimizer.step()
        found.append(param.item() - before)
    return found
