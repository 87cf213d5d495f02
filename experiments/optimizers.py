"""
# The optimizers that compete

Four of ours, and the three that most people use instead. A name on the command line stands for one
row of the table below, so all experiments compare the same things.

Everything but the step size and the weight decay is left as its authors have it. That is what most
people do, and it keeps the tuning budget equal: nobody gets a second knob. Where authors themselves
disagree with a default, the other choice is a row of its own, tuned like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from labml_nn_optim.generic import Group, Number

Betas = tuple[float, float]


@dataclass(frozen=True)
class Competitor:
    """
    ## One row

    * `title`: what tables and figures call it
    * `make`: makes it, from the parameters, the step size, the weight decay and the betas
    * `adaptive`: whether steps are divided by the size or the surprise of gradients; if not,
      sensible step sizes are others, and it is tuned on a grid of its own, with as many values
    * `decoupled`: whether weight decay shrinks the parameters themselves, which asks for larger
      values
    * `weight_decay`: the decay where none is given
    * `only`: the experiments that it takes part in, if not in all
    """

    title: str
    make: Callable[..., Optimizer]
    adaptive: bool = True
    decoupled: bool = False
    weight_decay: float = 0.0
    only: tuple[str, ...] = ()


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


class WarmedUp(Adam):
    """
    ## Adam with a warm-up that nobody tuned

    The step size rises in proportion to t, for the first $2/(1 − β₂)$ steps: 2000 of them, when
    $β₂ = 0.999$. Our trainings are shorter, so here it rises to the end; so does RAdam's factor.

    Source: Jerry Ma and Denis Yarats, *On the adequacy of untuned warmup for adaptive
    optimization*, 2019, [arXiv:1910.04209](https://arxiv.org/abs/1910.04209).
    """

    def get_lr(self, group: Group, t: Number) -> Number:
        """### The step size of step t"""
        # α·min(1, t·(1 − β₂)/2)
        rate: Number = super().get_lr(group, t) * min(1.0, t * (1 - group["betas"][1]) / 2)
        return rate


# Our Adam and torch's are the same algorithm. Both run, as a check of the whole arrangement: what
# differs between them is rounding, and whatever rounding grows into.
#
# AdamW without any decay would be Adam once more, so it keeps torch's default of 0.01.
#
# AdaBelief appears twice. With `rectify=False` it is the paper's algorithm, and what its authors
# trained images and LSTMs with; `rectify=True` is what their package does when nobody asks, and
# what they used for transformers and the large GAN (the table of the README below).
#
# The package's ε, 1e-16, is not that of all the paper's results: its authors' table of
# hyper-parameters (https://github.com/juntang-zhuang/Adabelief-Optimizer, README) has 1e-8 for
# images and 1e-12 for the small GAN. For an LSTM of one layer, and for transformers, it is 1e-16.
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
    "adabelief-1e-8": Competitor(
        "AdaBelief, ε = 1e-8",
        plain(AdaBelief, rectify=False, eps=1e-8),
        decoupled=True,
        only=("digits", "digits-hard"),
    ),
    "adabelief-1e-12": Competitor(
        "AdaBelief, ε = 1e-12",
        plain(AdaBelief, rectify=False, eps=1e-12),
        decoupled=True,
        only=("gan",),
    ),
    "adam-warmup": Competitor(
        "Adam with warm-up", plain(WarmedUp), only=("digits", "digits-hard", "lstm", "transformer")
    ),
}


def competing(task: str) -> dict[str, Competitor]:
    """## Those that take part in an experiment"""
    return {name: one for name, one in COMPETITORS.items() if not one.only or task in one.only}


def find(name: str) -> Competitor:
    """
    ## The competitor of that name

    Raises `ValueError` for any other name, and lists the right ones.
    """
    if name not in COMPETITORS:
        raise ValueError(f"optimizer must be one of {', '.join(COMPETITORS)}; got {name!r}")
    return COMPETITORS[name]
