"""
# Images: a small network on handwritten digits

The digits are those of scikit-learn: 1797 gray images of 8 by 8 pixels. Nothing is downloaded. They
are easy, and a tuned optimizer of any kind gets nearly all of them right. So there is a harder set,
made from the same images: each is shifted by up to one pixel, noise is added, and a fifth of the
training labels are wrong. There, an optimizer can *overfit*, and learn the wrong labels by heart.
This is where the AdaBelief paper claims its advantage: to train as fast as Adam, and to be as right
as SGD on images it has not seen.

```
python -m experiments.digits --optimizer adabelief --lr 1e-3 --seed 3
python -m experiments.digits --set hard --optimizer sgd --lr 0.1
```
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, as everybody calls it

from experiments.command import main
from experiments.runs import Run
from experiments.training import Task, initialized


class Split(NamedTuple):
    """## Images, one channel each, and what they show"""

    images: Tensor
    labels: Tensor


@cache
def easy() -> dict[str, Split]:
    """
    ## The digits, split in three

    1000 to train on, 300 to choose settings by, 497 to report. Which is which is decided once, by a
    seed of its own, and is the same in all runs.
    """
    pixels, digits = load_digits(return_X_y=True)
    images = torch.tensor(pixels, dtype=torch.float32).view(-1, 1, 8, 8) / 16
    labels = torch.tensor(digits)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    parts = zip(("train", "validation", "test"), order.split([1000, 300, 497]), strict=True)
    return {name: Split(images[part], labels[part]) for name, part in parts}


@cache
def hard() -> dict[str, Split]:
    """
    ## The harder set: shifted, noisy, and a fifth of the training labels wrong

    Labels to validate and to test with are right, or we would measure how well errors are learned.
    """
    random = torch.Generator().manual_seed(1)
    return {name: harden(split, name == "train", random) for name, split in easy().items()}


def harden(split: Split, mislabel: bool, random: torch.Generator) -> Split:
    """### Make one part harder"""
    images, labels = split
    canvas = 0.15 * torch.randn(len(images), 1, 10, 10, generator=random)
    corners = torch.randint(0, 3, (len(images), 2), generator=random).tolist()
    for image, target, (row, column) in zip(images, canvas, corners, strict=True):
        # The corners leave room for shifts of −1 to 1 pixel from the middle.
        target[:, row : row + 8, column : column + 8] += image
    if mislabel:
        wrong = torch.rand(len(labels), generator=random) < 0.2
        others = (labels + torch.randint(1, 10, labels.shape, generator=random)) % 10
        labels = torch.where(wrong, others, labels)
    return Split(canvas, labels)


def network(size: int) -> nn.Module:
    """
    ## Two convolutions and a linear layer

    `size` is the width of the images. Two halvings leave a quarter of it.
    """
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * (size // 4) ** 2, 10),
    )


class Digits(Task):
    """## The easy set"""

    steps = 300
    higher_is_better = True

    def __init__(self, run: Run) -> None:
        """### Images, network, optimizer"""
        super().__init__(run)
        self.splits = self.load()
        size = self.splits["train"].images.shape[-1]
        self.model = initialized(run.seed, lambda: network(size))
        self.modules["model"] = self.model
        self.optimizer = self.optimize("optimizer", self.model.parameters())

    def load(self) -> dict[str, Split]:
        """### The images"""
        return easy()

    def step(self) -> float:
        """### Descend on a batch of 64"""
        images, labels = self.splits["train"]
        batch = torch.randint(len(images), (64,), generator=self.random)
        loss = F.cross_entropy(self.model(images[batch]), labels[batch])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """
        ### Accuracy, in percent

        On the training images too. The distance between the two is what was learned by heart.
        """
        accuracies = {}
        for name, (images, labels) in self.splits.items():
            right = self.model(images).argmax(1) == labels
            accuracies[name] = 100 * right.double().mean().item()
        return accuracies


class HardDigits(Digits):
    """## The harder set, trained for longer, so that there is time to overfit"""

    steps = 500

    def load(self) -> dict[str, Split]:
        """### The images"""
        return hard()


VARIANTS: dict[str, type[Task]] = {"digits": Digits, "digits-hard": HardDigits}

if __name__ == "__main__":
    main(__doc__, {"easy": "digits", "hard": "digits-hard"}, "--set")
