"""
Who is compared: a row for each way to take a step.

All have the same step size and betas, and each algorithm the same ε, so that those which compute
the same thing must end at the same place; `timing.py` looks.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

import labml_nn_optim


class Stepping(Protocol):
    """All that is asked of an optimizer here."""

    def step(self) -> Any: ...


Maker = Callable[[list[Tensor]], Stepping]


@dataclass(frozen=True)
class Subject:
    """One row."""

    name: str
    computes: str
    """Those with the same word here take the same steps."""
    make: Maker
    one_program: bool = False
    """Compiles all tensors into one program, so that many tensors take minutes."""


EPS = {"AdaBelief": 1e-16}


def settings(algorithm: str) -> dict[str, Any]:
    return {"lr": 1e-3, "betas": (0.9, 0.999), "eps": EPS.get(algorithm, 1e-8)}


def ours(algorithm: str, fused: bool, more: str = "", **options: Any) -> Subject:
    """`more` says what the options make of it."""

    def make(params: list[Tensor]) -> Stepping:
        kind = getattr(labml_nn_optim, algorithm)
        optimizer: Stepping = kind(params, fused=fused, **settings(algorithm), **options)
        return optimizer

    name = f"our {algorithm}, {'fused' if fused else 'plain'}{more}"
    return Subject(name, algorithm + more, make)


def torchs(name: str, how: str, computes: str = "", **options: Any) -> Subject:
    """`how` is one of torch's three: a for-loop, lists of tensors, hand-written C++."""
    modes = {"for-loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}

    def make(params: list[Tensor]) -> Stepping:
        kind = getattr(torch.optim, name)
        optimizer: Stepping = kind(params, **modes[how], **settings(name), **options)
        return optimizer

    title = f"torch {computes or name}, {how}"
    return Subject(title, computes or name, make)


def peer(
    name: str, computes: str, module: str, attribute: str, one_program: bool = False, **options: Any
) -> Subject:
    """Someone else's. It is imported when it is needed, so that only its own row can fail."""

    def make(params: list[Tensor]) -> Stepping:
        kind = getattr(importlib.import_module(module), attribute)
        optimizer: Stepping = kind(params, **settings(computes), **options)
        return optimizer

    return Subject(name, computes, make, one_program)


class Floor:
    """
    What memory alone allows: no arithmetic to speak of, and exactly the traffic of an Adam step.

    That is 28 bytes for each float32 parameter: read the parameter, its gradient and two running
    means; write all but the gradient. Three operations of torch, in place, on one long vector.
    """

    def __init__(self, params: list[Tensor]) -> None:
        size = sum(param.numel() for param in params)
        self.param, self.grad, self.mean, self.square = (torch.ones(size) for _ in range(4))

    @torch.no_grad()
    def step(self) -> None:
        self.param.add_(self.grad)
        self.mean.neg_()
        self.square.neg_()


PEERS = "tests.parity.peers"  # makes them importable and silent

REFERENCE = torchs("Adam", "fused")
FLOOR = Subject("memory floor", "nothing", Floor)
OURS = ours("AdaBelief", fused=True)
# Large models are measured a few subjects at a time. The first few are those whose ratios the page
# makes claims about, so that they run side by side.
SUBJECTS = [
    REFERENCE,
    FLOOR,
    OURS,
    ours("AdaBelief", fused=False),
    ours("Adam", fused=False),
    torchs("Adam", "for-loop"),
    peer("authors' AdaBelief", "AdaBelief", PEERS, "authors_adabelief"),
    ours("Adam", fused=True),
    ours("AdaBelief", fused=True, more=", bfloat16 means", state_dtype=torch.bfloat16),
    ours("RAdam", fused=True),
    ours("RAdam", fused=False),
    torchs("RAdam", "for-loop"),
    torchs("RAdam", "foreach"),
    ours("AMSGrad", fused=True),
    ours("AMSGrad", fused=False),
    torchs("Adam", "fused", computes="AMSGrad", amsgrad=True),
    torchs("Adam", "foreach"),
    torchs("AdamW", "for-loop"),
    torchs("AdamW", "foreach"),
    torchs("AdamW", "fused"),
    peer("heavyball AdamW", "AdamW", "heavyball", "AdamW", one_program=True,
         weight_decay=1e-2),
    peer("predecessor's Adam", "Adam", PEERS, "LabmlAdam"),
    peer("predecessor's AdaBelief", "AdaBelief", PEERS, "labml_adabelief_as_documented"),
    peer("pytorch_optimizer AdaBelief", "AdaBelief", "pytorch_optimizer", "AdaBelief",
         rectify=True),
    peer("timm AdaBelief", "AdaBelief", PEERS, "TimmAdaBelief"),
]  # fmt: skip
BY_NAME = {subject.name: subject for subject in SUBJECTS}
GROWING = [BY_NAME[name] for name in (
    "torch Adam, fused", "memory floor", "our AdaBelief, fused", "our AdaBelief, plain",
    "our Adam, fused", "our Adam, plain", "torch Adam, for-loop",
)]  # fmt: skip
