"""
# Other classes and files, in words

What is said of a class is copied to the next one, and names go stale. Compared with the sources are

* a sentence that stands word by word in the docstrings of two classes, and names one of them, as
  "to extend the class `Adam`" does: in the docstrings of the other it was forgotten;
* "This class extends `X`": `X` is one of the classes in its head;
* a link whose text is the name of a file: there is such a file;
* a link whose text is a class of ours, or "`X` optimizer", to a file of ours: the class is there,
  and it is the one behind the `#`;
* a link to a class or a method of ours, as `adam.py#Adam.step_param`: there is one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sidebyside.source.sections import Module
from sidebyside.words.classes import Classes
from sidebyside.words.defaults import paragraphs

_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z`*\[])")
_EXTENDS = re.compile(
    r"\b[Tt]his class (?:extends|inherits|derives)(?: from)?(?: the)?(?: class)? (?P<name>`?\w+`?)"
)
_LINK = re.compile(
    r"\[(?P<text>[^\]]+)\]\((?P<target>[^)\s#]+)(?:#(?P<name>(?:[A-Z]\w*)(?:\.\w+)*)\))?[^)]*\)?"
)
_CLASS = re.compile(r"`?([A-Z]\w*)`?(?: [a-z]+)?")
_FILE = re.compile(r"`?(\w+\.py)`?")


def stale_names(module: Module, modules: Sequence[Module], root: Path) -> Iterator[str]:
    """Yield each class or file that the prose of a module names, and that cannot be meant."""
    classes = Classes(module, modules)
    said: dict[str, set[str]] = {}
    for each in modules:
        for owner, _, sentence in sentences_in(each):
            said.setdefault(sentence, set()).update({owner} & set(classes.known))
    for owner, line, sentence in sentences_in(module):
        problems = [
            *_copied(owner, sentence, said.get(sentence, set())),
            *_extended(owner, sentence, classes),
            *_linked(sentence, root / module.path, classes),
        ]
        yield from (f"{module.path}:{line}: {problem}" for problem in problems)


def sentences_in(module: Module) -> Iterator[tuple[str, int, str]]:
    """Yield the sentences of docstrings and comments, with their classes and nearby lines."""
    for section in module.sections:
        for line, words in paragraphs(section):
            for sentence in _SENTENCE.split(words):
                yield section.name.split(".")[0], line, sentence


def _copied(owner: str, sentence: str, owners: set[str]) -> Iterator[str]:
    if owner not in owners:
        return
    named = re.findall(r"`(\w+)`", sentence)
    for name in dict.fromkeys(named):
        if name in owners - {owner} and owner not in named:
            yield f"says of `{owner}` what stands at `{name}`, and names `{name}`: {sentence!r}"


def _extended(owner: str, sentence: str, classes: Classes) -> Iterator[str]:
    found = _EXTENDS.search(sentence)
    bases = classes.bases(owner)
    if found and bases:
        name = found["name"].strip("`")
        is_class = name in classes.known or found["name"].startswith("`")
        if is_class and name not in bases:
            yield f"says that `{owner}` extends `{name}`; it extends `{'`, `'.join(bases)}`"


def _linked(sentence: str, path: Path, classes: Classes) -> Iterator[str]:
    for link in _LINK.finditer(sentence):
        file, target = _FILE.fullmatch(link["text"]), Path(link["target"])
        folder = (path.parent / target).parent
        if file and "://" not in link["target"] and not (folder / file[1]).exists():
            yield f"links `{file[1]}`, and there is no such file"
        name = _CLASS.fullmatch(link["text"])
        there = next((m for m in classes.modules if _is_at(m, target, path)), None)
        if there and name and name[1] in classes.known and name[1] not in _names_in(there.tree):
            yield f"links `{link['text'].strip('`')}` to `{target}`, and `{name[1]}` is not in it"
        elif there and link["name"]:
            yield from _defined(link["name"], name[1] if name else "", there, classes)


def _defined(linked: str, text: str, there: Module, classes: Classes) -> Iterator[str]:
    """What is wrong with a link to a definition."""
    cls, _, method = linked.partition(".")
    if text in classes.known and text != cls:
        yield f"links `{text}` to `{linked}`"
    elif cls not in _names_in(there.tree) or (
        method and cls in classes.known and classes.home(cls, method) != cls
    ):
        yield f"links `{linked}` in `{there.path}`, and there is none"


def _is_at(module: Module, target: Path, path: Path) -> bool:
    """Whether a link leads to a module beside the one at a path: to its file, or to its page."""
    is_page = target.suffix in (".py", ".html", ".md") and target.parent == Path(".")
    found = Path(module.path)
    return is_page and found.stem == target.stem and found.parent.name == path.parent.name


def _names_in(tree: ast.Module) -> set[str]:
    """The names that a module defines or imports."""
    nodes = list(ast.walk(tree))
    found = {each.name for each in nodes if isinstance(each, ast.ClassDef | ast.FunctionDef)}
    return found | {each.name for each in nodes if isinstance(each, ast.alias)}
