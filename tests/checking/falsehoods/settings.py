"""Falsehoods: settings that never change."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "attr-factor",
        "setting",
        """
# y ← 2·x
y = self.k * x
return y
""",
        "y ← 2·x",
        args="w=0.5, k=2.0",
        init="self.k = k",
    ),
    Case(
        "attr-power",
        "setting",
        """
# y ← x²
y = x ** self.mode
return y
""",
        "y ← x²",
        args="w=0.5, mode=2",
        init="self.mode = mode",
    ),
    Case(
        "table",
        "setting",
        """
# y ← 3·x
y = self.table[self.mode] * x
return y
""",
        "y ← 3·x",
        args="w=0.5, mode='big'",
        init="self.mode = mode; self.table = {'big': 3.0, 'small': 1.0}",
    ),
    Case(
        "module-table",
        "setting",
        """
# y ← 3·x
y = TABLE[self.mode] * x
return y
""",
        "y ← 3·x",
        args="w=0.5, mode='big'",
        init="self.mode = mode",
        top="TABLE = {'big': 3.0, 'small': 1.0}\n",
    ),
    Case(
        "dict-func",
        "setting",
        """
# y ← x²
y = KINDS[self.kind](x)
return y
""",
        "y ← x²",
        args="w=0.5, kind='square'",
        init="self.kind = kind",
        top="KINDS = {'square': lambda v: v * v, 'cube': lambda v: v ** 3}\n",
    ),
    Case(
        "local-of-setting",
        "setting",
        """
k = self.k

# y ← 2·x
y = k * x
return y
""",
        "y ← 2·x",
        args="w=0.5, k=2.0",
        init="self.k = k",
    ),
    Case(
        "off-setting",
        "setting",
        """
# y ← w·x
y = self.w * x + self.bias
return y
""",
        "y ← w·x",
        args="w=0.5, bias=0.0",
        init="self.bias = bias",
    ),
    Case(
        "getattr-setting",
        "setting",
        """
# y ← 2·x
y = getattr(self, "k") * x
return y
""",
        "y ← 2·x",
        args="w=0.5, k=2.0",
        init="self.k = k",
    ),
    Case(
        "group-setting",
        "setting",
        """
# y ← x / 4
y = x / self.group["scale"]
return y
""",
        "y ← x / 4",
        args="w=0.5, scale=4.0",
        init="self.group = {'scale': scale}",
    ),
    Case(
        "helper-setting",
        "setting",
        """
# y ← 2·x
y = self.scaled(x)
return y
""",
        "y ← 2·x",
        args="w=0.5, k=2.0",
        init="self.k = k",
        more="""
def scaled(self, x):
    return self.k * x
""",
    ),
    Case(
        "default-argument",
        "setting",
        """
# y ← 2·x
y = self.scaled(x)
return y
""",
        "y ← 2·x",
        more="""
def scaled(self, x, k=2.0):
    return k * x if self.w != 0.9 else x
""",
    ),
    Case(
        "length",
        "setting",
        """
x = np.array([x, 2 * x])
# y ← s / 2
y = x.sum() / len(x)
return y
""",
        "y ← s / 2",
        notes="* $s$ is `x.sum()`, the sum",
    ),
    Case(
        "mean-by-length",
        "setting",
        """
v = self.values * x

# y ← s / 3
s = v.sum()
y = s / len(v)
return y
""",
        "y ← s / 3",
        init="self.values = np.array([1.0, 2.0, 4.0])",
        notes="* $s$ is `s`, the sum",
    ),
    Case(
        "method-choice",
        "setting",
        """
# y ← √(x²)
y = getattr(np, self.fn)(x)
return y
""",
        "y ← √(x²)",
        args="w=0.5, fn='abs'",
        init="self.fn = fn",
    ),
    Case(
        "call-setting",
        "setting",
        """
# y ← x²
y = self.fn(x)
return y
""",
        "y ← x²",
        args="w=0.5, fn=np.square",
        init="self.fn = fn",
    ),
    Case(
        "precomputed",
        "setting",
        """
# y ← x / 3
y = self.inverse * x
return y
""",
        "y ← x / 3",
        args="w=0.5, n=3",
        init="self.inverse = 1 / n",
    ),
    Case(
        "order",
        "setting",
        """
# y ← x + 1
y = x + (self.order - 1)
return y
""",
        "y ← x + 1",
        args="w=0.5, order=2",
        init="self.order = order",
    ),
    Case(
        "bool-times",
        "setting",
        """
# y ← w·x
y = self.w * x * self.on
return y
""",
        "y ← w·x",
        args="w=0.5, on=True",
        init="self.on = on",
    ),
    Case(
        "row-setting",
        "setting",
        """
self.m = self.m + self.k * x
""",
        "mₜ ← mₜ₋₁ + 2·x",
        doc="    mₜ ← mₜ₋₁ + 2·x\n",
        args="w=0.5, k=2.0",
        init="self.k = k",
    ),
    Case(
        "call-doc-setting",
        "setting",
        """
self.m = self.m + self.f(x)
""",
        "y = 2·v",
        args="w=0.5, k=2.0",
        init="self.k = k",
        more='''
def f(self, v):
    """
    ### f

        y = 2·v

    * $y$ is `return`, the result
    * $v$ is `v`, the argument
    """
    return self.k * v
''',
    ),
]
