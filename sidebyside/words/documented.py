"""
# The arguments that a docstring lists

The items of a list in the docstring of a function that begin with `name` are its arguments, if one
of them is. Then each has to be: an item for an argument that there is not is what a change of names
leaves behind. An item for one in quotes is not code. And if such a list leaves out just one of
several arguments, that one was forgotten.

A function with `**keywords` may take any name. What its list calls something else than the
signature does is told only if the two are much alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from sidebyside.claims.chunks import functions_of
from sidebyside.source.sections import Module
from sidebyside.words.classes import FunctionNode, names_of
from sidebyside.words.defaults import paragraphs

_OPENING = re.compile(r"[*+-] ((?:`\w+`(?:, | and |, and )?)+)(?=[:. ]|$)")
_QUOTED = re.compile(r"[*+-] (?P<quoted>['\"“](?P<name>\w+)['\"”])")
_FEW = 3  # a list of fewer arguments may well be about these only


def wrong_arguments(module: Module) -> Iterator[str]:
    """Yield each argument that a docstring lists and there is not, or forgets."""
    nodes = {name: node for name, _, node in functions_of(module.tree)}
    for section in module.sections:
        node = nodes.get(section.name) if section.kind == "function" else None
        words = list(paragraphs(section)) if node else []
        if node and words:
            for line, problem in _wrong(words, node):
                yield f"{module.path}:{line}: the docstring of `{section.name}` {problem}"


def _wrong(words: Sequence[tuple[int, str]], node: FunctionNode) -> Iterator[tuple[int, str]]:
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


def _listed(text: str) -> list[str]:
    """The names with which an item of a list begins."""
    opening = _OPENING.match(text)
    return re.findall(r"`(\w+)`", opening[1]) if opening else []


def _all_names(node: FunctionNode) -> Iterator[str]:
    yield from names_of(node)
    yield from (each.arg for each in (node.args.vararg, node.args.kwarg) if each)


def _refers(words: Sequence[tuple[int, str]]) -> bool:
    """Whether the arguments of another function are told elsewhere: "Those of […](…), and"."""
    return any("](" in text and not _listed(text) for _, text in words)


def _named(names: Collection[str], order: Sequence[str] = ()) -> str:
    return ", ".join(f"`{name}`" for name in (order or names) if name in names)
