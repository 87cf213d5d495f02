"""
What got a sign when the code had to be written in a listed language: other names for one thing,
numbers that come late, what stands in another module, and what a matrix makes of code for vectors.
"""

from tests.checking.falsehoods.table import Case

VECTORS = "np.array([3.0, -1.0]), np.array([1.5, 2.5, -4.0]), np.array([0.5, 1.0])"
TIMED = "self.t += 1\n# y ← w·x\ny = {code}\nreturn y"
LATE = "self.w * x * (1 + self.late())"
TOTAL = "* $S$ is `np.sum(x * x)`, the sum of all squares"

CASES = (
    Case(
        "mangled name",
        "language",
        "# y ← 2·x\ny = self.__rate * x\nreturn y",
        "y ← 2·x",
        init="self.__rate = 2.0",
        more="def slower(self):\n    self._X__rate = 1.0\n",
    ),
    Case(
        "written by object",
        "language",
        "# y ← 2·x\ny = self.rate * x\nreturn y",
        "y ← 2·x",
        init="self.rate = 2.0",
        more="def slower(self):\n    object.__setattr__(self, 'rate', 1.0)\n",
    ),
    Case(
        "written by way of a variable",
        "language",
        "# y ← 2·x\ny = self.known['rate'] * x\nreturn y",
        "y ← 2·x",
        init="self.known = {'rate': 2.0}",
        more="def slower(self):\n    known = self.known\n    known['rate'] = 1.0\n",
    ),
    Case(
        "late by max",
        "language",
        TIMED.format(code=LATE),
        "y ← w·x",
        init="self.t = 0",
        more="def late(self):\n    return max(0, self.t - 200)\n",
    ),
    Case(
        "late by round",
        "language",
        TIMED.format(code=LATE),
        "y ← w·x",
        init="self.t = 0",
        more="def late(self):\n    return round(self.t / 500)\n",
    ),
    Case(
        "late by digits",
        "language",
        TIMED.format(code="self.w * x * self.late()"),
        "y ← w·x",
        init="self.t = 0",
        more="def late(self):\n    return 1 / max(1, len(str(self.t)) - 2)\n",
    ),
    Case(
        "late in a table",
        "language",
        TIMED.format(code="self.w * x * self.rates[self.t]"),
        "y ← w·x",
        init="self.t = 0\n        self.rates = [1.0] * 250 + [0.5] * 250",
    ),
    Case(
        "or in a helper",
        "language",
        "# y ← w·x\ny = self.weight() * x\nreturn y",
        "y ← w·x",
        more="def weight(self):\n    return self.w or 1.0\n",
    ),
    Case(
        "a number of another module",
        "language",
        "# y ← 2·w·x\ny = self.w * x * helper.RATE\nreturn y",
        "y ← 2·w·x",
        top="import helper\n",
        helper="RATE = 2.0\n\n\ndef change(to):\n    global RATE\n    RATE = to\n",
    ),
    Case(
        "the environment of another module",
        "language",
        "# y ← 2·w·x\ny = self.w * x * RATE\nreturn y",
        "y ← 2·w·x",
        top="from helper import RATE\n",
        helper="import os\n\nRATE = float(os.environ.get('RATE', 2))\n",
    ),
    Case(
        "one function or another",
        "language",
        "# y ← w·x\ny = self.w * scaled(x)\nreturn y",
        "y ← w·x",
        top=(
            "import sys\n\nif sys.platform == 'win32':\n    def scaled(v):\n        return 2 * v\n"
            "else:\n    def scaled(v):\n        return v\n"
        ),
    ),
    Case(
        "rows by sum",
        "language",
        "# y ← S\ny = sum(x * x)\nreturn y",
        "y ← S",
        notes=TOTAL,
        xs=VECTORS,
    ),
    Case(
        "rows by dot",
        "language",
        "# y ← S\ny = x.dot(x)\nreturn y",
        "y ← S",
        notes=TOTAL,
        xs=VECTORS,
    ),
    Case("rows by @", "language", "# y ← S\ny = x @ x\nreturn y", "y ← S", notes=TOTAL, xs=VECTORS),
    Case(
        "zero to a power",
        "language",
        TIMED.format(code="self.w * x + self.late()"),
        "y ← w·x",
        init="self.t = 0",
        more="def late(self):\n    return 0.0 ** abs(300 - self.t)\n",
    ),
    Case(
        "late by exp",
        "language",
        TIMED.format(code="self.w * x * math.exp(-self.late())"),
        "y ← w·x",
        init="self.t = 0",
        more="def late(self):\n    return 1e-30 * 2.0 ** (self.t / 3)\n",
    ),
    Case(
        "late by a quotient",
        "language",
        TIMED.format(code=LATE),
        "y ← w·x",
        init="self.t = 0",
        more="def late(self):\n    whole, part = divmod(self.t, 400)\n    return whole\n",
    ),
    Case(
        "late by a shift",
        "language",
        TIMED.format(code=LATE),
        "y ← w·x",
        init="self.t = 0",
        more="def late(self):\n    return self.t >> 9\n",
    ),
    Case(
        "the first of many",
        "language",
        TIMED.format(code="self.w * x * self.first()"),
        "y ← w·x",
        init="self.t = 0",
        more=(
            "def first(self):\n    first, *rest = [1.0] * max(1, 300 - self.t) + [2.0]\n"
            "    return first\n"
        ),
    ),
    Case(
        "any of the late ones",
        "language",
        "self.seen.append(x)\n# y ← w·x\ny = self.w * x * (1 + self.late())\nreturn y",
        "y ← w·x",
        init="self.seen = []",
        more="def late(self):\n    return any(self.seen[300:])\n",
    ),
    Case(
        "handed on to be changed",
        "language",
        "# y ← 2·x\ny = self.rates[0] * x\nreturn y",
        "y ← 2·x",
        init="self.rates = [2.0]",
        top="def halve(rates):\n    rates[0] /= 2\n",
        more="def slower(self):\n    halve(self.rates)\n",
    ),
    Case(
        "by its name as a text",
        "language",
        "# y ← w·x\ny = self.w * x * getattr(self, 'boost', 1.0)\nreturn y",
        "y ← w·x",
        more="def faster(self):\n    self.boost = 2.0\n",
    ),
    Case(
        "an attribute with a memory of its own",
        "language",
        "# y ← 2·x\ny = self.rate * x\nreturn y",
        "y ← 2·x",
        top="from helper import Slow\n",
        more="rate = Slow()\n",
        helper=(
            "class Slow:\n    n = 0\n\n    def __get__(self, this, owner):\n        self.n += 1\n"
            "        return 2.0 - self.n // 10**6\n"
        ),
    ),
    Case(
        "the first row",
        "language",
        "# y ← S\ny = x[0] + np.sum(x[1:])\nreturn y",
        "y ← S",
        notes="* $S$ is `np.sum(x)`, the sum",
        xs=VECTORS,
    ),
)
