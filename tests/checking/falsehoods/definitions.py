"""Falsehoods: definitions."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "def-unused",
        "definition",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "dₜ ← 7·x",
        doc="    dₜ ← 7·x\n    mₜ ← mₜ₋₁ + x\n",
    ),
    Case(
        "def-cancels",
        "definition",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "dₜ ← 7·x",
        doc="    dₜ ← 7·x\n    mₜ ← mₜ₋₁ + x + dₜ − dₜ\n",
    ),
    Case(
        "def-times-zero",
        "definition",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "dₜ ← 7·x",
        doc="    dₜ ← 7·x\n    mₜ ← mₜ₋₁ + x + 0·dₜ\n",
    ),
    Case(
        "def-ratio",
        "definition",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "dₜ ← x² + 7",
        doc="    dₜ ← x² + 7\n    mₜ ← mₜ₋₁ + x·dₜ / dₜ\n",
    ),
    Case(
        "def-bound",
        "definition",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "dₜ ← 7·x²",
        doc="    dₜ ← 7·x²\n    mₜ ← mₜ₋₁ + x\n    mₜ ≤ mₜ₋₁ + 10 + dₜ\n",
    ),
]
