"""
# The arguments that a docstring lists

The items of a list in the docstring of a function that begin with `name` are its arguments, if one
of them is. Then each has to be: an item for an argument that there is not is what a change of names
leaves behind. An item for one in quotes is not code. And if such a list leaves out just one of
several arguments, that one was forgotten. Where it begins with "Those of" another constructor, all
arguments stand in one of the two lists, and that constructor has none besides.

A function with `**keywords` may take any name. What its list calls something else than the
signature does is told only if the two are much alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from sidebyside.claims.chunks import functions_of
from sidebyside.source.sections import Module
from sidebyside.words.classes import Classes, FunctionNode, names_of
from sidebyside.words.defaults import SAME, paragraphs

_OPENING = re.compile(r"[*+-] ((?:`\w+`(?:, | and |, and )?)+)(?=[:. ]|$)")
_QUOTED = re.compile(r"[*+-] (?P<quoted>['\"“](?P<name>\w+)['\"”])")
_LISTED_BY_AND = re.compile(r"\band (`\w+`)")
_FEW = 3  # a list of fewer arguments may well be about these only


# The paragraphs of a docstring, with their first lines.
Words: TypeAlias = "Sequence[tuple[int, str]]"


def wrong_arguments(module: Module, modules: Sequence[Module]) -> Iterator[str]:
    """
    Yield each argument that a docstring lists and there is not, or forgets.

    `modules` are those whose constructors it may refer to.
    """
    nodes = {name: node for name, _, node in functions_of(module.tree)}
    constructors = _Constructors(module, modules)
    for section in module.sections:
        node = nodes.get(section.name) if section.kind == "function" else None
        words = list(paragraphs(section)) if node else []
        if node and words:
            owner = section.name.rpartition(".")[0]
            for line, problem in (*_wrong(words, node), *constructors.wrong(owner, words, node)):
                yield f"{module.path}:{line}: the docstring of `{section.name}` {problem}"


def _wrong(words: Words, node: FunctionNode) -> Iterator[tuple[int, str]]:
    known = [name for name in _all_names(node) if name not in ("self", "cls")]
    listed = [(line, name) for line, text in words for name in _listed(text)]
    if not {name for _, name in listed} & set(known):
        return
    for line, text in words:
        quoted = _QUOTED.match(text)
        if quoted and quoted["name"] in known:
            yield line, f"lists {quoted['quoted']} as words; an argument is code, between backticks"
    spoken = set(re.findall(r"`(\w+)`", " ".join(text for _, text in words)))
    left = [name for name in names_of(node) if name in known and name not in spoken]
    meant: set[str] = set()
    for line, name in listed:
        if name not in known:
            close = get_close_matches(name, left, 1, cutoff=0.6)
            if close or not node.args.kwarg:
                meant |= set(close)
                hint = f"; did it mean `{close[0]}`?" if close else f", among {_named(known)}"
                yield line, f"lists `{name}`, which is no argument{hint}"
    forgotten = [name for name in left if name not in meant]
    found = {name for _, name in listed} & set(known)
    if len(forgotten) == 1 and len(found) >= _FEW and not _refers(words):
        yield listed[0][0], f"lists {_named(found, known)}, and forgets `{forgotten[0]}`"


class _Constructors:
    """The constructors that the docstrings of a module can refer to, and their docstrings."""

    def __init__(self, module: Module, modules: Sequence[Module]) -> None:
        self.classes = Classes(module, modules)
        self.words: dict[str, Words] = {
            section.name: list(paragraphs(section))
            for each in (*modules, module)
            for section in each.sections
            if section.kind == "function" and section.name.endswith(".__init__")
        }

    def wrong(self, owner: str, words: Words, node: FunctionNode) -> Iterator[tuple[int, str]]:
        """Yield what "Those of" another constructor leave out, or have besides."""
        found, own = list(self._taken_over(words)), names_of(node)
        for line, text, name, taken in found:
            may_have_any = node.args.kwarg and name.split(".")[0] in self.classes.above(owner)
            others = [each for each in names_of(taken) if f"`{each}`" not in text]
            spare = [each for each in others if each not in own]
            if taken is node:
                yield line, "says that its arguments are its own; list them"
            elif spare and not may_have_any:
                yield line, f"takes over the arguments of `{name}`, and has no {_named(spare)}"
        listed = {"self", "cls", *self._listed(words)}
        left = [each for each in own if each not in listed]
        if found and left:
            line, _, name, _ = found[0]
            yield line, f"takes over the arguments of `{name}`; list {_named(left)}, too"

    def _taken_over(self, words: Words) -> Iterator[tuple[int, str, str, FunctionNode]]:
        """The constructors that a docstring refers to: the line, its text, the name, the node."""
        for line, text in words:
            for match in re.finditer(SAME, text):
                cls = self.classes.known.get(match[1].removesuffix(".__init__"))
                for node in cls.body if cls else ():
                    if isinstance(node, FunctionNode) and node.name == "__init__":
                        yield line, text, match[1], node

    def _listed(self, words: Words, seen: frozenset[str] = frozenset()) -> set[str]:
        """All that a docstring lists, and those that it refers to."""
        found = {name for _, text in words for name in _listed(text)}
        for _, text, name, node in self._taken_over(words):
            found |= {each.strip("`") for each in _LISTED_BY_AND.findall(text)}
            if name not in seen:
                found |= {*names_of(node)}
                found |= self._listed(self.words.get(name, ()), seen | {name})
        return found


def _listed(text: str) -> list[str]:
    """The names with which an item of a list begins."""
    opening = _OPENING.match(text)
    return re.findall(r"`(\w+)`", opening[1]) if opening else []


def _all_names(node: FunctionNode) -> Iterator[str]:
    yield from names_of(node)
    yield from (each.arg for each in (node.args.vararg, node.args.kwarg) if each)


def _refers(words: Words) -> bool:
    """Whether the arguments of another function are told elsewhere: "Those of […](…), and"."""
    return any("](" in text and not _listed(text) for _, text in words)


def _named(names: Collection[str], order: Sequence[str] = ()) -> str:
    return ", ".join(f"`{name}`" for name in (order or names) if name in names)
