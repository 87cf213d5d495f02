"""
# What a source file claims

Every formula of a page is a claim. Where it stands says what about:

* in a comment, about the *chunk* of code below it, up to the next comment, blank line or dedent;
* in the docstring of a function, about the whole call;
* in the docstring of a class or module, rows are an algorithm, to be run beside the class;
* inside a sentence, an expression claims nothing, but its symbols must be known; a relation may be
  a statement, see `sentences`. (In sources that are not written for this, no relation in a sentence
  is one, and a formula that ends a comment says what the code below it computes.)

The author writes nothing else. A paragraph directly before a formula may restrict it with
"when `…`".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from typing import Literal

from sidebyside.claims.chunks import Chunk, chunk_of, functions_of, tests_of
from sidebyside.claims.plain import is_unsure
from sidebyside.claims.sentences import WHEN, Sentence, sentences, turned_condition
from sidebyside.formula.tree import Formula, Listing, Number, Relation, Symbol
from sidebyside.source.notation import Scope
from sidebyside.source.notation_reading import check_python
from sidebyside.source.prose import Block, Display, FormulaLine, Text, read_prose
from sidebyside.source.reading import Errors
from sidebyside.source.sections import Module, Section
from sidebyside.trace.trace import Function

Kind = Literal["line", "call", "row", "statement", "mention"]


@dataclass(frozen=True)
class Claim(Chunk):
    """
    One formula, and what it is about: the code beside it, if there is any.

    `block` is the first line of the display that a row belongs to, `number` its place there: LaTeX
    may have several rows in a line. `formula` is None where the text is LaTeX that the grammar does
    not cover, and `reason` says why.
    `excuse` says why it is not to be checked: a notation file has a remark about it, or words of
    its sentence may turn it around.
    It is `unsure` if the words around it, or around its condition, could turn it around.
    `sentence` is the one that a mention or statement stands in, `supposed` what it supposes.
    """

    path: str
    line: int
    text: str
    formula: Formula | None
    kind: Kind
    scope: Scope
    guard: str = ""
    remarked: str = ""
    block: int = 0
    number: int = 0
    reason: str = ""
    excuse: str = ""
    unsure: bool = False
    sentence: Sentence = ()
    supposed: tuple[Relation, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.text}"


def read_claims(module: Module, *, strict: bool = True) -> tuple[Claim, ...]:
    """
    Return all claims of a module in the order of the source.

    Raises a `SourceError` about all that is wrong.
    """
    claims: list[Claim] = []
    errors = Errors()
    for section in module.sections:
        with errors.kept():
            claims += _of_section(module, section, strict)
    errors.stop()
    return tuple(claims)


def _of_section(module: Module, section: Section, strict: bool) -> Iterator[Claim]:
    scope = Scope(module.path, section.name)
    is_comment = section.kind == "comment"
    blocks = read_prose(section.prose, path=module.path, comment=is_comment, strict=strict)
    chunk = chunk_of(module, section) if is_comment else Chunk(tests=_tests_in(module, section))
    kind: Kind = "line" if is_comment else "call" if section.kind == "function" else "row"
    for claim in _of_blocks(blocks, scope, kind, strict):
        yield replace(claim, **vars(chunk))


def _tests_in(module: Module, section: Section) -> tuple[str, ...]:
    """The comparisons in a function, or in the methods of a class."""
    its = [f for name, _, f in functions_of(module.tree) if _is_in(name, section.name)]
    return tests_of(its) if section.name else ()


def _is_in(name: str, owner: str) -> bool:
    return name == owner or name.startswith(f"{owner}.")


def read_functions(
    module: Module, claims: Sequence[Claim], explained: Collection[Scope] = ()
) -> Iterator[Function]:
    """
    Yield all functions of a module, each with the chunks that claims are about.

    A function is watched as a whole if its docstring claims something, or explains symbols.
    """
    chunks: dict[str, list[range]] = {}
    for claim in claims:
        if claim.path != module.path:
            continue
        if (
            claim.kind in ("line", "statement")
            and claim.lines
            and claim.lines not in chunks.get(claim.scope.name, ())
        ):
            chunks.setdefault(claim.scope.name, []).append(claim.lines)
    stated = (c for c in claims if c.kind == "call" or (c.kind == "statement" and not c.lines))
    whole = {claim.scope for claim in stated} | set(explained)
    for name, first, _ in functions_of(module.tree):
        scope = Scope(module.path, name)
        yield Function(module.path, name, first, tuple(chunks.get(name, ())), scope in whole)


def _of_blocks(blocks: Sequence[Block], scope: Scope, kind: Kind, strict: bool) -> Iterator[Claim]:
    before: Block | None = None
    for block, after in zip_longest(blocks, blocks[1:]):
        if isinstance(block, Display):
            guard, excuse = _guard(before, scope) if isinstance(before, Text) else ("", "")
            unsure = is_unsure(before, after, bool(guard))
            for number, row in enumerate(_joined(block.rows)):
                claim = replace(_claim(row, scope, kind), guard=guard, excuse=excuse)
                claim = replace(claim, unsure=unsure)
                yield replace(claim, block=block.rows[0].line, number=number)
        else:
            last = () if strict or kind != "line" else tuple(_concluding(block))
            for sentence in sentences(block):
                for part in (inline.formula for inline in sentence):
                    claim = _claim(part, scope, "line" if part in last else "mention")
                    yield replace(claim, sentence=sentence) if strict else claim
        before = block


def _concluding(text: Text) -> Iterator[FormulaLine]:
    """
    The formulas at the ends of paragraphs, except mere symbols.

    Where comments are sentences, as in `# Step size $α / c₁$`, they say what the code computes.
    """
    for part, after in pairwise(text.parts):
        if not isinstance(part, FormulaLine) or not isinstance(after, str):
            continue
        is_mere = isinstance(part.formula, Symbol | Number | Listing | None)
        if not is_mere and re.match(r"\s*[.:;,]?\s*(?:\n\s*\n|$)", after):
            yield part


def _claim(row: FormulaLine, scope: Scope, kind: Kind) -> Claim:
    return Claim(scope.path, row.line, row.text, row.formula, kind, scope, reason=row.reason)


def _joined(rows: Sequence[FormulaLine]) -> Iterator[FormulaLine]:
    """The rows of a display, where one that begins with a sign goes on from the row above."""
    last = None
    for row in rows:
        formula = row.formula
        if isinstance(formula, Relation) and formula.first is None and last is not None:
            row = replace(row, formula=replace(formula, first=last))
        yield row
        last = formula.rest[-1][1] if isinstance(formula, Relation) else None


def _guard(text: Text, scope: Scope) -> tuple[str, str]:
    """The conditions that the paragraph before a formula puts on it, and what may deny them."""
    paragraph: list[str] = []
    for line in text.lines:
        paragraph = [*paragraph, line.text.strip()] if line.text else []
    words = " ".join(paragraph)
    guards = WHEN.findall(words)
    for guard in guards:
        check_python(guard, scope.path, text.lines[-1].number)
    word = turned_condition(words)
    why = (
        f'"{word}" may turn around "when `…`"; say it without, as in "when `not …`"' if word else ""
    )
    return ", ".join(guards), why
