"""
# Attacks on bounds

`|θₜ − θₜ₋₁| ≤ α` is a claim about every sequence of gradients. No number of runs proves it, and one
refutes it. So a claim with `<`, `≤`, `>`, `≥` or `≠` is tried on gradients made to break it: the
families below have, in the papers' proofs and in practice, broken one optimizer or another.
Optimizers work elementwise, so one tensor holds all families, one in each element.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["ATTACK_STEPS", "adversarial_gradients"]

# Long enough for every family of gradients to show what it is made for.
ATTACK_STEPS = 48


def adversarial_gradients(steps: int) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of the families, and their gradients: one row per step."""
    chance = np.random.default_rng(0)
    families: dict[str, Sequence[float] | NDArray[np.float64]] = dict(_families(steps))
    families["normal noise"] = chance.normal(size=steps)
    families["heavy-tailed noise"] = chance.standard_cauchy(size=steps)
    families["random signs"] = chance.choice([-1.0, 1.0], size=steps)
    families["noise over twelve orders of magnitude"] = chance.choice(
        [-1.0, 1.0], size=steps
    ) * 10.0 ** chance.uniform(-6, 6, size=steps)
    table = np.array([np.asarray(column, np.float64) for column in families.values()])
    return list(families), table.T


def _families(steps: int) -> Iterator[tuple[str, NDArray[np.float64]]]:
    t = np.arange(steps, dtype=np.float64)
    yield "constant", np.ones(steps)
    yield "zero", np.zeros(steps)
    yield "tiny and constant", np.full(steps, 1e-12)
    yield "huge and constant", np.full(steps, 1e12)
    yield "alternating signs", (-1.0) ** t
    yield "one spike at the start", np.where(t == 0, 1e3, 1e-3)
    yield "one spike after silence", np.where(t == steps - 1, 1.0, 0.0)
    yield "one spike in the middle", np.where(t == steps // 2, 1e6, 1.0)
    yield "sign flip half-way", np.where(t < steps // 2, 1.0, -1.0)
    yield "sparse", np.where(t % 5 == 4, 1.0, 0.0)
    yield "growing", 2.0**t
    # A running mean is largest, beside one of squares, if all that it remembers weighs the same:
    # if gradients grow as quickly as it forgets.
    for rate in (1.02, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.6, 1.8):
        yield f"growing by {rate}", rate**t
        yield f"growing by {rate} until the last step", np.where(t < steps - 1, rate**t, 0.0)
    yield "shrinking", 0.5**t
    yield "enormous", (-1.0) ** (t // 3) * 1e100
    yield "next to nothing", np.where(t % 4 == 1, 5e-324, 1e-100)
    # What swings by itself swings most if it is pushed at its own pace.
    for pace in range(1, 64):
        wave = np.sign(np.sin(np.pi * pace * (t + 0.5) / 64))
        yield f"a square wave, {pace}/128 of it in a step", wave
    # Reddi et al. 2018, Theorem 1: on average uphill, yet Adam goes the other way.
    yield "3, −1, −1", np.where(t % 3 == 0, 3.0, -1.0)
