"""What sentences say of a step, and inequalities, are proved by runs on symbols."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy

from sidebyside.algebra.domain import Domain
from sidebyside.algebra.following import signs_under
from sidebyside.report import Entry
from tests.checking.test_ground import CONFIGURATIONS, SOURCE, taken_for_ours
from tests.checking.tiny import CONFIGURATIONS as CONFIGURATIONS_OF_X
from tests.checking.tiny import check, of_class

RUN = """
def run(cls, arguments, count, gradients=None):
    own = torch.stack([torch.sin(torch.arange(1, 3).double() * t**1.5) for t in range(1, 6)])
    rows = own if gradients is None else torch.tensor(gradients)
    param = torch.ones(len(rows[0]), dtype=torch.float64, requires_grad=True)
    it = cls([param], **arguments)
    for row in rows:
        param.grad = row.clone()
        count(param)
        it.step()
"""
ATTACKED = CONFIGURATIONS.format(beta=0.8).partition("def run")[0] + RUN


def told(folder: Path, body: str, text: str) -> Entry:
    """What becomes of a formula in or beside some lines of a step."""
    source = SOURCE.format(
        body="\n".join(f"        {line}" for line in body.splitlines()), beta="0 < β < 1"
    )
    settings = {"entry": "step_param", "memory": ("state", "param")}
    with taken_for_ours():
        report = check(folder, source, ATTACKED, **settings)
    return next(each for each in report.entries["tiny.py"] if each.text == text)


BRANCH = """if group["lr"] > 0.2:
    # {text}
    rate = 1.0 * rate
"""
PLAIN = """# Of course ${text}$.
grad = grad * 1.0
"""


@pytest.mark.parametrize("text", ["α > 0.2", "α ≥ 0.2", "α > 0.1", "2·α ≠ 0.4", "−α < −1/5"])
def test_what_a_branch_asks_is_proved_in_it(tmp_path: Path, text: str) -> None:
    found = told(tmp_path, BRANCH.format(text=text), text)
    assert found.status == "proved", found.detail
    assert 'in the steps in which `group["lr"] > 0.2`' in found.detail


@pytest.mark.parametrize("text", ["α ≥ 0.3", "α > 0.21", "α < 1", "α·gₜ < 10^{200}", "β ≥ 0.8"])
def test_what_only_the_runs_show_of_a_branch_is_not_proved(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, BRANCH.format(text=text), text).status != "proved"


@pytest.mark.parametrize(
    "text", ["gₜ − β·gₜ = (1 − β)·gₜ", "gₜ² ≥ 0", "β·|gₜ| ≤ |gₜ|", "gₜ² + 1 > 0", "gₜ² ≥ 2·gₜ − 1"]
)
def test_what_a_sentence_says_of_a_step_is_proved(tmp_path: Path, text: str) -> None:
    found = told(tmp_path, PLAIN.format(text=text), text)
    assert found.status == "proved", found.detail


@pytest.mark.parametrize(
    "text",
    [
        "gₜ < 10^{200}",
        "gₜ² > −10^{−300}·gₜ",
        "gₜ² > 0",
        "gₜ / gₜ = 1",
        "√(gₜ²) = gₜ",
        "β·gₜ² ≤ gₜ",
        "α·β < 0.25",
    ],
)
def test_what_may_be_false_of_other_steps_is_not_proved(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, PLAIN.format(text=text), text).status != "proved"


CALLED = """
    def helper(self, y, w):
        \"\"\"
        Of course ${text}$.

        * $y$ is `y`, a number
        * $w$ is `w`, a number
        * $z$ is `z`, a number
        \"\"\"
        # z = 2·y + w
        z = 2 * y + w
        return z

    def step(self, x):
        # mₜ ← mₜ₋₁ + x
        self.m = self.m + x
        return {call}
"""


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("self.helper(x, x)", "y = w"),
        ("self.helper(x, 3 * x)", "w = 3·y"),
        ("self.helper(x, self.m)", "w = mₜ"),
        ("self.helper(x * x, self.m)", "√(y²) = y"),
    ],
)
def test_what_is_true_of_the_calls_of_a_class_only_is_not_proved_of_a_function(
    tmp_path: Path, call: str, text: str
) -> None:
    report = check(tmp_path, of_class(CALLED.format(call=call, text=text)), CONFIGURATIONS_OF_X)
    found = next(each for each in report.entries["tiny.py"] if each.text == text)
    assert found.status != "proved", found.detail


x, y = sympy.symbols("x y", real=True)
ANYWHERE = {x: Domain(), y: Domain()}


@pytest.mark.parametrize(
    ("condition", "expression", "expected"),
    [
        (x > 5, x - 5, {1}),
        (x > 5, x - 4, {1}),
        (x > 5, x - 6, {-1, 0, 1}),
        (x >= 5, x - 5, {0, 1}),
        (x >= 5, 5 - x, {-1, 0}),
        (sympy.Not(x <= 5), x - 5, {1}),
        (sympy.Eq(x, y), x - y, {0}),
        (sympy.Ne(x, y), x - y, {-1, 1}),
        (sympy.Ne(x, y), x - y + 1, {-1, 0, 1}),
        (x < y, x - y, {-1}),
        (x < y, 3 * y - 3 * x, {1}),
        (x * y > x, x**2 * y + y - x**2 - 1, {-1, 0, 1}),
        (y > 1, x**2 * y + y - x**2 - 1, {1}),
        (y > 1, x * y - x, {-1, 0, 1}),
        (y > 1, 1 / (y - 1), {1}),
        (y >= 1, 1 / (y - 1), {-1, 0, 1}),
        (y > 1, (y - 1) * (y + x**2), {1}),
        (x < y, x**2 - y**2, {-1, 0, 1}),
        (x**2 > 4, x - 2, {-1, 0, 1}),
    ],
    ids=str,
)
def test_a_condition_says_which_signs_are_left(condition, expression, expected) -> None:  # type: ignore[no-untyped-def]
    assert signs_under([condition], expression, ANYWHERE) == expected
