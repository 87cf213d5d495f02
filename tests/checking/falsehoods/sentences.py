"""Falsehoods: sentences."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "sent-number",
        "sentence",
        """
self.m = self.m + x
""",
        "n = 7",
        doc="The sum of three weights is $n = 7$ for all.\n",
        notes="* $n$ is `self.n`, how many",
        init="self.n = 3",
    ),
    Case(
        "sent-limit",
        "sentence",
        """
# mₜ ← mₜ₋₁·w + x
self.m = self.m * self.w + x
""",
        "mₜ = 2·x",
        doc="With $w = 0.5$ the state is $mₜ = 2·x$.\n",
    ),
    Case(
        "sent-ge",
        "sentence",
        """
# mₜ ← mₜ₋₁·w + x
self.m = self.m * self.w + x
""",
        "mₜ ≥ −100",
        doc="The state stays $mₜ ≥ −100$ always.\n",
    ),
    Case(
        "sent-w",
        "sentence",
        """
# r ← 1 / (1 − w)
r = 1 / (1 - self.w)
return r
""",
        "r = 10",
        doc="For $w = 0.5$ the horizon is $r = 10$.\n",
    ),
    Case(
        "sent-after",
        "sentence",
        """
# r ← 1 / (1 − w)
r = 1 / (1 - self.w)
return r
""",
        "r = 1000",
        doc="For $w = 0.99$ the horizon is $r = 1000$.\n",
    ),
]
