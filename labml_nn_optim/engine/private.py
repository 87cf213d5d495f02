"""
# What we use of torch that it does not promise to keep

Four names, in one place. They, or the modules that they stand in, begin with an underscore.

* `TorchDispatchMode` tells what torch is asked to do while [a step is traced](tracing.py). Without
  it, nothing can be traced: every step is the plain one, and `fused=True` says so.
* `disable_dynamo` keeps `torch.compile` out of a step that someone compiles, as
  `torch.compiler.disable` does, but without loading the compiler when this package is imported.
  Without it, that one is used.
* `_cdata` tells [the reader of tensors](reading.py) where a Python tensor keeps what torch's
  functions know it by. Without it, every step is the plain one.
* `torch._C` is the file that leads to [those
  functions](https://docs.pytorch.org/docs/stable/notes/libtorch_stable_abi.html), which themselves
  are promised. Without it, or them, every step is the plain one.
"""

import ctypes
from collections.abc import Sequence

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


def object_layout() -> tuple[int, int] | None:
    """
    ## Where a Python tensor keeps its class and its handle, in bytes, if that can be told

    It is looked for where examples have them, so that no version need be known.
    """
    examples = [torch.zeros(()), torch.zeros(2, 3), torch.nn.Parameter(torch.zeros(3))]
    classes = [id(type(each)) for each in examples]
    handles = [getattr(each, "_cdata", 0) for each in examples]
    found = {}
    for offset in range(0, Tensor.__basicsize__, ctypes.sizeof(ctypes.c_void_p)):
        words = [ctypes.c_void_p.from_address(id(each) + offset).value for each in examples]
        found[repr(words)] = offset
    if repr(classes) in found and repr(handles) in found:
        return found[repr(classes)], found[repr(handles)]
    return None


def torch_functions(names: Sequence[str]) -> list[int | None] | None:
    """## Where functions of torch for other languages lie, if it has them all"""
    try:
        torchs = ctypes.CDLL(torch._C.__file__)
        return [ctypes.cast(getattr(torchs, name), ctypes.c_void_p).value for name in names]
    except (AttributeError, OSError):
        return None


__all__ = ["TorchDispatchMode", "disable_dynamo", "object_layout", "torch_functions"]
