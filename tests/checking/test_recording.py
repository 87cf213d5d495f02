"""What a recording keeps of a run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from sidebyside.claims.claims import read_claims, read_functions
from sidebyside.source.sections import parse_source
from sidebyside.trace.recorder import EntryError, Recorder, Recording
from sidebyside.trace.trace import Function, Visit, compact

CODE = """
class Base:
    def step_param(self, state, grad, param):
        m = self.remember(state, grad)
        # x = m
        moved = (
            param
            - m
        )
        param[:] = moved

    def remember(self, state, grad):
        m = state["m"]
        # m ← m + g
        m += grad
        return m


class Child(Base):
    scale = 3.0

    def remember(self, state, grad):
        # a = 0
        for k in range(3):
            # k = k
            a = k
        try:
            # b = 0
            self.fail()
        except ValueError:
            # b = 1
            b = 1
        return super().remember(state, grad)

    def fail(self):
        # f = 0
        raise ValueError
"""


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    path = tmp_path / "code.py"
    path.write_text(CODE, encoding="utf-8")
    module = ModuleType("code")
    exec(compile(CODE, str(path), "exec"), vars(module))
    module.__file__ = str(path)
    return module


def functions(module: ModuleType) -> list[Function]:
    source = parse_source(Path(str(module.__file__)))
    return list(read_functions(source, read_claims(source)))


def two_steps(owner: type) -> Callable[[Callable[..., None]], None]:
    def run(count: Callable[..., None]) -> None:
        optimizer: Any = owner()
        state, param = {"m": np.array([1.0])}, np.array([10.0])
        for _ in range(2):
            count(param)
            optimizer.step_param(state, np.array([2.0]), param)

    return run


def record(module: ModuleType, name: str, **options: Any) -> Recording:
    owner = getattr(module, name)
    return Recorder(functions(module), **options).record(two_steps(owner), owner)


def visits(recording: Recording, function: str) -> list[Visit]:
    found = (visit for step in recording.steps for visit in step.visits)
    return [visit for visit in found if visit.call.function.name == function]


def test_steps_are_counted_by_the_driver(module: ModuleType) -> None:
    recording = record(module, "Base")
    assert [step.t for step in recording.steps] == [1, 2]
    assert recording.steps[1].previous is recording.steps[0]


def test_values_are_those_after_the_chunk_and_stay_as_they_were(module: ModuleType) -> None:
    first, second = visits(record(module, "Base"), "Base.remember")
    assert first.after.names["m"] == 3.0  # 1 + 2, though the same tensor is 5 later on
    assert second.after.names["m"] == 5.0


def test_a_statement_of_several_lines_is_one_chunk(module: ModuleType) -> None:
    first, _ = visits(record(module, "Base"), "Base.step_param")
    assert first.lines == range(6, 11)
    assert first.after.names["moved"] == first.after.names["param"] == 7.0


def test_the_callers_names_are_in_sight(module: ModuleType) -> None:
    first, _ = visits(record(module, "Base"), "Base.remember")
    assert first.after.names["param"] == 10.0


def test_names_for_memory_are_recognized(module: ModuleType) -> None:
    recording = record(module, "Base")
    first, second = visits(recording, "Base.remember")
    memory = {"m": "state['m']", "state": "state"}
    assert first.after.memory == second.after.memory == memory
    assert recording.steps[1].entry.names["state"]["m"] == 3.0


def test_inherited_methods_are_followed(module: ModuleType) -> None:
    assert len(visits(record(module, "Child"), "Base.remember")) == 2


def test_a_chunk_in_a_loop_is_visited_each_time(module: ModuleType) -> None:
    inside = [v for v in visits(record(module, "Child"), "Child.remember") if v.lines[0] == 26]
    assert [visit.after.names["k"] for visit in inside] == [0, 1, 2, 0, 1, 2]


def test_a_function_that_raises_leaves_no_values(module: ModuleType) -> None:
    recording = record(module, "Child")
    assert visits(recording, "Child.fail") == []
    after = [v for v in visits(recording, "Child.remember") if v.lines[0] == 32]
    assert [visit.after.names["b"] for visit in after] == [1, 1]


def test_further_expressions_are_kept(module: ModuleType) -> None:
    recording = record(module, "Child", expressions=["self.scale"])
    assert visits(recording, "Base.remember")[0].after.names["self.scale"] == 3.0


def test_another_leaf_may_be_given(module: ModuleType) -> None:
    recording = record(module, "Base", leaf=lambda value: f"<{value}>")
    assert visits(recording, "Base.remember")[0].after.names["m"] == "<[3.]>"


def test_a_step_that_nobody_counted_is_refused(module: ModuleType) -> None:
    recorder = Recorder(functions(module))
    with pytest.raises(EntryError, match="none of its arguments was counted"):
        recorder.record(lambda count: two_steps(module.Base)(lambda param: None), module.Base)


def test_the_trace_function_of_others_is_restored(module: ModuleType) -> None:
    def theirs(*_: Any) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(theirs)
    try:
        record(module, "Base")
        with pytest.raises(ZeroDivisionError):
            Recorder(functions(module)).record(lambda count: 1 / 0, module.Base)
        assert sys.gettrace() is theirs
    finally:
        sys.settrace(before)


def test_the_plain_form_can_be_played_back(module: ModuleType) -> None:
    recording = record(module, "Child")
    plain = json.loads(json.dumps(compact(recording)))
    assert plain["owner"] == "Child"
    for step, written in zip(recording.steps, plain["steps"], strict=True):
        names = dict(written["entry"])
        for visit, event in zip(step.visits, written["events"], strict=True):
            names |= event["changed"]
            function = plain["functions"][event["function"]]["name"]
            assert function == visit.call.function.name
            assert event["lines"] == [visit.lines[0], visit.lines[-1]]
            for name, value in visit.after.names.items():
                assert np.array_equal(names[name]["m"] if name == "state" else names[name],
                                      value["m"] if name == "state" else value)  # fmt: skip


def test_half_precision_tensors_are_kept_with_the_digits_they_have() -> None:
    torch = pytest.importorskip("torch")
    from sidebyside.trace.recorder import numpy_leaf

    tensor = torch.tensor([0.5, 1.5], dtype=torch.bfloat16, requires_grad=True)
    kept = numpy_leaf(tensor)
    assert kept.dtype == np.float32
    assert kept.tolist() == [0.5, 1.5]


def test_a_tensor_that_was_copied_before_is_read_where_its_numbers_are_now() -> None:
    torch = pytest.importorskip("torch")
    from sidebyside.trace.trace import Copies, numpy_leaf

    copied = Copies(numpy_leaf)
    tensor = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    kept = [copied(tensor), copied(tensor)]
    with torch.no_grad():
        tensor.data.mul_(2)  # which torch counts as no change
        kept.append(copied(tensor))
        tensor.data = torch.zeros(2, dtype=torch.float64)
        kept.append(copied(tensor))
        tensor.data = kept_type = torch.tensor([[0.5, 1.5]], dtype=torch.bfloat16)
    expected = [[[1, 2], [3, 4]], [[1, 2], [3, 4]], [[2, 4], [6, 8]], [0, 0]]
    assert [each.tolist() for each in kept] == expected
    assert copied(tensor).tolist() == kept_type.tolist()


def test_a_tensor_that_is_turned_in_place_is_copied_as_it_is() -> None:
    torch = pytest.importorskip("torch")
    from sidebyside.trace.trace import Copies, numpy_leaf

    copied = Copies(numpy_leaf)
    tensor = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    copied(tensor)
    assert copied(tensor.t_()).tolist() == [[1, 3], [2, 4]]
