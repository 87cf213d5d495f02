"""
How implementations differ: a row for each, with what it computes and how to get the same here.

What is special about an implementation is said as options of a recurrence in `recurrences.py`. The
tests hold the implementation to them, and the words of the site's table are made from them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytorch_optimizer
import torch
from torch.optim import Optimizer

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from tests.parity import recurrences
from tests.parity.peers import (
    LabmlAdaBelief,
    LabmlAdam,
    TimmAdaBelief,
    authors_adabelief,
    labml_adabelief_as_documented,
)

Options = dict[str, Any]

UNCORRECTED: Options = {"eps_beside": "uncorrected root"}
RECTIFIED: Options = {"rectify": True, **UNCORRECTED}
MAXIMUM: Options = {"maximum_of": "uncorrected mean"}


@dataclass(frozen=True)
class Variant:
    """One way to use an implementation."""

    settings: Options
    """What its constructor is told."""
    computes: Options
    """Options of the recurrence."""
    ours: tuple[type[Optimizer], Options]
    """Which of ours computes the same."""


@dataclass(frozen=True)
class Implementation:
    """One row of the table."""

    name: str
    family: str
    """Which algorithm it is, or is meant to be."""
    package: str | None
    """The distribution on PyPI; nothing for a paper."""
    eps: float
    """Its default ε; 0 where it has none."""
    make: Callable[..., Optimizer] | None
    """Its constructor; nothing for a paper, and for what cannot be installed beside torch."""
    plain: Variant
    maximum: Variant | None = None
    """How it is used to ask for AMSGrad's maximum, where it can be asked."""
    exact: bool = True
    """Whether `ours` computes the same, or only comes nearest."""
    note: str = ""

    @property
    def recurrence(self) -> Callable[..., list[Any]]:
        """The algorithm, as the paper has it unless told otherwise."""
        recurrence: Callable[..., list[Any]] = getattr(recurrences, self.family.lower())
        return recurrence


IMPLEMENTATIONS = [
    Implementation(
        name="torch.optim.Adam",
        family="Adam",
        package="torch",
        eps=1e-8,
        make=torch.optim.Adam,
        plain=Variant({}, {}, (Adam, {})),
        maximum=Variant({"amsgrad": True}, MAXIMUM, (AMSGrad, {})),
    ),
    Implementation(
        name="labml_nn Adam",
        family="Adam",
        package="labml-nn",
        eps=1e-16,
        make=LabmlAdam,
        plain=Variant({}, UNCORRECTED, (Adam, {"eps": 1e-16, "optimized_update": True})),
    ),
    Implementation(
        name="torch.optim.RAdam",
        family="RAdam",
        package="torch",
        eps=1e-8,
        make=torch.optim.RAdam,
        plain=Variant({}, {"threshold": 5}, (RAdam, {})),
    ),
    Implementation(
        name="RAdam, the paper",
        family="RAdam",
        package=None,
        eps=0.0,
        make=None,
        plain=Variant({}, {}, (RAdam, {"eps": 0.0})),
        exact=False,
        note="Rectifies from ρ > 4 on, which at β₂ = 0.999 is one step earlier. Its Algorithm 2 has"
        " no ε.",
    ),
    Implementation(
        name="RAdam, the authors' program",
        family="RAdam",
        package=None,
        eps=1e-8,
        make=None,
        plain=Variant(
            {}, {"threshold": 5, "otherwise": "nothing"}, (RAdam, {"degenerate_to_sgd": False})
        ),
        note="Written out here from [radam.py](https://github.com/LiyuanLucasLiu/RAdam/blob/"
        "5fad7b1/radam/radam.py).",
    ),
    Implementation(
        name="AdaBelief, the paper since 20 December 2020",
        family="AdaBelief",
        package=None,
        eps=1e-8,
        make=None,
        plain=Variant({}, {}, (AdaBelief, {"eps": 1e-8, "rectify": False})),
    ),
    Implementation(
        name="AdaBelief, the paper, version 2",
        family="AdaBelief",
        package=None,
        eps=1e-8,
        make=None,
        plain=Variant(
            {},
            {"eps_inside": "at use"},
            (AdaBelief, {"eps": 1e-8, "rectify": False, "eps_in_state": False}),
        ),
    ),
    Implementation(
        name="AdaBelief, the paper, version 1",
        family="AdaBelief",
        package=None,
        eps=1e-8,
        make=None,
        plain=Variant(
            {},
            {"eps_inside": "never"},
            (AdaBelief, {"eps": 1e-8, "rectify": False, "eps_in_state": False}),
        ),
        exact=False,
        note="Divides by ε alone where nothing surprises.",
    ),
    Implementation(
        name="adabelief_pytorch (the authors), `rectify=False`",
        family="AdaBelief",
        package="adabelief-pytorch",
        eps=1e-16,
        make=authors_adabelief,
        plain=Variant({"rectify": False}, {}, (AdaBelief, {"rectify": False})),
        maximum=Variant(
            {"rectify": False, "amsgrad": True},
            MAXIMUM,
            (AdaBelief, {"rectify": False, "amsgrad": True}),
        ),
    ),
    Implementation(
        name="adabelief_pytorch (the authors)",
        family="AdaBelief",
        package="adabelief-pytorch",
        eps=1e-16,
        make=authors_adabelief,
        plain=Variant({}, RECTIFIED, (AdaBelief, {})),
        maximum=Variant({"amsgrad": True}, RECTIFIED, (AdaBelief, {})),
    ),
    Implementation(
        name="timm AdaBelief",
        family="AdaBelief",
        package="timm",
        eps=1e-16,
        make=TimmAdaBelief,
        plain=Variant({}, RECTIFIED, (AdaBelief, {})),
        maximum=Variant({"amsgrad": True}, RECTIFIED, (AdaBelief, {})),
    ),
    Implementation(
        name="pytorch_optimizer AdaBelief",
        family="AdaBelief",
        package="pytorch_optimizer",
        eps=1e-16,
        make=pytorch_optimizer.AdaBelief,
        plain=Variant({}, {}, (AdaBelief, {"rectify": False})),
        maximum=Variant(
            {"ams_bound": True}, MAXIMUM, (AdaBelief, {"rectify": False, "amsgrad": True})
        ),
    ),
    Implementation(
        name="pytorch_optimizer AdaBelief, `rectify=True`",
        family="AdaBelief",
        package="pytorch_optimizer",
        eps=1e-16,
        make=pytorch_optimizer.AdaBelief,
        plain=Variant({"rectify": True}, RECTIFIED, (AdaBelief, {})),
        maximum=Variant(
            {"rectify": True, "ams_bound": True},
            {**RECTIFIED, **MAXIMUM},
            (AdaBelief, {"amsgrad": True}),
        ),
    ),
    Implementation(
        name="optax.adabelief",
        family="AdaBelief",
        package="optax",
        eps=1e-16,
        make=None,
        plain=Variant({}, {}, (AdaBelief, {"rectify": False})),
        note="Steps recorded with the version named, since it cannot be installed beside torch "
        "without JAX.",
    ),
    Implementation(
        name="labml_nn AdaBelief, as documented",
        family="AdaBelief",
        package="labml-nn",
        eps=1e-16,
        make=labml_adabelief_as_documented,
        plain=Variant(
            {}, {**RECTIFIED, "eps_inside": "at use"}, (AdaBelief, {"eps_in_state": False})
        ),
        maximum=Variant(
            {"amsgrad": True},
            {**RECTIFIED, **MAXIMUM, "eps_inside": "at use"},
            (AdaBelief, {"eps_in_state": False, "amsgrad": True}),
        ),
    ),
    Implementation(
        name="labml_nn AdaBelief, as shipped",
        family="AdaBelief",
        package="labml-nn",
        eps=1e-16,
        make=LabmlAdaBelief,
        plain=Variant(
            {},
            {"rectify": True, "eps_inside": "at use", "otherwise": "nothing", **MAXIMUM},
            (AdaBelief, {"eps_in_state": False, "amsgrad": True, "degenerate_to_sgd": False}),
        ),
        exact=False,
        note="Its constructor hands switches on by position, and each lands in its neighbor's "
        "place. The first five steps do not move.",
    ),
]
