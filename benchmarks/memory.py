"""
How much memory an optimizer keeps, and how much more a step takes for a moment.

torch's profiler notes each allocation and release, to the byte and in order, also within compiled
code. The resident size of the process would add what its allocator keeps for later.
"""

import gc

from torch import Tensor
from torch.nn import Parameter
from torch.profiler import ProfilerActivity, profile

from benchmarks.subjects import Stepping


def peak_bytes(optimizer: Stepping) -> int:
    """The most that one step has allocated and not yet released, at any time."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recording:
        optimizer.step()
    events = recording.profiler.kineto_results.events()
    held = peak = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        if event.name() == "[memory]":
            held += event.nbytes()
            peak = max(peak, held)
    return peak


def kept_bytes() -> int:
    """All tensors that Python has made since `gc.freeze()`; views of one memory count once."""
    # By exact type: a compiler leaves tensors behind that have no memory.
    tensors = [each for each in gc.get_objects() if type(each) in (Tensor, Parameter)]
    storages = [tensor.untyped_storage() for tensor in tensors]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())
