"""
# Trace: what a step asks of torch

The annotated method is called once, with a few numbers of its own, while torch tells what it is
asked to do. What comes out is a list of some thirty lines, each an operation of [the
table](operations.py) on what earlier lines have computed. It is the whole step, and it is all that
the printers see: there is no second, faster copy of any formula that could disagree with the page.

**Numbers that change.** The bias corrections are other numbers at each step. They stand in the
trace as names, so one trace serves all steps, all step sizes, all β.

**Branches.** The switches in a group are constants: the trace follows the one branch that they
choose. Branches that depend on the count of steps are [a matter of their own](capturing.py).

**Shapes.** An elementwise update does with each number the same, whatever its neighbors are. A rule
that divides by the norm of a tensor, asks how many dimensions or numbers it has, or looks at a
value, is found out, with the name of the operation or the question that gave it away. A rule that
draws random numbers is, too, and has drawn none of those to come. The step is traced in a small
shape and in a large one, and must ask the same each time.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from labml_nn_optim.engine.capturing import AsNumbers
from labml_nn_optim.engine.operations import COPIES, OPERATIONS
from labml_nn_optim.engine.private import TorchDispatchMode
from labml_nn_optim.rule import State

# Takes the numbers of a step, the running means, the gradient and the parameter.
Step = Callable[[Sequence[Tensor], State, Tensor, Tensor], None]

SHAPES = ((6, 16), (70, 100, 3))


class NotElementwiseError(RuntimeError):
    """## A rule that does not go from number to number"""


class Value(NamedTuple):
    """
    ## What an input or a line of a trace stands for

    * `place` counts the values of a trace
    * `dtype` is its type
    * `vector` says whether it is another number for each number of the parameter; if not, it is
      computed once
    """

    place: int
    dtype: torch.dtype
    vector: bool


class Literal(NamedTuple):
    """## A number that is part of the rule"""

    number: float
    dtype: torch.dtype


class Line(NamedTuple):
    """
    ## One operation

    * `value` is its result
    * `name` is what it does, one of those in the table, or `convert` or `bitcast` to another type
    * `args` is what it does it to
    * `source` is the file and the line of the rule that asked for it
    """

    value: Value
    name: str
    args: tuple[Value | Literal, ...]
    source: tuple[str, int]


class Trace(NamedTuple):
    """
    ## A step, as a list of lines

    * `tensors` are the tensors it works on, by name: `param`, `grad`, and the running means
    * `numbers` are the numbers of step t
    * `outputs` are the tensors that it changes, and what becomes of them
    """

    tensors: dict[str, Value]
    numbers: list[Value]
    lines: list[Line]
    outputs: dict[str, Value | Literal]


def trace(step: Step, count: int, dtypes: dict[str, torch.dtype]) -> Trace:
    """
    ## Trace a step with `count` numbers, on tensors of these types

    Raises `NotElementwiseError` with the reason, and whatever the rule itself raises.
    """
    with torch.random.fork_rng(devices=[]):
        small, large = (_traced(step, count, dtypes, shape) for shape in SHAPES)
    if small != large:
        raise NotElementwiseError(
            "step_param is not elementwise: it does not do the same with tensors of shape "
            f"{[*SHAPES[0]]} and {[*SHAPES[1]]}"
        )
    return small


def _traced(
    step: Step, count: int, dtypes: dict[str, torch.dtype], shape: tuple[int, ...]
) -> Trace:
    """## Trace a step in one shape"""
    values = [torch.tensor(0.5, dtype=torch.float64, device="cpu") for _ in range(count)]
    tensors = {
        name: torch.full(shape, 0.5, dtype=dtype, device="cpu") for name, dtype in dtypes.items()
    }
    recorder = Recorder(torch.Size(shape))
    numbers = [recorder.read(value) for value in values]
    inputs = {name: recorder.read(tensor) for name, tensor in tensors.items()}
    state = {name: tensors[name] for name in tensors if name not in ("param", "grad")}
    before = dict(state)
    with torch.no_grad(), recorder, AsNumbers(), _Asking(recorder):
        step(values, state, tensors["grad"], tensors["param"])
    if recorder.refused:
        raise NotElementwiseError(recorder.refused)
    for name in before.keys() | state.keys():
        if state.get(name) is not before.get(name):
            raise NotElementwiseError(
                f"step_param replaces state['{name}']; it must update it in place"
            )
    results = {
        name: recorder.converted(recorder.value_of(t), t.dtype) for name, t in tensors.items()
    }
    outputs = {name: result for name, result in results.items() if result != inputs[name]}
    if "grad" in outputs:
        raise NotElementwiseError("step_param changes the gradient, which belongs to the model")
    return Trace(inputs, numbers, [*_needed(recorder.lines, outputs)], outputs)


def _needed(lines: list[Line], outputs: dict[str, Value | Literal]) -> Iterator[Line]:
    """## The lines that an output depends on"""
    wanted = {*outputs.values()}
    for line in reversed(lines):
        if line.value in wanted:
            wanted.update(line.args)
    return (line for line in lines if line.value in wanted)


class Recorder(TorchDispatchMode or object):  # type: ignore[misc]
    """
    ## Writes down what torch is asked to do

    Every tensor that the rule meets is known by what it holds. An operation in place changes what
    it holds; a view of another shape would hold a part of it, and is refused.
    """

    def __init__(self, shape: torch.Size) -> None:
        super().__init__()
        self.shape = shape
        self.lines: list[Line] = []
        self.refused = ""
        self._count = 0
        self._known: dict[str, Value] = {}
        # What each tensor holds, by where it lies. It is kept, so that no other comes to lie there.
        self._held: dict[int, tuple[Tensor, Value | Literal]] = {}

    def read(self, tensor: Tensor) -> Value:
        """### A new input"""
        value = self._new(tensor.dtype, tensor.dim() > 0)
        self._hold(tensor, value)
        return value

    def _hold(self, tensor: Tensor, value: Value | Literal) -> None:
        self._held[tensor.data_ptr()] = (tensor, value)

    def _new(self, dtype: torch.dtype, vector: bool) -> Value:
        self._count += 1
        return Value(self._count - 1, dtype, vector)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.promote_types.default:
            return result  # of types, not of tensors
        self._record(str(func), result, args, kwargs or {})
        return result

    def refuse(self, reason: str) -> NoReturn:
        """### Refuse a rule, even if it catches this"""
        self.refused = self.refused or reason
        raise NotElementwiseError(reason)

    def _record(self, func: str, result: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """### One operation: find what it is, and what its result stands for"""
        qualified = ".".join(func.split(".")[:2])
        name = qualified.removeprefix("aten.").rstrip("_")
        if kwargs.keys() - _UNDERSTOOD:
            unknown = ", ".join(sorted(kwargs.keys() - _UNDERSTOOD))
            self.refuse(f"step_param is not elementwise, because of {qualified} with {unknown}")
        if qualified == "aten._local_scalar_dense":
            self.refuse("step_param looks at the value of a tensor")
        is_another_type = qualified == "aten.view" and func.endswith(".dtype")
        if name in ("detach", "alias") or (is_another_type and result.shape == self.shape):
            return  # the same bits in the same place
        if name in COPIES:
            value: Any = self._copied(name, result, args)
        elif name in OPERATIONS and not result.is_complex():
            value = self._computed(name, result, args, kwargs)
        else:
            self.refuse(f"step_param is not elementwise, because of {qualified}")
        if isinstance(value, Value) and value.vector and result.shape != self.shape:
            self.refuse(f"step_param changes the shape of a tensor, by {qualified}")
        self._hold(result, self.converted(value, result.dtype))

    def _copied(self, name: str, result: Tensor, args: Any) -> Any:
        if name in ("copy", "fill"):
            return self._given(args[1])
        if name in ("zero", "empty_like"):
            return 0.0
        if name == "lift_fresh" and result.dim() == 0:
            return result.item()
        return self.value_of(args[0])

    def _computed(self, name: str, result: Tensor, args: Any, kwargs: dict[str, Any]) -> Any:
        """### The lines of an operation of the table"""
        answers = result.dtype == torch.bool
        self._dtype = torch.result_type(args[0], args[-1]) if answers else result.dtype
        if self._dtype in (torch.float16, torch.bfloat16):
            self._dtype = torch.float32  # as torch does, rounding once at the end
        factors: dict[str, Any] = {key: kwargs[key] for key in ("alpha", "value") if key in kwargs}
        return OPERATIONS[name](self.emit, *map(self._given, args), **factors)

    def _given(self, arg: Any) -> Any:
        return self.value_of(arg) if isinstance(arg, Tensor) else arg

    def value_of(self, tensor: Tensor) -> Value | Literal:
        """### What a tensor holds"""
        place = tensor.data_ptr()
        if place not in self._held:
            self.refuse("step_param computes with a tensor that is none of its arguments")
        value = self._held[place][1]
        return (
            value if value.dtype == tensor.dtype else self.emit("bitcast", value, to=tensor.dtype)
        )

    def converted(self, value: Any, dtype: torch.dtype) -> Value | Literal:
        """### A value in another type"""
        if not isinstance(value, Value):
            return Literal(value.number if isinstance(value, Literal) else value, dtype)
        return value if value.dtype == dtype else self.emit("convert", value, to=dtype)

    def emit(self, name: str, *args: Any, to: torch.dtype | None = None) -> Value:
        """### Write one line, unless it is there, and return its value"""
        result = to or (torch.bool if name in _ANSWERS else self._dtype)
        if to is None:
            plain = args[1:] if name == "where" else args
            typed = tuple(self.converted(each, self._dtype) for each in plain)
            args = (*args[: len(args) - len(plain)], *typed)
        written = repr((name, args, result))  # of which 0.0 and -0.0 are two
        if written not in self._known:
            vector = any(isinstance(each, Value) and each.vector for each in args)
            self._known[written] = self._new(result, vector)
            self.lines.append(Line(self._known[written], name, args, _caller()))
        return self._known[written]


class _Asking(TorchFunctionMode):
    """## Tells of a tensor its type and device, and refuses to tell how large it is"""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        asked = [*args, *(kwargs or {}).values()]
        if not isinstance(result, _TOLD) and any(isinstance(a, Tensor) and a.dim() for a in asked):
            name = (func.__self__ if func.__name__ == "__get__" else func).__name__
            self._recorder.refuse(
                f"step_param is not elementwise: it asks for the {name} of a tensor"
            )
        return result


_TOLD = (Tensor, bool, type(None), torch.dtype, torch.device, torch.layout)
# Factors, and what says where and in which type a result lies.
_UNDERSTOOD = {"alpha", "value", "out", "dtype", "layout", "device", "pin_memory",
               "memory_format", "non_blocking"}  # fmt: skip
_ANSWERS = ("lt", "le", "gt", "ge", "eq", "ne")
_HERE, _TORCH = str(Path(__file__).parent), str(Path(torch.__file__).parent)


def _caller() -> tuple[str, int]:
    """## The file and line of the rule that is being traced"""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith((_HERE, _TORCH)):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
