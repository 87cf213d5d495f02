"""
# Numbers of sixteen bits

A bfloat16 number has eight significant bits, the first of which is always 1. Between 1 and 2 it
knows 128 values, and a change of less than half the distance between two of them is lost, however
often it is repeated: a running mean that should change by a thousandth at each step stays where it
is, and so does a parameter whose steps are short. So every step here is computed in 32 bits. What
remains to be decided is what is *kept* in sixteen.

* A **parameter** of sixteen bits is kept as it is, and rounded once, at the end of the step.
* Its **running means** have 32 bits, unless `state_dtype=torch.bfloat16` asks for the smaller type.
  Then the optimizer needs half the memory, and a step moves 20 bytes for each number of a float32
  parameter, not 28: eight to read and write the parameter, four for the gradient, and eight for the
  two means, which would take sixteen.

**Rounding that loses nothing on average.** Of two neighbors, the nearer one is not always the
better choice. If a number lies a tenth of the way up, it should be rounded up at one step in ten.
Drawing lots does that, and is known as *stochastic rounding*. Taking turns is more even: over any
stretch of steps, a number a tenth of the way up is rounded up at about a tenth of them, and the
error does not wander off as that of a lottery does. Running means in bfloat16 are always rounded in
turn; bfloat16 parameters with `dithered_rounding=True`, since it changes their training.
"""

import torch
from torch import Tensor

from labml_nn_optim.rule import Group, Number

HALVES = (torch.bfloat16, torch.float16)


def running_mean_of(param: Tensor, group: Group) -> Tensor:
    """
    ## A running mean of nothing yet

    Zeros, as many as `param` has numbers. Of at least 32 bits, unless the group's `state_dtype`
    says bfloat16. The running means of complex parameters are complex, and keep their precision.
    """
    dtype = torch.promote_types(param.dtype, torch.float32)
    if group["state_dtype"] is not None and not param.is_complex():
        dtype = group["state_dtype"]
    return torch.zeros_like(param, dtype=dtype, memory_format=torch.preserve_format)


def widened(tensor: Tensor, param: Tensor) -> Tensor:
    """## A tensor of sixteen bits in the precision that steps of `param` are computed in"""
    if tensor.dtype not in HALVES:
        return tensor
    return tensor.to(torch.promote_types(param.dtype, torch.float32))


def turn_at(t: Number) -> Number:
    """
    ## Whose turn it is: a number in [0, 1) for each step

    Going round a circle in steps of the golden ratio visits all parts of it alike, however long one
    walks. It is known as Weyl's sequence.
    """
    return t * 0.6180339887498949 % 1


def round_in_turn(wide: Tensor, threshold: Number) -> Tensor:
    """
    ## Round to bfloat16, up or down

    * `wide` are numbers of 32 or 64 bits
    * `threshold`, in [0, 1): a number is rounded away from zero if it lies further than
      1 − `threshold` on the way. One for all, that of [the step](#turn_at), or [one for
      each](#turns_of)

    Returns float32 numbers that bfloat16 can hold. A bfloat16 number is the upper half of a
    float32 number. So one adds the threshold to the lower half, and cuts it off; where the sum
    overflows, the number has been rounded up. Infinity and NaN stay.
    """
    wide, raising = wide.float(), threshold * 65536
    if not isinstance(raising, Tensor):
        raising = torch.tensor(raising, dtype=torch.float32, device="cpu")
    raised = wide.view(torch.int32) + raising.to(torch.int32)
    rounded = torch.bitwise_and(raised, -65536).view(torch.float32)
    return torch.where(wide.abs() < float("inf"), rounded, wide)


def turns_of(grad: Tensor, turn: Number) -> Tensor:
    """
    ## A threshold for each number of a parameter

    If all parameters were rounded up at one step and down at the next, a deep model would swell and
    shrink as one. So each takes its turn from the bits of its own gradient, besides that of the
    step. It is a lottery then, as stochastic rounding is. (Running means do without it. In our
    tests they followed those of full precision with a common rhythm, which is the more even one.)
    """
    # Mixes all bits into the upper sixteen (Knuth's multiplicative hashing, *The Art of Computer
    # Programming*, volume 3, section 6.4).
    mixed = grad.float().view(torch.int32) * -1640531535
    noise = torch.bitwise_and(torch.bitwise_right_shift(mixed, 16), 65535)
    turns = noise.float().div_(65536).add_(turn)
    return turns - turns.floor()
