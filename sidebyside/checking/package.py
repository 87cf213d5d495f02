"""
# Checking a package

From the settings of a package to its report: read the sources, run the configurations, judge every
claim, and look for what is left over on either side.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sidebyside.checking.bounds import adversarial_gradients
from sidebyside.checking.branches import ProofError
from sidebyside.checking.checker import Checker
from sidebyside.checking.claims import Claim, read_claims, read_functions
from sidebyside.checking.codes import attributes
from sidebyside.checking.configuration import Configuration, Run, Settings, load_configurations
from sidebyside.checking.coverage import find_gaps, unused_meanings
from sidebyside.checking.meanings import Meanings
from sidebyside.checking.proofs import SymbolicRun, proof, symbolic_leaf, symbolic_runs
from sidebyside.checking.recording import Recorder
from sidebyside.checking.remarks import annotated, read_remarks
from sidebyside.checking.report import Entry, Report, hash_of
from sidebyside.checking.sense import is_bound
from sidebyside.checking.snapshots import Function, Leaf, Recording, numpy_leaf
from sidebyside.checking.statements import stated
from sidebyside.checking.symbols import to_sympy
from sidebyside.checking.uncompiled import uncompiled
from sidebyside.checking.verdicts import Verdict
from sidebyside.formula import to_text
from sidebyside.notation_reading import read_notation, read_notation_file
from sidebyside.source import Module, parse_source

# Long enough for every family of gradients to show what it is made for.
ATTACK_STEPS = 24


class Package:
    """
    The annotated sources of a package, and what they say.

    With `only`, all sources are read, but just these files are checked, and no more is run and
    recorded than that takes.
    """

    def __init__(self, settings: Settings, only: Sequence[str] = ()) -> None:
        self.settings = settings
        self.only = only
        self.modules = [_parse(settings, path) for path in settings.files()]
        self.claims = [
            claim
            for module in self.modules
            for claim in read_claims(module, strict=settings.strict)
        ]
        extra = list(read_notation_file(settings.root, settings.notation, self.modules))
        remarks = read_remarks(settings.root, settings.notation, self.modules)
        self.claims = annotated(self.claims, remarks, extra)
        self.meanings = Meanings(read_notation(self.modules, extra), self.claims, settings.root)
        self.meanings.claims = self.claims = stated(self.claims, self.meanings)

    @cached_property
    def functions(self) -> list[Function]:
        """All functions of the sources; those that something is said about are watched."""
        explained = {meaning.scope for meaning in self.meanings.notation.meanings}
        explained = {scope for scope in explained if self.is_wanted(scope.path)}
        return [
            function
            for module in self.modules
            for function in read_functions(module, self.wanted, explained)
        ]

    @cached_property
    def wanted(self) -> list[Claim]:
        """The claims that are to be judged."""
        return [claim for claim in self.claims if self.is_wanted(claim.path)]

    def is_wanted(self, path: str) -> bool:
        """Whether a file is to be checked."""
        return not self.only or path in self.only

    def concerned(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """Return the configurations whose classes stand in the files to be checked, if any do."""
        found = [
            each
            for each in configurations
            if any(self.is_wanted(scope.path) for scope in self.meanings.running(each.cls))
        ]
        return found or list(configurations)

    def recorder(self, leaf: Leaf = numpy_leaf) -> Recorder:
        """Return a recorder for the sources. `leaf` turns a tensor into what is kept of it."""
        settings = self.settings
        meanings = self.meanings.notation.meanings
        codes = {meaning.code for meaning in meanings if "." in meaning.code}
        guards = {each.guard for each in meanings} | {each.guard for each in self.claims}
        return Recorder(
            self.functions,
            root=settings.root,
            entry=settings.entry,
            memory=settings.memory,
            expressions=sorted(codes.union(*map(attributes, filter(None, guards)))),
            leaf=leaf,
        )


def prove(
    package: Package, configurations: Sequence[Configuration], verdicts: list[Verdict]
) -> list[Verdict]:
    """Return the verdicts, where those that can be proved for all numbers say so."""
    if not any(_may_be_proved(verdict) for verdict in verdicts):
        return verdicts
    recorder = package.recorder(symbolic_leaf)
    names = {m.code: m.symbol for m in package.meanings.notation.meanings if m.code}
    runs: list[SymbolicRun] = []
    for each in configurations:
        if not hasattr(each.cls, "at_step"):
            continue  # not of the kind that a symbolic run knows how to drive
        try:
            runs += symbolic_runs(each.cls, each.arguments, recorder, names, each.label)
        except ProofError:
            # The code does what SymPy cannot follow. Its formulas were compared with numbers.
            continue
    checker = Checker(package.meanings, [run.recording for run in runs])
    return [_proved(verdict, checker, runs) for verdict in verdicts]


def _with_hint(verdict: Verdict, checker: Checker) -> Verdict:
    if verdict.status != "failed" or verdict.claim.kind == "statement":
        return verdict
    hint = checker.hint(verdict.claim)
    return replace(verdict, detail=f"{verdict.detail}; {hint}") if hint else verdict


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
    return replace(verdict, status="proved", detail=f"{found}; {verdict.detail}")


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

    Where a formula states a bound, each class as it is made by default is run again, with gradients
    that were made to break bounds.
    """
    recorder = package.recorder()
    recordings: list[Recording] = []
    failures: list[Failure] = []
    attacks = "gradients" in inspect.signature(run).parameters and any(
        claim.kind != "mention" and is_bound(claim) for claim in package.wanted
    )
    families, gradients = adversarial_gradients(ATTACK_STEPS)
    for each in configurations:
        plain = "=" not in each.label
        for options in [{}, {"gradients": gradients}] if attacks and plain else [{}]:
            drive = _driver(run, each, options)
            try:
                recording = recorder.record(drive, each.cls, each.label, each.arguments)
            except Exception as error:  # whatever the checked code raises is a finding
                failures.append(Failure(each, _reason(error, package.settings)))
            else:
                recording.families = tuple(families) if options else ()
                recordings.append(recording)
    return recordings, failures


def check_package(settings: Settings, only: Sequence[str] = ()) -> Report:
    """
    Check all formulas of a package, or those of the files in `only`.

    Raises `SourceError` where a page cannot be read, and `ConfigurationError` where the settings
    cannot.
    """
    package = Package(settings, only)
    configurations, run = load_configurations(settings)
    configurations = package.concerned(configurations)
    with uncompiled(each.cls for each in configurations):
        recordings, failures = record_all(package, configurations, run)
        checker = Checker(package.meanings, recordings)
        verdicts = [_with_hint(checker.verdict(claim), checker) for claim in package.wanted]
        verdicts = prove(package, configurations, verdicts)
    problems = [
        f"{settings.configurations}: {failure.configuration.label} raised {failure.reason}"
        for failure in failures
    ]
    if not only:
        problems += [
            f"{meaning.path}:{meaning.line}: `{to_text(meaning.symbol)}`: {problem}"
            for meaning, problem in unused_meanings(checker)
        ]
    paths = [module.path for module in package.modules if package.is_wanted(module.path)]
    hashes = {path: hash_of(settings.root / path) for path in [*paths, settings.configurations]}
    entries = {path: tuple(_entry(v) for v in verdicts if v.claim.path == path) for path in paths}
    gaps = {
        module.path: tuple(find_gaps(module, package.claims, recordings))
        for module in package.modules
        if module.path in paths and settings.strict  # others explain what they choose to
    }
    found = {path: each for path, each in gaps.items() if each}
    return Report(hashes, entries, found, tuple(problems))


def _parse(settings: Settings, path: Path) -> Module:
    return parse_source(path, (settings.root / path).read_bytes())


def _driver(
    run: Run, each: Configuration, options: Mapping[str, Any]
) -> Callable[[Callable[..., None]], object]:
    return lambda count: run(each.cls, each.arguments, count, **options)


def _reason(error: Exception, settings: Settings) -> str:
    """What was raised, and the innermost line of the package that it came through."""
    sources = {str((settings.root / path).resolve()) for path in settings.files()}
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in sources]
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}: {error}"


def _entry(verdict: Verdict) -> Entry:
    claim = verdict.claim
    first, last = (claim.lines[0], claim.lines[-1]) if claim.lines else (0, 0)
    return Entry(
        line=claim.line,
        text=claim.text,
        status=verdict.status,
        detail=verdict.detail,
        first=first,
        last=last,
        runs=verdict.runs,
        times=verdict.times,
        error=verdict.error,
    )
