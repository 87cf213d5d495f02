"""The walks over a surface, step by step, for its picture."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from contourpy import contour_generator

from experiments import tasks
from experiments.charts import HEIGHT, WIDTH, Point, simpler
from experiments.runs import Run
from experiments.toys import Surface

COLUMNS, ROWS = 176, 112  # where heights are computed
LEVELS = 8
Ring = list[Point]


def picture(task: str, settings: dict[str, Run]) -> dict[str, Any]:
    """
    Where each optimizer went, and how high the surface is.

    * `tracks`: for each optimizer the places of its walk, every second one
    * `window`: the part of the plane to draw: lowest and highest x, then y
    * `contours`: for each of seven heights the rings around what is higher; inside another, a hole
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
        "contours": contours(surface, window),
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


def contours(surface: Surface, window: list[float]) -> list[list[Ring]]:
    """What is higher than seven heights, a logarithmic scale apart."""
    left, right, bottom, top = window
    x = torch.linspace(left, right, COLUMNS, dtype=torch.float64)
    y = torch.linspace(bottom, top, ROWS, dtype=torch.float64)
    heights = (surface.height(x[None, :], y[:, None]) + 1e-2).log()
    low, high = heights.min().item(), heights.max().item()
    generator = contour_generator(x.numpy(), y.numpy(), heights.numpy(), fill_type="OuterOffset")
    scale = (WIDTH / (right - left), HEIGHT / (top - bottom))
    found: list[list[Ring]] = []
    for level in range(1, LEVELS):
        filled: Any = generator.filled(low + (high - low) * level / LEVELS, high + 1)
        found.append(
            [
                ring(piece[start:end].tolist(), scale)
                for piece, places in zip(*filled, strict=True)
                for start, end in pairwise(places.tolist())
            ]
        )
    return found


def ring(places: list[Point], scale: Point) -> Ring:
    """As few places as draw the same, to the digits that one sees."""
    drawn = simpler([(x * scale[0], y * scale[1]) for x, y in places], reach=0.25)
    return [(round(x / scale[0], 3), round(y / scale[1], 3)) for x, y in drawn]
