"""
# What each symbol is

Symbols are explained in notation lists, defined by rows such as `m̂ₜ ← mₜ / (1 − β₁ᵗ)`, and named by
lines of code: a formula `dₜ ← √vₜ + ε` beside `denominator = …` says that `dₜ` is `denominator`.

`resolve` decides once what a symbol is where a formula stands: its *binding*. That is a piece of
code, now or some steps back; a row of the page; a free number, from its domain; a random number; or
the time. Where a notation list has conditions, `when …`, there are several, and the first whose
condition is true is meant. Whoever evaluates a formula only reads bindings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from sidebyside.algebra.agreement import meaningless
from sidebyside.algebra.distributions import Distribution, parse_distribution
from sidebyside.algebra.domain import Terms, domain_of, has_plain_bounds
from sidebyside.algebra.dots import NoValue
from sidebyside.claims.claims import Claim
from sidebyside.formula import identity
from sidebyside.formula.tree import (
    Expression,
    Symbol,
    assignment,
    symbols_of,
    walk,
)
from sidebyside.source.notation import Meaning, Notation, Scope, step_number, steps_back, words
from sidebyside.source.trees import real_path

Scopes: TypeAlias = tuple[Scope, ...]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Definition:
    """A row of the page that says what a symbol is, in terms of others."""

    symbol: Symbol
    formula: Expression
    scope: Scope
    guard: str = ""


@dataclass(frozen=True)
class Time:
    """The number of the step, counted by whoever drives the run."""


@dataclass(frozen=True)
class Code:
    """A piece of code, `back` steps before now, or else after step `at`."""

    line: Meaning
    back: int = 0
    at: int | None = None
    unclear: bool = False  # whether an index tells no step, as in `t − k`


@dataclass(frozen=True)
class Row:
    """What a row of the page defines it to be, `back` steps before now, or else in step `at`."""

    definition: Definition
    back: int = 0
    at: int | None = None


@dataclass(frozen=True)
class Free:
    """Any number from a domain, or what words say; no code computes it."""

    line: Meaning


@dataclass(frozen=True)
class Random:
    """A random number."""

    line: Meaning


Binding: TypeAlias = Time | Code | Row | Free | Random
# Of a formula, all together: nothing explains a symbol; no code computes one; the formula says what
# one is; or code computes all of them.
Ground = Literal["unknown", "free", "defined", "code"]
Bindings: TypeAlias = "tuple[tuple[str, Binding], ...]"  # each with the condition it is under


class Symbols:
    """All that the pages say about symbols: notation lists, and rows that define."""

    def __init__(self, notation: Notation, definitions: Sequence[Definition] = ()) -> None:
        self.notation = notation
        self.definitions = tuple(definitions)
        # By the identity of the scopes, as they are many and long; with them, so that they live on.
        self._resolved: dict[int, tuple[Scopes, dict[Symbol, Bindings]]] = {}
        self._lines: dict[int, tuple[Scopes, dict[Symbol, tuple[Meaning, ...]]]] = {}

    def resolve(self, symbol: Symbol, scopes: Scopes) -> Bindings:
        """
        Return what a symbol is where its formula looks it up, the innermost meaning first.

        It is empty where nothing says what it is.
        """
        if id(scopes) not in self._resolved:
            self._resolved[id(scopes)] = scopes, {}
        known = self._resolved[id(scopes)][1]
        if symbol not in known:
            known[symbol] = tuple(self._resolve(symbol, scopes))
        return known[symbol]

    def _resolve(self, symbol: Symbol, scopes: Scopes) -> Iterator[tuple[str, Binding]]:
        if symbol == Symbol("t"):
            yield "", Time()
            return
        back, number = steps_back(symbol), step_number(symbol)
        row = self.defined(symbol, scopes)
        for line in self.meanings(symbol, scopes):
            is_other = symbol != line.symbol and back is None and _is_at_some_time(symbol)
            code = Code(line, 0 if line.back else back or 0, unclear=is_other)
            yield line.guard, self._bound(line, code, Row(row, back or 0) if row else None)
        if number is not None:  # `v₁` is `vₜ` after step 1, if that is explained
            for line in self.meanings(replace(symbol, index=(Symbol("t"),)), scopes):
                if line.back is not None:
                    there = Row(row, at=number) if row else None
                    yield line.guard, self._bound(line, Code(line, at=number), there)
        if row:
            yield "", Row(row, back or 0)

    @staticmethod
    def _bound(line: Meaning, code: Code, row: Row | None) -> Binding:
        """The binding by a notation line; by a row where the line names no code."""
        if line.code:
            return code
        return row or (Random(line) if line.law else Free(line))

    def meanings(self, symbol: Symbol, scopes: Scopes) -> tuple[Meaning, ...]:
        """Return the notation lines for a symbol, the innermost first."""
        if id(scopes) not in self._lines:
            self._lines[id(scopes)] = scopes, {}
        known = self._lines[id(scopes)][1]
        if symbol not in known:
            known[symbol] = self.notation.lines(symbol, scopes)
        return known[symbol]

    def defined(self, symbol: Symbol, scopes: Scopes) -> Definition | None:
        """Return the row that defines a symbol, the innermost one."""
        same = [d for d in self.definitions if identity(d.symbol) == identity(symbol)]
        inner = (each for scope in scopes for each in same if each.scope == scope)
        return next(inner, None)


class Meanings:
    """What the pages say about symbols, all together; looks them up where a claim stands."""

    def __init__(self, notation: Notation, claims: Sequence[Claim], root: str | Path = "") -> None:
        self.root = root
        self.claims = claims
        named = [m for claim in claims for m in _named(claim, notation)]
        self.notation = replace(notation, meanings=(*notation.meanings, *named))
        definitions = [d for claim in claims for d in _defined(claim, self.notation)]
        self.symbols = Symbols(self.notation, tuple(grounded(definitions)))
        # Read once, and refused where a formula needs it.
        self.laws = {line: _law(line) for line in notation.meanings if line.law}
        self._running: dict[type | None, Scopes] = {None: ()}
        self._scopes: dict[tuple[Scope, type | None], Scopes] = {}
        self._on_page: dict[str, Scopes] = {}
        self._around: dict[tuple[Scope, str, type | None], Scopes] = {}
        # By the identity of the claim; with it, so that it lives on.
        self._once: dict[tuple[Any, ...], tuple[Claim, Any]] = {}

    def once(self, ask: Callable[..., Answer], claim: Claim, *more: Any) -> Answer:
        """Return what a function says of a claim, by the pages alone; it is asked only once."""
        key = (ask, id(claim), *more)
        if key not in self._once:
            self._once[key] = (claim, ask(claim, self, *more))
        answer: Answer = self._once[key][1]
        return answer

    def where(self, changes: Mapping[int, Claim]) -> Meanings:
        """Return what pages would say on which some definitions, by identity, are others."""
        other = copy(self)
        other.claims = [changes.get(id(each), each) for each in self.claims]
        old = {_key(each): changes[id(each)] for each in self.claims if id(each) in changes}
        definitions = [
            next(iter(_defined(old[each.symbol, each.scope], self.notation)), each)
            if (each.symbol, each.scope) in old
            else each
            for each in self.symbols.definitions
        ]
        other.symbols, other._once = Symbols(self.notation, definitions), {}
        return other

    def scopes(self, scope: Scope, owner: type | None = None) -> Scopes:
        """Return where a formula looks up its symbols while an object of class `owner` runs."""
        key = (scope, owner)
        if key not in self._scopes:
            self._scopes[key] = self.notation.scopes(scope, self.running(owner))
        return self._scopes[key]

    def running(self, owner: type | None) -> Scopes:
        """Return the annotated classes among those that a class is made of."""
        if owner not in self._running:
            assert owner is not None
            known = {
                (real_path(os.path.join(self.root, each.path)), each.name): each
                for each in self.notation.bases
            }
            keys = [(_file(each), each.__qualname__) for each in owner.__mro__]
            self._running[owner] = tuple(known[key] for key in keys if key in known)
        return self._running[owner]

    def on_page(self, path: str) -> Scopes:
        """Return all scopes of a page, and those that its classes inherit from."""
        if path not in self._on_page:
            self._on_page[path] = tuple(dict.fromkeys(self._scopes_on(path)))
        return self._on_page[path]

    def _scopes_on(self, path: str) -> Iterator[Scope]:
        named = (m.scope for m in self.notation.meanings)
        for scope in dict.fromkeys((*named, *self.notation.bases)):
            if scope.path == path:
                yield from (scope, *self.notation.lineage(scope))
        for definition in self.symbols.definitions:
            if definition.scope.path == path:
                yield definition.scope

    def resolve(self, claim: Claim) -> Mapping[Symbol, Bindings]:
        """
        Return what each symbol of a claim is; empty bindings where nothing says so.

        A sentence, and the docstring of a module, may speak of all that the page explains.
        """
        assert claim.formula is not None
        scopes = self.scopes(claim.scope)
        if claim.kind in ("mention", "statement") or not claim.scope.name:
            scopes = self.around(claim)
        return {symbol: self._resolved(symbol, scopes) for symbol in symbols_of(claim.formula)}

    def around(self, claim: Claim, owner: type | None = None) -> Scopes:
        """Return where a claim stands, and the class that runs, and then all of its page."""
        key = (claim.scope, claim.path, owner)
        if key not in self._around:
            near = (*self.scopes(claim.scope, owner), *self.running(owner))
            self._around[key] = tuple(dict.fromkeys((*near, *self.on_page(claim.path))))
        return self._around[key]

    def _resolved(self, symbol: Symbol, scopes: Scopes) -> Bindings:
        """The bindings of a symbol; those of `sᵢ` are those of `sₜ`, or of a row for `s`."""
        found = self.symbols.resolve(symbol, scopes)
        if not found:
            lines = self.explained(symbol, scopes)
            found = tuple((line.guard, Symbols._bound(line, Code(line), None)) for line in lines)
        row = None if found else self.symbols.defined(replace(symbol, index=()), scopes)
        return (("", Row(row)),) if row else found

    def unknown(self, claim: Claim) -> list[Symbol]:
        """Return the symbols of a claim that nothing explains."""
        return [symbol for symbol, found in self.resolve(claim).items() if not found]

    def ground(self, claim: Claim) -> Ground:
        """Return on what a claim stands: what its symbols are, all together."""
        if self.unknown(claim):
            return "unknown"
        if self.free(claim):
            return "free"
        return "defined" if self.defines(claim) else "code"

    def free(self, claim: Claim) -> bool:
        """Whether a claim speaks of symbols that stand for no piece of code."""
        assert claim.formula is not None
        scopes = self.scopes(claim.scope)
        for symbol in symbols_of(claim.formula):
            lines = self.explained(symbol, scopes)
            if not lines or any(line.code for line in lines):
                continue
            is_defined = self.symbols.defined(symbol, scopes) is not None
            if not (is_defined and all(line.is_words for line in lines)):
                return True
        return False

    def explained(self, symbol: Symbol, scopes: Scopes) -> tuple[Meaning, ...]:
        """Return the notation lines for a symbol; `s₁` and `sᵢ` are explained by that for `sₜ`."""
        return self.symbols.meanings(symbol, scopes) or self.notation.explained(symbol, scopes)

    def terms(self, claim: Claim) -> Terms:
        """Return what the notation says about symbols that no code computes."""
        assert claim.formula is not None
        scopes = self.scopes(claim.scope)
        domains, definitions, laws = {}, {}, {}
        needed = list(symbols_of(claim.formula))
        for symbol in needed:
            definition = self.symbols.defined(symbol, scopes)
            for line in reversed(self.explained(symbol, scopes)):
                if line.domain is not None and (has_plain_bounds(line.domain) or not line.code):
                    domains[symbol] = domain_of(line.domain)[1]
                law = self.laws.get(line)
                if isinstance(law, NoValue):
                    raise law
                if law is not None:
                    laws[law.symbol] = law
                    parameters = (s for part in law.parameters for s in symbols_of(part))
                    needed += [each for each in parameters if each not in needed]
            if definition is not None:
                definitions[symbol] = definition.formula
        return Terms(domains, definitions, laws)

    def codes(self, claim: Claim) -> set[str]:
        """Return the code that the symbols of a claim stand for."""
        assert claim.formula is not None
        scopes = self.around(claim)
        found = (m for s in symbols_of(claim.formula) for m in self.explained(s, scopes))
        return {line.code for line in found if line.code}

    def words(self, claim: Claim) -> set[str]:
        """Return the names and keys in the code that the symbols of a claim stand for."""
        return {word for code in self.codes(claim) for word in words(code)}

    def defines(self, claim: Claim) -> bool:
        """Whether a claim does nothing but say what a symbol is in terms of others."""
        found = assignment(claim.formula)
        if found is None or found[0] == Symbol("t"):  # which is counted, whatever a page says
            return False
        return not _has_place(found[0], claim.scope, self.notation)

    def is_used(self, claim: Claim, seen: tuple[Claim, ...] = ()) -> bool:
        """Whether a formula that is compared with code uses the symbol that a claim defines."""
        found = assignment(claim.formula)
        if found is None or claim in seen:
            return False
        key = identity(found[0])
        for other in self.claims:
            if other == claim or other.formula is None or other.kind not in ("line", "call"):
                continue
            uses = key in {identity(symbol) for symbol in symbols_of(other.formula)}
            if not uses or claim.scope not in self.scopes(other.scope):
                continue
            if other.excuse or meaningless(other.formula) or self.free(other):
                continue
            # What only defines a symbol itself is compared by way of those that use it.
            is_link = other.kind == "call" and self.defines(other)
            if not is_link or self.is_used(other, (*seen, claim)):
                return True
        return False


def _is_at_some_time(symbol: Symbol) -> bool:
    """Whether an index depends on t: so do `t − 1`, and `t − k`, which is no known step."""
    return any(Symbol("t") in walk(part) for part in symbol.index)


def _has_place(symbol: Symbol, scope: Scope, notation: Notation) -> bool:
    """Whether a notation list says what a symbol is, in more than words."""
    return any(not each.is_words for each in notation.find(symbol, notation.scopes(scope)))


def _named(claim: Claim, notation: Notation) -> Iterator[Meaning]:
    """The notation line that a formula beside code is, when no list has its symbol."""
    found = assignment(claim.formula)
    if found is None or claim.kind != "line" or not claim.values or claim.excuse:
        return
    if not _has_place(found[0], claim.scope, notation):
        named = [n for n, code in enumerate(claim.values) if code != "return"]
        own = [n for n in named if claim.values[n] == found[0].name]
        last = (own or named or [0])[-1]
        if own or not list(others(claim.values, claim.inputs, last)):
            yield Meaning(found[0], claim.scope, claim.path, claim.line, claim.values[last])


def others(values: Sequence[str], inputs: Sequence[frozenset[str]], last: int) -> Iterator[int]:
    """
    Yield the places of values that are another result than the `last` one.

    What goes into the last one is on the way to it.
    """
    needed = inputs[last]
    for place in reversed(range(last)):
        if values[place] == values[last] or values[place] in needed:
            needed |= inputs[place]
        else:
            yield place


def _defined(claim: Claim, notation: Notation) -> Iterator[Definition]:
    found = assignment(claim.formula)
    if found is None or claim.kind in ("mention", "statement") or claim.excuse:
        return
    if not _has_place(found[0], claim.scope, notation):
        yield Definition(*found, claim.scope)


def grounded(definitions: Sequence[Definition]) -> Iterator[Definition]:
    """Those that do not define a symbol by itself, be it by way of others."""
    uses = {
        identity(each.symbol): {identity(s) for s in symbols_of(each.formula) if not steps_back(s)}
        for each in definitions
    }
    for each in definitions:
        reached, new = set[str](), uses[identity(each.symbol)]
        while new:
            reached |= new
            new = {key for used in new for key in uses.get(used, ())} - reached
        if identity(each.symbol) not in reached:
            yield each


def _key(claim: Claim) -> tuple[Symbol, Scope] | None:
    found = assignment(claim.formula)
    return (found[0], claim.scope) if found else None


def _law(line: Meaning) -> Distribution | NoValue:
    try:
        return parse_distribution(line.power or line.symbol, line.law)
    except NoValue as error:
        return error


def _file(owner: type) -> str:
    module = sys.modules.get(owner.__module__)
    return real_path(getattr(module, "__file__", None) or "")
