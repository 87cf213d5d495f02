"""
# The command line

    python -m sidebyside check [PATH …] [--record] [--settings FILE] [--jobs N]
    python -m sidebyside translations [FILE …] [--check] [--add PAGE …]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, or 1 if a formula is wrong, or 2 if nothing could be checked."""
    parser = argparse.ArgumentParser(prog="sidebyside")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="compare every formula with the code beside it")
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    check.add_argument("--record", action="store_true", help="record the verdicts for the site")
    check.add_argument("--settings", type=Path, metavar="FILE", help="instead of pyproject.toml")
    check.add_argument("--all", action="store_true", help="show every formula, not only failures")
    check.add_argument(
        "--jobs", type=_jobs, default=0, metavar="N", help="processes; by default, one a processor"
    )
    catalogs = commands.add_parser("translations", help="update the catalogs of translations")
    catalogs.add_argument("files", nargs="*", type=Path, metavar="FILE", help="with --check")
    catalogs.add_argument("--check", action="store_true", help="change nothing, tell what is wrong")
    catalogs.add_argument(
        "--add", action="append", default=[], metavar="PAGE", help="such as guide"
    )
    options = parser.parse_args(arguments)
    if options.command == "translations":
        if options.files and not options.check:
            catalogs.error("files are only looked at; write --check before them")
        from sidebyside.translating.command import run_translations

        return run_translations(options.files, check=options.check, add=options.add)
    from sidebyside.checking.processes import without_collection

    with without_collection():
        # Imported here: `--help` need not wait for NumPy and SymPy.
        from sidebyside.checking.command import run_check

        return run_check(
            options.paths,
            options.settings,
            record=options.record,
            all_=options.all,
            jobs=options.jobs,
        )


def _jobs(text: str) -> int:
    """The number of processes that is asked for."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes, 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
