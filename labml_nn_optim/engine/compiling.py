"""
# The annotated step, compiled

An update rule is some eight small operations on each number of a parameter. Run one by one, each of
them fetches all numbers from memory and puts them back, and that is where the time goes. A compiler
can do all of them in one pass. `torch.compile` is such a compiler, and it reads the very methods
that you read: there is no second, faster copy of any formula that could disagree with the page.

Three things need care.

**Numbers that change.** The bias corrections are other numbers at each step, and a compiler takes a
Python number for a constant. So they travel as one small tensor in double precision, and the
compiled code is the same for all steps, all step sizes, all β.

**Branches.** The switches in a group are constants: the compiler follows the one branch that they
choose. Branches that depend on the count of steps are [a matter of their own](capturing.py).

**Shapes.** The update is elementwise, so any tensor is one long row of numbers. The compiled code
is for rows of any length, in lines of sixteen numbers: what a processor takes at once. Where the
length is no multiple of sixteen, another program does without that.
"""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from numbers import Real
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from labml_nn_optim.engine.capturing import Case, step_in_each_case
from labml_nn_optim.engine.probing import Step, check_elementwise
from labml_nn_optim.engine.shortcut import Shortcut, trusting_the_processor

if TYPE_CHECKING:
    from labml_nn_optim.generic import GenericAdaptiveOptimizer

Kernel = Callable[[Tensor, list[Tensor], Tensor, Tensor], None]
Constants = tuple[tuple[str, Any], ...]
Names = tuple[tuple[str, int], ...]

# How many 32-bit numbers the widest processors take at once.
LINE = 16


class Recipe(NamedTuple):
    """
    ## What one compiled step depends on

    Two parameters with the same recipe share the compiled code, in all optimizers of a process.

    * `optimizer` is the class whose `step_param` is compiled
    * `cases` are the groups that the step may be taken with; more than one only with `capturable`.
      Of each, the constants: entries that the code may branch on, which are switches, integers, and
      numbers that are exactly zero, since "no weight decay" is a branch. And the names of the other
      numbers, with the count of those that come in pairs, such as `betas`
    * `state` are the names of the running means
    * `dtype` is that of the parameter and its gradient
    * `device` is the type of device they are on
    * `line` is the number of columns of all tensors: `LINE`, or 1 where that does not fit
    * `threads` is how many of torch's threads share the work
    """

    optimizer: "type[GenericAdaptiveOptimizer]"
    cases: tuple[tuple[Constants, Names], ...]
    state: tuple[str, ...]
    dtype: torch.dtype
    device: str
    line: int
    threads: int


class CompilerError(RuntimeError):
    """## The compiler is missing, or does not understand a method"""


_kernels: dict[Recipe, Kernel] = {}
# Two threads that compile at once would catch each other's code.
_one_at_a_time = threading.Lock()


def split_numbers(
    group: dict[str, Any], ask: bool = True
) -> tuple[Constants, Names, list[float | Tensor]]:
    """
    ## Split a group into constants, names of numbers, and numbers

    What is neither, such as a list or a name, is left out; an update rule has no use for it. Unless
    `ask`, a tensor is not asked whether it is zero.
    """
    constants: list[tuple[str, Any]] = []
    names: list[tuple[str, int]] = []
    numbers: list[float | Tensor] = []
    for name, value in group.items():
        if isinstance(value, (tuple, list)):
            if name != "params" and value and all(map(_is_number, value)):
                names.append((name, len(value)))
                numbers += value
        elif value is None or isinstance(value, (bool, int)):
            constants.append((name, value))
        elif not _is_number(value):
            continue
        elif (ask or not isinstance(value, Tensor)) and value == 0:
            constants.append((name, 0.0))
        else:
            names.append((name, 0))
            numbers.append(value)
    return tuple(constants), tuple(names), numbers


def _is_number(value: Any) -> bool:
    """## Whether a value is one number: Python's, NumPy's, or torch's"""
    return value.numel() == 1 if isinstance(value, Tensor) else isinstance(value, (float, Real))


def kernel_for(recipe: Recipe) -> Kernel:
    """
    ## The compiled step of a recipe

    Compiles at first use, on a few numbers of its own: if that fails, no parameter has been
    touched.

    Raises `CompilerError` with the compiler's own words.
    """
    if recipe not in _kernels:
        with _one_at_a_time:
            if recipe not in _kernels:
                _kernels[recipe] = _compiled(recipe)
    return _kernels[recipe]


def _compiled(recipe: Recipe) -> Kernel:
    """## Compile; at the second attempt, with all precautions"""
    try:
        try:
            return _compile(recipe, trusting_the_processor)
        except Exception:
            return _compile(recipe, nullcontext)
    except Exception as error:
        raise CompilerError(_reason(error)) from error


def _compile(recipe: Recipe, care: Callable[[], AbstractContextManager[None]]) -> Kernel:
    """## Compile, by taking a step with a parameter that nobody uses"""
    step = _step_of(recipe)
    numbers, means, grad, param = _example(recipe)
    for chosen in _choices(recipe, numbers):
        check_elementwise(step, chosen, recipe.state, recipe.dtype, recipe.device)
    kernel, shortcut = _to_be_compiled(step, recipe), Shortcut()
    with warnings.catch_warnings(), care(), shortcut.watching():
        # Torch's compiler uses parts of torch that torch deprecates.
        warnings.simplefilter("ignore")
        kernel(numbers, means, grad, param)
    shortcut.learn(numbers, means, grad, param)
    # On a GPU the compiler may rely on what it checks before each call.
    return shortcut if recipe.device == "cpu" and shortcut.is_known else kernel


def _choices(recipe: Recipe, numbers: Tensor) -> Iterator[Tensor]:
    """## The numbers of a step, with each of its cases chosen in turn"""
    count = len(recipe.cases)
    for case in range(count):
        chosen = numbers.clone()
        if count > 1:
            # The last numbers say which case it is.
            chosen[-count:] = 0
            chosen[case - count] = 1
        yield chosen


def _step_of(recipe: Recipe) -> Step:
    """## A call of `step_param`, with its numbers in a tensor"""
    # An optimizer without parameters: the hooks take all they need from their arguments.
    optimizer = recipe.optimizer.__new__(recipe.optimizer)

    def step(numbers: Tensor, state: dict[str, Tensor], grad: Tensor, param: Tensor) -> None:
        values = iter(numbers.unbind())
        groups = [_group(constants, names, values) for constants, names in recipe.cases]
        cases = [Case(None, groups[0])]
        if len(groups) > 1:
            cases = [Case(next(values) != 0, group) for group in groups]
        step_in_each_case(optimizer, cases, state, grad, param)

    return step


def _to_be_compiled(step: Step, recipe: Recipe) -> Kernel:
    """## Hand a step to the compiler"""

    def fused_step(numbers: Tensor, means: list[Tensor], grad: Tensor, param: Tensor) -> None:
        step(numbers, dict(zip(recipe.state, means, strict=True)), grad, param)

    # The compiler counts how often it had to compile a piece of code, and gives up at eight. Each
    # recipe is a piece of its own.
    own = FunctionType(
        _named(fused_step.__code__, recipe), globals(), closure=fused_step.__closure__
    )
    return torch.compile(own, fullgraph=True, dynamic=True)


def _group(constants: Constants, names: Names, values: Iterator[Tensor]) -> dict[str, Any]:
    """## The group of one case"""
    group: dict[str, Any] = dict(constants)
    for name, count in names:
        pair = tuple([next(values) for _ in range(count)])
        group[name] = pair if count else next(values)
    return group


def _named(code: CodeType, recipe: Recipe) -> CodeType:
    """## A copy of a piece of code, under the name that profilers will show"""
    return code.replace(co_name=f"fused_{recipe.optimizer.__name__}_step")


def _example(recipe: Recipe) -> tuple[Tensor, list[Tensor], Tensor, Tensor]:
    """## Arguments that are like all others of a recipe"""
    # Long enough for the compiler to find it worth sharing among the processor's cores.
    shape = (2**18 // recipe.line, recipe.line)
    flags = len(recipe.cases) if len(recipe.cases) > 1 else 0
    count = flags + sum(count or 1 for _, names in recipe.cases for _, count in names)
    numbers = torch.full((count,), 0.5, dtype=torch.float64, device=recipe.device)
    wide = torch.promote_types(recipe.dtype, torch.float32)
    means = [torch.ones(shape, dtype=wide, device=recipe.device) for _ in recipe.state]
    grad, param = (torch.ones(shape, dtype=recipe.dtype, device=recipe.device) for _ in range(2))
    for tensor in (*means, grad, param):
        torch._dynamo.mark_static(tensor, 1)
    return numbers, means, grad, param


def _reason(error: Exception) -> str:
    """## What a compiler complains of: the first line that says something, and the detail"""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.endswith("raised:")]
    detail = [line for line in said[1:] if line.startswith("Developer debug context:")]
    return ": ".join([*said[:1], *(line.split(": ", 1)[1] for line in detail)]) or repr(error)
