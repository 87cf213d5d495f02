"""
# What a list of symbols says of an input, and of the time

"`x * x`, the input" gives the name of the input to what is computed from it. Everybody takes the
symbol for the input then, so a line that calls something so has to stand for it as it is. And t is
the number of the step, so no line may say that it counts some of them. Two symbols of one list for
the same entry, such as `group["betas"][1]`, are a copied line, of which the code was forgotten.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from sidebyside.formula import to_text
from sidebyside.source.notation import Meaning, parsed
from sidebyside.source.notation_reading import list_items
from sidebyside.source.sections import Module

_INPUT = re.compile(
    r"\W*(?:(?:the|an?|its|each)\s+)?(?:\w+\s+)?(?:input|argument)s?\s*(?:[,;.:]|$)"
)
_SOME = re.compile(
    r"\b(above|below|positive|negative|odd|even|other|different|distinct|new|larger|smaller|except|"
    r"only|since|without|not|non|if|when|where|twice|half)\b"
)
_COMPUTES = (ast.BinOp, ast.UnaryOp, ast.Call, ast.IfExp, ast.Compare)


def wrong_times(module: Module) -> Iterator[str]:
    """Yield the lines by which t counts some steps only."""
    for section in module.sections:
        for line, text in list_items(section.prose):
            item = re.match(r"\$t\$ (?:counts?|is the number of) ", text)
            if item and (some := _SOME.search(text)):
                what = f'`t` is the number of the step, be it "{some[0]}" or not'
                yield f"{module.path}:{line}: {what}; take another letter"


def wrong_inputs(meanings: Iterable[Meaning]) -> Iterator[tuple[Meaning, str]]:
    """Yield the lines that call an input what is computed, each with what is wrong."""
    for each in meanings:
        computes = bool(each.code) and any(
            isinstance(node, _COMPUTES) for node in ast.walk(parsed(each.code))
        )
        if computes and _INPUT.match(each.text):
            symbol = to_text(each.symbol)
            yield each, f"the list calls `{symbol}` an input, and `{each.code}` is computed"


def shared_code(meanings: Iterable[Meaning]) -> Iterator[tuple[Meaning, str]]:
    """Yield the lines that give a symbol to an entry which has another one in the same list."""
    seen: dict[tuple[object, ...], Meaning] = {}
    for each in meanings:
        place = (each.path, each.scope, each.code, each.at_entry, each.guard)
        first = seen.setdefault(place, each)
        if each.code.endswith("]") and first.key != each.key:
            yield each, f"`{each.code}` is `{to_text(first.symbol)}` in the same list; correct one"
