"""
# A step, compiled

With `fused=True`, or where it is worth the while, a step takes the parameters of each group as
[long rows](rows.py) and updates them with [the compiled rule](compiling.py). First everything is
lined up and compiled; only then does the first parameter move.

Some work is left to the plain step. It is what cannot be [lined up](plans.py): tensors of a foreign
kind or on another device than a CPU or CUDA, complex or distributed parameters with gaps between
their numbers, and a single number on its own. And it is steps of size zero, and the first steps of
RAdam and AdaBelief, before rectification begins, unless they are [for a graph](capturing.py). The
result is the same, to rounding.
"""

from collections.abc import Iterator
from operator import is_
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from labml_nn_optim.checks import check_fit
from labml_nn_optim.engine.capturing import cases_of, stacked
from labml_nn_optim.engine.compiling import (
    CompilerError,
    Constants,
    Kernel,
    Names,
    Recipe,
    kernel_for,
    split_numbers,
)
from labml_nn_optim.engine.plans import Plan
from labml_nn_optim.engine.rows import Row, Scratch

if TYPE_CHECKING:
    from labml_nn_optim.generic import GenericAdaptiveOptimizer, Work

Group = dict[str, Any]
# The compiled rule and its numbers; `None` where the plain step has to do it.
Ready = tuple[Kernel, Tensor] | None
# A plan, what is ready for its rows, and the gradients of its members.
Job = tuple[Plan, list[Ready], list[Tensor]]

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
        self._seen: list[Any] | None = None

    def said(self, index: int, group: Group) -> str:
        """### How the step of a group is executed, in words"""
        if group["fused"] is False:
            return "plain, as asked"
        if index in self.plain:
            return f"plain: {self.plain[index]}"
        plan = self._plans.get(index)
        if plan is not None and plan.plain and not plan.rows:
            return "plain: none of its parameters can be lined up"
        known = group["fused"] or self.optimizer.state
        return "compiled" if known else "to be chosen at the first step"

    def take(self, work: "Work") -> "Work":
        """
        ### Take one step, and return the work that is left for the plain step

        Raises `RuntimeError` when a group insists on `fused=True` and its step cannot be compiled.
        """
        if self._plans:
            self._drop_stale_plans()
        indices = {id(group): i for i, group in enumerate(self.optimizer.param_groups)}
        left: Work = []
        jobs: list[Job] = []
        plans: list[tuple[Plan, list[Ready]]] = []
        for group, params, grads in work:
            plan, ready = self._get_ready(indices[id(group)], group, params, grads)
            if plan is None:
                left.append((group, params, grads))
                continue
            plans.append((plan, ready))
            if undone := plan.left_over(ready):
                left.append((group, [params[i] for i in undone], [grads[i] for i in undone]))
            if any(ready):
                jobs.append((plan, ready, [grads[i] for i in plan.members]))
        self._check_what_is_new(work, left, jobs)
        for plan, _, grads in jobs:
            plan.prepare(self.optimizer, self._scratch)
            plan.check(grads)
        for plan, ready, _ in jobs:
            for counter in plan.counters(ready):
                # One step more, for all members at once.
                counter.add_(1)
        for plan, ready in plans:
            plan.expect(ready)
        for plan, ready, grads in jobs:
            for row, chosen in zip(plan.rows, ready, strict=True):
                if chosen is not None:
                    row.run(*chosen, grads[row.start : row.stop])
        return left

    def _check_what_is_new(self, work: "Work", left: "Work", jobs: list[Job]) -> None:
        """### Refuse gradients that do not fit, and leave no trace of the attempt"""
        fresh = [
            ([plan.params[i] for i in plan.members], grads)
            for plan, _, grads in jobs
            if plan.steps is None
        ]
        try:
            for params, grads in fresh + [(params, grads) for _, params, grads in left]:
                check_fit(self.optimizer, params, grads)
        except RuntimeError:
            self._forget_empty(work)
            raise

    def _drop_stale_plans(self) -> None:
        """### Forget the plans of parameters whose memory has been replaced"""
        state = self.optimizer.state
        seen = [*state.keys(), *state.values()]
        known = self._seen is not None and len(seen) == len(self._seen)
        if not known or not all(map(is_, seen, self._seen or ())):
            for index in [i for i, plan in self._plans.items() if not plan.owns(state)]:
                self._drop(index)
        self._seen = seen

    def _get_ready(
        self, index: int, group: Group, params: list[Tensor], grads: list[Tensor]
    ) -> tuple[Plan | None, list[Ready]]:
        """### The plan of a group, and the compiled rule for the next step of each of its rows"""
        if not self._wanted(index, group, params):
            self._drop(index)
            return None, []
        plan = self._plans.get(index)
        if plan is None or not plan.fits(group, params):
            self._drop(index)
            plan = self._plans[index] = Plan(self.optimizer, group, params)
            self._seen = None  # what was seen before does not vouch for this plan
        try:
            return plan, [*self._rules(plan, group, grads)]
        except CompilerError as error:
            self._give_up(index, group, params, error)
            return None, []

    def _wanted(self, index: int, group: Group, params: list[Tensor]) -> bool:
        """### Whether to compile the step of a group; if not, `plain` says why"""
        fused = group["fused"]
        if fused is None:
            size = sum(map(Tensor.numel, params))
            if size < WORTH_COMPILING:
                self.plain[index] = f"{size:,} numbers are too few to be worth compiling for"
                return False
        if fused or not self.plain.get(index, "").startswith("cannot"):
            self.plain.pop(index, None)
        return fused is not False and index not in self.plain

    def _drop(self, index: int) -> None:
        """### Forget the plan of a group, if there is one"""
        if index in self._plans:
            self._plans.pop(index).dissolve()

    def _rules(self, plan: Plan, group: Group, grads: list[Tensor]) -> Iterator[Ready]:
        """### The compiled rule for the next step of each row, and its numbers"""
        known: dict[Any, Ready] = {}
        for row, t, takes in zip(plan.rows, plan.next_steps(), plan.takes(grads), strict=True):
            if not takes:
                yield None
                continue
            key = (row.kind, t)
            if key not in known and group["capturable"]:
                known[key] = self._captured_rule(row, group, plan.counted(row))
            elif key not in known:
                known[key] = self._rule(row, group, t)
            yield known[key]

    def _rule(self, row: Row, group: Group, t: float) -> Ready:
        """### The compiled rule for step t of a row, and its numbers"""
        at_step = self.optimizer.at_step(group, t)
        absent = any(value is None and name not in group for name, value in at_step.items())
        if absent or at_step["lr"] == 0:
            return None
        constants, names, numbers = split_numbers(at_step)
        values = torch.tensor([*map(float, numbers)], dtype=torch.float64, device=row.kind[1])
        return kernel_for(self._recipe(row, ((constants, names),))), values

    def _captured_rule(self, row: Row, group: Group, t: Tensor) -> Ready:
        """### The same, with numbers that the device computes from t"""
        cases = cases_of(self.optimizer, group, t)
        if isinstance(cases[0].group["lr"], float) and cases[0].group["lr"] == 0:
            return None
        split = [split_numbers(case.group, ask=False) for case in cases]
        numbers = [number for *_, each in split for number in each]
        flags = [case.chosen for case in cases if case.chosen is not None]
        recipe = self._recipe(row, tuple((constants, names) for constants, names, _ in split))
        return kernel_for(recipe), stacked([*numbers, *flags], like=t)

    def _recipe(self, row: Row, cases: tuple[tuple[Constants, Names], ...]) -> Recipe:
        dtype, device, line = row.kind
        threads = torch.get_num_threads()
        return Recipe(type(self.optimizer), cases, row.keys, dtype, device.type, line, threads)

    def _forget_empty(self, work: "Work") -> None:
        """### Leave no trace of parameters that have no memory yet"""
        state = self.optimizer.state
        for _, params, _ in work:
            for param in params:
                if not state.get(param, True):
                    del state[param]

    def _give_up(
        self, index: int, group: Group, params: list[Tensor], error: CompilerError
    ) -> None:
        """### Without a compiler: say so, or go on without"""
        self._drop(index)
        self._forget_empty([(group, params, [])])
        if group["fused"]:
            raise RuntimeError(
                f"fused=True, but the step of {type(self.optimizer).__name__} cannot be compiled: "
                f"{error}. Nothing has changed. Use fused=False, the plain step. If it is the "
                "compiler that fails: on a CPU, torch.compile needs a C++ compiler such as g++"
            ) from error
        self.plain[index] = f"cannot be compiled: {error}"
