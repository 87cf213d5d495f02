"""Swapping one import gives the same training run, on real handwritten digits."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from tests.parity.peers import authors_adabelief

SWAPS: dict[str, tuple[Callable[..., Optimizer], Callable[..., Optimizer]]] = {
    "torch.optim.Adam": (torch.optim.Adam, Adam),
    "torch.optim.Adam with amsgrad": (partial(torch.optim.Adam, amsgrad=True), AMSGrad),
    "torch.optim.AdamW": (
        torch.optim.AdamW,
        partial(Adam, decoupled_weight_decay=True, weight_decay=0.01),
    ),
    "torch.optim.RAdam": (torch.optim.RAdam, RAdam),
    "the authors' AdaBelief": (authors_adabelief, AdaBelief),
    "the authors' AdaBelief with decay": (
        partial(authors_adabelief, weight_decay=0.01, rectify=False),
        partial(AdaBelief, weight_decay=0.01, rectify=False),
    ),
}


def losses_of(make: Callable[..., Optimizer], epochs: int = 4) -> list[float]:
    """Train a small network; returns the loss of every batch, then that of all data at the end."""
    torch.manual_seed(0)
    digits: Any = load_digits()
    x = torch.tensor(digits.data / 16, dtype=torch.float64)
    y = torch.tensor(digits.target)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).double()
    optimizer = make(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return [*losses, cross_entropy(model(x), y).item()]


@pytest.mark.parametrize("swap", SWAPS)
def test_swapping_the_optimizer_gives_the_same_losses(swap: str) -> None:
    theirs, ours = (losses_of(make) for make in SWAPS[swap])
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert theirs[-1] < theirs[0] - 0.2
