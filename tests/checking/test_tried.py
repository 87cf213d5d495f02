"""What agreed with numbers only says so, with these numbers, and has no sign."""

from __future__ import annotations

from pathlib import Path

from tests.checking.tiny import check, entry, of_class

# One of its numbers is `self.n`, of which Python takes so many characters: no algebra knows these.
REPEATED = """
            # y ← n·x
            y = sum([x] * len("a" * self.n))
"""
