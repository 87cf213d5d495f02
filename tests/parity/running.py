"""Run an optimizer on given gradients, and compare the paths two of them take."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from tests.parity.gradients import SIZE

Make = Callable[[list[Tensor]], Optimizer]


def starting_point() -> Tensor:
    """Where every run begins."""
    return torch.linspace(-1, 1, SIZE, dtype=torch.float64).requires_grad_()


def walk(optimizer: Optimizer, param: Tensor, grads: Iterable[Tensor]) -> Tensor:
    """One step for each gradient; returns the parameter after each, a row per step."""
    path = []
    for grad in grads:
        # A copy each, since some implementations write into the gradient.
        param.grad = grad.clone()
        optimizer.step()
        path.append(param.detach().clone())
    return torch.stack(path)


def path_of(make: Make, grads: Sequence[Tensor], start: Tensor | None = None) -> Tensor:
    """The path of a new optimizer from `start`, or from the common starting point."""
    param = starting_point() if start is None else start.clone().requires_grad_()
    return walk(make([param]), param, grads)


def by_the_paper(
    recurrence: Callable[..., list[Any]],
    grads: Sequence[Tensor],
    numbers: dict[str, Any],
    number: Callable[[float], Any] = float,
    start: Tensor | None = None,
    **options: Any,
) -> Tensor:
    """The path of a recurrence from the same point, each number by itself."""
    start = starting_point() if start is None else start
    hyper = [number(x) for x in (numbers["lr"], *numbers["betas"], numbers["eps"])]
    columns = [
        recurrence(map(number, column), number(theta), *hyper, **options)
        for theta, column in zip(start.tolist(), torch.stack(list(grads)).T.tolist(), strict=True)
    ]
    return torch.tensor([[float(x) for x in column] for column in columns], dtype=torch.float64).T


def largest_difference(path: Tensor, other: Tensor) -> float:
    """The largest |Δθ| anywhere along two paths."""
    return (path - other).abs().max().item()


def assert_same_path(path: Tensor, other: Tensor, tolerance: float = 1e-12) -> None:
    """Equal up to rounding, which grows with the numbers themselves."""
    assert path.isfinite().all()
    scale = max(1.0, other.abs().max().item())
    assert largest_difference(path, other) <= tolerance * scale
