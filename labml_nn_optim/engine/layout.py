"""
# How a tensor lies in memory

A tensor is a stretch of memory and a way to walk through it. A transposed matrix walks down the
columns, a channels-last image visits the colors of one pixel after the other, and a slice skips
what does not belong to it. An elementwise update may walk in any order, as long as the parameter,
its gradient and its running means are walked in the same one, and the gaps stay untouched.
"""

import torch
from torch import Tensor


def is_distributed(tensor: Tensor) -> bool:
    """## Whether a tensor is one process's share of a larger one, as with FSDP"""
    return hasattr(tensor, "to_local")


def is_plain(tensor: Tensor) -> bool:
    """## Whether a tensor is an ordinary one of real numbers, row after row"""
    return (
        type(tensor) in (Tensor, torch.nn.Parameter)
        and not tensor.is_complex()
        and not tensor.is_neg()
        and tensor.is_contiguous()
    )


def real(tensor: Tensor) -> Tensor:
    """## The numbers of this process, complex ones as pairs, without their history"""
    if is_distributed(tensor):
        tensor = tensor.to_local()  # type: ignore[attr-defined]
    tensor = tensor.detach().resolve_neg()
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor


def is_as_stored(tensor: Tensor) -> bool:
    """## Whether its numbers are not negated or conjugated on the way from memory"""
    return not (tensor.is_neg() or tensor.is_conj())


def is_dense(tensor: Tensor) -> bool:
    """## Whether a tensor fills its stretch of memory, in whatever order"""
    if tensor.is_contiguous():
        return True
    expected = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


def matching(tensor: Tensor, target: Tensor) -> Tensor:
    """## `tensor`, or a copy of it, whose numbers lie in the same order as those of `target`"""
    if tensor.stride() == target.stride():
        return tensor
    return torch.empty_like(target, dtype=tensor.dtype).copy_(tensor)


def row_of(tensor: Tensor) -> Tensor:
    """## All numbers of a dense tensor, in the order they lie in memory"""
    if tensor.is_contiguous():
        return tensor.view(-1)
    return tensor.as_strided((tensor.numel(),), (1,))


def sharing_memory(params: list[Tensor]) -> set[int]:
    """
    ## The positions of parameters that may share memory with others

    Each of them has to see what the step of the other has done.
    """
    spans: list[tuple[str, int, int, int]] = []
    for i, param in enumerate(params):
        if param.numel() and type(param) in (Tensor, torch.nn.Parameter):
            pairs = zip(param.stride(), param.shape, strict=True)
            extent = 1 + sum(stride * (size - 1) for stride, size in pairs)
            start = param.data_ptr()
            spans.append((str(param.device), start, start + extent * param.element_size(), i))
    found: set[int] = set()
    # The stretch of memory before, that of all that begins there or earlier
    last: tuple[str, int, int, int] = ("", 0, 0, 0)
    for device, start, stop, i in sorted(spans):
        if device == last[0] and start < last[2]:
            found |= {i, last[3]}
        if device != last[0] or stop > last[2]:
            last = (device, start, stop, i)
    return found
