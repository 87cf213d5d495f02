"""
# Toys: surfaces in the plane, and a trap for Adam

Two parameters are enough to see how an optimizer moves. The surfaces are those that the AdaBelief
paper draws: where the slope is steep in one direction and gentle in another, in a narrow curved
valley, on a wide plain. The paper's claim is that AdaBelief reaches the lowest point first.

The trap is of the kind that [AMSGrad](../labml_nn_optim/amsgrad.py) was invented for: a large
gradient that is rare and right, among small ones that are frequent and wrong.

```
python -m experiments.toys --surface beale --optimizer adabelief --lr 0.1
```
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor

from experiments.command import main
from experiments.runs import Run
from experiments.training import State, Task


class Surface(Task):
    """
    ## Walk down a surface

    A run starts near `start`, at a place that its seed decides. `test` is the number of steps after
    which the walk is within 0.1 of the lowest point *and stays there* until the end. A
    walk that never settles gets the number of steps it was given. Small is good.
    """

    steps = 400
    records = 20
    decays = False
    start: ClassVar[tuple[float, float]]
    lowest: ClassVar[tuple[float, float]] = (0.0, 0.0)

    def __init__(self, run: Run) -> None:
        """### A place near the start, and an optimizer"""
        super().__init__(run)
        jitter = 0.4 * torch.rand(2, dtype=torch.float64, generator=self.random) - 0.2
        place = torch.tensor(self.start, dtype=torch.float64) + jitter
        self.place = place.requires_grad_()
        self.optimizer = self.optimize("optimizer", [self.place])
        self.done = 0
        self.settled = 0

    def height(self, x: Tensor, y: Tensor) -> Tensor:
        """### The surface"""
        raise NotImplementedError

    def distance(self) -> float:
        """### How far from the lowest point"""
        target = torch.tensor(self.lowest, dtype=torch.float64)
        distance: float = (self.place.detach() - target).norm().item()
        return distance

    def step(self) -> float:
        """### One step down"""
        height = self.height(*self.place.unbind())
        self.optimizer.zero_grad()
        height.backward()
        self.optimizer.step()
        self.done += 1
        if not self.distance() <= 0.1:
            self.settled = self.done
        return height.item()

    def measure(self) -> dict[str, float]:
        """### Where it is, and since when it has settled"""
        x, y = self.place.tolist()
        # As long as it has not settled, it may as well never do.
        steps = float(self.settled if self.settled < self.done else self.run.steps)
        far = self.distance()
        return {"validation": steps, "test": steps, "distance": far, "x": x, "y": y}

    def state_dict(self) -> State:
        """### The place, and the count of steps"""
        own = {"place": self.place.detach().clone(), "done": self.done, "settled": self.settled}
        return {**super().state_dict(), **own}

    def load_state_dict(self, state: State) -> None:
        """### Go on from there"""
        super().load_state_dict(state)
        with torch.no_grad():
            self.place.copy_(state["place"])
        self.done, self.settled = state["done"], state["settled"]


def surface(
    height: Callable[[Tensor, Tensor], Tensor], **places: tuple[float, float]
) -> type[Surface]:
    """## A surface from its formula, where to start, and where its lowest point is"""
    attributes: dict[str, Any] = {**places, "height": lambda self, x, y: height(x, y)}
    return type("Surface", (Surface,), attributes)


# x and y matter alike. Gradients have a constant size, so Adam and AdaBelief differ by what they
# make of gradients that never change.
#
#     |x| + |y|
absolute = surface(lambda x, y: x.abs() + y.abs(), start=(1.5, 0.4))

# The same, turned by 45 degrees and stretched: the coordinates no longer fit the valley.
#
#     |x + y| + |x − y| / 10
valley = surface(lambda x, y: (x + y).abs() + (x - y).abs() / 10, start=(1.5, 0.4))

# A smooth valley of the same shape.
#
#     (x + y)² + (x − y)² / 10
bowl = surface(lambda x, y: (x + y) ** 2 + (x - y) ** 2 / 10, start=(1.5, 0.4))


def beale_height(x: Tensor, y: Tensor) -> Tensor:
    """
    ## Beale's function

    Wide plains with a lowest point at (3, 0.5), and steep walls around them.

        z = (1.5 − x + x·y)² + (2.25 − x + x·y²)² + (2.625 − x + x·y³)²
    """
    first = (1.5 - x + x * y) ** 2
    second = (2.25 - x + x * y**2) ** 2
    third = (2.625 - x + x * y**3) ** 2
    return first + second + third


beale = surface(beale_height, start=(1.0, 1.2), lowest=(3.0, 0.5))


def rosenbrock_height(x: Tensor, y: Tensor) -> Tensor:
    """
    ## Rosenbrock's function

    A curved valley with steep walls, and a floor that is nearly flat. Its lowest point is (1, 1).

        z = (1 − x)² + 100·(y − x²)²
    """
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


rosenbrock = surface(rosenbrock_height, start=(-1.0, 0.5), lowest=(1.0, 1.0))


class Trap(Task):
    """
    ## The trap

    One parameter, kept within −1 and 1. Its gradient is 12 in one step out of ten, by chance, and
    −1 in the others: on average 0.3, so the best place is −1. An optimizer that divides the
    large gradient by itself, and has forgotten it when the small ones come, walks to 1.

    The betas are 0.5 and 0.8, so short a memory that one can watch it forget. `test` is the
    distance from −1, averaged over the second half of the walk: 0 is right, 2 is wrong.
    """

    steps = 1000
    records = 20
    decays = False
    betas = (0.5, 0.8)

    def __init__(self, run: Run) -> None:
        """### In the middle"""
        super().__init__(run)
        self.place = torch.zeros((), dtype=torch.float64, requires_grad=True)
        self.optimizer = self.optimize("optimizer", [self.place])
        self.done = 0
        self.total = 0.0

    def step(self) -> float:
        """### One step, and back into the interval"""
        rare = torch.rand((), generator=self.random).item() < 0.1
        gradient = 12.0 if rare else -1.0
        self.place.grad = torch.full_like(self.place, gradient)
        self.optimizer.step()
        with torch.no_grad():
            self.place.clamp_(-1, 1)
        self.done += 1
        if self.done > self.run.steps // 2:
            self.total += self.place.item() + 1
        return gradient * self.place.item()

    def measure(self) -> dict[str, float]:
        """### Where it is, and the mean distance so far"""
        counted = self.done - self.run.steps // 2
        mean = self.total / counted if counted > 0 else self.place.item() + 1
        return {"validation": mean, "test": mean, "x": self.place.item()}

    def state_dict(self) -> State:
        """### The place, and the sum so far"""
        own = {"place": self.place.detach().clone(), "done": self.done, "total": self.total}
        return {**super().state_dict(), **own}

    def load_state_dict(self, state: State) -> None:
        """### Go on from there"""
        super().load_state_dict(state)
        with torch.no_grad():
            self.place.copy_(state["place"])
        self.done, self.total = state["done"], state["total"]


VARIANTS: dict[str, type[Task]] = {
    "absolute": absolute,
    "valley": valley,
    "bowl": bowl,
    "beale": beale,
    "rosenbrock": rosenbrock,
    "trap": Trap,
}

if __name__ == "__main__":
    main(__doc__, {name: name for name in VARIANTS}, "--surface")
