"""
# Run: one function, all tensors

A compiled step is called with a [table](table.py) and the numbers of step t. On a CPU that is one
call of C for the whole group.
"""

import os
from array import array
from ctypes import c_int, c_int64, c_void_p
from typing import Any, Protocol

import torch
from torch import Tensor

from labml_nn_optim.engine.compiler import library
from labml_nn_optim.engine.printing_c import to_c
from labml_nn_optim.engine.table import Table
from labml_nn_optim.engine.tracing import Trace

# Sets of numbers of step t; or a tensor with a column for each row of the table, on its device.
Numbers = list[list[float]] | Tensor

_forked: list[bool] = []
# The threads of a process do not survive its copying. Whoever asks for them in the copy waits
# forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _forked.append(True))


class Program(Protocol):
    """## A compiled step"""

    def run(self, table: Table, numbers: Numbers, kept: dict[Any, Any]) -> None:
        """
        ### Take a step

        In `kept` it may keep what it needs again for tables of the same group.
        """


class OnCPU:
    """## A step, printed as C"""

    def __init__(self, trace: Trace) -> None:
        self.source = to_c(trace)
        self._step = library(self.source).step
        self._step.argtypes = [c_void_p, c_int64, c_void_p, c_int64, c_int]
        self._step.restype = None

    def run(self, table: Table, numbers: Numbers, kept: dict[Any, Any]) -> None:
        """### Take a step"""
        if isinstance(numbers, Tensor):
            address, sets = numbers.data_ptr(), numbers.shape[-1]
        else:
            values = array("d", (value for each in zip(*numbers, strict=True) for value in each))
            address, sets = values.buffer_info()[0], len(numbers)
        threads = 1 if _forked else torch.get_num_threads()
        self._step(table.words.buffer_info()[0], table.rows, address, sets, threads)
