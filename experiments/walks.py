"""The walks over a surface, step by step, for its picture."""

from __future__ import annotations

from typing import Any

import torch

from experiments import tasks
from experiments.runs import Run
from experiments.toys import Surface

COLUMNS, ROWS = 44, 28
Point = tuple[float, float]


def picture(task: str, settings: dict[str, Run]) -> dict[str, Any]:
    """
    Where each optimizer went, and how high the surface is.

    * `tracks`: for each optimizer the places of its walk, every second one
    * `window`: the part of the plane to draw: lowest and highest x, then y
    * `levels`: rows from top to bottom; a digit for each place, from 0, low, to 7, high
    """
    tracks = {name: track(run) for name, run in settings.items()}
    surface = tasks.make(next(iter(settings.values())))
    if not isinstance(surface, Surface):
        raise TypeError(f"{task} is no surface")
    lowest = surface.lowest
    window = [
        end
        for i in range(2)
        for end in room([place[i] for places in tracks.values() for place in places], lowest[i])
    ]
    return {
        "lowest": lowest,
        "window": window,
        "levels": levels(surface, window),
        "tracks": tracks,
    }


def track(run: Run) -> list[Point]:
    """The places of a walk, every second one."""
    surface = tasks.make(run)
    if not isinstance(surface, Surface):
        raise TypeError(f"{run.task} is no surface")
    places = [surface.place.tolist()]
    for done in range(run.steps):
        surface.set_rate(done)
        surface.step()
        if done % 2:
            places.append(surface.place.tolist())
    return [(float(f"{x:.4g}"), float(f"{y:.4g}")) for x, y in places]


def room(values: list[float], target: float) -> tuple[float, float]:
    """From the least to the greatest, not too far from the target, and with a margin."""
    low, high = max(min(*values, target), target - 5), min(max(*values, target), target + 5)
    margin = 0.1 * (high - low) + 0.05
    return round(low - margin, 3), round(high + margin, 3)


def levels(surface: Surface, window: list[float]) -> list[str]:
    """The height, on a logarithmic scale of eight levels."""
    left, right, bottom, top = window
    x = left + (torch.arange(COLUMNS) + 0.5) / COLUMNS * (right - left)
    y = top - (torch.arange(ROWS) + 0.5) / ROWS * (top - bottom)
    heights = (surface.height(x[None, :], y[:, None]) + 1e-2).log()
    share = (heights - heights.min()) / (heights.max() - heights.min())
    return ["".join(map(str, row)) for row in (8 * share).int().clamp(max=7).tolist()]
