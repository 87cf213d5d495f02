"""
# Recorded verdicts, as pages show them

The checker records what became of each formula. Before a page shows that, it is verified that the
record is about these sources. A build stops when it is not. While an author writes, under `mkdocs
serve`, verdicts on what has changed are left out instead.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sidebyside.rendering.addresses import SourceFile
from sidebyside.report import Entry, Report, ReportError, read_report
from sidebyside.source.prose import FormulaLine
from sidebyside.source.sections import SourceError


@dataclass(frozen=True)
class Verdicts:
    """
    The verdicts on the formulas of some sources.

    `reports` gives the report of each source, by name, and `stale` why one is not to be shown.
    `problems` is all that must be mended before the site is published.
    """

    reports: Mapping[str, Report] = field(default_factory=dict)
    stale: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()

    def find(self, path: str, formula: FormulaLine) -> Entry | None:
        """
        Return the verdict on a formula; None where sources have no report, or it is stale.

        Raise `SourceError` if the formula failed, or the report does not know it.
        """
        if path not in self.reports or path in self.stale:
            return None
        entry = self.reports[path].find(path, formula.line, formula.text)
        if entry is None:
            reason = f"`{formula.text}` is not in the recorded report; {_REMEDY}"
            raise SourceError(path, formula.line, reason)
        if entry.status == "failed":
            reason = f"`{formula.text}` failed its check: {entry.detail}"
            raise SourceError(
                path, formula.line, f"{reason}; correct it or the code, then {_CHECK}"
            )
        return entry

    def totals(self, path: str | None = None) -> Counter[str]:
        """Count the formulas of one source, or of all, by status."""
        paths = list(self.reports) if path is None else [path]
        counts: Counter[str] = Counter()
        for each in paths:
            if each in self.reports and each not in self.stale:
                counts += self.reports[each].totals(each)
        return counts

    @property
    def warning(self) -> str:
        """What an author who is writing should know, in one line; empty if all is well."""
        reasons = list(dict.fromkeys(self.stale.values()))
        more = f", and {len(reasons) - 1} more like this" if len(reasons) > 1 else ""
        return f"{reasons[0]} (until then, its page shows no marks{more})" if reasons else ""


_CHECK = "check again: python -m sidebyside check --record"
_REMEDY = f"after a change of the source, {_CHECK}"


def read_verdicts(root: Path, sources: Iterable[SourceFile]) -> Verdicts:
    """
    Read the reports that some sources name, and verify that they are about the files below `root`.

    What is missing, stale or of formulas that failed is noted in `problems`.
    """
    reports: dict[str, Report] = {}
    stale: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    problems: list[str] = []
    for source in sources:
        if source.report:
            names.setdefault(source.report, []).append(source.name)
    for file, group in names.items():
        try:
            report = read_report(Path(os.path.relpath(root / file)))
            stale |= _stale(report, root, group)
        except ReportError as error:
            report = Report({}, {})
            stale |= dict.fromkeys(group, str(error))
        problems += [f"{file} records a problem: {problem}" for problem in report.problems]
        reports |= dict.fromkeys(group, report)
    return Verdicts(reports, stale, [*dict.fromkeys(stale.values()), *problems])


def _stale(report: Report, root: Path, names: Iterable[str]) -> dict[str, str]:
    """The sources on which the verdicts may not hold anymore, each with the reason."""
    stale: dict[str, str] = {}
    for path in dict.fromkeys([*report.hashes, *names]):
        try:
            report.verify(root, [path])
        except ReportError as error:
            # What runs the sources, and is none of them, bears on all verdicts.
            is_source = path in report.entries or path in names
            stale |= dict.fromkeys([path] if is_source else names, str(error))
    return stale
