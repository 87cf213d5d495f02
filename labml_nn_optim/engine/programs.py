"""
# A traced, printed and tried step

What one function can do depends on the class whose rule it is, on the switches, and on the types of
the tensors. For each such *recipe* the rule is [traced](tracing.py), printed and compiled once in a
process, and serves all optimizers in it.

**It is tried before it is used.** On a few numbers of its own, the function must do what the plain
step does, on this machine, with this compiler, with this version of torch. If not, no parameter has
been touched, and the plain step goes on.
"""

import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from numbers import Real
from typing import Any, NamedTuple

import torch
from torch import Tensor

from labml_nn_optim.engine.capturing import step_in_each_case
from labml_nn_optim.engine.reading import Reader
from labml_nn_optim.engine.running import OnCPU, OnCUDA, Program
from labml_nn_optim.engine.tracing import Trace, trace
from labml_nn_optim.rule import SWITCHES, Group, Rule, State

Constants = tuple[tuple[str, Any], ...]
Names = tuple[tuple[str, int], ...]
# The groups that a step may be taken with, without their numbers
Cases = tuple[tuple[Constants, Names], ...]


class Recipe(NamedTuple):
    """
    ## What one compiled step depends on

    * `rule` is the class whose `step_param` is traced
    * `cases` are the groups that the step may be taken with; more than one only with `capturable`.
      Of each, the constants: switches, integers that the class declares, and numbers that are
      exactly zero, since "no weight decay" is a branch. And the names of the other numbers, with
      the count of those that come in pairs, such as `betas`
    * `dtypes` are the types of `param`, `grad` and the running means, by name
    * `device` is the type of device they are on
    """

    rule: type[Rule]
    cases: Cases
    dtypes: tuple[tuple[str, torch.dtype], ...]
    device: str


_programs: dict[Recipe, Program | Exception] = {}
_one_at_a_time = threading.Lock()


def program_for(recipe: Recipe) -> Program | Exception:
    """
    ## The compiled step of a recipe, or what stands in the way

    (An exception that is kept must not be raised: it would keep all that it has passed through.)
    """
    if recipe not in _programs:
        with _one_at_a_time:
            if recipe not in _programs:
                try:
                    _programs[recipe] = _made(recipe)
                except Exception as error:
                    _programs[recipe] = error.with_traceback(None)
    return _programs[recipe]


def split_numbers(
    group: Group, declared: dict[str, Any], given: Group, counts: Tensor | None = None
) -> tuple[Constants, Names, list[float | Tensor]]:
    """
    ## Split a group into constants, names of numbers, and numbers

    An integer is a constant only if the class has one of that name among its `declared` defaults,
    or computes it at each step, so that it is not in the group as it was `given`. A training loop
    may keep its own count in a group; that is a number like any other. What is neither, such as a
    list or a name, is left out.

    With `counts`, a tensor may hold a number for each of these counts of steps, and is not asked
    whether it is zero.
    """
    constants: list[tuple[str, Any]] = []
    names: list[tuple[str, int]] = []
    numbers: list[float | Tensor] = []
    for name, value in group.items():
        if name in ("params", "fused"):  # what is moved, and how: not what is computed
            continue
        is_whole = isinstance(value, int) and (
            isinstance(declared.get(name), int) or name not in given
        )
        if is_whole or type(value) in SWITCHES:
            constants.append((name, value))
        elif isinstance(value, (tuple, list)) and value and all(map(_is_number, value)):
            names.append((name, len(value)))
            numbers += value
        elif counts is not None and isinstance(value, Tensor):
            if value.dim() == 0 or (value.shape == counts.shape and value is not given.get(name)):
                names.append((name, 0))
                numbers.append(value)
        elif _is_number(value) and value == 0:
            constants.append((name, 0.0))
        elif _is_number(value):
            names.append((name, 0))
            numbers.append(value)
    return tuple(constants), tuple(names), numbers


def _is_number(value: Any) -> bool:
    """## Whether a value is one number: Python's, NumPy's, or torch's"""
    return isinstance(value, (float, Real)) or (isinstance(value, Tensor) and value.dim() == 0)


def traced(recipe: Recipe) -> Trace:
    """## The trace of a recipe: what is printed"""
    # An optimizer without parameters: the hooks take all they need from their arguments.
    rule = recipe.rule.__new__(recipe.rule)

    def step(numbers: Sequence[Any], state: State, grad: Tensor, param: Tensor) -> None:
        values = iter(numbers)
        groups = _groups(recipe, values)
        cases = [(next(values) > 0.0 if len(groups) > 1 else None, group) for group in groups]
        step_in_each_case(rule, cases, state, grad, param)

    flags = len(recipe.cases) if len(recipe.cases) > 1 else 0
    return trace(step, _count(recipe) + flags, dict(recipe.dtypes))


def _made(recipe: Recipe) -> Program:
    """## Trace, print, compile, and try"""
    program: Program = (OnCPU if recipe.device == "cpu" else OnCUDA)(traced(recipe))
    for chosen in range(len(recipe.cases)):
        _try(program, recipe, chosen)
    return program


def _count(recipe: Recipe) -> int:
    return sum(size or 1 for _, names in recipe.cases for _, size in names)


def _groups(recipe: Recipe, values: Iterator[Any]) -> list[Group]:
    """## The group of each case, with these numbers"""
    return [
        {
            **dict(constants),
            **{n: tuple(islice(values, count)) if count else next(values) for n, count in names},
        }
        for constants, names in recipe.cases
    ]


def _try(program: Program, recipe: Recipe, chosen: int) -> None:
    """
    ## Take one step on a few numbers, compiled and plainly

    Raises `RuntimeError` if they differ by more than rounding.
    """
    random = torch.Generator().manual_seed(chosen)
    options: dict[str, Any] = {"generator": random, "dtype": torch.float64}
    numbers = (0.25 + 0.5 * torch.rand(_count(recipe), **options)).tolist()
    group = _groups(recipe, iter(numbers))[chosen]
    ours = [
        [(0.25 + torch.rand(size, generator=random)).to(recipe.device, kind) for size in (1003, 7)]
        for _, kind in recipe.dtypes
    ]
    plain = [[tensor.clone() for tensor in column] for column in ours]
    rule, names = recipe.rule.__new__(recipe.rule), [name for name, _ in recipe.dtypes]
    with torch.no_grad():
        for param, grad, *means in zip(*plain, strict=True):
            rule._step_real(dict(zip(names[2:], means, strict=True)), group, grad, param)
    reader, counts = Reader(2, names[2:]), [torch.tensor(0.0, device="cpu") for _ in range(2)]
    reader.look([*ours, counts])
    if len(recipe.cases) > 1:
        numbers += [float(case == chosen) for case in range(len(recipe.cases))]
    program.run(reader.table(ours[0][0].device, [range(2)]), [numbers], {})
    for (name, dtype), *columns in zip(recipe.dtypes, ours, plain, strict=True):
        _compare(name, torch.promote_types(recipe.dtypes[0][1], torch.float32), dtype, *columns)


def _compare(
    name: str, wide: torch.dtype, kept: torch.dtype, ours: list[Tensor], plain: list[Tensor]
) -> None:
    """## Raise `RuntimeError` if two steps differ by more than rounding"""
    # Some roundings of what it was computed in, and one of what it is kept in.
    exact = max(64 * torch.finfo(wide).eps, 2 * torch.finfo(kept).eps)
    a, b = torch.cat(ours), torch.cat(plain)
    if not torch.allclose(a, b, rtol=exact, atol=exact, equal_nan=True):
        raise RuntimeError(
            f"the compiled step does not do what the plain step does: {name} differs by "
            f"{(a.double() - b.double()).abs().max().item():.2g} after one step on example numbers"
        )
