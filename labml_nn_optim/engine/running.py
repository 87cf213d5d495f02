"""
# Run: one function, all tensors

A compiled step is called with a [table](table.py) and the numbers of step t. On a CPU that is one
call of C for the whole group.
"""

import os
from array import array
from ctypes import c_int, c_int64, c_void_p
from typing import Protocol

import torch
from torch import Tensor

from labml_nn_optim.engine.compiler import library
from labml_nn_optim.engine.printing_c import to_c
from labml_nn_optim.engine.table import Table
from labml_nn_optim.engine.tracing import Trace

# Fewer numbers than this are not worth waking another thread for.
SHARE = 2**14

_forked: list[bool] = []
# The threads of a process do not survive its copying. Whoever asks for them in the copy waits
# forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _forked.append(True))


class Program(Protocol):
    """## A compiled step"""

    def run(self, table: Table, numbers: list[list[float]] | Tensor) -> None:
        """
        ### Take a step

        `numbers` are the sets of numbers of step t, or a tensor with a column for each row of the
        table, on its device.
        """


class OnCPU:
    """## A step, printed as C"""

    def __init__(self, trace: Trace) -> None:
        self.source = to_c(trace)
        self._step = library(self.source).step
        self._step.argtypes = [c_void_p, c_int64, c_void_p, c_int64, c_int]
        self._step.restype = None

    def run(self, table: Table, numbers: list[list[float]] | Tensor) -> None:
        """### Take a step"""
        if isinstance(numbers, Tensor):
            address, sets = numbers.data_ptr(), numbers.shape[-1]
        else:
            values = array("d", (value for each in zip(*numbers, strict=True) for value in each))
            address, sets = values.buffer_info()[0], len(numbers)
        threads = min(torch.get_num_threads(), max(1, table.numbers // SHARE))
        words = table.words.buffer_info()[0]
        self._step(words, table.rows, address, sets, 1 if _forked else threads)
