"""
# Print: the step as Triton

The same [trace](tracing.py) becomes the body of one Triton kernel over the same
[table](reading.py). A tensor is cut into blocks of a thousand numbers or two; each instance of the
kernel looks up whose block it has, computes what does not depend on the single number, and takes
its block through all lines. So a group is one launch, however many tensors it has. Where all
tensors begin at multiples of sixteen bytes, as torch makes them, the GPU is told, and fetches four
numbers at a time.
"""

import torch

from labml_nn_optim.engine.tracing import Line, Literal, Trace, Value

# How each operation of the table is written, in the order of its arguments.
SPELLED: dict[str, str] = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "neg": "-{}",
    "lt": "{} < {}", "le": "{} <= {}", "gt": "{} > {}", "ge": "{} >= {}", "eq": "{} == {}",
    "ne": "{} != {}", "and": "{} & {}", "or": "{} | {}", "not": "({}) == 0",
    "shift_right": "{} >> {}",
    "where": "tl.where({}, {}, {})", "abs": "tl.abs({})", "exp": "tl.exp({})", "log": "tl.log({})",
    "floor": "tl.floor({})", "ceil": "tl.ceil({})", "fma": "tl.fma({}, {}, {})",
    "pow": "libdevice.pow({}, {})", "tanh": "libdevice.tanh({})",
    "max": "tl.maximum({}, {}, propagate_nan=tl.PropagateNan.ALL)",
    "min": "tl.minimum({}, {}, propagate_nan=tl.PropagateNan.ALL)",
}  # fmt: skip
# Triton's own root and quotient of 32 bits are approximations, unless one asks for the others.
EXACT = {"sqrt": "tl.sqrt_rn({})", "div": "tl.div_rn({}, {})"}
DOUBLE = {"sqrt": "tl.sqrt({})", "div": "{} / {}"}
TYPES: dict[torch.dtype, str] = {
    torch.float32: "tl.float32", torch.float64: "tl.float64", torch.bfloat16: "tl.bfloat16",
    torch.float16: "tl.float16", torch.int32: "tl.int32", torch.int64: "tl.int64",
    torch.bool: "tl.int1",
}  # fmt: skip

KERNEL = """\
import triton
import triton.language as tl
from triton.language.extra import libdevice


@triton.jit(do_not_specialize=["rows", "sets"])
def step(
    words, rows, numbers, sets, block_rows, block_starts,
    BLOCK: tl.constexpr, ALIGNED: tl.constexpr,
):
    block = tl.program_id(0)
    row = tl.load(block_rows + block).to(tl.int64)
    start = tl.load(block_starts + block).to(tl.int64) * BLOCK
    number = numbers + tl.load(words + 2 * rows + row)
{once}
    places = start + tl.arange(0, BLOCK)
    inside = places < tl.load(words + row)
{loads}
{each}
{stores}
    counter = tl.load(words + rows + row)
    if (counter != 0) & (start == 0):
        count = counter.to(tl.pointer_type(tl.float32))
        tl.store(count, tl.load(count) + 1)
"""


def to_triton(trace: Trace) -> str:
    """## The source of a Triton kernel that does what a trace says, for each block of a table"""
    used = {arg for line in trace.lines for arg in line.args} | {*trace.outputs.values()}
    once, loads, stores = [], [], []
    for column, (name, value) in enumerate(trace.tensors.items(), 3):
        pointer = f"p{value.place}"
        once.append(
            f"{pointer} = tl.load(words + {column} * rows + row)"
            f".to(tl.pointer_type({TYPES[value.dtype]}))"
        )
        once.append(f"if ALIGNED: {pointer} = tl.multiple_of({pointer}, 16)")
        if value in used:
            loads.append(f"{_term(value)} = tl.load({pointer} + places, mask=inside)  # {name}")
        if name in trace.outputs:
            stores.append(
                f"tl.store({pointer} + places, {_term(trace.outputs[name])}, mask=inside)"
            )
    once += [
        f"{_term(number)} = tl.load(number + {i} * sets)"
        for i, number in enumerate(trace.numbers)
        if number in used
    ]
    once += [statement(line) for line in trace.lines if not line.value.vector]
    each = [statement(line) for line in trace.lines if line.value.vector]
    blocks = {"once": once, "loads": loads, "each": each, "stores": stores}
    return KERNEL.format(**{
        name: "\n".join("    " + line for line in lines) for name, lines in blocks.items()
    })  # fmt: skip


def statement(line: Line) -> str:
    """## One line in Triton"""
    terms = [*map(_term, line.args)]
    kind = TYPES[line.value.dtype]
    if line.name in ("convert", "bitcast"):
        bits = ", bitcast=True" if line.name == "bitcast" else ""
        return f"{_term(line.value)} = {terms[0]}.to({kind}{bits})"
    exact = EXACT if line.value.dtype == torch.float32 and line.value.vector else DOUBLE
    return f"{_term(line.value)} = {(exact | SPELLED)[line.name].format(*terms)}"


def _term(value: Value | Literal) -> str:
    if isinstance(value, Value):
        return f"x{value.place}"
    if not value.dtype.is_floating_point:
        return repr(int(value.number))
    return f"tl.full((), {_number(float(value.number))}, {TYPES[value.dtype]})"


def _number(number: float) -> str:
    return repr(number) if abs(number) < float("inf") else f'float("{number}")'
