"""Falsehoods: identities without code."""

from tests.checking.falsehoods.table import Case

CASES = [
    Case(
        "id-abs",
        "identity",
        """
self.m = self.m + x
""",
        "√(ρ²) = ρ",
        doc="    √(ρ²) = ρ\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-log",
        "identity",
        """
self.m = self.m + x
""",
        "log(ρ²) = 2·log(ρ)",
        doc="    log(ρ²) = 2·log(ρ)\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-power",
        "identity",
        """
self.m = self.m + x
""",
        "(ρ²)^{1/2} = ρ",
        doc="    (ρ²)^{1/2} = ρ\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-div",
        "identity",
        """
self.m = self.m + x
""",
        "ρ² / ρ = ρ",
        doc="    ρ² / ρ = ρ\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-tan",
        "identity",
        """
self.m = self.m + x
""",
        "tan(ρ)·cos(ρ) = sin(ρ)",
        doc="    tan(ρ)·cos(ρ) = sin(ρ)\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-ineq",
        "identity",
        """
self.m = self.m + x
""",
        "ρ² > ρ − 1/4",
        doc="    ρ² > ρ − 1/4\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-exp",
        "identity",
        """
self.m = self.m + x
""",
        "exp(ρ) > 0.001",
        doc="    exp(ρ) > 0.001\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-approx",
        "identity",
        """
self.m = self.m + x
""",
        "1 / (1 + ρ) ≈ 1 / ρ",
        doc="    1 / (1 + ρ) ≈ 1 / ρ\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-floor-like",
        "identity",
        """
self.m = self.m + x
""",
        "(ρ + 1)² > ρ²",
        doc="    (ρ + 1)² > ρ²\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-near",
        "identity",
        """
self.m = self.m + x
""",
        "(ρ² + 1)^{1/2} ≥ ρ + 1/100000000",
        doc="    (ρ² + 1)^{1/2} ≥ ρ + 1/100000000\n",
        notes="* $ρ > −1000$ is a number",
    ),
    Case(
        "id-sum",
        "identity",
        """
self.m = self.m + x
""",
        "Σ_{i=1}^{n} i = n² / 2 + n / 2 + 1/1000000000000",
        doc="    Σ_{i=1}^{n} i = n² / 2 + n / 2 + 1/1000000000000\n",
        notes="* $n$ is a count",
    ),
]
