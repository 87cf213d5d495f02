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
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain, repeat
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor

from labml_nn_optim.engine.reading import Look, are_shared, look

Column = list[Tensor]

ORDINARY = {Tensor, torch.nn.Parameter}
TYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
dtype_of, device_of = attrgetter("dtype"), attrgetter("device")


class Table:
    """
    ## The words that a compiled function reads

    Column after column: how many numbers each row has, the addresses of the counts of steps, which
    set of numbers is a row's own, and the addresses of the tensors.

    * `places` says which of the parameters the rows are
    * `dtypes` are the types of the parameter, its gradient and its running means
    * `taken` are the counts of steps, where the CPU can read them
    * `counted` says whether the function counts the steps itself
    """

    def __init__(
        self,
        places: Sequence[int],
        device: torch.device,
        dtypes: tuple[torch.dtype, ...],
        words: "array[int]",
        taken: Sequence[float] = (),
        counted: bool = False,
    ) -> None:
        self.places, self.device, self.dtypes = places, device, dtypes
        self.words, self.taken, self.counted = words, taken, counted
        self.rows = len(places)

    def only(self, parts: list[list[int]]) -> "Table":
        """### Some of the rows: in each part, those that have a set of numbers in common"""
        if len(parts) == 1 and len(parts[0]) == self.rows:
            return self
        rows = [*chain(*parts)]
        words = array("q")
        for start in range(0, len(self.words), self.rows):
            words.extend([self.words[start + row] for row in rows])
        sets = [number for number, part in enumerate(parts) for _ in part]
        words[2 * len(rows) : 3 * len(rows)] = array("q", sets)
        places = [self.places[row] for row in rows]
        return Table(places, self.device, self.dtypes, words, (), self.counted)

    @property
    def sizes(self) -> tuple[int, ...]:
        """### How many numbers each parameter has"""
        return tuple(self.words[: self.rows])

    @cached_property
    def is_aligned(self) -> bool:
        """### Whether all tensors begin at multiples of sixteen bytes"""
        return not any(each % 16 for each in self.words[3 * self.rows :])


class Reader:
    """
    ## Reads the tensors of a group

    Remembers the table of the step before, so that it has to think only where something is another.
    It keeps no tensor.
    """

    def __init__(self) -> None:
        self._kinds: Any = None
        self._table: Table | None = None

    def read(
        self, columns: list[Column], counts: Column, check: Callable[[], None]
    ) -> tuple[list[Table], dict[int, str]]:
        """
        ### Tables, and what is left over and why

        `columns` are the parameters, their gradients, and each of their running means; `counts` are
        their counts of steps. `check` raises when they do not fit together; it is called when
        something is another than before.
        """
        found = self._looked(columns, counts)
        as_before = found is not None and self._kinds == found.kinds
        if not as_before:
            check()
        if found and as_before and self._table and self._table.words == found.words:
            self._table.taken = found.taken
            return [self._table], {}
        self._kinds = self._table = None
        negated = any(map(Tensor.is_neg, chain(*columns)))
        unknown = not {column[0].dtype for column in columns}.issubset(TYPES)
        if found is None or negated or unknown or are_shared(found):
            return _one_by_one(columns, counts)
        self._kinds, self._table = found.kinds, table_of(columns, found)
        return [self._table], {}

    def _looked(self, columns: list[Column], counts: Column) -> Look | None:
        """### All tensors as rows of one table, if they are ordinary and alike"""
        if not all(ORDINARY.issuperset(map(type, column)) for column in (*columns, counts)):
            return None
        return None if any(map(Tensor.is_neg, columns[1])) else look(columns, counts)


def _one_by_one(columns: list[Column], counts: Column) -> tuple[list[Table], dict[int, str]]:
    """## Each parameter by itself"""
    left: dict[int, str] = {}
    places: dict[object, list[int]] = {}
    local = [[_numbers_of(tensor) for tensor in column] for column in columns]
    shared = sharing(local)
    for place, row in enumerate(zip(*local, strict=True)):
        if reason := "shares its memory with others" if place in shared else why_not(row):
            left[place] = reason
        else:
            kind = (row[0].device, *map(dtype_of, row))
            places.setdefault(kind, []).append(place)
    tables = []
    for chosen in places.values():
        own = [[column[place] for place in chosen] for column in (*local, counts)]
        tables.append(table_of(own[:-1], look(own[:-1], own[-1]), chosen))
    return tables, left


def table_of(
    columns: Sequence[Sequence[Tensor]], found: Look | None = None, places: Sequence[int] = ()
) -> Table:
    """
    ## A table of tensors that are alike and fit

    Where they could not be looked at together, their steps are counted elsewhere.
    """
    rows, device = len(columns[0]), columns[0][0].device
    dtypes = tuple(column[0].dtype for column in columns)
    if found is None:
        addresses = (map(Tensor.data_ptr, column) for column in columns)
        sizes = map(Tensor.numel, columns[0])
        words = array("q", chain(sizes, repeat(0, 2 * rows), *addresses))
        found = Look(words, array("q"), (), False)
    return Table(places or range(rows), device, dtypes, found.words, found.taken, found.counted)


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
