"""
# Errors as MkDocs shows them

What is wrong with a source is the author's to mend. It is shown as one line, without a traceback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mkdocs.exceptions import PluginError

from sidebyside.checking.report import ReportError
from sidebyside.rendering.katex import KatexError
from sidebyside.source import SourceError


@contextmanager
def reported() -> Iterator[None]:
    """Errors of ours become MkDocs' own."""
    try:
        yield
    except (SourceError, KatexError, ReportError, ValueError, OSError) as error:
        raise PluginError(str(error)) from error
