"""
Noise that is the same on every machine, and needs nothing but Python.

The generators of torch and jax depend on version and processor. Python's uniform numbers do not,
and a sum of twelve of them is as good as normal.
"""

from functools import lru_cache
from random import Random


@lru_cache(maxsize=4096)
def noise(step: int, size: int) -> tuple[float, ...]:
    """`size` numbers of mean 0 and variance 1, different for each step."""
    random = Random(1000 * step + size)
    return tuple(sum(random.random() for _ in range(12)) - 6 for _ in range(size))


# How facts about implementations are measured: so many numbers, for so many steps, at sizes of the
# gradient where ε matters little, somewhat, and much.
NUMBERS = 50
STEPS = 100
SIZES = (1.0, 1e-2, 1e-4)
