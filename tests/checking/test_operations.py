"""An operation that never changed a number shows nothing; to find out changes nothing either."""

from pathlib import Path

import pytest

from tests.checking.falsehoods.table import AGREE, Case, entry_of


def detail(tmp_path: Path, body: str, formula: str = "y ← w·x", **more: str) -> str:
    found = entry_of(Case("a case", "", body, formula, **more), tmp_path)
    return f"{found.status}: {found.detail}"


def test_the_message_says_where_it_is_and_what_it_leaves(tmp_path: Path) -> None:
    body = "p = x * x + 0.1\n\n# y ← w·p\ny = self.w * f(p)\nreturn y"
    top = "def f(v):\n    return g(v)\n\ndef g(v):\n    return abs(v)\n"
    found = detail(tmp_path, body, "y ← w·p", top=top, notes="* $p$ is `p`, positive")
    assert found == (
        "failed: tiny.py:12: `abs(v)` is `v` in all runs; add a configuration in which it is not"
    )


def test_what_no_line_of_the_formula_calls_is_left_alone(tmp_path: Path) -> None:
    body = "p = abs(x * x)\nself.p = max(p, -1.0)\n\n# y ← w·x\ny = self.w * x\nreturn y"
    assert detail(tmp_path, body).startswith(AGREE)


def test_one_run_in_which_it_has_an_effect_is_enough(tmp_path: Path) -> None:
    body = "# y ← w·|x|\ny = self.w * f(x)\nreturn y"
    top = "def f(v):\n    return abs(v)\n"
    assert detail(tmp_path, body, "y ← w·|x|", top=top).startswith(AGREE)


@pytest.mark.parametrize(
    "call", ["COUNT.add(x)", "count(x)", "[COUNT.add(x)][0]", "max(COUNT.add(x), -1e9)"]
)
def test_what_may_do_something_is_not_done_twice(tmp_path: Path, call: str) -> None:
    top = """
class Count:
    def __init__(self):
        self.t = 0

    def add(self, v):
        self.t += 1
        return v

COUNT = Count()

def count(v):
    return COUNT.add(v)
"""
    body = f"""
before = COUNT.t
v = {call}
if COUNT.t != before + 1:
    raise RuntimeError("done twice")

# y ← w·x
y = self.w * x
return y
"""
    assert detail(tmp_path, body, top=top).startswith(AGREE)


def test_zero_added_by_hand_is_no_operation(tmp_path: Path) -> None:
    assert detail(tmp_path, "# y ← w·x\ny = 0 + self.w * x\nreturn y").startswith(AGREE)


@pytest.mark.parametrize(
    "line",
    [
        "v.add_(0).clamp_(max=1e9)",
        "v.add_(1).add_(-1, alpha=1)",
        "w = v.add_(1).sum(dim=0)",
        "w = v.add_(1).norm() // 3",
        "v.add_(1).abs_()",
    ],
)
def test_no_method_that_changes_a_tensor_is_called_twice(tmp_path: Path, line: str) -> None:
    top = """
import torch

class V:
    def __init__(self):
        self.calls = 0

    def add_(self, *given, **named):
        self.calls += 1
        return torch.ones(2)

v = V()
"""
    body = f"""
before = v.calls
{line}
if v.calls != before + 1:
    raise RuntimeError("done twice")

# y ← w·x
y = self.w * x
return y
"""
    assert detail(tmp_path, body, top=top).startswith(AGREE)
