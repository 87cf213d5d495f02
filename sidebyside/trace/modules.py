"""
# Modules that are loaded, by their files
"""

from __future__ import annotations

import sys
from types import ModuleType

from sidebyside.source.trees import real_path

__all__ = ["file_of", "module_at"]


def file_of(module: object) -> str:
    """Return where a module is, links followed; empty for one without a file."""
    found = getattr(module, "__file__", None)
    return real_path(found) if isinstance(found, str) else ""


def module_at(file: str) -> ModuleType | None:
    """Return the loaded module that a file, links followed, is read into."""
    return next((each for each in [*sys.modules.values()] if file_of(each) == file), None)
