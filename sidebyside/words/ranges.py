r"""
# Ranges of arguments, in words

"* `eps`: `$ε ≥ 0$`, added to the root" says which numbers a constructor takes: 0, and none below.
"each in [0, 1)" says it of a pair. So a class is made with the numbers at the ends of the range,
and with others beyond them, which have to be refused. A class that no configuration makes is
made with such a number alone, if it has defaults for the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from sidebyside.algebra.domain import Domain, domain_of
from sidebyside.algebra.dots import NoValue
from sidebyside.claims.claims import Claim
from sidebyside.formula.tree import Relation
from sidebyside.settings import Configuration, Run
from sidebyside.source.sections import Module
from sidebyside.source.trees import real_path
from sidebyside.trace.contained import contained
from sidebyside.trace.modules import module_at
from sidebyside.trace.recorder import Recorder
from sidebyside.words.defaults import paragraphs

_EACH = re.compile(
    r"[*+-] `(?P<name>\w+)`.*?\beach in (?P<left>[\[(])(?P<low>[\d.−-]+), (?P<high>[\d.]+)"
    r"(?P<right>[\])])"
)
_ITEM = re.compile(r"\s*[*+-] `(\w+)`:[^,;.]*")
_BEYOND = 0.5

# A class, and whether it can be made with some arguments.
Maker: TypeAlias = tuple[str, Callable[[Mapping[str, Any]], bool]]
# The line, the constructor, the argument, the range, and whether it is that of each of two.
Said: TypeAlias = tuple[int, str, str, Domain, bool]


def wrong_ranges(
    module: Module,
    claims: Sequence[Claim],
    configurations: Sequence[Configuration],
    run: Run,
    recorder: Recorder,
    root: Path,
) -> Iterator[str]:
    """Yield each range that a constructor of a module, in the folder `root`, does not keep to."""
    first = {each.cls: each for each in reversed(configurations)}
    for line, owner, name, domain, is_pair in [*_of_numbers(module, claims), *_of_pairs(module)]:
        makers: list[Maker] = [
            (base.cls.__name__, partial(_takes, base, run, recorder))
            for base in first.values()
            if owner in _names(base.cls)
        ]
        makers = makers or _alone(root / module.path, owner)
        for (cls, takes), (value, is_inside) in product(makers, _tried(domain)):
            given = (value, value) if is_pair else value
            if takes({name: given}) != is_inside:
                what = "refuses" if is_inside else "takes"
                said = f"`{name}` is said to be in {domain}"
                yield f"{module.path}:{line}: {said}, and {cls} {what} {given!r}"
                break


def _takes(base: Configuration, run: Run, recorder: Recorder, arguments: Mapping[str, Any]) -> bool:
    """Whether the class of a configuration can be made with other arguments."""
    given = {**base.arguments, **arguments}
    return recorder.made(partial(run, base.cls, given), base.cls, given) is not None


def _alone(file: Path, owner: str) -> list[Maker]:
    """The class of a constructor, as the module of a file has it, if it can be made of nothing."""
    cls = getattr(module_at(real_path(str(file))), owner.removesuffix(".__init__"), None)
    return [(cls.__name__, partial(_is_made, cls))] if cls and _is_made(cls, {}) else []


def _is_made(cls: type, arguments: Mapping[str, Any]) -> bool:
    try:
        with contained():
            cls(**arguments)
    except Exception:  # a constructor may refuse its arguments
        return False
    return True


def _names(cls: type) -> set[str]:
    return {f"{each.__qualname__}.__init__" for each in cls.__mro__}


def _of_numbers(module: Module, claims: Sequence[Claim]) -> Iterator[Said]:
    """The arguments whose item begins with a relation of one symbol and numbers."""
    for claim in claims:
        is_constructor = claim.path == module.path and claim.scope.name.endswith(".__init__")
        if not is_constructor or not isinstance(claim.formula, Relation) or not claim.sentence:
            continue
        opening = claim.sentence[0]
        item = _ITEM.fullmatch(opening.before)
        if item and opening.formula.text == claim.text and opening.formula.line == claim.line:
            try:
                domain = domain_of(claim.formula)[1]
            except NoValue:
                continue
            yield claim.line, claim.scope.name, item[1], domain, False


def _of_pairs(module: Module) -> Iterator[Said]:
    """The arguments of which each number is said to be in an interval."""
    for section in module.sections:
        if section.kind == "function" and section.name.endswith(".__init__"):
            for line, words in paragraphs(section):
                found = _EACH.match(words)
                if found:
                    low, high = float(found["low"].replace("−", "-")), float(found["high"])
                    domain = Domain(low, high, found["left"] == "(", found["right"] == ")")
                    yield line, section.name, found["name"], domain, True


def _tried(domain: Domain) -> Iterator[tuple[float, bool]]:
    """Numbers at the ends of a domain and beyond, and whether each is in it."""
    for end, outwards in ((domain.low, -1), (domain.high, 1)):
        if math.isfinite(end):
            numbers = (end, end + outwards * _BEYOND, end - outwards * 1e-3)
            yield from ((each, each in domain) for each in numbers)
