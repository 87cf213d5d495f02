"""
# Other people's code, contained

What is recorded is the author's own program, and it may do anything. Whatever it does, the check
goes on: what is printed does not get into the report, the working folder is as it was, a program
that wants to end or does not come to an end has raised an error, and a copy of the process, as
`os.fork` makes it, ends where the run does.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import FrameType
from typing import NoReturn

__all__ = ["SECONDS", "EndedError", "contained"]

# More than any run of a dozen steps takes.
SECONDS = 60


class EndedError(Exception):
    """A run that ended the program, or did not end."""


class _Expired(BaseException):
    """Raised where a run is, which catches errors, but hardly ever this."""


@contextmanager
def contained() -> Iterator[None]:
    """
    Let other people's code run.

    Raises `EndedError` where it would end the program, or takes longer than `SECONDS`.
    """
    folder, process, exit_ = os.getcwd(), os.getpid(), os._exit
    os._exit = _end
    try:
        with redirect_stdout(sys.stderr), _limited():
            yield
    except SystemExit as error:
        raise EndedError(f"it ends the program, with status {error.code}") from None
    except _Expired:
        raise EndedError(f"it takes longer than {SECONDS} s; take fewer steps in `run`") from None
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
def _limited() -> Iterator[None]:
    """Interrupt what takes too long, again and again. Only Unix can, and only the main thread."""
    is_main = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not is_main:
        yield
        return
    before = signal.signal(signal.SIGALRM, _expire)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _expire(number: int, frame: FrameType | None) -> NoReturn:
    raise _Expired
