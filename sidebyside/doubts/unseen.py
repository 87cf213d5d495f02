"""
# What no run has shown of the code

Code may do more than its runs show: it takes the larger of two numbers, and one of them always is;
it decides, and always the same way; it handles what is never raised. What a formula says is then
true of the runs, and nobody knows whether it is true of the code. So it is refused, until a
configuration shows the other way.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from sidebyside.algebra.domain import domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.claims.binding import Meanings
from sidebyside.claims.chunks import functions_of
from sidebyside.claims.claims import Claim, Kind
from sidebyside.formula.tree import assignment, symbols_of
from sidebyside.judging.verdicts import Verdict
from sidebyside.language.around import around_call, wrapping
from sidebyside.language.deciding import Deciding
from sidebyside.language.foreign import tests_around
from sidebyside.language.writers import code_in, imports
from sidebyside.probing.decisions import Decision
from sidebyside.probing.noticed import Noticed
from sidebyside.probing.operation import Operation
from sidebyside.probing.operations import Operations, Place
from sidebyside.probing.trees import end_of, nodes_of, real_path, tree_of
from sidebyside.reasons import Reason
from sidebyside.settings import Settings
from sidebyside.source.notation import RETURN_NAME, Scope, names_in
from sidebyside.source.sections import Module
from sidebyside.trace.trace import Function, Recording

__all__ = ["Unseen"]


# What a statement was compared as, by what its verdict says.
_COMPARED_AS: Mapping[str, Kind] = {
    "holds-line": "line",
    "holds-lines": "line",
    "holds-call": "call",
    "holds-class": "row",
}


@dataclass(frozen=True, eq=False)
class Unseen:
    """
    What was seen of some `operations`, while `classes` took their steps.

    `recordings` are those of the configurations, and `more` those in which something was changed.
    `aliased` are, by class, the inputs that must not be what is in memory.
    Sources that are not `wanted` do not count: what they do is shown by the runs of others, too.
    """

    settings: Settings
    modules: Sequence[Module]
    wanted: Collection[str]
    operations: Operations
    meanings: Meanings
    recordings: Sequence[Recording] = ()
    more: Sequence[Recording] = ()
    aliased: Mapping[type, Collection[tuple[str, str]]] = field(default_factory=dict)

    @cached_property
    def deciding(self) -> Deciding:
        """What could decide the values in the code that ran."""
        classes = {each.owner for each in self.recordings}
        memory, between = self.settings.memory, self._between()
        sources = [str(self.settings.root / each) for each in self.wanted]
        return Deciding(self.operations, classes, memory, between, self._is_wanted, sources)

    def _between(self) -> dict[Place, set[str]]:
        """The functions that only ran between steps, and what they have changed there."""
        found: dict[Place, set[str]] = {}
        calls = self.operations.calls
        for each in self.recordings:
            for (file, first), names in each.noticed.between.items():
                lines = [(file, n) for n in range(first, end_of(file, first) + 1)]
                for home, start, _ in self.operations.reached(lines, calls):
                    found.setdefault((home, start), set()).update(names)
        taken = {step.call.function for each in self.recordings for step in each.steps[:1]}
        taken |= {driver for each in self.recordings for driver in each.drivers}
        for file, first, last in self.operations.reached(self._lines_of(taken), calls):
            found = {home: n for home, n in found.items() if not _is_at(home, file, first, last)}
        return found

    def reason(self, verdict: Verdict) -> Reason | None:
        """Return what the code of a claim may do that no run has shown."""
        if verdict.status not in ("tried", "definition"):
            return None
        claim, is_compared = self._as_compared(verdict), verdict.times > 0
        return next(self._reasons(claim, is_compared=is_compared), None)

    def _as_compared(self, verdict: Verdict) -> Claim:
        """A claim; of a statement, one of the kind that it was compared as."""
        claim = verdict.claim
        kinds = [_COMPARED_AS[each.key] for each in verdict.reasons if each.key in _COMPARED_AS]
        if claim.kind != "statement" or not kinds:
            return claim
        classes = self.meanings.notation.bases
        own = (each for each in self.meanings.scopes(claim.scope) if each in classes)
        home = next(own, Scope(claim.path)) if kinds[0] == "row" else claim.scope
        return replace(claim, kind=kinds[0], scope=home)

    def _reasons(self, claim: Claim, *, is_compared: bool) -> Iterator[Reason]:
        here = self._file(claim.path)
        beside = [(here, line) for line in self._lines(claim)]
        around = [(here, line) for line in self._lines(claim, whole=True)]
        steps = list(self._steps(claim))
        for each in self.operations.idle(beside):
            if each.is_arithmetic and not self.settings.strict:
                continue  # its author's settings, such as no decay, are not ours to choose
            yield from self._reason(_key(each), each.file, each.line, each.text, each.always)
        handlers = self.operations.unhandled([*around, *steps])
        callers = [place for each in self._its(claim) for place in each.noticed.rounds]
        for handler in (*handlers, *self.operations.unguarded(callers)):
            yield from self._reason("unhandled", handler.file, handler.line, handler.text)
        if self.settings.strict and is_compared:
            yield from self._strictly(claim, beside, around, steps)

    def _strictly(
        self, claim: Claim, beside: list[Place], around: list[Place], steps: list[Place]
    ) -> Iterator[Reason]:
        """What may decide, in sources that are written to be checked."""
        drivers = list(self._drivers(claim))
        named = self._named(claim)
        lines = [*beside, *steps]
        around_it = [*lines, *self.deciding.lines(lines, named, around)]
        for each in self.operations.idle(around_it):
            if each.text not in named:
                yield from self._reason(_key(each), each.file, each.line, each.text, each.always)
        for number in self.operations.unmoved(around_it):
            yield from self._reason("unmoved", number.file, number.line, number.text)
        tests = [(file, line) for file, n in around_it for line in tests_around(file, n)]
        for decision in self.operations.undecided([*around_it, *tests]):
            if decision.text not in named:
                yield from self._decided(decision, decision.ways)
        entered = list(self.operations.reached(self._entered(claim), self.operations.calls))
        for decision in self.operations.undecided(drivers, own=True):
            is_of_step = _is_inside(decision, entered)
            # Which parameters take a step is not what a formula is about.
            if not is_of_step and decision.key not in ("cuts", "one-length"):
                yield from self._decided(decision, decision.own)
        for each in self.operations.idle(drivers, own=True):
            if not _is_inside(each, entered):
                yield from self._reason(_key(each), each.file, each.line, each.text, "given")
        yield from self.deciding.reasons(lines, named, around, drivers)
        yield from self._steady(claim, beside)
        for found in self.operations.constant(lines):
            if found.number is not None:
                value = f"{found.number:g}"
                yield from self._reason("returns", found.file, found.line, found.text, value)
        yield from self._noticed(claim, named)
        yield from self._one_argument(claim, named)
        yield from self._around(claim, named)

    def reads(self, claim: Claim) -> set[str]:
        """Return all pieces of the code that a formula is about."""
        beside = [(self._file(claim.path), line) for line in self._lines(claim)]
        around = [(self._file(claim.path), line) for line in self._lines(claim, whole=True)]
        return self.deciding.texts([*beside, *self._steps(claim)], (), around)

    def _decided(self, decision: Decision, ways: Collection[bool]) -> Iterator[Reason]:
        value = "true" if True in ways else "false"
        yield from self._reason(decision.key, decision.file, decision.line, decision.text, value)

    def _named(self, claim: Claim) -> set[str]:
        """The code that the symbols of a formula stand for; of all rows of a display."""
        rows = self.meanings.claims if claim.kind == "row" and claim.block else ()
        same = [claim, *(each for each in rows if _is_with(each, claim))]
        codes = (self.meanings.codes(each) for each in same if each.formula is not None)
        return {code for found in codes for code in found}

    def _noticed(self, claim: Claim, named: Set[str]) -> Iterator[Reason]:
        """What runs have shown of the arguments of steps."""
        its = self._its(claim)
        read = self.reads(claim) if any(each.noticed.tampered for each in its) else set()
        for name, kind in self._whole(its):
            if name in named - self._said_whole:
                yield Reason("whole-input", {"name": name, "type": kind})
        for noticed in (each.noticed for each in its):
            for name, kind in noticed.narrow.items():
                yield Reason("narrow-input", {"name": name, "type": kind})
            for name, code in noticed.shared.items():
                yield Reason("shared-memory", {"code": f"self.{name}", "name": code})
            for code in sorted(noticed.writing):
                yield Reason("reading-writes", {"code": code})
            for name in sorted(noticed.tampered):
                if f"self.{name}" not in named and f"self.{name}" in read:
                    yield Reason("tampered", {"name": name})
            for code in sorted(noticed.kept) if claim.kind != "call" else ():
                yield Reason("kept", {"code": code})
        probed = [each for each in self.more if self._is_about(claim, each)]
        for noticed in (each.noticed for each in (*its, *probed)):
            for name, caller in noticed.altered.items() if claim.kind == "row" else ():
                yield Reason("altered", {"caller": caller, "name": name})
        for name, kept in {pair for each in its for pair in self.aliased.get(each.owner, ())}:
            if {name, kept} <= {*named}:
                yield Reason("aliased", {"name": name, "code": kept})
        if claim.kind == "row":
            places = {place for each in its for place in each.noticed.rounds}
            yield from self._rounds(places, [each.noticed for each in (*its, *probed)])

    def _steady(self, claim: Claim, beside: Iterable[Place]) -> Iterator[Reason]:
        """Code that computes with variables what a formula says is one number."""
        pair = assignment(claim.formula)
        if claim.kind != "line" or pair is None or list(symbols_of(pair[1])):
            return
        for file, line in beside:
            for node in code_in(file, line, line):
                if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value:
                    for name in {*variables_of(node.value)} - {*imports(tree_of(file))}:
                        text = ast.unparse(node)
                        yield from self._reason("steady", file, node.lineno, text, name)

    @cached_property
    def _said_whole(self) -> set[str]:
        """The code of symbols that a list says to be whole numbers."""
        found: set[str] = set()
        for each in self.meanings.notation.meanings:
            with suppress(NoValue):  # a domain that depends on other symbols
                if each.domain and domain_of(each.domain)[1].whole:
                    found.add(each.code)
        return found

    def _whole(self, its: Sequence[Recording]) -> Iterator[tuple[str, str]]:
        """The arguments of steps that were arrays of whole numbers, or lists, in all runs."""
        kinds: dict[str, set[str]] = {}
        for each in its:
            for name, found in each.noticed.kinds.items():
                kinds.setdefault(name, set()).update(found)
        for name, found in kinds.items():
            if "" not in found:
                yield name, " or ".join(sorted(found))

    def _rounds(self, places: Collection[Place], noticed: Sequence[Noticed]) -> Iterator[Reason]:
        """The loops that take one step only."""
        most: dict[tuple[Place, str], int] = {}
        for each in noticed:
            for place, counts in each.rounds.items():
                if place not in places:
                    continue
                for name, count in counts.items():
                    most[place, name] = max(count, most.get((place, name), 0))
        for ((file, line), name), count in most.items():
            if count < 2 and name in loop_variables(file, line):
                where = f"{os.path.basename(file)}:{line}"
                yield Reason("rounds", {"place": where, "name": name})

    def _one_argument(self, claim: Claim, named: Collection[str]) -> Iterator[Reason]:
        """The arguments, with a default, that were the same in all calls of a function."""
        functions = {(each.path, each.name) for each in self._watched(claim)}
        for module in self.modules:
            for name, first, node in functions_of(module.tree):
                if (module.path, name) in functions:
                    place = (str(self.settings.root / module.path), first)
                    found = self.operations.arguments.of(place)
                    for argument in _decisive(node):
                        if argument in found and argument not in named:
                            fields = {"code": argument, "name": node.name}
                            yield Reason("one-argument", {**fields, "value": repr(found[argument])})

    def _around(self, claim: Claim, named: Collection[str]) -> Iterator[Reason]:
        """What stands between the function that a claim is about and whoever calls it."""
        if claim.kind in ("line", "call"):
            about = {(claim.path, claim.scope.name)}
        else:
            steps = (step for each in self._its(claim) for step in each.steps[:1])
            about = {(s.call.function.path, s.call.function.name) for s in steps}
        for module in self.modules:
            for name, first, _ in functions_of(module.tree):
                if (module.path, name) in about:
                    file = self._file(module.path)
                    yield from wrapping(file, name, first, self.operations.has)
        entry = self.settings.entry
        returns = any(RETURN_NAME in names_in(code) for code in named)
        is_of_entry = {name.rpartition(".")[2] for _, name in about} == {entry}
        for owner in {each.owner for each in self._its(claim)} if returns and is_of_entry else ():
            yield from around_call(owner, entry)

    def _watched(self, claim: Claim) -> Iterator[Scope]:
        """The functions that a claim is about, and those that call the steps it is about."""
        if claim.kind in ("line", "call"):
            yield claim.scope
        for each in self._its(claim):
            called = [step.call.function for step in each.steps[:1]]
            drivers = [driver for driver in each.drivers if driver.path == claim.path]
            yield from (Scope(function.path, function.name) for function in (*called, *drivers))

    def _its(self, claim: Claim) -> list[Recording]:
        """The runs of the configurations that a claim is about."""
        return [each for each in self.recordings if self._is_about(claim, each)]

    def _is_about(self, claim: Claim, recording: Recording) -> bool:
        """Whether a claim is about the class of a recording, or code that it ran."""
        if claim.kind == "row":
            return claim.scope in self.meanings.running(recording.owner)[:1]
        return any(
            (each.path, each.name) == (claim.path, claim.scope.name) for each in recording.reached
        )

    def _reason(
        self, code: str, file: str, line: int, text: str, value: str = ""
    ) -> Iterator[Reason]:
        if self._is_wanted(file):
            place = f"{os.path.basename(file)}:{line}"
            yield Reason(code, {"place": place, "code": text, "value": value})

    def _is_wanted(self, file: str) -> bool:
        return real_path(file) not in self._others

    @cached_property
    def _others(self) -> set[str]:
        """The files that are not checked."""
        return {*map(self._file, {each.path for each in self.modules} - {*self.wanted})}

    def _file(self, path: str) -> str:
        return real_path(str(self.settings.root / path))

    def _steps(self, claim: Claim) -> Iterator[Place]:
        """The code that takes the steps of the class that a row is about."""
        for each in self._its(claim) if claim.kind == "row" else ():
            called = [step.call.function for step in each.steps[:1]]
            reached = [function for function in each.reached if function.path == claim.path]
            yield from self._lines_of([*called, *reached])

    def _entered(self, claim: Claim) -> Iterator[Place]:
        """The method that takes a step."""
        for each in self._its(claim):
            yield from self._lines_of(step.call.function for step in each.steps[:1])

    def _drivers(self, claim: Claim) -> Iterator[Place]:
        """
        The code that the user calls, and that calls the method that takes a step.

        Where it stands on another page, that page is about it.
        """
        for each in self._its(claim) if claim.kind in ("row", "line") else ():
            yield from self._lines_of(d for d in each.drivers if d.path == claim.path)

    def _lines_of(self, functions: Iterable[Function]) -> Iterator[Place]:
        known = {(each.path, each.line) for each in functions}
        for module in self.modules:
            for _, first, node in functions_of(module.tree):
                if (module.path, first) in known:
                    last = node.end_lineno or first
                    yield from ((self._file(module.path), n) for n in range(first, last + 1))

    def _lines(self, claim: Claim, *, whole: bool = False) -> Iterator[int]:
        """The code that a claim is about; that of a class is too much to be about one formula."""
        if claim.kind == "line" and not whole:
            yield from claim.lines
            return
        for module in self.modules if claim.kind in ("call", "line") else ():
            for name, first, node in functions_of(module.tree):
                if (module.path, name) == (claim.path, claim.scope.name):
                    yield from range(first, (node.end_lineno or first) + 1)


def _is_inside(code: Decision | Operation, parts: Sequence[tuple[str, int, int]]) -> bool:
    """Whether some code stands in one of some pieces of code."""
    return any(file == code.file and a <= code.line <= b for file, a, b in parts)


def _is_at(place: Place, file: str, first: int, last: int) -> bool:
    return place[0] == file and first <= place[1] <= last


def _key(operation: Operation) -> str:
    return "term" if operation.is_sum else "operand"


def _is_with(one: Claim, other: Claim) -> bool:
    """Whether two claims stand in one display."""
    return (one.path, one.block, one.kind) == (other.path, other.block, other.kind)


def _decisive(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The arguments of a function that have a default, and that it looks at."""
    inside = [each for statement in node.body for each in ast.walk(statement)]
    read = {each.id for each in inside if isinstance(each, ast.Name)}
    return [name for name in defaulted(node) if name in read]


def defaulted(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the arguments of a function that have a default."""
    known = [*node.args.posonlyargs, *node.args.args]
    with_default = known[len(known) - len(node.args.defaults) :]
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return [each.arg for each in (*with_default, *(a for a, value in named if value is not None))]


def variables_of(node: ast.AST) -> Iterator[str]:
    """Yield the variables that some code computes with; the shape of one is no number."""
    match node:
        case ast.Call(ast.Name(name) | ast.Attribute(attr=name), [_, *others]) if (
            name[-5:] == "_like"
        ):
            inside: Iterable[ast.AST] = others
        case ast.Call(function, arguments, keywords):
            owner = [function.value] if isinstance(function, ast.Attribute) else []
            inside = [*owner, *arguments, *(each.value for each in keywords)]
        case ast.Attribute(attr="shape" | "size" | "dtype"):
            inside = []
        case ast.BinOp(ast.Constant(0 | 0.0), ast.Mult()):  # everybody sees what that is
            inside = []
        case ast.Name(name, ast.Load()):
            yield name
            inside = []
        case _:
            inside = ast.iter_child_nodes(node)
    for each in inside:
        yield from variables_of(each)


@lru_cache(maxsize=256)
def loop_variables(file: str, line: int) -> set[str]:
    """Return the variables of the loops around a line."""
    found: set[str] = set()
    for node in nodes_of(tree_of(file)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.For | ast.AsyncFor):
            targets = [node.target]
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            targets = [each.target for each in node.generators]
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        if first <= line <= last:
            names = (inside for target in targets for inside in ast.walk(target))
            found |= {each.id for each in names if isinstance(each, ast.Name)}
    return found
