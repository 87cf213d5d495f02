"""
Other people's optimizers, made usable: silent, and importable without what they do not need here.
"""

import contextlib
import importlib
import io
import sys
from collections.abc import Iterator
from importlib.metadata import files
from types import ModuleType
from typing import Any

import adabelief_pytorch
import torch
from torch import Tensor
from torch.optim import Optimizer


@contextlib.contextmanager
def _modules_in_place_of(**stand_ins: ModuleType) -> Iterator[None]:
    """Let an import find `stand_ins`, and nobody else afterwards."""
    before = {name: sys.modules.get(name) for name in stand_ins}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _labml_nn(module: str) -> ModuleType:
    """A module of labml_nn, whose optimizers import the experiment tracker and never use it."""
    labml = ModuleType("labml")
    labml.tracker = None  # type: ignore[attr-defined]
    with _modules_in_place_of(labml=labml):
        return importlib.import_module(f"labml_nn.optimizers.{module}")


def _timm_adabelief() -> Any:
    """timm's class, without timm's models, which need torchvision."""
    package = next(file for file in files("timm") or () if str(file) == "timm/__init__.py")
    folder = package.locate().parent
    timm, optim = ModuleType("timm"), ModuleType("timm.optim")
    timm.__path__, optim.__path__ = [str(folder)], [str(folder / "optim")]
    with _modules_in_place_of(**{"timm": timm, "timm.optim": optim}):
        return importlib.import_module("timm.optim.adabelief").AdaBelief


LabmlAdam = _labml_nn("adam").Adam
LabmlAMSGrad = _labml_nn("amsgrad").AMSGrad
LabmlRAdam = _labml_nn("radam").RAdam
LabmlAdaBelief = _labml_nn("ada_belief").AdaBelief
LabmlWeightDecay = _labml_nn("ada_belief").WeightDecay
TimmAdaBelief = _timm_adabelief()


def authors_adabelief(params: Any, **settings: Any) -> Optimizer:
    """The AdaBelief authors' own, without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return adabelief_pytorch.AdaBelief(params, print_change_log=False, **settings)


def labml_adabelief_as_documented(
    params: list[Tensor], amsgrad: bool = False, **settings: Any
) -> Optimizer:
    """
    labml_nn's AdaBelief with its switches where its page says they are.

    Its constructor passes them on by position, to a base class that has one more: `amsgrad` arrives
    as `optimized_update`, `degenerate_to_sgd` as `amsgrad`, and `defaults` as `degenerate_to_sgd`.
    """
    optimizer = LabmlAdaBelief(params, **settings)
    optimizer.optimized_update = True
    optimizer.degenerated_to_sgd = True
    for group in optimizer.param_groups:
        group["amsgrad"] = amsgrad
    return optimizer


def torch_loop(name: str) -> Any:
    """torch's optimizer of that name, its plain for-loop: the fewest surprises."""

    def make(params: Any, **settings: Any) -> Optimizer:
        known = name
        if name == "Adam" and settings.pop("decoupled_weight_decay", False):
            known = "AdamW"  # which torch's Adam of before 2.7 can be by that name only
        return getattr(torch.optim, known)(params, foreach=False, **settings)

    return make
