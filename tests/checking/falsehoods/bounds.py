"""Falsehoods: inequalities."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "bound-narrow",
        "bound",
        """
# |mₜ| ≤ 20
self.m = 0.9 * self.m + x
""",
        "|mₜ| ≤ 20",
    ),
    Case(
        "bound-w",
        "bound",
        """
# w < 1
y = self.w * x
return y
""",
        "w < 1",
    ),
    Case(
        "bound-x",
        "bound",
        """
# y ≥ −5
y = x
return y
""",
        "y ≥ −5",
        notes="* $y$ is `y`, the result",
    ),
    Case(
        "bound-monotone",
        "bound",
        """
# mₜ ≥ mₜ₋₁
self.m = self.m + abs(x) - 0.1
""",
        "mₜ ≥ mₜ₋₁",
    ),
    Case(
        "bound-doc",
        "bound",
        """
self.m = self.m + x
""",
        "mₜ ≤ 10",
        doc="    mₜ ≤ 10\n",
    ),
    Case(
        "neq",
        "bound",
        """
# y ≠ 0
y = x - 1
return y
""",
        "y ≠ 0",
        notes="* $y$ is `y`, the result",
    ),
]
