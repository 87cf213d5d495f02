"""
Record the steps that optax's AdaBelief takes, for the tests to compare with.

optax needs JAX, which nothing else here does, so it is not part of the environment. To record anew,
in an environment of its own: `pip install optax`, then, from the top of the repository,

    python -m tests.parity.record_optax
"""

import json
from importlib.metadata import version
from pathlib import Path

import jax
import numpy
import optax

from tests.parity.noise import NUMBERS, SIZES, STEPS, noise

RECORD = Path(__file__).with_name("optax.json")


def last_of(optimizer: optax.GradientTransformation, size: float) -> list[float]:
    """The parameter after all steps, from zero, with gradients of that size."""
    params = numpy.zeros(NUMBERS)
    state = optimizer.init(params)
    for t in range(1, STEPS + 1):
        grad = size * numpy.array(noise(t, NUMBERS))
        updates, state = optimizer.update(grad, state, params)
        params = optax.apply_updates(params, updates)
    return [float(x) for x in params]


def main() -> None:
    """Write the record."""
    jax.config.update("jax_enable_x64", True)
    telling = optax.adabelief(0.1, b1=0.8, b2=0.95, eps=1e-2, eps_root=1e-2)
    record = {
        "optax": version("optax"),
        "jax": version("jax"),
        "telling": last_of(telling, 1.0),
        "default": {str(size): last_of(optax.adabelief(1e-3), size) for size in SIZES},
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
