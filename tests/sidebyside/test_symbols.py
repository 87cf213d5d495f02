"""Code is tied to the symbols it stands for: by what is said, by assignment, and by spelling."""

import pytest

from sidebyside.rendering.code import highlight
from sidebyside.rendering.names import Link
from sidebyside.rendering.symbols import Spot, spots
from sidebyside.source.notation_reading import read_notation
from sidebyside.source.sections import Module, parse_source

LIST = """
    * $mₜ$ is `state["mean"]`, the mean
    * $gₜ$ is `grad`, the gradient
    * $β₁$ is `group["betas"][0]`, a share
    * $β₂$ is `group["betas"][1]`, another
    * $ρ_∞$ is any number
    * $vₜ$ is `v`, a mean of squares
"""


def written(body: str, extra: str = "") -> Module:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    docstring = f'    """\n    # A\n{LIST}    """\n'
    method = f'    def step(self, state, group, grad):\n        """{extra}"""\n{lines}'
    return parse_source("a.py", f"class A:\n{docstring}\n{method}")


def tied(body: str, extra: str = "") -> list[str]:
    """What stands for which symbol in the body of a method, in its order."""
    module = written(body, extra)
    start = next(line.number for line in module.lines if "def step" in line.text) + 1
    return [
        f"{module.lines[spot.line - 1].text[spot.start : spot.end]}: {spot.symbol}"
        for spot in spots(module, read_notation([module]))
        if spot.line > start
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # What a list says, the outermost expression alone.
        ('state["mean"].add_(grad)', ['state["mean"]: m', "grad: g"]),
        ('x = group["betas"][1] * 2', ['group["betas"][1]: beta-2']),
        # Names that an assignment gives, one by one or several at once.
        ('mean = state["mean"]\nx = mean', ["mean: m", 'state["mean"]: m', "mean: m"]),
        ('a, b = group["betas"]\nx = b', ["a: beta-1", "b: beta-2", "b: beta-2"]),
        (
            '(a, b), c = group["betas"], state["mean"]',
            ["a: beta-1", "b: beta-2", "c: m", 'state["mean"]: m'],
        ),
        # The spelling.
        ("rho_inf = 2\nx = 1 / rho_inf", ["rho_inf: rho-infinity", "rho_inf: rho-infinity"]),
        ("x = beta1", []),  # a name of somewhere else
        ("beta1 = 3", ["beta1: beta-1"]),
        # A name that is sometimes another thing stands for nothing.
        ('mean = state["mean"]\nmean = 0', ['state["mean"]: m']),
        ('mean = state["mean"]\nmean += 1', ['state["mean"]: m']),
        ('mean = state["mean"]\nfor mean in x: pass', ['state["mean"]: m']),
        ('first, *mean = state["mean"]', ['state["mean"]: m']),
        # Letters outside of ASCII are one column each.
        ('x = "ψψ", grad', ["grad: g"]),
    ],
)
def test_what_stands_for_a_symbol_is_found(body: str, expected: list[str]) -> None:
    assert tied(body) == expected


def test_what_a_method_says_of_a_name_comes_first() -> None:
    assert tied("v.sqrt()") == ["v: v"]
    said = "\n        * $uₜ$ is `v`, the largest\n        "
    assert tied("v.sqrt()", said)[-1] == "v: u"


def test_a_symbol_lies_over_the_colors_and_gives_way_to_a_link() -> None:
    module = parse_source("f.py", 'x = state["mean"] + grad\n')
    html = highlight(module, [Link(1, 20, 24, "g/", "grad", False)], [Spot(1, 4, 17, "m")])
    assert '<span data-sym="m">state[<span class="s2">&quot;mean&quot;</span>]</span>' in html[
        1
    ].replace('"mean"', "&quot;mean&quot;")
    both = highlight(module, [Link(1, 4, 9, "s/", "state", False)], [Spot(1, 4, 17, "m")])
    assert "data-sym" not in both[1]
    assert '<a class="sbs-name"' in both[1]
