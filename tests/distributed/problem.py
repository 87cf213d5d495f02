"""A small problem that one process and many can work on, and what to hold the result against."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.tensor import DTensor
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief
from tests.labml_nn_optim.table import OPTIMIZERS, noise
from tests.parity.peers import authors_adabelief

# What each class must compute, by those who did not write it.
PEERS: dict[str, Callable[..., Optimizer]] = {
    "Adam": torch.optim.Adam,
    "AMSGrad": partial(torch.optim.Adam, amsgrad=True),
    "RAdam": torch.optim.RAdam,
    "AdaBelief": partial(authors_adabelief, eps=1e-16),
}
LR = 0.01
STEPS = 10  # at β₂ = 0.999, RAdam and AdaBelief begin to rectify at the sixth


def has_fused() -> bool:
    try:
        AdaBelief([torch.zeros(1)], fused=True)
    except (ValueError, RuntimeError):
        return False
    return True


needs_fused = pytest.mark.skipif(not has_fused(), reason="fused step not available yet")
each_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)
# Compiling takes seconds in each process, so where classes do not differ, one stands for all.
plain_and_fused = pytest.mark.parametrize(
    ("name", "fused"),
    [(name, False) for name in OPTIMIZERS] + [pytest.param("AdaBelief", True, marks=needs_fused)],
)


class Model(nn.Module):
    """Sizes that two and three processes cannot share evenly: one row, and three, and eight."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.second = nn.Linear(8, 3)
        self.third = nn.Linear(3, 1)
        self.scale = nn.Parameter(torch.tensor(2.0))
        self.double()
        with torch.no_grad():
            for seed, param in enumerate(self.parameters()):
                param.copy_(noise(*param.shape, seed=seed, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        return self.third(self.second(self.first(x).tanh()).tanh()) * self.scale


def batch(step: int) -> tuple[Tensor, Tensor]:
    """Twelve examples, which one, two and three processes can share evenly."""
    return (
        noise(12, 6, seed=2 * step, dtype=torch.float64),
        noise(12, 1, seed=2 * step + 1, dtype=torch.float64),
    )


def share(examples: Tensor) -> Tensor:
    """The part of a batch that this process works on: all of it, when it is alone."""
    if not dist.is_initialized():
        return examples
    return examples[dist.get_rank() :: dist.get_world_size()]


def backward(model: nn.Module, step: int) -> None:
    x, y = batch(step)
    nn.functional.mse_loss(model(share(x)), share(y)).backward()


def train(
    model: nn.Module,
    optimizer: Optimizer,
    steps: Iterable[int],
    batches: int = 1,
    unfinished: Callable[[nn.Module], AbstractContextManager[None]] = lambda _: nullcontext(),
) -> None:
    """Steps from `batches` batches each; all but the last go backward within `unfinished`."""
    for step in steps:
        optimizer.zero_grad()
        with unfinished(model):
            for part in range(batches - 1):
                backward(model, 100 * step + part)
        backward(model, 100 * step + batches - 1)
        optimizer.step()


def values(model: nn.Module) -> list[Tensor]:
    """The parameters, whole and plain, wherever their parts are."""
    return [whole(param) for param in model.parameters()]


def whole(tensor: Tensor) -> Tensor:
    tensor = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
    return tensor.detach().clone()


def by_peer(name: str, batches: int = 1) -> list[Tensor]:
    """What somebody else's optimizer makes of the problem, in one process."""
    model = Model()
    train(model, PEERS[name](model.parameters(), lr=LR), range(STEPS), batches)
    return values(model)


def assert_close(ours: list[Tensor], theirs: list[Tensor]) -> None:
    """
    Equal up to the order of a sum.

    The gradient of a batch is a sum over its examples. Each process adds up its own, then the sums
    are added: other roundings than in one process, in the sixteenth digit.
    """
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-12)
