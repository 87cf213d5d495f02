"""
# What no configuration has tried

A formula that agrees in all runs may agree because of what they have in common: a setting that is
never another one, inputs that are never large, a counter that never comes to its end. So each run
is made again with one of these changed. A formula that fails then says more than was tried, and is
refused, until a configuration gives the case, or the page names it.

What a changed run makes of a formula counts only if it has a value there: where the code raises, or
a number is outside the domain that the page declares, nothing was found.
"""

from __future__ import annotations

import ast
import inspect
import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.falsify import HOLDS
from sidebyside.algebra.numeric import NotFinite
from sidebyside.checking import verdicts
from sidebyside.checking.checker import Checker, failed
from sidebyside.checking.claims import Claim, functions_of
from sidebyside.checking.settings import Configuration, Run, Settings, differ
from sidebyside.checking.statements import judge
from sidebyside.checking.verdicts import Verdict, compare
from sidebyside.source import Module
from sidebyside.trace.probes import CHANGES, Probe, at_numbers, probing
from sidebyside.trace.recorder import Recorder
from sidebyside.trace.trace import Recording

__all__ = ["Untried"]

# Where inputs are large, rounding takes more digits; in what goes on step by step, half of them.
FAR_OFF = {"row": 1e-6, "line": 1e-12, "call": 1e-12}
MOST_VALUES = 8
MOST_EVENTS = 300_000  # of a changed run, which may never end
_TEXTS = ("sin", "another")  # a function of most modules, and a text that none knows


@dataclass(frozen=True)
class Untried:
    """The changed runs of some configurations; `wanted` are the files that are checked."""

    settings: Settings
    modules: Sequence[Module]
    wanted: Collection[str]
    run: Run
    recorder: Recorder

    def recordings(
        self, configurations: Sequence[Configuration], recordings: Sequence[Recording]
    ) -> Iterator[Recording]:
        """Yield a recording of each probe that runs, from configurations that show most lines."""
        telling = list(_telling(configurations, recordings, self.wanted))
        for base in telling:
            same = [each for each in telling if each.cls is base.cls]
            values = _values(base.cls, configurations) if base in (same[0], same[-1]) else {}
            for probe in self.probes(base, values):
                found = self._recorded(base, probe)
                if found is not None:
                    yield found

    def probes(self, base: Configuration, values: Mapping[str, list[Any]]) -> Iterator[Probe]:
        """Yield what can be changed about one configuration: inputs, steps, and settings."""
        trees = list(_trees(base.cls, self.modules, self.settings.root))
        numbers, texts = _constants(trees)
        numbers = [each for each in numbers if each]
        for words, change in CHANGES.items():
            yield Probe(words, base.arguments, base.arguments, change)
        decisive = [value for each in _compared(trees) for value in (each, 2 * each + 1)]
        if numbers:
            words = "inputs that are numbers of the code"
            yield Probe(words, base.arguments, base.arguments, at_numbers(numbers))
        sizes = next(iter(CHANGES.values()))
        yield Probe("many more steps", base.arguments, base.arguments, sizes, longer=True)
        for name, known in values.items():
            for value in _others(known, decisive, texts):
                arguments = {**base.arguments, name: value}
                seen = base.arguments if _is_number(known) else arguments
                yield Probe(f"`{name}` = {value!r}", arguments, seen)
        for name in texts[:MOST_VALUES] if values and _takes_any(base.cls) else ():
            arguments = {**base.arguments, name: 0.7}
            yield Probe(f"`{name}` = 0.7", arguments, arguments)

    def _recorded(self, base: Configuration, probe: Probe) -> Recording | None:
        settings = self.settings
        drive = probing(self.run, base.cls, probe, settings.entry, settings.memory)
        label = f"{base.label} with {probe.words}"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self.recorder.record(drive, base.cls, label, probe.seen, MOST_EVENTS)
        except Exception:  # what the code does not take is no finding
            return None

    def refuse_idle(self, verdict: Verdict) -> Verdict:
        """Return a verdict, failed if an operation behind its claim's code has had no effect."""
        operations, claim = self.recorder.operations, verdict.claim
        if verdict.status not in ("checked", "definition") or operations is None:
            return verdict
        file = os.path.realpath(self.settings.root / claim.path)
        for each in operations.idle((file, line) for line in self._lines(claim)):
            where = f"{os.path.basename(each.file)}:{each.line}"
            same = f"`{each.text}` is `{next(iter(each.operands))}` in all runs"
            return failed(claim, f"{where}: {same}; add a configuration in which it is not")
        return verdict

    def _lines(self, claim: Claim) -> Iterator[int]:
        """The code that a claim is about; that of a class is too much to be about one formula."""
        yield from claim.lines if claim.kind == "line" else ()
        for module in self.modules if claim.kind == "call" else ():
            for name, first, node in functions_of(module.tree):
                if (module.path, name) == (claim.path, claim.scope.name):
                    yield from range(first, (node.end_lineno or first) + 1)


def _telling(
    configurations: Sequence[Configuration],
    recordings: Sequence[Recording],
    paths: Collection[str],
) -> Iterator[Configuration]:
    """The configurations that come to a line of some files that no other one before them has."""
    seen: set[tuple[str, int]] = set()
    for each in configurations:
        lines = next((r.lines for r in recordings if _is_of(r, each)), set())
        lines = {(path, line) for path, line in lines if path in paths}
        if lines - seen:
            seen |= lines
            yield each


def _is_of(recording: Recording, each: Configuration) -> bool:
    return recording.owner is each.cls and recording.label == each.label


def _trees(cls: type, modules: Iterable[Module], root: Path) -> Iterator[ast.AST]:
    """The modules that a class is made of."""
    files = {os.path.realpath(inspect.getsourcefile(each) or "") for each in cls.__mro__[:-1]}
    return (each.tree for each in modules if os.path.realpath(root / each.path) in files)


def _constants(trees: Iterable[ast.AST]) -> tuple[list[float], list[str]]:
    """The numbers and the names in some code."""
    nodes = (node for tree in trees for node in ast.walk(tree))
    found = [node.value for node in nodes if isinstance(node, ast.Constant)]
    numbers = [float(v) for v in found if isinstance(v, int | float) and not isinstance(v, bool)]
    texts = [v for v in found if isinstance(v, str) and v.isidentifier()]
    return list(dict.fromkeys(numbers)), list(dict.fromkeys(texts))


def _compared(trees: Iterable[ast.AST]) -> list[float]:
    """The numbers with which some code compares another."""
    tests = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Compare)]
    return _constants(tests)[0]


def _values(cls: type, configurations: Iterable[Configuration]) -> dict[str, list[Any]]:
    """The values that each argument of a constructor has in the configurations of a class."""
    found: dict[str, list[Any]] = {}
    given = [each.arguments for each in configurations if each.cls is cls]
    for name, parameter in inspect.signature(cls).parameters.items():
        default = parameter.default
        values = [each.get(name, default) for each in given]
        if not any(each is parameter.empty for each in values):
            found[name] = [v for n, v in enumerate(values) if not _is_in(v, values[:n])]
    return found


def _takes_any(cls: type) -> bool:
    """Whether a constructor takes arguments of any name."""
    parameters = inspect.signature(cls).parameters.values()
    return any(each.kind is each.VAR_KEYWORD for each in parameters)


def _is_number(values: Sequence[Any]) -> bool:
    """Whether an argument is one number in all configurations; 0 switches something off."""
    return len(values) == 1 and type(values[0]) in (int, float) and values[0] != 0


def _is_in(value: Any, values: Sequence[Any]) -> bool:
    return any(type(each) is type(value) and not differ(each, value) for each in values)


def _others(values: Sequence[Any], numbers: Sequence[float], texts: Sequence[str]) -> list[Any]:
    """What else an argument may be that has these values in the configurations."""
    if len(values) > 1:
        is_number = all(type(each) is float for each in values)
        return [*numbers, 2.0 * max(values)][:MOST_VALUES] if is_number else []
    [value] = values
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value + 2]
        case float():
            return [round(0.6 * value + 0.37, 6)]
        case None:
            return [0.7, True]
        case str():
            return [each for each in (*_TEXTS, *texts) if each != value][:MOST_VALUES]
        case list() | tuple():
            changed = [round(0.6 * v + 0.37, 6) if type(v) in (int, float) else v for v in value]
            return [type(value)(changed), type(value)([*changed, *changed])]
    return [_another] if callable(value) and not isinstance(value, type) else []


def _another(value: Any, *_: Any) -> Any:
    """A function in place of one."""
    return 0.7 * value + 0.1


def refuse(verdict: Verdict, checkers: Sequence[Checker]) -> Verdict:
    """Return a verdict, failed if its claim fails in a changed run."""
    claim = verdict.claim
    if verdict.status not in ("checked", "definition") or not verdict.times:
        return verdict
    for checker in checkers:
        reason = _broken(claim, checker)
        if reason:
            return failed(claim, f"{reason}; no configuration shows this, so add one")
    return verdict


def _broken(claim: Claim, checker: Checker) -> str:
    """How a claim fails in a changed run; empty if it does not."""
    if claim.kind == "statement":
        found = judge(claim, checker)
        return found.detail if found.status == "failed" and found.times else ""
    for moment, sides in checker.comparisons(claim):
        if isinstance(sides, NoValue):
            continue
        try:
            outcome = compare(sides)
        except NotFinite:
            continue
        if outcome.agrees or (sides.sign not in HOLDS and outcome.error < FAR_OFF[claim.kind]):
            continue
        where = f"({moment.recording.label}, step {moment.step.t})"
        detail = verdicts.disagreement(outcome, sides, ())
        return f"{verdicts.disagrees(claim, sides)} {where}: {detail}"
    return ""
