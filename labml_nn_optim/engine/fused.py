"""
# A step, executed

With `fused=True`, or by default where it is worth the while, the step of a group is one call of [a
compiled function](running.py) over [a table](reading.py) of its tensors. First everything is read,
traced, compiled and checked; only then does the first parameter move.

Some work is left to the plain step. It is what cannot be a row of the table; a step of size zero;
and the first steps of RAdam and AdaBelief, before rectification begins, unless they are [for a
graph](capturing.py). The result is the same, to rounding.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from operator import is_
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.graph import increment_version

from labml_nn_optim.checks import check_tensors
from labml_nn_optim.engine.capturing import cases_of
from labml_nn_optim.engine.compiler import CompilerError
from labml_nn_optim.engine.programs import Cases, Recipe, program_for, split_numbers
from labml_nn_optim.engine.reading import Kind, Reader, Table
from labml_nn_optim.engine.running import Numbers, Program
from labml_nn_optim.rule import Group, Rule, State, Work, next_step, settled

# With `fused=None`, groups from this size on are worth the tenth of a second that compiling takes.
WORTH_COMPILING = 2**14

# Places that share a set of numbers
Parts = Sequence[Sequence[int]]
# What the plain step is to do, and the numbers t of those steps
Left = list[tuple[Group, list[Tensor], list[Tensor], list[float]]]


class Job(NamedTuple):
    """
    ## One call of a compiled function

    * `kept` is what programs keep for its tables
    * `changed` are the parameters that it changes; autograd has to know
    * `grads` are what it reads, kept until it has
    """

    program: Program
    table: Table
    numbers: Numbers
    kept: dict[Any, Any]
    changed: list[Tensor]
    grads: list[Tensor]


class FusedStep:
    """
    ## The compiled step of one optimizer

    Holds what can be made again at any time, and no tensor of the model: it is neither saved nor
    copied with the optimizer, and keeps no memory alive.
    """

    def __init__(self) -> None:
        self._groups: defaultdict[int, FusedGroup] = defaultdict(FusedGroup)

    def said(self, index: int, group: Group) -> str:
        """### How the step of a group is executed, in words"""
        if group["fused"] is False:
            return "plain, as asked"
        plain = self._groups[index].plain
        if self._groups[index].is_compiled:
            return f"compiled, but for {plain}" if plain else "compiled"
        return f"plain: {plain}" if plain else "to be chosen at the first step"

    def take(self, rule: Rule, work: Work) -> Left:
        """
        ### Take one step, and return what is left for the plain step

        Raises `RuntimeError` when a group insists on `fused=True` and its step cannot be compiled.
        """
        left: Left = []
        jobs: list[Job] = []
        with ExitStack() as undo:
            for index, (group, params, grads) in enumerate(work):
                ours = self._groups[index]
                if ours.is_worth_it(group, params):
                    with torch.no_grad():
                        found = ours.prepare(rule, group, params, grads, undo)
                    jobs.extend(found)
                    params, grads = remaining(params, grads, found)
                if params:
                    steps = check_tensors(rule, group, params, grads)
                    left.append((group, params, grads, steps))
            undo.pop_all()  # nothing was refused
        for job in jobs:
            job.program.run(job.table, job.numbers, job.kept)
            increment_version(job.changed)
        return left


class FusedGroup:
    """
    ## The compiled step of one group

    * `plain` says why it is not compiled, or not all of it
    * `is_compiled` says whether something of it is
    """

    def __init__(self) -> None:
        self.plain = ""
        self.is_compiled = False
        self._kept: dict[Any, Any] = {}
        # What has seen its tensors, the switches that it had then, and whether numbers are complex
        self._reader: Reader | None = None
        self._switches: tuple[Any, ...] = ()
        self._are_complex = False

    def is_worth_it(self, group: Group, params: list[Tensor]) -> bool:
        """### Whether it is to be compiled"""
        if group["fused"] is None and not self.is_compiled:
            size = sum(map(Tensor.numel, params))
            if size < WORTH_COMPILING:
                self.plain = f"{size:,} numbers are too few to be worth compiling for"
                return False
        return group["fused"] is not False and len(params) > 0

    def prepare(
        self, rule: Rule, group: Group, params: list[Tensor], grads: list[Tensor], undo: ExitStack
    ) -> list[Job]:
        """### Get the calls of compiled functions ready"""
        self.plain, self.is_compiled = "", False
        try:
            reader, grads = self._read(rule, group, params, grads, undo)
        except CompilerError as error:
            self.plain = reason_for(rule, group, error)
            return []
        jobs, left = [], reader.left()
        for kind, parts, cases, numbers in batches(rule, group, params, reader):
            dtypes = tuple(zip(("param", "grad", *reader.names), kind.dtypes, strict=False))
            program = program_for(Recipe(type(rule), cases, dtypes, kind.device.type))
            if isinstance(program, Exception):
                left.update(dict.fromkeys(chain(*parts), reason_for(rule, group, program)))
                continue
            self.is_compiled = True
            table = reader.table(kind.device, parts)
            changed = params if table.rows == len(params) else [params[i] for i in table.places]
            jobs.append(Job(program, table, numbers, self._kept, changed, grads))
        if left:
            some = f"{len(left)} of {len(params)} parameters: " if len(left) < len(params) else ""
            self.plain = some + next(iter(left.values()))
        return jobs

    def _read(
        self, rule: Rule, group: Group, params: list[Tensor], grads: list[Tensor], undo: ExitStack
    ) -> tuple[Reader, list[Tensor]]:
        """
        ### Look at the tensors of the group, and check them where something is new

        Returns who has looked, and the gradients as they are stored.
        """
        switches = rule._settings[id(group)].switches
        reader, self._reader = self._reader, None
        if reader and self._switches == switches and reader.rows == len(params):
            grads = as_stored(grads, self._are_complex)
            if reader.look([params, grads], rule.state):
                self._reader = reader
                return reader, grads
        check_tensors(rule, group, params, grads)
        keys = keys_of(rule, group, params)
        reader = Reader(len(params), keys, group["capturable"])
        memory = memory_made(rule, group, params, keys, undo)
        columns = [[*map(of_this_process, column)] for column in (params, grads, *memory)]
        self._are_complex = any(map(Tensor.is_complex, params))
        columns[1] = grads = as_stored(columns[1], self._are_complex)
        stored = [[t if not t.is_neg() and not t.is_conj() else None for t in c] for c in columns]
        reader.look(stored)
        if all(map(is_, chain(params, *memory), chain(stored[0], *stored[2:]))):
            self._reader, self._switches = reader, switches
        return reader, grads


def remaining(
    params: list[Tensor], grads: list[Tensor], jobs: list[Job]
) -> tuple[list[Tensor], list[Tensor]]:
    """## The parameters that compiled functions leave out, and their gradients"""
    if sum(job.table.rows for job in jobs) == len(params):
        return [], []
    places = {*range(len(params))}.difference(*(job.table.places for job in jobs))
    return [params[place] for place in places], [grads[place] for place in places]


def as_stored(grads: list[Tensor], are_complex: bool) -> list[Tensor]:
    """## Gradients that are not to be negated, or conjugated, when they are read"""
    if any(map(Tensor.is_neg, grads)) or (are_complex and any(map(Tensor.is_conj, grads))):
        return [grad.resolve_conj().resolve_neg() for grad in grads]
    return grads


def of_this_process(tensor: Tensor) -> Tensor:
    """## One process's share of a tensor that many hold, as with FSDP"""
    local: Tensor = tensor.to_local() if hasattr(tensor, "to_local") else tensor
    return local


def reason_for(rule: Rule, group: Group, error: Exception) -> str:
    """## Why a step is plain; raises `RuntimeError` if the group insists on a compiled one"""
    reason = f"cannot be compiled: {error}"
    if group["fused"]:
        raise RuntimeError(
            f"fused=True, but the step of {type(rule).__name__} is plain: {reason}. Nothing has "
            "changed. Use fused=False or None, for the plain step"
        ) from error
    return reason


def keys_of(rule: Rule, group: Group, params: list[Tensor]) -> list[str]:
    """## The names of the running means, if they can be taken together"""
    settings = rule._settings[id(group)]
    memories = {id(each): each for p in params if (each := settings.memory_of(rule, group, p))}
    known = [*memories.values()]
    keys = [key for key in known[0] if key != "step"] if known else []
    unfit = [key for memory in known for key, kind in memory.items() if key != "step" and not kind]
    if unfit:
        raise CompilerError(f"state['{unfit[0]}'] has another shape than its parameter")
    if not known or any({*memory} != {"step", *keys} for memory in known):
        raise CompilerError("init_state makes another memory for one parameter than for another")
    return keys


def memory_made(
    rule: Rule, group: Group, params: list[Tensor], keys: list[str], undo: ExitStack
) -> list[list[Tensor]]:
    """## Each of the running means, and the counts of steps, as lists; what is missing is made"""
    names = [*keys, "step"]
    for param in params:
        state = rule.state[param]
        if not {*names} <= {*state} or (
            group["capturable"] and state["step"].device != param.device
        ):
            undo.callback(_take_back, rule, param, dict(state))
            # What outlives this step must not be made for inference only.
            with torch.inference_mode(False), torch.no_grad():
                rule.init_state(state, group, param)
    return [[rule.state[param][name] for param in params] for name in names]


def _take_back(rule: Rule, param: Tensor, before: State) -> None:
    """## Leave no trace of memory that was made for a step that was refused"""
    rule.state[param].clear()
    rule.state[param].update(before)
    if not before:
        del rule.state[param]


def batches(
    rule: Rule, group: Group, params: list[Tensor], reader: Reader
) -> Iterator[tuple[Kind, Parts, Cases, Numbers]]:
    """## Which places go by the same lines, and the numbers of their next steps"""
    for kind, by_count in reader.alike().items():
        if group["capturable"]:
            yield from _captured(rule, group, params, kind, [*chain(*by_count.values())])
            continue
        given = settled(group)
        found: dict[Cases, tuple[list[Sequence[int]], list[list[float]]]] = {}
        for taken, places in by_count.items():
            at_step = rule.at_step(given, next_step(taken))
            absent = any(value is None and name not in group for name, value in at_step.items())
            if absent or at_step["lr"] == 0:
                continue
            constants, names, numbers = split_numbers(at_step, rule.defaults, group)
            parts, sets = found.setdefault(((constants, names),), ([], []))
            parts.append(places)
            sets.append([*map(float, numbers)])
        for cases, (parts, sets) in found.items():
            yield kind, parts, cases, sets


def _captured(
    rule: Rule, group: Group, params: list[Tensor], kind: Kind, places: list[int]
) -> Iterator[tuple[Kind, Parts, Cases, Numbers]]:
    """## The same, with numbers that the device computes from the counts"""
    device, rows = kind.device, len(places)
    counts = [rule.state[params[place]]["step"].reshape(()) for place in places]
    t = torch.stack(counts) + 1
    cases = cases_of(rule, settled(group, device), t)
    lr = cases[0][1]["lr"]
    if isinstance(lr, float) and lr == 0:
        return
    split = [split_numbers(at_step, rule.defaults, group, t) for _, at_step in cases]
    flags = [chosen for chosen, _ in cases if chosen is not None]
    numbers = [*chain(*(each for *_, each in split)), *flags]
    options: dict[str, Any] = {"dtype": torch.float64, "device": device}
    # What is one number for all is filled in by the device; a copy would not be recorded.
    columns = [
        number.to(**options).expand(rows)
        if isinstance(number, Tensor)
        else torch.full((rows,), float(number), **options)
        for number in numbers
    ]
    each_alone = [[place] for place in places]
    yield kind, each_alone, tuple((c, names) for c, names, _ in split), torch.stack(columns)
