"""
# Checking a package

From the settings of a package to its report: read the sources, run the configurations, judge every
claim, and look for what is left over on either side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from sidebyside.checking.checker import Checker
from sidebyside.checking.claims import Claim, read_claims, read_functions
from sidebyside.checking.codes import attributes
from sidebyside.checking.configuration import Configuration, Settings, load_configurations
from sidebyside.checking.coverage import (
    broken_domains,
    find_gaps,
    lost_arguments,
    unset_arguments,
    unused_meanings,
)
from sidebyside.checking.domains import domain_of
from sidebyside.checking.entry import refuse_generators, refuse_unknown_names
from sidebyside.checking.fresh import fresh_modules
from sidebyside.checking.meanings import Meanings
from sidebyside.checking.reasons import in_words
from sidebyside.checking.recording import Recorder
from sidebyside.checking.remarks import annotated, read_remarks
from sidebyside.checking.report import TABLE, Entry, Report, hashes_of
from sidebyside.checking.running import prove, record_all
from sidebyside.checking.snapshots import Function, Leaf, numpy_leaf
from sidebyside.checking.statements import stated
from sidebyside.checking.uncompiled import uncompiled
from sidebyside.checking.unfolding import NoValue
from sidebyside.checking.verdicts import Verdict
from sidebyside.checking.wording import counted
from sidebyside.formula import to_text
from sidebyside.notation import Meaning
from sidebyside.notation_reading import read_notation, read_notation_file
from sidebyside.source import Module, SourceError, parse_source


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
        refuse_unknown_names(settings, self.modules)
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
        refuse_generators(settings, self.modules, self.wanted)
        for meaning in self.meanings.notation.meanings:
            _refuse_unclear_domain(meaning)

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
        codes |= {code for each in self.wanted for code in each.values if "self." in code}
        for claim in self.wanted:
            codes |= {code for choice in claim.choices for code in attributes(choice.number)}
        guards = {each.guard for each in meanings} | {each.guard for each in self.claims}
        return Recorder(
            self.functions,
            root=settings.root,
            entry=settings.entry,
            memory=settings.memory,
            expressions=sorted(codes.union(*map(attributes, filter(None, guards)))),
            leaf=leaf,
        )


def _refuse_unclear_domain(meaning: Meaning) -> None:
    try:
        if meaning.code and meaning.domain:
            domain_of(meaning.domain)
    except NoValue as error:
        raise SourceError(meaning.path, meaning.line, error.reason) from None


def _with_hint(verdict: Verdict, checker: Checker) -> Verdict:
    if verdict.status != "failed" or verdict.claim.kind == "statement":
        return verdict
    hint = checker.hint(verdict.claim)
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
            checker = Checker(package.meanings, recordings)
            verdicts = [_with_hint(checker.verdict(claim), checker) for claim in package.wanted]
            verdicts = prove(package, configurations, verdicts, recordings)
    problems = [
        f"{settings.configurations}: {failure.configuration.label} raised {failure.reason}"
        for failure in failures
    ]
    problems += [
        f"{owner.__module__.replace('.', '/')}.py: {label}: {problem}"
        for owner, label, problem in lost_arguments(recordings)
    ]
    if not only and not failures:  # else code may name nothing because its run broke off
        problems += [
            f"{meaning.path}:{meaning.line}: `{to_text(meaning.symbol)}`: {problem}"
            for meaning, problem in (*unused_meanings(checker), *broken_domains(checker))
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
