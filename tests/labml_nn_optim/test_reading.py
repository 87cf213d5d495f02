"""One function sees of all tensors what Python would be told, one question at a time."""

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from labml_nn_optim import AdaBelief
from labml_nn_optim.engine import reading
from labml_nn_optim.engine.table import Reader, is_dense, sharing

can_look = pytest.mark.skipif(
    not hasattr(Tensor, "__dlpack_c_exchange_api__"), reason="torch before 2.10 does not answer"
)
MEMORY = torch.arange(4096.0)

VIEWS: dict[str, Callable[[], Tensor]] = {
    "matrix": lambda: torch.randn(5, 7),
    "transposed": lambda: torch.randn(5, 7).t(),
    "permuted": lambda: torch.randn(2, 3, 4, 5).permute(2, 0, 3, 1),
    "channels last": lambda: torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    "with ones": lambda: torch.randn(3, 1, 4).as_strided((3, 1, 4), (4, 999, 1)),
    "number": lambda: torch.randn(()),
    "empty": lambda: torch.randn(5, 0),
    "with gaps": lambda: torch.randn(5, 8)[:, ::2],
    "part of a matrix": lambda: torch.randn(5, 8)[:, 2:5],
    "expanded": lambda: torch.randn(5, 1).expand(5, 3),
    "inside": lambda: torch.randn(40)[3:10],
}


def row(param: Tensor, **others: Tensor) -> list[list[Tensor]]:
    """A parameter, its gradient and a running mean, in the same order in memory."""
    return [[param], [others.get("grad", param.clone())], [others.get("mean", param.clone())]]


@can_look
@pytest.mark.parametrize("name", VIEWS)
def test_a_parameter_is_a_row_exactly_if_it_fills_its_memory(name: str) -> None:
    param = VIEWS[name]()
    like = torch.empty_strided(param.shape, param.stride()) if is_dense(param) else param.clone()
    found = reading.look(row(param, grad=like, mean=like.clone()), [torch.tensor(3.0)])
    assert (found is not None) == is_dense(param)
    if found:
        assert [*found.words[:4]][::3] == [param.numel(), param.data_ptr()]
        assert [*found.taken] == [3.0]
        assert found.counted


@can_look
@pytest.mark.parametrize(
    "other",
    [
        torch.randn(7, 5),
        torch.randn(35),
        torch.randn(7, 5).t(),
        torch.randn(5, 7, dtype=torch.float64)[:, :],
        torch.empty(5, 7, device="meta"),
        torch.randn(5, 7).to_sparse(),
        "no tensor",
    ],
    ids=["other shape", "flat", "other order", "other type", "no memory", "sparse", "no tensor"],
)
def test_a_gradient_unlike_its_parameter_is_left_to_python(other: Any) -> None:
    params = [torch.randn(5, 7), torch.randn(5, 7)]
    grads, means = [torch.randn(5, 7), other], [torch.randn(5, 7), torch.randn(5, 7)]
    counts = [torch.tensor(1.0), torch.tensor(1.0)]
    assert reading.look([params, grads, means], counts) is None
    grads[1] = torch.randn(5, 7)
    assert reading.look([params, grads, means], counts) is not None


@can_look
@pytest.mark.parametrize(
    ("count", "taken", "counted"),
    [
        (torch.tensor(7.0), [7.0], True),
        (torch.tensor([7.0]), [7.0], True),
        (torch.tensor(7.0, dtype=torch.float64), [], False),
        (torch.tensor(7), [], False),
    ],
    ids=["as made", "in a list", "of another type", "an integer"],
)
def test_counts_that_are_kept_in_another_way_are_counted_by_python(
    count: Tensor, taken: list[float], counted: bool
) -> None:
    found = reading.look(row(torch.randn(3)), [count])
    assert found is not None
    assert [*found.taken] == taken
    assert found.counted == counted
    assert found.words[1] == (count.data_ptr() if counted else 0)


@can_look
def test_shared_memory_is_found_as_python_finds_it() -> None:
    draw = random.Random(1)
    shared = 0
    for _ in range(400):
        # A few stretches of a small memory, which often meet.
        sizes = [draw.randint(0, 12) for _ in range(2)]
        columns = [
            [MEMORY[(at := draw.randint(0, 80)) : at + size] for size in sizes] for _ in range(3)
        ]
        found = reading.look(columns, [torch.tensor(0.0), torch.tensor(0.0)])
        assert found is not None
        expected = bool(sharing(columns))
        assert reading.are_shared(found) == expected
        shared += expected
    assert 100 < shared < 380


def test_a_gradient_may_belong_to_two_parameters() -> None:
    grad = torch.randn(4)
    tables, left = Reader().read(
        [[torch.randn(4), torch.randn(4)], [grad, grad]], [torch.tensor(0.0) for _ in range(2)],
        lambda: None,
    )  # fmt: skip
    assert not left
    assert [*tables[0].places] == [0, 1]


@pytest.mark.parametrize("torch_answers", [True, False])
def test_a_step_is_the_same_whoever_asks(
    torch_answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not torch_answers:
        monkeypatch.setattr(reading, "_functions", lambda: None)
    both = []
    for fused in (True, False):
        torch.manual_seed(1)
        params = [torch.nn.Parameter(make()) for name, make in VIEWS.items() if name != "expanded"]
        params.append(torch.nn.Parameter(torch.randn(3, dtype=torch.complex64)))
        optimizer = AdaBelief(params, fused=fused, lr=0.1)
        for t in itertools.count():
            for i, param in enumerate(params):
                # They join one after the other, and their gradients move.
                param.grad = torch.randn_like(param) if t >= i % 3 else None
            if t == 9:
                break
            optimizer.step()
        if fused:
            assert "compiled, but for 2 of 11 parameters" in repr(optimizer)
        both.append(params)
    for ours, plain in zip(*both, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-6, atol=1e-6)


def test_a_type_that_changes_in_place_is_seen() -> None:
    reader, memory = Reader(), torch.zeros(16)
    counts = [torch.tensor(0.0)]
    words = set()
    for dtype in (torch.float32, torch.bfloat16, torch.float32):
        # At the same places, as many numbers
        param, grad = (part.view(dtype)[:4] for part in memory.chunk(2))
        tables, _ = reader.read([[param], [grad]], counts, lambda: None)
        assert tables[0].dtypes == (dtype, dtype)
        words.add(tuple(tables[0].words))
    assert len(words) == 1
