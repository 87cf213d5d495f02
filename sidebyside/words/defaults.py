"""
# Defaults in words

A docstring that says "(default `True`)" of an argument, or "0, the default", says what the
signature below says. The two are compared, in these phrases:

* in the item of a list that begins with an argument: **default** a value, or a value, **the
  default**;
* elsewhere in the docstring of a function: an argument **at** a value … **by default**, and an
  argument **is off by default**;
* there, too, **Those of** a constructor with a link to it: its defaults, but for those that the
  docstring gives;
* in the docstring of a class or a module: **this class's default of** a value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sidebyside.claims.chunks import functions_of
from sidebyside.source.sections import Module, Section

_NUMBER = r"[−-]?\d+(?:\.\d+)?(?:e[−-]?\d+)?"
_VALUE = rf"(?:`(?P<code>[^`]+)`|(?P<number>{_NUMBER}|\({_NUMBER}(?:, {_NUMBER})*\)))"
_ITEM = (rf"\bdefaults?(?: is| are| to| of)?:? {_VALUE}", rf"{_VALUE}, the default\b")
_SWITCHED = {"off": False, "on": True}
_ON = r"(?:[^.;]|\.\d)*? "  # up to the end of the sentence
# A constructor whose arguments are those of a docstring, too.
SAME = r"\bThose of \[[^\]]*\]\([^)]*#(\w+\.__init__)\)"

# The defaults of a function, by the names of the arguments.
Signature: TypeAlias = "Mapping[str, Any]"


def wrong_defaults(module: Module, modules: Sequence[Module]) -> Iterator[str]:
    """
    Yield what a docstring of a module says of a default, where the signature says something else.

    `modules` are those whose constructors it may refer to.
    """
    signatures = {
        name: _signature(node) for each in modules for name, _, node in functions_of(each.tree)
    }
    for section in module.sections:
        for line, argument, said, known in _said(module, section, signatures):
            if type(said) is bool or type(known) is bool or said is None or known is None:
                wrong = said is not known
            else:
                wrong = said != known
            if wrong:
                what = f"says that the default of `{argument}` is {said!r}; it is {known!r}"
                write = f"correct one of them, or write `{argument}` … (default `{known!r}`)"
                yield f"{module.path}:{line}: the docstring {what}; {write}"


def defaults_of(module: Module, name: str) -> dict[str, Any]:
    """Return the defaults of the class that a name is in; of all classes, for the module."""
    found: dict[str, Any] = {}
    for each, _, node in functions_of(module.tree):
        owner = each.removesuffix(".__init__")
        if owner != each and (not name or f"{name}.".startswith(f"{owner}.")):
            found |= _signature(node)
    return found


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Any]:
    """The arguments of a function that have a constant for a default."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    pairs: list[tuple[ast.arg, ast.expr | None]] = [
        *zip(arguments[::-1], node.args.defaults[::-1], strict=False),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    found = {}
    for argument, default in pairs:
        try:
            found[argument.arg] = ast.literal_eval(default) if default else ...
        except ValueError:
            continue  # it is computed
    return {name: value for name, value in found.items() if value is not ...}


def _said(
    module: Module, section: Section, signatures: Mapping[str, Signature]
) -> Iterator[tuple[int, str, Any, Any]]:
    """The defaults that a docstring speaks of: the line, the argument, and both values."""
    nodes = {name: node for name, _, node in functions_of(module.tree)}
    if section.kind == "function" and section.name in nodes:
        known = _signature(nodes[section.name])
        said = [
            (line, *each) for line, words in paragraphs(section) for each in _of_function(words)
        ]
        said += _of_others(section, {argument for _, argument, _ in said}, signatures)
        for line, argument, value in said:
            if argument in known:
                yield line, argument, value, known[argument]
    elif section.kind in ("class", "module"):
        known = defaults_of(module, section.name)
        for line, words in paragraphs(section):
            for match in re.finditer(rf"\bthis class's default of {_VALUE}", words):
                said = _value(match)
                if known and said not in known.values():
                    yield line, "an argument", said, sorted(map(str, known.values()))


def _of_function(words: str) -> Iterator[tuple[str, Any]]:
    item = re.match(r"[*+-] `(\w+)`", words)
    for pattern in _ITEM if item else ():
        assert item is not None
        for match in re.finditer(pattern, words):
            yield item[1], _value(match)
    for match in re.finditer(rf"`(?P<name>\w+)` at {_VALUE}(?={_ON}by default\b)", words):
        yield match["name"], _value(match)
    for match in re.finditer(r"`(\w+)` is (on|off) by default\b", words):
        yield match[1], _SWITCHED[match[2]]


def _of_others(
    section: Section, given: Collection[str], signatures: Mapping[str, Signature]
) -> Iterator[tuple[int, str, Any]]:
    """The defaults of constructors that a docstring refers to, but for those that it gives."""
    for line, words in paragraphs(section):
        for match in re.finditer(SAME, words):
            for argument, value in signatures.get(match[1], {}).items():
                if argument not in given:
                    yield line, argument, value


def _value(match: re.Match[str]) -> Any:
    text = (match["code"] or match["number"]).replace("−", "-")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def paragraphs(section: Section) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs and items of a section, each on one line, with their first lines."""
    found: list[tuple[int, str]] = []
    begins = True
    for line in section.prose:
        text = line.text.strip()
        if begins or re.match(r"[*+-] ", text):
            found.append((line.number, text))
        elif text:
            found[-1] = (found[-1][0], f"{found[-1][1]} {text}")
        begins = not text
    yield from ((number, text) for number, text in found if text)
