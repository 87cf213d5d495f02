"""
# From the settings of a package to its report

The sources are read, the configurations run, every claim judged. What agrees is tried, and where
SymPy can, proved. Then it is looked for what is left over on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sidebyside.checking.package import Package
from sidebyside.checking.processes import (
    EndedError,
    Team,
    apart,
    both,
    can_copy,
    processors,
    threads,
    together,
    without_collection,
)
from sidebyside.checking.proved import prove
from sidebyside.checking.running import record_all
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.judging.ambiguous import look_alikes, misread
from sidebyside.judging.bounds import broken_bound
from sidebyside.judging.causes import cause, hint, meant
from sidebyside.judging.checker import Checker
from sidebyside.judging.coverage import (
    broken_domains,
    find_gaps,
    unset_arguments,
    unused_meanings,
)
from sidebyside.judging.definitions import is_grounded, undetermined
from sidebyside.judging.spoken import wrong_phrases
from sidebyside.judging.verdicts import Reasons, Verdict, counted, failed
from sidebyside.proving.algebraic import by_algebra, turnable, unproved
from sidebyside.report import TABLE, Entry, Gap, Report, hashes_of
from sidebyside.settings import (
    Configuration,
    ConfigurationError,
    Run,
    Settings,
    load_configurations,
)
from sidebyside.source.notation import Meaning
from sidebyside.trace.loader import fresh_modules, uncompiled
from sidebyside.trace.trace import Recording
from sidebyside.words.alphabets import look_alike_names
from sidebyside.words.branches import doubled_conditions
from sidebyside.words.constructors import lost_arguments
from sidebyside.words.defaults import wrong_defaults
from sidebyside.words.documented import wrong_arguments
from sidebyside.words.handed_on import misplaced_arguments
from sidebyside.words.inherited import wrong_heritage
from sidebyside.words.listed import shared_code, wrong_inputs, wrong_times
from sidebyside.words.ranges import wrong_ranges
from sidebyside.words.relatives import stale_names


def check_files(settings: Settings, only: Sequence[str] = (), jobs: int = 0) -> Report:
    """
    Check the files in `only`, or all, in up to `jobs` processes; 0 means one for each processor.

    Raises what `check_package` raises, and `ConfigurationError` when a process ends before its
    check does.
    """
    jobs = (jobs or processors()) if can_copy() else 1
    if jobs == 1:
        return check_package(settings, only)
    try:
        return apart(partial(check_package, settings, only, jobs))
    except EndedError:
        raise ConfigurationError(
            f"{settings.configurations}: a process ended in the middle of a run; "
            "`--jobs 1` checks in this one, and shows where"
        ) from None


@without_collection()
def check_package(settings: Settings, only: Sequence[str] = (), jobs: int = 1) -> Report:
    """
    Check all formulas of a package, or those of the files in `only`, in up to `jobs` processes.

    Raises `SourceError` where a page cannot be read, and `ConfigurationError` where the settings
    cannot.
    """
    files = [settings.root / path for path in settings.files()]
    before = threads()
    with fresh_modules(settings.root, files) as loaded:
        read, load = partial(Package, settings, only), partial(load_configurations, settings)
        package, (configurations, run) = both(read, load) if jobs > 1 else (read(), load())
        configurations = package.concerned(configurations)
        jobs = 1 if threads() > before else jobs
        with uncompiled(each.cls for each in configurations), together(jobs) as team:
            check = _Check(package, configurations, run, team)
            verdicts, problems = check.result()
            modules = {file for found in team.all(loaded) for file in found or ()}
    paths = package.paths
    hashes = hashes_of(settings.root, [*paths, *_others(settings, sorted(modules))])
    entries = {
        path: tuple(_entry(v, check.checker) for v in verdicts if v.claim.path == path)
        for path in paths
    }
    return Report(hashes, entries, dict(_gaps(package, check.recordings)), problems)


class _Check:
    """The check of a package, of which each process of a `team` does a share."""

    def __init__(
        self, package: Package, configurations: Sequence[Configuration], run: Run, team: Team
    ) -> None:
        self.package, self.configurations, self.run, self.team = package, configurations, run, team
        self.recordings, self.failures = record_all(package, configurations, run, team)
        self.checker = Checker(package.meanings, self.recordings)

    def result(self) -> tuple[list[Verdict], tuple[str, ...]]:
        """Return a verdict on each claim, and what is wrong besides."""
        verdicts = self.judged()
        shares: list[Callable[[], Any]] = [
            partial(prove, self.package, self.configurations, verdicts, self.recordings, self.run),
            partial(by_algebra, verdicts, self.package.meanings),
            partial(self.refused, verdicts),
            self.problems,
        ]
        proofs, proved, refused, problems = self.team.each(lambda share: share(), shares)
        found, refused = [], {**proofs.refused, **refused}
        unsure = {place: reason for place, v in enumerate(verdicts) for reason in turnable(v)}
        proved = {n: each for n, each in {**proved, **proofs.proved}.items() if n not in unsure}
        for place, verdict in enumerate(verdicts):
            if place in refused:
                verdict = failed(verdict.claim, *refused[place])
            elif place in proved and verdict.status == "tried":
                # With which numbers it was tried does not matter any more.
                others = [each for each in verdict.reasons if each.key != "only"]
                reasons = (*proved[place], *others)
                verdict = replace(verdict, status="proved", reasons=reasons)
            elif place in unsure and verdict.status in ("proved", "definition"):
                verdict = replace(verdict, status="tried")
            found.append(verdict)
        shown = {id(v.claim) for n, v in enumerate(found) if n in proved or v.status == "proved"}
        found = self.defined(found, shown)
        why = proofs.unproved | unproved(found, self.package.meanings) | unsure
        for place, reason in why.items():
            if found[place].status in ("tried", "proved"):
                reasons = (*found[place].reasons, reason)
                found[place] = replace(found[place], status="tried", reasons=reasons)
        return found, (*self.failures, *problems)

    def defined(self, verdicts: Sequence[Verdict], proofs: Set[int]) -> list[Verdict]:
        """Return the verdicts, where a definition has a sign only if what shows it is proved."""
        meanings = self.package.meanings
        return [
            replace(each, status="tried")
            if each.status == "definition" and not is_grounded(each, proofs, meanings)
            else each
            for each in verdicts
        ]

    def judged(self) -> list[Verdict]:
        """Judge all claims by the runs of the configurations."""
        package, checker = self.package, self.checker

        def judge(claim: Claim) -> tuple[Any, ...]:
            verdict = checker.verdict(claim)
            other = misread(verdict, checker)
            verdict = failed(claim, other) if other else verdict
            verdict = _with_hint(verdict, checker, package.settings.strict)
            return verdict.status, verdict.reasons, verdict.runs, verdict.times, verdict.error

        found = self.team.each(judge, package.wanted)
        for used in self.team.all(checker.used):
            checker.used |= used or set()
        return [Verdict(claim, *rest) for claim, rest in zip(package.wanted, found, strict=True)]

    def problems(self) -> list[str]:
        """What is wrong besides claims."""
        package = self.package
        unkept = _unkept(package, self.configurations, self.run)
        return [*unkept, *_problems(package, self.checker, whole=not self.failures)]

    def refused(self, verdicts: Sequence[Verdict]) -> dict[int, Reasons]:
        """Why claims that agree, by their place, are refused all the same."""
        refused: dict[int, Reasons] = {}
        for place, verdict in enumerate(verdicts):
            if verdict.status == "definition":
                reason = undetermined(verdict.claim, self.checker)
                refused |= {place: (reason,)} if reason else {}
            elif verdict.status == "tried" and verdict.times and self.package.settings.strict:
                broken = broken_bound(verdict.claim, self.checker)
                refused |= {place: broken} if broken else {}
        return refused


def _unkept(package: Package, configurations: Sequence[Configuration], run: Run) -> Iterator[str]:
    """What constructors do not keep to: arguments that are lost, and ranges."""
    bare, root = package.bare_recorder(), package.settings.root
    lines = [each for each in package.claims if each.kind == "line" and not each.excuse]
    made = [each for each in lines if each.scope.name.endswith(".__init__")]
    said = {value.removeprefix("self.") for each in made for value in each.values}
    for owner, label, problem in lost_arguments(configurations, run, bare, said):
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
                *find_gaps(module, package.meanings, recordings),
                *unset_arguments(module, recordings),
            )
            if gaps:
                yield module.path, gaps


def _with_hint(verdict: Verdict, checker: Checker, causes: bool) -> Verdict:
    if verdict.status != "failed" or verdict.claim.kind == "statement":
        return verdict
    likely = cause(verdict.claim, checker) if causes else None
    in_time = likely is not None and likely.key in ("slip-early", "slip-late")
    if in_time and any(each.key == "incomparable" for each in verdict.reasons):
        likely = None  # at another time there is a number, right or wrong
    found = likely or meant(verdict.claim, checker) or hint(verdict.claim, checker)
    return replace(verdict, reasons=(*verdict.reasons, found)) if found else verdict


def _problems(package: Package, checker: Checker, whole: bool) -> Iterator[str]:
    """What is wrong with arguments, words and lists; with lists only if no run broke off."""
    for module in package.modules:
        if package.is_wanted(module.path):
            yield from wrong_defaults(module, package.modules)
            yield from wrong_arguments(module, package.modules)
            yield from misplaced_arguments(module, package.modules)
            yield from doubled_conditions(module)
            yield from look_alike_names(module)
            yield from wrong_times(module)
            yield from wrong_heritage(module, package.modules)
            yield from stale_names(module, package.modules, package.settings.root)
    if package.settings.strict:
        yield from look_alikes(package.wanted)
        listed = package.meanings.notation.meanings
        yield from _of_lines((*wrong_inputs(listed), *shared_code(listed)), package)
    yield from wrong_phrases(package.wanted, package.modules, checker)
    if whole:  # else code may name nothing because its run broke off
        lines = [m for m in package.meanings.notation.meanings if package.is_wanted(m.path)]
        found = (*unused_meanings(lines, checker), *broken_domains(lines, checker))
        yield from _of_lines(found, package)


def _of_lines(found: Iterable[tuple[Meaning, str]], package: Package) -> Iterator[str]:
    """What is wrong with lines of lists."""
    for meaning, problem in found:
        if package.is_wanted(meaning.path):
            yield f"{meaning.path}:{meaning.line}: `{to_text(meaning.symbol)}`: {problem}"


def _others(settings: Settings, loaded: Iterable[Path]) -> Iterator[str]:
    """What the verdicts depend on besides the sources."""
    yield from (settings.configurations, *filter(None, [settings.notation]))
    yield settings.file + TABLE
    root = settings.root.resolve()
    yield from (file.relative_to(root).as_posix() for file in loaded if file.is_relative_to(root))


def _entry(verdict: Verdict, checker: Checker) -> Entry:
    claim = verdict.claim
    first, last = (claim.lines[0], claim.lines[-1]) if claim.lines else (0, 0)
    reasons = (*verdict.reasons, *counted(verdict, checker))
    return Entry(
        line=claim.line,
        text=claim.text,
        status=verdict.status,
        reasons=tuple(sorted(reasons, key=lambda each: each.key.startswith("unproved"))),
        first=first,
        last=last,
        runs=verdict.runs,
        times=verdict.times,
        error=verdict.error,
    )
