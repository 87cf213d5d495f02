"""
# The table of tensors

One function takes all parameters of a group. What it needs to know of each is a row of a table: how
many numbers it has, where they lie in memory, where its gradient and running means lie, and which
numbers of step t are its own.

The table is read anew at each step, from the tensors as they are. So a parameter may move, change
its type, join late or miss a step, and state may be replaced, loaded or dropped; there is nothing
that could be out of date.

**What cannot be a row** is left to the plain step, with the reason. An elementwise update may walk
through memory in any order, as long as the parameter, its gradient and its running means are walked
in the same one. So each of them must fill its stretch of memory without gaps, all in the same
order, and nobody else may live there.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from operator import attrgetter
from typing import Any, NamedTuple

import torch
from torch import Tensor

Column = list[Tensor]

ORDINARY = {Tensor, torch.nn.Parameter}
TYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
address_of, bytes_of = Tensor.data_ptr, attrgetter("nbytes")
dtype_of, device_of = attrgetter("dtype"), attrgetter("device")


class Rows(NamedTuple):
    """
    ## Parameters that one function can take together

    * `places` are their positions
    * `dtypes` are the types of the parameter, its gradient and its running means
    * `sizes` are the counts of their numbers, and `addresses` where these lie, a list for each of
      the tensors
    """

    places: list[int]
    device: torch.device
    dtypes: tuple[torch.dtype, ...]
    sizes: list[int]
    addresses: list[list[int]]

    def only(self, chosen: Sequence[int]) -> "Rows":
        """### Some of the rows"""
        if len(chosen) == len(self.places):
            return self  # all, in their order
        picked = [[column[i] for i in chosen] for column in self.addresses]
        places, sizes = ([each[i] for i in chosen] for each in (self.places, self.sizes))
        return self._replace(places=places, sizes=sizes, addresses=picked)


class Reader:
    """
    ## Reads the tensors of a group

    Remembers what it found at the step before, as numbers, so that it has to think only where
    something is another. It keeps no tensor.
    """

    def __init__(self) -> None:
        self._seen: tuple[list[Any], ...] = ()
        self._found: tuple[list[Rows], dict[int, str]] = ([], {})

    def read(
        self, columns: list[Column], check: Callable[[], None]
    ) -> tuple[list[Rows], dict[int, str]]:
        """
        ### The rows, and what is left over and why

        `columns` are the parameters, their gradients, and each of their running means. `check`
        raises when they do not fit together; it is called when something is another than before.
        """
        everything = [*chain(*columns)]
        if not ORDINARY.issuperset(map(type, everything)) or any(map(Tensor.is_neg, columns[1])):
            return self._one_by_one(columns, check)
        try:
            if not all(map(Tensor.is_contiguous, everything)):
                return self._one_by_one(columns, check)
            seen = [*map(address_of, everything)], [*map(bytes_of, everything)]
        except RuntimeError:  # has no memory of its own
            return self._one_by_one(columns, check)
        types = [*map(dtype_of, everything)]
        if (*seen, types) != self._seen:
            check()
            self._found = self._alike(columns) or self._one_by_one(columns, check)
            self._seen = (*seen, types)
        return self._found

    def _alike(self, columns: list[Column]) -> tuple[list[Rows], dict[int, str]] | None:
        """### All parameters as rows of one kind, if they are"""
        dtypes = [{*map(dtype_of, column)} for column in columns]
        devices = {tensor.device for column in columns for tensor in column}
        sizes = [[*map(Tensor.numel, column)] for column in columns]
        if len(devices) > 1 or any(len(each) > 1 for each in dtypes) or sizes[1:] != sizes[:-1]:
            return None
        kinds = tuple(kind for each in dtypes for kind in each)
        device = devices.pop()
        if not {*kinds} <= {*TYPES} or device.type not in ("cpu", "cuda"):
            return None
        if any(tensor.is_neg() for column in columns for tensor in column) or sharing(columns):
            return None
        addresses = [[*map(address_of, column)] for column in columns]
        return [Rows([*range(len(columns[0]))], device, kinds, sizes[0], addresses)], {}

    def _one_by_one(
        self, columns: list[Column], check: Callable[[], None]
    ) -> tuple[list[Rows], dict[int, str]]:
        """### Each parameter by itself"""
        check()
        self._seen = ()
        left: dict[int, str] = {}
        kinds: dict[tuple[torch.device, tuple[torch.dtype, ...]], list[list[Tensor]]] = {}
        places: dict[object, list[int]] = {}
        local = [[_numbers_of(tensor) for tensor in column] for column in columns]
        shared = sharing(local)
        for place, row in enumerate(zip(*local, strict=True)):
            reason = "shares its memory with others" if place in shared else why_not(row)
            if reason:
                left[place] = reason
                continue
            kind = (row[0].device, tuple(map(dtype_of, row)))
            kinds.setdefault(kind, []).append([*row])
            places.setdefault(kind, []).append(place)
        found = [
            Rows(places[kind], kind[0], kind[1], [row[0].numel() for row in rows],
                 [[*map(address_of, column)] for column in zip(*rows, strict=True)])
            for kind, rows in kinds.items()
        ]  # fmt: skip
        return found, left


def _numbers_of(tensor: Tensor) -> Tensor:
    """## The numbers of this process, complex ones as pairs, without their history"""
    if hasattr(tensor, "to_local"):  # one process's share of a larger one, as with FSDP
        tensor = tensor.to_local()
    as_stored = not (tensor.is_neg() or tensor.is_conj())
    tensor = tensor.detach()
    return torch.view_as_real(tensor) if tensor.is_complex() and as_stored else tensor


def why_not(row: Sequence[Tensor]) -> str:
    """## Why a parameter, its gradient and its running means cannot be a row; empty if they can"""
    for tensor in row:
        if type(tensor) not in ORDINARY:
            return f"a tensor of type {type(tensor).__name__}"
        if tensor.dtype not in TYPES:
            return f"numbers of type {tensor.dtype}"
        if tensor.device != row[0].device or tensor.device.type not in ("cpu", "cuda"):
            return f"a tensor on {tensor.device}"
        if tensor.is_neg() or tensor.is_conj():
            return "numbers that are negated or conjugated when they are read"
        if tensor.shape != row[0].shape:
            return "tensors of different shapes"
        if tensor.stride() != row[0].stride() and not _is_line(tensor, row[0]):
            return "its gradient or running means lie in another order in memory"
    return "" if is_dense(row[0]) else "gaps between its numbers in memory"


def _is_line(one: Tensor, other: Tensor) -> bool:
    """## Whether two tensors are one row of numbers each, whatever their strides say"""
    return one.is_contiguous() and other.is_contiguous()


def is_dense(tensor: Tensor) -> bool:
    """## Whether a tensor fills its stretch of memory, in whatever order"""
    if tensor.is_contiguous():
        return True
    expected = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


def sharing(columns: list[Column]) -> set[int]:
    """
    ## The positions of parameters that may share memory with others

    What is written must be nobody else's; two gradients may well be the same.
    """
    spans: list[tuple[int, int, int, bool]] = []
    for column, written in zip(columns, chain([True, False], repeat(True)), strict=False):
        for place, tensor in enumerate(column):
            if type(tensor) in ORDINARY and tensor.layout is torch.strided and tensor.numel():
                start = tensor.data_ptr()
                spans.append((start, start + _extent(tensor), place, written))
    found: set[int] = set()
    # All that begin there or earlier and may reach beyond
    open_spans: list[tuple[int, int, int, bool]] = []
    for span in sorted(spans):
        open_spans = [other for other in open_spans if other[1] > span[0]]
        for other in open_spans:
            if span[3] or other[3]:
                found |= {span[2], other[2]}
        open_spans.append(span)
    return found


def _extent(tensor: Tensor) -> int:
    """## How many bytes lie from the first number of a tensor to the last"""
    if tensor.is_contiguous():
        return tensor.numel() * tensor.itemsize
    pairs = zip(tensor.stride(), tensor.shape, strict=True)
    return (1 + sum(stride * (size - 1) for stride, size in pairs)) * tensor.itemsize


class Table:
    """
    ## The words that a compiled function reads

    Column after column: the sizes, the addresses of the counts of steps, which set of numbers is a
    row's own, and the addresses of the tensors. A column is written only when it is another.

    * `numbers` is how many numbers the parameters have together
    * `device` is where they are, and `beside` the memory that a table for a GPU travels through
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.beside: Any = None
        self._aligned: bool | None = None
        self._columns: list[list[int]] = []
        self.words = array("q")
        self.rows = self.numbers = 0

    def write(self, columns: list[list[int]]) -> None:
        """### Set all columns"""
        self._aligned = None
        if len(columns) != len(self._columns) or len(columns[0]) != self.rows:
            self.rows = len(columns[0])
            self.words = array("q", chain(*columns))
            self.numbers = sum(columns[0])
        else:
            for place, (new, old) in enumerate(zip(columns, self._columns, strict=True)):
                if new != old:
                    start = place * self.rows
                    self.words[start : start + self.rows] = array("q", new)
                    self.numbers = sum(columns[0])
        self._columns = columns

    @property
    def sizes(self) -> list[int]:
        """### How many numbers each parameter has"""
        return self._columns[0]

    @property
    def is_aligned(self) -> bool:
        """### Whether all tensors begin at multiples of sixteen bytes"""
        if self._aligned is None:
            self._aligned = not any(each % 16 for column in self._columns[3:] for each in column)
        return self._aligned

    @property
    def columns(self) -> int:
        """### How many columns there are"""
        return len(self._columns)

    @classmethod
    def of(cls, rows: Iterable[Sequence[Tensor]]) -> "Table":
        """### A table of contiguous tensors, without counts, and with one set of numbers"""
        columns = [[*column] for column in zip(*rows, strict=True)]
        zeros = [0] * len(columns[0])
        sizes = [tensor.numel() for tensor in columns[0]]
        table = cls(columns[0][0].device)
        table.write([sizes, zeros, zeros, *([*map(address_of, column)] for column in columns)])
        return table
