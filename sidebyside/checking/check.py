"""
# From the settings of a package to its report

The sources are read, the configurations run, every claim judged. What agrees is tried again in
changed runs, and where SymPy can, proved. Then it is looked for what is left over on either side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sidebyside.algebra.domain import domain_of, has_plain_bounds
from sidebyside.algebra.expressions import to_sympy
from sidebyside.checking.branches import doubled_conditions
from sidebyside.checking.causes import cause, hint, meant
from sidebyside.checking.checker import Checker
from sidebyside.checking.constructors import lost_arguments
from sidebyside.checking.coverage import (
    broken_domains,
    find_gaps,
    unset_arguments,
    unused_meanings,
)
from sidebyside.checking.defaults import wrong_defaults
from sidebyside.checking.definitions import undetermined
from sidebyside.checking.documented import wrong_arguments
from sidebyside.checking.evidence import one_number
from sidebyside.checking.handed_on import misplaced_arguments
from sidebyside.checking.package import Package
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
from sidebyside.checking.reasons import Reason
from sidebyside.checking.relatives import stale_names
from sidebyside.checking.report import TABLE, Entry, Gap, Report, hashes_of
from sidebyside.checking.running import record_all
from sidebyside.checking.settings import Configuration, Run, Settings, load_configurations
from sidebyside.checking.spoken import wrong_phrases
from sidebyside.checking.unseen import Unseen
from sidebyside.checking.untried import Untried, refuse
from sidebyside.checking.verdicts import Verdict, counted, failed
from sidebyside.formula import to_text
from sidebyside.trace.loader import fresh_modules, uncompiled
from sidebyside.trace.symbolic import ProofError
from sidebyside.trace.trace import Recording


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
            unkept = list(_unkept(package, configurations, run))
            checker = Checker(package.meanings, recordings)
            judged = [checker.verdict(claim) for claim in package.wanted]
            verdicts = [_with_hint(each, checker, settings.strict) for each in judged]
            verdicts = try_more(package, configurations, run, verdicts, checker)
            verdicts = prove(package, configurations, verdicts, recordings)
    problems = (*failures, *unkept, *_problems(package, checker, whole=not failures))
    paths = [module.path for module in package.modules if package.is_wanted(module.path)]
    hashes = hashes_of(settings.root, [*paths, *_others(settings, loaded)])
    entries = {path: tuple(_entry(v) for v in verdicts if v.claim.path == path) for path in paths}
    return Report(hashes, entries, dict(_gaps(package, recordings)), problems)


def _unkept(package: Package, configurations: Sequence[Configuration], run: Run) -> Iterator[str]:
    """What constructors do not keep to: arguments that are lost, and ranges."""
    bare, root = package.bare_recorder(), package.settings.root
    for owner, label, problem in lost_arguments(configurations, run, bare):
        yield f"{owner.__module__.replace('.', '/')}.py: {label}: {problem}"
    for module in filter(lambda each: package.is_wanted(each.path), package.modules):
        yield from wrong_ranges(module, package.claims, configurations, run, bare, root)


def _gaps(
    package: Package, recordings: Sequence[Recording]
) -> Iterator[tuple[str, tuple[Gap, ...]]]:
    """What nothing is said about, by file; others than we explain what they choose to."""
    for module in package.modules if package.settings.strict else ():
        if package.is_wanted(module.path):
            gaps = (
                *find_gaps(module, package.claims, recordings),
                *unset_arguments(module, recordings),
            )
            if gaps:
                yield module.path, gaps


def _with_hint(verdict: Verdict, checker: Checker, causes: bool) -> Verdict:
    if verdict.status != "failed" or verdict.claim.kind == "statement":
        return verdict
    likely = cause(verdict.claim, checker) if causes else None
    found = likely or meant(verdict.claim, checker) or hint(verdict.claim, checker)
    return replace(verdict, reasons=(*verdict.reasons, found)) if found else verdict


def _problems(package: Package, checker: Checker, whole: bool) -> Iterator[str]:
    """What is wrong with arguments, words and lists; with lists only if no run broke off."""
    for module in package.modules:
        if package.is_wanted(module.path):
            yield from wrong_defaults(module, package.modules)
            yield from wrong_arguments(module)
            yield from misplaced_arguments(module, package.modules)
            yield from doubled_conditions(module)
            yield from stale_names(module, package.modules, package.settings.root)
    yield from wrong_phrases(package.wanted, package.modules, checker)
    if whole:  # else code may name nothing because its run broke off
        for meaning, problem in (*unused_meanings(checker), *broken_domains(checker)):
            if package.is_wanted(meaning.path):
                yield f"{meaning.path}:{meaning.line}: `{to_text(meaning.symbol)}`: {problem}"


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


def try_more(
    package: Package,
    configurations: Sequence[Configuration],
    run: Run,
    verdicts: list[Verdict],
    checker: Checker,
) -> list[Verdict]:
    """Return the verdicts, where those that fail in a changed run are refused."""
    wanted = [each.path for each in package.modules if package.is_wanted(each.path)]
    recorder = package.recorder()
    settings, modules = package.settings, package.modules
    package.operations.settle()
    untried = Untried(settings, modules, wanted, run, recorder)
    checkers = [
        Checker(package.meanings, [each])
        for each in untried.recordings(configurations, checker.recordings)
    ]
    checkers = [each for each in checkers if not list(broken_domains(each))]
    found = [refuse(verdict, checkers) for verdict in verdicts]
    more = [recording for each in checkers for recording in each.recordings]
    operations, meanings = package.operations, package.meanings
    runs = checker.recordings
    unseen = Unseen(settings, modules, wanted, operations, meanings, runs, more)
    found = [unseen.refuse(verdict) for verdict in found]
    return [_varied(each, [checker, *checkers], unseen) for each in found]


def _varied(verdict: Verdict, checkers: Sequence[Checker], unseen: Unseen) -> Verdict:
    """Return a verdict, failed if something else in place of a symbol would agree, too."""
    found: Reason | None = None
    if verdict.status == "definition":
        found = undetermined(verdict.claim, checkers[0])
    elif verdict.status == "checked" and verdict.times and unseen.settings.strict:
        found = one_number(verdict.claim, checkers, unseen.reads(verdict.claim))
    return failed(verdict.claim, found) if found else verdict


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
    bounded = [m for m in meanings if m.code and m.domain and has_plain_bounds(m.domain)]
    domains = {m.code: domain_of(m.domain)[1] for m in bounded if m.domain}
    runs: list[SymbolicRun] = []
    for each in configurations:
        if not hasattr(each.cls, "at_step"):
            continue  # not of the kind that a symbolic run knows how to drive
        try:
            runs += symbolic_runs(each.cls, each.arguments, recorder, names, each.label, domains)
        except ProofError:
            # The code does what SymPy cannot follow. Its formulas were compared with numbers.
            continue
    hidden = hidden_state(recordings, {code.removeprefix("self.") for code in names})
    runs = list(_grounded(runs, looks_of(package.modules), hidden))
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
