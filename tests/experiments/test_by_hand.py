"""The first steps in numbers are those of the classes, and of a pocket calculator."""

import json
import math

import pytest

from docs.hooks.by_hand import TABLES as DRAWN
from experiments.by_hand import GENTLE, PATH, TABLES, rounded

RECORDED = json.loads(PATH.read_text(encoding="utf-8"))


def test_what_is_recorded_is_what_the_classes_do_today() -> None:
    assert rounded() == RECORDED, "run `python -m experiments.by_hand`"


@pytest.mark.parametrize("name", TABLES)
def test_each_column_has_a_number_in_some_row(name: str) -> None:
    for key in DRAWN[name].columns:
        assert any(key in row for row in RECORDED[name])


def test_a_reader_with_a_calculator_comes_to_the_numbers_of_ada_belief() -> None:
    theta, m, s = 1.0, 0.0, 0.0
    for t, (g, row) in enumerate(zip(GENTLE, RECORDED["ada_belief"], strict=True), 1):
        m = 0.9 * m + 0.1 * g
        s = 0.999 * s + 0.001 * (g - m) ** 2
        m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
        step = 0.1 * m_hat / math.sqrt(s_hat)
        theta -= step
        found = {"t": t, "g": g, "m": m, "surprise": g - m, "s": s, "m_hat": m_hat}
        found |= {"s_hat": s_hat, "step": step, "theta": theta}
        assert {key: f"{value:.4g}" for key, value in found.items()}.items() <= row.items()


def test_the_tables_show_what_is_said_below_their_summaries() -> None:
    steps = {
        name: [{key: float(text) for key, text in row.items()} for row in rows]
        for name, rows in RECORDED.items()
    }
    ours, adams = ([row[key] for row in steps["ada_belief"]] for key in ("step", "adam"))
    assert ours[0] < ours[1] < ours[2] > ours[3]
    assert adams[0] == adams[1] == adams[2] == 0.1 > adams[3]
    assert [row["step"] for row in steps["adam"]] == adams
    small = steps["amsgrad"][1:3]
    assert sum(row["adam"] for row in steps["amsgrad"][:3]) < 0 < -steps["amsgrad"][2]["theta"]
    assert all(abs(row["step"]) < abs(row["adam"]) / 2 for row in small)
    assert [row["step"] for row in steps["radam"][:5]] == [0.2] * 5
    assert steps["radam"][5]["step"] < 0.003
