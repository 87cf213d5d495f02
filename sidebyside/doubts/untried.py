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

import inspect
import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from sidebyside.algebra.domain import Domain, beside, domains_of
from sidebyside.doubts.aliases import aliased
from sidebyside.doubts.candidates import (
    constants_in,
    float_settings,
    known_settings,
    other_settings,
    seen_of,
    values_of,
    zeros_of,
)
from sidebyside.doubts.company import MOST_COMPANIONS, tensor_settings
from sidebyside.doubts.kinds import KINDS, Sayings
from sidebyside.doubts.meanwhile import MEANWHILE
from sidebyside.doubts.odd import BESIDE, CLOSE, near, odd_calls, odd_inputs, odd_settings
from sidebyside.doubts.probes import (
    CHANGES,
    PAUSES,
    RELOADED,
    REUSED,
    SCHEDULE,
    Probe,
    at_numbers,
    probing,
)
from sidebyside.probing.again import ALONE, functions_in
from sidebyside.settings import Configuration, Run, Settings
from sidebyside.source.notation import Meaning
from sidebyside.source.sections import Module
from sidebyside.trace.recorder import Recorder
from sidebyside.trace.trace import NOTHING, Recording

__all__ = ["Untried", "has_gradients"]

_RAISES = ("divide", "over", "invalid")
MOST_EVENTS = 300_000  # of a changed run, which may never end


@dataclass(frozen=True)
class Untried:
    """
    The changed runs of some configurations.

    `wanted` are the files that are checked, `meanings` what lists say of symbols. Numbers of other
    types show nothing of the operations, so a `blind` recorder sees them.
    """

    settings: Settings
    modules: Sequence[Module]
    wanted: Collection[str]
    run: Run
    recorder: Recorder
    blind: Recorder
    meanings: Sequence[Meaning] = ()

    def plans(
        self, configurations: Sequence[Configuration], recordings: Sequence[Recording]
    ) -> Iterator[tuple[Configuration, Probe]]:
        """Yield each probe that is tried, and the configuration, one that shows most lines."""
        telling = list(_telling(configurations, recordings, self.wanted))
        for base in telling:
            same = [each for each in telling if each.cls is base.cls]
            values = values_of(base.cls, configurations) if base in (same[0], same[-1]) else {}
            # Many steps take long, and what they show is seldom about a switch.
            longer = base is same[0]
            yield from ((base, probe) for probe in self.probes(base, values, longer=longer))
            if longer and self.settings.strict:
                others = [each.arguments for each in configurations if each.cls is base.cls]
                yield from ((base, probe) for probe in self.odd(base, values, others))
                its = [each for each in recordings if _is_of(each, base)]
                numbers = self.numbers(base, values)
                uses = self.lives if has_gradients(its) else self.uses
                probes = (*uses(base, numbers, its), *self.alone(base))
                yield from ((base, probe) for probe in probes)

    def record(self, base: Configuration, probe: Probe) -> Recording | None:
        """Return what a probe has shown; None where the code does not take it."""
        found = self._recorded(base, probe)
        if found is None and probe.far:  # numbers so large are none, where they are raised
            found = self._recorded(base, replace(probe, far=False))
        for count in range(probe.company - 1, 0, -1) if found is None else ():
            found = found or self._recorded(base, replace(probe, company=count))
        if found is None and probe.alone:  # it wants a gradient for each parameter
            found = self._recorded(base, replace(probe, alone=False, far=False))
        return found

    @cached_property
    def domains(self) -> dict[str, Domain]:
        """The domains that lists declare, by the code of a symbol."""
        return domains_of(self.meanings)

    def aliased(self, configurations: Sequence[Configuration]) -> dict[type, set[tuple[str, str]]]:
        """Return, by class, the inputs that must not be what is in memory, each with that."""
        found: dict[type, set[tuple[str, str]]] = {}
        entry, memory = self.settings.entry, self.settings.memory
        for each in configurations:
            if each.cls not in found and hasattr(each.cls, entry):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found[each.cls] = aliased(self.run, each.cls, each.arguments, entry, memory)
        return found

    def probes(
        self, base: Configuration, values: Mapping[str, list[Any]], *, longer: bool
    ) -> Iterator[Probe]:
        """Yield what can be changed about one configuration: inputs, steps, and settings."""
        given, code = base.arguments, constants_in(base.cls, self.modules, self.settings.root)
        for words, change in CHANGES.items():
            yield Probe(words, given, given, change, reused=words == REUSED)
        if code.numbers:
            change = at_numbers([*dict.fromkeys((*code.decisive, *code.numbers))])
            yield Probe("inputs that are numbers of the code", given, given, change)
        if longer:
            sizes = next(iter(CHANGES.values()))
            yield Probe("many more steps", given, given, sizes, longer=True, alone=True, far=True)
        later = float_settings(values)
        if later:
            yield Probe(SCHEDULE, given, given, later=later)
            count = MOST_COMPANIONS if longer and self.settings.strict else 1
            yield Probe("more parameters", given, given, later=later, company=count)
        defaults = {name: known[0] for name, known in values.items()}
        zeros = zeros_of(base.cls, self.modules, self.settings.root, {**defaults, **given})
        for name, zero in zeros if values else ():
            changed = {**given, name: zero}
            yield Probe(f"`{name}` = {zero!r}", changed, changed)
        for words, changed in other_settings(base.cls, values, code):
            yield Probe(words, {**given, **changed}, {**given, **seen_of(changed, values)})

    def odd(
        self,
        base: Configuration,
        values: Mapping[str, list[Any]],
        others: Sequence[Mapping[str, Any]],
    ) -> Iterator[Probe]:
        """Yield what settings and inputs may be that nobody chooses."""
        given, known = base.arguments, known_settings(base, values)
        defaults = {n: each.default for n, each in inspect.signature(base.cls).parameters.items()}
        tried = [{n: each.get(n, defaults[n]) for n in known} for each in others]
        for words, changed in odd_settings(known, tried, self.domains):
            seen = {**given, **seen_of(changed, values)}
            yield Probe(words, {**given, **changed}, seen, few=True)
        for words, changed, change in odd_inputs(known):
            seen = {**given, **seen_of(changed, values)}
            yield Probe(words, {**given, **changed}, seen, change)

    def numbers(self, base: Configuration, values: Mapping[str, list[Any]]) -> list[float]:
        """Return the numbers of the code of a class, and those that are settings."""
        settings = [each for each in known_settings(base, values).values() if type(each) is float]
        return [*constants_in(base.cls, self.modules, self.settings.root).numbers, *settings]

    def uses(
        self, base: Configuration, numbers: Sequence[float], its: Sequence[Recording]
    ) -> Iterator[Probe]:
        """Yield what users may do otherwise: give numbers of other kinds, or come in between."""
        given = base.arguments
        calls = max((len(each.steps) for each in its), default=1)
        listed = {each.code for each in self.meanings}
        method = getattr(base.cls, self.settings.entry)
        whole = [name for name in inspect.signature(method).parameters if name in listed]
        for words, change in odd_calls(numbers, calls, whole, self.domains):
            yield Probe(words, given, given, together=change)
        said = Sayings(getattr(base.cls, self.settings.entry), self.meanings)
        yield from (Probe(kind, given, given, kind=kind, said=said) for kind in KINDS)
        yield from (Probe(words, given, given, meanwhile=True) for words in MEANWHILE)

    def alone(self, base: Configuration) -> Iterator[Probe]:
        """Yield what functions may be called with that their class never gives them."""
        paths = [str(self.settings.root / each) for each in self.wanted]
        functions = functions_in({*paths, *map(os.path.realpath, paths)}, self.meanings)
        for words in ALONE if functions else ():
            yield Probe(words, base.arguments, base.arguments, functions=functions, few=True)

    def lives(
        self, base: Configuration, numbers: Sequence[float], _: Sequence[Recording]
    ) -> Iterator[Probe]:
        """Yield what becomes of an optimizer of torch: gradients are missing, it is loaded."""
        given = base.arguments
        yield Probe(f"{BESIDE}, and {CLOSE}", given, given, near(beside(numbers)))
        yield Probe(PAUSES, given, given, pauses=True)
        if hasattr(base.cls, "load_state_dict"):
            yield Probe(RELOADED, given, given, reloaded=True)
        tensors = tensor_settings(base.cls)
        if tensors:
            yield Probe(f"tensors as {SCHEDULE}", given, given, tensors=tensors)

    def _recorded(self, base: Configuration, probe: Probe) -> Recording | None:
        settings = self.settings
        drive = probing(self.run, base.cls, probe, settings.entry, settings.memory)
        label = f"{base.label} with {probe.words}"
        try:
            # Arrays in the place of floats raise where those do.
            errors = np.errstate(**dict.fromkeys(_RAISES, "raise" if probe.kind else None))
            with warnings.catch_warnings(), errors:
                warnings.simplefilter("ignore")
                recorder = self.blind if _is_blind(probe) else self.recorder
                found = recorder.record(drive, base.cls, label, probe.seen, MOST_EVENTS)
        except Exception:  # what the code does not take is no finding
            return None
        found.is_far = probe.far
        if (probe.change or probe.kind or probe.together) and not has_gradients([found]):
            found.noticed.altered.clear()  # by us, on the way to the step
        return found


def _is_blind(probe: Probe) -> bool:
    """Whether what a run shows of operations does not count."""
    return bool(probe.kind or probe.meanwhile or probe.together or probe.functions)


def has_gradients(recordings: Iterable[Recording]) -> bool:
    """Whether autograd decides what steps are given."""
    steps = (step for each in recordings for step in each.steps)
    return any(step.given is not None and step.given.grad is not NOTHING for step in steps)


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
