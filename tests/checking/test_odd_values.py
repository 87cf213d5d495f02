"""Values that are no real numbers, arguments that are arrays, and code that raises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sidebyside.report import Entry, Report
from sidebyside.trace.recorder import numpy_leaf
from sidebyside.trace.trace import NOTHING, Recording, Snapshot, Step, compact
from tests.checking.falsehoods.table import AGREE
from tests.checking.tiny import CONFIGURATIONS, STEP, check, entry, of_class

FORMULA = "mₜ ← mₜ₋₁ + x"


def of_lines(tmp_path: Path, *lines: str) -> Report:
    """Check a step with these lines before the end."""
    return check(tmp_path, of_class(STEP + "".join(f"        {line}\n" for line in lines)))


@pytest.mark.parametrize("value", ["np.array([x + 5j])", "x + 5j", "np.complex128(x)"])
def test_a_complex_number_agrees_with_no_formula(tmp_path: Path, value: str) -> None:
    found = entry(of_lines(tmp_path, "# y = x", f"y = {value}"), "y = x")
    assert found.status == "failed"
    assert "the code gives a complex number, and formulas are about real ones" in found.detail


def test_a_formula_cannot_use_a_complex_number(tmp_path: Path) -> None:
    report = of_lines(tmp_path, "# y = x", "y = x", "y = x + 5j", "# z = y", "z = x")
    found = entry(report, "z = y")
    assert "`y` is complex, not a real number" in found.detail


def test_a_complex_tensor_keeps_its_imaginary_part() -> None:
    torch = pytest.importorskip("torch")
    assert numpy_leaf(torch.tensor([1 + 2j])).tolist() == [1 + 2j]


def test_a_recording_with_complex_numbers_can_be_written() -> None:
    names = {"a": numpy_leaf(1j), "b": [numpy_leaf(1j)]}
    plain = compact(Recording(object, steps=[Step(1, Snapshot(names), ())]))
    assert json.loads(json.dumps(plain))["steps"][0]["entry"] == {"a": "1j", "b": ["1j"]}


@pytest.mark.parametrize("formula", ["y = 7·x", "y > 7·x"])
def test_empty_tensors_do_not_count_as_agreement(tmp_path: Path, formula: str) -> None:
    source = of_class(STEP + f"        # {formula}\n        y = np.zeros(0)\n")
    source = source.replace("the state\n", "the state\n    * $y$ is `y`, nothing\n")
    found = entry(check(tmp_path, source), formula)
    assert found.status == "failed"
    assert found.detail == (
        "never compared: all tensors are empty; add a configuration with numbers in them"
    )


def test_empty_tensors_among_others_are_not_counted(tmp_path: Path) -> None:
    found = entry(
        of_lines(tmp_path, "# y = 7·x", "y = np.full(int(x + 0.5) % 2, 7 * x)"), "y = 7·x"
    )
    assert (found.status, found.times) == ("tried", 2)


def test_a_statement_about_empty_tensors_fails(tmp_path: Path) -> None:
    source = of_class(STEP + "        # So $y = 7·x$.\n        y = np.zeros(0)\n")
    source = source.replace("the state\n", "the state\n    * $y$ is `y`, nothing\n")
    found = entry(check(tmp_path, source), "y = 7·x")
    assert found.status == "failed"
    assert found.detail.startswith("never compared: all tensors are empty")


@pytest.mark.parametrize(
    "value", ["np.array(['a'])", "np.array([None, {}])", "np.array(['1'])", "np.array('2020')"]
)
def test_arrays_that_hold_no_numbers_are_left_out(tmp_path: Path, value: str) -> None:
    assert of_lines(tmp_path, f"names = {value}").ok


def test_arrays_of_numbers_as_objects_are_kept() -> None:
    np = pytest.importorskip("numpy")
    assert numpy_leaf(np.array([1, 2.5], dtype=object)).tolist() == [1.0, 2.5]
    assert numpy_leaf(np.array(["1"])) is NOTHING


PROPERTY = """
    @property
    def mean(self):
        if self.m == 0:
            raise {error}
        return self.m
"""


@pytest.mark.parametrize("error", ["ValueError('no data')", "ZeroDivisionError", "AssertionError"])
def test_a_property_may_raise_until_it_has_a_value(tmp_path: Path, error: str) -> None:
    step = STEP + "        # y = n\n        y = self.m\n"
    source = of_class(PROPERTY.format(error=error) + step)
    source = source.replace("the state\n", "the state\n    * $n$ is `self.mean`, the mean\n")
    assert check(tmp_path, source).ok


ROW = "\n        mₜ ← mₜ₋₁ + x\n\n    * $x$ is"


def of_start(tmp_path: Path, default: str, given: str) -> Entry:
    """The verdict on the row of a class with an array among its arguments."""
    source = of_class(STEP).replace("    * $x$ is", ROW, 1)
    source = source.replace("__init__(self)", f"__init__(self, start={default})")
    runs = CONFIGURATIONS.replace("X, {}", f'X, {{"start": {given}}}')
    return entry(check(tmp_path, source, f"import numpy as np\n{runs}"), FORMULA, 0)


def test_an_array_may_be_an_argument(tmp_path: Path) -> None:
    assert of_start(tmp_path, "np.zeros(3)", "np.zeros(3)").status in AGREE
    found = of_start(tmp_path, "None", "np.zeros(3)")
    assert "every configuration sets `start`; add one that does not" in found.detail
    found = of_start(tmp_path, "np.zeros(3)", "np.ones(2)")
    assert "every configuration sets `start`; add one that does not" in found.detail


def test_a_class_that_only_has_a_method_of_our_name_is_none_of_ours(tmp_path: Path) -> None:
    body = "\n    def at_step(self, t):\n        return t\n" + STEP
    source = of_class(body).replace(
        "__init__(self):", "__init__(self, params=None):\n        assert params is None"
    )
    found = entry(check(tmp_path, source), FORMULA)
    assert found.status in AGREE


LATEX = "\n    $$m_t \\leftarrow m_{t-1} + x \\\\ n_t \\leftarrow n_{t-1} + 2 x$$\n\n    * $x$ is"


@pytest.mark.parametrize(("factor", "agrees"), [(2, True), (3, False)])
def test_latex_rows_on_one_line_are_rows_of_their_own(
    tmp_path: Path, factor: int, agrees: bool
) -> None:
    step = STEP + f"        self.n = self.n + {factor} * x\n"
    source = (
        of_class(step)
        .replace("    * $x$ is", LATEX, 1)
        .replace("self.m = 0.0", "self.m = 0.0; self.n = 0.0")
    )
    source = source.replace('class X:\n    """', 'class X:\n    r"""')
    source = source.replace("the state\n", "the state\n    * $nₜ$ is `self.n`, another\n")
    report = check(tmp_path, source, memory=("self.m", "self.n"))
    assert entry(report, r"m_t \leftarrow m_{t-1} + x").status in AGREE
    found = entry(report, r"n_t \leftarrow n_{t-1} + 2 x").status
    assert (found in AGREE) is agrees


BATCHES = """
    def step(self, x):
        # yₜ ← 2·x
        self.y = 2 * x
"""


def test_inputs_may_be_of_another_length_at_each_step(tmp_path: Path) -> None:
    source = of_class(BATCHES).replace(
        "    * $mₜ$ is `self.m`, the state\n", "    * $yₜ$ is `self.y`\n\n        yₜ ← 2·x\n"
    )
    run = CONFIGURATIONS.replace("it.step(1.0 + k)", "it.step(np.arange(1.5, 4.0 + k % 3))")
    found = check(tmp_path, source, "import numpy as np\n" + run, memory=())
    assert found.problems == ()
    rows = [each for each in found.entries["tiny.py"] if "←" in each.text]
    assert [each.status for each in rows] == ["tried"] * 2, [each.detail for each in rows]
