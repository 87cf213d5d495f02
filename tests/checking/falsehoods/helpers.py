"""Falsehoods: helpers that hide."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "helper-abs",
        "helper",
        """
# y ← w·p
p = x * x + 0.1
y = self.w * self.size(p)
return y
""",
        "y ← w·p",
        notes="* $p$ is `p`, positive",
        more="""
def size(self, v):
    return abs(v)
""",
    ),
    Case(
        "function-abs",
        "helper",
        """
p = x * x + 0.1

# y ← w·p
y = self.w * size(p)
return y
""",
        "y ← w·p",
        notes="* $p$ is `p`, the power",
        top="""
def size(v):
    return abs(v)
""",
    ),
    Case(
        "lambda-abs",
        "helper",
        """
p = x * x + 0.1

# y ← w·p
y = self.w * SIZE(p)
return y
""",
        "y ← w·p",
        notes="* $p$ is `p`, the power",
        top="SIZE = lambda v: abs(v)\n",
    ),
    Case(
        "imported-abs",
        "helper",
        """
p = x * x + 0.1

# y ← w·p
y = self.w * size(p)
return y
""",
        "y ← w·p",
        notes="* $p$ is `p`, the power",
        top="from helper import size\n",
        helper="def size(v):\n    return abs(v)\n",
    ),
    Case(
        "helper-clip",
        "helper",
        """
# y ← w·x
y = limited(self.w * x)
return y
""",
        "y ← w·x",
        top="""
def limited(v, most=100.0):
    if v > most:
        return most
    if v < -most:
        return -most
    return v
""",
    ),
    Case(
        "helper-nested",
        "helper",
        """
# y ← w·x
y = outer(self.w * x)
return y
""",
        "y ← w·x",
        top="""
def inner(v):
    return min(v, 50.0)

def outer(v):
    return inner(v)
""",
    ),
    Case(
        "property",
        "helper",
        """
# y ← w·x
y = self.rate * x
return y
""",
        "y ← w·x",
        more="""
@property
def rate(self):
    return self.w if self.w < 10 else 10.0
""",
    ),
    Case(
        "decorator",
        "helper",
        """
# y ← w·x
y = self.f(x)
return y
""",
        "y ← w·x",
        top="""
def limited(f):
    def inner(self, v):
        return min(f(self, v), 100.0)
    return inner
""",
        more="""
@limited
def f(self, v):
    return self.w * v
""",
    ),
    Case(
        "operator-class",
        "helper",
        """
# y ← w·x
y = float(Num(x) * self.w)
return y
""",
        "y ← w·x",
        top="""
class Num:
    def __init__(self, v):
        self.v = v
    def __mul__(self, o):
        return max(self.v * o, -100.0)
""",
    ),
    Case(
        "nested-function",
        "helper",
        """
def f(v):
    return v if v < 100 else 100.0

# y ← w·x
y = self.w * f(x)
return y
""",
        "y ← w·x",
    ),
    Case(
        "inherited-helper",
        "helper",
        """
# y ← w·x
y = self.w * self.f(x)
return y
""",
        "y ← w·x",
        top="""
class Base:
    def f(self, v):
        return v if v < 100 else 100.0
""",
        more="f = Base.f",
    ),
    Case(
        "setattr",
        "helper",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
self.after()
""",
        "mₜ ← mₜ₋₁ + x",
        doc="    mₜ ← mₜ₋₁ + x\n",
        more="""
def after(self):
    if self.m > 100:
        self.m = 0.0
""",
    ),
    Case(
        "dunder-setattr",
        "helper",
        """
# mₜ ← mₜ₋₁ + x
self.m = self.m + x
""",
        "mₜ ← mₜ₋₁ + x",
        more="""
def __setattr__(self, name, value):
    if name == "m" and value > 100:
        value = 100.0
    object.__setattr__(self, name, value)
""",
    ),
    Case(
        "sorted-helper",
        "helper",
        """
v = np.array([x * x, x * x + 1.0, x * x + 3.0])

# z ← w·v
z = self.w * np.sort(v)
return z
""",
        "z ← w·v",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "unique",
        "helper",
        """
v = np.array([x * x, x * x + 1.0, x * x + 3.0])

# z ← w·v
z = self.w * np.unique(v)
return z
""",
        "z ← w·v",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "maximum-acc",
        "helper",
        """
v = np.array([x * x + 1.0, x * x + 2.0])

# z ← v
z = np.maximum.accumulate(v)
return z
""",
        "z ← v",
        notes="* $v$ is `v`, numbers",
    ),
    Case(
        "relu-hidden",
        "helper",
        """
p = x * x + 0.1

# y ← p
y = (p + np.sqrt(p * p)) / 2
return y
""",
        "y ← p",
        notes="* $p$ is `p`, the power",
    ),
    Case(
        "abs-by-sqrt",
        "helper",
        """
p = x * x + 0.1

# y ← w·p
y = self.w * (p ** 2) ** 0.5
return y
""",
        "y ← w·p",
        notes="* $p$ is `p`, the power",
    ),
    Case(
        "hypot",
        "helper",
        """
p = x * x + 0.1

# y ← p
y = math.hypot(p, 0.0)
return y
""",
        "y ← p",
        notes="* $p$ is `p`, the power",
    ),
    Case(
        "norm",
        "helper",
        """
p = x * x + 0.1

# y ← p
y = np.linalg.norm([p])
return y
""",
        "y ← p",
        notes="* $p$ is `p`, the power",
    ),
    Case(
        "try-except",
        "helper",
        """
# y ← w·x
try:
    y = self.w * x
    if y > 100:
        raise ValueError
except ValueError:
    y = 0.0
return y
""",
        "y ← w·x",
    ),
]
