"""
# The sources of a package

All annotated files that the settings name, and what they say: claims, and the notation that tells
what their symbols mean. Whoever runs the package gets a recorder that watches what is spoken of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

from sidebyside.algebra.domain import domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.claims.binding import Meanings
from sidebyside.claims.claims import Claim, read_claims, read_functions
from sidebyside.claims.remarks import annotated, read_remarks
from sidebyside.formula import to_text
from sidebyside.formula.tree import Symbol
from sidebyside.judging.ambiguous import names_of
from sidebyside.judging.statements import stated
from sidebyside.settings import (
    Configuration,
    Settings,
    refuse_generators,
    refuse_unknown_names,
)
from sidebyside.source.notation import Meaning, Notation, attributes, keys_in, names_in
from sidebyside.source.notation_reading import read_notation, read_notation_file
from sidebyside.source.reading import Errors
from sidebyside.source.sections import Module, SourceError, parse_source
from sidebyside.trace.loader import is_ours
from sidebyside.trace.recorder import Recorder
from sidebyside.trace.trace import RETURN, Function, Leaf, numpy_leaf


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
                module = parse_source(path, (settings.root / path).read_bytes())
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
            _refuse_unclear_domain(meaning, self.meanings)

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

    @cached_property
    def paths(self) -> list[str]:
        """The files that are to be checked."""
        return [module.path for module in self.modules if self.is_wanted(module.path)]

    def whole(self) -> Package:
        """The same sources, all of which are to be checked."""
        other = copy(self)
        other.only = ()
        for name in ("functions", "wanted", "paths"):
            vars(other).pop(name, None)
        return other

    def is_wanted(self, path: str) -> bool:
        """Whether a file is to be checked."""
        return not self.only or path in self.only

    def concerned(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """
        Return the configurations whose classes stand in the files to be checked.

        All, if one of the files has no class of theirs: then any of them may use it.
        """
        stand_in = {
            each.cls: {scope.path for scope in self.meanings.running(each.cls)}
            for each in configurations
        }
        wanted = {claim.path for claim in self.wanted if claim.kind != "mention"}
        if wanted - set().union(*stand_in.values()):
            return list(configurations)
        found = [each for each in configurations if wanted & stand_in[each.cls]]
        return found or list(configurations)

    @cached_property
    def is_code(self) -> Callable[[str], bool]:
        """Whether a file is the project's own code, by its path."""
        settings = self.settings
        root = settings.root.resolve()
        sources = {(root / path).resolve() for path in settings.files()}
        drives = (root / settings.configurations).resolve()

        @cache
        def is_code(file: str) -> bool:
            path = Path(file).resolve()
            return path != drives and path.is_file() and is_ours(path, root, sources)

        return is_code

    def recorder(self, leaf: Leaf = numpy_leaf) -> Recorder:
        """Return a recorder for the sources. `leaf` turns a tensor into what is kept of it."""
        settings = self.settings
        meanings = self.meanings.notation.meanings
        codes = {meaning.code for meaning in meanings if "." in meaning.code}
        codes |= {code for each in self.wanted for code in each.values if "self." in code}
        for claim in self.wanted:
            codes |= {code for choice in claim.choices for code in attributes(choice.number)}
            codes |= {code for test in claim.tests for code in attributes(test)}
        guards = {each.guard for each in meanings} | {each.guard for each in self.claims}
        guards.discard("")
        if leaf is not numpy_leaf:  # a symbol has no attributes
            codes = {code for code in codes if code.startswith("self.")}
        # Of `self.counts[j]`, what is there when a step begins can be told once j is known.
        codes |= {each for code in codes for each in attributes(code) if len(names_in(code)) > 1}
        read = guards | {each.code for each in meanings if each.code}
        read |= {n for each in self.meanings.symbols.definitions for n in names_of(each.symbol)}
        for claim in self.wanted:
            read |= {code for code in claim.values if code != RETURN}
            read |= {choice.number for choice in claim.choices} | {*claim.tests}
        return Recorder(
            self.functions,
            root=settings.root,
            entry=settings.entry,
            memory=settings.memory,
            expressions=sorted(codes.union(*map(attributes, guards))),
            names={name for code in read for name in names_in(code)},
            keys=keys_in(read) if leaf is numpy_leaf else None,
            leaf=leaf,
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


def _refuse_unclear_domain(meaning: Meaning, meanings: Meanings) -> None:
    """Raise `SourceError` where a symbol with code is bounded by what nobody can tell."""
    scopes = meanings.scopes(meaning.scope)

    def number(symbol: Symbol) -> float:
        lines = meanings.explained(symbol, scopes)
        if lines and lines[0].code:
            return 0.7  # any number
        raise NoValue(f"`{to_text(symbol)}` bounds a domain, and no list says which code it is")

    try:
        if meaning.code and meaning.domain:
            domain_of(meaning.domain, number)
    except NoValue as error:
        raise SourceError(meaning.path, meaning.line, error.reason) from None
