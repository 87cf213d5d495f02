"""
# Run: one call, all tensors

A compiled step is called with a [table](reading.py) and the numbers of step t. On a CPU that is one
call of C for the whole group.

**On a GPU**, the table travels there in one copy, from memory that the GPU can read while Python
goes on, and [the kernel](printing_triton.py) is launched once. Nothing waits.

**A graph** records the copy and the launch, and repeats them. What it copies from must then stay as
it was. So a recording gets a piece of memory of its own, made at the step before it, which is kept
for as long as the optimizer is.
"""

import ctypes
import linecache
from array import array
from typing import Any

import torch
from torch import Tensor

from labml_nn_optim.engine.capturing import is_recording
from labml_nn_optim.engine.compiler import library, threads
from labml_nn_optim.engine.printing_c import to_c
from labml_nn_optim.engine.printing_triton import to_triton
from labml_nn_optim.engine.reading import Table, looking
from labml_nn_optim.engine.tracing import Trace

# Sets of numbers of step t; or a tensor with a column for each row of the table, on its device.
Numbers = list[list[float]] | Tensor

# Numbers of one instance of the kernel, and the groups of 32 threads that it runs on.
BLOCK, WARPS = 2048, 8
# As many tables may be on their way at once.
RING = 4


class OnCPU:
    """## A step, printed as C"""

    def __init__(self, trace: Trace) -> None:
        self.source = to_c(trace)
        self._step = library(self.source).step
        address, count = ctypes.c_void_p, ctypes.c_int64
        self._step.argtypes = [address, count, address, count, ctypes.c_int]
        self._step.restype = None

    def run(self, table: Table, numbers: Numbers, kept: dict[Any, Any]) -> None:
        """### Take a step"""
        if isinstance(numbers, Tensor):
            address, sets = numbers.data_ptr(), numbers.shape[-1]
        else:
            values = _in_columns(numbers)
            address, sets = values.buffer_info()[0], len(numbers)
        self._step(table.words.buffer_info()[0], table.rows, address, sets, threads())


def _in_columns(numbers: list[list[float]]) -> "array[float]":
    return array("d", [value for each in zip(*numbers, strict=True) for value in each])


class OnCUDA:
    """
    ## A step, printed as Triton

    Raises `ModuleNotFoundError` where there is no Triton.
    """

    def __init__(self, trace: Trace) -> None:
        self.source = to_triton(trace)
        # Triton reads the source of a function where Python's own tools find it.
        name = f"<step {id(self)}>"
        linecache.cache[name] = (len(self.source), None, self.source.splitlines(True), name)
        scope: dict[str, Any] = {"__name__": __name__}
        exec(compile(self.source, name, "exec"), scope)
        self._kernel = scope["step"]
        self._add_one: Any = looking()[1]  # there is one, since there is a table
        self._blocks: dict[tuple[Any, ...], tuple[Tensor, Tensor]] = {}

    def run(self, table: Table, numbers: Numbers, kept: dict[Any, Any]) -> None:
        """### Take a step"""
        device = table.device
        words, sets = table.words, 1
        if not isinstance(numbers, Tensor):
            sets = len(numbers)
            words = words + array("q", _in_columns(numbers).tobytes())
            self._add_one(words.buffer_info()[0] + 8 * table.rows, table.rows)
        there = kept.setdefault((self, device), Ring()).send(words, device)
        if isinstance(numbers, Tensor):
            sets = numbers.shape[-1]
        else:
            numbers = there[len(table.words) :].view(torch.float64)
        rows, starts = self._cut(table.sizes, device)
        if len(rows) == 0:
            return
        with torch.cuda.device(device if device.type == "cuda" else -1):
            self._kernel[(len(rows),)](
                there, table.rows, numbers, sets, rows, starts,
                BLOCK=BLOCK, ALIGNED=table.is_aligned, num_warps=WARPS,
            )  # fmt: skip

    def _cut(self, sizes: tuple[int, ...], device: torch.device) -> tuple[Tensor, Tensor]:
        """### Whose block each instance of the kernel has, and which one of it"""
        key = (sizes, device)
        if key not in self._blocks:
            # An empty tensor has one too: its steps are counted there.
            counts = [max(1, -(-size // BLOCK)) for size in sizes]
            rows = [row for row, count in enumerate(counts) for _ in range(count)]
            starts = [start for count in counts for start in range(count)]
            options: dict[str, Any] = {"dtype": torch.int32, "device": device}
            self._blocks = {key: (torch.tensor(rows, **options), torch.tensor(starts, **options))}
        return self._blocks[key]


# A compiled step. In `kept` it may keep what it needs again for tables of the same group.
Program = OnCPU | OnCUDA


class Ring:
    """
    ## Memory from which a GPU copies while Python goes on

    * `kept` are the pieces that a graph copies from
    """

    def __init__(self) -> None:
        self.kept: list[tuple[Tensor, Tensor]] = []
        self._pieces: list[tuple[Tensor, Tensor, Any]] = []
        self._next = 0

    def send(self, words: "array[int]", device: torch.device) -> Tensor:
        """### Copy words to the device"""
        size, cuda = len(words), device.type == "cuda"
        recording = cuda and is_recording()
        if not self._pieces or self._pieces[0][0].numel() != size:
            self._pieces = [_piece(size, device, cuda) for _ in range(RING)]
        self._next = (self._next + 1) % RING
        here, there, sent = self._pieces[self._next]
        if recording:
            # Its own from now on; a next step makes another.
            self.kept.append((here, there))
            self._pieces = []
        elif sent is not None:
            sent.synchronize()  # nearly always long done
        ctypes.memmove(here.data_ptr(), words.buffer_info()[0], 8 * size)
        there.copy_(here, non_blocking=True)
        if sent is not None and not recording:
            sent.record()
        return there


def _piece(size: int, device: torch.device, cuda: bool) -> tuple[Tensor, Tensor, Any]:
    here = torch.empty(size, dtype=torch.int64, device="cpu", pin_memory=cuda)
    there = torch.empty(size, dtype=torch.int64, device=device)
    return here, there, torch.cuda.Event() if cuda else None  # type: ignore[no-untyped-call]
