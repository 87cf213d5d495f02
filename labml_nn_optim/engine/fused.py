"""
# A step, executed

With `fused=True`, or by default where it is worth the while, the step of a group is one call of [a
compiled function](running.py) over [a table](table.py) of its tensors. First everything is read,
traced, compiled and checked; only then does the first parameter move.

Some work is left to the plain step. It is what cannot be a row of the table; a step of size zero;
and the first steps of RAdam and AdaBelief, before rectification begins, unless they are [for a
graph](capturing.py). The result is the same, to rounding.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import is_, itemgetter
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.graph import increment_version

from labml_nn_optim.checks import check_tensors
from labml_nn_optim.engine.capturing import cases_of
from labml_nn_optim.engine.private import add_one_to_each
from labml_nn_optim.engine.programs import Cases, Recipe, program_for, split_numbers
from labml_nn_optim.engine.running import Numbers, Program
from labml_nn_optim.engine.table import Reader, Table
from labml_nn_optim.rule import Group, Rule, State, Work, memory_of, next_step, settled, switches_of

# With `fused=None`, groups from this size on are worth the tenth of a second that compiling takes.
WORTH_COMPILING = 2**14


class Batch(NamedTuple):
    """
    ## Rows that take a step by the same lines

    * `cases` are the groups that the step may be taken with, without their numbers
    * `numbers` are theirs: a set for each that the table names, or on a device a column for each
      row
    """

    cases: Cases
    table: Table
    numbers: Numbers


class Job(NamedTuple):
    """
    ## One call of a compiled function

    * `changed` are the parameters that it changes; autograd has to know
    * `uncounted` are the counts of steps that it does not keep itself
    """

    program: Program
    batch: Batch
    changed: list[Tensor]
    uncounted: list[Tensor]


class FusedStep:
    """
    ## The compiled step of one optimizer

    Holds what can be made again at any time, and no tensor of the model: it is neither saved nor
    copied with the optimizer, and keeps no memory alive.

    * `plain` says, for each group that is not compiled, or not all of it, why
    * `compiled` are the groups of which something is compiled
    """

    def __init__(self) -> None:
        self.plain: dict[int, str] = {}
        self.compiled: set[int] = set()
        self._readers: dict[int, Reader] = {}
        # What a program keeps for the tables of a group
        self._kept: dict[int, dict[Any, Any]] = {}
        # The switches and parameters of a group at the step before, and the names in their memory
        self._known: dict[int, Any] = {}

    def said(self, index: int, group: Group) -> str:
        """### How the step of a group is executed, in words"""
        if group["fused"] is False:
            return "plain, as asked"
        plain = self.plain.get(index)
        if index in self.compiled:
            return f"compiled, but for {plain}" if plain else "compiled"
        return f"plain: {plain}" if plain else "to be chosen at the first step"

    def take(self, rule: Rule, work: Work) -> Work:
        """
        ### Take one step, and return the work that is left for the plain step

        Raises `RuntimeError` when a group insists on `fused=True` and its step cannot be compiled.
        """
        indices = {id(group): i for i, group in enumerate(rule.param_groups)}
        left: Work = []
        jobs: list[tuple[int, Job]] = []
        made: list[tuple[Tensor, State]] = []
        try:
            for group, params, grads in work:
                index = indices[id(group)]
                undone: Sequence[int] = range(len(params))
                if params and self._is_worth_it(index, group, params):
                    undone = self._prepare(rule, index, (group, params, grads), jobs, made)
                if undone:
                    left.append((group, [params[i] for i in undone], [grads[i] for i in undone]))
            for group, params, grads in left:
                check_tensors(rule, group, params, grads)
        except BaseException:
            for param, before in made:
                _restore(rule, param, before)
            raise
        for index, job in jobs:
            add_one_to_each(job.uncounted)
            kept = self._kept.setdefault(index, {})
            job.program.run(job.batch.table, job.batch.numbers, kept)
            increment_version(job.changed)
        return left

    def _is_worth_it(self, index: int, group: Group, params: list[Tensor]) -> bool:
        """### Whether a group is to be compiled"""
        if group["fused"] is None and index not in self.compiled:
            size = sum(map(Tensor.numel, params))
            if size < WORTH_COMPILING:
                self.plain[index] = f"{size:,} numbers are too few to be worth compiling for"
                return False
        return group["fused"] is not False

    def _prepare(
        self,
        rule: Rule,
        index: int,
        work: tuple[Group, list[Tensor], list[Tensor]],
        jobs: list[tuple[int, Job]],
        made: list[tuple[Tensor, State]],
    ) -> Sequence[int]:
        """### Get the calls for a group ready, and return the places that are left over"""
        group, params, grads = work
        self.plain.pop(index, None)
        self.compiled.discard(index)
        known = switches_of(group), [*map(id, params)]
        if self._known.get(index, ())[:2] != known:
            self._known[index] = (*known, *keys_of(rule, group, params))
            self._readers[index] = Reader()  # so that all is checked anew
        keys, reason = self._known[index][2:]
        if reason:
            refuse_if_asked(rule, group, reason)
            self.plain[index] = reason
            return range(len(params))
        steps, *means = with_memory(rule, group, params, keys, made)
        tables, left = self._readers[index].read(
            [params, grads, *means], steps, lambda: check_tensors(rule, group, params, grads)
        )
        done: set[int] = set()
        for table in tables:
            dtypes = tuple(zip(("param", "grad", *keys), table.dtypes, strict=True))
            for batch in _batches(rule, group, table, steps):
                places = batch.table.places
                program = program_for(Recipe(type(rule), batch.cases, dtypes, table.device.type))
                if isinstance(program, Exception):
                    reason = f"cannot be compiled: {program}"
                    refuse_if_asked(rule, group, reason, program)
                    left.update(dict.fromkeys(places, reason))
                    continue
                uncounted = [] if batch.table.counted else [steps[place] for place in places]
                changed = params if len(places) == len(params) else [params[p] for p in places]
                jobs.append((index, Job(program, batch, changed, uncounted)))
                self.compiled.add(index)
                done.update(places)
        if left:
            some = f"{len(left)} of {len(params)} parameters: " if len(left) < len(params) else ""
            self.plain[index] = some + next(iter(left.values()))
        return [*{*range(len(params))}.difference(done)] if len(done) < len(params) else ()


def refuse_if_asked(rule: Rule, group: Group, reason: str, error: Exception | None = None) -> None:
    """## Raise `RuntimeError` if a group insists on a compiled step, which there cannot be"""
    if group["fused"]:
        raise RuntimeError(
            f"fused=True, but the step of {type(rule).__name__} is plain: {reason}. Nothing has "
            "changed. Use fused=False or None, for the plain step"
        ) from error


def keys_of(rule: Rule, group: Group, params: list[Tensor]) -> tuple[list[str], str]:
    """## The names of the running means, and why they cannot be taken together, if they cannot"""
    switches = switches_of(group)
    memories = {id(each): each for p in params if (each := memory_of(rule, group, p, switches))}
    known = [*memories.values()]
    keys = [key for key in known[0] if key != "step"] if known else []
    unfit = [key for memory in known for key, kind in memory.items() if key != "step" and not kind]
    if unfit:
        return keys, f"state['{unfit[0]}'] has another shape than its parameter"
    if not known or any({*memory} != {"step", *keys} for memory in known):
        return keys, "init_state makes another memory for one parameter than for another"
    return keys, ""


def with_memory(
    rule: Rule,
    group: Group,
    params: list[Tensor],
    keys: list[str],
    made: list[tuple[Tensor, State]],
) -> Iterator[list[Tensor]]:
    """
    ## The counts of steps of all parameters, and each of their running means, as lists

    What is missing is made, and noted in `made`.
    """
    state = rule.state
    for _ in range(2):
        known = len(state) == len(params) and all(map(is_, state, params))
        states = [*state.values()] if known else [*map(state.get, params)]
        with suppress(TypeError, KeyError):
            columns = [[*map(itemgetter(key), states)] for key in ("step", *keys)]
            if not group["capturable"] or all(
                step.device == param.device for step, param in zip(columns[0], params, strict=True)
            ):
                break
        for param in params:
            made.append((param, dict(state.get(param, {}))))
            # What outlives this step must not be made for inference only.
            with torch.inference_mode(False), torch.no_grad():
                rule.init_state(state[param], group, param)
    return iter(columns)


def _restore(rule: Rule, param: Tensor, before: State) -> None:
    """## Leave no trace of memory that was made for a step that was refused"""
    rule.state[param].clear()
    rule.state[param].update(before)
    if not before:
        del rule.state[param]


def _batches(rule: Rule, group: Group, table: Table, steps: list[Tensor]) -> Iterator[Batch]:
    """## The numbers of the next step, and which rows go by the same lines"""
    if group["capturable"]:
        yield from _captured(rule, group, table, steps)
        return
    given = settled(group)
    found: dict[Cases, tuple[list[list[int]], list[list[float]]]] = {}
    for taken, rows in _by_count(table, steps).items():
        at_step = rule.at_step(given, next_step(taken))
        absent = any(value is None and name not in group for name, value in at_step.items())
        if absent or at_step["lr"] == 0:
            continue
        constants, names, numbers = split_numbers(at_step, rule.defaults, group)
        parts, sets = found.setdefault(((constants, names),), ([], []))
        parts.append(rows)
        sets.append([*map(float, numbers)])
    for cases, (parts, sets) in found.items():
        yield Batch(cases, table.only(parts), sets)


def _by_count(table: Table, steps: list[Tensor]) -> dict[float, list[int]]:
    """## The rows of a table, by how many steps they have taken"""
    counts = table.taken or [steps[place].item() for place in table.places]
    if len({*counts}) == 1:
        return {counts[0]: [*range(len(counts))]}
    found: dict[float, list[int]] = {}
    for row, taken in enumerate(counts):  # some have joined late, or missed a step
        found.setdefault(taken, []).append(row)
    return found


def _captured(rule: Rule, group: Group, table: Table, steps: list[Tensor]) -> Iterator[Batch]:
    """## The same, with numbers that the device computes from the counts"""
    device, rows = table.device, table.rows
    t = torch.stack([steps[place].reshape(()) for place in table.places]) + 1
    cases = cases_of(rule, settled(group, device), t)
    if isinstance(cases[0].group["lr"], float) and cases[0].group["lr"] == 0:
        return
    split = [split_numbers(case.group, rule.defaults, group, t) for case in cases]
    numbers = [number for *_, each in split for number in each]
    flags = [case.chosen for case in cases if case.chosen is not None]
    options: dict[str, Any] = {"dtype": torch.float64, "device": device}
    # What is one number for all is filled in by the device; a copy would not be recorded.
    columns = [
        number.to(**options).expand(rows)
        if isinstance(number, Tensor)
        else torch.full((rows,), float(number), **options)
        for number in (*numbers, *flags)
    ]
    together = torch.stack(columns) if columns else torch.zeros((0, rows), **options)
    own = table.only([[row] for row in range(rows)])
    yield Batch(tuple((constants, names) for constants, names, _ in split), own, together)
