"""The tensors to be optimized: shapes of real models, and shapes that are hard in one way each."""

from dataclasses import dataclass
from math import prod

Shapes = list[tuple[int, ...]]


@dataclass(frozen=True)
class Workload:
    """A name, as the page has it, and the shape of each tensor."""

    name: str
    shapes: Shapes

    @property
    def parameters(self) -> int:
        return sum(map(prod, self.shapes))


def resnet34(
    width: int = 64, blocks: tuple[int, ...] = (3, 4, 6, 3), classes: int = 1000
) -> Shapes:
    """He et al. 2015, table 1: four stages of basic blocks, joined by 1 × 1 convolutions."""
    shapes: Shapes = [(width, 3, 7, 7), (width,), (width,)]
    before = width
    for stage, depth in enumerate(blocks):
        now = width * 2**stage
        for block in range(depth):
            first = before if block == 0 else now
            shapes += [(now, first, 3, 3), (now,), (now,), (now, now, 3, 3), (now,), (now,)]
            if first != now:
                shapes += [(now, first, 1, 1), (now,), (now,)]
        before = now
    return [*shapes, (classes, before), (classes,)]


def gpt2(width: int = 768, layers: int = 12, words: int = 50257, length: int = 1024) -> Shapes:
    """Radford et al. 2019, the smallest: the last layer shares the words of the first."""
    norm: Shapes = [(width,), (width,)]
    attention: Shapes = [(width, 3 * width), (3 * width,), (width, width), (width,)]
    network: Shapes = [(width, 4 * width), (4 * width,), (4 * width, width), (width,)]
    layer = norm + attention + norm + network
    return [(words, width), (length, width), *(layer * layers), *norm]


FULL = [
    Workload("ResNet-34", resnet34()),
    Workload("600 × 32²", [(32, 32)] * 600),
    Workload("2 × 4096²", [(4096, 4096)] * 2),
    Workload("GPT-2 small", gpt2()),
    Workload("one vector of 10⁷", [(10**7,)]),
]
# The same kinds of shapes, small enough for a test.
QUICK = [
    Workload("ResNet-34", resnet34(width=2, blocks=(1, 1, 1, 1), classes=10)),
    Workload("600 × 32²", [(8, 8)] * 20),
    Workload("2 × 4096²", [(64, 64)] * 2),
    Workload("GPT-2 small", gpt2(width=8, layers=1, words=50, length=10)),
    Workload("one vector of 10⁷", [(10**3,)]),
]


def growing(powers: range) -> list[Workload]:
    """One tensor, from small to large."""
    return [Workload("10" + "⁰¹²³⁴⁵⁶⁷⁸⁹"[power], [(10**power,)]) for power in powers]
