"""
# The table of tensors

One function takes all parameters of a group. What it needs to know of each is a row of a table: how
many numbers it has, where they lie in memory, where its gradient and running means lie, and which
numbers of step t are its own.

The table is [read anew](reading.py) at each step, from the tensors as they are. So a parameter may
move, change its type, join late or miss a step, and state may be replaced, loaded or dropped; there
is nothing that could be out of date.

**What cannot be a row** is left to the plain step, with the reason. An elementwise update may walk
through memory in any order, as long as the parameter, its gradient and its running means are walked
in the same one. So each of them must fill its stretch of memory without gaps, all in the same
order, and nobody else may live there.
"""

from array import array
from collections.abc import Sequence
from itertools import chain, repeat

import torch
from torch import Tensor

from labml_nn_optim.engine.reading import TYPES, WHY_NOT, Reader


class Table:
    """
    ## The words that a compiled function reads

    Column after column: how many numbers each row has, the addresses of the counts of steps, which
    set of numbers is a row's own, and the addresses of the tensors.

    * `places` says which of the parameters the rows are
    * `dtypes` are the types of the parameter, its gradient and its running means
    * `is_aligned` says whether all tensors begin at multiples of sixteen bytes
    """

    def __init__(
        self,
        places: Sequence[int],
        device: torch.device,
        dtypes: tuple[torch.dtype, ...],
        words: "array[int]",
        is_aligned: bool,
    ) -> None:
        self.places, self.device, self.dtypes, self.words = places, device, dtypes, words
        self.is_aligned = is_aligned
        self.rows = len(places)

    def only(self, parts: Sequence[Sequence[int]]) -> "Table":
        """### Some of the rows: in each part, those that have a set of numbers in common"""
        if len(parts) == 1 and len(parts[0]) == self.rows:
            return self
        rows = [*chain(*parts)]
        words = _chosen(self.words, self.rows, rows)
        sets = [number for number, part in enumerate(parts) for _ in part]
        words[2 * len(rows) : 3 * len(rows)] = array("q", sets)
        places = [self.places[row] for row in rows]
        return Table(places, self.device, self.dtypes, words, self.is_aligned)

    @property
    def sizes(self) -> tuple[int, ...]:
        """### How many numbers each parameter has"""
        return tuple(self.words[: self.rows])


def _chosen(words: "array[int]", total: int, rows: Sequence[int]) -> "array[int]":
    columns = [words[start : start + total] for start in range(0, len(words), total)]
    return array("q", [column[row] for column in columns for row in rows])


def tables_of(reader: Reader) -> tuple[list[Table], dict[int, str]]:
    """## Tables of rows that are alike, and the places that are in none, and why"""
    total = reader.rows
    if reader.are_alike:
        device, dtypes = _kind(reader.kinds[::total])
        return [Table(range(total), device, dtypes, reader.words, reader.are_aligned)], {}
    left = {place: WHY_NOT[why] for place, why in enumerate(reader.why) if why}
    found: dict[tuple[torch.device, tuple[torch.dtype, ...]], list[int]] = {}
    for place in range(total):
        if place not in left:
            found.setdefault(_kind(reader.kinds[place::total]), []).append(place)
    return [
        Table(places, device, dtypes, _chosen(reader.words, total, places), reader.are_aligned)
        for (device, dtypes), places in found.items()
    ], left


def _kind(kinds: "array[int]") -> tuple[torch.device, tuple[torch.dtype, ...]]:
    """## A device, and the types of the tensors of a row"""
    device = torch.device("cuda", (kinds[0] >> 16) - 1) if kinds[0] >> 8 & 1 else _CPU
    return device, tuple([TYPES[kind & 255] for kind in kinds])


_CPU = torch.device("cpu")


def table_of(columns: Sequence[Sequence[Tensor]]) -> Table:
    """## A table of tensors that are alike and fit, whose steps nobody counts"""
    addresses = [tensor.data_ptr() for column in columns for tensor in column]
    sizes, rows = map(Tensor.numel, columns[0]), len(columns[0])
    words = array("q", chain(sizes, repeat(0, 2 * rows), addresses))
    dtypes = tuple(column[0].dtype for column in columns)
    is_aligned = not any(address % 16 for address in addresses)
    return Table(range(rows), columns[0][0].device, dtypes, words, is_aligned)
