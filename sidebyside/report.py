"""
# The recorded report

Checking needs the real classes and everything they import. Building a site does not: the verdicts
are recorded in a JSON file, with a hash of each source they speak of, and of what else they depend
on: the settings, the notation file, and the modules that ran. Whoever shows them verifies first
that all of it is still the same. This module needs the standard library only.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sidebyside.reasons import Reason, say

FORMAT = 3
SIGNS = ("proved", "definition")
STATUSES = (*SIGNS, "tried", "mention", "not checked", "failed")


class ReportError(Exception):
    """A report that cannot be used. Its text says why, and what to do."""


@dataclass(frozen=True)
class Entry:
    """
    What became of one formula.

    `reasons` say why, as data; `detail` has them in words. `first` and `last` are the code lines
    beside it, 0 if there are none. `runs` counts the configurations it was compared in, `times` the
    comparisons, `error` is the largest relative error among them.
    """

    line: int
    text: str
    status: str
    reasons: tuple[Reason, ...] = ()
    first: int = 0
    last: int = 0
    runs: int = 0
    times: int = 0
    error: float = 0.0

    @property
    def detail(self) -> str:
        """The reasons in words: "agrees with line 52; in 33 runs, 396 comparisons"."""
        return "; ".join(say(self.reasons))


@dataclass(frozen=True)
class Gap:
    """
    A code line that computes something, with neither a formula nor a reason beside it.

    Or something else that is missing: `what` says so.
    """

    line: int
    text: str
    what: str = "no formula and no reason stands beside"


@dataclass(frozen=True)
class Report:
    """
    What became of all formulas, by source file.

    `hashes` are those of the sources and of what else the verdicts depend on. `problems` are
    whatever else is wrong, as messages that begin with `path:line`.
    """

    hashes: Mapping[str, str]
    entries: Mapping[str, tuple[Entry, ...]]
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.problems and not self.totals()["failed"]

    def totals(self, path: str | None = None) -> Counter[str]:
        """Count the formulas of one file, or of all, by status."""
        wanted = self.entries.values() if path is None else [self.entries.get(path, ())]
        return Counter(entry.status for entries in wanted for entry in entries)

    def find(self, path: str, line: int, text: str) -> Entry | None:
        """Return what became of the formula with this text in this line."""
        same = (e for e in self.entries.get(path, ()) if (e.line, e.text) == (line, text))
        return next(same, None)

    def verify(self, root: Path, paths: Iterable[str] | None = None) -> None:
        """Raise `ReportError` unless the report is about the files as they are now."""
        for path in self.hashes if paths is None else paths:
            if path not in self.hashes:
                raise ReportError(f"{path} is not in the report; {_REMEDY}")
            if hashes_of(root, [path])[path] != self.hashes[path]:
                raise ReportError(f"{path} has changed since it was checked; {_REMEDY}")


_REMEDY = "check it again and record the verdicts: python -m sidebyside check --record"


# What the settings are called in a report: `pyproject.toml [tool.sidebyside.check]`.
TABLE = " [tool.sidebyside.check]"


def hashes_of(root: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the hashes of files below a folder, and of settings in them."""
    return {
        name: _hash_of_table(root / name.removesuffix(TABLE))
        if name.endswith(TABLE)
        else hash_of(root / name)
        for name in names
    }


def _hash_of_table(file: Path) -> str:
    """The hash of the settings in a file, whatever else is there; of all, if they stand apart."""
    if not file.is_file():
        return "missing"
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    header = TABLE.strip()
    if header in lines:
        below = lines[lines.index(header) + 1 :]
        end = next((n for n, line in enumerate(below) if line.startswith("[")), len(below))
        lines = [line for line in below[:end] if line and not line.startswith("#")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a text file, whatever its line ends."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return "missing"
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def write_report(report: Report, path: Path) -> None:
    """Record a report. The same verdicts give the same file, byte for byte."""
    content = {
        "format": FORMAT,
        "hashes": dict(sorted(report.hashes.items())),
        "entries": {p: [_recorded(e) for e in report.entries[p]] for p in sorted(report.entries)},
        "gaps": {p: [asdict(gap) for gap in report.gaps[p]] for p in sorted(report.gaps)},
        "problems": list(report.problems),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_report(path: Path) -> Report:
    """Return a recorded report; raise `ReportError` when there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ReportError(f"{path} is of another version of sidebyside; {_REMEDY}")
        return Report(
            hashes=content["hashes"],
            entries={p: tuple(map(_entry, each)) for p, each in content["entries"].items()},
            gaps={p: tuple(Gap(**gap) for gap in each) for p, each in content["gaps"].items()},
            problems=tuple(content["problems"]),
        )
    except FileNotFoundError:
        raise ReportError(f"{path} does not exist; {_REMEDY}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReportError(f"{path} is damaged ({error}); {_REMEDY}") from error


def _recorded(entry: Entry) -> dict[str, Any]:
    """An entry without what says nothing, and with an error that is the same on every machine."""
    content = asdict(entry)
    content["error"] = float(f"{entry.error:.0e}")
    content["reasons"] = [{"key": each.key, **each.fields} for each in entry.reasons]
    content["detail"] = entry.detail  # for people
    return {name: value for name, value in content.items() if value or name in ("line", "text")}


def _entry(content: dict[str, Any]) -> Entry:
    reasons = tuple(Reason(each.pop("key"), each) for each in content.pop("reasons", ()))
    content.pop("detail", None)
    return Entry(**content, reasons=reasons)
