"""AdaBelief takes the steps of its authors' package and of others, each with the right switches."""

from collections.abc import Callable
from typing import Any

import adabelief_pytorch
import pytest
import pytorch_optimizer
import torch
from torch import Tensor
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam, WeightDecay
from tests.parity.gradients import REGIMES, gradients
from tests.parity.peers import (
    LabmlAdaBelief,
    LabmlAdam,
    LabmlAMSGrad,
    LabmlRAdam,
    LabmlWeightDecay,
    TimmAdaBelief,
    authors_adabelief,
    labml_adabelief_as_documented,
)
from tests.parity.running import (
    assert_same_path,
    largest_difference,
    path_of,
    starting_point,
    walk,
)

Settings = dict[str, Any]


def timm_adabelief(params: list[Tensor], **settings: Any) -> Optimizer:
    if "weight_decouple" in settings:
        settings["decoupled_decay"] = settings.pop("weight_decouple")
    return TimmAdaBelief(params, **settings)


def pytorch_optimizer_adabelief(params: list[Tensor], **settings: Any) -> Optimizer:
    if "amsgrad" in settings:
        settings["ams_bound"] = settings.pop("amsgrad")
    return pytorch_optimizer.AdaBelief(params, **{"rectify": True, **settings})


PEERS: dict[str, Callable[..., Optimizer]] = {
    "the authors' package": authors_adabelief,
    "timm": timm_adabelief,
    "pytorch_optimizer": pytorch_optimizer_adabelief,
}

# In the words of the peers, and in ours.
SETTINGS: dict[str, tuple[Settings, Settings]] = {
    "defaults": ({}, {}),
    "telling numbers": (
        {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2},
        {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2},
    ),
    "eps 1e-8": ({"eps": 1e-8}, {"eps": 1e-8}),
    "never rectified": ({"betas": (0.5, 0.6)}, {"betas": (0.5, 0.6)}),
    "decoupled decay": ({"weight_decay": 0.1}, {"weight_decay": 0.1}),
    "coupled decay": (
        {"weight_decay": 0.1, "weight_decouple": False},
        {"weight_decay": 0.1, "decoupled_weight_decay": False},
    ),
    "absolute decay": (
        {"weight_decay": 0.01, "fixed_decay": True},
        {"weight_decay": WeightDecay(0.01, absolute=True)},
    ),
    "waiting": ({"degenerated_to_sgd": False}, {"degenerate_to_sgd": False}),
}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("rectify", [True, False])
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("peer", PEERS)
def test_takes_the_steps_of(peer: str, settings: str, rectify: bool, regime: str) -> None:
    theirs, ours = SETTINGS[settings]
    grads = gradients(regime)
    assert_same_path(
        path_of(lambda params: AdaBelief(params, rectify=rectify, **ours), grads),
        path_of(lambda params: PEERS[peer](params, rectify=rectify, **theirs), grads),
    )


# With β₂ = 0.999 a running mean hardly falls, and its maximum is nearly itself.
FORGETFUL: Settings = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-2}


@pytest.mark.parametrize("peer", PEERS)
def test_the_maximum_is_that_of_the_peers_without_rectification(peer: str) -> None:
    grads, options = gradients("spiky"), {"rectify": False, "amsgrad": True, **FORGETFUL}
    assert_same_path(
        path_of(lambda params: AdaBelief(params, **options), grads),
        path_of(lambda params: PEERS[peer](params, **options), grads),
    )


@pytest.mark.parametrize("peer", ["the authors' package", "timm"])
def test_the_rectified_maximum_of_the_authors_and_timm_is_computed_and_never_used(
    peer: str,
) -> None:
    grads, make = gradients("spiky"), PEERS[peer]
    param = starting_point()
    optimizer = make([param], amsgrad=True, **FORGETFUL)
    path = walk(optimizer, param, grads)
    state = optimizer.state[param]
    assert (state["max_exp_avg_var"] > state["exp_avg_var"]).any()
    assert torch.equal(path, path_of(lambda p: make(p, **FORGETFUL), grads))
    # Ours uses it, and so goes elsewhere.
    ours = path_of(lambda p: AdaBelief(p, amsgrad=True, **FORGETFUL), grads)
    assert largest_difference(ours, path) > 0.1


def test_the_rectified_maximum_is_that_of_pytorch_optimizer() -> None:
    grads = gradients("spiky")
    assert_same_path(
        path_of(lambda p: AdaBelief(p, amsgrad=True, **FORGETFUL), grads),
        path_of(lambda p: pytorch_optimizer_adabelief(p, amsgrad=True, **FORGETFUL), grads),
    )


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("settings", [{}, {"eps": 1e-8}, FORGETFUL], ids=str)
@pytest.mark.parametrize("amsgrad", [False, True])
def test_eps_at_use_is_labml_nn_as_its_page_documents_it(
    amsgrad: bool, settings: Settings, regime: str
) -> None:
    grads, options = gradients(regime), {"amsgrad": amsgrad, **settings}
    assert_same_path(
        path_of(lambda params: AdaBelief(params, eps_in_state=False, **options), grads),
        path_of(lambda params: labml_adabelief_as_documented(params, **options), grads),
    )


def test_labml_nn_as_shipped_always_takes_the_maximum() -> None:
    param = starting_point()
    optimizer = LabmlAdaBelief([param], amsgrad=False)
    walk(optimizer, param, gradients("spiky"))
    assert "max_exp_avg_var" in optimizer.state[param]
    assert optimizer.param_groups[0]["amsgrad"] is True


def test_labml_nn_as_shipped_does_not_move_during_the_first_five_steps() -> None:
    path = path_of(LabmlAdaBelief, gradients("noisy", steps=6))
    assert torch.equal(path[:5], starting_point().detach().expand(5, -1))
    assert (path[5] != path[4]).all()


def test_labml_nn_as_shipped_differs_from_its_page_and_from_the_authors() -> None:
    grads = gradients("noisy", steps=100)
    shipped = path_of(LabmlAdaBelief, grads)
    for other in (labml_adabelief_as_documented, authors_adabelief):
        assert largest_difference(shipped, path_of(other, grads)) > 1e-3


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (LabmlAdam, lambda p: Adam(p, eps=1e-16, optimized_update=True)),
        (
            lambda p: LabmlAdam(p, optimized_update=False, eps=1e-2),
            lambda p: Adam(p, eps=1e-2),
        ),
        (
            lambda p: LabmlAdam(p, eps=1e-2, weight_decay=LabmlWeightDecay(0.1)),
            lambda p: Adam(p, eps=1e-2, optimized_update=True, weight_decay=WeightDecay(0.1)),
        ),
        (LabmlAMSGrad, lambda p: AMSGrad(p, eps=1e-16, optimized_update=True)),
        (LabmlRAdam, RAdam),
        (
            lambda p: LabmlRAdam(p, amsgrad=True, degenerated_to_sgd=False),
            lambda p: RAdam(p, amsgrad=True, degenerate_to_sgd=False),
        ),
    ],
    ids=["Adam", "Adam, standard", "Adam, decay", "AMSGrad", "RAdam", "RAdam, other switches"],
)
def test_the_predecessors_other_classes_are_a_matter_of_switches(
    theirs: Callable[..., Optimizer], ours: Callable[..., Optimizer], regime: str
) -> None:
    grads = gradients(regime)
    assert_same_path(path_of(ours, grads), path_of(theirs, grads))


@pytest.mark.parametrize("rectify", [True, False])
def test_a_checkpoint_of_the_authors_package_continues_here(rectify: bool) -> None:
    grads = gradients("noisy")
    param = starting_point()
    theirs = authors_adabelief([param], rectify=rectify)
    begun = walk(theirs, param, grads[:100])
    ours = AdaBelief([param], rectify=rectify)
    ours.load_state_dict(theirs.state_dict())
    continued = walk(ours, param, grads[100:])
    whole = path_of(lambda params: authors_adabelief(params, rectify=rectify), grads)
    assert_same_path(torch.cat([begun, continued]), whole)


def test_the_authors_constructor_prints_and_ours_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    adabelief_pytorch.AdaBelief([starting_point()])
    assert "Please check your arguments" in capsys.readouterr().out
    AdaBelief([starting_point()])
    assert capsys.readouterr() == ("", "")
