"""
# Symbols that a row of the page defines

`m̂ₜ ← mₜ / (1 − β₁ᵗ)` says what `m̂ₜ` is. No notation list need say it again, so on the page the
right side of the row is what the symbol shows to who points at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sidebyside.formula import to_text
from sidebyside.formula.tree import EQUALITIES, Relation, Symbol
from sidebyside.source.notation import Meaning, Notation, Scope
from sidebyside.source.prose import Display, read_prose
from sidebyside.source.sections import Module, Section


def defining_rows(modules: Iterable[Module], notation: Notation) -> Iterator[Meaning]:
    """Yield what rows in docstrings define that no notation list explains, once in each scope."""
    for module in modules:
        for section in module.sections:
            if section.kind == "comment":
                continue
            scope = Scope(module.path, section.name)
            seen: set[str] = set()
            for meaning in _rows(section, scope):
                known = any(True for _ in notation.find(meaning.symbol, notation.scopes(scope)))
                if not known and meaning.key not in seen:
                    seen.add(meaning.key)
                    yield meaning


def _rows(section: Section, scope: Scope) -> Iterator[Meaning]:
    blocks = read_prose(section.prose, path=scope.path, comment=False)
    for row in (row for block in blocks if isinstance(block, Display) for row in block.rows):
        formula = row.formula
        if isinstance(formula, Relation) and isinstance(formula.first, Symbol):
            sign, right = formula.rest[0]
            if sign in EQUALITIES:
                text = to_text(right)
                yield Meaning(formula.first, scope, scope.path, row.line, text=text)
