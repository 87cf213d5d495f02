"""ZeroRedundancyOptimizer wraps our classes: each process keeps the state of some parameters."""

import copy
import warnings
from typing import Any

import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from tests.distributed.problem import (
    LR,
    STEPS,
    Model,
    assert_close,
    by_peer,
    plain_and_fused,
    train,
    values,
)
from tests.distributed.world import in_world
from tests.labml_nn_optim.table import OPTIMIZERS, same


def zero_redundancy(model: nn.Module, name: str, fused: bool) -> Any:
    with warnings.catch_warnings():
        # The package around it compiles other optimizers with torch.jit when it is imported.
        warnings.filterwarnings("ignore", "`torch.jit.* is deprecated", DeprecationWarning)
        from torch.distributed.optim import ZeroRedundancyOptimizer
    return ZeroRedundancyOptimizer(
        model.parameters(), optimizer_class=OPTIMIZERS[name], lr=LR, fused=fused
    )


def train_and_resume(name: str, fused: bool) -> dict[str, Any]:
    model = DistributedDataParallel(Model())
    optimizer = zero_redundancy(model, name, fused)
    train(model, optimizer, range(5))
    optimizer.consolidate_state_dict(to=0)
    saved = [copy.deepcopy(optimizer.state_dict()) if dist.get_rank() == 0 else None]
    dist.broadcast_object_list(saved, src=0)
    weights = copy.deepcopy(model.state_dict())
    train(model, optimizer, range(5, STEPS))

    resumed = DistributedDataParallel(Model())
    resumed.load_state_dict(weights)
    other = zero_redundancy(resumed, name, fused)
    other.load_state_dict(copy.deepcopy(saved[0]))  # it forgets what other processes keep
    train(resumed, other, range(5, STEPS))
    return {
        "kept": [bool(optimizer.optim.state.get(param)) for param in model.parameters()],
        "saved": saved[0],
        "weights": {key.removeprefix("module."): value for key, value in weights.items()},
        "values": values(model),
        "resumed": values(resumed),
    }


@plain_and_fused
def test_sharing_out_the_state_changes_nothing(name: str, fused: bool) -> None:
    one, other = in_world(2, train_and_resume, name, fused)
    # Each parameter's state is kept in exactly one of the two processes.
    assert one["kept"] == [not kept for kept in other["kept"]]
    assert any(one["kept"])
    assert any(other["kept"])
    assert same(one["values"], other["values"])
    assert_close(one["values"], by_peer(name))
    assert same(one["resumed"], one["values"])
    assert same(other["resumed"], one["values"])

    # What they consolidate is what a single process can go on with.
    assert same(one["saved"]["state"], other["saved"]["state"])
    model = Model()
    model.load_state_dict(one["weights"])
    optimizer = OPTIMIZERS[name](model.parameters())
    optimizer.load_state_dict(one["saved"])
    train(model, optimizer, range(5, STEPS))
    assert_close(values(model), by_peer(name))
