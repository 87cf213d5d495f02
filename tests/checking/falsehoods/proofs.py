"""
What must not be proved: false for numbers, or for objects, that no run has.

Each agrees in its runs. What runs on symbols has to see that it cannot follow.
"""

from tests.checking.falsehoods.table import Case

_ARRAYS = "np.array([3.0, -1.0]), np.array([2.0, 0.5]), np.array([-4.0, 1.5])"
_START = "self.t = 0"
_SCALED = "def scaled(x, w):\n    return w * x\n"
_RISING = "3.0, 1.0, 4.0, 1.5, 2.5"


def _case(name: str, body: str, formula: str = "y ← w·x", **rest: str) -> Case:
    """A case whose body has the formula above its last lines."""
    lines = body.strip().split("\n")
    last = max(n for n, line in enumerate(lines) if line.startswith("y = "))
    lines.insert(last, f"# {formula}")
    return Case(name, "proof", "\n".join([*lines, "return y"]), formula, **rest)


# What the code looks at besides its numbers.
HIDDEN = [
    _case(
        "a counter that no list names",
        "self.n = self.n + 1\ny = self.w * x if self.n < 50 else 0.0",
        init="self.n = 0",
    ),
    _case(
        "a switch that a method turns",
        "y = 0.0 if self.slow else self.w * x",
        args="w=0.5, slow=False",
        init="self.slow = slow",
        more="def slow_down(self):\n    self.slow = True\n",
    ),
    _case(
        "a switch that no argument sets",
        "y = 0.0 if self.slow else self.w * x",
        init="self.slow = False",
    ),
    _case(
        "a switch that a late step turns",
        "self.t += 1\nif self.t > 50:\n    self.late = True\ny = 0.0 if self.late else self.w * x",
        args="w=0.5, late=False",
        init="self.late = late\nself.t = 0".replace("\n", "\n        "),
    ),
    _case(
        "a switch that a large number turns",
        "self.big = self.big or x > 1e6\ny = 0.0 if self.big else self.w * x",
        init="self.big = False",
    ),
    _case("a number of the class", "y = self.one * self.w * x", more="one = 1.0\n"),
    _case(
        "a number of the parent",
        "y = self.child() * self.w * x",
        top="class P:\n    one = 1.0\n\n\nclass Q(P):\n    def get(self):\n"
        "        return super().one\n",
        init="self.q = Q()",
        more="def child(self):\n    return self.q.get()\n",
    ),
    _case("a class by its name", "y = X.one * self.w * x", more="one = 1.0\n"),
    _case(
        "a number of the module that a function changes",
        "y = ONE * self.w * x",
        top="ONE = 1.0\n\n\ndef change():\n    global ONE\n    ONE = 2.0\n",
    ),
    _case(
        "a number of the module that is counted up",
        "y = ONE * self.w * x",
        top="ONE = 0.0\nONE += 1.0\n",
    ),
    _case("a table of the module", 'y = ONE["a"] * self.w * x', top='ONE = {"a": 1.0}\n'),
    _case(
        "a list of the module that grows",
        "SEEN.append(x)\ny = self.w * x if len(SEEN) < 40 else 0.0",
        top="SEEN = []\n",
    ),
    _case(
        "a list of the object that grows",
        "self.seen.append(x)\ny = self.w * x if len(self.seen) < 40 else 0.0",
        init="self.seen = []",
    ),
    _case(
        "an iterator",
        "y = next(self.ones) * self.w * x",
        init="self.ones = iter([1.0] * 9 + [2.0] * 9)",
    ),
    _case("a number that is 0 in all runs", "y = self.w * x + self.b", init="self.b = 0.0"),
    _case(
        "a default that is a list",
        "y = self.scaled(x)",
        more="def scaled(self, x, k=[1.0]):\n    return k[0] * self.w * x\n",
    ),
    _case(
        "an attribute of a function",
        "count.n += 1\ny = self.w * x if count.n < 50 else 0.0",
        top="def count():\n    pass\n\n\ncount.n = 0\n",
    ),
    _case(
        "a closure",
        "y = F(self.w * x)",
        top="def make(k):\n    return lambda v: k * v\n\n\nF = make(1.0)\n",
    ),
    _case(
        "a function that is kept",
        "y = self.f(self.w * x)",
        init="self.f = lambda v: v if v < 1e6 else 0.0",
    ),
    _case(
        "what is remembered",
        "y = self.one() * self.w * x",
        top="import functools\n",
        init="self.k = 1.0",
        more="@functools.cache\ndef one(self):\n    return self.k\n",
    ),
    _case(
        "a descriptor with a number",
        "y = self.one * self.w * x",
        top="class One:\n    def __init__(self):\n        self.k = 1.0\n\n"
        "    def __get__(self, it, owner):\n        return self.k\n",
        more="one = One()\n",
    ),
    _case(
        "an object in the object",
        "y = self.inner.k * self.w * x",
        top="class Inner:\n    def __init__(self):\n        self.k = 1.0\n",
        init="self.inner = Inner()",
    ),
    _case(
        "an argument that has a default",
        "y = self.scaled(x)",
        init="self.k = 1.0",
        more="def scaled(self, x):\n    return self.k * self.w * x\n",
    ),
    _case("what is in its dictionary", 'y = vars(self)["w"] * x * self.k', init="self.k = 1.0"),
]

# Who asks what a number is.
ASKS = [
    _case("its text", 'y = self.w * x if len(f"{x}") < 12 else 0.0'),
    _case("its text, by repr", "y = self.w * x if len(repr(x)) < 12 else 0.0"),
    _case("its text, by a format", 'y = self.w * x if len("{}".format(x)) < 12 else 0.0'),
    _case("its text, by a sign", 'y = self.w * x if len("%s" % x) < 12 else 0.0'),
    _case("its type", "y = 0.0 if isinstance(x, complex) else self.w * x"),
    _case("the name of its type", 'y = self.w * x if type(x).__name__ == "float" else 0.0'),
    _case("its class", "y = self.w * x if x.__class__ is float else 0.0"),
    _case("what it has", 'y = 0.0 if hasattr(x, "units") else self.w * x'),
    _case("what it gives else", 'y = getattr(x, "units", self.w * x)'),
    _case("its hash", "y = self.w * x if hash(x) < 10**6 else 0.0"),
    _case("its place", "y = self.w * x if id(x) > 0 else 0.0"),
    _case("a set that it is in", "y = 0.0 if x in {1e6, 1e7} else self.w * x"),
    _case("a tuple that it is in", "y = 0.0 if x in (1e6, 1e7) else self.w * x"),
    _case("a comparison, asked", "y = 0.0 if (x > 1e6) is True else self.w * x"),
    _case("a comparison, compared", "y = 0.0 if (x > 1e6) == True else self.w * x"),
    _case("a comparison, multiplied", "y = (1 - (x > 1e6)) * self.w * x"),
    _case("a comparison as a key", "y = {True: 0.0, False: self.w}[x > 1e6] * x"),
    _case("a comparison as a place", "y = (self.w, 0.0)[x > 1e6] * x"),
    _case(
        "what fails",
        "k = self.w\ntry:\n    k = k / (x < 1e6)\nexcept Exception:\n    k = 0.0\ny = k * x",
    ),
    _case(
        "what is passed over",
        "k = self.w\nwith suppress(ZeroDivisionError):\n    k = k / (x < 1e6)\ny = k * x",
        top="from contextlib import suppress\n",
    ),
    _case(
        "what is passed over by a wrapper",
        "y = self.scaled(x)",
        top="def tame(f):\n    def g(*a):\n        try:\n            return f(*a)\n"
        "        except Exception:\n            return 0.0\n    return g\n",
        more="@tame\ndef scaled(self, x):\n    return self.w * x\n",
    ),
    _case(
        "a function for each type",
        "y = scaled(x, self.w)",
        top="import functools\n\n\n@functools.singledispatch\ndef scaled(x, w):\n    return w * x\n"
        "\n\n@scaled.register\ndef _(x: complex, w):\n    return 0.0\n",
    ),
    _case(
        "an attribute that is not there",
        "y = self.one * self.w * x",
        more="def __getattr__(self, name):\n    if name == 'one':\n        return 1.0\n"
        "    raise AttributeError(name)\n",
    ),
]

# What computes in another way than numbers do, or not for all of them.
OPERATIONS = [
    _case("whole numbers, by division", "y = self.w * x + x // 1e6", xs=_RISING),
    _case("a rest", "y = self.w * (x % 1e6)", xs=_RISING),
    _case("a rounding", "y = self.w * round(x, 9)"),
    _case("a whole number", "y = self.w * (x + int(x / 1e6))"),
    _case("an index", "y = self.w * (x + range(10**6).index(int(x / 1e6)))", xs=_RISING),
    _case("a loop", "k = x\nfor _ in range(int(x / 1e6)):\n    k = 0.0\ny = self.w * k"),
    _case("another loop", "k = x\nwhile k > 1e6:\n    k = k / 2\ny = self.w * k"),
    _case("a larger one", "y = self.w * max(x, -1e6)"),
    _case("a smaller one, of a list", "y = self.w * min([x, 1e6])"),
    _case("a sorted list", "y = self.w * sorted([x, 1e6])[0]"),
    _case("a choice", "y = np.where(x > 1e6, 0.0, self.w * x)"),
    _case("a choice of elements", "y = np.where(x > 1e6, 0.0, self.w * x)", xs=_ARRAYS),
    _case("a clip", "y = self.w * np.clip(x, -1e6, 1e6)", xs=_ARRAYS),
    _case("a limit", "y = self.w * np.minimum(x, 1e6)", xs=_ARRAYS),
    _case("a bound in a chain", "y = self.w * x if -1e6 < x < 1e6 else 0.0"),
    _case("a branch with or", "y = 0.0 if x > 1e6 or x < -1e6 else self.w * x"),
    _case("a floor", "y = self.w * x + math.floor(abs(x) / 1e6)"),
    _case("a sign", "y = self.w * x + np.sign(np.maximum(x - 1e6, 0))", xs=_ARRAYS),
    _case("half of a complex number", "y = self.w * (x + 0j).real"),
    _case("a root and its square", "y = self.w * math.sqrt(x) ** 2", xs=_RISING),
    _case("a root and its square, by powers", "y = self.w * (x**0.5) ** 2", xs=_RISING),
    _case("a logarithm that is undone", "y = self.w * math.exp(math.log(x))", xs=_RISING),
    _case("a size", "y = self.w * abs(x)", xs=_RISING),
    _case("a root of a square", "y = self.w * math.sqrt(x * x)", xs=_RISING),
    _case("a pole", "y = self.w * x * (x - 1.1) / (x - 1.1)"),
    _case("a pole of the setting", "y = self.w * x * (self.w - 2.0) / (self.w - 2.0)"),
    _case("a pole that is touched", "y = self.w * x * (x - 1.1) ** 2 / (x - 1.1) ** 2"),
    _case("a pole of a size", "y = self.w * x * abs(x - 1.1) / abs(x - 1.1)"),
    _case(
        "a pole of the setting that is touched",
        "y = self.w * x * (self.w - 2.0) ** 2 / (self.w - 2.0) ** 2",
    ),
    _case("a pole of the formula", "y = self.w * x", "y ← w·x·(x − 1.1)/(x − 1.1)"),
    _case("a pole of the formula that is touched", "y = self.w * x", "y ← w·x·(x − 9)²/(x − 9)²"),
    _case(
        "roots that cancel",
        "a = math.sqrt(x)\ny = self.w * ((a + 1.0) * (a - 1.0) + 1.0)",
        xs=_RISING,
    ),
    _case("a power of nothing", "y = self.w * x + 0.0 ** abs(x)"),
    _case("a number that is looked up", "y = self.w * x * (1.0 if x != 7.0 else 2.0)"),
]

# What arrays have that one element of them does not show.
SHAPES = [
    _case(name, f"y = self.w * x if {test} else 0.0", xs=_ARRAYS)
    for name, test in {
        "how many there are": "x.size < 5",
        "how many axes": "x.ndim < 2",
        "the length": "len(x) < 5",
        "the shape": "x.shape == (2,)",
        "the type of the elements": 'x.dtype == "float64"',
        "the largest one": "x.max() < 1e6",
        "the sum": "x.sum() < 1e6",
        "the first one": "x[0] < 1e6",
        "all of them": "np.all(x < 1e6)",
        "one of them": "not np.any(x > 1e6)",
        "whether they share memory": "not np.shares_memory(x, self.m)",
    }.items()
]
SHAPES += [
    _case("a mean that is taken away", "y = self.w * x + 0 * x.mean()", xs=_ARRAYS),
    _case("a product of arrays", "y = self.w * x @ np.eye(2)", xs=_ARRAYS),
    _case("a sum of running sums", "y = self.w * np.diff(np.cumsum(x), prepend=0.0)", xs=_ARRAYS),
]

# What becomes of an object from step to step, and of what it is given.
MEMORY = [
    _case(
        "an input that is kept, and changed later",
        "self.last *= 1.0\nself.last = x\ny = self.w * x",
        init="self.last = np.zeros(2)",
        xs=_ARRAYS,
    ),
    _case(
        "a late second name",
        "if self.t > 50:\n    self.a = self.b\nself.b *= 1.0\ny = self.w * x",
        init="self.a = np.zeros(2)\n        self.b = np.ones(2)\n        self.t = 0",
        xs=_ARRAYS,
    ),
    _case(
        "a text that is kept",
        'self.mode = "a" if x < 1e6 else "b"\ny = self.w * x if self.mode == "a" else 0.0',
        init='self.mode = "a"',
    ),
    _case(
        "nothing that is kept",
        "if x > 1e6:\n    self.last = x\ny = self.w * x if self.last is None else 0.0",
        init="self.last = None",
    ),
    _case(
        "a number that a method takes away",
        "y = 0.0 if self.last is None else self.w * x",
        init="self.last = 1.0",
        more="def forget(self):\n    self.last = None\n",
    ),
    _case(
        "a number that a method takes away, compared",
        "y = 0.0 if self.last == None else self.w * x",
        init="self.last = 1.0",
        more="def forget(self):\n    self.last = None\n",
    ),
    _case(
        "nothing that is kept, as configured",
        "if x > 1e6:\n    self.last = x\ny = self.w * x if self.last is None else 0.0",
        args="w=0.5, last=None",
        init="self.last = last",
    ),
    _case(
        "a counter that is set back",
        "self.t += 1\ny = self.w * x * (self.t + 1) / (self.t + 1) + self.t",
        "y ← w·x + t",
        init="self.t = 0",
        more="def reset(self):\n    self.t = 0\n",
    ),
    _case(
        "a counter that stops",
        "self.t += 1 if self.t < 99 else 0\ny = self.w * x + self.t",
        "y ← w·x + t",
        init="self.t = 0",
    ),
    _case(
        "a count of something else",
        "self.t += 1 if x > -1e6 else 2\ny = self.w * x + self.t",
        "y ← w·x + t",
        init="self.t = 0",
    ),
]
CASES = [*HIDDEN, *ASKS, *OPERATIONS, *SHAPES, *MEMORY]

# What is true, and has to be proved: as people write it.
TRUE = [
    _case("a product", "y = self.w * x"),
    _case("a product of arrays, by elements", "y = self.w * x", xs=_ARRAYS),
    _case("a function of the module", "y = scaled(x, self.w)", top=_SCALED),
    _case("a number of the module", "y = self.w * x + ONE", "y ← w·x + 1", top="ONE = 1.0\n"),
    _case("a method", "y = self.scaled(x)", more="def scaled(self, x):\n    return self.w * x\n"),
    _case(
        "a property",
        "y = self.double * x",
        "y ← 2·w·x",
        more="@property\ndef double(self):\n    return 2 * self.w\n",
    ),
    _case("a number that does not matter", "x = x + self.b\ny = self.w * x", init="self.b = 0.0"),
    _case("a size", "y = self.w * abs(x)", "y ← w·|x|"),
    _case("a size, by a branch", "if x < 0:\n    x = -x\ny = self.w * x"),
    _case("a mathematical function", "y = math.exp(-self.w * x)", "y ← exp(−w·x)"),
    _case("a root", "y = math.sqrt(x * x + self.w)", "y ← √(x² + w)"),
    _case("a root that a formula takes", "y = self.w * math.sqrt(x)", "y ← w·√x", xs=_RISING),
    _case("a sum of squares below", "y = x / (x * x + 1.0)", "y ← x / (x² + 1)"),
    _case("a size below", "y = x / (abs(x) + 1.0)", "y ← x / (|x| + 1)"),
    _case("a root below", "y = x / (math.sqrt(x * x) + 1.0)", "y ← x / (√(x²) + 1)"),
    _case("an exponential below", "y = x / (1 + math.exp(-x))", "y ← x / (1 + exp(−x))"),
    _case("a function of NumPy", "y = np.exp(-self.w * x)", "y ← exp(−w·x)", xs=_ARRAYS),
    _case("a maximum", "y = self.w * max(x, 1.0)", "y ← w·max(x, 1)"),
    _case("a maximum of arrays", "y = self.w * np.maximum(x, 1.0)", "y ← w·max(x, 1)", xs=_ARRAYS),
    _case("a clip", "y = np.clip(x, -self.w, self.w)", "y ← clip(x, −w, w)", xs=_ARRAYS),
    _case("a step that checks first", 'if x > 1e9:\n    raise ValueError("x")\ny = self.w * x'),
    _case("a counter", "self.t += 1\ny = x / (1 - 0.5**self.t)", "y ← x/(1 − 0.5ᵗ)", init=_START),
    _case(
        "a switch that is configured",
        "y = self.w * x if self.on else 0.0",
        args="w=0.5, on=True",
        init="self.on = on",
    ),
    _case("a mean", "self.m = self.m + self.w * (x - self.m)\ny = self.m", "y ← mₜ"),
    _case("a mean of arrays", "self.m = self.m + self.w * x\ny = self.m", "y ← mₜ", xs=_ARRAYS),
]
