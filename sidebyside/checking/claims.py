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

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from sidebyside.checking.effects import Choice, above, choices
from sidebyside.checking.sentences import Sentence, sentences
from sidebyside.formula.tree import Formula, Listing, Number, Relation, Symbol
from sidebyside.notation import Scope
from sidebyside.notation_reading import check_python
from sidebyside.prose import Block, Display, FormulaLine, Text, read_prose
from sidebyside.reading import Errors
from sidebyside.source import Module, Section
from sidebyside.trace.trace import Function


class Chunk(NamedTuple):
    """
    The code lines that a comment is about, the expressions for what they compute, with the
    variables that each is computed from, what in them decides between several ways, the lines above
    that may run before them, and the lines below, without a comment, that compute the same again.
    """

    lines: range = range(0)
    values: tuple[str, ...] = ()
    inputs: tuple[frozenset[str], ...] = ()
    choices: tuple[Choice, ...] = ()
    above: tuple[int, ...] = ()
    again: tuple[tuple[int, str], ...] = ()


Kind = Literal["line", "call", "row", "statement", "mention"]


@dataclass(frozen=True)
class Claim:
    """
    One formula, and what it is about.

    `lines` are the code lines beside it and `values` the Python expressions for what they compute,
    one after the other, with the `inputs` that each is computed from; `choices` is what in them
    decides between several ways, `above` which lines may run before them, `again` which lines below
    compute one of the values once more.
    `block` is the first line of the display that a row belongs to, `number` its place there: LaTeX
    may have several rows in a line. `formula` is None where the text is LaTeX that the grammar does
    not cover, and `reason` says why.
    `excuse` says why it is not to be checked, where a notation file has a remark about it.
    `sentence` is the one that a mention or statement stands in.
    """

    path: str
    line: int
    text: str
    formula: Formula | None
    kind: Kind
    scope: Scope
    lines: range = range(0)
    values: tuple[str, ...] = ()
    inputs: tuple[frozenset[str], ...] = ()
    choices: tuple[Choice, ...] = ()
    above: tuple[int, ...] = ()
    again: tuple[tuple[int, str], ...] = ()
    guard: str = ""
    remarked: str = ""
    block: int = 0
    number: int = 0
    reason: str = ""
    excuse: str = ""
    sentence: Sentence = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.text}"

    def is_row(self, other: Claim) -> bool:
        """Whether two claims stand in the same place, maybe with other formulas."""
        return (self.line, self.number) == (other.line, other.number)


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
    chunk = chunk_of(module, section) if is_comment else Chunk()
    kind: Kind = "line" if is_comment else "call" if section.kind == "function" else "row"
    for claim in _of_blocks(blocks, scope, kind, strict):
        yield replace(claim, **chunk._asdict())


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


Located: TypeAlias = "tuple[str, int, ast.FunctionDef | ast.AsyncFunctionDef]"


@lru_cache(maxsize=128)
def functions_of(tree: ast.AST) -> tuple[Located, ...]:
    """Return the functions in a tree with their qualified names and first lines."""
    return tuple(_functions(tree))


def _functions(tree: ast.AST, name: str = "") -> Iterator[Located]:
    for node in ast.iter_child_nodes(tree):
        inner = name
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{name}.{node.name}".lstrip(".")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield inner, first, node
        yield from _functions(node, inner)


def _of_blocks(blocks: Sequence[Block], scope: Scope, kind: Kind, strict: bool) -> Iterator[Claim]:
    before: Block | None = None
    for block in blocks:
        if isinstance(block, Display):
            guard = _guard(before, scope) if isinstance(before, Text) else ""
            for number, row in enumerate(_joined(block.rows)):
                claim = _claim(row, scope, kind)
                yield replace(claim, guard=guard, block=block.rows[0].line, number=number)
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


def _guard(text: Text, scope: Scope) -> str:
    """The conditions that the paragraph before a formula puts on it, as Python."""
    paragraph: list[str] = []
    for line in text.lines:
        paragraph = [*paragraph, line.text.strip()] if line.text else []
    guards = re.findall(r"\b[Ww]hen `([^`]+)`", " ".join(paragraph))
    for guard in guards:
        check_python(guard, scope.path, text.lines[-1].number)
    return ", ".join(guards)


def chunk_of(module: Module, section: Section) -> Chunk:
    """Return the code lines that a comment is about, what they compute, and what from."""
    filled = [line.number for line in section.code if line.text.strip()]
    statements = _statements(module.tree, filled[0]) if filled else []
    if not statements or not section.prose:
        return Chunk()
    if _column(module, section.prose[0].number) != _column(module, filled[0]):
        return Chunk()
    rows = {line.number for line in section.code}
    chunk = statements[:1]
    for statement in statements[1:]:
        between = module.lines[_end(chunk[-1]) : statement.lineno - 1]
        if statement.lineno not in rows or any(not line.text.strip() for line in between):
            break
        chunk.append(statement)
    stop = filled[0]
    while stop + 1 in rows and stop < _end(chunk[-1]):
        stop += 1
    computed = [(value_of(each), _inputs(each)) for each in chunk if value_of(each)]
    values, inputs = (tuple(v for v, _ in computed), tuple(i for _, i in computed))
    around = [f for _, _, f in functions_of(module.tree) if _holds(f, filled[0])]
    before = tuple(above(around[-1], filled[0])) if around else ()
    after = [line for line in filled if line > stop] if around else []
    again = tuple(each for each in _computed_at(around[-1:], after) if each[1] in values)
    found = (tuple(choices(chunk)), before, again)
    return Chunk(range(filled[0], stop + 1), values, inputs, *found)


def _computed_at(functions: Sequence[ast.AST], lines: Collection[int]) -> Iterator[tuple[int, str]]:
    """What is computed in some lines of a function, with the line."""
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.stmt) and node.lineno in lines:
            yield node.lineno, value_of(node)


def _holds(function: ast.stmt, line: int) -> bool:
    return function.lineno <= line <= _end(function)


def _inputs(statement: ast.stmt) -> frozenset[str]:
    """The variables, attributes and items that a statement reads."""
    kinds = (ast.Name, ast.Attribute, ast.Subscript)
    return frozenset(ast.unparse(node) for node in ast.walk(statement) if isinstance(node, kinds))


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


def _column(module: Module, line: int) -> int:
    text = module.lines[line - 1].text.expandtabs()
    return len(text) - len(text.lstrip())


def _statements(tree: ast.AST, line: int) -> list[ast.stmt]:
    """The statements of one block from the one that starts at this line."""
    for node in ast.walk(tree):
        for body in ("body", "orelse", "finalbody"):
            statements = getattr(node, body, None)
            if isinstance(statements, list):
                for place, statement in enumerate(statements):
                    if isinstance(statement, ast.stmt) and statement.lineno == line:
                        return statements[place:]
    return []


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def value_of(statement: ast.stmt) -> str:
    """Return the Python expression for what a statement computes: its target, receiver, `out=`."""
    target: ast.expr | None = None
    match statement:
        case ast.Assign(targets=[first, *_]):
            target = first
        case ast.AnnAssign(target=first, value=ast.expr()) | ast.AugAssign(target=first):
            target = first
        case ast.Return(value=ast.expr()):
            return "return"
        case ast.Expr(value=ast.Call() as call):
            target = _receiver(call)
    return "" if target is None or isinstance(target, ast.Tuple | ast.List) else ast.unparse(target)


def _receiver(call: ast.Call) -> ast.expr | None:
    """What a call changes: its `out=`, or what stands before an in-place method, `.mul_(…)`."""
    out = next((keyword.value for keyword in call.keywords if keyword.arg == "out"), None)
    if out is not None:
        return out
    value: ast.expr = call
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        if not value.func.attr.endswith("_"):
            return None
        value = value.func.value
    return None if isinstance(value, ast.Call) else value
