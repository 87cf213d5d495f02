"""The optimizers print nothing, change nothing global, and share nothing."""

import warnings

import pytest
import torch

from labml_nn_optim import Adam
from tests.labml_nn_optim.table import DEFAULTS, MODES, OPTIMIZERS, make, noise, train

each_mode = pytest.mark.parametrize("mode", MODES)
each_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)


@each_mode
def test_nothing_is_printed_and_nothing_warned(
    mode: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        param = noise(3).requires_grad_()
        optimizer = make(mode, [param])
        train(optimizer, [param], range(8))
        optimizer.load_state_dict(optimizer.state_dict())
    assert capfd.readouterr() == ("", "")


@each_mode
def test_global_state_of_torch_is_left_alone(mode: str) -> None:
    torch.manual_seed(0)
    state, dtype = torch.get_rng_state(), torch.get_default_dtype()
    param = noise(3).requires_grad_()
    train(make(mode, [param]), [param], range(8))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_default_dtype() == dtype
    assert torch.is_grad_enabled()


@each_mode
def test_the_default_device_of_torch_is_no_trouble(mode: str) -> None:
    param = noise(3).requires_grad_()
    optimizer = make(mode, [param])
    param.grad = noise(3, seed=1)
    with torch.device("meta"):
        optimizer.step()
    assert optimizer.state[param]["step"].item() == 1


@each_mode
def test_optimizers_and_groups_share_no_memory(mode: str) -> None:
    first, second = [noise(3, seed=s).requires_grad_() for s in range(2)]
    alone = noise(3).requires_grad_()
    both = make(mode, [{"params": [first]}, {"params": [second], "betas": (0.5, 0.6)}])
    train(both, [first, second], range(8))
    train(make(mode, [alone]), [alone], range(8))
    assert torch.equal(first, alone)
    pointers = [
        value.untyped_storage().data_ptr()
        for param in (first, second)
        for value in both.state[param].values()
    ]
    assert len(set(pointers)) == len(pointers)


@each_optimizer
def test_the_defaults_of_the_caller_are_not_written_to(name: str) -> None:
    defaults = {"temperature": 1.0}
    optimizers = [
        OPTIMIZERS[name]([noise(3).requires_grad_()], defaults=defaults, maximize=maximize)
        for maximize in (True, False)
    ]
    assert defaults == {"temperature": 1.0}
    assert [o.param_groups[0]["temperature"] for o in optimizers] == [1.0, 1.0]
    assert [o.param_groups[0]["maximize"] for o in optimizers] == [True, False]


@each_optimizer
def test_changing_one_optimizer_does_not_change_the_next(name: str) -> None:
    first = OPTIMIZERS[name]([noise(3).requires_grad_()])
    expected = dict(first.defaults)
    first.param_groups[0].update(dict.fromkeys(expected))
    first.defaults.clear()
    second = OPTIMIZERS[name]([noise(3).requires_grad_()])
    assert second.defaults == expected


@each_optimizer
def test_the_signature_is_the_one_specified(name: str) -> None:
    kind = OPTIMIZERS[name]
    shared = {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0.0,
        "decoupled_weight_decay": False,
        "absolute_weight_decay": False,
        "maximize": False,
        "fused": None,
        "capturable": False,
        "state_dtype": None,
        "dithered_rounding": False,
        "differentiable": False,
    }
    assert kind([noise(3).requires_grad_()]).defaults == {**shared, **DEFAULTS[kind]}


def test_the_reading_of_an_optimizer_shows_its_settings() -> None:
    text = repr(Adam([noise(3).requires_grad_()], lr=0.5, weight_decay=0.1))
    assert "lr: 0.5" in text
    assert "weight_decay: 0.1" in text
