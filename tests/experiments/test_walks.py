"""The shade behind the walks is that of the surface."""

import json
from itertools import pairwise

import pytest
import torch

from experiments import toys, walks
from experiments.sources import FOLDER
from experiments.toys import Surface

SURFACES = [name for name, task in toys.VARIANTS.items() if issubclass(task, Surface)]


def surface(name: str) -> Surface:
    """A surface without a walk."""
    task = toys.VARIANTS[name]
    assert issubclass(task, Surface)
    return object.__new__(task)


def test_a_contour_runs_at_one_height_and_the_next_one_higher() -> None:
    left, right, bottom, top = window = [-1.0, 2.0, -1.0, 1.0]
    bowl, found = surface("bowl"), []
    for rings in walks.contours(bowl, window):
        x, y = torch.tensor([place for ring in rings for place in ring], dtype=torch.float64).T
        inside = (x > left) & (x < right) & (y > bottom) & (y < top)
        heights = bowl.height(x[inside], y[inside]) + 1e-2
        assert heights.max() / heights.min() < 1.1
        found.append(heights.mean().item())
    ratios = [b / a for a, b in pairwise(found)]
    assert min(ratios) > 1.5
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=0.05)


@pytest.mark.parametrize("name", SURFACES)
def test_the_recorded_contours_are_those_of_the_surface(name: str) -> None:
    picture = json.loads((FOLDER / "results" / f"{name}.json").read_text("utf-8"))["picture"]
    found = walks.contours(surface(name), picture["window"])
    recorded = [area(rings) for rings in picture["contours"]]
    assert recorded == pytest.approx([area(rings) for rings in found], rel=1e-3)
    assert recorded == sorted(recorded, reverse=True)


def area(rings: list[walks.Ring]) -> float:
    """What the rings enclose, less the holes, which run the other way."""
    return sum(a * d - b * c for ring in rings for (a, b), (c, d) in pairwise(ring)) / 2
