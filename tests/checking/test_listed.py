"""A line of a list that was copied, and still names the code of the other line, is found."""

from pathlib import Path

import pytest

from tests.checking.tiny import STEP, check, of_class

LINE = "    * $mₜ$ is `self.m`, the state\n"
BETAS = "    * $β₁$ is `self.betas[0]`, how slowly it forgets\n"
MORE = """
    def more(self, x):
        \"\"\"
        * $y$ is `x`, by another name in another list
        \"\"\"
"""


def problems(folder: Path, line: str) -> list[str]:
    source = of_class(STEP + MORE).replace(LINE, LINE + BETAS + line)
    source = source.replace("self.m = 0.0", "self.m, self.betas = 0.0, (0.5, 0.9)")
    found = check(folder, source).problems
    return [each for each in found if "in the same list" in each]


@pytest.mark.parametrize(
    ("line", "symbol", "first"),
    [
        ("    * $β₂$ is `self.betas[0]`, how slowly\n", "β₂", "β₁"),
        ("    * $y$ is `self.betas[0]`, another one\n", "y", "β₁"),
    ],
)
def test_an_entry_has_one_symbol_in_a_list(
    tmp_path: Path, line: str, symbol: str, first: str
) -> None:
    [problem] = problems(tmp_path, line)
    code = line.split("`")[1]
    expected = f": `{symbol}`: `{code}` is `{first}` in the same list; correct one"
    assert problem.endswith(expected)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "    * $m₀$ is `self.m` at entry, what it was\n",
        "    * $ρ > 2$ is any number of steps\n",
    ],
)
def test_one_symbol_for_an_entry_is_no_problem(tmp_path: Path, line: str) -> None:
    assert problems(tmp_path, line) == []
