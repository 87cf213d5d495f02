"""
# What the pages say about symbols, all together

Symbols are explained in notation lists, defined by rows such as `m̂ₜ ← mₜ / (1 − β₁ᵗ)`, and named by
lines of code: a formula `dₜ ← √vₜ + ε` beside `denominator = …` says that `dₜ` is `denominator`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sidebyside.algebra.domain import domain_of
from sidebyside.checking.claims import Claim, others
from sidebyside.checking.distributions import parse_distribution
from sidebyside.checking.moments import Definition, Scopes, Symbols
from sidebyside.checking.terms import Terms
from sidebyside.checking.verdicts import EQUALITIES
from sidebyside.formula import at_time, identity
from sidebyside.formula.tree import (
    Call,
    Expression,
    Formula,
    Relation,
    Series,
    Symbol,
    children,
)
from sidebyside.notation import Meaning, Notation, Scope, steps_back
from sidebyside.trace.code import words


class Meanings:
    """Looks up symbols where a claim stands."""

    def __init__(self, notation: Notation, claims: Sequence[Claim], root: str | Path = "") -> None:
        self.root = root
        self.claims = claims
        named = [m for claim in claims for m in _named(claim, notation)]
        self.notation = replace(notation, meanings=(*notation.meanings, *named))
        definitions = [d for claim in claims for d in _defined(claim, self.notation)]
        self.symbols = Symbols(self.notation, grounded(definitions))
        self._running: dict[type | None, Scopes] = {None: ()}
        self._scopes: dict[tuple[Scope, type | None], Scopes] = {}

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
                (os.path.realpath(Path(self.root, each.path)), each.name): each
                for each in self.notation.bases
            }
            keys = [(_file(each), each.__qualname__) for each in owner.__mro__]
            self._running[owner] = tuple(known[key] for key in keys if key in known)
        return self._running[owner]

    def explained(self, symbol: Symbol, scopes: Scopes) -> tuple[Meaning, ...]:
        """Return the notation lines for a symbol; `s₁` and `sᵢ` are explained by that for `sₜ`."""
        found = self.symbols.meanings(symbol, scopes)
        if not found and symbol.index:
            running = self.symbols.meanings(replace(symbol, index=(Symbol("t"),)), scopes)
            found = tuple(meaning for meaning in running if meaning.back is not None)
        return found

    def is_known(self, symbol: Symbol, scopes: Scopes) -> bool:
        """Whether a symbol means something; t always does: it is the number of the step."""
        if symbol == Symbol("t") or self.explained(symbol, scopes):
            return True
        running = replace(symbol, index=())
        return any(self.symbols.defined(each, scopes) for each in (symbol, running))

    def unknown(self, claim: Claim) -> list[Symbol]:
        """Return the symbols of a claim that nothing explains."""
        assert claim.formula is not None
        scopes = self.scopes(claim.scope)
        if claim.kind in ("mention", "statement") or not claim.scope.name:
            scopes = (*scopes, *self.on_page(claim.path))
        found = symbols_of(claim.formula)
        return [symbol for symbol in found if not self.is_known(symbol, scopes)]

    def on_page(self, path: str) -> Iterator[Scope]:
        """Yield all scopes of a page, and those that its classes inherit from."""
        named = (m.scope for m in self.notation.meanings)
        for scope in dict.fromkeys((*named, *self.notation.bases)):
            if scope.path == path:
                yield from (scope, *self.notation.lineage(scope))
        for definition in self.symbols.definitions:
            if definition.scope.path == path:
                yield definition.scope

    def free(self, claim: Claim) -> bool:
        """Whether a claim speaks of symbols that stand for no piece of code."""
        assert claim.formula is not None
        scopes = self.scopes(claim.scope)
        for symbol in symbols_of(claim.formula):
            meanings = self.explained(symbol, scopes)
            if not meanings or any(meaning.code for meaning in meanings):
                continue
            is_defined = self.symbols.defined(symbol, scopes) is not None
            if not (is_defined and all(meaning.is_words for meaning in meanings)):
                return True
        return False

    def terms(self, claim: Claim) -> Terms:
        """Return what the notation says about symbols that no code computes."""
        assert claim.formula is not None
        scopes = self.scopes(claim.scope)
        domains, definitions, laws = {}, {}, {}
        needed = list(symbols_of(claim.formula))
        for symbol in needed:
            definition = self.symbols.defined(symbol, scopes)
            for meaning in reversed(self.explained(symbol, scopes)):
                if meaning.domain is not None:
                    domains[symbol] = domain_of(meaning.domain)[1]
                if meaning.law:
                    law = parse_distribution(meaning.power or meaning.symbol, meaning.law)
                    laws[law.symbol] = law
                    parameters = (s for part in law.parameters for s in symbols_of(part))
                    needed += [each for each in parameters if each not in needed]
            if definition is not None:
                definitions[symbol] = definition.formula
        return Terms(domains, definitions, laws)

    def words(self, claim: Claim) -> set[str]:
        """Return the names and keys in the code that the symbols of a claim stand for."""
        assert claim.formula is not None
        scopes = (*self.scopes(claim.scope), *self.on_page(claim.path))
        found = (m for s in symbols_of(claim.formula) for m in self.explained(s, scopes))
        return {word for meaning in found if meaning.code for word in words(meaning.code)}

    def defines(self, claim: Claim) -> bool:
        """Whether a claim does nothing but say what a symbol is in terms of others."""
        found = assignment(claim.formula)
        if found is None or found[0] == Symbol("t"):  # which is counted, whatever a page says
            return False
        return not _has_place(found[0], claim.scope, self.notation)


def symbols_of(tree: Formula, bound: tuple[Symbol, ...] = ()) -> Iterator[Symbol]:
    """
    Yield the symbols that need a meaning: not indices, functions, or variables of a series.

    In `Σ_{i=1}^{t} xᵢ` that is `xₜ`, since i runs through the steps.
    """
    if isinstance(tree, Symbol):
        if tree not in bound:
            yield at_time(tree, bound)
        return
    if isinstance(tree, Series) and tree.variable is not None:
        bound = (*bound, tree.variable)
    parts = tree.arguments if isinstance(tree, Call) else children(tree)
    for part in parts:
        yield from symbols_of(part, bound)


def assignment(formula: Formula | None) -> tuple[Symbol, Expression] | None:
    """Return the two sides of a formula that starts with `symbol ←` or `symbol =`."""
    if isinstance(formula, Relation) and isinstance(formula.first, Symbol):
        sign, right = formula.rest[0]
        if sign in EQUALITIES:
            return formula.first, right
    return None


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
        last = named[-1] if named else 0
        if not list(others(claim.values, claim.inputs, last)):
            yield Meaning(found[0], claim.scope, claim.path, claim.line, claim.values[last])


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


def _file(owner: type) -> str:
    module = sys.modules.get(owner.__module__)
    return os.path.realpath(getattr(module, "__file__", None) or "")
