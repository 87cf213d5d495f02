"""
# A step, executed

With `fused=True`, or by default where it is worth the while, the step of a group is one call of [a
compiled function](running.py) over [a table](table.py) of its tensors. First everything is read,
traced, compiled and checked; only then does the first parameter move.

Some work is left to the plain step. It is what cannot be a row of the table; a step of size zero;
and the first steps of RAdam and AdaBelief, before rectification begins, unless they are [for a
graph](capturing.py). The result is the same, to rounding.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from operator import is_, itemgetter
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.graph import increment_version

from labml_nn_optim.checks import check_tensors
from labml_nn_optim.engine.capturing import cases_of
from labml_nn_optim.engine.compiler import CompilerError
from labml_nn_optim.engine.private import add_one_to_each
from labml_nn_optim.engine.programs import Cases, Recipe, program_for, split_numbers
from labml_nn_optim.engine.reading import Reader
from labml_nn_optim.engine.running import Numbers, Program
from labml_nn_optim.engine.table import Table, tables_of
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
    * `grads` are what it reads, kept until it has
    """

    program: Program
    batch: Batch
    changed: list[Tensor]
    uncounted: list[Tensor]
    grads: list[Tensor]


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
        # The switches of a group at the step before, and what has seen its tensors
        self._known: dict[int, tuple[Any, Reader]] = {}
        # What a program keeps for the tables of a group
        self._kept: dict[int, dict[Any, Any]] = {}

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
        seen = self._seen(rule, index, work, made)
        if isinstance(seen, str):
            refuse_if_asked(rule, group, seen)
            self.plain[index] = seen
            return range(len(params))
        reader, grads = seen
        tables, left = tables_of(reader)
        done: list[Sequence[int]] = []
        for table in tables:
            dtypes = tuple(zip(("param", "grad", *reader.names), table.dtypes, strict=False))
            for batch in _batches(rule, group, params, reader, table):
                places = batch.table.places
                program = program_for(Recipe(type(rule), batch.cases, dtypes, table.device.type))
                if isinstance(program, Exception):
                    reason = f"cannot be compiled: {program}"
                    refuse_if_asked(rule, group, reason, program)
                    left.update(dict.fromkeys(places, reason))
                    continue
                whole = reader.counted and len(places) == len(params)
                changed = params if whole else [params[place] for place in places]
                uncounted = [] if reader.counted else counts_of(rule, changed, batch.table)
                jobs.append((index, Job(program, batch, changed, uncounted, grads)))
                self.compiled.add(index)
                done.append(places)
        if left:
            some = f"{len(left)} of {len(params)} parameters: " if len(left) < len(params) else ""
            self.plain[index] = some + next(iter(left.values()))
        undone = sum(map(len, done)) < len(params)
        return [*{*range(len(params))}.difference(*done)] if undone else ()

    def _seen(
        self,
        rule: Rule,
        index: int,
        work: tuple[Group, list[Tensor], list[Tensor]],
        made: list[tuple[Tensor, State]],
    ) -> tuple[Reader, list[Tensor]] | str:
        """
        ### Look at the tensors of a group, and check them where something is new

        Returns who has looked, and the gradients as they are stored; or why there is nothing to
        see.
        """
        group, params, grads = work
        switches = switches_of(group)
        before, reader = self._known.pop(index, (None, None))
        if reader and before == switches and reader.rows == len(params):
            grads = as_stored(grads, reader.is_complex)
            as_before = reader.look([params, grads], rule.state)
            if as_before and (reader.counted or not group["capturable"]):
                self._known[index] = (switches, reader)
                return reader, grads
        check_tensors(rule, group, params, grads)
        keys, reason = keys_of(rule, group, params)
        if reason:
            return reason
        memory = with_memory(rule, group, params, keys, made)
        columns = [[*map(of_this_process, column)] for column in (params, grads, *memory)]
        columns[1] = grads = as_stored(columns[1], any(map(Tensor.is_complex, params)))
        try:
            reader = first_look(keys, columns)
        except CompilerError as error:
            return f"cannot be compiled: {error}"
        if all(map(is_, params, columns[0])):
            self._known[index] = (switches, reader)
        return reader, grads


def first_look(keys: list[str], columns: list[list[Tensor]]) -> Reader:
    """## Look at tensors that may be in the way of a compiled step"""
    reader = Reader(len(columns[0]), keys)
    reader.look(columns)
    for place, row in enumerate(zip(*columns[:-1], strict=True)):
        if reader.has_failed:
            reader.refuse(place, "counts of steps of another class")
        elif any(tensor.is_neg() or tensor.is_conj() for tensor in row):
            reader.refuse(place, "numbers that are negated or conjugated when they are read")
    return reader


def of_this_process(tensor: Tensor) -> Tensor:
    """## One process's share of a tensor that many hold, as with FSDP"""
    local: Tensor = tensor.to_local() if hasattr(tensor, "to_local") else tensor
    return local


def as_stored(grads: list[Tensor], are_complex: bool) -> list[Tensor]:
    """## Gradients that are not to be negated, or conjugated, when they are read"""
    if any(map(Tensor.is_neg, grads)) or (are_complex and any(map(Tensor.is_conj, grads))):
        return [grad.resolve_conj().resolve_neg() for grad in grads]
    return grads


def counts_of(rule: Rule, params: Sequence[Tensor], but: Table | None = None) -> list[Tensor]:
    """## The counts of steps of parameters, but for those that a table has itself"""
    kept = but.words[but.rows : 2 * but.rows] if but else repeat(0, len(params))
    return [rule.state[param]["step"] for param, its in zip(params, kept, strict=True) if not its]


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
    ## Each of the running means of all parameters, and their counts of steps, as lists

    What is missing is made, and noted in `made`.
    """
    state = rule.state
    for _ in range(2):
        known = len(state) == len(params) and all(map(is_, state, params))
        states = [*state.values()] if known else [*map(state.get, params)]
        with suppress(TypeError, KeyError):
            columns = [[*map(itemgetter(key), states)] for key in (*keys, "step")]
            if not group["capturable"] or all(
                step.device == param.device for step, param in zip(columns[-1], params, strict=True)
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
    rule: Rule, group: Group, params: list[Tensor], reader: Reader, table: Table
) -> Iterator[Batch]:
    """## The numbers of the next step, and which rows go by the same lines"""
    if group["capturable"]:
        yield from _captured(rule, group, params, table)
        return
    given = settled(group)
    found: dict[Cases, tuple[list[Sequence[int]], list[list[float]]]] = {}
    for taken, rows in _by_count(rule, params, reader, table).items():
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


def _by_count(
    rule: Rule, params: list[Tensor], reader: Reader, table: Table
) -> Mapping[float, Sequence[int]]:
    """## The rows of a table, by how many steps they have taken"""
    if reader.are_even:
        return {reader.taken[0]: range(table.rows)}
    counts: Sequence[float] = reader.taken
    if not reader.knows_counts:
        counts = [count.item() for count in counts_of(rule, params)]
    found: dict[float, list[int]] = {}
    for row, place in enumerate(table.places):  # some have joined late, or missed a step
        found.setdefault(counts[place], []).append(row)
    return found


def _captured(rule: Rule, group: Group, params: list[Tensor], table: Table) -> Iterator[Batch]:
    """## The same, with numbers that the device computes from the counts"""
    device, rows = table.device, table.rows
    counts = counts_of(rule, [params[place] for place in table.places])
    t = torch.stack([count.reshape(()) for count in counts]) + 1
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
