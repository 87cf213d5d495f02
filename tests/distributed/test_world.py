"""The harness itself: what goes wrong in another process is seen in this one."""

import os
import signal
import warnings
from multiprocessing import connection
from types import SimpleNamespace
from typing import Any

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
    signal.pause()


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
    waits = []

    def wait(pipes: list[Any], timeout: float) -> list[Any]:
        waits.append(timeout)
        return connection.wait(pipes, timeout)

    monkeypatch.setattr(world, "connection", SimpleNamespace(wait=wait))
    with pytest.raises(AssertionError, match=said):
        in_world(2, fail, how)
    assert waits[-1] <= 2  # for the other one, which would go on for ever
