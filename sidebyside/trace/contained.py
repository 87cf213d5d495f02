"""
# Other people's code, contained

What is recorded is the author's own program, and it may do anything. Whatever it does, the check
goes on: what is printed does not get into the report, the working folder is as it was, a program
that wants to end or does not come to an end has raised an error, and a copy of the process, as
`os.fork` makes it, ends where the run does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import FrameType
from typing import NoReturn

__all__ = ["MAKING_SECONDS", "SECONDS", "EndedError", "contained"]

# More than any run of a dozen steps takes; and than it takes to come to the first of them.
SECONDS = 60
MAKING_SECONDS = 10
# What must come to its end, as it leaves everything as it was.
_OWN = (__file__, contextlib.__file__)


class EndedError(Exception):
    """A run that ended the program, or did not end."""


class _Expired(BaseException):
    """Raised where a run is, which catches errors, but hardly ever this."""


@contextmanager
def contained(seconds: float = 0) -> Iterator[None]:
    """
    Let other people's code run.

    Raises `EndedError` where it would end the program, or takes longer than some `seconds`,
    which are no more than `SECONDS`.
    """
    seconds = min(SECONDS, seconds or SECONDS)
    folder, process, exit_ = os.getcwd(), os.getpid(), os._exit
    os._exit = _end
    try:
        with redirect_stdout(sys.stderr), _limited(seconds):
            yield
    except SystemExit as error:
        raise EndedError(f"it ends the program, with status {error.code}") from None
    except _Expired:
        raise EndedError(f"it takes longer than {seconds} s; take fewer steps in `run`") from None
    finally:
        os._exit = exit_
        if os.getpid() != process:
            os._exit(0)
        if folder != _folder():
            os.chdir(folder)


def _end(status: int) -> NoReturn:
    raise SystemExit(status)


def _folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it has been removed meanwhile
        return ""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes too long, again and again. Only Unix can, and only the main thread."""
    is_main = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not is_main:
        yield
        return
    before = signal.signal(signal.SIGALRM, _expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _expire(number: int, frame: FrameType | None) -> None:
    if frame is None or frame.f_code.co_filename not in _OWN:
        raise _Expired
