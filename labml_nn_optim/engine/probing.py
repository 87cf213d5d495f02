"""
# Is a rule elementwise?

The compiled step shows a rule [one long row](rows.py) for several parameters, and lines of sixteen
numbers for a single one. For the rules of the papers that makes no difference: what becomes of a
number depends on nothing but its own gradient and its own running means. A rule that divides by the
norm of a tensor, or asks how many dimensions it has, would quietly compute something else.

So before a rule is compiled, it is tried on a few numbers: in several shapes, and in other company.
If the results differ, it is left to the plain step.
"""

from collections.abc import Callable, Sequence
from math import prod

import torch
from torch import Tensor

State = dict[str, Tensor]
# Takes the numbers of a step, the running means, the gradient and the parameter.
Step = Callable[[Tensor, State, Tensor, Tensor], None]

# The same 96 numbers in each of these shapes, or half of them.
SHAPES: list[tuple[int, ...]] = [(6, 16), (96,), (2, 3, 16), (2, 3, 4, 4), (3, 16)]


def check_elementwise(
    step: Step, numbers: Tensor, keys: Sequence[str], dtype: torch.dtype, device: str
) -> None:
    """
    ## Try a step on a few numbers

    Raises `RuntimeError` if it looks at more than one number at a time, or replaces its running
    means.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        expected, *others = (tried(step, numbers, keys, dtype, device, s) for s in SHAPES)
    for shape, results in zip(SHAPES[1:], others, strict=True):
        for before, result in zip(expected, results, strict=True):
            exact = 4 * torch.finfo(dtype).eps
            same = before[: len(result)]
            if not torch.allclose(result, same, rtol=exact, atol=exact, equal_nan=True):
                raise RuntimeError(
                    "step_param looks at more than one number at a time: the same numbers come out "
                    f"differently in the shapes {[*SHAPES[0]]} and {[*shape]}"
                )


def tried(
    step: Step,
    numbers: Tensor,
    keys: Sequence[str],
    dtype: torch.dtype,
    device: str,
    shape: tuple[int, ...],
) -> list[Tensor]:
    """## The parameter and its running means after a step, as rows"""
    random = torch.Generator().manual_seed(0)
    wide = torch.promote_types(dtype, torch.float32)
    types = [dtype, dtype, *(wide for _ in keys)]
    rows = [torch.rand(prod(SHAPES[0]), generator=random, device="cpu") for _ in types]
    param, grad, *means = (
        row[: prod(shape)].to(device, kind).view(shape)
        for row, kind in zip(rows, types, strict=True)
    )
    state = dict(zip(keys, means, strict=True))
    step(numbers, state, grad, param)
    for key, mean in zip(keys, means, strict=True):
        if state[key] is not mean:
            raise RuntimeError(f"step_param replaces state[{key!r}]; it must update it in place")
    return [tensor.reshape(-1) for tensor in (param, *means)]
