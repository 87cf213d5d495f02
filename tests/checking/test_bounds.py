"""Attacks on bounds."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sidebyside.algebra.agreement import HOLDS, Sides, compare, counterexample, holds
from sidebyside.checking.running import adversarial_gradients


@pytest.mark.parametrize(
    ("left", "sign", "right", "expected"),
    [
        (1, "<", 2, True),
        (2, "<", 1, False),
        (1, "≤", 1, True),
        (2, "≥", 1, True),
        (1, "≥", 2, False),
        (1, ">", 2, False),
        (1, "≠", 2, True),
        (1, "≠", 1, False),
        (0, "<", -1e-300, False),
        (1, "<", 1 - 1e-16, True),  # rounding refutes nothing
        (1, "<", 1 - 1e-9, False),
    ],
)
def test_bound_between_two_numbers(left, sign, right, expected):
    assert sign in HOLDS
    assert holds(left, sign, right) == expected


def test_counterexample_is_the_first_element_that_fails():
    left = np.array([0.5, 3.0, 4.0])
    assert counterexample(left, "≤", 1.0) == (1, 3.0, 1.0)
    assert counterexample(left, "≤", 4.0) is None
    assert counterexample(2.0, ">", np.array([1.0, 2.5])) == (1, 2.0, 2.5)


def test_gradients_are_finite_and_the_same_in_every_build():
    names, gradients = adversarial_gradients(40)
    assert gradients.shape == (40, len(names))
    assert np.isfinite(gradients).all()
    np.testing.assert_array_equal(gradients, adversarial_gradients(40)[1])
    assert len(set(names)) == len(names)


def largest_step(betas):
    """The largest step of torch's Adam with learning rate 1, by family of gradients."""
    names, gradients = adversarial_gradients(60)
    param = torch.zeros(len(names), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([param], lr=1.0, betas=betas, eps=1e-30)
    largest = np.zeros(len(names))
    for row in gradients:
        before = param.detach().numpy().copy()
        param.grad = torch.tensor(row)
        optimizer.step()
        largest = np.maximum(largest, np.abs(param.detach().numpy() - before))
    return dict(zip(names, largest, strict=True))


def test_attack_refutes_that_adam_never_moves_by_more_than_its_learning_rate():
    steps = largest_step((0.5, 0.99))
    assert steps["constant"] == pytest.approx(1)
    # The paper's bound where 1 − β₁ > √(1 − β₂) is their ratio; a spike after silence comes near.
    assert steps["one spike after silence"] > 3
    assert max(steps.values()) <= 0.5 / np.sqrt(0.01)


def test_a_bound_that_is_an_equality_may_be_a_small_difference_of_large_numbers() -> None:
    apart = Sides(1.0 - 5e-12, "≥", 1.0, scale=lambda: 1e3)
    assert compare(apart).agrees
    assert not compare(replace(apart, scale=lambda: 1.0)).agrees
