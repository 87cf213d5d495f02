"""
# Read: where the tensors lie

Python asks a tensor one question at a time: where it lies, how large it is, of which type. With
some thousand small tensors, the questions take longer than the step. So one function of C, compiled
when it is first needed, asks them all, through [the standard by which array libraries show each
other their memory](https://dmlc.github.io/dlpack/latest/python_spec.html): torch answers it since
version 2.10, in some fifty nanoseconds a tensor. On older versions, and without a compiler, Python
asks.
"""

import ctypes
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from torch import Tensor

from labml_nn_optim.engine.compiler import CompilerError, library

SOURCE = """\
#include <stdint.h>
#include <stdlib.h>
/* As DLPack 1.3 lays them down. */
typedef struct {
    char *data; int32_t device, index, dims; uint8_t code, bits; uint16_t lanes;
    int64_t *shape, *strides; uint64_t offset;
} Tensor;
typedef struct {
    uint32_t major, minor; void *older, *allocate, *take, *give;
    int (*look)(void *, Tensor *); void *stream;
} Exchange;
typedef struct { int64_t begin, end, written; } Span;

/* The order of its numbers in memory is that of the parameter. */
static int same_order(const Tensor *a, const Tensor *b) {
    if (a->dims != b->dims) return 0;
    int empty = 0, same = 1;
    for (int i = 0; i < a->dims; i++) {
        if (a->shape[i] != b->shape[i]) return 0;
        empty |= a->shape[i] == 0;
        same &= a->shape[i] == 1 || a->strides[i] == b->strides[i];
    }
    return same || empty;
}

/* How many numbers there are; -1 if they do not fill a stretch of memory. */
static int64_t numbers_of(const Tensor *t) {
    int64_t numbers = 1, filled = 1;
    for (int i = 0; i < t->dims; i++) numbers *= t->shape[i];
    for (int found = 1; found;) {
        found = 0;
        for (int i = 0; i < t->dims; i++)
            if (t->shape[i] > 1 && t->strides[i] == filled) filled *= t->shape[i], found = 1;
    }
    return numbers == 0 || numbers == filled ? numbers : -1;
}

static int64_t kind_of(const Tensor *t) {
    return t->code | t->bits << 8 | (int64_t)t->device << 16 | (int64_t)t->index << 32;
}

static int in_order(const void *a, const void *b) {
    const int64_t one = ((const Span *)a)->begin, other = ((const Span *)b)->begin;
    return (one > other) - (one < other);
}

/* What is written is nobody else's. Gradients, in column 1, are only read. */
int shared(const int64_t *words, int64_t rows, int64_t columns, const int64_t *kinds) {
    int64_t end = 0, written = 0, found = 0, count = rows * columns;
    Span *spans = malloc((count + 1) * sizeof(Span));
    if (!spans) return 1;
    for (int64_t i = 0; i < count; i++) {
        const int64_t column = i / rows, begin = words[3 * rows + i];
        spans[i].begin = begin, spans[i].written = column != 1;
        spans[i].end = begin + words[i % rows] * (kinds[column] >> 8 & 255) / 8;
    }
    qsort(spans, count, sizeof(Span), in_order);
    for (int64_t i = 0; i < count; i++) {
        if (spans[i].begin == spans[i].end) continue;
        found |= spans[i].begin < written || (spans[i].written && spans[i].begin < end);
        if (spans[i].end > end) end = spans[i].end;
        if (spans[i].written && spans[i].end > written) written = spans[i].end;
    }
    free(spans);
    return found;
}

/* `tensors` are the columns, one after the other, and the counts of steps. Returns 1 if they
   are all alike, 0 if not, and -1 with Python's own error. */
int look(const Exchange *torch, void *(*item)(void *, int64_t), void *tensors, int64_t rows,
         int64_t columns, int64_t *words, int64_t *kinds, double *taken) {
    Tensor param, t;
    int64_t *counts = words + rows, *addresses = words + 3 * rows, counted = 3;
    for (int64_t row = 0; row < rows; row++) {
        if (torch->look(item(tensors, row), &param)) return -1;
        if (row == 0) kinds[columns] = kind_of(&param) >> 16;  /* the device */
        words[row] = numbers_of(&param);
        if (words[row] < 0) return 0;
        for (int64_t column = 0; column < columns; column++) {
            if (column == 0) t = param;
            else if (torch->look(item(tensors, column * rows + row), &t)) return -1;
            if (row == 0) kinds[column] = kind_of(&t);
            if (kind_of(&t) != kinds[column] || kind_of(&t) >> 16 != kinds[columns]
                || t.lanes != 1 || !same_order(&t, &param)) return 0;
            addresses[column * rows + row] = (int64_t)(t.data + t.offset);
        }
        if (torch->look(item(tensors, columns * rows + row), &t)) return -1;
        if (t.code != 2 || t.bits != 32 || numbers_of(&t) != 1) counted = 0;
        if (t.device != param.device || t.index != param.index) counted &= ~1;
        if (t.device != 1) counted &= ~2;
        counts[row] = (int64_t)(t.data + t.offset);
        taken[row] = counted & 2 ? *(float *)(t.data + t.offset) : 0;
    }
    /* Bit 0: each count lies beside its parameter, and is counted there. Bit 1: they are known. */
    kinds[columns + 1] = counted;
    if (!(counted & 1)) for (int64_t row = 0; row < rows; row++) counts[row] = 0;
    return 1;
}
"""

_I64, _POINTER = ctypes.c_int64, ctypes.c_void_p
_LOOK = (_POINTER, _POINTER, ctypes.py_object, _I64, _I64, _POINTER, _POINTER, _POINTER)


@cache
def _functions() -> tuple[Callable[..., int], Callable[..., int], int, int] | None:
    """## The two functions, and whom they ask; `None` where Python has to ask itself"""
    capsule = getattr(Tensor, "__dlpack_c_exchange_api__", None)
    if capsule is None:
        return None
    api = ctypes.pythonapi
    pointer_of = ctypes.PYFUNCTYPE(_POINTER, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", api)
    )
    exchange = pointer_of(capsule, b"dlpack_exchange_api")
    if not exchange or ctypes.c_uint32.from_address(exchange).value != 1:
        return None  # a later standard, which might lay it out otherwise
    try:
        made = library(SOURCE)
    except CompilerError:
        return None
    # Other threads wait while it looks, so that nothing moves under its eyes.
    look = ctypes.PYFUNCTYPE(ctypes.c_int, *_LOOK)(("look", made))
    shared = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _I64, _I64, _POINTER)(("shared", made))
    item = ctypes.cast(api.PyList_GetItem, _POINTER).value
    assert item is not None
    return look, shared, exchange, item


class Look(NamedTuple):
    """
    ## What there is to see

    * `words` are those of [a table](table.py#Table)
    * `kinds` tell the types of its columns, and the device
    * `taken` are the counts of steps, where they can be read without waiting
    * `counted` says whether each lies beside its parameter, for a compiled function to count
    """

    words: "array[int]"
    kinds: "array[int]"
    taken: Sequence[float]
    counted: bool


def look(columns: Sequence[list[Tensor]], counts: list[Tensor]) -> Look | None:
    """
    ## Look at all tensors

    `columns` are the parameters, their gradients, and each of their running means. `None` if they
    are not all alike, or cannot be looked at.
    """
    functions = _functions()
    if functions is None:
        return None
    look, _, exchange, item = functions
    rows, width = len(counts), len(columns)
    words, kinds = array("q", bytes(8 * rows * (3 + width))), array("q", bytes(8 * (width + 2)))
    taken = array("d", bytes(8 * rows))
    into = (_address(words), _address(kinds), _address(taken))
    try:
        alike = look(exchange, item, [*chain(*columns, counts)], rows, width, *into)
    except Exception:  # one of them has no memory, or is no tensor
        return None
    how = kinds.pop()
    return Look(words, kinds, taken if how & 2 else (), bool(how & 1)) if alike == 1 else None


def are_shared(found: Look) -> bool:
    """## Whether two tensors have memory in common, and one of them is written"""
    functions = _functions()
    assert functions is not None
    columns = len(found.kinds) - 1
    rows = len(found.words) // (3 + columns)
    return bool(functions[1](_address(found.words), rows, columns, _address(found.kinds)))


def _address(words: "array[Any]") -> int:
    return words.buffer_info()[0]
