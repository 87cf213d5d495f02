"""
# What a run has shown that does not count

Whether a changed run leaves the domain that the page declares is known when it is over. What it has
shown of the code until then is not true of the numbers that the page speaks of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sidebyside.probing.operations import Operations

__all__ = ["undoing"]


def undoing(operations: Operations) -> Callable[[], None]:
    """Return what makes all unseen that is seen of some operations from now on."""
    open_ = {
        file: {line: [*its] for line, its in lines.items()}
        for file, lines in operations.open.items()
    }
    looked_at = {
        id(e): e for lines in open_.values() for its in lines.values() for e in its
    }.values()
    parts = [part for each in looked_at for part in (each, getattr(each, "ask", None))]
    states = [(part, _state(part)) for part in parts if hasattr(part, "__dict__")]
    lines = {key: each.lines for key, each in operations.entered.items()}
    arguments = {place: {**known} for place, known in operations.arguments.known.items()}

    def undo() -> None:
        operations.open.update(open_)
        operations.arguments.known = arguments
        for part, state in states:
            vars(part).update(state)
        for key, each in operations.entered.items():
            each.lines, each.arguments = lines.get(key, each.lines), None

    return undo


def _state(part: Any) -> dict[str, Any]:
    """What an object knows, to be given back to it."""
    known = vars(part)
    return {n: v.copy() if isinstance(v, set | dict | list) else v for n, v in known.items()}
