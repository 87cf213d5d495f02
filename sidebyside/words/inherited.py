"""
# What a class is said to inherit

"Inherited from [Adam](adam.py#Adam)" is true as long as that class stands above, and has what is
meant. Compared with the sources are sentences with "inherited from" or "the symbols are those of",
and a class of ours:

* that class is above the one that the words are about;
* a method that such a sentence names is the one of that class: none between has it otherwise;
* "everything" comes from a class in the head, and "everything but the third line" says which of the
  formulas is its own: only that one has a form which the docstring of the other class has not;
* of formulas on lines of their own, below "as in" with a link to a definition that has some, one is
  among those.

The form of a formula is what it is with one letter in the place of its words and Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sidebyside.source.formula_lines import FormulaLine
from sidebyside.source.prose import Block, Display, Text, read_prose
from sidebyside.source.sections import Module, Section
from sidebyside.words.classes import Classes
from sidebyside.words.relatives import sentences_in

_SAID = re.compile(r"\binherited\b[^.;:]*? from\b|\bsymbols are those of\b", re.IGNORECASE)
_CLASS = re.compile(r"\[[^\]]*\]\([^)\s#]*#(\w+)\)|\[`?(\w+)`?\]\([^)\s#]*\)|`(\w+)`")
_WHOLE = re.compile(r"\beverything\b(?: but the (?P<line>\w+) line\b)?", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_AS_IN = re.compile(r"\b[Aa]s in \[[^\]]*\]\([^)\s#]*#((?:\w+\.)*\w+)\)")
_BUT = re.compile(
    r"\b(?:but|except|unlike|instead|other|another|only|save|however)\b", re.IGNORECASE
)
_LETTER = re.compile(r"[a-z]+")


def wrong_heritage(module: Module, modules: Sequence[Module]) -> Iterator[str]:
    """Yield what the prose of a module says of inheritance, and what is not so."""
    classes = Classes(module, modules)
    for owner, line, sentence in sentences_in(module):
        found = _SAID.search(sentence)
        if found and owner in classes.known and not _named(sentence, classes, 0, found.start()):
            for problem in _wrong(owner, sentence, found, classes):
                yield f"{module.path}:{line}: {problem}"
    yield from (f"{module.path}:{line}: {problem}" for line, problem in _not_there(module, modules))


def _rows(name: str, modules: Sequence[Module]) -> list[str]:
    """The forms of the formulas on lines of their own in a definition, or in its docstring."""
    return [
        _form(row)
        for module in modules
        for section in module.sections
        if section.name == name and section.kind != "module"
        for block in _blocks(module, section)
        if isinstance(block, Display)
        for row in block.rows
    ]


def _blocks(module: Module, section: Section) -> tuple[Block, ...]:
    is_comment = section.kind == "comment"
    return read_prose(section.prose, path=module.path, comment=is_comment, strict=False)


def _form(row: FormulaLine) -> str:
    return _LETTER.sub("x", unicodedata.normalize("NFD", row.text))


def _named(sentence: str, classes: Classes, start: int, end: int | None = None) -> list[str]:
    """The classes of ours in a part of a sentence."""
    found = _CLASS.finditer(sentence[start:end])
    return [name for each in found if (name := "".join(each.groups(""))) in classes.known]


def _wrong(owner: str, sentence: str, said: re.Match[str], classes: Classes) -> Iterator[str]:
    above, whole = classes.above(owner)[1:], _WHOLE.search(sentence)
    for cls in _named(sentence, classes, said.end()):
        if cls not in above:
            yield f"says that `{owner}` inherits from `{cls}`; it extends {_quoted(above)}"
            continue
        for method in re.findall(r"`(\w+)`", sentence[: said.start()]):
            if (home := classes.home(owner, method)) and home != cls:
                yield f"says that `{method}` is inherited from `{cls}`; it is that of `{home}`"
        if whole and cls not in classes.bases(owner):
            bases = _quoted(classes.bases(owner))
            yield f"says that all is inherited from `{cls}`; `{owner}` extends {bases}"
        elif whole and whole["line"] in _ORDINALS:
            own, inherited = (_rows(each, classes.modules) for each in (owner, cls))
            yield from _other_lines(whole["line"], own, inherited, cls)


def _other_lines(
    line: str, own: Sequence[str], inherited: Sequence[str], cls: str
) -> Iterator[str]:
    new = [number for number, row in enumerate(own) if row not in inherited]
    if inherited and new != [_ORDINALS.index(line)]:
        lines = ", ".join(f"{n + 1}" for n in new) or "none"
        yield f"says that all but the {line} line is that of `{cls}`; other than there is: {lines}"


def _not_there(module: Module, modules: Sequence[Module]) -> Iterator[tuple[int, str]]:
    """The formulas that are said to be as in a definition which has others."""
    for section in module.sections:
        for words, display in pairwise(_blocks(module, section)):
            if isinstance(words, Text) and isinstance(display, Display):
                text = "\n".join(line.text for line in words.lines).strip()
                paragraph = re.split(r"\n\s*\n", text)[-1]
                for name in () if _BUT.search(paragraph) else _AS_IN.findall(paragraph):
                    there, row = _rows(name, modules), display.rows[0]
                    if there and {_form(each) for each in display.rows}.isdisjoint(there):
                        yield (
                            row.line,
                            f"is said to be as in `{name}`, and is not there: {row.text}",
                        )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none of ours"
