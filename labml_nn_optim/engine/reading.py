"""
# Read: where the tensors lie

Python asks a tensor one question at a time: where it lies, how large it is, of which type. With
some thousand small tensors, the questions take longer than the step. So one function of C, compiled
when it is first needed, walks through the lists and dictionaries itself, and asks all tensors by
[the functions that torch keeps for other
languages](https://docs.pytorch.org/docs/stable/notes/libtorch_stable_abi.html).

What it finds is compared with what it found at the step before, word by word, and put in its place.
So nothing can be out of date; and where nothing is new, that is known too.
"""

import ctypes
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from labml_nn_optim.engine.compiler import CompilerError, library
from labml_nn_optim.engine.private import object_layout, torch_functions

SOURCE = """\
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* Whom to ask: Python about its lists and dictionaries, torch about a tensor. */
typedef struct {
    void *(*item)(void *, ptrdiff_t), *(*get)(void *, void *);
    int (*next)(void *, ptrdiff_t *, void **, void **);
    int (*type)(void *, int32_t *), (*device)(void *, int32_t *), (*index)(void *, int32_t *);
    int (*dims)(void *, int64_t *), (*sizes)(void *, int64_t **), (*strides)(void *, int64_t **);
    int (*data)(void *, void **), (*numbers)(void *, int64_t *);
    void *tensor, *parameter;
    size_t class, handle;  /* where an object keeps its class, and a tensor what torch knows */
} Ask;
typedef struct { int64_t kind, numbers, dims, *sizes, *strides; void *data; } Tensor;
typedef struct { int64_t begin, end, row, written; } Span;
/* Why a parameter cannot be a row of the table. */
enum { FITS, CLASS, LAYOUT, DEVICE, TYPE, SHAPE, ORDER, GAPS, SHARED };
/* What else there is to know. */
enum { NEW = 1, UNLIKE = 2, UNEVEN = 4, UNCOUNTED = 8, UNKNOWN = 16, UNALIGNED = 32 };

static int is_ordinary(const Ask *ask, const char *object) {
    void *class = *(void **)(object + ask->class);
    return class == ask->tensor || class == ask->parameter;
}

/* The tensors of all rows, column after column; 0 in the place of what is none. Most memories come
   in the order of their parameters. Returns 0 where one cannot be found, or lacks a name. */
static int gather(const Ask *ask, void *columns, int64_t given, void *state, void *names,
                  int64_t rows, int64_t width, void **objects) {
    void *key = 0, *memory = 0;  /* as long as nothing is found */
    ptrdiff_t at = 0;
    int64_t patience = 64 * rows;
    for (int64_t c = 0; c < given; c++) {
        void *column = ask->item(columns, c);
        for (int64_t row = 0; row < rows; row++) objects[c * rows + row] = ask->item(column, row);
    }
    for (int64_t row = 0; row < rows && given < width; row++) {
        do if (patience-- == 0) return 0;
        else if (!ask->next(state, &at, &key, &memory)) at = 0;
        while (key != objects[row]);
        for (int64_t c = given; c < width; c++)
            if (!(objects[c * rows + row] = ask->get(memory, ask->item(names, c - given))))
                return 0;
    }
    for (int64_t i = 0; i < width * rows; i++)
        if (!is_ordinary(ask, objects[i])) {
            if (i >= (width - 1) * rows) return 0;
            objects[i] = 0;
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

/* Its type and its device. */
static int64_t kind_of(const Ask *ask, void *handle) {
    int32_t type, device, index = -1;
    if (ask->type(handle, &type) || ask->device(handle, &device)) return -1;
    if (device && ask->index(handle, &index)) return -1;
    return type | device << 8 | (int64_t)(index + 1) << 16;
}

static int see(const Ask *ask, void *object, Tensor *t) {
    void *handle = (char *)object + ask->handle;
    if (!object) return CLASS;
    t->kind = kind_of(ask, handle);
    if ((t->kind >> 8 & 255) > 1) return DEVICE;
    if (ask->dims(handle, &t->dims) || ask->sizes(handle, &t->sizes)
        || ask->strides(handle, &t->strides) || ask->data(handle, &t->data)) return LAYOUT;
    t->numbers = (t->kind & 255) == 9 || (t->kind & 255) == 10 ? 2 : 1;
    for (int64_t i = 0; i < t->dims; i++) t->numbers *= t->sizes[i];
    return FITS;
}

/* A tensor that is walked through as its parameter is. */
static int is_like(const Tensor *t, const Tensor *param) {
    int same = 1;
    if (t->kind >> 8 != param->kind >> 8) return DEVICE;
    if (!bytes_of(t->kind)) return TYPE;
    if (t->dims != param->dims || t->numbers != param->numbers) return SHAPE;
    for (int64_t i = 0; i < t->dims; i++) {
        if (t->sizes[i] != param->sizes[i]) return SHAPE;
        same &= t->sizes[i] == 1 || t->strides[i] == param->strides[i];
    }
    return same || t->numbers == 0 ? FITS : ORDER;
}

/* The numbers of a parameter fill a stretch of memory, in whatever order. */
static int is_dense(const Tensor *t) {
    int64_t filled = 1, numbers = 1;
    for (int64_t i = t->dims; i-- > 0; numbers *= t->sizes[i])  /* nearly always the last first */
        if (t->sizes[i] > 1 && t->strides[i] == filled) filled *= t->sizes[i];
    for (int found = numbers != filled; found;) {
        found = 0;
        for (int64_t i = 0; i < t->dims; i++)
            if (t->sizes[i] > 1 && t->strides[i] == filled) filled *= t->sizes[i], found = 1;
    }
    return numbers == 0 || numbers == filled;
}

static int in_order(const void *a, const void *b) {
    const int64_t one = ((const Span *)a)->begin, other = ((const Span *)b)->begin;
    return (one > other) - (one < other);
}

/* What is written must be nobody else's. Gradients, in column 1, are only read. */
static void mark_shared(int64_t rows, int64_t tensors, const int64_t *words, const int64_t *kinds,
                        char *why) {
    Span *spans = malloc((rows * tensors + 1) * sizeof(Span));
    int64_t count = 0;
    for (int64_t row = 0; row < rows; row++) {
        if (why[row] == SHARED || !spans) why[row] = spans ? FITS : SHARED;
        for (int64_t c = 0; spans && !why[row] && words[row] && c < tensors; c++) {
            const int64_t begin = words[(3 + c) * rows + row];
            const int64_t end = begin + words[row] * bytes_of(kinds[c * rows + row]);
            spans[count++] = (Span){begin, end, row, c != 1};
        }
    }
    if (spans) qsort(spans, count, sizeof(Span), in_order);
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = i + 1; j < count && spans[j].begin < spans[i].end; j++)
            if (spans[i].written || spans[j].written)
                why[spans[i].row] = why[spans[j].row] = SHARED;
    free(spans);
}

/* Each tensor that is seen is compared with what it was. */
static int put(int64_t *place, int64_t value) {
    const int another = *place != value;
    *place = value;
    return another;
}

/* A tensor that will be asked soon. */
static void fetch(const Ask *ask, void *object) {
    const char *tensor = object ? *(char **)((char *)object + ask->handle) : 0;
    for (int line = 0; line < 3; line++) __builtin_prefetch(tensor + 64 * line);
}

/* Fills in the table, the kinds of its tensors, the counts of steps, and why a row is none.
   Returns -1 where Python has to look. */
int look(const Ask *ask, void *columns, int64_t given, void *state, void *names, int64_t rows,
         int64_t width, void **objects, int64_t *words, int64_t *kinds, double *taken, char *why) {
    const int64_t tensors = width - 1;
    int how = 0, moved = 0;
    if (!gather(ask, columns, given, state, names, rows, width, objects)) return -1;
    for (int64_t row = 0; row < rows; row++) {
        Tensor param, t;
        int fits = FITS;
        for (int64_t c = 0; c < width && row + 8 < rows; c++)
            fetch(ask, objects[c * rows + row + 8]);
        for (int64_t c = 0; c < tensors && !fits; c++) {
            const int64_t i = c * rows + row;
            fits = see(ask, objects[i], c ? &t : &param);
            if (c == 0) t = param;
            if (!fits) fits = is_like(&t, &param);
            if (!fits && c == 0 && !is_dense(&param)) fits = GAPS;
            if (fits) break;
            const int elsewhere = put(&words[(3 + c) * rows + row], (int64_t)t.data);
            const int another = put(&kinds[i], t.kind);
            moved |= elsewhere;
            if (another || (elsewhere && c != 1)) how |= NEW;
            if (t.kind != kinds[c * rows]) how |= UNLIKE;
            if ((int64_t)t.data % 16) how |= UNALIGNED;
        }
        if (fits != (why[row] == SHARED ? FITS : why[row])) how |= NEW, moved = 1, why[row] = fits;
        if (fits) continue;
        if (put(&words[row], param.numbers)) how |= NEW, moved = 1;
        void *count = (char *)objects[tensors * rows + row] + ask->handle, *data;
        const int64_t kind = kind_of(ask, count);
        const int is_float = (kind & 255) == 6 && !ask->numbers(count, &t.numbers)
            && t.numbers == 1 && !ask->data(count, &data);
        const int counted = is_float && kind >> 8 == param.kind >> 8;
        const int known = is_float && kind >> 8 == 0;
        words[rows + row] = counted ? (int64_t)data : 0;
        taken[row] = known ? *(float *)data : 0;
        how |= (counted ? 0 : UNCOUNTED) | (known ? 0 : UNKNOWN);
        if (taken[row] != taken[0]) how |= UNEVEN;
    }
    if (moved) mark_shared(rows, tensors, words, kinds, why);
    for (int64_t row = 0; row < rows; row++) if (why[row]) how |= UNLIKE;
    return how;
}
"""

# What it finds, besides the tensors.
NEW, UNLIKE, UNEVEN, UNCOUNTED, UNKNOWN, UNALIGNED = 1, 2, 4, 8, 16, 32
WHY_NOT = (
    "",
    "a tensor of another class",
    "numbers that are stored in another way",
    "a tensor on another device",
    "numbers of another type",
    "tensors of different shapes",
    "its gradient or running means lie in another order in memory",
    "gaps between its numbers in memory",
    "shares its memory with others",
    "numbers that are negated or conjugated when they are read",
    "counts of steps of another class",
)
# By torch's count of types. Complex numbers are pairs of others.
COMPLEX = {9: torch.float32, 10: torch.float64}
TYPES = {5: torch.float16, 6: torch.float32, 7: torch.float64, 15: torch.bfloat16, **COMPLEX}

_I64, _POINTER, _OBJECT = ctypes.c_int64, ctypes.c_void_p, ctypes.py_object
_LOOK: tuple[Any, ...] = (_POINTER, _OBJECT, _I64, _OBJECT, _OBJECT, _I64, _I64, *[_POINTER] * 5)
_PYTHON = ("PyList_GetItem", "PyDict_GetItem", "PyDict_Next")
_TORCH = ("dtype", "device_type", "device_index", "dim", "sizes", "strides", "data_ptr", "numel")


@cache
def looking() -> tuple[Callable[..., int], Any] | str:
    """## The function, and whom it asks; or why there is none"""
    places = object_layout()
    torchs = torch_functions([f"aoti_torch_get_{name}" for name in _TORCH])
    if places is None or torchs is None:
        return "this version of torch does not say where its tensors lie"
    try:
        made = library(SOURCE)
    except CompilerError as error:
        return str(error)
    pythons = [ctypes.cast(getattr(ctypes.pythonapi, name), _POINTER).value for name in _PYTHON]
    asked = [*pythons, *torchs, id(Tensor), id(torch.nn.Parameter), *places]
    # Other threads wait while it looks, so that nothing moves under its eyes.
    look = ctypes.PYFUNCTYPE(ctypes.c_int, *_LOOK)(("look", made))
    return look, (_POINTER * len(asked))(*asked)


class Reader:
    """
    ## Looks at the tensors of a group, again and again

    It keeps no tensor, only what it has seen of them. Raises `CompilerError` where there is no
    compiler, or torch does not answer.

    * `words` are those of [a table](table.py)
    * `taken` are the counts of steps, where they can be read without waiting
    """

    def __init__(self, rows: int, keys: Sequence[str]) -> None:
        found = looking()
        if isinstance(found, str):
            raise CompilerError(found)
        self._look, self._ask = found
        self.rows, self.names = rows, [*keys, "step"]
        self._width = width = 2 + len(self.names)
        self.words, self.kinds = _zeros("q", (2 + width) * rows), _zeros("q", (width - 1) * rows)
        self.taken, self.why = _zeros("d", rows), _zeros("b", rows)
        self._objects = _zeros("q", width * rows)
        into = (self._objects, self.words, self.kinds, self.taken, self.why)
        self._into = [each.buffer_info()[0] for each in into]
        self._how = 0

    def look(self, columns: list[list[Tensor]], state: Any = None) -> bool:
        """
        ### Look at all tensors

        `columns` are the parameters and their gradients. Each of the running means, and the counts
        of steps, follow as lists, or are found in `state`. Says whether all but the gradients are
        where, and what, they were.
        """
        given, width = len(columns), self._width
        self._how = self._look(
            self._ask, columns, given, state, self.names, self.rows, width, *self._into
        )
        return not self._how & NEW

    def refuse(self, place: int, reason: str) -> None:
        """### Leave out a row that does not say what is stored"""
        self.why[place] = WHY_NOT.index(reason)
        self._how |= UNLIKE

    @property
    def has_failed(self) -> bool:
        """### Whether something could not be found"""
        return self._how < 0

    @property
    def are_alike(self) -> bool:
        """### Whether all are rows of one table"""
        return not self._how & UNLIKE

    @property
    def are_aligned(self) -> bool:
        """### Whether all tensors begin at multiples of sixteen bytes"""
        return not self._how & UNALIGNED

    @property
    def are_even(self) -> bool:
        """### Whether all are known to have taken as many steps"""
        return not self._how & (UNEVEN | UNKNOWN)

    @property
    def knows_counts(self) -> bool:
        """### Whether all counts of steps can be read without waiting"""
        return not self._how & UNKNOWN

    @property
    def counted(self) -> bool:
        """### Whether each count lies beside its parameter, for a compiled function to count"""
        return not self._how & UNCOUNTED

    @property
    def is_complex(self) -> bool:
        """### Whether some of the parameters are"""
        return any(kind & 255 in COMPLEX for kind in {*self.kinds[: self.rows]})


def _zeros(kind: str, count: int) -> "array[Any]":
    return array(kind, bytes(array(kind).itemsize * count))
