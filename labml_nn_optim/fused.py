"""
# A step, compiled

With `fused=True`, or where it is worth the while, a step takes the parameters of each group as
[long rows](rows.py) and updates them with [the compiled rule](compiling.py). First everything is
lined up and compiled; only then does the first parameter move.

What cannot be lined up is left to the plain step: tensors of a foreign kind, complex or distributed
parameters with gaps between their numbers, a single number on its own, the first steps of RAdam,
before its rectification begins, and steps of size zero. The result is the same, to rounding.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from labml_nn_optim.compiling import CompilerError, Kernel, Recipe, kernel_for, split_numbers
from labml_nn_optim.layout import is_dense, is_distributed, real
from labml_nn_optim.rows import ROW, Bucket, Row, Scratch

if TYPE_CHECKING:
    from labml_nn_optim.generic import GenericAdaptiveOptimizer

Group = dict[str, Any]
Work = list[tuple[Group, Tensor, Tensor]]

# A parameter below this size costs less to copy than to start the compiled code for.
SMALL = 2**15
# With `fused=None`, groups from this size on are worth the seconds that compiling takes.
WORTH_COMPILING = 2**20


class FusedStep:
    """
    ## The compiled step of one optimizer

    Holds what can be made again at any time: it is neither saved nor copied with the optimizer.

    * `plain` says, for each group that is not compiled, why
    """

    def __init__(self, optimizer: "GenericAdaptiveOptimizer") -> None:
        self.optimizer = optimizer
        self.plain: dict[int, str] = {}
        self._plans: dict[int, Plan] = {}
        self._scratch = Scratch()

    def take(self, work: Work) -> Work:
        """
        ### Take one step, and return the work that is left for the plain step

        Raises `RuntimeError` when a group insists on `fused=True` and its step cannot be compiled.
        """
        indices = {id(group): i for i, group in enumerate(self.optimizer.param_groups)}
        parts = [list(part) for _, part in groupby(work, key=lambda item: id(item[0]))]
        left: Work = []
        jobs: list[tuple[Row, tuple[Kernel, Tensor], list[Tensor]]] = []
        for part in parts:
            index = indices[id(part[0][0])]
            try:
                plan = self._plan(index, part)
                kernels = [self._kernel(plan, part[0][0], row) for row in plan.rows]
            except CompilerError as error:
                self._give_up(index, part, error)
                plan, kernels = Plan(self.optimizer, part, fuse=False), []
            left.extend(part[i] for i in plan.plain)
            for row, places, ready in zip(plan.rows, plan.places, kernels, strict=True):
                if ready is None:
                    left.extend(part[i] for i in places)
                else:
                    jobs.append((row, ready, [part[i][2] for i in places]))
        for row, _, grads in jobs:
            row.prepare(self.optimizer, self._scratch)
            row.check(grads)
        if jobs:
            torch._foreach_add_([row.counter for row, _, _ in jobs], 1)
        for row, (kernel, numbers), grads in jobs:
            row.run(kernel, numbers, grads)
        return left

    def _plan(self, index: int, part: Work) -> "Plan":
        """### The plan of a group, made anew if something has changed"""
        plan = self._plans.get(index)
        if plan is None or not plan.fits(part):
            if plan is not None:
                plan.dissolve()
            fuse = self._wanted(index, part)
            plan = self._plans[index] = Plan(self.optimizer, part, fuse)
        plan.at.clear()
        return plan

    def _wanted(self, index: int, part: Work) -> bool:
        """### Whether to compile the step of a group; if not, `plain` says why"""
        fused = part[0][0]["fused"]
        size = sum(param.numel() for _, param, _ in part)
        if fused is None and size < WORTH_COMPILING:
            self.plain[index] = f"{size:,} numbers are too few to be worth compiling for"
        elif fused or not self.plain.get(index, "").startswith("cannot"):
            self.plain.pop(index, None)
        return fused is not False and index not in self.plain

    def _kernel(self, plan: "Plan", group: Group, row: Row) -> "tuple[Kernel, Tensor] | None":
        """### The compiled rule for the next step of a row, and its numbers"""
        t, param = row.steps_taken() + 1, row.params[0]
        key = (t, param.dtype, param.device, row.line)
        if key not in plan.at:
            plan.at[key] = None
            at_step = self.optimizer.at_step(group, t)
            absent = any(value is None and name not in group for name, value in at_step.items())
            if not absent and at_step["lr"] != 0:
                constants, names, numbers = split_numbers(at_step)
                dtype = real(param).dtype
                device, threads = param.device.type, torch.get_num_threads()
                shape = (row.keys, dtype, device, row.line, threads)
                recipe = Recipe(type(self.optimizer), constants, names, *shape)
                values = torch.tensor(numbers, dtype=torch.float64, device=param.device)
                plan.at[key] = kernel_for(recipe), values
        return plan.at[key]

    def _give_up(self, index: int, part: Work, error: CompilerError) -> None:
        """### Without a compiler: say so, or go on without"""
        plan = self._plans.pop(index, None)
        if plan is not None:
            plan.dissolve()
        for _, param, _ in part:
            if not self.optimizer.state[param]:
                del self.optimizer.state[param]
        if part[0][0]["fused"]:
            raise RuntimeError(
                f"fused=True, but the step of {type(self.optimizer).__name__} cannot be compiled: "
                f"{error}. Nothing has changed. Use fused=False, the plain step, or make "
                "torch.compile work here; on a CPU it needs a C++ compiler such as g++"
            ) from error
        self.plain[index] = f"cannot be compiled: {error}"


class Plan:
    """
    ## How the parameters of one group are lined up

    Holds for as long as the same parameters have gradients and the switches stay as they are.

    * `rows` are the rows to update, and `places` the positions of their parameters among the
      group's
    * `plain` are the positions of those that are left over
    * `at` holds the compiled rule and its numbers for each t, during a step
    """

    def __init__(self, optimizer: "GenericAdaptiveOptimizer", part: Work, fuse: bool) -> None:
        group = part[0][0]
        self.switches = switches_of(group)
        self.params = [param for _, param, _ in part]
        self.state = optimizer.state
        self.at: dict[Any, tuple[Kernel, Tensor] | None] = {}
        self.rows: list[Row] = []
        self.places: list[list[int]] = []
        self.plain: list[int] = []
        for places in line_up(self.params, optimizer) if fuse else [[*range(len(part))]]:
            params = [self.params[i] for i in places]
            if not fuse or not can_fuse(params):
                self.plain.extend(places)
                continue
            kind = Row if len(params) == 1 and not is_small(params[0]) else Bucket
            keys = state_names(optimizer, group, params[0])
            self.rows.append(kind(params, [optimizer.state[p] for p in params], keys, group))
            self.places.append(places)

    def fits(self, part: Work) -> bool:
        """### Whether nothing has changed since the plan was made"""
        return (
            len(part) == len(self.params)
            and all(item[1] is param for item, param in zip(part, self.params, strict=True))
            and self.switches == switches_of(part[0][0])
            and all(row.is_current(self.state) for row in self.rows)
        )

    def dissolve(self) -> None:
        """### Give all parameters memory of their own again"""
        for row in self.rows:
            row.dissolve()


def switches_of(group: Group) -> list[tuple[str, Any]]:
    """## What a plan depends on"""
    return [item for item in group.items() if item[1] is None or isinstance(item[1], bool)]


def line_up(params: list[Tensor], optimizer: "GenericAdaptiveOptimizer") -> Iterator[list[int]]:
    """
    ## The positions of the parameters of each row

    Those of one bucket share their type, their device and their number of steps, and fill about
    `ROW` numbers.
    """
    buckets: dict[Any, list[int]] = {}
    for i, param in enumerate(params):
        if not is_small(param):
            yield [i]
            continue
        key = (param.dtype, param.device, float(optimizer.state[param].get("step", 0)))
        bucket = buckets.setdefault(key, [])
        if bucket and sum(params[j].numel() for j in bucket) + param.numel() > ROW:
            yield bucket
            bucket = buckets[key] = []
        bucket.append(i)
    yield from buckets.values()


def is_small(param: Tensor) -> bool:
    """## Whether a parameter is better copied into a bucket, for its size or its gaps"""
    if type(param) not in (Tensor, torch.nn.Parameter) or param.is_complex():
        return False
    return param.numel() < SMALL or not is_dense(param)


def can_fuse(params: list[Tensor]) -> bool:
    """## Whether the parameters of a row can be updated as one"""
    known = type(params[0]) in (Tensor, torch.nn.Parameter) or is_distributed(params[0])
    if not known or params[0].device.type not in ("cpu", "cuda"):
        return False
    if is_small(params[0]):
        return sum(param.numel() for param in params) > 1
    numbers = real(params[0])
    return numbers.numel() > 1 and is_dense(numbers)


def state_names(
    optimizer: "GenericAdaptiveOptimizer", group: Group, param: Tensor
) -> tuple[str, ...]:
    """## The names of the running means that the switches of a group call for"""
    fresh: dict[str, Any] = {}
    optimizer.init_state(fresh, group, torch.zeros(1, dtype=param.dtype))
    return tuple(name for name in fresh if name != "step")
