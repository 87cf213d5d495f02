"""
# A step, executed

With `fused=True`, or by default where it is worth the while, the step of a group is one call of [a
compiled function](running.py) over [a table](table.py) of its tensors. First everything is read,
traced, compiled and checked; only then does the first parameter move.

Some work is left to the plain step. It is what cannot be a row of the table; a step of size zero;
and the first steps of RAdam and AdaBelief, before rectification begins, unless they are [for a
graph](capturing.py). The result is the same, to rounding.
"""

from collections.abc import Iterator
from contextlib import suppress
from operator import is_, itemgetter
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.graph import increment_version

from labml_nn_optim.checks import check_tensors
from labml_nn_optim.engine.capturing import cases_of
from labml_nn_optim.engine.programs import Constants, Names, Recipe, program_for, split_numbers
from labml_nn_optim.engine.running import Program
from labml_nn_optim.engine.table import Reader, Rows, Table, address_of, device_of, dtype_of
from labml_nn_optim.rule import Group, Rule, State, Work, memory_of, next_step, settled, switches_of

# With `fused=None`, groups from this size on are worth the tenth of a second that compiling takes.
WORTH_COMPILING = 2**14

Numbers = list[list[float]] | Tensor


class Batch(NamedTuple):
    """
    ## Rows that take a step by the same lines

    * `cases` are the groups that the step may be taken with, without their numbers
    * `rows` are their places among the rows, and `sets` says which of `numbers` are whose
    """

    cases: tuple[tuple[Constants, Names], ...]
    rows: list[int]
    sets: list[int]
    numbers: Numbers


class Job(NamedTuple):
    """
    ## One call of a compiled function

    * `changed` are the parameters that it changes; autograd has to know
    * `uncounted` are the counts of steps that it does not keep itself
    """

    program: Program
    table: Table
    numbers: Numbers
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
        self._tables: dict[Any, Table] = {}
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
        jobs: list[Job] = []
        made: list[tuple[Tensor, State]] = []
        try:
            for group, params, grads in work:
                index, undone = indices[id(group)], [*range(len(params))]
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
        for job in jobs:
            for count in job.uncounted:
                count += 1
            job.program.run(job.table, job.numbers)
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
        jobs: list[Job],
        made: list[tuple[Tensor, State]],
    ) -> list[int]:
        """### Get the calls for a group ready, and return the places that are left over"""
        group, params, grads = work
        self.plain.pop(index, None)
        known = switches_of(group), [*map(id, params)]
        if self._known.get(index, ())[:2] != known:
            self._known[index] = (*known, *keys_of(rule, group, params))
        keys, reason = self._known[index][2:]
        if reason:
            return self._give_up(rule, index, group, [*range(len(params))], reason)
        steps, *means = with_memory(rule, group, params, keys, made)
        reader = self._readers.setdefault(index, Reader())
        found, left = reader.read(
            [params, grads, *means], lambda: check_tensors(rule, group, params, grads)
        )
        undone = [*left]
        self.compiled.discard(index)
        for rows in found:
            names = ("param", "grad", *keys)
            dtypes = tuple(zip(names, rows.dtypes, strict=True))
            own = [steps[i] for i in rows.places] if left or len(found) > 1 else steps
            done: list[int] = []
            for batch in _batches(rule, group, rows.device, own):
                recipe = Recipe(type(rule), batch.cases, dtypes, rows.device.type)
                chosen = rows.only(batch.rows)
                program = program_for(recipe)
                if isinstance(program, Exception):
                    reason = f"cannot be compiled: {program}"
                    undone += self._give_up(rule, index, group, chosen.places, reason, program)
                    done += batch.rows
                    continue
                table = self._table((index, recipe, rows.device), rows.device)
                counts = own if len(batch.rows) == len(own) else [own[i] for i in batch.rows]
                jobs.append(_job(program, table, batch, chosen, counts, params))
                self.compiled.add(index)
                done += batch.rows
            if len(done) < len(rows.places):
                undone += [rows.places[i] for i in {*range(len(rows.places))}.difference(done)]
        if left and index not in self.plain:
            count = f"{len(left)} of {len(params)} parameters: " if found else ""
            self.plain[index] = count + next(iter(left.values()))
        return sorted(undone)

    def _table(self, key: Any, device: torch.device) -> Table:
        return self._tables.setdefault(key, Table(device))

    def _give_up(
        self,
        rule: Rule,
        index: int,
        group: Group,
        places: list[int],
        reason: str,
        error: Exception | None = None,
    ) -> list[int]:
        """### Without a compiled function: say so, or go on without; returns `places`"""
        if group["fused"]:
            raise RuntimeError(
                f"fused=True, but the step of {type(rule).__name__} is plain: {reason}. Nothing "
                "has changed. Use fused=False or None, for the plain step"
            ) from error
        self.plain[index] = reason
        return places


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


def _batches(
    rule: Rule, group: Group, device: torch.device, steps: list[Tensor]
) -> Iterator[Batch]:
    """## The numbers of the next step, and which rows go by the same lines"""
    if group["capturable"]:
        yield from _captured(rule, group, device, steps)
        return
    given = settled(group)
    try:
        counts = [*map(Tensor.item, steps)]
    except TypeError:
        wrong = next(step for step in steps if not isinstance(step, Tensor))
        raise TypeError(f"state['step'] must be a tensor, got {wrong!r}") from None
    rows_at: dict[float, list[int]] = {counts[0]: [*range(len(counts))]}
    if counts.count(counts[0]) < len(counts):  # some have joined late, or missed a step
        rows_at = {taken: [] for taken in counts}
        for row, taken in enumerate(counts):
            rows_at[taken].append(row)
    found: dict[Any, tuple[list[int], list[int], list[list[float]]]] = {}
    for taken, places in rows_at.items():
        at_step = rule.at_step(given, next_step(taken))
        absent = any(value is None and name not in group for name, value in at_step.items())
        if absent or at_step["lr"] == 0:
            continue
        constants, names, numbers = split_numbers(at_step, rule.defaults, group)
        cases = ((constants, names),)
        rows, sets, known = found.setdefault(cases, ([], [], []))
        rows += places
        sets += [len(known)] * len(places)
        known.append([*map(float, numbers)])
    for cases, (rows, sets, known) in found.items():
        if len(known) > 1:  # back into the order of the rows
            sets = [each for _, each in sorted(zip(rows, sets, strict=True))]
            rows = sorted(rows)
        yield Batch(cases, rows, sets, known)


def _captured(
    rule: Rule, group: Group, device: torch.device, steps: list[Tensor]
) -> Iterator[Batch]:
    """## The same, with numbers that the device computes from the counts"""
    rows = [*range(len(steps))]
    t = torch.stack([step.reshape(()) for step in steps]) + 1
    cases = cases_of(rule, settled(group, device), t)
    if isinstance(cases[0].group["lr"], float) and cases[0].group["lr"] == 0:
        return
    split = [split_numbers(case.group, rule.defaults, group, t) for case in cases]
    numbers = [number for *_, each in split for number in each]
    flags = [case.chosen for case in cases if case.chosen is not None]
    options: dict[str, Any] = {"dtype": torch.float64, "device": device}
    # What is one number for all is filled in by the device; a copy would not be recorded.
    columns = [
        number.to(**options).expand(len(rows))
        if isinstance(number, Tensor)
        else torch.full((len(rows),), float(number), **options)
        for number in (*numbers, *flags)
    ]
    together = torch.stack(columns) if columns else torch.zeros((0, len(rows)), **options)
    yield Batch(tuple((constants, names) for constants, names, _ in split), rows, rows, together)


def _job(
    program: Program,
    table: Table,
    batch: Batch,
    rows: Rows,
    steps: list[Tensor],
    params: list[Tensor],
) -> Job:
    """## A call of a compiled function"""
    kept = {*map(dtype_of, steps)} == {torch.float32} and {*map(device_of, steps)} == {rows.device}
    counts = [*map(address_of, steps)] if kept else [0] * len(steps)
    table.write([rows.sizes, counts, batch.sets, *rows.addresses])
    changed = params if len(params) == len(steps) else [params[i] for i in rows.places]
    return Job(program, table, batch.numbers, changed, [] if kept else steps)
