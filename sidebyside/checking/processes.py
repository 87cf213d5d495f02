"""
# Several files at once

Files are checked apart from each other, so each process of a machine can take some. It runs the
configurations that these need, and no more; what it finds are the same words and numbers. The
processes are started afresh: one that is copied while libraries have threads may stand still.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial

from sidebyside.checking.check import check_package
from sidebyside.checking.package import Package
from sidebyside.checking.report import Report
from sidebyside.checking.settings import ConfigurationError, Settings

# A process reads all sources, and imports what they do: not for a handful of formulas.
FORMULAS = 10


def check_files(settings: Settings, only: Sequence[str] = (), jobs: int = 0) -> Report:
    """
    Check the files in `only`, or all, in up to `jobs` processes; 0 means one for each processor.

    Raises what `check_package` raises, and `ConfigurationError` when a process ends before its
    check does.
    """
    alone = jobs == 1 or len(only) == 1
    shares = [] if alone else shared_out(settings, only, jobs or _processors())
    if len(shares) < 2:
        return _checked(settings, only)
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(len(shares), mp_context=context) as pool:
            return joined(settings, list(pool.map(partial(_checked, settings), shares)))
    except BrokenProcessPool:
        raise ConfigurationError(
            f"{settings.configurations}: a process ended in the middle of a run; "
            "`--jobs 1` checks in this one, and shows where"
        ) from None


def shared_out(settings: Settings, only: Sequence[str], jobs: int) -> list[list[str]]:
    """Return the files for each process, so that all have about as many formulas to compare."""
    package = Package(settings, only)
    paths = [module.path for module in package.modules if package.is_wanted(module.path)]
    work = Counter(claim.path for claim in package.wanted if claim.kind != "mention")
    count = min(jobs, len(paths), work.total() // FORMULAS)
    shares: list[list[str]] = [[] for _ in range(count)]
    for path in sorted(paths, key=lambda path: -work[path]) if shares else ():
        min(shares, key=lambda share: sum(work[each] for each in share)).append(path)
    return shares


def joined(settings: Settings, reports: Sequence[Report]) -> Report:
    """Return one report of several, in the order of the files; what all have found is said once."""
    hashes = {path: found for report in reports for path, found in report.hashes.items()}
    entries = {path: found for report in reports for path, found in report.entries.items()}
    gaps = {path: found for report in reports for path, found in report.gaps.items()}
    problems = dict.fromkeys(each for report in reports for each in report.problems)
    order = [path for path in map(str, settings.files()) if path in entries]
    return Report(
        hashes,
        {path: entries[path] for path in order},
        {path: gaps[path] for path in order if path in gaps},
        tuple(problems),
    )


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _checked(settings: Settings, only: Sequence[str]) -> Report:
    with _without_collection():
        return check_package(settings, only)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Recordings live until the end, and are many: nothing of them is garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
