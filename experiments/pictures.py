"""
The pictures on the optimizers' pages: `python -m experiments.pictures` records their curves.

Each curve is what the real class does, and a test makes it again. The site draws what is recorded,
so that it is built without torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from labml_nn_optim.weight_decay import WeightDecay

PATH = Path(__file__).parents[1] / "docs" / "facts" / "pictures.json"
NUMBERS = 500  # whose steps are averaged where gradients are noisy
NOISES = ("0.1", "0.3", "1", "3", "10")  # beside a gradient of 1; a reader chooses
Make = Callable[[list[Tensor]], Optimizer]
Points = list[list[float]]


def paper(params: list[Tensor], **settings: Any) -> AdaBelief:
    return AdaBelief(params, rectify=False, **settings)


def walk(make: Make, grads: Iterable[Tensor], start: float = 0.0) -> list[Tensor]:
    """Where numbers are before the first step and after each."""
    grads = list(grads)
    param = torch.full_like(grads[0], start, requires_grad=True)
    optimizer = make([param])
    places = [param.detach().clone()]
    for grad in grads:
        param.grad = grad.clone()
        optimizer.step()
        places.append(param.detach().clone())
    return places


def noise(mean: float, size: float, steps: int) -> list[Tensor]:
    random = torch.Generator().manual_seed(0)
    shape = (steps, NUMBERS)
    return [*(mean + size * torch.randn(shape, generator=random, dtype=torch.float64))]


def lengths(make: Make, grads: Iterable[Tensor]) -> Points:
    """How long each step is on average."""
    places = torch.stack(walk(make, grads))
    return points(places.diff(dim=0).abs().mean(dim=1), first=1)


def points(values: Iterable[float | Tensor], first: int = 0, every: int = 1) -> Points:
    """Steps and values, to four digits."""
    found = [[first + i, float(f"{float(value):.4g}")] for i, value in enumerate(values)]
    return found[::every]


def one(*values: float) -> list[Tensor]:
    return [torch.tensor([value], dtype=torch.float64) for value in values]


def ada_belief() -> dict[str, dict[str, Points]]:
    streams = {
        "agree": one(*[1.0] * 100),
        "flip": one(*[1.0, -1.0] * 50),
        **{f"noisy {size}": noise(1, float(size), 100) for size in NOISES},
    }
    makes: dict[str, Make] = {
        "adam": lambda p: Adam(p, lr=1),
        "adabelief": lambda p: paper(p, lr=1),
    }
    return {
        name: {series: lengths(make, grads) for series, make in makes.items()}
        for name, grads in streams.items()
    }


def adam() -> dict[str, dict[str, Points]]:
    sizes = {"large": 100.0, "middle": 1.0, "small": 0.01}
    scale = {
        f"sgd {name}": lengths(lambda p: SGD(p, lr=1), noise(size, size, 100))
        for name, size in sizes.items()
    }
    ours = [lengths(lambda p: Adam(p, lr=1), noise(x, x, 100)) for x in sizes.values()]
    scale |= {f"adam {name}": curve for name, curve in zip(sizes, ours, strict=True)}
    fresh = Adam([torch.zeros(1)])
    steps = range(1, 4001, 40)
    roots = [fresh.at_step(fresh.param_groups[0], t)["bias_correction2"] ** 0.5 for t in steps]
    young = [[t, float(f"{root:.4g}")] for t, root in zip(steps, roots, strict=True)]
    return {
        "scale": scale,
        "young": {"sgd": young, "adam": [[t, 1.0] for t, _ in young]},
    }


def amsgrad() -> dict[str, dict[str, Points]]:
    def walled(kind: type[Adam]) -> Points:
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = kind([theta], lr=0.02, betas=(0.0, 0.1))
        places = [0.0]
        for step in range(420):
            theta.grad = torch.tensor([3.0 if step % 3 == 0 else -1.0], dtype=torch.float64)
            optimizer.step()
            with torch.no_grad():
                theta.clamp_(-1, 1)
            places.append(theta.item())
        return points(places, every=3)

    return {"walk": {"adam": walled(Adam), "amsgrad": walled(AMSGrad)}}


def radam() -> dict[str, dict[str, Points]]:
    steps = [*range(1, 7), *range(30, 3001, 30)]
    factors = [(t, RAdam.calc_rectification_term(0.999, t)) for t in steps]
    makes: dict[str, Make] = {"adam": lambda p: Adam(p, lr=1), "radam": lambda p: RAdam(p, lr=1)}

    def distances(make: Make) -> Points:
        places = torch.stack(walk(make, noise(0, 1, 200)))
        return points(places.square().mean(dim=1).sqrt(), every=2)

    return {
        "factor": {
            "adam-warmup": [[t, min(1.0, round(t / 2000, 4))] for t in steps],
            "radam": [[t, float(f"{r:.4g}")] for t, r in factors if r is not None],
        },
        "wander": {series: distances(make) for series, make in makes.items()},
    }


def weight_decay() -> dict[str, dict[str, Points]]:
    def pulled(size: float, decoupled: bool) -> Points:
        decay = WeightDecay(0.1, weight_decouple=decoupled)
        places = walk(lambda p: Adam(p, lr=0.01, weight_decay=decay), noise(0, size, 400), start=1)
        return points(torch.stack(places).mean(dim=1), every=4)

    sizes = {"small": 0.1, "large": 10.0}
    pulls = {f"adam {name}": pulled(size, False) for name, size in sizes.items()}
    pulls |= {f"torch-adamw {name}": pulled(size, True) for name, size in sizes.items()}
    return {"pull": pulls}


PICTURES = {each.__name__: each for each in (adam, amsgrad, radam, ada_belief, weight_decay)}


def main() -> None:
    """Record all curves."""
    curves = {name: make() for name, make in PICTURES.items()}
    text = json.dumps(curves, separators=(",", ":"))
    PATH.write_text(text.replace('"},', '"},\n') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
