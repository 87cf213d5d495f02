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
from labml_nn_optim.engine.compiler import CompilerError
from labml_nn_optim.engine.reading import WHY_NOT, Kind, Reader, Table

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


HAVE_GAPS = {"with gaps", "part of a matrix", "expanded"}


def counts(*taken: float) -> list[Tensor]:
    return [torch.tensor(count) for count in taken]


def seen(columns: list[list[Any]], counts: list[Tensor]) -> Reader:
    """A look at parameters, their gradients and running means, and their counts of steps."""
    reader = Reader(len(counts), [f"mean {i}" for i in range(len(columns) - 2)])
    reader.look([*columns, counts])
    return reader


def table(reader: Reader) -> Table:
    """The table of all rows that are alike and have taken as many steps."""
    ((kind, by_count),) = reader.alike().items()
    return reader.table(kind.device, [*by_count.values()])


@pytest.mark.parametrize("name", VIEWS)
def test_a_parameter_is_a_row_exactly_if_it_fills_its_memory(name: str) -> None:
    param = VIEWS[name]()
    dense = name not in HAVE_GAPS
    like = torch.empty_strided(param.shape, param.stride()) if dense else param.clone()
    reader = seen([[param], [like], [like.clone()]], counts(3.0))
    assert reader.left() == ({} if dense else {0: "gaps between its numbers in memory"})
    if dense:
        assert [*table(reader).words[:4]][::3] == [param.numel(), param.data_ptr()]
        assert [*reader.alike().values()] == [{3.0: range(1)}]


UNLIKE: dict[str, tuple[Any, str]] = {
    "other shape": (torch.randn(7, 5), "tensors of different shapes"),
    "flat": (torch.randn(35), "tensors of different shapes"),
    "other order": (torch.randn(7, 5).t(), "its gradient or running means lie in another order"),
    "other type": (torch.randn(5, 7).int(), "numbers of another type"),
    "no memory": (torch.empty(5, 7, device="meta"), "a tensor on another device"),
    "no tensor": ("no tensor", "a tensor of another class"),
    "a subclass": (torch.nn.UninitializedBuffer(), "a tensor of another class"),
    "nothing": (None, "a tensor of another class"),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_a_gradient_unlike_its_parameter_is_left_to_the_plain_step(name: str) -> None:
    other, reason = UNLIKE[name]
    params = [torch.randn(5, 7), torch.randn(5, 7)]
    grads, means = [torch.randn(5, 7), other], [torch.randn(5, 7), torch.randn(5, 7)]
    reader = seen([params, grads, means], counts(1.0, 1.0))
    assert [*reader.alike().values()] == [{1.0: [0]}]
    assert [*reader.left()] == [1]
    assert reader.left()[1].startswith(reason)
    grads[1] = torch.randn(5, 7)
    assert not seen([params, grads, means], counts(1.0, 1.0)).left()


def test_tensors_of_several_types_are_rows_of_several_tables() -> None:
    kinds = [torch.float32, torch.bfloat16, torch.float32, torch.complex64, torch.float64]
    params, grads = ([torch.ones(3, dtype=kind) for kind in kinds] for _ in range(2))
    reader = seen([params, grads], counts(*[2.0] * 5))
    assert not reader.left()
    found = {}
    for kind, by_count in reader.alike().items():
        rows = reader.table(kind.device, [*by_count.values()])
        found[kind.dtypes] = ([*rows.places], [*rows.sizes])
    assert found == {
        (torch.float32, torch.float32): ([0, 2, 3], [3, 3, 6]),  # a complex number is a pair
        (torch.bfloat16, torch.bfloat16): ([1], [3]),
        (torch.float64, torch.float64): ([4], [3]),
    }


@pytest.mark.parametrize(
    ("count", "fits"),
    [
        (torch.tensor(7.0), True),
        (torch.tensor([7.0]), True),
        (torch.tensor([7.0, 7.0]), False),
        (torch.tensor(7.0, dtype=torch.float64), False),
        (torch.tensor(7), False),
        (torch.empty((), device="meta"), False),
    ],
    ids=["as made", "in a list", "two", "of another type", "an integer", "elsewhere"],
)
def test_counts_that_are_kept_in_another_way_are_left_to_the_plain_step(
    count: Tensor, fits: bool
) -> None:
    columns = [[torch.randn(3)], [torch.randn(3)]]
    reader = seen(columns, [count])
    if not fits:
        assert reader.left() == {0: "a count of steps of another type, or elsewhere"}
        return
    assert [*reader.alike().values()] == [{7.0: range(1)}]
    assert reader.words[1] == count.data_ptr()


def test_parameters_that_have_taken_other_numbers_of_steps_are_told_apart() -> None:
    columns = [[torch.randn(3), torch.randn(3)] for _ in range(2)]
    assert [*seen(columns, counts(4.0, 4.0)).alike().values()] == [{4.0: range(2)}]
    assert [*seen(columns, counts(4.0, 5.0)).alike().values()] == [{4.0: [0], 5.0: [1]}]
    nan = float("nan")
    ((by_count,)) = seen(columns, counts(nan, nan)).alike().values()
    assert [*by_count.values()] == [[0], [1]]


@pytest.mark.parametrize("which", range(3))
def test_a_tensor_that_begins_off_the_beat_is_seen(which: int) -> None:
    columns = [[torch.randn(8)[:5], torch.randn(8)[:5]] for _ in range(3)]
    assert table(seen(columns, counts(1.0, 1.0))).is_aligned
    columns[which][1] = torch.randn(8)[1:6]
    assert not table(seen(columns, counts(1.0, 1.0))).is_aligned


def test_memory_that_is_shared_is_found() -> None:
    draw = random.Random(1)
    shared = 0
    for _ in range(400):
        # A few stretches of a small memory, which often meet.
        sizes = [draw.randint(0, 12) for _ in range(2)]
        starts = [[draw.randint(0, 80) for _ in sizes] for _ in range(3)]
        columns = [
            [MEMORY[at : at + size] for at, size in zip(column, sizes, strict=True)]
            for column in starts
        ]
        stretches = [
            (row, column != 1, {*range(starts[column][row], starts[column][row] + size)})
            for row, size in enumerate(sizes)
            for column in range(3)
        ]
        expected = {
            row
            for (row, writes, one), (_, also, two) in itertools.permutations(stretches, 2)
            if one & two and (writes or also)
        }
        reader = seen(columns, counts(0.0, 0.0))
        assert {row for row, why in enumerate(reader.why) if why} == expected
        assert {WHY_NOT[why] for why in reader.why} <= {"", "shares its memory with others"}
        shared += bool(expected)
    assert 100 < shared < 380


def test_a_gradient_may_belong_to_two_parameters() -> None:
    grad = torch.randn(4)
    reader = seen([[torch.randn(4), torch.randn(4)], [grad, grad]], counts(0.0, 0.0))
    assert not reader.left()


def memory_of(params: list[Tensor]) -> dict[Any, Any]:
    return {
        param: {"step": torch.tensor(float(i)), "mean": torch.randn_like(param)}
        for i, param in enumerate(params)
    }


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 0, 1]])
def test_memory_is_found_in_whatever_order_it_was_made(order: list[int]) -> None:
    params = [torch.randn(3) for _ in range(4)]
    state = memory_of(params)
    chosen = [params[i] for i in order]
    reader = Reader(4, ["mean"])
    reader.look([chosen, [torch.randn(3) for _ in order]], state)
    assert [*reader.taken] == order
    assert [*reader.words[20:]] == [state[param]["mean"].data_ptr() for param in chosen]


def test_memory_that_lacks_a_name_or_a_parameter_is_new() -> None:
    params, grads = ([torch.randn(3) for _ in range(2)] for _ in range(2))
    state = memory_of(params)
    reader = Reader(2, ["mean"])
    reader.look([params, grads], state)
    assert reader.look([params, grads], state)
    mean = state[params[1]].pop("mean")
    assert not reader.look([params, grads], state)
    state[params[1]]["mean"] = mean
    assert reader.look([params, grads], state)
    state[params[1]]["step"] = 1.0
    assert not reader.look([params, grads], state)
    del state[params[1]]
    assert not reader.look([params, grads], state)
    assert not reader.look([params, grads], dict.fromkeys(params))


def test_what_has_moved_is_new_unless_it_is_a_gradient() -> None:
    params, grads = ([torch.randn(3) for _ in range(2)] for _ in range(2))
    state = memory_of(params)
    reader = Reader(2, ["mean"])
    reader.look([params, grads], state)
    assert reader.look([params, [grad.clone() for grad in grads]], state)
    params[1].data = params[1].data.clone()
    assert not reader.look([params, grads], state)
    assert reader.look([params, grads], state)
    state[params[0]]["mean"].data = torch.randn(3)
    assert not reader.look([params, grads], state)
    assert reader.look([params, grads], state)
    grads[0].data = grads[0].double()
    assert not reader.look([params, grads], state)


def step_of_many(fused: bool | None) -> tuple[list[Tensor], str]:
    """Parameters of all kinds join one after the other, and their gradients move."""
    torch.manual_seed(1)
    params = [torch.nn.Parameter(make()) for name, make in VIEWS.items() if name != "expanded"]
    params.append(torch.nn.Parameter(torch.randn(3, dtype=torch.complex64)))
    optimizer = AdaBelief(params, fused=fused, lr=0.1)
    for t in range(9):
        for i, param in enumerate(params):
            param.grad = torch.randn_like(param) if t >= i % 3 else None
        optimizer.step()
    return [*params], repr(optimizer)


def test_a_step_over_tensors_of_all_kinds_is_the_plain_one() -> None:
    (ours, said), (plain, _) = step_of_many(True), step_of_many(False)
    assert "compiled, but for 2 of 11 parameters: gaps between" in said
    for one, other in zip(ours, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("missing", ["object_layout", "torch_functions"])
def test_where_torch_does_not_answer_the_step_is_plain(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, missing, lambda *_: None)
    monkeypatch.setattr(reading, "looking", reading.looking.__wrapped__)
    with pytest.raises(CompilerError, match="does not say where"):
        Reader(1, [])
    with pytest.raises(RuntimeError, match="this version of torch does not say where"):
        step_of_many(True)
    monkeypatch.setattr("labml_nn_optim.engine.fused.WORTH_COMPILING", 1)
    assert "plain: cannot be compiled: this version of torch" in step_of_many(None)[1]


def test_a_type_that_changes_in_place_is_seen() -> None:
    reader, memory = Reader(1, []), torch.zeros(16)
    words = set()
    for dtype in (torch.float32, torch.bfloat16, torch.float32):
        # At the same places, as many numbers
        param, grad = (part.view(dtype)[:4] for part in memory.chunk(2))
        assert not reader.look([[param], [grad], counts(0.0)])
        assert [*reader.alike()] == [Kind(torch.device("cpu"), (dtype, dtype))]
        words.add(tuple(table(reader).words[3:]))
    assert len(words) == 1


def test_several_threads_see_what_one_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [[view() for _ in range(40) for view in VIEWS.values()] for _ in range(3)]
    taken = counts(*map(float, range(len(columns[0]))))
    found = []
    for threads in (1, 4):
        monkeypatch.setattr(torch, "get_num_threads", lambda count=threads: count)
        reader = seen(columns, taken)
        found.append((reader.words, reader.kinds, reader.taken, reader.why, reader.alike()))
    assert found[0] == found[1]
    assert {*found[0][3]} == {0, WHY_NOT.index("gaps between its numbers in memory")}
