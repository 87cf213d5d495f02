"""
# A limit for proofs

Nobody knows beforehand how long SymPy will take to simplify an expression; for some it would take
hours. So it works in a thread of its own, and is told to stop when its time is over. The limit is
far above what a proof takes that is found at all, so verdicts do not depend on the machine.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import sympy

__all__ = ["is_unwieldy", "within"]

SECONDS = 20.0
STACK = 64 * 1024 * 1024  # SymPy recurses deeply
LARGEST = 10**6  # exponents above would be written out, digit by digit


class _TooLongError(BaseException):
    """Raised inside SymPy when its time is over; nothing there catches it."""


def within(function: Callable[..., bool], *arguments: Any, seconds: float = SECONDS) -> bool:
    """Return what a function returns, or False if it takes too long."""
    found: list[bool] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            found.append(function(*arguments))
        except _TooLongError:
            return
        except Exception as error:  # which the caller shall see
            failed.append(error)

    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join(seconds)
    if thread.is_alive() and thread.ident is not None:
        stop = ctypes.py_object(_TooLongError)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), stop)
        thread.join(1.0)
    if failed:
        raise failed[0]
    return bool(found and found[0])


def is_unwieldy(expression: sympy.Expr) -> bool:
    """Whether simplifying could write out a number to a power of millions."""
    if not expression.has(sympy.log):
        return False
    return any(max(abs(n.p), n.q) > LARGEST for n in expression.atoms(sympy.Rational))
