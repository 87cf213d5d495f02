"""
# What we use of torch that it does not promise to keep

Three names, in one place. They, or the modules that they stand in, begin with an underscore.

* `TorchDispatchMode` tells what torch is asked to do while [a step is traced](tracing.py). Without
  it, nothing can be traced: every step is the plain one, and `fused=True` says so.
* `disable_dynamo` keeps `torch.compile` out of a step that someone compiles, as
  `torch.compiler.disable` does, but without loading the compiler when this package is imported.
  Without it, that one is used.
* `_foreach_add_` adds to many tensors in one call, as torch's own optimizers do. Without it, they
  are asked one by one.
"""

import torch
from torch import Tensor

# Torch's own optimizers are decorated with it.
try:
    from torch._compile import _disable_dynamo as disable_dynamo
except ImportError:
    disable_dynamo = torch.compiler.disable

# Explained in torch's notes on extending it.
try:
    from torch.utils._python_dispatch import TorchDispatchMode
except ImportError:
    TorchDispatchMode = None  # type: ignore[assignment, misc]


_ONE = torch.tensor(1.0, dtype=torch.float32, device="cpu")


def add_one_to_each(counts: list[Tensor]) -> None:
    """## Count a step"""
    kinds = {(type(count), count.dtype) for count in counts}
    if kinds == {(Tensor, torch.float32)} and hasattr(torch, "_foreach_add_"):
        # A Python number would be made a tensor for each count, which takes longer than to add it.
        torch._foreach_add_(counts, [_ONE] * len(counts))
        return
    for count in counts:
        # Where torch has no such call, or only estimates memory, each by itself
        count += 1


__all__ = ["TorchDispatchMode", "add_one_to_each", "disable_dynamo"]
