"""Adam, AMSGrad and RAdam take the steps of torch.optim, whatever the switches and gradients."""

import inspect
from typing import Any

import pytest
import torch
from torch.optim import Optimizer

from labml_nn_optim import Adam, AMSGrad, RAdam
from tests.parity.gradients import REGIMES, gradients
from tests.parity.peers import torch_loop
from tests.parity.running import assert_same_path, path_of, starting_point, walk

# Ours, theirs, and what they need to be told to be the same. A new optimizer is a new row.
PAIRS: dict[str, tuple[type[Optimizer], Any, dict[str, Any]]] = {
    "Adam": (Adam, torch_loop("Adam"), {}),
    "AMSGrad": (AMSGrad, torch_loop("Adam"), {"amsgrad": True}),
    "RAdam": (RAdam, torch_loop("RAdam"), {}),
}

# What a checkpoint of AdamW does not say, before torch 2.7 made it a switch of Adam.
SWITCHES = {"decoupled_weight_decay"}
UNSAID = SWITCHES - {*inspect.signature(torch.optim.Adam).parameters}

# Both sides spell these alike.
SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "large lr": {"lr": 0.3},
    "tensor lr": {"lr": torch.tensor(0.01, dtype=torch.float64)},
    "quick betas": {"betas": (0.5, 0.8)},
    "slow betas": {"betas": (0.99, 0.9999)},
    "no memory": {"betas": (0.0, 0.0)},
    "no momentum": {"betas": (0.0, 0.99)},
    "large eps": {"eps": 1e-2},
    "coupled decay": {"weight_decay": 0.1, "lr": 0.01},
    "decoupled decay": {"weight_decay": 0.1, "decoupled_weight_decay": True, "lr": 0.01},
    "maximize": {"maximize": True},
    "maximize with coupled decay": {"maximize": True, "weight_decay": 0.1, "lr": 0.01},
}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("pair", PAIRS)
def test_takes_the_steps_of_torch(pair: str, settings: str, regime: str) -> None:
    ours, theirs, same = PAIRS[pair]
    options = SETTINGS[settings]
    grads = gradients(regime)
    assert_same_path(
        path_of(lambda params: ours(params, **options), grads),
        path_of(lambda params: theirs(params, **same, **options), grads),
    )


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_with_decoupled_decay_is_adamw(amsgrad: bool) -> None:
    ours = AMSGrad if amsgrad else Adam
    options: dict[str, Any] = {"lr": 0.01, "weight_decay": 0.1}
    grads = gradients("noisy")
    assert_same_path(
        path_of(lambda params: ours(params, decoupled_weight_decay=True, **options), grads),
        path_of(lambda params: torch_loop("AdamW")(params, amsgrad=amsgrad, **options), grads),
    )


@pytest.mark.parametrize("implementation", ["foreach", "fused"])
def test_takes_the_steps_of_torchs_faster_executions(implementation: str) -> None:
    grads = gradients("noisy")
    assert_same_path(
        path_of(Adam, grads),
        path_of(lambda params: torch.optim.Adam(params, **{implementation: True}), grads),
    )


@pytest.mark.parametrize("direction", ["theirs to ours", "ours to theirs"])
@pytest.mark.parametrize("settings", ["defaults", "coupled decay", "decoupled decay", "maximize"])
@pytest.mark.parametrize("pair", PAIRS)
def test_a_checkpoint_of_one_continues_the_run_of_the_other(
    pair: str, settings: str, direction: str
) -> None:
    ours, theirs, same = PAIRS[pair]
    options = SETTINGS[settings]
    # The second is not told the settings: a checkpoint brings them along.
    told = {name: options[name] for name in UNSAID & {*options}}
    first, second = (
        lambda params: theirs(params, **same, **options),
        lambda params: ours(params, **told),
    )
    if direction == "ours to theirs":
        first, second = (
            lambda params: ours(params, **options),
            lambda params: theirs(params, **same, **told),
        )
    grads = gradients("noisy")

    param = starting_point()
    before = first([param])
    begun = walk(before, param, grads[:100])
    after = second([param])
    after.load_state_dict(before.state_dict())
    continued = walk(after, param, grads[100:])

    assert_same_path(torch.cat([begun, continued]), path_of(first, grads))


@pytest.mark.parametrize("pair", PAIRS)
def test_state_has_the_keys_types_and_values_of_torch(pair: str) -> None:
    ours, theirs, same = PAIRS[pair]
    states = []
    for make in (ours, lambda params: theirs(params, **same)):
        param = starting_point()
        optimizer = make([param])
        walk(optimizer, param, gradients("spiky"))
        states.append(optimizer.state[param])
    mine, torchs = states
    assert mine.keys() == torchs.keys()
    for key, value in mine.items():
        assert value.dtype == torchs[key].dtype
        assert value.shape == torchs[key].shape
        torch.testing.assert_close(value, torchs[key], rtol=1e-12, atol=1e-300)
