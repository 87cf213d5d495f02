"""What makes no sense is refused, with a clear message, before anything changes."""

import inspect
from fractions import Fraction
from typing import Any

import numpy
import pytest
import torch
from torch.optim import Optimizer

from labml_nn_optim import Adam, AMSGrad, WeightDecay
from tests.labml_nn_optim.table import MODES, OPTIMIZERS, make, noise, same, snapshot, train
from tests.labml_nn_optim.walking import moves

each_mode = pytest.mark.parametrize("mode", MODES)
each_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)

NAN, INF = float("nan"), float("inf")

# A wrong value, the error, and what it says.
REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"lr": -1e-3}, ValueError, r"lr must be finite and ≥ 0, got -0\.001"),
    ({"lr": NAN}, ValueError, "lr must be finite and ≥ 0, got nan"),
    ({"lr": INF}, ValueError, "lr must be finite and ≥ 0, got inf"),
    ({"lr": torch.tensor(-1.0)}, ValueError, r"lr must be finite and ≥ 0, got -1\.0"),
    ({"eps": torch.ones(3)}, ValueError, r"eps must be one number, got a tensor of shape \[3\]"),
    ({"lr": torch.ones(2)}, ValueError, r"lr must be one number, got a tensor of shape \[2\]"),
    ({"lr": "0.1"}, TypeError, "lr must be a number, got '0.1'"),
    ({"lr": None}, TypeError, "lr must be a number, got None"),
    ({"lr": True}, TypeError, "lr must be a number, got True"),
    ({"betas": (1.0, 0.999)}, ValueError, r"betas\[0\] must be in \[0, 1\), got 1\.0"),
    ({"betas": (0.9, 1.0)}, ValueError, r"betas\[1\] must be in \[0, 1\), got 1\.0"),
    ({"betas": (-0.1, 0.999)}, ValueError, r"betas\[0\] must be in \[0, 1\), got -0\.1"),
    ({"betas": (0.9, NAN)}, ValueError, r"betas\[1\] must be in \[0, 1\), got nan"),
    ({"betas": (0.9, True)}, TypeError, r"betas\[1\] must be a number, got True"),
    ({"betas": 0.9}, TypeError, r"betas must be a pair of numbers \(β₁, β₂\), got 0\.9"),
    ({"betas": (0.9,)}, TypeError, "betas must be a pair of numbers"),
    ({"betas": (0.9, 0.99, 0.999)}, TypeError, "betas must be a pair of numbers"),
    ({"eps": -1e-8}, ValueError, "eps must be finite and ≥ 0"),
    ({"eps": NAN}, ValueError, "eps must be finite and ≥ 0, got nan"),
    ({"eps": None}, TypeError, "eps must be a number"),
    ({"weight_decay": -0.1}, ValueError, r"weight_decay must be finite and ≥ 0, got -0\.1"),
    ({"weight_decay": NAN}, ValueError, "weight_decay must be finite and ≥ 0, got nan"),
    ({"weight_decay": True}, TypeError, "weight_decay must be a number, got True"),
    ({"maximize": 1}, TypeError, "maximize must be True or False, got 1"),
    ({"maximize": "yes"}, TypeError, "maximize must be True or False, got 'yes'"),
    ({"optimized_update": None}, TypeError, "optimized_update must be True or False"),
    ({"decoupled_weight_decay": 0.1}, TypeError, "decoupled_weight_decay must be True or False"),
    ({"fused": 1}, TypeError, "fused must be True, False or None, got 1"),
]
# Each class with what it takes: a switch that it has not is refused as any unknown argument is.
each_refusal = pytest.mark.parametrize(
    ("name", "wrong", "error", "message"),
    [
        (name, *row)
        for name, kind in OPTIMIZERS.items()
        for row in REFUSED
        if row[0].keys() <= kind([torch.zeros(1)]).defaults.keys()
    ],
)
# What torch takes by position, before its switches.
BY_POSITION = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}


def by_position(name: str) -> list[str]:
    """The arguments of an optimizer that may be given by position, behind the parameters."""
    arguments = inspect.signature(OPTIMIZERS[name]).parameters.values()
    return [each.name for each in arguments if each.kind is each.POSITIONAL_OR_KEYWORD][1:]


def two_groups(name: str) -> tuple[Optimizer, list[torch.Tensor]]:
    """An optimizer that has taken some steps, and has gradients for another."""
    params = [noise(3, seed=s).requires_grad_() for s in range(2)]
    optimizer = OPTIMIZERS[name]([{"params": [param]} for param in params])
    train(optimizer, params, range(3))
    return optimizer, params


@each_refusal
def test_refused_when_made(
    name: str, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        OPTIMIZERS[name]([noise(3).requires_grad_()], **wrong)


@each_refusal
def test_refused_in_a_group_that_joins(
    name: str, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    optimizer, _ = two_groups(name)
    with pytest.raises(error, match=message):
        optimizer.add_param_group({"params": [noise(3).requires_grad_()], **wrong})
    assert len(optimizer.param_groups) == 2


@each_refusal
def test_refused_when_changed_later_and_then_nothing_changes(
    name: str, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    optimizer, _ = two_groups(name)
    before = snapshot(optimizer)
    optimizer.param_groups[1].update(wrong)
    with pytest.raises(error, match=message):
        optimizer.step()
    assert same(snapshot(optimizer), before)


@pytest.mark.parametrize(
    ("name", "before", "wrong", "message"),
    [
        ("lr", 1.0, True, "lr must be a number, got True"),
        ("weight_decay", 0.0, False, "weight_decay must be a number, got False"),
        ("maximize", False, 0, "maximize must be True or False, got 0"),
        ("fused", False, 0, "fused must be True, False or None, got 0"),
    ],
)
def test_what_is_equal_to_what_has_passed_is_checked_again(
    name: str, before: Any, wrong: Any, message: str
) -> None:
    param = noise(3).requires_grad_()
    optimizer = Adam([param], **{"fused": False, name: before})
    train(optimizer, [param], range(2))
    optimizer.param_groups[0][name] = wrong
    with pytest.raises(TypeError, match=message):
        optimizer.step()


def test_a_setting_under_another_name_is_missed_before_anything_moves() -> None:
    param = noise(3).requires_grad_()
    optimizer = Adam([param], fused=False)
    train(optimizer, [param], range(2))
    group = optimizer.param_groups[0]
    # The same values in the same order: only the names tell.
    values = [(f"{name}s" if name == "eps" else name, group[name]) for name in group]
    group.clear()
    group.update(values)
    before = snapshot(optimizer)
    with pytest.raises(KeyError, match="eps"):
        optimizer.step()
    assert same(snapshot(optimizer), before)


@each_mode
def test_a_sparse_gradient_is_refused_and_then_nothing_changes(mode: str) -> None:
    params = [noise(3, seed=s).requires_grad_() for s in range(3)]
    optimizer = make(mode, params)
    train(optimizer, params, range(3))
    params[2].grad = noise(3).to_sparse()
    before = snapshot(optimizer)
    name = MODES[mode][0].__name__
    message = f"{name} does not support sparse gradients; use torch.optim.SparseAdam"
    with pytest.raises(RuntimeError, match=message):
        optimizer.step()
    assert same(snapshot(optimizer), before)


@each_optimizer
def test_the_first_step_is_refused_without_making_state(name: str) -> None:
    params = [noise(3).requires_grad_(), noise(3).requires_grad_()]
    optimizer = OPTIMIZERS[name](params)
    params[0].grad, params[1].grad = noise(3), noise(3).to_sparse()
    with pytest.raises(RuntimeError, match="sparse"):
        optimizer.step()
    assert not optimizer.state


@each_optimizer
def test_by_position_go_torchs_arguments_but_for_an_eps_that_changes_nothing(name: str) -> None:
    def walk(eps: float) -> list[float]:
        def make(params: list[torch.Tensor]) -> Optimizer:
            optimizer = OPTIMIZERS[name](params)
            optimizer.param_groups[0]["eps"] = eps
            return optimizer

        return moves(make, [1.0, 2.0] * 4)  # in the first steps, some divide by nothing

    without = {"eps"} if walk(0.1) == walk(0.2) else set()
    assert by_position(name) == [each for each in BY_POSITION if each not in without]


@each_optimizer
def test_a_flag_by_position_is_refused(name: str) -> None:
    # This is how the predecessor's AdaBelief came to run with other switches than it was given.
    given = [BY_POSITION[each] for each in by_position(name)]
    with pytest.raises(TypeError, match="positional arguments"):
        OPTIMIZERS[name]([noise(3).requires_grad_()], *given, True)


@each_optimizer
def test_a_flag_in_the_place_of_the_decay_is_refused(name: str) -> None:
    given = [BY_POSITION[each] for each in by_position(name)[:-1]]
    with pytest.raises(TypeError, match="weight_decay must be a number, got True"):
        OPTIMIZERS[name]([noise(3).requires_grad_()], *given, True)


@each_optimizer
def test_betas_in_the_place_of_the_learning_rate_are_refused(name: str) -> None:
    with pytest.raises(TypeError, match="lr must be a number"):
        OPTIMIZERS[name]([noise(3).requires_grad_()], (0.9, 0.999))


@each_optimizer
def test_an_unknown_argument_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'rectified'"):
        OPTIMIZERS[name]([noise(3).requires_grad_()], rectified=True)


@each_optimizer
@pytest.mark.parametrize("switch", ["foreach", "differentiable", "amsgrad"])
def test_torchs_switches_are_accepted_where_they_ask_for_nothing(name: str, switch: str) -> None:
    params = [noise(3).requires_grad_()]
    optimizer = OPTIMIZERS[name](params, **{switch: False})
    assert "foreach" not in optimizer.defaults
    if switch == "foreach":
        OPTIMIZERS[name](params, foreach=None)
    if switch != "amsgrad":
        with pytest.raises(ValueError, match=f"does not take {switch}=True; use "):
            OPTIMIZERS[name](params, **{switch: True})


def test_adam_with_the_maximum_of_amsgrad_is_another_class() -> None:
    with pytest.raises(ValueError, match="Adam does not take amsgrad=True; use AMSGrad"):
        Adam([noise(3).requires_grad_()], amsgrad=True)


@each_optimizer
def test_wrong_parameters_are_refused(name: str) -> None:
    with pytest.raises(TypeError):
        OPTIMIZERS[name](noise(3).requires_grad_())
    with pytest.raises(TypeError):
        OPTIMIZERS[name]([1.0])
    with pytest.raises(ValueError, match="empty parameter list"):
        OPTIMIZERS[name]([])
    param = noise(3).requires_grad_()
    with pytest.raises(ValueError, match="more than one parameter group"):
        OPTIMIZERS[name]([{"params": [param]}, {"params": [param]}])


@pytest.mark.parametrize(
    "number", [1, numpy.float32(0.5), numpy.float64(0.5), Fraction(1, 2), torch.tensor(0.5)]
)
@each_optimizer
def test_every_kind_of_number_is_a_number(name: str, number: Any) -> None:
    params = [noise(3).requires_grad_() for _ in range(2)]
    optimizers = OPTIMIZERS[name](params[:1], number), OPTIMIZERS[name](params[1:], float(number))
    for optimizer, param in zip(optimizers, params, strict=True):
        train(optimizer, [param], range(8))
    assert torch.equal(*params)


@each_optimizer
def test_the_limits_themselves_are_allowed(name: str) -> None:
    param = noise(3).requires_grad_()
    optimizer = OPTIMIZERS[name]([param], lr=0, betas=(0, 0), weight_decay=0, fused=False)
    train(optimizer, [param], range(3))
    assert torch.equal(param, noise(3))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((-0.1,), ValueError, r"weight_decay must be finite and ≥ 0, got -0\.1"),
        ((NAN,), ValueError, "got nan"),
        ((True,), TypeError, "weight_decay must be a number, got True"),
        ((0.1, 1), TypeError, "weight_decouple must be True or False, got 1"),
        ((0.1, True, None), TypeError, "absolute must be True or False, got None"),
        ((0.1, False, True), ValueError, "absolute=True needs weight_decouple=True"),
    ],
)
def test_a_wrong_weight_decay_is_refused(
    arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        WeightDecay(*arguments)


def test_a_switch_of_a_group_that_needs_more_memory_may_be_turned_on_half_way() -> None:
    param, always = noise(3).requires_grad_(), noise(3).requires_grad_()
    optimizer = AMSGrad([param], amsgrad=False)
    train(optimizer, [param], range(3))
    optimizer.param_groups[0]["amsgrad"] = True
    train(optimizer, [param], range(3, 6))
    train(AMSGrad([always]), [always], range(6))
    assert "max_exp_avg_sq" in optimizer.state[param]
    assert param.isfinite().all()


def shrink(tensor: torch.Tensor) -> None:
    tensor.data = tensor.data[:2].clone()


# What is changed in place, so that the very same object says something else.
CHANGED_IN_PLACE: dict[str, tuple[Any, str]] = {
    "learning rate": (lambda o, p: o.param_groups[1]["lr"].neg_(), "lr must be finite and ≥ 0"),
    "betas": (lambda o, p: o.param_groups[1]["betas"].__setitem__(1, 1.0), r"betas\[1\] must be"),
    "count": (lambda o, p: o.state[p[1]]["step"].fill_(-1), "must be finite and ≥ 0, got -1"),
    "running mean": (lambda o, p: shrink(o.state[p[1]]["exp_avg"]), r"exp_avg.* of shape \[2\]"),
    "parameter": (lambda o, p: shrink(p[1]), r"gradient of shape \[3\] for a parameter of shape"),
}


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("what", CHANGED_IN_PLACE)
def test_what_has_changed_in_place_is_checked_again(what: str, fused: bool) -> None:
    act, message = CHANGED_IN_PLACE[what]
    params = [noise(3, seed=s).requires_grad_() for s in range(2)]
    groups = [{"params": [p], "lr": torch.tensor(0.1), "betas": [0.9, 0.99]} for p in params]
    optimizer = Adam(groups, fused=fused)
    train(optimizer, params, range(3))
    act(optimizer, params)
    before = snapshot(optimizer)
    with pytest.raises((ValueError, RuntimeError), match=message):
        optimizer.step()
    assert same(before, snapshot(optimizer))
