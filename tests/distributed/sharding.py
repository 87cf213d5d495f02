"""The model in shards, beside a tensor that every process holds whole."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from tests.distributed.problem import Model


def all_processes() -> DeviceMesh:
    return init_device_mesh("cpu", (dist.get_world_size(),))


def sharded_model() -> nn.Module:
    """Each layer is sharded by itself; `scale`, one number, stays plain."""
    model, mesh = Model(), all_processes()
    for layer in model.children():
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh, ignored_params={model.scale})
    # FSDP leaves what it was told to ignore to us.
    model.scale.register_post_accumulate_grad_hook(_average)
    assert [type(p) is DTensor for p in model.parameters()] == [False] + 6 * [True]
    return model


def _average(param: Tensor) -> None:
    assert param.grad is not None
    dist.all_reduce(param.grad)
    param.grad /= dist.get_world_size()


@contextmanager
def without_reducing(model: nn.Module) -> Iterator[None]:
    """What DDP calls `no_sync`: gradients of several batches add up before they are exchanged."""
    model.set_requires_gradient_sync(False)
    yield
    model.set_requires_gradient_sync(True)
