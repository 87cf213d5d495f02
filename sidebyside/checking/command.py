"""
# `sidebyside check`, and what it prints
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sidebyside.checking.check import check_files
from sidebyside.report import (
    SIGNS,
    STATUSES,
    Entry,
    Report,
    ReportError,
    read_report,
    write_report,
)
from sidebyside.settings import (
    ConfigurationError,
    Settings,
    find_settings,
    read_settings,
)
from sidebyside.source.sections import SourceError


def run_check(
    paths: Sequence[Path],
    settings_file: Path | None = None,
    *,
    record: bool,
    all_: bool,
    jobs: int = 0,
) -> int:
    """
    Check the sources at some paths, or all; print what is wrong; return the exit status.

    `jobs` is the number of processes at most, 0 for one a processor.
    """
    started = time.perf_counter()
    try:
        start = paths[0] if paths else Path.cwd()
        settings = read_settings(settings_file) if settings_file else find_settings(start)
        only = list(selected(settings, paths))
        report = check_files(settings, only, jobs)
    except (SourceError, ConfigurationError) as error:
        print(error, file=sys.stderr)
        return 2
    sources = {
        path: (settings.root / path).read_text("utf-8").splitlines() for path in report.entries
    }
    lost = [] if record else list(lost_signs(report, _recorded(settings)))
    for line in (*messages(report, sources, all_=all_), *lost):
        print(line)
    print(f"{summary(report)} ({time.perf_counter() - started:.0f} s)")
    if record:
        if only or not settings.report:
            print("Nothing recorded: that takes all sources, and `report` in the settings.")
            return 2
        write_report(report, settings.root / settings.report)
        print(f"Recorded in {settings.report}.")
    return 0 if report.ok and not lost else 1


def _recorded(settings: Settings) -> Report | None:
    """What was recorded last, if that can be read."""
    try:
        return read_report(settings.root / settings.report) if settings.report else None
    except ReportError:
        return None


def lost_signs(report: Report, recorded: Report | None) -> Iterator[str]:
    """Yield the formulas that had a sign when they were recorded, and have only been tried now."""
    for path, entries in report.entries.items():
        before = recorded.entries.get(path, ()) if recorded else ()
        left = Counter(each.text for each in before if each.status in SIGNS)
        left.subtract(each.text for each in entries if each.status in SIGNS)
        for entry in entries:
            if entry.status == "tried" and left[entry.text] > 0:
                left[entry.text] -= 1
                yield (
                    f"{path}:{entry.line}: {entry.text}\n    was proved when it was recorded, and "
                    "is only tried now; correct what has changed since, or record it anew"
                )


def selected(settings: Settings, paths: Iterable[Path]) -> Iterator[str]:
    """Yield the sources, as the settings name them, that lie at some paths."""
    wanted = [path.resolve() for path in paths]
    if any(path == settings.root.resolve() for path in wanted):
        return
    found = False
    for file in settings.files():
        full = (settings.root / file).resolve()
        if any(full == path or path in full.parents for path in wanted):
            found = True
            yield str(file)
    if wanted and not found:
        names = ", ".join(str(path) for path in paths)
        raise ConfigurationError(f"{names}: none of the sources of {settings.root} is there")


def messages(report: Report, sources: dict[str, list[str]], *, all_: bool = False) -> Iterator[str]:
    """
    Yield what there is to say: what failed, with the code beside it, and what is left over.

    What raised comes first, as it may be why formulas fail. Of these, the ones beside a line of
    code come first: one wrong line makes all rows of an algorithm wrong.
    """
    yield from report.problems
    for path, entries in report.entries.items():
        wanted = [e for e in entries if e.status == "failed" or (all_ and e.status != "mention")]
        for entry in wanted if all_ else sorted(wanted, key=lambda entry: not entry.first):
            yield from explain(path, entry, sources[path])
    for path, gaps in report.gaps.items():
        for gap in gaps:
            yield f"{path}:{gap.line}: {gap.what} `{gap.text}`"


def explain(path: str, entry: Entry, lines: Sequence[str]) -> Iterator[str]:
    """Yield the message about one formula, and the code it was compared with if that failed."""
    if entry.status != "failed":
        yield f"{path}:{entry.line}: {entry.text}  [{entry.status}: {entry.detail}]"
        return
    yield f"{path}:{entry.line}: {entry.text}"
    yield f"    {entry.detail}"
    for number in range(entry.first, entry.last + 1):
        if entry.first and lines[number - 1].strip():
            yield f"    {number} | {lines[number - 1].strip()}"


def summary(report: Report) -> str:
    """Return the totals in one line."""
    totals = report.totals()
    parts = [f"{totals[status]} {status}" for status in STATUSES if totals[status]]
    return f"{sum(totals.values())} formulas: {', '.join(parts) or 'none'}"
