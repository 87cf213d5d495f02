"""
# What no run has shown of the code

Code may do more than its runs show: it takes the larger of two numbers, and one of them always is;
it decides, and always the same way; it handles what is never raised. What a formula says is then
true of the runs, and nobody knows whether it is true of the code. So it is refused, until a
configuration shows the other way.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sidebyside.checking.chunks import functions_of
from sidebyside.checking.claims import Claim
from sidebyside.checking.reasons import Reason
from sidebyside.checking.settings import Settings
from sidebyside.checking.verdicts import Verdict, failed
from sidebyside.source import Module
from sidebyside.trace.operations import Operations

__all__ = ["Unseen"]


@dataclass(frozen=True)
class Unseen:
    """
    What was seen of some `operations`, while `classes` took their steps.

    Sources that are not `wanted` do not count: what they do is shown by the runs of others, too.
    """

    settings: Settings
    modules: Sequence[Module]
    wanted: Collection[str]
    operations: Operations
    classes: Collection[type] = ()

    def refuse(self, verdict: Verdict) -> Verdict:
        """Return a verdict, failed if its claim's code may do what no run has shown."""
        if verdict.status not in ("checked", "definition"):
            return verdict
        reason = next(self._reasons(verdict.claim), None)
        return failed(verdict.claim, reason) if reason else verdict

    def _reasons(self, claim: Claim) -> Iterator[Reason]:
        here = self._file(claim.path)
        beside = [(here, line) for line in self._lines(claim)]
        around = [(here, line) for line in self._lines(claim, whole=True)]
        steps = list(self._steps(claim))
        for each in self.operations.idle(beside):
            value = str(next(iter(each.operands)))
            yield from self._reason("operand", each.file, each.line, each.text, value)
        for decision in self.operations.undecided(steps) if self.settings.strict else ():
            value = "true" if True in decision.ways else "false"
            yield from self._reason("decision", decision.file, decision.line, decision.text, value)
        for handler in self.operations.unhandled([*around, *steps]):
            yield from self._reason("unhandled", handler.file, handler.line, handler.text)

    def _reason(
        self, code: str, file: str, line: int, text: str, value: str = ""
    ) -> Iterator[Reason]:
        others = {each.path for each in self.modules} - {*self.wanted}
        if os.path.realpath(file) not in map(self._file, others):
            place = f"{os.path.basename(file)}:{line}"
            yield Reason(code, {"place": place, "code": text, "value": value})

    def _file(self, path: str) -> str:
        return os.path.realpath(self.settings.root / path)

    def _steps(self, claim: Claim) -> Iterator[tuple[str, int]]:
        """The code that takes the steps of the class that a row is about."""
        here = self._file(claim.path)
        for owner in self.classes if claim.kind == "row" else ():
            home = os.path.realpath(inspect.getsourcefile(owner) or "")
            if (owner.__qualname__, home) == (claim.scope.name, here):
                method = inspect.unwrap(getattr(owner, self.settings.entry))
                code = getattr(method, "__code__", None)
                if code is not None:
                    lines = {line for _, _, line in code.co_lines() if line}
                    yield from ((code.co_filename, line) for line in sorted(lines))

    def _lines(self, claim: Claim, *, whole: bool = False) -> Iterator[int]:
        """The code that a claim is about; that of a class is too much to be about one formula."""
        if claim.kind == "line" and not whole:
            yield from claim.lines
            return
        for module in self.modules if claim.kind in ("call", "line") else ():
            for name, first, node in functions_of(module.tree):
                if (module.path, name) == (claim.path, claim.scope.name):
                    yield from range(first, (node.end_lineno or first) + 1)
