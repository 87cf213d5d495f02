"""
# Errors as MkDocs shows them

What is wrong with a source is the author's to mend. All that is wrong is shown at once, each in one
line with its place, without a traceback.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

from sidebyside.rendering.katex import KatexError
from sidebyside.rendering.linking.inventory import InventoryError
from sidebyside.report import ReportError
from sidebyside.source.reading import SourceError

_OURS = (SourceError, KatexError, ReportError, InventoryError, ValueError, OSError)


class Failures:
    """What is wrong with a build. It goes on where it can, so that all of it is seen."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}
        self._hints: dict[str, None] = {}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Take up an error, and leave the block."""
        try:
            yield
        except _OURS as error:
            self.add(str(error))

    def add(self, error: str, hint: str = "") -> None:
        """Take up an error, and indented lines with it. A hint stands once, below all errors."""
        self._lines |= dict.fromkeys(re.split(r"\n(?! )", error))
        self._hints |= dict.fromkeys([hint] if hint else [])

    def stop(self) -> None:
        """End the build, if anything is wrong."""
        if self._lines:
            raise PluginError("\n".join([*sorted(self._lines, key=_place), *self._hints]))


def read_recorded(path: Path, command: str) -> Any:
    """The JSON in a file of facts, for a hook of a project; `command` records it anew."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PluginError(f"{path}: {error}; run `{command}`") from error


def _place(error: str) -> tuple[str, int]:
    """By file and line; what is no place in a file comes first."""
    found = re.match(r"(.*?):(\d+): ", error)
    return (found[1], int(found[2])) if found else ("", 0)
