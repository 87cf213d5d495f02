"""Gradients to drive optimizers with, in several regimes; always the same ones."""

from collections.abc import Callable

import torch
from torch import Tensor

from tests.parity.noise import noise

SIZE = 6
"""Numbers in a parameter: enough to hold a large, a small and a zero gradient at once."""

STEPS = 200


def _noise(t: int) -> Tensor:
    return torch.tensor(noise(t, SIZE), dtype=torch.float64)


def _noisy(t: int) -> Tensor:
    """Ordinary training: a small common direction, much noise."""
    return _noise(t) + 0.1


def _tiny(t: int) -> Tensor:
    """So small that ε decides."""
    return 1e-8 * _noise(t)


def _spiky(t: int) -> Tensor:
    """Calm, with a gradient a thousand times as large now and then: running maxima stay behind."""
    return _noise(t) * (10.0 if t % 17 == 0 else 0.01)


def _rare(t: int) -> Tensor:
    """Zero at most steps, as for a word that is seldom seen."""
    return _noise(t) if t % 7 == 0 else torch.zeros(SIZE, dtype=torch.float64)


def _constant(t: int) -> Tensor:
    """The same at every step: nothing to be surprised about."""
    return torch.tensor([-2.0, -0.01, 0.0, 1e-6, 0.3, 5.0], dtype=torch.float64)


def _growing(t: int) -> Tensor:
    """From small to large, so that the newest second moment is always the largest."""
    return _noise(t) * 1e-3 * 1.03**t


REGIMES: dict[str, Callable[[int], Tensor]] = {
    "noisy": _noisy,
    "tiny": _tiny,
    "spiky": _spiky,
    "rare": _rare,
    "constant": _constant,
    "growing": _growing,
}


def gradients(regime: str, steps: int = STEPS) -> list[Tensor]:
    """The gradients of steps 1, 2, …, `steps`."""
    return [REGIMES[regime](t) for t in range(1, steps + 1)]
