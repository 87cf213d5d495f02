"""
# Reading notation lists

The grammar of a list item is in `notation`. Lists stand in the docstrings of modules, classes and
functions; for sources that are to stay untouched, in a Markdown file beside them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sidebyside.formula import FormulaError, parse_formula
from sidebyside.formula.tree import Power, Relation, Symbol, bounded_by
from sidebyside.source.notation import Meaning, Notation, Scope, python_of
from sidebyside.source.reading import Errors, SourceError
from sidebyside.source.sections import Line, Module

_ITEM = re.compile(r"\$(?P<math>[^$]+)\$\s+is\s+(?P<rest>.*)", re.DOTALL)
_PLACE = re.compile(
    r"`(?P<code>[^`]+)`(?P<entry> at entry)?(?: when `(?P<guard>[^`]+)`)?"
    r"(?:[,;:.]\s*(?P<text>.*))?$"
)
_LAW = re.compile(r"distributed as `(?P<law>[^`]+)`(?:[,;:.]\s*(?P<text>.*))?$")


def read_notation(modules: Sequence[Module], extra: Iterable[Meaning] = ()) -> Notation:
    """Read the notation lists in the docstrings of some modules that belong together."""
    meanings = list(extra)
    errors = Errors()
    for module in modules:
        for section in module.sections:
            if section.kind != "comment":
                scope = Scope(module.path, section.name)
                with errors.kept():
                    meanings += read_list(section.prose, scope, module.path)
    errors.stop()
    _refuse_duplicates(meanings)
    return Notation(tuple(meanings), _bases(modules))


def read_notation_file(root: Path, name: str, modules: Sequence[Module]) -> Iterator[Meaning]:
    """
    Yield the lines of a Markdown file with notation lists, for sources that are to stay untouched.

    Headings say what a list is about: `## adam.py`, then `### Adam` or `### Adam.get_mv`.
    """
    for lines, scope in notation_lists(root, name, modules):
        yield from read_list(lines, scope, name)


def notation_lists(
    root: Path, name: str, modules: Sequence[Module]
) -> Iterator[tuple[list[Line], Scope]]:
    """Yield the parts of such a file, each with what its heading says it is about."""
    if not name:
        return
    text = (root / name).read_text(encoding="utf-8")
    scope: Scope | None = None
    lines: list[Line] = []
    for number, line in enumerate(text.split("\n"), 1):
        heading = re.match(r"#+\s+`?(?P<title>[^`]+?)`?\s*$", line)
        if heading is None:
            lines.append(Line(number, line))
            continue
        if scope is not None:
            yield lines, scope
        lines = []
        scope = _scope(heading["title"], scope, modules, Line(number, name))
    if scope is not None:
        yield lines, scope


def _scope(title: str, before: Scope | None, modules: Sequence[Module], at: Line) -> Scope | None:
    """What a heading names: a source, or a definition in the source of the heading before."""
    for module in modules:
        if f"/{Path(module.path).as_posix()}".endswith(f"/{title}"):
            return Scope(module.path)
        names = {section.name for section in module.sections}
        if before is not None and before.path == module.path and title in names:
            return Scope(module.path, title)
    if before is None:
        return None  # the title of the file
    reason = f"`{title}` is neither a source file nor a definition in {before.path}"
    raise SourceError(at.text, at.number, reason)


def read_list(lines: Sequence[Line], scope: Scope, path: str) -> Iterator[Meaning]:
    """Yield what the list items of the form `* $…$ is …` say, in lines of the file `path`."""
    for number, text in list_items(lines):
        if match := _ITEM.match(text):
            blank = _blank(match["math"], scope, path, number)
            yield _filled(blank, match["math"], match["rest"])


def item_parts(text: str) -> dict[str, str] | None:
    """
    What an item says that explains a symbol: its `text` at least, if it is such an item.

    The `text` is what readers see when they point at the symbol.
    """
    item = _ITEM.match(text)
    if item is None:
        return None
    found = _LAW.match(item["rest"]) or _PLACE.match(item["rest"])
    parts = found.groupdict() if found else {"text": item["rest"]}
    return {name: value or "" for name, value in parts.items()}


def list_items(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield the items of all lists, each joined to one line, with its line number."""
    fenced = False
    item: list[str] = []
    start = margin = 0
    for line in [*lines, Line(0, "")]:
        indentation = len(line.text) - len(line.text.lstrip())
        bullet = re.match(r"\s*[*+-]\s+", line.text)
        continues = item and line.text and indentation > margin and not bullet
        if item and not continues:
            yield start, " ".join(item)
            item = []
        if re.match(r"\s*(```|~~~)", line.text):
            fenced = not fenced
        elif bullet and not fenced:
            start, margin, item = line.number, indentation, [line.text[bullet.end() :].strip()]
        elif continues:
            item.append(line.text.strip())


def _blank(math: str, scope: Scope, path: str, line: int) -> Meaning:
    """The meaning of the symbol that an item explains, with the relation or power it stands in."""
    try:
        formula = parse_formula(math)
    except FormulaError as error:
        raise SourceError(path, line, f"`${math}$` is no formula: {error}") from error
    if isinstance(formula, Symbol):
        return Meaning(formula, scope, path, line)
    if isinstance(formula, Relation) and (symbol := bounded_by(formula)):
        return Meaning(symbol, scope, path, line, domain=formula)
    if isinstance(formula, Power) and isinstance(formula.base, Symbol):
        return Meaning(formula.base, scope, path, line, power=formula)
    if isinstance(formula, Relation):
        reason = f"`${math}$` is no domain of one symbol; it stands first, or in the middle, as in "
        raise SourceError(path, line, f"{reason}`$ρ > 4$`, `$0 ≤ xₜ < 1$` or `$β ∈ [0, 1)$`")
    raise SourceError(path, line, f"`${math}$` is not one symbol; explain one in each item")


def _filled(blank: Meaning, math: str, rest: str) -> Meaning:
    """The meaning, with what the item says behind "is"."""
    if law := _LAW.match(rest):
        return replace(blank, law=law["law"], text=law["text"] or "")
    if not rest.startswith("`"):
        return replace(blank, text=rest)
    place = _PLACE.match(rest)
    if place is None:
        reason = f"cannot read what `${math}$` is; after the code may follow ` at entry`, then "
        raise SourceError(blank.path, blank.line, f"{reason}` when `…``, then a comma and words")
    if blank.power:
        reason = f"`${math}$` is more than a symbol, so no code can be its place"
        raise SourceError(blank.path, blank.line, reason)
    for code in (place["code"], place["guard"] or "True"):
        check_python(code, blank.path, blank.line)
    return replace(
        blank,
        code=place["code"],
        at_entry=bool(place["entry"]),
        guard=place["guard"] or "",
        text=place["text"] or "",
    )


def check_python(code: str, path: str, line: int) -> None:
    """Raise `SourceError` unless `code` is a Python expression, or conditions with commas."""
    try:
        python_of(code)
    except SyntaxError:
        raise SourceError(path, line, f"`{code}` is not a Python expression") from None


def _refuse_duplicates(meanings: Iterable[Meaning]) -> None:
    seen: dict[tuple[Scope, str, int | None, str], Meaning] = {}
    for meaning in meanings:
        key = (meaning.scope, meaning.key, meaning.back, meaning.guard)
        if key in seen:
            reason = (
                f"this symbol is explained in line {seen[key].line} already; keep one of the two"
            )
            raise SourceError(meaning.path, meaning.line, reason)
        seen[key] = meaning


def _bases(modules: Sequence[Module]) -> dict[Scope, tuple[Scope, ...]]:
    """The classes of the modules, each with those it extends."""
    classes = {
        Scope(module.path, section.name): module
        for module in modules
        for section in module.sections
        if section.kind == "class"
    }
    return {scope: tuple(_bases_of(scope, module, classes)) for scope, module in classes.items()}


def _bases_of(scope: Scope, module: Module, classes: dict[Scope, Module]) -> Iterator[Scope]:
    body: Sequence[ast.stmt] = module.tree.body
    node: ast.ClassDef | None = None
    for name in scope.name.split("."):
        node = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == name), None)
        body = node.body if node else ()
    for base in node.bases if node else ():
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        same = [each for each in classes if each.name == name]
        yield from [each for each in same if each.path == scope.path] or same[:1]
