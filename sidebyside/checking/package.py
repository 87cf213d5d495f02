"""
# Checking a package

From the settings of a package to its report: read the sources, run the configurations, judge every
claim, and look for what is left over on either side.

## Running a package

With numbers, to compare its formulas; with attacks, to break its bounds; with symbols, to prove.
"""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sidebyside.algebra.domain import domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import to_sympy
from sidebyside.algebra.falsify import adversarial_gradients
from sidebyside.checking.binding import Meanings
from sidebyside.checking.checker import Checker
from sidebyside.checking.claims import Claim, read_claims, read_functions
from sidebyside.checking.constructors import lost_arguments
from sidebyside.checking.coverage import (
    broken_domains,
    find_gaps,
    unset_arguments,
    unused_meanings,
)
from sidebyside.checking.defaults import wrong_defaults
from sidebyside.checking.proofs import (
    Looks,
    SymbolicRun,
    hidden_state,
    looks_of,
    proof,
    read_keys,
    symbolic_leaf,
    symbolic_runs,
    ungrounded,
)
from sidebyside.checking.ranges import wrong_ranges
from sidebyside.checking.reasons import in_words
from sidebyside.checking.remarks import annotated, read_remarks
from sidebyside.checking.report import TABLE, Entry, Report, hashes_of
from sidebyside.checking.sense import is_bound
from sidebyside.checking.settings import (
    Configuration,
    ConfigurationError,
    Run,
    Settings,
    load_configurations,
    refuse_generators,
    refuse_unknown_names,
)
from sidebyside.checking.spoken import wrong_phrases
from sidebyside.checking.statements import stated
from sidebyside.checking.untried import Untried, refuse
from sidebyside.checking.verdicts import Verdict, counted
from sidebyside.formula import to_text
from sidebyside.notation import Meaning, Notation, attributes, keys_in, names_in
from sidebyside.notation_reading import read_notation, read_notation_file
from sidebyside.reading import Errors
from sidebyside.source import Module, SourceError, parse_source
from sidebyside.trace.loader import fresh_modules, is_ours, uncompiled
from sidebyside.trace.operations import Operations
from sidebyside.trace.recorder import EntryError, Recorder
from sidebyside.trace.symbolic import ProofError
from sidebyside.trace.trace import RETURN, Function, Leaf, Recording, numpy_leaf


class Package:
    """
    The annotated sources of a package, and what they say.

    With `only`, all sources are read, but just these files are checked, and no more is run and
    recorded than that takes.
    """

    def __init__(self, settings: Settings, only: Sequence[str] = ()) -> None:
        self.settings = settings
        self.only = only
        self.modules: list[Module] = []
        self.claims: list[Claim] = []
        errors = Errors()
        for path in settings.files():
            with errors.kept():
                module = _parse(settings, path)
                self.modules.append(module)
                self.claims += read_claims(module, strict=settings.strict)
        if len(self.modules) < len(settings.files()):
            errors.stop()  # else the notation would be about files that nobody can read
        with errors.kept():
            notation = self._annotate()
        errors.stop()
        refuse_unknown_names(settings, self.modules)
        self.meanings = Meanings(notation, self.claims, settings.root)
        self.meanings.claims = self.claims = stated(self.claims, self.meanings)
        refuse_generators(settings, self.modules, self.wanted)
        for meaning in self.meanings.notation.meanings:
            _refuse_unclear_domain(meaning)

    def _annotate(self) -> Notation:
        """Read the lists of symbols, and what a notation file adds to the claims."""
        settings = self.settings
        extra = list(read_notation_file(settings.root, settings.notation, self.modules))
        remarks = read_remarks(settings.root, settings.notation, self.modules)
        self.claims = annotated(self.claims, remarks, extra)
        return read_notation(self.modules, extra)

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

    @cached_property
    def operations(self) -> Operations:
        """What is seen of the operations in the code of the project, in all runs with numbers."""
        settings = self.settings
        root = settings.root.resolve()
        sources = {(root / path).resolve() for path in settings.files()}
        drives = (root / settings.configurations).resolve()

        def is_code(file: str) -> bool:
            path = Path(file).resolve()
            return path != drives and path.is_file() and is_ours(path, root, sources)

        return Operations(is_code)

    def recorder(self, leaf: Leaf = numpy_leaf) -> Recorder:
        """Return a recorder for the sources. `leaf` turns a tensor into what is kept of it."""
        settings = self.settings
        meanings = self.meanings.notation.meanings
        codes = {meaning.code for meaning in meanings if "." in meaning.code}
        codes |= {code for each in self.wanted for code in each.values if "self." in code}
        for claim in self.wanted:
            codes |= {code for choice in claim.choices for code in attributes(choice.number)}
        guards = {each.guard for each in meanings} | {each.guard for each in self.claims}
        guards.discard("")
        read = guards | {each.code for each in meanings if each.code}
        for claim in self.wanted:
            read |= {code for code in claim.values if code != RETURN}
            read |= {choice.number for choice in claim.choices}
        return Recorder(
            self.functions,
            root=settings.root,
            entry=settings.entry,
            memory=settings.memory,
            expressions=sorted(codes.union(*map(attributes, guards))),
            names={name for code in read for name in names_in(code)},
            keys=keys_in(read) if leaf is numpy_leaf else None,
            leaf=leaf,
            operations=self.operations if leaf is numpy_leaf else None,
        )

    def bare_recorder(self) -> Recorder:
        """Return a recorder that keeps nothing but how objects are made."""
        known = self.settings
        return Recorder(
            [replace(each, chunks=(), whole=False) for each in self.functions],
            root=known.root,
            entry=known.entry,
            memory=known.memory,
            names=(),
        )


def _refuse_unclear_domain(meaning: Meaning) -> None:
    try:
        if meaning.code and meaning.domain:
            domain_of(meaning.domain)
    except NoValue as error:
        raise SourceError(meaning.path, meaning.line, error.reason) from None


def _with_hint(verdict: Verdict, checker: Checker, causes: bool) -> Verdict:
    if verdict.status != "failed" or verdict.claim.kind == "statement":
        return verdict
    likely = checker.cause(verdict.claim) if causes else ""
    hint = likely or checker.hint(verdict.claim)
    return replace(verdict, reasons=(*verdict.reasons, *in_words(hint))) if hint else verdict


def check_package(settings: Settings, only: Sequence[str] = ()) -> Report:
    """
    Check all formulas of a package, or those of the files in `only`.

    Raises `SourceError` where a page cannot be read, and `ConfigurationError` where the settings
    cannot.
    """
    package = Package(settings, only)
    files = [settings.root / path for path in settings.files()]
    with fresh_modules(settings.root, files) as loaded:
        configurations, run = load_configurations(settings)
        configurations = package.concerned(configurations)
        with uncompiled(each.cls for each in configurations):
            recordings, failures = record_all(package, configurations, run)
            bare = package.bare_recorder()
            lost = [
                f"{owner.__module__.replace('.', '/')}.py: {label}: {problem}"
                for owner, label, problem in lost_arguments(configurations, run, bare)
            ]
            ranges = [
                each
                for module in package.modules
                for each in wrong_ranges(module, package.claims, configurations, run, bare)
            ]
            checker = Checker(package.meanings, recordings)
            judged = [checker.verdict(claim) for claim in package.wanted]
            verdicts = [_with_hint(each, checker, settings.strict) for each in judged]
            verdicts = try_more(package, configurations, run, verdicts, recordings)
            verdicts = prove(package, configurations, verdicts, recordings)
    said = [
        f"{settings.configurations}: {each.configuration.label} raised {each.reason}"
        for each in failures
    ]
    problems = [
        *said,
        *lost,
        *ranges,
        *_problems(package, checker, whole=not only and not failures),
    ]
    paths = [module.path for module in package.modules if package.is_wanted(module.path)]
    hashes = hashes_of(settings.root, [*paths, *_others(settings, loaded)])
    entries = {path: tuple(_entry(v) for v in verdicts if v.claim.path == path) for path in paths}
    gaps = {
        module.path: (
            *find_gaps(module, package.claims, recordings),
            *unset_arguments(module, recordings),
        )
        for module in package.modules
        if module.path in paths and settings.strict  # others explain what they choose to
    }
    found = {path: each for path, each in gaps.items() if each}
    return Report(hashes, entries, found, tuple(problems))


def _problems(package: Package, checker: Checker, whole: bool) -> Iterator[str]:
    """What is wrong with defaults, words and lists; with lists only if the whole package ran."""
    for module in package.modules:
        yield from wrong_defaults(module)
    yield from wrong_phrases(package.wanted, package.modules, checker)
    if whole:  # else code may name nothing because its run broke off
        for meaning, problem in (*unused_meanings(checker), *broken_domains(checker)):
            yield f"{meaning.path}:{meaning.line}: `{to_text(meaning.symbol)}`: {problem}"


def _parse(settings: Settings, path: Path) -> Module:
    return parse_source(path, (settings.root / path).read_bytes())


def _others(settings: Settings, loaded: Iterable[Path]) -> Iterator[str]:
    """What the verdicts depend on besides the sources."""
    yield from (settings.configurations, *filter(None, [settings.notation]))
    yield settings.file + TABLE
    root = settings.root.resolve()
    yield from (file.relative_to(root).as_posix() for file in loaded if file.is_relative_to(root))


def _entry(verdict: Verdict) -> Entry:
    claim = verdict.claim
    first, last = (claim.lines[0], claim.lines[-1]) if claim.lines else (0, 0)
    return Entry(
        line=claim.line,
        text=claim.text,
        status=verdict.status,
        reasons=(*verdict.reasons, *counted(verdict)),
        first=first,
        last=last,
        runs=verdict.runs,
        times=verdict.times,
        error=verdict.error,
    )


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


def try_more(
    package: Package,
    configurations: Sequence[Configuration],
    run: Run,
    verdicts: list[Verdict],
    recordings: Sequence[Recording],
) -> list[Verdict]:
    """Return the verdicts, where those that fail in a changed run are refused."""
    wanted = [each.path for each in package.modules if package.is_wanted(each.path)]
    classes = dict.fromkeys(each.cls for each in configurations)
    recorder = package.recorder()
    untried = Untried(package.settings, package.modules, wanted, run, recorder, tuple(classes))
    checkers = [
        Checker(package.meanings, [each]) for each in untried.recordings(configurations, recordings)
    ]
    checkers = [each for each in checkers if not list(broken_domains(each))]
    found = [refuse(verdict, checkers) for verdict in verdicts]
    return [untried.refuse_idle(verdict) for verdict in found]


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
