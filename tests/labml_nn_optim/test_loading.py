"""A run continues from a checkpoint as if it had never stopped."""

import copy
import gc
import io
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad
from tests.labml_nn_optim.table import MODES, OPTIMIZERS, make, noise, same, train

each_mode = pytest.mark.parametrize("mode", MODES)
each_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)

DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.complex64]


def through_a_file(state_dict: dict[str, Any]) -> Any:
    file = io.BytesIO()
    torch.save(state_dict, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def groups_of(optimizer: Optimizer) -> list[dict[str, Any]]:
    """The groups, less a key that torch itself adds to the defaults when something is loaded."""
    return [{k: v for k, v in g.items() if k != "differentiable"} for g in optimizer.param_groups]


def params_of(dtype: torch.dtype) -> list[torch.Tensor]:
    return [noise(4, seed=s, dtype=dtype).requires_grad_() for s in range(2)]


@each_mode
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("carry", [through_a_file, copy.deepcopy, lambda state_dict: state_dict])
def test_a_resumed_run_is_bitwise_equal(
    carry: Callable[[Any], Any], dtype: torch.dtype, mode: str
) -> None:
    whole = params_of(dtype)
    train(make(mode, whole), whole, range(12))

    first = params_of(dtype)
    optimizer = make(mode, first)
    train(optimizer, first, range(7))
    second = [param.detach().clone().requires_grad_() for param in first]
    resumed = make(mode, second)
    resumed.load_state_dict(carry(optimizer.state_dict()))
    train(resumed, second, range(7, 12))
    assert same(second, whole)


@each_optimizer
def test_the_settings_come_from_the_checkpoint(name: str) -> None:
    params = params_of(torch.float32)
    optimizer = OPTIMIZERS[name](params)
    switches = {k: not v for k, v in optimizer.defaults.items() if isinstance(v, bool)}
    numbers = {"lr": 0.5, "betas": (0.5, 0.6), "eps": 0.1, "weight_decay": 0.2}
    del switches["capturable"]  # how a step is executed, not what it computes
    optimizer.param_groups[0].update(numbers, **switches)
    other = OPTIMIZERS[name](params)
    other.load_state_dict(through_a_file(optimizer.state_dict()))
    assert groups_of(other) == groups_of(optimizer)


@each_mode
def test_every_switch_is_a_plain_value_in_the_groups(mode: str) -> None:
    optimizer = make(mode, params_of(torch.float32))
    for key, value in optimizer.state_dict()["param_groups"][0].items():
        assert type(value) in (bool, int, float, type(None), tuple, list), key


@each_mode
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_loading_neither_changes_nor_keeps_what_it_is_given(dtype: torch.dtype, mode: str) -> None:
    first, second = params_of(dtype), params_of(dtype)
    optimizer, other = make(mode, first), make(mode, second)
    train(optimizer, first, range(3))
    saved = copy.deepcopy(optimizer.state_dict())
    before = copy.deepcopy(saved)
    other.load_state_dict(saved)
    train(other, second, range(3, 6))
    assert same(saved, before)
    # Nor do the two optimizers share anything when one loads from the other directly.
    other.load_state_dict(optimizer.state_dict())
    state = copy.deepcopy(optimizer.state_dict())
    train(other, second, range(6, 9))
    assert same(optimizer.state_dict(), state)


@each_optimizer
def test_a_loaded_checkpoint_may_be_forgotten(name: str) -> None:
    params = params_of(torch.bfloat16)
    optimizer = OPTIMIZERS[name](params)
    train(optimizer, params, range(1))
    saved = copy.deepcopy(optimizer.state_dict())
    tensor = weakref.ref(saved["state"][0]["exp_avg"])
    optimizer.load_state_dict(saved)
    del saved
    gc.collect()
    assert tensor() is None


@each_mode
def test_half_precision_models_keep_single_precision_state_when_loaded(mode: str) -> None:
    params = params_of(torch.bfloat16)
    optimizer = make(mode, params)
    train(optimizer, params, range(3))
    other = make(mode, params)
    other.load_state_dict(optimizer.state_dict())
    for param in params:
        assert same(dict(other.state[param]), dict(optimizer.state[param]))
        assert {value.dtype for value in other.state[param].values()} == {torch.float32}


@each_mode
def test_a_hook_after_loading_sees_the_state_as_it_will_be(mode: str) -> None:
    params = params_of(torch.bfloat16)
    optimizer, other = make(mode, params), make(mode, params)
    train(optimizer, params, range(3))
    seen: list[torch.dtype] = []
    other.register_load_state_dict_post_hook(
        lambda loaded: seen.append(loaded.state[params[0]]["exp_avg"].dtype)
    )
    other.load_state_dict(optimizer.state_dict())
    assert seen == [torch.float32]


@each_mode
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_steps_are_counted_beyond_what_half_precision_can_count(
    dtype: torch.dtype, mode: str
) -> None:
    param = noise(2, dtype=dtype).requires_grad_()
    optimizer = make(mode, [param])
    train(optimizer, [param], range(1))
    # bfloat16 knows no number between 256 and 258, float16 none between 2048 and 2050.
    optimizer.state[param]["step"].fill_(2048)
    other = make(mode, [param])
    other.load_state_dict(optimizer.state_dict())
    train(other, [param], range(3))
    assert other.state[param]["step"] == 2051


@each_mode
@pytest.mark.parametrize(
    "copy_of", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"]
)
def test_a_copied_optimizer_continues_by_itself(copy_of: Callable[[Any], Any], mode: str) -> None:
    params = params_of(torch.float32)
    optimizer = make(mode, params)
    train(optimizer, params, range(3))
    other: Optimizer = copy_of(optimizer)
    others = other.param_groups[0]["params"]
    assert type(other) is type(optimizer)
    assert other.defaults.items() >= optimizer.defaults.items()
    train(other, others, range(3, 8))
    assert not same(others, params)
    train(optimizer, params, range(3, 8))
    assert same(others, params)


@each_optimizer
def test_an_older_checkpoint_gets_the_missing_settings(name: str) -> None:
    params = params_of(torch.float32)
    optimizer = OPTIMIZERS[name](params)
    train(optimizer, params, range(3))
    saved = copy.deepcopy(optimizer.state_dict())
    for group in saved["param_groups"]:
        for key in [k for k, v in group.items() if isinstance(v, bool)] + ["fused"]:
            del group[key]
    other = OPTIMIZERS[name](params)
    other.load_state_dict(saved)
    assert groups_of(other) == groups_of(optimizer)
    train(other, params, range(3, 6))


@each_optimizer
def test_an_older_pickle_gets_the_missing_settings(name: str) -> None:
    params = params_of(torch.float32)
    optimizer = OPTIMIZERS[name](params)
    del optimizer.param_groups[0]["maximize"]
    other = pickle.loads(pickle.dumps(optimizer))
    assert other.param_groups[0]["maximize"] is False


@each_optimizer
def test_steps_counted_in_plain_numbers_are_understood(name: str) -> None:
    params, others = params_of(torch.float32), params_of(torch.float32)
    optimizer, other = OPTIMIZERS[name](params), OPTIMIZERS[name](others)
    train(optimizer, params, range(3))
    train(other, others, range(3))
    saved = copy.deepcopy(optimizer.state_dict())
    for state in saved["state"].values():
        state["step"] = int(state["step"])
    other.load_state_dict(saved)
    train(optimizer, params, range(3, 6))
    train(other, others, range(3, 6))
    assert same(params, others)


@each_optimizer
def test_a_checkpoint_that_does_not_fit_is_refused_and_then_nothing_changes(name: str) -> None:
    params = params_of(torch.float32)
    optimizer = OPTIMIZERS[name](params)
    train(optimizer, params, range(3))
    before = copy.deepcopy(optimizer.state_dict())
    other = OPTIMIZERS[name](params[:1])
    with pytest.raises(ValueError, match="doesn't match the size"):
        optimizer.load_state_dict(other.state_dict())
    assert same(optimizer.state_dict(), before)
    # The hooks that loading needs are gone: the next load is as the first.
    optimizer.load_state_dict(before)
    assert same(optimizer.state_dict()["state"], before["state"])


def test_a_fused_checkpoint_of_torch_continues_unfused() -> None:
    params = params_of(torch.float32)
    fused = torch.optim.Adam(params, amsgrad=True, fused=True)
    train(fused, params, range(3))
    optimizer = AMSGrad(params)
    optimizer.load_state_dict(fused.state_dict())
    assert optimizer.param_groups[0]["fused"] is None
    train(optimizer, params, range(3, 6))


def test_a_checkpoint_that_needs_more_than_the_class_can_do_is_refused() -> None:
    params = params_of(torch.float32)
    saved = torch.optim.Adam(params, amsgrad=True, foreach=True)
    train(saved, params, range(3))
    optimizer = Adam(params)
    train(optimizer, params, range(2))
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(ValueError, match="amsgrad=True, which Adam does not know"):
        optimizer.load_state_dict(saved.state_dict())
    assert same(optimizer.state_dict(), before)
    AMSGrad(params).load_state_dict(saved.state_dict())


def test_a_switch_that_the_optimizer_was_given_for_its_groups_is_known() -> None:
    params = params_of(torch.float32)
    optimizer = Adam(params, defaults={"frozen": True})
    optimizer.load_state_dict(optimizer.state_dict())
    assert optimizer.param_groups[0]["frozen"] is True


@pytest.mark.parametrize("theirs", [torch.optim.Adam, torch.optim.RAdam, Adam])
def test_running_means_of_another_algorithm_are_refused_and_nothing_is_loaded(
    theirs: Callable[..., Optimizer],
) -> None:
    params = params_of(torch.float32)
    other = theirs(params, lr=0.5)
    train(other, params, range(3))
    ours = AdaBelief(params, lr=0.1)
    with pytest.raises(ValueError, match="no exp_avg_var, which AdaBelief divides by"):
        ours.load_state_dict(other.state_dict())
    assert not ours.state
    assert ours.param_groups[0]["lr"] == 0.1


@pytest.mark.parametrize("way", ["load", "deepcopy", "pickle"])
def test_groups_have_the_same_keys_always(way: str) -> None:
    param = noise(3).requires_grad_()
    optimizer = AdaBelief([param])
    keys = {*optimizer.param_groups[0]}
    if way == "load":
        optimizer.load_state_dict(AdaBelief([param]).state_dict())
    else:
        copied = copy.deepcopy if way == "deepcopy" else lambda it: pickle.loads(pickle.dumps(it))
        optimizer = copied(optimizer)
    assert {*optimizer.param_groups[0]} == keys


def test_a_count_that_is_no_tensor_is_refused_before_anything_changes() -> None:
    for fused in (True, False):
        param = noise(3).requires_grad_()
        optimizer = Adam([param], fused=fused)
        param.grad = noise(3, seed=1)
        optimizer.step()
        before = param.detach().clone()
        for wrong in (5, None, "5"):
            optimizer.state[param]["step"] = wrong
            with pytest.raises(TypeError, match=r"state\['step'\] must be a tensor, got"):
                optimizer.step()
        for wrong in (torch.nan, torch.inf, -1.0):
            optimizer.state[param]["step"] = torch.tensor(wrong)
            with pytest.raises(ValueError, match=r"state\['step'\] must be finite and"):
                optimizer.step()
        assert torch.equal(param, before)
