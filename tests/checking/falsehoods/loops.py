"""Falsehoods: loops."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "loop-once",
        "loop",
        """
# y ← w·x
y = x
for _ in range(self.n):
    y = self.w * y
return y
""",
        "y ← w·x",
        args="w=0.5, n=1",
        init="self.n = n",
    ),
    Case(
        "loop-twice",
        "loop",
        """
# y ← w²·x
y = x
for _ in range(self.n):
    y = self.w * y
return y
""",
        "y ← w²·x",
        args="w=0.5, n=2",
        init="self.n = n",
    ),
    Case(
        "loop-list",
        "loop",
        """
# y ← x
y = 0.0
for v in self.things:
    y = y + v * x
return y
""",
        "y ← x",
        args="w=0.5, things=(1.0,)",
        init="self.things = list(things)",
    ),
    Case(
        "loop-zero",
        "loop",
        """
# y ← w·x
y = self.w * x
for _ in range(self.n):
    y = y + 1
return y
""",
        "y ← w·x",
        args="w=0.5, n=0",
        init="self.n = n",
    ),
    Case(
        "while",
        "loop",
        """
# y ← x / 2
y = x / 2
while abs(y) > 10:
    y = y / 2
return y
""",
        "y ← x / 2",
    ),
    Case(
        "comprehension",
        "loop",
        """
# y ← 2·x
y = sum(v * x for v in self.things)
return y
""",
        "y ← 2·x",
        args="w=0.5, things=(2.0,)",
        init="self.things = list(things)",
    ),
    Case(
        "history",
        "loop",
        """
self.seen.append(x)

# y ← Σ_{i=1}^{t} xᵢ
y = sum(self.seen[-10:])
return y
""",
        "y ← Σ_{i=1}^{t} xᵢ",
        init="self.seen = []",
        notes="* $xₜ$ is `x`, the input now",
    ),
    Case(
        "slice",
        "loop",
        """
v = np.array([x, 2 * x])

# z ← w·v
z = self.w * v[:5]
return z
""",
        "z ← w·v",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "deque",
        "loop",
        """
self.seen.append(x)

# y ← Σ_{i=1}^{t} xᵢ
y = sum(self.seen)
return y
""",
        "y ← Σ_{i=1}^{t} xᵢ",
        init="self.seen = __import__('collections').deque(maxlen=10)",
        notes="* $xₜ$ is `x`, the input now",
    ),
    Case(
        "max-history",
        "loop",
        """
self.seen.append(x)

# y ← max(x₁, …, xₜ)
y = max(self.seen[-8:])
return y
""",
        "y ← max(x₁, …, xₜ)",
        init="self.seen = []",
        notes="* $xₜ$ is `x`, the input now",
    ),
    Case(
        "restart",
        "loop",
        """
self.t += 1
if self.t == 20:
    self.m = 0.0

# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "mₜ ← mₜ₋₁ + x",
        init="self.t = 0",
    ),
    Case(
        "warm",
        "loop",
        """
self.t += 1
rate = min(1.0, 50 / self.t)

# mₜ ← mₜ₋₁ + x
self.m = self.m + rate * x
""",
        "mₜ ← mₜ₋₁ + x",
        init="self.t = 0",
    ),
    Case(
        "warm-row",
        "loop",
        """
self.t += 1
rate = min(1.0, 50 / self.t)
self.m = self.m + rate * x
""",
        "mₜ ← mₜ₋₁ + x",
        init="self.t = 0",
        doc="    mₜ ← mₜ₋₁ + x\n",
    ),
    Case(
        "modulo",
        "loop",
        """
self.t += 1

# mₜ ← mₜ₋₁ + x
self.m = self.m * (self.t % 100 != 0) + x
""",
        "mₜ ← mₜ₋₁ + x",
        init="self.t = 0",
    ),
]
