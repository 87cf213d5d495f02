"""
# What we use of torch that it does not promise to keep

Two names, in one place. Torch's own documentation explains both, but they stand in modules whose
names begin with an underscore.

* `TorchDispatchMode` tells what torch is asked to do while [a step is traced](tracing.py). Without
  it, nothing can be traced: every step is the plain one, and `fused=True` says so.
* `disable_dynamo` keeps `torch.compile` out of a step that someone compiles, as
  `torch.compiler.disable` does, but without loading the compiler when this package is imported.
  Without it, that one is used.
"""

import torch

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

__all__ = ["TorchDispatchMode", "disable_dynamo"]
