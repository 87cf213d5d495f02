"""A proof stands on symbols only: nothing else that the code looks at decides what it computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidebyside.proving import driven
from sidebyside.report import Entry
from tests.checking.tiny import check

SOURCE = '''"""
# Tiny
"""

import torch
from torch.optim import Optimizer

MODE = 0
LIMITS = {{"low": 0}}


class X(Optimizer):
    """
    ## X

    * $θₜ$ is `param`, the parameter
    * $gₜ$ is `grad`, the gradient
    * $α$ is `group["lr"]`, the step size
    * ${beta}$ is `group["beta"]`, a share
    """

    def __init__(self, params, lr=0.1, beta=0.5, mu=0.0):
        super().__init__(params, dict(lr=lr, beta=beta, mu=mu))
        self.count, self.seen, self.fixed = 0, [], 1.0

    def init_state(self, state, group, param):
        state.setdefault("m", torch.zeros_like(param))

    def at_step(self, group, t):
        return dict(group)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                self.init_state(self.state[param], group, param)
                self.step_param(self.state[param], self.at_step(group, 1), param.grad, param)

    def step_param(self, state, group, grad, param):
        rate = group["lr"]
{body}
        # θₜ ← θₜ₋₁ − α·gₜ
        param.sub_(grad * rate)
        # (1 − β)·gₜ
        share = grad * (1 - group["beta"])
'''
CONFIGURATIONS = """
import torch
from tiny import X

def configurations():
    yield X, {{}}
    yield X, {{"lr": 0.3, "beta": {beta}}}

def run(cls, arguments, count):
    param = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    it = cls([param], **arguments)
    for t in range(1, 6):
        param.grad = torch.sin(torch.arange(1, 3, dtype=torch.float64) * t**1.5)
        count(param)
        it.step()
"""


@contextmanager
def taken_for_ours() -> Iterator[None]:
    """Take this class for the one of which our optimizers are made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driven, "OURS", ("tiny", "X"))
        yield


def entries(folder: Path, body: str, declared: str = "β", beta: float = 0.8) -> dict[str, Entry]:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    source = SOURCE.format(body=lines, beta=declared)
    settings = {"entry": "step_param", "memory": ("state", "param")}
    with taken_for_ours():
        report = check(folder, source, CONFIGURATIONS.format(beta=beta), **settings)
    return {entry.text: entry for entry in report.entries["tiny.py"]}


GROUNDED = {
    "nothing else": "",
    "an attribute that stays": "rate = rate * self.fixed",
    "a kind that is as it seems": "if isinstance(param, torch.Tensor):\n    rate = 1.0 * rate",
}
UNSEEN = {
    "the number of elements": "if param.numel() > 99:\n    rate = 0",
    "the data type": 'if hasattr(grad, "dtype") and grad.dtype != torch.float64:\n    rate = 0',
    "what is caught": "try:\n    grad.norm()\nexcept Exception:\n    rate = 2 * rate / 2",
    "a switch of the module": "if MODE:\n    rate = 0",
    "another kind": "if not isinstance(param, torch.Tensor):\n    rate = 0",
}
ONE_WAY = {
    "the shape": "rate = rate if len(grad.shape) < 6 else 0",
    "a table of the module": 'rate = rate if LIMITS["low"] == 0 else 0',
}
LATER = {
    "a counter on the object": "self.count += 1\nrate = rate if self.count < 50 else 0.0",
    "a list on the object": "self.seen = [*self.seen, 1.0]\nrate *= len(self.seen) < 9",
}
IDLE = {
    "a counter without effect": "self.count += 1\nrate = rate if self.count < 50 else 1.0 * rate",
    "a list without effect": "self.seen = [*self.seen, 1.0]\nrate = rate + 0 * len(self.seen)",
}
UNGROUNDED = {
    "a statement about a global": "global MODE\nMODE += 1",
    "a number that is 0 in all runs": 'grad = grad + group["mu"] * param',
}


@pytest.mark.parametrize("body", GROUNDED.values(), ids=GROUNDED)
def test_what_depends_on_symbols_only_is_proved(tmp_path: Path, body: str) -> None:
    assert entries(tmp_path, body)["θₜ ← θₜ₋₁ − α·gₜ"].status == "proved"


@pytest.mark.parametrize("body", UNSEEN.values(), ids=UNSEEN)
def test_what_a_line_does_that_never_ran_nobody_has_seen(tmp_path: Path, body: str) -> None:
    found = entries(tmp_path, body)["θₜ ← θₜ₋₁ − α·gₜ"]
    assert found.status == "failed"
    assert "ran in no configuration" in found.detail


@pytest.mark.parametrize(
    "body", [*ONE_WAY.values(), *LATER.values(), *IDLE.values()], ids=[*ONE_WAY, *LATER, *IDLE]
)
def test_what_else_decides_in_other_steps_is_no_part_of_a_proof(tmp_path: Path, body: str) -> None:
    assert entries(tmp_path, body)["θₜ ← θₜ₋₁ − α·gₜ"].status == "tried"


@pytest.mark.parametrize("body", UNGROUNDED.values(), ids=UNGROUNDED)
def test_what_depends_on_something_else_is_only_tried(tmp_path: Path, body: str) -> None:
    assert entries(tmp_path, body)["θₜ ← θₜ₋₁ − α·gₜ"].status == "tried"


def test_a_proof_says_for_which_numbers(tmp_path: Path) -> None:
    found = entries(tmp_path, "")
    assert found["θₜ ← θₜ₋₁ − α·gₜ"].detail.startswith("for all α > 0;")
    assert found["(1 − β)·gₜ"].detail.startswith("for all β ∈ (0, 1);")


def test_the_domain_is_the_declared_one(tmp_path: Path) -> None:
    found = entries(tmp_path, "", declared="β > 0", beta=3.0)
    assert found["(1 − β)·gₜ"].detail.startswith("for all β > 0;")


def test_a_letter_that_is_larger_than_usual_is_no_decay(tmp_path: Path) -> None:
    found = entries(tmp_path, "", beta=3.0)
    assert "β > 0" in found["(1 − β)·gₜ"].detail


def test_a_number_outside_the_declared_domain_proves_nothing_and_is_told(tmp_path: Path) -> None:
    source = SOURCE.format(body="", beta="0 < β < 1")
    settings = {"entry": "step_param", "memory": ("state", "param")}
    report = check(tmp_path, source, CONFIGURATIONS.format(beta=3.0), **settings)
    found = {entry.text: entry for entry in report.entries["tiny.py"]}
    assert found["(1 − β)·gₜ"].status == "tried"
    assert any('`group["beta"]` is 3, which is not in (0, 1)' in each for each in report.problems)
