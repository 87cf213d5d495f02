"""The diagram of classes: what is in it, where it stands, and how it looks in a browser."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sidebyside.rendering.hierarchy import hierarchy_svg
from sidebyside.rendering.names import TORCH_NAMES

ROOT = Path(__file__).parents[2]

TREE = {
    "pk/base.py": '''
        from torch.optim import Optimizer
        from pk.tool import Tool
        class Base(Optimizer):
            """## Base"""
            def __init__(self): self.tool = Tool()
            def step(self):
                """### Step"""
            def _private(self): ...
            @property
            def size(self): ...
            setting = 1
    ''',
    "pk/tool.py": "class Tool:\n    def __call__(self): ...\n    def use(self): ...",
    "pk/leaves.py": """
        from pk.base import Base
        from somewhere import Unknown
        class Left(Base):
            def step(self): ...
        class LeftOfLeft(Left): ...
        class Right(Base):
            def other(self): ...
        class Stranger(Unknown):
            class Inner: ...
    """,
}


@pytest.fixture
def svg(sources):
    return ET.fromstring(hierarchy_svg(sources(TREE, TORCH_NAMES).names, page="pk/"))


@pytest.fixture
def our_svg(sources_of) -> str:
    return hierarchy_svg(sources_of("labml_nn_optim").names)


def boxes(svg: ET.Element) -> dict[str, ET.Element]:
    groups = (group for group in svg.findall("g") if group.get("role") == "group")
    return {group.findtext("a/text") or "": group for group in groups}


def frame(group: ET.Element) -> tuple[float, float, float, float]:
    rect = group.find("rect")
    assert rect is not None
    x, y, width, height = (float(rect.attrib[k]) for k in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def rows(group: ET.Element) -> dict[str, list[str]]:
    """The names after each label."""
    found: dict[str, list[str]] = {}
    label = ""
    for each in group:
        if each.tag == "text" and each.text in ("adds", "overrides", "has"):
            label = each.text
        elif each.tag == "a" and label:
            found.setdefault(label, []).append(each.findtext("text") or "")
    return found


def test_each_class_has_a_box_below_the_one_it_extends(svg):
    order = list(boxes(svg))
    assert order == ["Optimizer", "Base", "Tool", "Left", "LeftOfLeft", "Right", "Stranger"]
    tops = [frame(group)[1] for group in boxes(svg).values()]
    assert tops == sorted(tops)
    assert all(above[3] < below[1] for above, below in pairwise(map(frame, boxes(svg).values())))


def test_a_box_says_what_a_class_adds_and_overrides(svg):
    found = boxes(svg)
    assert rows(found["Base"]) == {"adds": ["size"], "overrides": ["step"]}
    assert rows(found["Left"]) == {"overrides": ["step"]}
    assert rows(found["Right"]) == {"adds": ["other"]}
    assert rows(found["Tool"]) == {"has": ["__call__", "use"]}


def test_every_name_is_a_link_relative_to_the_page_that_shows_it(svg):
    links = {link.get("aria-label"): link.get("href") for link in svg.iter("a")}
    assert links == {
        "Optimizer": "https://docs.pytorch.org/docs/stable/optim.html#torch.optim.Optimizer",
        "Base": "base/#Base",
        "Base.size": "base/#L10",
        "Base.step": "base/#Base.step",
        "Tool": "tool/#L1",
        "Tool.__call__": "tool/#L2",
        "Tool.use": "tool/#L3",
        "Left": "leaves/#L3",
        "Left.step": "leaves/#L4",
        "LeftOfLeft": "leaves/#L5",
        "Right": "leaves/#L6",
        "Right.other": "leaves/#L7",
        "Stranger": "leaves/#L8",
    }


def test_branches_and_helpers_are_moved_in_and_helpers_are_dashed(svg):
    left = {name: frame(group)[0] for name, group in boxes(svg).items()}
    assert left["Optimizer"] == left["Base"] == left["Stranger"]
    assert left["Tool"] == left["Left"] == left["Right"] == left["LeftOfLeft"] > left["Base"]
    lines = list(svg.iter("path"))
    assert len(lines) == 5
    dashed = [line for line in lines if line.get("stroke-dasharray")]
    assert len(dashed) == 1
    assert boxes(svg)["Tool"].get("aria-label") == "Tool, used by Base"
    assert boxes(svg)["Left"].get("aria-label") == "Left extends Base"


def test_only_the_modules_that_are_asked_for_are_drawn(sources):
    names = sources(TREE, TORCH_NAMES).names
    svg = ET.fromstring(hierarchy_svg(names, modules=["pk.leaves"]))
    assert list(boxes(svg)) == ["Base", "Left", "LeftOfLeft", "Right", "Stranger"]


def test_classes_that_use_each_other_are_all_drawn(sources):
    text = "\n".join(f"class {a}:\n    def f(self): {b}()" for a, b in ("AB", "BC", "CA"))
    svg = ET.fromstring(hierarchy_svg(sources(text).names))
    assert sorted(boxes(svg)) == ["A", "B", "C"]


def test_a_package_without_classes_gives_an_empty_drawing(sources):
    svg = ET.fromstring(hierarchy_svg(sources("x = 1").names))
    assert boxes(svg) == {}


def test_a_long_name_is_made_smaller_and_drives_out_a_long_module(sources):
    name, module = "AClassWithANameThatIsMuchLongerThanAnybodyWouldLike", "m" * 50
    svg = ET.fromstring(hierarchy_svg(sources({f"{module}.py": f"class {name}: ..."}).names))
    text = svg.find("g/a/text")
    assert text is not None
    assert 6 < float(text.attrib["font-size"]) < 330 / (len(name) * 0.6)
    assert svg.findall("g/text") == []


def test_many_levels_of_branches_stay_inside(sources):
    classes = ["class A: ..."]
    for above, below in pairwise("ABCDEFGHIJKL"):
        classes += [f"class {below}({above}): ...", f"class {below}2({above}): ..."]
    svg = ET.fromstring(hierarchy_svg(sources("\n".join(classes)).names))
    frames = [frame(group) for group in boxes(svg).values()]
    assert len(frames) == 23
    assert all(0 <= left < 200 and right == pytest.approx(355.5) for left, _, right, _ in frames)


def test_our_own_hierarchy_is_the_chain_that_readers_know(our_svg):
    chain = ["Optimizer", "GenericAdaptiveOptimizer", "Adam", "AMSGrad", "RAdam", "AdaBelief"]
    found = [name for name in boxes(ET.fromstring(our_svg)) if name != "WeightDecay"]
    assert [name for name in found if name in chain] == chain
    assert all(f"{name} extends " in our_svg for name in found[1:])
    for above, below in pairwise(chain):
        assert f"{below} extends {above}" in our_svg
    assert "WeightDecay, used by GenericAdaptiveOptimizer" in our_svg


def test_the_drawing_brings_nothing_along(our_svg):
    assert not re.search(r"<script|<image|<use|url\(|@import| id=|on\w+=", our_svg)
    assert set(re.findall(r"https?://[^/\"]+", our_svg)) == {"https://docs.pytorch.org"}
    assert len(our_svg) < 12_000


def contrast(one: str, other: str) -> float:
    def luminance(color: str) -> float:
        channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_text_has_enough_contrast_in_both_themes(our_svg):
    css = (ROOT / "sidebyside" / "assets" / "sidebyside.css").read_text()
    colors = {
        name: (light, dark)
        for name, light, dark in re.findall(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    }
    used = set(re.findall(r"var\((--sbs-[\w-]+)", our_svg)) - {"--sbs-code-font"}
    assert used <= colors.keys()
    for name in ("--sbs-quiet", "--sbs-accent"):
        for theme in (0, 1):
            assert contrast(colors[name][theme], colors["--sbs-panel"][theme]) >= 4.5


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_all_text_stays_in_its_box_and_axe_finds_nothing(
    our_svg, sources, browser, scheme
):
    # Three such names would reach the frame, but not cross it.
    lengths = [10, 10, 9] * 5 + list(range(4, 45))
    methods = (
        f"    def {'m' * (length - 3)}_{n}(self): ...\n" for n, length in enumerate(lengths, 10)
    )
    crowded = hierarchy_svg(sources("class Crowded:\n" + "".join(methods)).names)
    css = (ROOT / "sidebyside" / "assets" / "sidebyside.css").read_text()
    page = (
        f'<!doctype html><html lang="en" style="color-scheme: {scheme}"><title>Classes</title>'
        f"<style>{css}\nbody {{ margin: 16px }}</style>"
        f"<main><h1>Classes</h1>{our_svg}{crowded}</main>"
    )
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    try:
        tab.set_content(page)
        tab.add_script_tag(path=str(ROOT / "node_modules" / "axe-core" / "axe.min.js"))
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        outside = tab.evaluate(OUTSIDE)
        violations = tab.evaluate("axe.run({rules: {'target-size': {enabled: true}}})")
    finally:
        tab.close()
    assert outside == []
    assert violations["violations"] == []


# The texts that reach beyond the frame of their box, or touch their neighbor.
OUTSIDE = """
[...document.querySelectorAll('svg g[role=group]')].flatMap(group => {
  const frame = group.querySelector('rect').getBoundingClientRect();
  const texts = [...group.querySelectorAll('text')]
    .map(text => [text.textContent, text.getBoundingClientRect()]);
  return texts.filter(([name, box]) =>
    box.left < frame.left + 12 || box.right > frame.right - 12 || box.bottom > frame.bottom
    || texts.some(([other, near]) => other !== name && near.top < box.bottom - 6
      && box.top < near.bottom - 6 && near.left < box.right + 4 && box.left < near.right + 4)
  ).map(([name]) => name);
})
"""
