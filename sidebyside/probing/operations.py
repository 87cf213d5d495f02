"""
# What runs show of a project's code

All code of the project is looked at while it runs, be it far from a formula: which
[operations](operation.py) have no effect, which [decisions](decisions.py) always fall the same way,
which [numbers](constants.py) do not matter. Which line calls which function is noted, too: so it is
known what lies behind the code beside a formula.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType, MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from sidebyside.probing.coincidence import coincidences
from sidebyside.probing.constants import Constant, constants
from sidebyside.probing.decisions import Decision, Handler, decisions, handlers
from sidebyside.probing.effects import CHANGED_EFFECT
from sidebyside.probing.noticed import Arguments, note
from sidebyside.probing.operation import Operation, numbers_of, operations_of
from sidebyside.probing.trees import end_of, nodes_of, tree_of

__all__ = ["Operations", "Place"]

Place: TypeAlias = "tuple[str, int]"  # a file and a line


@dataclass(eq=False)
class Returned:
    """What a function computes and returns, by the line it begins in: one number, or several."""

    file: str
    line: int
    text: str
    number: float | None = None
    times: int = 0
    varies: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may still be found to be always the same."""
        return not self.varies

    def look(self, frame: FrameType, seen: Mapping[str, Any]) -> None:
        """Nothing is known before it returns."""

    def add(self, number: float | None, times: int, varies: bool) -> None:
        """Take in what was returned in other runs."""
        if times:
            differs = bool(self.times) and number != self.number
            self.varies = self.varies or varies or differs
            self.number, self.times = number, self.times + times

    def note(self, value: Any) -> None:
        """Take in what was returned."""
        array = numbers_of(int(value) if isinstance(value, bool) else value)
        number = None if array is None or np.ptp(array) else float(array.flat[0])
        self.varies |= number is None or (self.number is not None and number != self.number)
        self.number, self.times = number, self.times + 1


LookedAt: TypeAlias = "Operation | Decision | Handler | Returned | Constant"
# Of a function in which nothing is looked at.
NO_LINES: Mapping[int, Sequence[LookedAt]] = MappingProxyType({})


@dataclass(eq=False)
class Entered:
    """A function: its lines, as long as some are looked at, and what its arguments always were."""

    code: CodeType
    is_ours: bool
    lines: frozenset[int]
    arguments: dict[str, Any] | None = None


class Seen(NamedTuple):
    """What was seen of operations, decisions and handlers, by file, of calls and of arguments."""

    found: dict[str, list[tuple[bool, set[str], bool | None]]]
    returned: dict[Place, tuple[float | None, int, bool]]
    decisions: dict[str, list[tuple[set[bool], set[int]]]]
    handlers: dict[str, list[bool]]
    constants: dict[str, list[tuple[bool, bool]]]
    places: tuple[set[Any], ...]
    arguments: Arguments


@dataclass
class Operations:
    """
    What is tried in the files that `is_ours` is true of, and the calls among these files.

    In files that are not `is_wanted`, nothing is tried. `open` has, by file and line, what is still
    to be looked at.
    """

    is_ours: Callable[[str], bool]
    is_wanted: Callable[[str], bool] = lambda file: True
    found: dict[str, list[Operation]] = field(default_factory=dict)
    decisions: dict[str, list[Decision]] = field(default_factory=dict)
    handlers: dict[str, list[Handler]] = field(default_factory=dict)
    returned: dict[Place, Returned] = field(default_factory=dict)
    constants: dict[str, list[Constant]] = field(default_factory=dict)
    open: dict[str, dict[int, list[LookedAt]]] = field(default_factory=dict)
    calls: set[tuple[Place, Place]] = field(default_factory=set)
    direct: set[tuple[Place, Place]] = field(default_factory=set)  # by name
    ran: set[Place] = field(default_factory=set)  # the functions
    arguments: Arguments = field(default_factory=Arguments)
    is_own: bool = True  # whether a run goes on that an author chose
    _ours: dict[str, bool] = field(default_factory=dict)
    # What is known of each function, by identity; with it, so that it lives on.
    _entered: dict[int, Entered] = field(default_factory=dict)
    _noted: dict[tuple[int, int, int, bool], tuple[CodeType, CodeType]] = field(
        default_factory=dict
    )

    def enter(self, frame: FrameType) -> Mapping[int, Sequence[LookedAt]]:
        """Note a call, and return what is to be looked at in its file, if anything is in it."""
        code = frame.f_code
        known = self._entered.get(id(code)) or self._met(code)
        if known.is_ours:
            self.note_call(frame)
            if known.arguments is None:
                known.arguments = self.arguments.first(frame)
            elif known.arguments:
                note(known.arguments, frame)
            if known.lines and known.lines.isdisjoint(self.open[code.co_filename].keys()):
                known.lines = frozenset()  # what was looked at is looked at no more
        return self.open[code.co_filename] if known.lines else NO_LINES

    def _met(self, code: CodeType) -> Entered:
        """Take in a function that was not called before."""
        is_ours = self.has(code.co_filename)
        lines = frozenset(n for _, _, n in code.co_lines() if n is not None and is_ours)
        if is_ours:
            self.ran.add((code.co_filename, code.co_firstlineno))
        known = self._entered[id(code)] = Entered(code, is_ours, lines)
        return known

    def note_call(self, frame: FrameType) -> None:
        """Keep from where a function is called."""
        code, caller = frame.f_code, frame.f_back
        while caller is not None and not self._ours.get(caller.f_code.co_filename):
            if self.has(caller.f_code.co_filename):
                break
            caller = caller.f_back
        if caller is None:
            return
        # What torch calls in between, such as `__torch_function__`, nobody has written there.
        is_next = caller is frame.f_back
        key = (id(caller.f_code), caller.f_lineno, id(code), is_next)
        if key in self._noted:
            return
        self._noted[key] = (caller.f_code, code)
        call = (
            (caller.f_code.co_filename, caller.f_lineno),
            (code.co_filename, code.co_firstlineno),
        )
        self.calls.add(call)
        if is_next and code.co_name in caller.f_code.co_names:
            self.direct.add(call)

    def has(self, file: str) -> bool:
        """Whether a file is looked at."""
        found = self._ours.get(file)
        if found is None:
            found = self._ours[file] = self.is_ours(file)
            if found:
                self.found[file], self.decisions[file], self.handlers[file] = [], [], []
                self.constants[file], self.open[file] = [], {}
                if self.is_wanted(file):
                    self._read(file)
        return found

    def _read(self, file: str) -> None:
        """Find what is to be looked at in a file."""
        tree, lines = tree_of(file), self.open[file]
        self.found[file] += operations_of(file)
        self.decisions[file] += [*decisions(file, tree), *coincidences(file, tree)]
        self.handlers[file] += handlers(file, tree)
        self.constants[file] += constants(file, tree)
        all_: list[LookedAt] = [*self.handlers[file], *self.decisions[file]]
        for each in [*all_, *self.found[file]]:
            lines.setdefault(each.line, []).append(each)
        for line, returned in _returned(file):
            self.returned[file, returned.line] = returned
            lines.setdefault(line, []).append(returned)
        for number in self.constants[file]:
            for line in number.sites:
                lines.setdefault(line, []).append(number)

    def look(self, frame: FrameType) -> None:
        """Try the operations of the line that a frame is about to run."""
        lines, line, seen = self.open[frame.f_code.co_filename], frame.f_lineno, frame.f_locals
        for each in lines[line]:
            if self.is_own or not isinstance(each, Handler):
                each.look(frame, seen)
        if not all(each.is_open for each in lines[line]):
            lines[line] = [each for each in lines[line] if each.is_open]
            if not lines[line]:
                del lines[line]

    def seen(self) -> Seen:
        """Return what was seen so far, as it can be told to another process."""
        return Seen(
            {
                file: [(e.tried, {*e.operands}, e.is_zero) for e in found]
                for file, found in self.found.items()
            },
            {place: (e.number, e.times, e.varies) for place, e in self.returned.items()},
            {file: [e.seen() for e in found] for file, found in self.decisions.items()},
            {file: [e.ran for e in found] for file, found in self.handlers.items()},
            {
                file: [(e.tried, e.mattered) for e in found]
                for file, found in self.constants.items()
            },
            (self.calls, self.direct, self.ran),
            self.arguments,
        )

    def add(self, seen: Seen) -> None:
        """Take in what another process has seen of the same files."""
        for file in filter(self.has, seen.found):
            for operation, found in zip(self.found[file], seen.found[file], strict=True):
                operation.add(*found)
            for decision, ways in zip(self.decisions[file], seen.decisions[file], strict=True):
                decision.add(*ways)
            for handler, ran in zip(self.handlers[file], seen.handlers[file], strict=True):
                handler.ran = handler.ran or ran
            for number, known in zip(self.constants[file], seen.constants[file], strict=True):
                number.add(*known)
        for place, told in seen.returned.items():
            if place in self.returned:
                self.returned[place].add(*told)
        for mine, its in zip(self.seen().places, seen.places, strict=True):
            mine |= its
        self.arguments.add(seen.arguments)

    def share(self, told: Callable[[Seen], Sequence[Seen | None]]) -> None:
        """Tell other processes what was seen, and take in what they tell."""
        for seen in told(self.seen()):
            if seen is not None:
                self.add(seen)

    def note_returned(self, frame: FrameType, value: Any) -> None:
        """Take note of what a function returns."""
        code = frame.f_code
        found = self.returned.get((code.co_filename, code.co_firstlineno))
        if found is not None and found.is_open:
            found.note(value)

    def constant(self, lines: Iterable[Place]) -> Iterator[Returned]:
        """Yield the functions that returned one number only, of those that some lines call."""
        for file, first, _ in self.reached(lines, self.calls):
            found = self.returned.get((file, first))
            if found is not None and found.is_open and found.times > 1:
                yield found

    def settle(self) -> None:
        """Keep what the runs have shown that an author chose, before others are made."""
        self.is_own = False
        for decision in (each for found in self.decisions.values() for each in found):
            decision.own = frozenset(decision.ways)
        for operation in (each for found in self.found.values() for each in found):
            operation.was_idle = operation.tried and bool(operation.operands)
            operation.effect = CHANGED_EFFECT

    def raised(self, frame: FrameType) -> None:
        """Take note that something is raised in a line."""
        for each in () if not self.is_own else self.handlers.get(frame.f_code.co_filename, ()):
            each.ran = each.ran or frame.f_lineno in each.inside

    def unhandled(self, lines: Iterable[Place]) -> Iterator[Handler]:
        """Yield what was never raised to in some lines, and in all that they call themselves."""
        for file, first, last in self.reached(lines, self.direct):
            for each in self.handlers.get(file, ()):
                if first <= each.line <= last and not each.ran:
                    yield each

    def unguarded(self, lines: Iterable[Place]) -> Iterator[Handler]:
        """Yield what was never raised to, of what stands around some lines."""
        for file, line in lines:
            found = self.handlers.get(file, ())
            yield from (each for each in found if line in each.guards and not each.ran)

    def idle(self, lines: Iterable[Place], *, own: bool = False) -> Iterator[Operation]:
        """
        Yield the operations without effect in some lines, and in all that they call.

        With `own`, what they did in the runs that an author chose is all that counts.
        """
        for file, first, last in self.reached(lines, self.calls):
            for each in self.found.get(file, ()):
                is_idle = each.tried and (bool(each.operands) or (own and each.was_idle))
                if first <= each.line <= last and (is_idle or each.is_zero):
                    yield each

    def unmoved(self, lines: Iterable[Place]) -> Iterator[Constant]:
        """Yield the numbers that never mattered in some lines, and in all that they call."""
        for file, first, last in self.reached(lines, self.calls):
            for each in self.constants.get(file, ()):
                is_here = any(first <= line <= last for line in each.sites)
                if is_here and each.tried and each.is_open:
                    yield each

    def undecided(self, lines: Iterable[Place], *, own: bool = False) -> Iterator[Decision]:
        """Yield what has decided one way only in some lines, and in all they call themselves."""
        for file, first, last in self.reached(lines, self.direct):
            for each in self.decisions.get(file, ()):
                ways = each.own if own else each.ways
                if first <= each.line <= last and not each.is_shown(ways):
                    yield each

    def reached(
        self, lines: Iterable[Place], calls: Collection[tuple[Place, Place]]
    ) -> Iterator[tuple[str, int, int]]:
        """Yield the lines, and those of the functions that are called from there."""
        todo = list(_together(lines))
        called_in: dict[str, list[tuple[int, Place]]] = {}
        for (file, line), called in calls:
            called_in.setdefault(file, []).append((line, called))
        seen: set[Place] = set()
        while todo:
            yield (here := todo.pop())
            file, first, last = here
            for line, called in called_in.get(file, ()):
                if first <= line <= last and called not in seen:
                    seen.add(called)
                    todo.append((*called, end_of(*called)))


def _together(lines: Iterable[Place]) -> Iterator[tuple[str, int, int]]:
    """Lines, where those that follow each other are one piece."""
    before: tuple[str, int, int] | None = None
    for file, line in sorted(set(lines)):
        if before and before[0] == file and before[2] + 1 == line:
            before = (file, before[1], line)
            continue
        if before:
            yield before
        before = (file, line, line)
    if before:
        yield before


def _returned(file: str) -> Iterator[tuple[int, Returned]]:
    """The functions of a file that return what they compute, with the lines in which they do."""
    for node in nodes_of(tree_of(file)):
        if not isinstance(node, ast.FunctionDef):
            continue
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        last = [each for each in nodes_of(node) if isinstance(each, ast.Return) and each.value]
        if any(_computes(each.value) for each in last if each.value):
            found = Returned(file, first, node.name)
            yield from ((each.lineno, found) for each in last)


def _computes(node: ast.expr) -> bool:
    """Whether a value is more than a constant, an attribute, or zeros in some shape."""
    match node:
        case ast.Call(ast.Attribute(attr=name)) if name.endswith("_like"):
            return False
        case ast.Attribute() | ast.Constant() | ast.UnaryOp(operand=ast.Constant()):
            return False
    return any(isinstance(each, ast.Name | ast.Attribute) for each in nodes_of(node))
