"""A formula is refused that fails where no configuration leads, and only then."""

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from sidebyside.doubts.meanwhile import MOST_LINES, ending
from sidebyside.report import Entry
from sidebyside.trace.recorder import TooLongError
from tests.checking.falsehoods.table import Case, entry_of
from tests.checking.falsehoods.tensors import CLASS, CONFIGURATIONS, MEMORY
from tests.checking.tiny import check, entry, of_class


def found(tmp_path: Path, body: str, formula: str, **more: str) -> Entry:
    return entry_of(Case("a case", "", body, formula, **more), tmp_path)


HIDDEN = "# y ← w·x\ny = limited(self.w * x)\nreturn y"
HELPER = "def limited(v):\n    return min(v, 100.0)\n"


def test_the_message_says_what_was_changed_and_what_to_do(tmp_path: Path) -> None:
    detail = found(tmp_path, HIDDEN, "y ← w·x", top=HELPER).detail
    assert detail.startswith("disagrees with lines ")
    assert "(X() with inputs of other sizes, step 3): formula 1303.26, code 100; " in detail
    assert detail.endswith("no configuration shows this, so add one")


def test_outside_the_declared_domain_nothing_is_tried(tmp_path: Path) -> None:
    notes = "* $−10 < q < 10$ is `x`, a small input\n* $0 < u < 1$ is `self.w`, a share"
    result = found(tmp_path, HIDDEN, "y ← w·x", top=HELPER, notes=notes)
    assert result.status == "tried"


def test_a_setting_that_never_changes_is_changed(tmp_path: Path) -> None:
    body = "# y ← 2·x\ny = self.k * x\nreturn y"
    detail = found(tmp_path, body, "y ← 2·x", args="w=0.5, k=2.0", init="self.k = k").detail
    assert "(X() with `k` = 1.57, step 1): formula 6, code 4.71" in detail


LARGER = "# y ← w·max(x, 1)\ny = max(self.w * x, self.w)\nreturn y"


def test_a_setting_has_the_other_sign_and_the_message_says_what_to_do(tmp_path: Path) -> None:
    detail = found(tmp_path, LARGER, "y ← w·max(x, 1)").detail
    assert "with `w` = -0.5 among its settings, step 1): formula -1.5, code -0.5; " in detail
    assert "let the constructor refuse it, or add a configuration with it" in detail


def test_a_setting_keeps_to_its_domain(tmp_path: Path) -> None:
    notes = "* $0 ≤ u < 1$ is `self.w`, a share"
    assert found(tmp_path, LARGER, "y ← w·max(x, 1)", notes=notes).status == "tried"


def test_a_setting_that_the_constructor_refuses_is_no_finding(tmp_path: Path) -> None:
    init = "if w < 0: raise ValueError('below 0')"
    assert found(tmp_path, LARGER, "y ← w·max(x, 1)", init=init).status == "tried"


def test_what_raises_in_a_changed_run_is_no_finding(tmp_path: Path) -> None:
    body = """
if abs(x) > 5:
    raise ValueError("too large")

# y ← w·x
y = self.w * x
return y
"""
    assert found(tmp_path, body, "y ← w·x").status == "proved"


def test_a_changed_run_that_does_not_end_is_left(tmp_path: Path) -> None:
    body = """
while x > 50:
    pass

# y ← w·x
y = self.w * x
return y
"""
    assert found(tmp_path, body, "y ← w·x").status == "tried"


def test_what_comes_between_two_steps_is_ended_after_many_lines() -> None:
    def count(most: int) -> None:
        for _ in range(most):
            pass

    for most in (MOST_LINES // 10, 10 * MOST_LINES):
        before = sys.gettrace()
        sys.settrace(ending())
        try:
            with pytest.raises(TooLongError) if most > MOST_LINES else nullcontext():
                count(most)
        finally:
            sys.settrace(before)


def test_an_input_of_one_sign_keeps_it(tmp_path: Path) -> None:
    body = "# y ← w·√(x²)\ny = self.w * x\nreturn y"
    result = found(tmp_path, body, "y ← w·√(x²)", xs="1.5, 2.25, 3.5")
    assert (
        "with `x` in place of `√(x²)` it would" in result.detail
    )  # which is told, without a changed run


def test_the_class_is_as_before_afterwards(tmp_path: Path) -> None:
    body = """
    def step(self, x):
        # mₜ ← mₜ₋₁ + x
        self.m = self.m + x
"""
    runs = """
from tiny import X

STEP = vars(X)["step"]

def configurations():
    yield X, {}

def run(cls, arguments, count):
    it = cls(**arguments)
    seen.append(vars(X)["step"] is STEP)
    for x in (1.0, -2.0, 0.5):
        count(it)
        it.step(x)

seen = []
"""
    report = check(tmp_path, of_class(body), runs)
    assert entry(report, "mₜ ← mₜ₋₁ + x").status == "proved"
    assert vars(sys.modules["tiny"].X)["step"].__qualname__ == "X.step"
    assert not hasattr(vars(sys.modules["tiny"].X)["step"], "__wrapped__")


BOUNDED = """

def bounded(change):
    return change.where(change.abs() < {limit}, {limit})
"""


@pytest.mark.parametrize(("limit", "status"), [("50", "failed"), ("torch.inf", "tried")])
def test_gradients_are_changed_where_the_user_gives_them(
    tmp_path: Path, limit: str, status: str
) -> None:
    source = CLASS.format(change='bounded(group["lr"] * grad)') + BOUNDED.format(limit=limit)
    report = check(tmp_path, source, CONFIGURATIONS, **MEMORY)
    assert entry(report, "θₜ ← θₜ₋₁ − α·gₜ").status == status


@pytest.mark.parametrize(("limit", "status"), [("40", "failed"), ("torch.inf", "tried")])
def test_many_steps_are_taken_by_the_method_that_the_run_calls(
    tmp_path: Path, limit: str, status: str
) -> None:
    source = CLASS.format(change='(group["lr"] * grad).where(torch.tensor(self.t < LIMIT), 0.0)')
    source = source.replace("LIMIT", limit).replace("param.sub_", "self.t += 1\n        param.sub_")
    source = source.replace("lr=lr))", "lr=lr))\n        self.t = 0")
    report = check(tmp_path, source, CONFIGURATIONS, **MEMORY)
    assert entry(report, "θₜ ← θₜ₋₁ − α·gₜ").status == status


@pytest.mark.parametrize("skips", [True, False], ids=["skips none", "wants all gradients"])
def test_many_more_steps_are_taken_whether_or_not_each_parameter_has_a_gradient(
    tmp_path: Path, skips: bool
) -> None:
    late = 'state["n"] = state.get("n", 0) + 1\n        rate = group["lr"] * (state["n"] < 90)\n'
    source = CLASS.format(change="rate * grad").replace(
        "        param.sub_", f"        {late}        param.sub_"
    )
    if skips:
        loop = '            for param in group["params"]:\n'
        assert loop in source
        source = source.replace(
            loop, f"{loop}                if param.grad is None:\n                    continue\n"
        )
    one = "param = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)\n"
    two = CONFIGURATIONS.replace(one, f"{one}    other = torch.ones(3, dtype=torch.float64)\n")
    count = "        count(param)\n"
    gradient = "param.grad.sum() * torch.ones(3, dtype=torch.float64)"
    counts = f"        other.grad = {gradient}\n{count}        count(other)\n"
    two = two.replace("cls([param],", "cls([param, other],").replace(count, counts)
    report = check(tmp_path, source, two, **MEMORY)
    [found] = [each for each in report.entries["tiny.py"] if each.text == "θₜ ← θₜ₋₁ − α·gₜ"]
    assert found.status == "failed"
    assert "with many more steps, step " in found.detail


@pytest.mark.parametrize("formula", ["mₜ = Σ_{i=1}^{t} wᵗ⁻ⁱ·xᵢ", "m₁ = x₁"])
def test_what_is_said_of_many_steps_supposes_that_settings_stay(
    tmp_path: Path, formula: str
) -> None:
    body = "# mₜ ← w·mₜ₋₁ + x\nself.m = self.w * self.m + x"
    notes = "* $xₜ$ is `x`, the input of a step"
    doc = f"So ${formula}$.\n"
    result = found(tmp_path, body, formula, doc=doc, notes=notes)
    assert result.status in ("tried", "proved"), result.detail
