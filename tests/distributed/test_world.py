"""The harness itself: what goes wrong in another process is seen in this one."""

import os
import signal
import warnings

import pytest
import torch
import torch.distributed as dist

from tests.distributed import world
from tests.distributed.world import in_world


def total() -> torch.Tensor:
    ones = torch.tensor([1.0, dist.get_rank()])
    dist.all_reduce(ones)
    return ones


def test_processes_talk_and_answer_in_order() -> None:
    assert [answer.tolist() for answer in in_world(3, total)] == [[3, 3]] * 3
    assert in_world(2, dist.get_rank) == [0, 1]


def fail(how: str) -> None:
    if dist.get_rank() == 1:
        if how == "error":
            raise ValueError("the second process has had enough")
        if how == "warning":
            warnings.warn("the second process has doubts", stacklevel=1)
        os.kill(os.getpid(), signal.SIGKILL)
    dist.barrier()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("error", "ValueError: the second process has had enough"),
        ("warning", "UserWarning: the second process has doubts"),
        ("death", "process 1 of 2: died without a word"),
    ],
)
def test_a_failure_in_one_process_fails_the_test_at_once(
    how: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "PATIENCE", 10_000.0)  # that of the other process does not end
    with pytest.raises(AssertionError, match=said):
        world.in_world(2, fail, how)
