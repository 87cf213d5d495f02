"""Copies of a model, each with its own part of the batch, stay equal to one model on all of it."""

from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from tests.distributed.problem import (
    LR,
    STEPS,
    Model,
    assert_close,
    by_peer,
    each_optimizer,
    plain_and_fused,
    train,
    values,
)
from tests.distributed.world import in_world
from tests.labml_nn_optim.table import OPTIMIZERS, same


def copies(name: str, fused: bool, batches: int = 1) -> list[Tensor]:
    model = DistributedDataParallel(Model())
    optimizer = OPTIMIZERS[name](model.parameters(), lr=LR, fused=fused)
    train(model, optimizer, range(STEPS), batches, unfinished=DistributedDataParallel.no_sync)
    return values(model)


@plain_and_fused
def test_two_copies_equal_one_model_on_the_joined_batch(name: str, fused: bool) -> None:
    one, other = in_world(2, copies, name, fused)
    assert same(one, other)
    assert_close(one, by_peer(name))


@each_optimizer
def test_gradients_of_several_batches_may_add_up_before_a_step(name: str) -> None:
    one, other = in_world(2, copies, name, False, 3)
    assert same(one, other)
    assert_close(one, by_peer(name, 3))
