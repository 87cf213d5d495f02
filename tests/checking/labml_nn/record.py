"""
Record what the checker finds in `labml_nn.optimizers`: `python -m tests.checking.labml_nn.record`.

The page "What the checker found elsewhere" takes its numbers from the recorded file, so the site is
built without torch. A test compares the file with a fresh run.
"""

import json
import re
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sidebyside.checking.check import check_package
from sidebyside.report import Entry, Report
from sidebyside.settings import read_settings

HERE = Path(__file__).parent
RECORD = HERE.parents[2] / "docs" / "facts" / "labml_nn.json"

# What is wrong with words has a line; what a run raised has none.
_IN_SOURCE = re.compile(r"([^:]+\.py):(\d+): (.+)")
AGREE = ("tried", "proved", "definition")


@lru_cache(maxsize=1)
def report() -> Report:
    """Check the installed package, once for all tests of a process."""
    return check_package(read_settings(HERE / "settings.toml"))


def facts() -> dict[str, Any]:
    """Return what the page shows. Files are named without the folder they are installed in."""
    files = {Path(path).name: entries for path, entries in report().entries.items()}
    rows = [(name, entry) for name, entries in files.items() for entry in entries]
    formulas = [entry for _, entry in rows if entry.status != "mention"]
    problems = report().problems
    return {
        "package": "labml-nn",
        "version": version("labml-nn"),
        "totals": {
            "formulas": len(formulas),
            "agree": sum(entry.status in AGREE for entry in formulas),
            "wrong": sum(entry.status == "failed" for entry in formulas),
            "not checked": sum(entry.status == "not checked" for entry in formulas),
            "mentions": len(rows) - len(formulas),
        },
        "wrong": [_found(name, entry) for name, entry in rows if entry.status == "failed"],
        "not checked": [
            _found(name, entry) for name, entry in rows if entry.status == "not checked"
        ],
        "words": [_said(*match.groups()) for match in map(_IN_SOURCE.match, problems) if match],
        "raised": [p.split(": ", 1)[1] for p in problems if not _IN_SOURCE.match(p)],
    }


def _said(path: str, line: str, text: str) -> dict[str, Any]:
    return {"file": Path(path).name, "line": int(line), "found": text}


def _found(name: str, entry: Entry) -> dict[str, Any]:
    return {"file": name, "line": entry.line, "formula": entry.text, "found": entry.detail}


if __name__ == "__main__":
    text = json.dumps(facts(), ensure_ascii=False, indent=1)
    RECORD.write_text(text + "\n", encoding="utf-8")
    print(f"recorded in {RECORD.relative_to(HERE.parents[2])}")
