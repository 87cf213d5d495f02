"""
# The optimizers that compete

Four of ours, and the three that most people use instead. A name on the command line stands for one
row of the table below, so all experiments compare the same things.

Everything but the step size and the weight decay is left as its authors have it. That is what most
people do, and it keeps the tuning budget equal: nobody gets a second knob.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam

Betas = tuple[float, float]


@dataclass(frozen=True)
class Competitor:
    """
    ## One row

    * `title`: what tables and figures call it
    * `make`: makes it, from the parameters, the step size, the weight decay and the betas
    * `adaptive`: whether steps are divided by the size or the surprise of gradients; if not,
      sensible step sizes are larger, and it is tuned on a grid of its own, with as many values
    * `decoupled`: whether weight decay shrinks the parameters themselves, which asks for larger
      values
    * `weight_decay`: the decay where none is given
    """

    title: str
    make: Callable[..., Optimizer]
    adaptive: bool = True
    decoupled: bool = False
    weight_decay: float = 0.0


def sgd(params: Iterable[Any], lr: float, weight_decay: float, betas: Betas) -> Optimizer:
    """
    ## Gradient descent with momentum

    Its momentum is $β₁$, so that all competitors remember gradients for equally long.
    """
    return torch.optim.SGD(params, lr=lr, momentum=betas[0], weight_decay=weight_decay)


def plain(cls: Callable[..., Optimizer], **switches: Any) -> Callable[..., Optimizer]:
    """## A class as it is, but for a switch or two"""

    def make(params: Iterable[Any], lr: float, weight_decay: float, betas: Betas) -> Optimizer:
        return cls(params, lr=lr, betas=betas, weight_decay=weight_decay, **switches)

    return make


# Our Adam and torch's are the same algorithm. Both run, as a check of the whole arrangement: what
# differs between them is rounding, and whatever rounding grows into.
#
# AdamW without any decay would be Adam once more, so it keeps torch's default of 0.01.
#
# AdaBelief appears twice. The paper's results are those of `rectify=False`; `rectify=True` is what
# its authors' package does when nobody asks.
COMPETITORS = {
    "sgd": Competitor("SGD with momentum", sgd, adaptive=False),
    "torch-adam": Competitor("Adam (torch)", plain(torch.optim.Adam)),
    "torch-adamw": Competitor(
        "AdamW (torch)", plain(torch.optim.AdamW), decoupled=True, weight_decay=0.01
    ),
    "adam": Competitor("Adam", plain(Adam)),
    "amsgrad": Competitor("AMSGrad", plain(AMSGrad)),
    "radam": Competitor("RAdam", plain(RAdam)),
    "adabelief": Competitor("AdaBelief", plain(AdaBelief, rectify=False), decoupled=True),
    "adabelief-rectified": Competitor(
        "AdaBelief, rectified", plain(AdaBelief, rectify=True), decoupled=True
    ),
}


def find(name: str) -> Competitor:
    """
    ## The competitor of that name

    Raises `ValueError` for any other name, and lists the right ones.
    """
    if name not in COMPETITORS:
        raise ValueError(f"optimizer must be one of {', '.join(COMPETITORS)}; got {name!r}")
    return COMPETITORS[name]
