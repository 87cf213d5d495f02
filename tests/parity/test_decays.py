"""Each row of the table on weight decay is true."""

from typing import Any

import pytest
import torch

from labml_nn_optim import RAdam, WeightDecay
from tests.parity.decays import (
    COMMON,
    DECAY,
    ROWS,
    Make,
    Row,
    adamw,
    authors_radam,
    path_by,
    path_of,
)
from tests.parity.gradients import gradients
from tests.parity.running import assert_same_path, largest_difference

GRADS = gradients("noisy", steps=60)
RECURRENCES: tuple[Any, ...] = (adamw, authors_radam)


def path_of_theirs(row: Row) -> torch.Tensor:
    if row.theirs in RECURRENCES:
        return path_by(row.theirs, GRADS)  # type: ignore[arg-type]
    return path_of(row.theirs, GRADS)  # type: ignore[arg-type]


def named(name: str) -> Row:
    (row,) = (row for row in ROWS if row.name == name)
    return row


@pytest.mark.parametrize("row", [row for row in ROWS if row.exact], ids=lambda row: row.name)
def test_our_settings_decay_as_theirs_while_a_schedule_runs(row: Row) -> None:
    assert_same_path(path_of(row.ours, GRADS), path_of_theirs(row))


def test_the_kinds_of_decay_lead_to_different_places() -> None:
    kinds = [named(name) for name in ("torch.optim.Adam", "torch.optim.AdamW", "AdamW, the paper")]
    ends = [path_of_theirs(row)[-1] for row in kinds]
    for i, one in enumerate(ends):
        for other in ends[i + 1 :]:
            assert largest_difference(one, other) > 1e-2


def test_a_row_says_coupled_where_the_gradient_is_what_changes() -> None:
    assert all(row.coupled == row.rule.startswith("$gₜ") for row in ROWS)
    assert len({row.rule for row in ROWS}) == 4


def test_the_radam_authors_program_differs_from_ours_by_not_decaying_while_it_waits() -> None:
    row = named("RAdam, the authors' program")
    ours, theirs = path_of(row.ours, GRADS), path_of_theirs(row)
    start = torch.linspace(-1, 1, 6, dtype=torch.float64)
    assert torch.equal(theirs[:5], start.expand(5, -1))
    assert torch.allclose(ours[4], start * (1 - COMMON["lr"] * DECAY) ** 5, rtol=1e-12)
    # Without those five decays, the rest of the two paths is one.

    def late(params: list[torch.Tensor]) -> RAdam:
        class Late(RAdam):
            def step_param(self, state: Any, group: Any, grad: Any, param: Any) -> None:
                waits = group["rectification"] is None
                decay = 0.0 if waits else group["weight_decay"]
                super().step_param(state, {**group, "weight_decay": decay}, grad, param)

        return Late(
            params, **COMMON, weight_decay=WeightDecay(DECAY), degenerate_to_sgd=False, fused=False
        )

    make: Make = late
    assert_same_path(path_of(make, GRADS), theirs)
