"""
# Read: the table of tensors

One function takes all parameters of a group. What it needs to know of each is a row of a table: how
many numbers it has, where they lie in memory, where its gradient and running means lie, and which
numbers of step t are its own.

The table is read anew at each step, from the tensors as they are. So a parameter may move, change
its type, join late or miss a step, and state may be replaced, loaded or dropped; there is nothing
that could be out of date. Python would ask a tensor one question at a time, and with some thousand
small tensors the questions would take longer than the step. So one function of C, compiled when it
is first needed, walks through the lists and dictionaries itself, and asks all tensors by [the
functions that torch keeps for other
languages](https://docs.pytorch.org/docs/stable/notes/libtorch_stable_abi.html). It also tells
whether anything is new since the step before.

**What cannot be a row** is left to the plain step, with the reason. An elementwise update may walk
through memory in any order, as long as the parameter, its gradient and its running means are walked
in the same one. So each of them must fill its stretch of memory without gaps, all in the same
order, and nobody else may live there.
"""

import ctypes
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import torch
from torch import Tensor

from labml_nn_optim.engine.compiler import CompilerError, library, threads
from labml_nn_optim.engine.private import object_layout, torch_functions

SOURCE = """\
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
typedef struct {
    /* Whom to ask: Python about its lists and dictionaries, torch about a tensor. */
    void *(*item)(void *, ptrdiff_t), *(*get)(void *, void *);
    int (*next)(void *, ptrdiff_t *, void **, void **);
    int (*type)(void *, int32_t *), (*device)(void *, int32_t *), (*index)(void *, int32_t *);
    int (*dims)(void *, int64_t *), (*sizes)(void *, int64_t **), (*strides)(void *, int64_t **);
    int (*data)(void *, void **);
    void *tensor, *parameter;
    size_t class, handle;  /* where an object keeps its class, and a tensor what torch knows */
    /* What is found. The last column of objects are the counts of steps. */
    int64_t rows, width, counts_are_beside;
    void **objects;
    int64_t *words, *kinds;
    double *taken;
    char *why;
} Look;
typedef struct { int64_t kind, numbers, dims, *sizes, *strides; void *data; } Tensor;
typedef struct { int64_t begin, end, row, written; } Span;
/* Why a parameter cannot be a row of the table. */
enum { FITS, CLASS, LAYOUT, DEVICE, TYPE, SHAPE, ORDER, GAPS, COUNT, SHARED };
/* What there is to know of all rows. */
enum { NEW = 1, UNLIKE = 2, UNALIGNED = 4, MOVED = 8 };

/* The tensors of all rows, column after column; 0 in the place of what is none. Most memories come
   in the order of their parameters. Returns 0 where one cannot be found, or lacks a name. */
static int gather(const Look *l, void *columns, int64_t given, void *state, void *names) {
    void *key = 0, *memory = 0;  /* as long as nothing is found */
    ptrdiff_t at = 0;
    int64_t patience = 64 * l->rows;
    for (int64_t c = 0; c < given; c++)
        for (int64_t row = 0; row < l->rows; row++)
            l->objects[c * l->rows + row] = l->item(l->item(columns, c), row);
    for (int64_t row = 0; row < l->rows && given < l->width; row++) {
        do if (patience-- == 0) return 0;
        else if (!l->next(state, &at, &key, &memory)) at = 0;
        while (key != l->objects[row]);
        for (int64_t c = given; c < l->width; c++)
            if (!(l->objects[c * l->rows + row] = l->get(memory, l->item(names, c - given))))
                return 0;
    }
    for (int64_t i = 0; i < l->width * l->rows; i++) {
        void *class = *(void **)((char *)l->objects[i] + l->class);
        if (class != l->tensor && class != l->parameter) l->objects[i] = 0;
    }
    return 1;
}

/* Bytes of a number, by torch's count of types. Complex numbers are pairs of others. */
static int bytes_of(int64_t kind) {
    switch (kind & 255) {
        case 5: case 15: return 2;
        case 6: case 9: return 4;
        case 7: case 10: return 8;
    }
    return 0;
}

static int see(const Look *l, void *object, Tensor *t) {
    void *handle = (char *)object + l->handle;
    int32_t type, device, index = -1;
    if (!object) return CLASS;
    if (l->type(handle, &type) || l->device(handle, &device) || device > 1) return DEVICE;
    if (device && l->index(handle, &index)) return DEVICE;
    if (l->dims(handle, &t->dims) || l->sizes(handle, &t->sizes)
        || l->strides(handle, &t->strides) || l->data(handle, &t->data)) return LAYOUT;
    t->kind = type | device << 8 | (int64_t)(index + 1) << 16;
    t->numbers = 1;
    for (int64_t i = 0; i < t->dims; i++) t->numbers *= t->sizes[i];
    return bytes_of(t->kind) ? FITS : TYPE;
}

/* The numbers of a parameter fill a stretch of memory, in whatever order. */
static int is_dense(const Tensor *t) {
    int64_t filled = 1;
    for (int found = 1; found && filled < t->numbers;) {
        found = 0;
        for (int64_t i = t->dims; i-- > 0;)  /* nearly always the last first */
            if (t->sizes[i] > 1 && t->strides[i] == filled) filled *= t->sizes[i], found = 1;
    }
    return filled >= t->numbers ? FITS : GAPS;
}

/* A tensor is walked through as its parameter is. */
static int is_like(const Tensor *t, const Tensor *param) {
    int same = t->numbers == 0;
    if (t->kind >> 8 != param->kind >> 8) return DEVICE;
    if (t->dims != param->dims) return SHAPE;
    for (int64_t i = 0; i < t->dims; i++) if (t->sizes[i] != param->sizes[i]) return SHAPE;
    for (int64_t i = 0; i < t->dims && !same; i++)
        if (t->sizes[i] > 1 && t->strides[i] != param->strides[i]) return ORDER;
    return FITS;
}

/* A count of steps can be read, or counted, without waiting. */
static int is_count(const Look *l, const Tensor *count, const Tensor *param) {
    const int64_t place = l->counts_are_beside ? param->kind >> 8 : 0;
    return (count->kind & 255) == 6 && count->numbers == 1 && count->kind >> 8 == place;
}

/* Each tensor that is seen is compared with what it was. */
static int put(int64_t *place, int64_t value, int what) {
    const int another = *place != value;
    *place = value;
    return another ? what : 0;
}

/* One row: its tensors, and its count of steps. */
static int look_at(const Look *l, int64_t row) {
    const int64_t rows = l->rows, last = l->width - 1;
    Tensor param, t;
    int how = 0, why = FITS;
    for (int64_t c = 0; c <= last && !why; c++) {
        why = see(l, l->objects[c * rows + row], &t);
        if (c == 0) param = t;
        if (c == last) why = why || !is_count(l, &t, &param) ? COUNT : FITS;
        else if (!why) why = c ? is_like(&t, &param) : is_dense(&t);
        if (why || c == last) break;
        how |= put(&l->words[(3 + c) * rows + row], (int64_t)t.data, c == 1 ? MOVED : NEW | MOVED);
        how |= put(&l->kinds[c * rows + row], t.kind, NEW);
        if ((int64_t)t.data % 16) how |= UNALIGNED;
    }
    if (why != (l->why[row] == SHARED ? FITS : l->why[row])) how |= NEW | MOVED, l->why[row] = why;
    if (why) return how;
    const int parts = (param.kind & 255) == 9 || (param.kind & 255) == 10 ? 2 : 1;
    how |= put(&l->words[row], parts * param.numbers, NEW | MOVED);
    l->words[rows + row] = (int64_t)t.data;
    l->taken[row] = t.kind >> 8 ? 0 : *(float *)t.data;
    return how;
}

static int in_order(const void *a, const void *b) {
    const int64_t one = ((const Span *)a)->begin, other = ((const Span *)b)->begin;
    return (one > other) - (one < other);
}

/* What is written must be nobody else's. Gradients, in column 1, are only read. */
static void mark_shared(const Look *l) {
    const int64_t rows = l->rows, tensors = l->width - 1;
    Span *spans = malloc((rows * tensors + 1) * sizeof(Span));
    int64_t count = 0;
    for (int64_t row = 0; row < rows; row++) {
        if (l->why[row] == SHARED || !spans) l->why[row] = spans ? FITS : SHARED;
        for (int64_t c = 0; spans && !l->why[row] && l->words[row] && c < tensors; c++) {
            const int64_t begin = l->words[(3 + c) * rows + row];
            const int64_t end = begin + l->words[row] * bytes_of(l->kinds[c * rows + row]);
            spans[count++] = (Span){begin, end, row, c != 1};
        }
    }
    if (spans) qsort(spans, count, sizeof(Span), in_order);
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = i + 1; j < count && spans[j].begin < spans[i].end; j++)
            if (spans[i].written || spans[j].written)
                l->why[spans[i].row] = l->why[spans[j].row] = SHARED;
    free(spans);
}

/* A tensor that will be asked soon. */
static void fetch(const Look *l, void *object) {
    const char *tensor = object ? *(char **)((char *)object + l->handle) : 0;
    for (int line = 0; line < 3; line++) __builtin_prefetch(tensor + 64 * line);
}

int look(const Look *l, void *columns, int64_t given, void *state, void *names, int threads) {
    int how = 0;
    if (!gather(l, columns, given, state, names)) return NEW;
    #pragma omp parallel for num_threads(threads) if(l->rows >= 64) reduction(|: how)
    for (int64_t row = 0; row < l->rows; row++) {
        for (int64_t c = 0; c < l->width && row + 8 < l->rows; c++)
            fetch(l, l->objects[c * l->rows + row + 8]);
        how |= look_at(l, row);
    }
    if (how & MOVED) mark_shared(l);
    for (int64_t row = 0; row < l->rows; row++) {
        if (l->why[row] || l->taken[row] != l->taken[0]) how |= UNLIKE;
        for (int64_t c = 0; c < l->width - 1; c++)
            if (l->kinds[c * l->rows + row] != l->kinds[c * l->rows]) how |= UNLIKE;
    }
    return how;
}

/* Counts a step where another device cannot, and keeps the addresses from it. */
void add_one(int64_t *counts, int64_t rows) {
    for (int64_t row = 0; row < rows; row++) *(float *)counts[row] += 1, counts[row] = 0;
}
"""

NEW, UNLIKE, UNALIGNED = 1, 2, 4
WHY_NOT = (
    "",
    "a tensor of another class, or negated or conjugated when it is read",
    "numbers that are stored in another way",
    "a tensor on another device",
    "numbers of another type",
    "tensors of different shapes",
    "its gradient or running means lie in another order in memory",
    "gaps between its numbers in memory",
    "a count of steps of another type, or elsewhere",
    "shares its memory with others",
)
# By torch's count of types. Complex numbers are pairs of others.
TYPES = {5: torch.float16, 6: torch.float32, 7: torch.float64, 15: torch.bfloat16,
         9: torch.float32, 10: torch.float64}  # fmt: skip

_POINTER, _OBJECT = ctypes.c_void_p, ctypes.py_object
_LOOK: tuple[Any, ...] = (_POINTER, _OBJECT, ctypes.c_int64, _OBJECT, _OBJECT, ctypes.c_int)
_PYTHON = ("PyList_GetItem", "PyDict_GetItem", "PyDict_Next")
_TORCH = ("dtype", "device_type", "device_index", "dim", "sizes", "strides", "data_ptr")


@cache
def looking() -> tuple[Callable[..., int], Callable[..., None], list[Any]] | str:
    """## The function that looks, the one that counts, and whom to ask; or why there is none"""
    places = object_layout()
    torchs = torch_functions([f"aoti_torch_get_{name}" for name in _TORCH])
    if places is None or torchs is None:
        return "this version of torch does not say where its tensors lie"
    try:
        made = library(SOURCE)
    except CompilerError as error:
        return str(error)
    pythons = [ctypes.cast(getattr(ctypes.pythonapi, name), _POINTER).value for name in _PYTHON]
    # Other Python threads wait while it looks, so that nothing moves under its eyes.
    look = ctypes.PYFUNCTYPE(ctypes.c_int, *_LOOK)(("look", made))
    add_one = ctypes.PYFUNCTYPE(None, _POINTER, ctypes.c_int64)(("add_one", made))
    return look, add_one, [*pythons, *torchs, id(Tensor), id(torch.nn.Parameter), *places]


class Kind(NamedTuple):
    """## A device, and the types of the parameter, its gradient and its running means"""

    device: torch.device
    dtypes: tuple[torch.dtype, ...]


class Table(NamedTuple):
    """
    ## The words that a compiled function reads

    Column after column: how many numbers each row has, the addresses of the counts of steps, which
    set of numbers is a row's own, and the addresses of the tensors.

    * `places` says which of the parameters the rows are
    * `device` is where they are
    * `is_aligned` says whether all tensors begin at multiples of sixteen bytes
    """

    places: Sequence[int]
    device: torch.device
    words: "array[int]"
    is_aligned: bool

    @property
    def rows(self) -> int:
        """### How many parameters there are"""
        return len(self.places)

    @property
    def sizes(self) -> tuple[int, ...]:
        """### How many numbers each parameter has"""
        return tuple(self.words[: self.rows])


class Reader:
    """
    ## Looks at the tensors of a group, again and again

    It keeps no tensor, only what it has seen of them. Raises `CompilerError` where there is no
    compiler, or torch does not answer.

    With `counts_are_beside`, each count of steps must be on the device of its parameter; else, on
    the CPU.
    """

    def __init__(self, rows: int, keys: Sequence[str], counts_are_beside: bool = False) -> None:
        found = looking()
        if isinstance(found, str):
            raise CompilerError(found)
        self.rows, self.names = rows, [*keys, "step"]
        width = 2 + len(self.names)
        self.words, self.kinds = _zeros("q", (2 + width) * rows), _zeros("q", (width - 1) * rows)
        self.taken, self.why = _zeros("d", rows), _zeros("b", rows)
        self._objects = _zeros("q", width * rows)
        into = (self._objects, self.words, self.kinds, self.taken, self.why)
        self._look, _, asked = found
        asked = [*asked, rows, width, counts_are_beside, *(a.buffer_info()[0] for a in into)]
        self._all = (_POINTER * len(asked))(*asked)
        self._how = 0

    def look(self, columns: Sequence[Sequence[Tensor | None]], state: Any = None) -> bool:
        """
        ### Look at all tensors

        `columns` are the parameters and their gradients. Each of the running means, and the counts
        of steps, follow as lists, or are found in `state`. Says whether all but the gradients are
        where, and what, they were.
        """
        given = len(columns)
        self._how = self._look(self._all, columns, given, state, self.names, threads())
        return not self._how & NEW

    def left(self) -> dict[int, str]:
        """### The places of what cannot be a row, and why"""
        if not self._how & UNLIKE:
            return {}
        return {place: WHY_NOT[why] for place, why in enumerate(self.why) if why}

    def alike(self) -> dict[Kind, dict[float, Sequence[int]]]:
        """### The places of those that are alike, by how many steps they have taken"""
        if not self._how & UNLIKE:
            return {self._kind(0): {self.taken[0]: range(self.rows)}}
        found: dict[Kind, dict[float, Any]] = {}
        for place, why in enumerate(self.why):
            if not why:
                counts = found.setdefault(self._kind(place), {})
                counts.setdefault(self.taken[place], []).append(place)
        return found

    def _kind(self, place: int) -> Kind:
        return _kind_of(tuple(self.kinds[place :: self.rows]))

    def table(self, device: torch.device, parts: Sequence[Sequence[int]]) -> Table:
        """### A table of some rows: in each part, those that have a set of numbers in common"""
        is_aligned = not self._how & UNALIGNED
        if len(parts) == 1 and len(parts[0]) == self.rows:
            return Table(parts[0], device, self.words, is_aligned)
        places, rows = [*chain(*parts)], self.rows
        starts = range(0, len(self.words), rows)
        words = array("q", [self.words[start + place] for start in starts for place in places])
        sets = [number for number, part in enumerate(parts) for _ in part]
        words[2 * len(places) : 3 * len(places)] = array("q", sets)
        return Table(places, device, words, is_aligned)


@cache
def _kind_of(kinds: tuple[int, ...]) -> Kind:
    is_cuda, index = kinds[0] >> 8 & 1, (kinds[0] >> 16) - 1
    device = torch.device("cuda", index) if is_cuda else torch.device("cpu")
    return Kind(device, tuple(TYPES[kind & 255] for kind in kinds))


def _zeros(kind: str, count: int) -> "array[Any]":
    return array(kind, bytes(array(kind).itemsize * count))
