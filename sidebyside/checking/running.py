"""
# Running a package

With numbers, to compare its formulas; with attacks, to break its bounds; with symbols, to prove.
"""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidebyside.checking.bounds import adversarial_gradients
from sidebyside.checking.branches import ProofError
from sidebyside.checking.checker import Checker
from sidebyside.checking.configuration import Configuration, ConfigurationError, Run, Settings
from sidebyside.checking.domains import domain_of
from sidebyside.checking.ground import Looks, hidden_state, looks_of, read_keys, ungrounded
from sidebyside.checking.proofs import SymbolicRun, proof, symbolic_leaf, symbolic_runs
from sidebyside.checking.recording import EntryError
from sidebyside.checking.sense import is_bound
from sidebyside.checking.snapshots import Recording
from sidebyside.checking.symbols import to_sympy
from sidebyside.checking.verdicts import Verdict

if TYPE_CHECKING:
    from sidebyside.checking.package import Package

# Long enough for every family of gradients to show what it is made for.
ATTACK_STEPS = 48


@dataclass(frozen=True)
class Failure:
    """A configuration that raised."""

    configuration: Configuration
    reason: str


def record_all(
    package: Package, configurations: Sequence[Configuration], run: Run
) -> tuple[list[Recording], list[Failure]]:
    """
    Run all configurations. One that raises is a failure, and the others still run.

    Where a formula states a bound, each class is run again, with gradients that were made to break
    bounds: as it is made by default, and with other numbers for what the bound speaks of.
    """
    recorder = package.recorder()
    recordings: list[Recording] = []
    failures: list[Failure] = []
    bounds = [each for each in package.wanted if each.kind != "mention" and is_bound(each)]
    attacks = bool(bounds) and "gradients" in inspect.signature(run).parameters
    spoken_of = {word for each in bounds for word in package.meanings.words(each)}
    families, gradients = adversarial_gradients(ATTACK_STEPS)
    for each in configurations:
        attacked = attacks and each.unusual <= spoken_of
        for options in [{}, {"gradients": gradients}] if attacked else [{}]:
            drive = _driver(run, each, options)
            try:
                recording = recorder.record(drive, each.cls, each.label, each.arguments)
            except EntryError as error:
                raise ConfigurationError(f"{package.settings.name}: {error}") from None
            except Exception as error:  # whatever the checked code raises is a finding
                failures.append(Failure(each, _reason(error, package.settings)))
            else:
                recording.families = tuple(families) if options else ()
                recordings.append(recording)
    if recordings and not any(recording.steps for recording in recordings):
        settings = package.settings
        raise ConfigurationError(
            f'{settings.name}: entry = "{settings.entry}": no configuration calls it; name the '
            f"method that takes one step, or let `run` in {settings.configurations} call it"
        )
    return recordings, failures


def prove(
    package: Package,
    configurations: Sequence[Configuration],
    verdicts: list[Verdict],
    recordings: Sequence[Recording],
) -> list[Verdict]:
    """
    Return the verdicts, where those that can be proved for all numbers say so.

    `recordings` are those with numbers: they show what changes from step to step.
    """
    if not any(_may_be_proved(verdict) for verdict in verdicts):
        return verdicts
    recorder = package.recorder(symbolic_leaf)
    names = {m.code: m.symbol for m in package.meanings.notation.meanings if m.code}
    meanings = package.meanings.notation.meanings
    domains = {m.code: domain_of(m.domain)[1] for m in meanings if m.code and m.domain}
    runs: list[SymbolicRun] = []
    for each in configurations:
        if not hasattr(each.cls, "at_step"):
            continue  # not of the kind that a symbolic run knows how to drive
        try:
            runs += symbolic_runs(each.cls, each.arguments, recorder, names, each.label, domains)
        except ProofError:
            # The code does what SymPy cannot follow. Its formulas were compared with numbers.
            continue
    runs = list(_grounded(runs, looks_of(package.modules), hidden_state(recordings)))
    checker = Checker(package.meanings, [run.recording for run in runs])
    return [_proved(verdict, checker, runs) for verdict in verdicts]


def _grounded(
    runs: Sequence[SymbolicRun],
    looks: Mapping[tuple[str, int], Looks],
    hidden: Mapping[type, set[str]],
) -> Iterator[SymbolicRun]:
    """Those runs in which everything that the code looks at is a symbol, or a switch."""
    zeros: dict[type, frozenset[str]] = {}
    for run in runs:
        owner = run.recording.owner
        zeros[owner] = zeros.get(owner, run.zeros) & run.zeros
    for run in runs:
        always = zeros[run.recording.owner] & read_keys(run.recording, looks)
        if not always and not ungrounded(run.recording, looks, hidden):
            yield run


def _may_be_proved(verdict: Verdict) -> bool:
    """Whether a formula was compared with code; sentences are not run on symbols."""
    is_compared = verdict.status == "checked" and verdict.times > 0
    return is_compared and verdict.claim.kind != "statement"


def _proved(verdict: Verdict, checker: Checker, runs: Sequence[SymbolicRun]) -> Verdict:
    if not _may_be_proved(verdict):
        return verdict
    found = proof(checker.comparisons(verdict.claim, to_sympy), runs, verdict.runs)
    if not found:
        return verdict
    return replace(verdict, status="proved", reasons=(*found, *verdict.reasons))


def _driver(
    run: Run, each: Configuration, options: Mapping[str, Any]
) -> Callable[[Callable[..., None]], object]:
    return lambda count: run(each.cls, each.arguments, count, **options)


def _reason(error: Exception, settings: Settings) -> str:
    """What was raised, and the innermost line of the package that it came through."""
    sources = {str((settings.root / path).resolve()) for path in settings.files()}
    passed = traceback.extract_tb(error.__traceback__)
    frames = [each for each in passed if os.path.realpath(each.filename) in sources]
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}: {error}"
