"""
# Several processes at once

When the sources are read and imported, the process is copied, and all copies do the same. Where
there is much to do, each does a share, and tells the others what it has found: so all of them know
the same again, and find the same words and numbers as one would.

Only Linux copies a process whose libraries have threads safely, and not where the code that is
checked has started some of its own. Elsewhere one process does it all.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn, TypeVar

__all__ = [
    "ALONE",
    "EndedError",
    "Team",
    "apart",
    "both",
    "can_copy",
    "processors",
    "threads",
    "together",
]

Item = TypeVar("Item")
Found = TypeVar("Found")
Other = TypeVar("Other")

# Each process more has to be told what all others have found.
MOST = 4


class EndedError(Exception):
    """A process that ended in the middle of its work."""


class Team:
    """
    Processes that do the same. `rank` is the number of this one, of `size`, from 0 on.

    `others` are connections: the first process has one to each, and all others have one to it. Who
    wants something to do reads a number from `turn`, a pipe, and writes the next one there.
    """

    def __init__(
        self,
        rank: int = 0,
        size: int = 1,
        others: Sequence[Connection] = (),
        turn: tuple[int, int] = (-1, -1),
    ) -> None:
        self.rank, self.size, self.others, self.turn = rank, size, others, turn
        self.taken = 0  # numbers so far

    def each(self, do: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
        """
        Return what is found for each item; raise what was raised for the first that did.

        What cannot be told is done by each process for itself.
        """
        if self.size == 1:
            return [do(item) for item in items]
        items = list(items)
        mine: dict[int, tuple[Any, Exception | None]] = {}
        for place in self.places(len(items)):
            mine[place] = _outcome(do, items[place])
            if mine[place][1]:
                break
        known = {place: each for found in self.all(mine) for place, each in (found or {}).items()}
        results: list[Any] = []
        for place, item in enumerate(items):
            result, error = known[place] if place in known else _outcome(do, item)
            if error is not None:
                raise error
            results.append(result)
        return results

    def places(self, count: int) -> Iterator[int]:
        """Yield the places of the items that this process does: whoever is free takes the next."""
        reading, writing = self.turn
        place = -1
        while place < count:
            number = int.from_bytes(os.read(reading, 8), "big")
            os.write(writing, (number + 1).to_bytes(8, "big"))
            place = number - self.taken
            if place < count:
                yield place
        self.taken += count + self.size  # each has asked once more than it got

    def all(self, mine: Found) -> list[Found | None]:
        """Return what each process has, by rank; None where that cannot be told."""
        told = _packed(mine) if self.size > 1 else b""
        try:
            if self.rank:
                self.others[0].send_bytes(told)
                packed = self.others[0].recv()
            else:
                packed = [b"", *(each.recv_bytes() for each in self.others)]
                for rank, each in enumerate(self.others, 1):
                    each.send([told, *packed[1:rank], b"", *packed[rank + 1 :]])
        except (EOFError, OSError):
            raise EndedError from None
        found = [_unpacked(each) for each in packed]
        found[self.rank] = mine
        return found


ALONE = Team()


def _outcome(do: Callable[[Item], Found], item: Item) -> tuple[Found | None, Exception | None]:
    try:
        return do(item), None
    except Exception as error:
        return None, error


def _packed(found: Any) -> bytes:
    try:
        return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    except Exception:  # whatever objects of other people raise
        return b""


def _unpacked(told: bytes) -> Any:
    try:
        return pickle.loads(told) if told else None
    except Exception:
        return None


@contextmanager
def together(jobs: int) -> Iterator[Team]:
    """Let several processes do what follows; only the first one comes out of it."""
    children: list[int] = []
    ends: list[Connection] = []
    turn = os.pipe()
    os.write(turn[1], bytes(8))
    for rank in range(1, jobs):
        mine, its = Pipe()
        child = _copied()
        if not child:
            for each in (*ends, mine):
                each.close()
            try:
                yield Team(rank, jobs, [its], turn)
            finally:
                _end()
        its.close()
        children.append(child)
        ends.append(mine)
    try:
        yield Team(0, jobs, ends, turn)
    except BaseException:
        for child in children:
            os.kill(child, signal.SIGKILL)  # it may have begun what takes long
        raise
    finally:
        for each in ends:
            each.close()
        for end in turn:
            os.close(end)
        for child in children:
            _wait_for(child)


def apart(do: Callable[[], Found]) -> Found:
    """Return what a copy of this process finds; raise what it does, `EndedError` if it ends."""
    return _begun(do)()


def both(one: Callable[[], Found], other: Callable[[], Other]) -> tuple[Found, Other]:
    """Return what is found, by a copy of this process for `one`; raise what that does first."""
    found = _begun(one)
    try:
        here = other()
    except BaseException:
        found()
        raise
    return found(), here


def _begun(do: Callable[[], Found]) -> Callable[[], Found]:
    """Let a copy of this process begin; return what waits for it to find something."""
    here, there = Pipe(duplex=False)
    child = _copied()
    if not child:
        gc.disable()  # it ends soon, with all that it has
        with suppress(BaseException):
            there.send_bytes(_packed(_outcome(lambda _: do(), None)))
        _end()
    there.close()

    def found() -> Found:
        try:
            told = _unpacked(here.recv_bytes())
        except EOFError:
            raise EndedError from None
        finally:
            _wait_for(child)
        result, error = told or _outcome(lambda _: do(), None)  # where it cannot be told
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # None only with an error

    return found


def _wait_for(child: int) -> None:
    with suppress(ChildProcessError):  # the code that is checked has waited for it
        os.waitpid(child, 0)


def _end() -> NoReturn:
    """End a copy: what its original has to do last is not done twice."""
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def _copied() -> int:
    """Copy the process; return the number of the copy, and 0 in the copy itself."""
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads: those of NumPy's libraries know what to do
        return os.fork()


def can_copy() -> bool:
    """Whether a process can be copied without harm."""
    return sys.platform.startswith("linux")


def threads() -> int:
    """How many threads this process has, those of libraries included."""
    return len(os.listdir("/proc/self/task")) if can_copy() else 0


def processors() -> int:
    """How many processors this process may use, up to as many as are of use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(count or 1, MOST)


@contextmanager
def without_collection() -> Iterator[None]:
    """Recordings live until the end, and are many: nothing of them is garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
