"""Falsehoods: conditions above."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "always-true-above",
        "condition",
        """
k = 3.0
if self.w < 10:
    k = 2.0

# y ← 2·x
y = k * x
return y
""",
        "y ← 2·x",
    ),
    Case(
        "early-return",
        "condition",
        """
self.m = self.m + self.f(x)
""",
        "y = w·v",
        more='''
def f(self, v):
    """
    ### f

        y = w·v

    * $y$ is `return`, the result
    * $v$ is `v`, the argument
    """
    if v > 100:
        return 0.0
    return self.w * v
''',
    ),
    Case(
        "early-return-doc",
        "condition",
        """
if x > 100:
    return
self.m = self.m + x
""",
        "mₜ ← mₜ₋₁ + x",
        doc="    mₜ ← mₜ₋₁ + x\n",
    ),
    Case(
        "walrus",
        "condition",
        """
# y ← w·x
y = self.w * (big if (big := x) < 100 else 100.0)
return y
""",
        "y ← w·x",
    ),
    Case(
        "match",
        "condition",
        """
# y ← w·x
match self.kind:
    case "a":
        y = self.w * x
    case _:
        y = 0.0
return y
""",
        "y ← w·x",
        args="w=0.5, kind='a'",
        init="self.kind = kind",
    ),
    Case(
        "or-default",
        "condition",
        """
# y ← 2·x
y = (self.k or 2.0) * x
return y
""",
        "y ← 2·x",
        args="w=0.5, k=None",
        init="self.k = k",
    ),
    Case(
        "and",
        "condition",
        """
# y ← x
y = x if (self.w > 0 and self.w < 10) else 0.0
return y
""",
        "y ← x",
    ),
    Case(
        "chained",
        "condition",
        """
# y ← x
y = x if 0 < self.w < 10 else 0.0
return y
""",
        "y ← x",
    ),
    Case(
        "is-none",
        "condition",
        """
# y ← w·x
y = self.w * x if self.limit is None else min(self.w * x, self.limit)
return y
""",
        "y ← w·x",
        args="w=0.5, limit=None",
        init="self.limit = limit",
    ),
    Case(
        "isinstance",
        "condition",
        """
# y ← w·x
y = self.w * x if isinstance(x, float) else 0.0
return y
""",
        "y ← w·x",
    ),
    Case(
        "min-max-nested",
        "condition",
        """
# y ← x
y = float(np.median([x, -100.0, 100.0]))
return y
""",
        "y ← x",
    ),
    Case(
        "select",
        "condition",
        """
# y ← x
y = float(np.select([x > 100], [100.0], x))
return y
""",
        "y ← x",
    ),
    Case(
        "piecewise-interp",
        "condition",
        """
# y ← x
y = float(np.interp(x, [-100, 100], [-100, 100]))
return y
""",
        "y ← x",
    ),
    Case(
        "bool-index",
        "condition",
        """
v = np.array([x, 2 * x, 3.0])

# z ← v
z = v.copy()
z[z > 100] = 0.0
return z
""",
        "z ← v",
        notes="* $v$ is `v`, numbers\n* $z$ is `z`, what is left",
    ),
    Case(
        "heaviside-mult",
        "condition",
        """
v = np.array([x, 2 * x, 3.0])

# z ← v
z = v * (v < 100)
return z
""",
        "z ← v",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "argmax",
        "condition",
        """
v = np.array([x, 10.0])

# y ← 10
y = v[v.argmax()]
return y
""",
        "y ← 10",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "dict-get",
        "condition",
        """
# y ← 2·x
y = self.opts.get("k", 2.0) * x
return y
""",
        "y ← 2·x",
        args="w=0.5, **opts",
        init="self.opts = opts",
    ),
]
