"""Falsehoods: twins of inputs."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "xs-integers",
        "input",
        """
# y ← x³
y = x
return y
""",
        "y ← x³",
        xs="1.0, -1.0, 1.0, -1.0",
    ),
    Case(
        "m-equals",
        "input",
        """
# mₜ ← mₜ₋₁ + t
self.m = self.m + x
""",
        "mₜ ← mₜ₋₁ + t",
        xs="1.0, 2.0, 3.0, 4.0",
    ),
    Case(
        "x-linear-in-t",
        "input",
        """
# y ← t·w
y = x * self.w
return y
""",
        "y ← t·w",
        xs="1.0, 2.0, 3.0, 4.0",
    ),
    Case(
        "x-constant",
        "input",
        """
# y ← 2·w
y = x * self.w
return y
""",
        "y ← 2·w",
        xs="2.0, 2.0, 2.0, 2.0",
    ),
    Case(
        "x-alternates",
        "input",
        """
# y ← −w·p
y = x * self.w
self.p = x
return y
""",
        "y ← −w·p",
        xs="1.0, -1.0, 1.0, -1.0",
        notes="* $p$ is `self.p`, the input before\n* $y$ is `y`, the result",
        init="self.p = -1.0",
    ),
    Case(
        "mean-of-equal",
        "input",
        """
v = np.array([x, x])

# z ← w·v
z = self.w * v.mean() + 0 * v
return z
""",
        "z ← w·v",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "symmetric",
        "input",
        """
v = np.array([x, -x])

# y ← 0
y = v.sum()
return y
""",
        "y ← 0",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "diag",
        "input",
        """
M = np.diag([x, 2 * x])

# N ← x·M
N = M.T * x
return N
""",
        "N ← x·M",
        notes="* $M$ is `M`, numbers in a square",
    ),
]
