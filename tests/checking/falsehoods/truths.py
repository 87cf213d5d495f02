"""True formulas of the same kinds as the falsehoods: each keeps its sign."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "named-setting",
        "setting",
        """
# y ← k·x
y = self.k * x
return y
""",
        "y ← k·x",
        args="w=0.5, k=2.0",
        init="self.k = k",
        notes="* $k$ is `self.k`, a factor",
    ),
    Case(
        "named-power",
        "setting",
        """
# y ← x^{q}
y = x ** self.q
return y
""",
        "y ← x^{q}",
        args="w=0.5, q=2",
        init="self.q = q",
        notes="* $q$ is `self.q`, a power",
    ),
    Case("literal", "setting", "# y ← 2·x\ny = 2 * x\nreturn y", "y ← 2·x"),
    Case(
        "literal-of-the-module",
        "setting",
        "# y ← 3·x\ny = THREE * x\nreturn y",
        "y ← 3·x",
        top="THREE = 3.0\n",
    ),
    Case(
        "literal-of-the-constructor",
        "setting",
        "# y ← 3·x\ny = self.three * x\nreturn y",
        "y ← 3·x",
        init="self.three = 3.0",
    ),
    Case(
        "literal-key",
        "setting",
        "# y ← 3·x\ny = TABLE['big'] * x\nreturn y",
        "y ← 3·x",
        top="TABLE = {'big': 3.0, 'small': 1.0}\n",
    ),
    Case(
        "setting-of-another-line",
        "setting",
        "x = x + self.bias\n\n# y ← w·x\ny = self.w * x\nreturn y",
        "y ← w·x",
        args="w=0.5, bias=0.0",
        init="self.bias = bias",
    ),
    Case(
        "named-setting-in-a-helper",
        "setting",
        "# y ← k·x\ny = self.scaled(x)\nreturn y",
        "y ← k·x",
        args="w=0.5, k=2.0",
        init="self.k = k",
        notes="* $k$ is `self.k`, a factor",
        more="""
def scaled(self, x):
    return self.k * x
""",
    ),
    Case(
        "default-argument",
        "setting",
        "# y ← 2·x\ny = self.scaled(x)\nreturn y",
        "y ← 2·x",
        more="""
def scaled(self, x, k=2.0):
    return k * x
""",
    ),
    Case(
        "switch-around-it",
        "setting",
        """
y = 0.0
if self.on:
    # y ← w·x
    y = self.w * x
return y
""",
        "y ← w·x",
        args="w=0.5, on=True",
        init="self.on = on",
    ),
    Case(
        "switch-without-effect",
        "setting",
        """
# y ← w·x
y = self.w * x if self.fast else x * self.w
return y
""",
        "y ← w·x",
        args="w=0.5, fast=None",
        init="self.fast = bool(x > 0) if (x := w - 0.6) else 0",
    ),
    Case(
        "row-with-a-named-setting",
        "setting",
        "self.m = self.m + self.k * x",
        "mₜ ← mₜ₋₁ + k·x",
        doc="    mₜ ← mₜ₋₁ + k·x\n",
        args="w=0.5, k=2.0",
        init="self.k = k",
        notes="* $k$ is `self.k`, a factor",
    ),
    Case(
        "helper",
        "helper",
        "# y ← w·x + 1\ny = self.f(x) + 1\nreturn y",
        "y ← w·x + 1",
        more="""
def f(self, v):
    return self.w * v
""",
    ),
    Case(
        "lambda",
        "helper",
        "# y ← w·x²\ny = self.w * SQUARE(x)\nreturn y",
        "y ← w·x²",
        top="SQUARE = lambda v: v * v\n",
    ),
    Case(
        "imported",
        "helper",
        "# y ← w·x²\ny = self.w * square(x)\nreturn y",
        "y ← w·x²",
        top="from helper import square\n",
        helper="def square(v):\n    return v * v\n",
    ),
    Case(
        "decorator",
        "helper",
        "# y ← w·x\ny = self.f(x)\nreturn y",
        "y ← w·x",
        top="""
def counted(f):
    def inner(self, v):
        inner.times = getattr(inner, "times", 0) + 1
        return f(self, v)
    return inner
""",
        more="""
@counted
def f(self, v):
    return self.w * v
""",
    ),
    Case(
        "property",
        "helper",
        "# y ← w·x / 2\ny = self.half * x\nreturn y",
        "y ← w·x / 2",
        more="""
@property
def half(self):
    return self.w / 2
""",
    ),
    Case(
        "operator-class",
        "helper",
        "# y ← w·x\ny = float(Num(x) * self.w)\nreturn y",
        "y ← w·x",
        top="""
class Num:
    def __init__(self, v):
        self.v = v
    def __mul__(self, o):
        return self.v * o
""",
    ),
    Case(
        "nested-function",
        "helper",
        """
def f(v):
    return v + 1

# y ← w·(x + 1)
y = self.w * f(x)
return y
""",
        "y ← w·(x + 1)",
    ),
    Case(
        "size-of-both-signs",
        "helper",
        "# y ← w·|x|\ny = self.w * self.size(x)\nreturn y",
        "y ← w·|x|",
        more="""
def size(self, v):
    return abs(v)
""",
    ),
    Case(
        "limit-that-is-met",
        "helper",
        "# y ← min(w·x, 1)\ny = limited(self.w * x)\nreturn y",
        "y ← min(w·x, 1)",
        top="""
def limited(v):
    return min(v, 1.0)
""",
    ),
    Case(
        "root",
        "helper",
        "p = x * x + 0.1\n\n# y ← w·√p\ny = self.w * math.sqrt(p)\nreturn y",
        "y ← w·√p",
        notes="* $p$ is `p`, positive",
    ),
    Case(
        "validation",
        "helper",
        """
if not math.isfinite(x):
    raise ValueError("no number")

# y ← w·x
y = self.w * x
return y
""",
        "y ← w·x",
    ),
    Case(
        "named-length",
        "helper",
        "v = np.array([x, 2 * x])\nn = len(v)\n\n# y ← s / n\ny = v.sum() / n\nreturn y",
        "y ← s / n",
        notes="* $s$ is `v.sum()`, the sum\n* $n$ is `n`, how many",
    ),
    Case(
        "order-that-changes",
        "helper",
        "v = np.array([x, 1.0])\n\n# y ← max(x, 1)\ny = np.sort(v)[1]\nreturn y",
        "y ← max(x, 1)",
    ),
    Case(
        "changed-again-with-a-formula",
        "memory",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
# nₜ ← mₜ / 2
n = self.m / 2
return n
""",
        "mₜ ← mₜ₋₁ + x",
    ),
    Case(
        "history",
        "loop",
        "self.seen.append(x)\n\n# y ← Σ_{i=1}^{t} xᵢ\ny = sum(self.seen)\nreturn y",
        "y ← Σ_{i=1}^{t} xᵢ",
        notes="* $xₜ$ is `x`, the input now",
        init="self.seen = []",
    ),
    Case(
        "max-history",
        "loop",
        "self.seen.append(x)\n\n# y ← max(x₁, …, xₜ)\ny = max(self.seen)\nreturn y",
        "y ← max(x₁, …, xₜ)",
        notes="* $xₜ$ is `x`, the input now",
        init="self.seen = []",
    ),
    Case(
        "loop-of-two",
        "loop",
        "# y ← w²·x\ny = x\nfor _ in range(2):\n    y = self.w * y\nreturn y",
        "y ← w²·x",
    ),
    Case(
        "counter",
        "loop",
        "self.t += 1\n\n# y ← w^{t}\ny = self.w ** self.t\nreturn y",
        "y ← w^{t}",
        init="self.t = 0",
    ),
    Case("fading", "loop", "# mₜ ← w·mₜ₋₁ + x\nself.m = self.w * self.m + x", "mₜ ← w·mₜ₋₁ + x"),
    Case(
        "fading-row",
        "loop",
        "self.m = self.w * self.m + (1 - self.w) * x",
        "mₜ ← w·mₜ₋₁ + (1 − w)·x",
        doc="    mₜ ← w·mₜ₋₁ + (1 − w)·x\n",
    ),
    Case(
        "mean",
        "loop",
        "self.t += 1\n\n# mₜ ← mₜ₋₁ + (x − mₜ₋₁) / t\nself.m += (x - self.m) / self.t",
        "mₜ ← mₜ₋₁ + (x − mₜ₋₁) / t",
        init="self.t = 0",
    ),
    Case(
        "one-way-or-another",
        "condition",
        "# y ← max(x, 0)\ny = x if x > 0 else 0.0\nreturn y",
        "y ← max(x, 0)",
    ),
    Case(
        "in-a-branch",
        "condition",
        """
y = 0.0
if x > 0:
    # y ← w·x
    y = self.w * x
return y
""",
        "y ← w·x",
    ),
    Case("single", "rounding", "# y ← w·x\ny = np.float32(self.w * x)\nreturn y", "y ← w·x"),
    Case(
        "named-eps",
        "rounding",
        "# y ← x / (|x| + ε)\ny = x / (abs(x) + self.eps)\nreturn y",
        "y ← x / (|x| + ε)",
        args="w=0.5, eps=0.1",
        init="self.eps = eps",
        notes="* $ε$ is `self.eps`, small",
    ),
    Case("sine", "rounding", "# y ← sin(x)\ny = math.sin(x)\nreturn y", "y ← sin(x)"),
    Case(
        "positive-inputs",
        "input",
        "# y ← w·√x\ny = self.w * math.sqrt(x)\nreturn y",
        "y ← w·√x",
        xs="1.5, 2.0, 0.25, 4.0",
    ),
    Case(
        "share-with-its-domain",
        "input",
        "# y ← √(1 − p²)\ny = math.sqrt(1 - x * x)\nreturn y",
        "y ← √(1 − p²)",
        xs="0.25, 0.5, 0.75, 0.125",
        notes="* $0 < p < 1$ is `x`, a share",
    ),
    Case(
        "bounded",
        "bound",
        "# |y| ≤ 1\ny = np.tanh(x)\nreturn y",
        "|y| ≤ 1",
        notes="* $y$ is `y`, the result",
    ),
    Case("grows", "bound", "# mₜ ≥ mₜ₋₁\nself.m = self.m + abs(x)", "mₜ ≥ mₜ₋₁"),
    Case(
        "binomial",
        "identity",
        "self.m = self.m + x",
        "(ρ + 1)² = ρ² + 2·ρ + 1",
        doc="    (ρ + 1)² = ρ² + 2·ρ + 1\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "sum-of-counts",
        "identity",
        "self.m = self.m + x",
        "Σ_{i=1}^{n} i = n² / 2 + n / 2",
        doc="    Σ_{i=1}^{n} i = n² / 2 + n / 2\n",
        notes="* $n$ is a count",
    ),
    Case(
        "in-place",
        "memory",
        "# vₜ ← vₜ₋₁ + x\nself.v += x",
        "vₜ ← vₜ₋₁ + x",
        init="self.v = np.array([1.0, 2.0])",
        notes="* $vₜ$ is `self.v`, an array",
        memory=("self.m", "self.v"),
    ),
    Case(
        "definition-in-use",
        "definition",
        "# mₜ ← mₜ₋₁ + 7·x\nself.m = self.m + 7 * x",
        "dₜ ← 7·x",
        doc="    dₜ ← 7·x\n    mₜ ← mₜ₋₁ + dₜ\n",
    ),
    Case(
        "sentence",
        "sentence",
        "# r ← 1 / (1 − w)\nr = 1 / (1 - self.w)\nreturn r",
        "r = 2",
        doc="For $w = 0.5$ the horizon is $r = 2$.\n",
    ),
]
