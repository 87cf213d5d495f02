"""The pictures on the optimizers' pages show what the classes do."""

import json
import re

import pytest

from docs.hooks.pictures import PICTURES as DRAWN
from experiments.pictures import PATH, PICTURES

RECORDED = json.loads(PATH.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PICTURES)
def test_a_recorded_curve_is_what_the_class_does_today(name: str) -> None:
    made = PICTURES[name]()
    assert made.keys() == RECORDED[name].keys()
    assert {each.partition(" ")[0] for each in made} == DRAWN[name].panels.keys()
    for panel, curves in made.items():
        assert curves.keys() == RECORDED[name][panel].keys()
        for series, curve in curves.items():
            for (step, value), (then, said) in zip(
                curve, RECORDED[name][panel][series], strict=True
            ):
                assert step == then
                assert value == pytest.approx(said, rel=2e-3), (
                    "run `python -m experiments.pictures`"
                )


def test_the_pictures_say_what_the_prose_says() -> None:
    """A flipped sign, a swapped line, or a forgotten correction would show."""
    last = {
        (name, panel, series): curve[-1][1]
        for name, panels in RECORDED.items()
        for panel, curves in panels.items()
        for series, curve in curves.items()
    }
    assert last["ada_belief", "agree", "adabelief"] > 4 * last["ada_belief", "agree", "adam"]
    assert last["ada_belief", "flip", "adabelief"] == pytest.approx(1 / 18, rel=1e-2)
    assert last["ada_belief", "flip", "adam"] == pytest.approx(1 / 19, rel=1e-2)
    # "4.5·α after 100 steps", where the gradient is ten times as large as its noise.
    assert last["ada_belief", "noisy 0.1", "adabelief"] == pytest.approx(4.5, abs=0.05)
    assert last["amsgrad", "walk", "adam"] == 1
    assert last["amsgrad", "walk", "amsgrad"] < -0.9
    assert last["adam", "scale", "adam large"] == last["adam", "scale", "adam small"]
    assert last["radam", "wander", "radam"] < last["radam", "wander", "adam"] / 2
    pull = RECORDED["weight_decay"]["pull"]
    assert pull["torch-adamw small"] == pull["torch-adamw large"]
    assert last["weight_decay", "pull", "adam small"] < last["weight_decay", "pull", "adam large"]


# What an author chose: sizes of gradients, a step size, and where a plain warm-up ends.
GIVEN = {"radam": {"2000"}, "weight_decay": {"10", "0.1", "0.01"}}


@pytest.mark.parametrize("name", PICTURES)
def test_each_number_in_the_words_of_a_picture_is_on_its_curves(name: str) -> None:
    for key, panel in DRAWN[name].panels.items():
        curves = [
            curve
            for each, found in RECORDED[name].items()
            if each.partition(" ")[0] == key
            for curve in found.values()
        ]
        numbers = re.findall(r"\d+(?:\.\d+)?", f"{panel.caption} {panel.words}")
        steps = {float(text) for text in numbers}
        seen = {value for curve in curves for point in (curve[0], curve[-1]) for value in point}
        seen |= {value for curve in curves for step, value in curve if step in steps}
        seen |= {step for curve in curves for step, _ in curve}
        for text in {*numbers} - GIVEN.get(name, set()):
            digits = len(text.partition(".")[2])
            near = [abs(value - float(text)) <= 0.5 * 10**-digits + 1e-9 for value in seen]
            assert any(near), f"{key}: {text}"
