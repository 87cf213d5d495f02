"""Falsehoods: timing, memory."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "rebinding",
        "memory",
        """
self.f(self.v, x)
""",
        "vₜ ← w·vₜ₋₁",
        notes="* $vₜ$ is `self.v`, a tensor",
        init="self.v = np.array([1.0, 2.0])",
        more="""
def f(self, v, x):
    # vₜ ← w·vₜ₋₁
    v = self.w * v
    return v
""",
        memory=("self.m", "self.v"),
    ),
    Case(
        "late-write",
        "memory",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x

self.m = 0.5 * self.m
""",
        "mₜ ← mₜ₋₁ + x",
        doc="    mₜ ← mₜ₋₁ + x\n",
    ),
    Case(
        "late-write-line",
        "memory",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x

self.m = 0.5 * self.m
""",
        "mₜ ← mₜ₋₁ + x",
    ),
    Case(
        "alias",
        "memory",
        """
a = self.v
a += x

# bₜ ← vₜ₋₁
b = self.v + 0.0
return b
""",
        "bₜ ← vₜ₋₁",
        notes="* $vₜ$ is `self.v`, a tensor",
        init="self.v = np.array([1.0, 2.0])",
        memory=("self.m", "self.v"),
    ),
    Case(
        "copy-not-write",
        "memory",
        """
v = self.v.copy()
# vₜ ← vₜ₋₁ + x
v += x
""",
        "vₜ ← vₜ₋₁ + x",
        notes="* $vₜ$ is `self.v`, a tensor",
        init="self.v = np.array([1.0, 2.0])",
        memory=("self.m", "self.v"),
    ),
    Case(
        "state-shadow",
        "memory",
        """
m = self.m
# mₜ ← mₜ₋₁ + x
m = m + x
""",
        "mₜ ← mₜ₋₁ + x",
    ),
    Case(
        "x-reassigned",
        "memory",
        """
x = 2 * x

# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "mₜ ← mₜ₋₁ + x",
        doc="    mₜ ← mₜ₋₁ + x\n",
    ),
    Case(
        "t-off",
        "memory",
        """
self.t += 1

# y ← w^{t}
y = self.w ** (self.t - 1)
return y
""",
        "y ← w^{t}",
        init="self.t = 0",
    ),
]
