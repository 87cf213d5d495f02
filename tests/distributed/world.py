"""Run a function in several processes that talk over gloo on the loopback device."""

import io
import os
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import connection, get_context
from typing import Any

import torch
import torch.distributed as dist

# Processes that are not done by then are stopped. Healthy ones take a second or two, and more on a
# machine that has much else to do.
PATIENCE = 300.0

# Children fork from a process that has imported what they need, and has no threads: 0.1 s instead
# of 3.
_processes = get_context("forkserver")
_processes.set_forkserver_preload(
    [
        "torch.distributed.fsdp",
        "torch.distributed.checkpoint",
        "labml_nn_optim",
        "tests.distributed.problem",
    ]
)


def in_world(size: int, function: Callable[..., Any], *args: Any) -> list[Any]:
    """What `function(*args)` returns in each of `size` processes that have joined one group."""
    return in_processes(size, _joined, function, *args)


def _joined(function: Callable[..., Any], *args: Any) -> Any:
    dist.init_process_group("gloo", timeout=timedelta(seconds=PATIENCE / 2))
    result = function(*args)
    dist.barrier()
    dist.destroy_process_group()
    return result


def in_processes(size: int, function: Callable[..., Any], *args: Any) -> list[Any]:
    """
    What `function(*args)` returns in each of `size` processes, started as `torchrun` does it.

    Warnings are errors there too. If one process fails, all are stopped, and the failure says what
    each of them had to say.
    """
    # The store lives here and takes a port that is free, so no two tests can ask for the same one.
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    pipes = [_processes.Pipe(duplex=False) for _ in range(size)]
    children = []
    try:
        for rank, (_, said) in enumerate(pipes):
            place = {
                "RANK": rank,
                "LOCAL_RANK": rank,
                "WORLD_SIZE": size,
                "MASTER_PORT": store.port,
            }
            child = _processes.Process(target=_child, args=(place, said, function, args))
            child.start()
            children.append(child)
            said.close()  # the child has the only other end: when it dies, listening ends
        answers = _listen([heard for heard, _ in pipes])
    finally:
        for child in children:
            child.kill()
            child.join()
    if failed := {rank: text for rank, text in enumerate(answers) if isinstance(text, str)}:
        raise AssertionError("\n".join(f"process {r} of {size}: {x}" for r, x in failed.items()))
    return [torch.load(io.BytesIO(answer), weights_only=True) for answer in answers]


def _listen(pipes: list[Any]) -> list[bytes | str]:
    """The packed result of each process, or a text that says why there is none."""
    answers: list[bytes | str] = ["stopped: too slow, or another process failed"] * len(pipes)
    deadline = time.monotonic() + PATIENCE
    waiting = {pipe: rank for rank, pipe in enumerate(pipes)}
    while waiting and (left := deadline - time.monotonic()) > 0:
        for pipe in connection.wait(list(waiting), timeout=left):
            rank = waiting.pop(pipe)
            try:
                answers[rank] = pipe.recv()
            except EOFError:
                answers[rank] = "died without a word"
            if isinstance(answers[rank], str):
                # The others may wait for this one forever. They get a moment to fail by themselves,
                # since theirs may be the error that came first.
                deadline = min(deadline, time.monotonic() + 2)
    return answers


def _child(
    place: dict[str, int], parent: Any, function: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    os.environ |= {name: str(number) for name, number in place.items()}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "TORCHELASTIC_USE_AGENT_STORE": "True"}
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    try:
        packed = io.BytesIO()
        torch.save(function(*args), packed)
        parent.send(packed.getvalue())
    except BaseException:
        parent.send(traceback.format_exc())
        os._exit(1)  # gloo's destructors may wait for a process that is gone
