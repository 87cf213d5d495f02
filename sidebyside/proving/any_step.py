"""
# Any step of any class

The entry method of a class is run on symbols: for each number that the object, its memory and the
arguments hold, one that stands for all numbers, and one for each array. What they are made of, the
first steps of a real run have [shown](../trace/captured.py). A switch stays as it is configured.

That is a proof by induction. The real steps are where it starts. If a step on symbols begins in one
of their shapes, and ends in one of them, with each switch as it was, then so do all steps. A number
that is t − 1 when each real step begins is t − 1 on symbols, too, if the step leaves it at t.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from types import CodeType, FrameType
from typing import Any, TypeAlias

import sympy

from sidebyside.algebra.domain import CUSTOMARY, Domain
from sidebyside.formula import to_text
from sidebyside.proving.constructors import of_project
from sidebyside.proving.driven import Driven
from sidebyside.proving.mathematics import symbolic_mathematics
from sidebyside.proving.odd import refuse_odd_classes
from sidebyside.proving.proofs import Names, SymbolicRun
from sidebyside.proving.provable import ANY_KEY, Facts, Place, replaced_member, unprovable
from sidebyside.proving.stand_ins import (
    ARRAYS,
    Held,
    collection,
    inner_of,
    is_raised,
    leaves_of,
    pairs,
)
from sidebyside.settings import Configuration
from sidebyside.trace.captured import Part, Taken, leaves, place
from sidebyside.trace.recorder import Recorder, Recording
from sidebyside.trace.symbolic import (
    Branches,
    Opaque,
    ProofError,
    SymbolicArray,
    SymbolicNumber,
    SymbolicTensor,
    decided,
)

__all__ = ["Project", "Steps", "runs_of_any_step"]

Shape: TypeAlias = Any  # nested tuples, to be compared

_POSITIVE = Domain(low=0, low_open=True)
_ANY = Domain()
_STAND_INS = {"number": SymbolicNumber, "array": SymbolicArray, "tensor": SymbolicTensor}
MOST_SHAPES = 2


@dataclass(frozen=True)
class Project:
    """What is known of the code of a package: its `entry` method, `memory`, and `facts`."""

    entry: str
    memory: tuple[str, ...]
    facts: Facts
    is_project: Callable[[str], bool]

    def stores(self, code: str, owner: type) -> set[Place]:
        """Return the functions, but for an owner's constructors, that may store at a place."""
        facts, name = self.facts, _name(code)
        made = facts.made.get(name, set()) - _constructors(owner.__mro__) - self.strange(owner)
        any_key = facts.stored.get(ANY_KEY, set()) if "[" in code else set()
        return facts.stored.get(name, set()) | made | any_key

    def starts(self, code: str, owner: type) -> set[Place]:
        """Return an owner's constructors that may start a counter anywhere."""
        its_own, name = _constructors(owner.__mro__), _name(code)
        is_argument = name in inspect.signature(owner).parameters
        return its_own & (its_own if is_argument else self.facts.varied.get(name, set()))

    def strange(self, owner: type) -> set[Place]:
        """The constructors of classes that have nothing to do with an owner."""
        kin = {*of_project(owner, self.is_project)}
        known = [each for module in list(sys.modules.values()) for each in self.classes(module)]
        return _constructors(each for each in known if not kin & {*each.__mro__})

    def classes(self, module: Any) -> list[type]:
        """The classes that a module of the project has."""
        if not self.is_project(getattr(module, "__file__", None) or ""):
            return []
        found = [each for each in vars(module).values() if isinstance(each, type)]
        return [each for each in found if each.__module__ == module.__name__]


def _constructors(classes: Iterable[type]) -> set[Place]:
    found = [getattr(vars(each).get("__init__"), "__code__", None) for each in classes]
    return {(code.co_filename, code.co_firstlineno) for code in found if code is not None}


def _root(code: str) -> str:
    """The name that a piece of code begins with."""
    return code.partition(".")[0].partition("[")[0]


def _name(code: str) -> str:
    """The last name or key of a piece of code."""
    return code.rpartition(".")[2].rpartition("[")[2].strip('"]')


@dataclass(frozen=True)
class Steps:
    """
    The first steps of a configuration, and what is said about its class.

    `names` are the symbols of the code that lists name, `domains` those that they declare, and
    `idle` the code of the numbers that are 0 here, though not in all configurations.
    """

    configuration: Configuration
    taken: Sequence[Taken]
    project: Project
    names: Names
    domains: Mapping[str, Domain]
    idle: frozenset[str] = frozenset()

    @cached_property
    def parts(self) -> dict[str, list[Part]]:
        """What stood at each place when steps began."""
        found: dict[str, list[Part]] = {}
        for each in self.taken:
            for name, part in each.given.items():
                for code, leaf in leaves(part, name):
                    found.setdefault(code, []).append(leaf)
        return found

    @cached_property
    def ends(self) -> list[dict[str, Part]]:
        """What stood at each place when a step was over."""
        return [
            {code: leaf for name, part in each.after.items() for code, leaf in leaves(part, name)}
            for each in self.taken
        ]

    @cached_property
    def counters(self) -> set[str]:
        """The numbers that count the steps."""
        found = set()
        times = [each.t for each in self.taken]
        for code, parts in self.parts.items():
            before = [each.value for each in parts if each.kind == "number"]
            after = [end[code].value if code in end else None for end in self.ends]
            if before == [t - 1 for t in times] and after == times:
                found.add(code)
        return found

    @cached_property
    def driven(self) -> Driven:
        """What stands between the users and the steps."""
        project, counted = self.project, self.taken[0].counted
        of_class = self.configuration.cls, project.entry, project.memory
        return Driven(*of_class, counted, project.is_project)

    @cached_property
    def is_plainly_driven(self) -> bool:
        """Whether what the class does is what its entry method does."""
        drivers = {code for each in self.taken for code in each.drivers}
        arrays = {code for code, parts in self.parts.items() if parts[0].kind in ARRAYS}
        shared = self.driven.shared()
        return self.driven.is_plain(drivers) and not any(_root(each) in shared for each in arrays)

    def is_kept_apart(self, code: str) -> bool:
        """Whether code is memory that torch's loop has made, which no caller gives."""
        return self.is_plainly_driven and self.driven.is_optimizer and self.is_memory(code)

    def zeros(self) -> set[str]:
        """The settings that are 0 in all steps."""
        return {
            code
            for code, parts in self.parts.items()
            if self.is_setting(code) and all(p.kind == "number" and p.value == 0 for p in parts)
        }

    def is_memory(self, code: str) -> bool:
        """Whether a piece of code lives on from one step to the next."""
        roots = self.project.memory
        return any(code == root or code.startswith((f"{root}[", f"{root}.")) for root in roots)

    def is_setting(self, code: str) -> bool:
        """Whether code is what is configured: in the object, or in a dictionary that is given."""
        return not self.is_memory(code) and ("." in code or "[" in code)

    def is_kept(self, code: str) -> bool:
        """Whether a switch is an argument of the constructor, and nothing else ever changes it."""
        arguments = inspect.signature(self.configuration.cls).parameters
        if not self.is_setting(code) or _name(code).lstrip("_") not in arguments:
            return False
        parts = [*self.parts.get(code, ()), *(end.get(code, Part("other")) for end in self.ends)]
        same = all(p.kind == "switch" and p.value is parts[0].value for p in parts)
        return same and not self.project.stores(code, self.configuration.cls)

    def shape(self, part: Part, code: str) -> Shape:
        """How a thing is made, as far as a run on symbols sees it."""
        if part.kind == "switch":
            return ("switch", part.value) if self.is_kept(code) else "other"
        if part.kind in ("tuple", "dict", "object"):
            inner = ((k, self.shape(p, place(part.kind, code, k))) for k, p in part.value.items())
            return part.kind, tuple(sorted(inner))
        return part.kind

    def shapes(self, given: Mapping[str, Part]) -> Shape:
        """How all that a step is given is made."""
        return tuple((name, self.shape(part, name)) for name, part in given.items())


def runs_of_any_step(steps: Steps, recorder: Recorder) -> list[SymbolicRun]:
    """
    Return a run for each way through a step, from each shape that steps begin in.

    Raises `ProofError` where the code does what a proof cannot follow.
    """
    if not steps.taken:
        raise ProofError(steps.project.entry)
    for each in steps.taken:
        for part in each.given.values():
            refuse_odd_classes(part, steps.project.is_project)
    if any(each.is_aliased for each in steps.taken):
        raise ProofError(steps.project.entry, "unproved-alias")
    known = {steps.shapes(each.given): each for each in steps.taken}
    if len(known) > MOST_SHAPES:
        raise ProofError(steps.project.entry, "unproved-shape")
    runs: list[SymbolicRun] = []
    overwritten: set[str] = set()
    for taken in known.values():
        for same in ((), *pairs(taken, steps.is_kept_apart)):
            branches = Branches()
            for _ in branches:
                step = _Run(steps, taken, branches, recorder, same)
                run = step.run(known)
                runs += [run] if run is not None else []
                overwritten |= step.held.changed
    return [replace(run, is_overwritten=bool(run.kept & overwritten)) for run in runs]


class _Run:
    """One way through one step, in which some arguments may be the `same`."""

    def __init__(
        self,
        steps: Steps,
        taken: Taken,
        branches: Branches,
        recorder: Recorder,
        same: tuple[str, ...] = (),
    ) -> None:
        self.same, self.is_sharing = same, False
        self.result: Any = None
        self.kept: set[str] = set()
        self.steps, self.taken, self.branches, self.recorder = steps, taken, branches, recorder
        self.numbers: dict[sympy.Symbol, Domain] = {}
        self.unlisted: dict[str, str] = {}
        self.ran: dict[CodeType, Mapping[str, Any]] = {}
        self.t = self.number("t", Domain(low=1, whole=True))
        self.used = {"t"}

    def run(self, shapes: Collection[Shape]) -> SymbolicRun | None:
        """Take the step; None if the code raises on this way."""
        owner, given = self.steps.configuration.cls, {}
        for name, part in self.taken.given.items():
            given[name] = self.twin(part, name)
        self.held = Held(given, self.same)
        self.branches.on_change = self.held.note
        try:
            with symbolic_mathematics(self.modules()):
                recording = self.recorder.record(
                    partial(self.step, given),
                    owner,
                    self.steps.configuration.label,
                    self.steps.configuration.arguments,
                )
        except Exception as error:
            self.refuse_what_ran()
            if self.branches.refused is None and is_raised(error, self.ran):
                return None
            raise self.branches.refused or ProofError(str(error)) from error
        self.refuse_what_ran()
        if self.branches.refused:
            raise self.branches.refused
        self.compare(given, shapes)
        shared = self.held.moved(given, self.steps.driven.shared())
        own = {code for code in self.held.moved(given, {"self"}) if self.steps.is_setting(code)}
        self.is_sharing = bool(shared | own - {*self.steps.counters})
        changed = {code for code in self.held.changed if not self.steps.is_memory(code)}
        if inputs := {code for code in changed if _root(code) != "self"}:
            raise ProofError(min(inputs), "unproved-shape")
        self.kept = self.held.keeps(given, self.result)
        return self.found(recording)

    def found(self, recording: Recording) -> SymbolicRun:
        branches = self.branches
        recording.truth = partial(decided, tuple(branches.conditions))
        for step in recording.steps:  # what was given is what it was, for those who gave it
            for name in [each for each in self.same if not self.steps.is_memory(each)]:
                if step.exit is not None and name in step.entry.names:
                    step.exit.names[name] = step.entry.names[name]
        return SymbolicRun(
            recording,
            tuple(branches.words),
            self.numbers,
            conditions=tuple(branches.conditions),
            divisors=tuple(branches.divisors),
            radicands=tuple(branches.radicands),
            unlisted=self.unlisted,
            alias=", ".join(self.same),
            kept=frozenset(self.kept),
            is_driven=self.is_sharing or not self.steps.is_plainly_driven,
        )

    def step(self, given: Mapping[str, Any], count: Callable[..., None]) -> None:
        """Take a step, and note which functions run."""
        method = getattr(self.steps.configuration.cls, self.steps.project.entry)
        count(given[self.taken.counted], self.t.expression)
        sys.setprofile(self.note)
        try:
            self.result = method(**given)
        finally:
            sys.setprofile(None)

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        code, is_project = frame.f_code, self.steps.project.is_project
        if event == "call" and code not in self.ran and is_project(code.co_filename):
            self.ran[code] = frame.f_globals

    def modules(self) -> list[Any]:
        """The modules of the project."""
        is_project = self.steps.project.is_project
        loaded = [(each, getattr(each, "__file__", None)) for each in [*sys.modules.values()]]
        return [each for each, file in loaded if file and is_project(file)]

    def refuse_what_ran(self) -> None:
        """Raise `ProofError` where code is written in a way that no proof can follow."""
        project = self.steps.project
        owner = self.steps.configuration.cls
        reason = unprovable(self.ran, project.facts, project.is_project)
        if reason is not None:
            raise ProofError(str(reason.fields["code"]), reason.key)
        if name := replaced_member(owner, project.entry, self.ran, project.facts):
            raise ProofError(name)
        known = {(c.co_filename, c.co_firstlineno) for c in self.ran}
        for code in self.steps.counters:
            if project.stores(code, owner) - known or project.starts(code, owner):
                raise ProofError(code, "unproved-depends")

    def twin(self, part: Part, code: str) -> Any:
        """Return a stand-in for a thing, or one of the same kind with stand-ins inside."""
        if part.kind in ("tuple", "dict", "object"):
            inner = {k: self.twin(p, place(part.kind, code, k)) for k, p in part.value.items()}
            return collection(part, inner)
        if part.kind == "switch" and self.steps.is_kept(code):
            return part.value
        if part.kind in ("other", "switch"):
            return Opaque(code, self.branches)
        if code in self.steps.counters:
            return SymbolicNumber(self.t.expression - 1, self.branches)
        if code in self.steps.idle:
            return part.value
        return self.stand_in(part, code)

    def stand_in(self, part: Part, code: str) -> SymbolicNumber:
        symbol = self.steps.names.get(code)
        name = to_text(symbol) if symbol else code
        is_setting = self.steps.is_setting(code) and part.kind == "number"
        domain = self.domain(code)
        if not is_setting:
            name += " at entry"
        name = f"{name} ({code})" if name in self.used else name
        self.used.add(name)
        found = self.number(name, domain, listed=is_setting or domain != _ANY)
        if symbol is None:
            self.unlisted[name] = code
        return _STAND_INS[part.kind](found.expression, self.branches)

    def domain(self, code: str) -> Domain:
        """The numbers that a proof is about; memory and what is given may be any."""
        if self.steps.is_memory(code):
            return _ANY
        values = [part.value for part in self.steps.parts[code] if part.kind == "number"]
        symbol, declared = self.steps.names.get(code), self.steps.domains.get(code)
        if declared is not None or symbol is None or not self.steps.is_setting(code):
            domain = declared or _ANY
        else:
            usual = CUSTOMARY.get(symbol.name, _POSITIVE)
            of_value = (usual, _POSITIVE, _ANY)
            domain = next(d for d in of_value if all(value in d for value in values))
        if not all(value in domain for value in values):
            raise ProofError(code, "unproved-domain")
        return domain

    def number(self, name: str, domain: Domain, listed: bool = True) -> SymbolicNumber:
        symbol = domain.symbol(name)
        if listed:
            self.numbers[symbol] = domain
        return SymbolicNumber(symbol, self.branches)

    def compare(self, given: Mapping[str, Any], shapes: Collection[Shape]) -> None:
        """Raise `ProofError` unless the step leaves things in a shape that steps begin in."""
        ends = {name: self.sketched(value, name) for name, value in given.items()}
        if self.steps.shapes(ends) not in shapes:
            raise ProofError(self.steps.project.entry, "unproved-shape")
        held: set[int] = set()
        for name, value in given.items():
            for code, leaf in leaves_of(value, name):
                if isinstance(leaf, SymbolicArray | SymbolicTensor):
                    if id(leaf) in held:
                        raise ProofError(code, "unproved-alias")
                    held.add(id(leaf))
                number = leaf.expression if isinstance(leaf, SymbolicNumber) else leaf
                is_as_said = number == self.t.expression if code in self.steps.counters else True
                if not is_as_said or (code in self.steps.idle and number != 0):
                    raise ProofError(code, "unproved-depends")

    def sketched(self, value: Any, code: str) -> Part:
        """How a thing is made, now that the step is over."""
        for kind, stand_in in _STAND_INS.items():
            if type(value) is stand_in:
                return Part(kind)
        if type(value) in (int, float):
            return Part("number", value)
        if value is None or type(value) in (bool, str):
            return Part("switch", value)
        inner = inner_of(value)
        if inner is None or isinstance(value, Opaque):
            return Part("other")
        kind = "dict" if type(value) is dict else "tuple" if type(value) is tuple else "object"
        parts = {k: self.sketched(v, place(kind, code, k)) for k, v in inner.items()}
        return Part(kind, parts, type(value))
