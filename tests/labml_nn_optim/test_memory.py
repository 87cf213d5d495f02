"""A step makes few temporary tensors, and never whole copies of a model."""

import pytest
import torch
from torch import Tensor
from torch.optim import Optimizer

from tests.labml_nn_optim.allocations import Allocations
from tests.labml_nn_optim.table import MODES, make, noise

each_mode = pytest.mark.parametrize("mode", MODES)


def temporaries(optimizer: Optimizer, params: list[Tensor]) -> float:
    """The most bytes alive beside parameters and state, as a share of those of the parameters."""
    for t in range(7):
        for param in params:
            param.grad = noise(*param.shape, seed=t, dtype=torch.float64).to(param.dtype)
        with Allocations() as allocations:
            optimizer.step()
    return allocations.peak / sum(p.untyped_storage().nbytes() for p in params)


@each_mode
def test_temporaries_are_a_small_share_of_the_parameters(mode: str) -> None:
    # As many tensors as a small network has, of about the same size each.
    params = [noise(1000, seed=i).requires_grad_() for i in range(20)]
    assert 0 < temporaries(make(mode, params, fused=False), params) <= 0.2


@each_mode
def test_the_compiled_step_makes_no_temporaries(mode: str) -> None:
    params = [noise(1000, seed=i).requires_grad_() for i in range(20)]
    assert temporaries(make(mode, params, fused=True), params) == 0


@pytest.mark.parametrize("mode", ["Adam", "AMSGrad", "RAdam", "AdaBelief"])
def test_a_tensor_needs_no_more_temporaries_than_in_torch(mode: str) -> None:
    ours, theirs = ([noise(1000).requires_grad_()] for _ in range(2))
    torchs = torch.optim.Adam(theirs, foreach=False)
    assert temporaries(make(mode, ours), ours) <= temporaries(torchs, theirs)
