"""Falsehoods: numerical."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "small-term",
        "numeric",
        """
# y ← w·x
y = self.w * x + 1e-18
return y
""",
        "y ← w·x",
    ),
    Case(
        "eps-hidden",
        "numeric",
        """
# y ← x / |x|
y = x / (abs(x) + 1e-17)
return y
""",
        "y ← x / |x|",
    ),
    Case(
        "float32-offset",
        "numeric",
        """
# y ← w·x
y = np.float32(self.w * x) + np.float32(1e-6)
return y
""",
        "y ← w·x",
    ),
    Case(
        "log1p",
        "numeric",
        """
s = 1e-9 * x

# y ← s
y = math.log1p(s)
return y
""",
        "y ← s",
        notes="* $s$ is `s`, small",
    ),
    Case(
        "sin-small",
        "numeric",
        """
s = 1e-9 * x

# y ← s
y = math.sin(s)
return y
""",
        "y ← s",
        notes="* $s$ is `s`, small",
    ),
    Case(
        "tanh-sat",
        "numeric",
        """
b = 50 + x * x

# y ← 1
y = math.tanh(b)
return y
""",
        "y ← 1",
        notes="* $b$ is `b`, big",
    ),
    Case(
        "saturated-softplus",
        "numeric",
        """
b = 50 + x * x

# y ← b
y = math.log(1 + math.exp(b))
return y
""",
        "y ← b",
        notes="* $b$ is `b`, big",
    ),
    Case(
        "decay-away",
        "numeric",
        """
# mₜ ← x
self.m = 1e-20 * self.m + x
""",
        "mₜ ← x",
    ),
    Case(
        "half-precision",
        "numeric",
        """
# y ← w·x
y = np.float16(self.w * x * 1.001)
return y
""",
        "y ← w·x",
    ),
    Case(
        "rounding14",
        "numeric",
        """
# y ← x
y = round(x * 4) / 4
return y
""",
        "y ← x",
        xs="1.5, -0.75, 2.25, -3.5",
    ),
    Case(
        "int-div-float",
        "numeric",
        """
# y ← x / 2
y = x // 2
return y
""",
        "y ← x / 2",
        xs="2.0, -4.0, 6.0, 8.0",
    ),
]
