"""Our own classes, damaged on the way from the user's call to the method that takes the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labml_nn_optim import AdaBelief, Adam, WeightDecay, ada_belief
from labml_nn_optim.checks import switches
from sidebyside.checking.checker import Checker
from sidebyside.checking.coverage import lost_arguments
from sidebyside.checking.settings import configuration
from sidebyside.trace.trace import Recording
from tests.checking.our_pages import pages

Step = Callable[..., None]


def record(cls: type, **arguments: Any) -> Recording:
    found = configuration(cls, arguments)
    recorder = pages().package.recorder()
    return recorder.record(
        lambda count: pages().run(cls, arguments, count), cls, found.label, arguments
    )


def wrong_rows(recording: Recording) -> set[str]:
    """The rows of Adam's docstring that a recording refutes."""
    checker = Checker(pages().package.meanings, [recording])
    rows = [c for c in pages().claims if c.kind == "row" and c.scope.name == "Adam"]
    assert len(rows) >= 5
    return {claim.text for claim in rows if checker.verdict(claim).status == "failed"}


def test_undamaged_adam_refutes_no_row() -> None:
    assert wrong_rows(record(Adam)) == set()


def test_a_learning_rate_that_a_hook_squares_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Adam.get_lr
    monkeypatch.setattr(Adam, "get_lr", lambda self, group, t: right(self, group, t) ** 2)
    assert "θₜ ← θₜ₋₁ − α·m̂ₜ / (√v̂ₜ + ε)" in wrong_rows(record(Adam))


DAMAGES: dict[str, Callable[[Step], Step]] = {
    "the gradient turned around": lambda step: (
        lambda self, state, group, grad, param: step(self, state, group, -grad, param)
    ),
    "the gradient clipped": lambda step: (
        lambda self, state, group, grad, param: step(self, state, group, grad.clamp(-1, 1), param)
    ),
    "another decay rate": lambda step: (
        lambda self, state, group, grad, param: step(
            self, state, {**group, "betas": group["betas"][::-1]}, grad, param
        )
    ),
    "no ε": lambda step: (
        lambda self, state, group, grad, param: step(
            self, state, {**group, "eps": 0.0}, grad, param
        )
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_happens_before_the_step_is_noticed(
    damage: Callable[[Step], Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Adam, "step_param", damage(Adam.step_param))
    assert wrong_rows(record(Adam))


def test_what_happens_after_the_step_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Adam.step

    def step(self: Any) -> None:
        right(self)
        for group in self.param_groups:
            for param in group["params"]:
                param.data *= 0.999

    monkeypatch.setattr(Adam, "step", step)
    assert wrong_rows(record(Adam))


@pytest.mark.parametrize("name", ["rectify", "eps_in_state"])
def test_a_switch_that_is_not_handed_on_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(defaults: Any, **flags: Any) -> Any:
        return switches(defaults, **{**flags, name: True})

    assert list(lost_arguments([record(AdaBelief, **{name: False})])) == []
    monkeypatch.setattr(ada_belief, "switches", damaged)
    [(owner, _, problem)] = lost_arguments([record(AdaBelief, **{name: False})])
    assert owner is AdaBelief
    assert problem.startswith(f"`{name}` was given as False, and the settings have True")


def test_an_argument_that_is_an_object_may_replace_others() -> None:
    made = record(Adam, weight_decay=WeightDecay(0.1))
    assert list(lost_arguments([made])) == []
