"""
What must not be proved, as it is false for what users do besides the steps of a run.

They give an object its own memory, keep what it has returned, make a subclass, replace a method. As
[elsewhere](proofs.py), no doubt is asked.
"""

from tests.checking.falsehoods.proofs import _ARRAYS as ARRAYS
from tests.checking.falsehoods.proofs import _SCALED as SCALED
from tests.checking.falsehoods.proofs import _START as START
from tests.checking.falsehoods.proofs import _case as case_of

# An input that is the object's own memory, or a part of it.
_MEMORY = {"init": "self.m = np.zeros(2)", "xs": ARRAYS}
SHARED = [
    case_of("an input that is memory", "self.m += x\ny = self.w * x", **_MEMORY),
    case_of("a part of memory", "self.m += x\nself.m /= 2\ny = self.w * x", **_MEMORY),
    case_of("memory, by out", "np.add(self.m, x, out=self.m)\ny = self.w * x", **_MEMORY),
    case_of(
        "memory that no list names",
        "self.b *= 2.0\ny = self.w * x",
        init="self.b = np.ones(2)",
        xs=ARRAYS,
    ),
]

# What is returned, and overwritten by the next step.
RETURNED = [
    case_of("a buffer", "self.m.fill(0.0)\nself.m += self.w\ny = self.m", "y ← w", **_MEMORY),
    case_of(
        "a buffer by another name",
        "b = self.m\nb.fill(0.0)\nb += self.w\ny = b",
        "y ← w",
        **_MEMORY,
    ),
    case_of(
        "a buffer of an object",
        "self.o.b.fill(0.0)\nself.o.b += self.w\ny = self.o.b",
        "y ← w",
        top="class O:\n    def __init__(self):\n        self.b = np.zeros(2)\n",
        init="self.o = O()",
        xs=ARRAYS,
    ),
]

_COUNTED = "self.t += 1\ny = x / (1 - 0.5**self.t)"
_SUBCLASS = (
    "def make():\n    class Y(X):\n        def __init__(self, w):\n"
    "            super().__init__(w)\n            self.t = {}\n\n    return Y\n"
)
# A counter that does not begin with nothing.
STARTS = [
    case_of(f"a counter that begins {name}", _COUNTED, "y ← x/(1 − 0.5ᵗ)", **rest)
    for name, rest in {
        "later in a subclass": {"init": START, "top": _SUBCLASS.format("1")},
        "as an argument of a subclass says": {"init": START, "top": _SUBCLASS.format("w")},
        "as an argument says": {"init": "self.t = t", "args": "w=0.5, t=0"},
        "as a number of an argument says": {
            "init": "self.t = 0 if t is None else t",
            "args": "w=0.5, t=None",
        },
        "as whoever has it says": {
            "init": START,
            "top": "class H:\n    def __init__(self, it):\n        it.t = 5\n",
        },
        "as whoever keeps it says": {
            "init": START,
            "top": "class H:\n    def __init__(self, it):\n"
            "        self.it = it\n        self.it.t = 5\n",
        },
    }.items()
]

_TWO = "def scaled(self, x):\n    return self.w * x\n\n\ndef other(self, x):\n    return 2 * x\n"
# A method whose name may stand for another one.
REPLACED = [
    case_of(f"a method that {name}", "y = self.scaled(x)", top=top, more=_TWO)
    for name, top in {
        "a function replaces": "def change():\n    X.scaled = X.other\n",
        "a function replaces, of one object": "def change(it):\n    it.scaled = it.other\n",
        "another class replaces": "class H:\n    def __init__(self, it):\n"
        "        it.scaled = it.other\n",
    }.items()
]
REPLACED += [
    case_of(
        "a second name of a method that a function replaces",
        "y = self.scaled(x)",
        top="def change():\n    X.scaled = X.third\n",
        more="def other(self, x):\n    return self.w * x\n\n\nscaled = other\n",
    ),
    case_of(
        "a step that a function replaces",
        "y = self.w * x",
        top="def change():\n    X.step = X.other\n",
    ),
    case_of(
        "a property that a function replaces",
        "y = self.one * x",
        top="def change():\n    X.one = 2.0\n",
        more="@property\ndef one(self):\n    return self.w\n",
    ),
    case_of(
        "a function of the module that a function replaces",
        "y = scaled(x, self.w)",
        top=SCALED + "\n\ndef change(module):\n    module.scaled = None\n",
    ),
    case_of(
        "a function of NumPy that a function replaces",
        "y = self.w * np.abs(x) * (1.0 if x > 0 else -1.0)",
        top="def change():\n    np.abs = None\n",
    ),
]
CASES = [*SHARED, *RETURNED, *STARTS, *REPLACED]

# What is true, and looks like these.
TRUE = [
    case_of("memory that is changed last", "y = self.w * x\nself.m += x", **_MEMORY),
    case_of(
        "a copy of a buffer",
        "self.m.fill(0.0)\nself.m += self.w\ny = self.m.copy()",
        "y ← w",
        **_MEMORY,
    ),
    case_of(
        "a counter, beside that of a stranger",
        _COUNTED,
        "y ← x/(1 − 0.5ᵗ)",
        init=START,
        top="class H:\n    def __init__(self):\n        self.t = 1\n",
    ),
    case_of(
        "a method beside one that a function replaces",
        "y = self.scaled(x)",
        top="def change():\n    X.other = None\n",
        more=_TWO,
    ),
]
