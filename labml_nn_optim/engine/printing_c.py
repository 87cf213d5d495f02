"""
# Print: the step as C

A [trace](tracing.py) becomes the body of one C function that goes through a [table of
tensors](reading.py). What does not depend on the single number is computed once for each tensor, in
double precision, as Python would. The rest is a plain loop, which any C compiler turns into
instructions for several numbers at a time: each of them is fetched once, goes through all lines,
and is put back once.

The threads share out all numbers of all tensors, a chunk at a time, wherever one tensor ends and
the next begins; one that is held up takes fewer. No header of torch is needed, so compiling takes a
tenth of a second.
"""

import torch

from labml_nn_optim.engine.tracing import Line, Literal, Trace, Value

# How each operation of the table is written, in the order of its arguments.
SPELLED: dict[str, str] = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "neg": "-{}",
    "lt": "{} < {}", "le": "{} <= {}", "gt": "{} > {}", "ge": "{} >= {}", "eq": "{} == {}",
    "ne": "{} != {}", "and": "{} & {}", "or": "{} | {}", "not": "!{}", "where": "{} ? {} : {}",
    "shift_right": "{} >> {}", "max": "MAX({}, {})", "min": "MIN({}, {})",
}  # fmt: skip
# Functions of the mathematical library, which has one for each precision.
FUNCTIONS = {name: name for name in ("sqrt", "exp", "log", "tanh", "pow", "floor", "ceil")}
FUNCTIONS["abs"] = "fabs"
TYPES: dict[torch.dtype, str] = {
    torch.float32: "float", torch.float64: "double", torch.bfloat16: "bfloat16",
    torch.float16: "float16", torch.int32: "int32_t", torch.int64: "int64_t", torch.bool: "int",
}  # fmt: skip
HALVES = (torch.bfloat16, torch.float16)

PRELUDE = """\
#include <math.h>
#include <stdint.h>
#include <string.h>
/* As many numbers a thread takes at a time: few enough to share out evenly. */
#define CHUNK 65536
/* Fewer numbers than this are not worth waking another thread for. */
#define SHARE 16384
#define MAX(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))
#define MIN(x, y) ((x) < (y) || (x) != (x) ? (x) : (y))
/* A product and a sum, rounded once; twice where the processor has no such instruction. */
#if defined(__FMA__) || defined(__aarch64__)
#define FMA_float(x, y, z) __builtin_fmaf(x, y, z)
#define FMA_double(x, y, z) __builtin_fma(x, y, z)
#else
#define FMA_float(x, y, z) ((x) * (y) + (z))
#define FMA_double(x, y, z) ((x) * (y) + (z))
#endif
"""
# Numbers of 16 bits, by their bits. Rounded to the nearest, ties to even; a NaN stays one.
HALF = {
    torch.bfloat16: """\
typedef uint16_t bfloat16;
static inline float float_of_bfloat16(bfloat16 h) {
    uint32_t u = (uint32_t)h << 16; float f; memcpy(&f, &u, 4); return f;
}
static inline bfloat16 bfloat16_of_float(float f) {
    uint32_t u; memcpy(&u, &f, 4);
    uint32_t rounded = (u + 0x7fff + (u >> 16 & 1)) >> 16;
    return (u & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded;
}
""",
    torch.float16: """\
typedef uint16_t float16;
static inline float float_of_float16(float16 h) {
    uint32_t u = (uint32_t)(h & 0x7fff) << 13, sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t scaled; float f; memcpy(&f, &u, 4);
    f *= 0x1p112f; memcpy(&scaled, &f, 4);
    scaled = u >= 0x0f800000 ? u | 0x7f800000 : scaled;
    scaled |= sign; memcpy(&f, &scaled, 4); return f;
}
static inline float16 float16_of_float(float f) {
    uint32_t u, small; memcpy(&u, &f, 4);
    uint32_t sign = u >> 16 & 0x8000, a = u & 0x7fffffff;
    float tiny; memcpy(&tiny, &a, 4); tiny += 0.5f; memcpy(&small, &tiny, 4);
    uint32_t rounded = (a - 0x38000000 + 0xfff + (a >> 13 & 1)) >> 13;
    uint32_t h = a < 0x38800000 ? small - 0x3f000000 : rounded;
    h = a >= 0x47800000 ? 0x7c00 : h;
    return sign | (a > 0x7f800000 ? 0x7e00 : h);
}
""",
}

FUNCTION = """\
/* Column c of the table begins at words[c * rows]: sizes, counts of steps, sets of numbers, and
   the addresses of the tensors. */
void step(const int64_t *words, int64_t rows, const double *numbers, int64_t sets, int threads) {{
    int64_t total = 0;
    for (int64_t row = 0; row < rows; row++) total += words[row];
    if (threads > total / SHARE) threads = total < SHARE ? 1 : (int)(total / SHARE);
    #pragma omp parallel num_threads(threads)
    {{
        /* The tensor that a thread is at, and how many numbers come before it. */
        int64_t row = 0, first = 0;
        #pragma omp for schedule(monotonic: dynamic)
        for (int64_t from = 0; from < total; from += CHUNK) {{
            const int64_t to = total - from < CHUNK ? total : from + CHUNK;
            while (first + words[row] <= from) first += words[row++];
            for (int64_t at = row, before = first; before < to; before += words[at++]) {{
                const int64_t begin = from > before ? from - before : 0;
                const int64_t end = to - before < words[at] ? to - before : words[at];
                const double *number = numbers + words[2 * rows + at];
{pointers}
                /* Memory is asked ahead for the first numbers of the next tensor. */
                for (int64_t c = 3; at + 1 < rows && c < {columns}; c++) {{
                    const char *next = (const char *)words[c * rows + at + 1];
                    __builtin_prefetch(next);
                    __builtin_prefetch(next + 64);
                }}
{once}
                #pragma omp simd
                for (int64_t i = begin; i < end; i++) {{
{loads}
{each}
{stores}
                }}
            }}
        }}
    }}
    for (int64_t row = 0; row < rows; row++)
        if (words[rows + row]) *(float *)words[rows + row] += 1;
}}
"""


def to_c(trace: Trace) -> str:
    """## The source of a C function that does what a trace says, for each row of a table"""
    names = {value: f"p_{i}" for i, value in enumerate(trace.tensors.values())}
    kinds = {value.dtype for value in trace.tensors.values()}
    used = {arg for line in trace.lines for arg in line.args} | {*trace.outputs.values()}
    pointers, loads, stores, columns = [], [], [], enumerate(trace.tensors.items(), 3)
    for column, (name, value) in columns:
        kind, pointer = TYPES[value.dtype], names[value]
        pointers.append(f"{kind} *restrict {pointer} = ({kind} *)words[{column} * rows + at];")
        if value in used:
            loads.append(f"const {kind} {_name(value)} = {pointer}[i];  /* {name} */")
        if name in trace.outputs:
            stores.append(f"{pointer}[i] = {_term(trace.outputs[name])};")
    once = [
        f"const double {_name(number)} = number[{i} * sets];"
        for i, number in enumerate(trace.numbers)
        if number in used
    ]
    once += [_statement(line) for line in trace.lines if not line.value.vector]
    each = [_statement(line) for line in trace.lines if line.value.vector]
    function = FUNCTION.format(
        columns=3 + len(trace.tensors), pointers=_indented(pointers, 16),
        once=_indented(once, 16), loads=_indented(loads, 20),
        each=_indented(each, 20), stores=_indented(stores, 20),
    )  # fmt: skip
    return PRELUDE + "".join(HALF[kind] for kind in HALVES if kind in kinds) + function


def _indented(lines: list[str], by: int) -> str:
    return "\n".join(" " * by + line for line in lines)


def _name(value: Value) -> str:
    return f"x{value.place}"


def _statement(line: Line) -> str:
    kind = TYPES[line.value.dtype]
    if line.name == "bitcast":
        name, source = _name(line.value), _term(line.args[0])
        return f"{kind} {name}; memcpy(&{name}, &{source}, sizeof({kind}));"
    return f"const {kind} {_name(line.value)} = {_expression(line)};"


def _expression(line: Line) -> str:
    """## One operation in C"""
    kind, terms = TYPES[line.value.dtype], [*map(_term, line.args)]
    if line.name == "convert":
        return _converted(terms[0], line.args[0].dtype, line.value.dtype)
    if line.name == "fma":
        return f"FMA_{kind}({', '.join(terms)})"
    if line.name in FUNCTIONS:
        suffix = "f" if line.value.dtype == torch.float32 else ""
        return f"{FUNCTIONS[line.name]}{suffix}({', '.join(terms)})"
    return SPELLED[line.name].format(*terms)


def _converted(term: str, source: torch.dtype, target: torch.dtype) -> str:
    if source in HALVES:
        term = f"float_of_{TYPES[source]}({term})"
    if target in HALVES:
        return f"{TYPES[target]}_of_float({term})"
    return f"{term} != 0" if target == torch.bool else f"({TYPES[target]}){term}"


def _term(value: Value | Literal) -> str:
    if isinstance(value, Value):
        return _name(value)
    number = float(value.number)
    if not value.dtype.is_floating_point:
        text = repr(int(number))
    elif abs(number) < float("inf"):
        text = repr(number)
    else:
        text = "NAN" if number != number else "INFINITY" if number > 0 else "-INFINITY"
    if value.dtype == torch.float64 and not text.startswith("-"):
        return text
    return f"({_converted(text, torch.float64, value.dtype)})"
