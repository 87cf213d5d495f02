"""
# Remarks on the formulas of others

Sources that are to stay untouched come with a notation file. It may also say, line by line, what
the words around a formula mean, and which formulas are beyond the checker:

    * line 29 holds when `eps == 0`
    * lines 119–139 are not checked: an experiment that takes hours

A letter that the file explains as a symbol is one, also where the page writes it as a function:
`f(t, β₂)` or `Δt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sidebyside.claims.claims import Claim
from sidebyside.formula.tree import Call, Expression, Formula, rewrite
from sidebyside.source.notation import Meaning
from sidebyside.source.notation_reading import check_python, list_items, notation_lists
from sidebyside.source.sections import Module, SourceError

_REMARK = re.compile(
    r"lines? (?P<first>\d+)(?:[–-](?P<last>\d+))? "
    r"(?:holds? when `(?P<guard>[^`]+)`.*|(?:is|are) not checked: (?P<reason>.+))"
)


@dataclass(frozen=True)
class Remark:
    """What a notation file says about the formulas in some lines of a source."""

    path: str
    lines: range
    guard: str = ""
    reason: str = ""


def read_remarks(root: Path, name: str, modules: Sequence[Module]) -> list[Remark]:
    """Read the remarks in a notation file; raise `SourceError` for one that cannot be read."""
    remarks: list[Remark] = []
    for lines, scope in notation_lists(root, name, modules):
        for number, text in list_items(lines):
            if not re.match(r"lines? \d", text):
                continue
            match = _REMARK.fullmatch(text)
            if match is None:
                reason = "a remark says `line 7 holds when …` or `line 7 is not checked: …`"
                raise SourceError(name, number, reason)
            check_python(match["guard"] or "True", name, number)
            lasts = int(match["last"] or match["first"])
            found = range(int(match["first"]), lasts + 1)
            remarks.append(Remark(scope.path, found, match["guard"] or "", match["reason"] or ""))
    return remarks


def annotated(
    claims: Iterable[Claim], remarks: Sequence[Remark], meanings: Sequence[Meaning]
) -> list[Claim]:
    """Return the claims with what a notation file adds to them."""
    letters = {(m.scope.path, m.symbol.name) for m in meanings}
    return [_remarked(_plain(claim, letters), remarks) for claim in claims]


def _remarked(claim: Claim, remarks: Sequence[Remark]) -> Claim:
    for remark in remarks:
        if claim.kind != "mention" and claim.path == remark.path and claim.line in remark.lines:
            guards = [each for each in (claim.guard, remark.guard) if each]
            claim = replace(
                claim,
                guard=", ".join(guards),
                remarked=remark.guard or claim.remarked,
                excuse=remark.reason or claim.excuse,
            )
    return claim


def _plain(claim: Claim, letters: set[tuple[str, str]]) -> Claim:
    """The claim with symbols in place of functions that the notation explains as symbols."""

    def symbol(tree: Formula) -> Expression | None:
        if isinstance(tree, Call) and (claim.path, tree.function.name) in letters:
            return tree.function
        return None

    if claim.formula is None or not letters:
        return claim
    return replace(claim, formula=rewrite(claim.formula, symbol))
