"""Falsehoods of all kinds, written when those of the other tables were seen through."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "two-settings-at-once",
        "setting",
        "# y ← w·x\ny = self.w * x + (self.k - 2) * (self.j - 3)\nreturn y",
        "y ← w·x",
        args="w=0.5, k=2.0, j=3.0",
        init="self.k, self.j = k, j",
    ),
    Case(
        "setting-by-keyword-only",
        "setting",
        "# y ← 2·x\ny = self.k * x\nreturn y",
        "y ← 2·x",
        args="w=0.5, *, k=2.0",
        init="self.k = k",
    ),
    Case(
        "settings-in-a-dict",
        "setting",
        "# y ← 2·x\ny = self.options['k'] * x\nreturn y",
        "y ← 2·x",
        args="w=0.5, options=(('k', 2.0),)",
        init="self.options = dict(options)",
    ),
    Case(
        "negative-power",
        "setting",
        "# y ← x / 2\ny = x * 2.0 ** self.p\nreturn y",
        "y ← x / 2",
        args="w=0.5, p=-1",
        init="self.p = p",
    ),
    Case(
        "zero-input",
        "condition",
        "# y ← w·x\ny = self.w * x or 7.0\nreturn y",
        "y ← w·x",
    ),
    Case(
        "zero-input-in-a-helper",
        "helper",
        "# y ← w·x\ny = self.f(x)\nreturn y",
        "y ← w·x",
        more="""
def f(self, v):
    return self.w * v if v != 0 else 7.0
""",
    ),
    Case(
        "table-of-results",
        "helper",
        "# y ← w·x\ny = self.f(x)\nreturn y",
        "y ← w·x",
        init="self.known = {10.0: 3.0}",
        more="""
def f(self, v):
    try:
        return self.known[v]
    except KeyError:
        return self.w * v
""",
    ),
    Case(
        "partial",
        "helper",
        "# y ← w·x\ny = self.w * LIMITED(x)\nreturn y",
        "y ← w·x",
        top="from functools import partial\n\nLIMITED = partial(min, 60.0)\n",
    ),
    Case(
        "call-operator",
        "helper",
        "# y ← w·x\ny = self.w * FUNCTION(x)\nreturn y",
        "y ← w·x",
        top="""
class Function:
    def __call__(self, v):
        return v if abs(v) < 80 else 0.0

FUNCTION = Function()
""",
    ),
    Case(
        "generator",
        "helper",
        "# y ← w·x\ny = self.w * sum(parts(x))\nreturn y",
        "y ← w·x",
        top="""
def parts(v):
    while v > 70:
        v -= 70
    yield v
""",
    ),
    Case(
        "recursion",
        "helper",
        "# y ← w·x\ny = self.w * f(x)\nreturn y",
        "y ← w·x",
        top="""
def f(v):
    return f(v / 2) if v > 90 else v
""",
    ),
    Case(
        "getattr-hook",
        "helper",
        "# y ← w·x\ny = self.rate * x\nreturn y",
        "y ← w·x",
        more="""
def __getattr__(self, name):
    if name == "rate":
        return min(self.w, 5.0)
    raise AttributeError(name)
""",
    ),
    Case(
        "cumulative-maximum-of-squares",
        "helper",
        "v = np.array([x * x, x * x + 2.0])\n\n# z ← w·v\nz = self.w * top(v)\nreturn z",
        "z ← w·v",
        notes="* $v$ is `v`, numbers",
        top="""
def top(v):
    return np.maximum(v, 0.0)
""",
    ),
    Case(
        "clip-of-a-square",
        "helper",
        "p = x * x\n\n# y ← w·p\ny = self.w * np.clip(p, 0.0, None)\nreturn y",
        "y ← w·p",
        notes="* $p$ is `p`, the square",
    ),
    Case(
        "count-of-calls",
        "loop",
        "self.calls += 1\n\n# y ← w·x\ny = self.w * x * (self.calls < 90)\nreturn y",
        "y ← w·x",
        init="self.calls = 0",
    ),
    Case(
        "counter-in-a-helper",
        "loop",
        "# y ← w·x\ny = self.f(x)\nreturn y",
        "y ← w·x",
        init="self.calls = 0",
        more="""
def f(self, v):
    self.calls += 1
    return self.w * v if self.calls % 50 else 0.0
""",
    ),
    Case(
        "counter-of-the-class",
        "loop",
        "# y ← w·x\ny = self.f(x)\nreturn y",
        "y ← w·x",
        more="""
calls = [0]

def f(self, v):
    self.calls[0] += 1
    return self.w * v if self.calls[0] < 120 else 0.0
""",
    ),
    Case(
        "window-of-the-mean",
        "loop",
        "self.seen.append(x)\n\n# y ← Σ_{i=1}^{t} xᵢ / t\ny = sum(self.seen[-20:]) / "
        "len(self.seen[-20:])\nreturn y",
        "y ← Σ_{i=1}^{t} xᵢ / t",
        init="self.seen = []",
        notes="* $xₜ$ is `x`, the input now",
    ),
    Case(
        "weights-of-the-past",
        "loop",
        "self.m = self.m + x * 0.5 ** (self.t // 30)\nself.t += 1",
        "mₜ ← mₜ₋₁ + x",
        doc="    mₜ ← mₜ₋₁ + x\n",
        init="self.t = 0",
    ),
    Case(
        "type-of-the-input",
        "condition",
        "# y ← w·x\ny = self.w * x if type(x) is float else 1.0\nreturn y",
        "y ← w·x",
    ),
    Case(
        "two-conditions",
        "condition",
        "# y ← w·x\ny = self.w * x\nif x > 3.5 and self.w > 0.9:\n    y = 0.0\nreturn y",
        "y ← w·x",
    ),
    Case(
        "decimal-places",
        "rounding",
        "# y ← w·x\ny = round(self.w * x, 6)\nreturn y",
        "y ← w·x",
    ),
    Case(
        "text-and-back",
        "rounding",
        "# y ← w·x\ny = float(f'{self.w * x:.10g}')\nreturn y",
        "y ← w·x",
    ),
    Case(
        "sum-that-saturates",
        "rounding",
        "b = 60 + x * x\n\n# y ← 1\ny = 1 / (1 + math.exp(-b))\nreturn y",
        "y ← 1",
        notes="* $b$ is `b`, big",
    ),
    Case(
        "bound-of-the-mean",
        "bound",
        "# mₜ ≤ 4\nself.m = self.m + 0.1 * (x - self.m)",
        "mₜ ≤ 4",
    ),
    Case(
        "bound-in-words-of-a-setting",
        "bound",
        "# y ≤ |x|\ny = self.w * abs(x)\nreturn y",
        "y ≤ |x|",
        notes="* $y$ is `y`, the result",
    ),
    Case(
        "bound-far-out",
        "identity",
        "self.m = self.m + x",
        "ρ² + 1000000·ρ ≥ −1000000·1000000 / 5",
        doc="    ρ² + 1000000·ρ ≥ −1000000·1000000 / 5\n",
        notes="* $ρ > −1000000$ is a number",
    ),
    Case(
        "almost-the-sum",
        "identity",
        "self.m = self.m + x",
        "(ρ + 1)³ = ρ³ + 3·ρ² + 3·ρ + 1 + 1/10000000000000000",
        doc="    (ρ + 1)³ = ρ³ + 3·ρ² + 3·ρ + 1 + 1/10000000000000000\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "helper-changes-it-again",
        "memory",
        "# mₜ ← mₜ₋₁ + x\nself.m = self.m + x\nself.end()",
        "mₜ ← mₜ₋₁ + x",
        more="""
def end(self):
    self.m = self.m / 2
""",
    ),
    Case(
        "sentence-of-the-default",
        "sentence",
        "# r ← 1 / (1 − w)\nr = 1 / (1 - self.w)\nreturn r",
        "r < 8",
        doc="The horizon is always $r < 8$.\n",
    ),
]
