"""Our own classes, damaged on the way from the user's call to the method that takes the step."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest
import torch

from labml_nn_optim import AdaBelief, Adam, RAdam, WeightDecay, ada_belief
from labml_nn_optim.checks import switches
from sidebyside.judging.checker import Checker
from sidebyside.settings import configuration
from sidebyside.trace.given import constants_of
from sidebyside.trace.trace import Recording
from sidebyside.words.constructors import lost_arguments
from tests.checking.our_pages import pages
from tests.labml_nn_optim.table import OPTIMIZERS

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


def lost(cls: type, **arguments: Any) -> list[str]:
    """The arguments of a class that do not arrive as they were given, in words."""
    package, _, run, _ = pages()
    made = [configuration(cls, arguments)]
    found = list(lost_arguments(made, run, package.bare_recorder()))
    assert {owner for owner, _, _ in found} <= {cls}
    return [problem for _, _, problem in found]


def test_all_arguments_of_our_classes_arrive() -> None:
    assert {name: found for name, cls in OPTIMIZERS.items() if (found := lost(cls))} == {}


@pytest.mark.parametrize("name", ["rectify", "eps_in_state"])
def test_a_switch_that_is_not_handed_on_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(defaults: Any, **flags: Any) -> Any:
        return switches(defaults, **{**flags, name: True})

    monkeypatch.setattr(ada_belief, "switches", damaged)
    [problem] = lost(AdaBelief)
    assert problem.startswith(f"`{name}` was given as False, and the settings have True")


CHANGES: dict[str, Callable[[Any], Any]] = {
    "eps": lambda eps: max(eps, 1e-12),
    "lr": lambda lr: min(lr, 1.0),
    "betas": lambda betas: (betas[0], min(betas[1], 0.9999)),
    "weight_decay": lambda decay: decay if decay > 1e-6 else 0.0,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_number_that_is_changed_only_far_out_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = RAdam.__init__

    def damaged(self: Any, *given: Any, **named: Any) -> None:
        right(self, *given, **named)
        for group in self.param_groups:
            group[name] = CHANGES[name](group[name])

    monkeypatch.setattr(RAdam, "__init__", damaged)
    [problem] = lost(AdaBelief)
    assert problem.startswith(f"`{name}` was given as ")


SETTINGS_LOST: dict[str, Any] = {"state_dtype": None, "fused": None, "capturable": False}


@pytest.mark.parametrize("name", SETTINGS_LOST)
def test_an_argument_that_no_configuration_sets_is_noticed_if_it_is_lost(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = RAdam.__init__

    def damaged(self: Any, *given: Any, **named: Any) -> None:
        right(self, *given, **{**named, name: SETTINGS_LOST[name]})

    monkeypatch.setattr(RAdam, "__init__", damaged)
    assert any(problem.startswith(f"`{name}` was given as ") for problem in lost(AdaBelief))


class Kind(Enum):
    """Two kinds."""

    ONE = 1
    OTHER = 2


@pytest.mark.parametrize(
    ("kind", "constants"),
    [(Kind, {Kind.ONE, Kind.OTHER}), (bool, set()), (dict, set()), (WeightDecay, set())],
)
def test_the_constants_of_a_type_are_those_that_its_module_names(
    kind: type, constants: set[Any]
) -> None:
    assert set(constants_of(kind)) == constants
    assert {torch.bfloat16, torch.float32} <= set(constants_of(torch.dtype))


def test_an_argument_that_is_an_object_may_replace_others() -> None:
    assert lost(Adam, weight_decay=WeightDecay(0.1)) == []
