"""Tables and figures of the results page say what the data says."""

import importlib.util
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from scipy import stats

from experiments import charts, page
from experiments.claims import CLAIMS, findings
from experiments.forest import WORDS, forest
from experiments.statistics import Interval
from experiments.summary import Experiment
from sidebyside.translating.editions import Original, say_english

NAMES = ("sgd", "torch-adam", "torch-adamw", "adam", "amsgrad", "radam", "adabelief")
OURS = [97.0, 97.5, 98.0, 97.2]


def experiment(task: str = "digits", higher: bool = True, **finals: list[Any]) -> Experiment:
    """Four seeds of each optimizer; all but AdaBelief end three points lower unless told."""
    names = (*NAMES, "adabelief-1e-8", "adabelief-1e-12", "adabelief-rectified")
    ends = {name: [value - 3 for value in OURS] for name in names}
    ends |= dict.fromkeys(("adabelief", "adabelief-1e-8", "adabelief-1e-12"), OURS)
    ends |= {name.replace("_", "-"): values for name, values in finals.items()}
    rows = []
    for name, values in ends.items():
        for lr in (0.1, 0.3, 1.0):
            record: dict[str, Any] = {"validation": [90.0 if lr == 0.3 else 80.0]}
            tried = {"stage": "tuning", "optimizer": name, "lr": lr, "weight_decay": 0.0}
            rows.append({**tried, "seed": 1000, "record": record})
        for seed, value in enumerate(values):
            record = {"step": [1, 2, 3], "loss": [2.0, 1.0, 0.5], "test": [10.0, 50.0, value]}
            done = {"stage": "report", "optimizer": name, "lr": 0.3, "weight_decay": 0.0}
            rows.append({**done, "seed": seed, "record": record})
    better = "higher" if higher else "lower"
    about = {"task": task, "title": "A | B", "metric": "accuracy", "unit": "%", "better": better}
    made = {"commit": ["abc"], "machine": ["one"], "python": ["3"], "command": ["python -m x"]}
    optimizers = {name: name for name in names}
    made_with = {"steps": 3, "betas": [0.9, 0.999]}
    more = {**made_with, "key": "0-0-0", "made": made, "rows": rows, "optimizers": optimizers}
    return Experiment({**about, **more})


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def row(table: str, name: str) -> list[str]:
    (line,) = (
        line for line in map(str.strip, table.splitlines()) if line.startswith(f"| {name} |")
    )
    return [cell.strip() for cell in spaced(line).strip("|").split("|")]


def test_the_table_gives_means_standard_errors_and_paired_intervals() -> None:
    theirs = [96.0, 97.9, 96.1, 97.3]
    cells = row(page.table(experiment(sgd=theirs), say_english), "sgd")
    assert cells[3] == f"{sum(theirs) / 4:.2f} ± {stats.sem(theirs):.2f}"
    mean = sum(OURS) / 4 - sum(theirs) / 4
    ends = stats.ttest_rel(OURS, theirs).confidence_interval(1 - 0.05 / 9)
    expected = f"{mean:.1f} [{ends.low:.1f}, {ends.high:.1f}]".replace("-", "−")
    assert cells[4:6] == [expected, "cannot tell"]
    assert row(page.table(experiment(adam=theirs), say_english), "adabelief")[4:6] == ["", ""]


@pytest.mark.parametrize(
    ("higher", "word"), [(True, "**AdaBelief is better**"), (False, "**AdaBelief is worse**")]
)
def test_higher_is_better_only_where_it_is(higher: bool, word: str) -> None:
    theirs = [94.0, 94.4, 95.1, 94.2]
    table = page.table(experiment(higher=higher, sgd=theirs), say_english)
    assert row(table, "sgd")[5] == word


def test_a_run_that_diverged_is_counted_and_decides_nothing() -> None:
    cells = row(page.table(experiment(sgd=[96.0, None, 96.0, 97.0]), say_english), "sgd")
    assert cells[3:6] == ["1 of 4 runs diverged", "–", "cannot tell"]


def test_a_setting_that_diverged_in_tuning_is_explained() -> None:
    inner = experiment()
    assert "–" not in page.tuning(inner, say_english)
    inner.data["rows"][0]["record"]["validation"] = [None]
    assert "– a run with this setting diverged." in page.tuning(inner, say_english)


def test_a_best_step_size_at_the_edge_is_marked() -> None:
    inner = experiment()
    assert "†" not in page.table(inner, say_english)
    for line in inner.data["rows"]:
        if line["optimizer"] == "sgd" and line["stage"] == "report":
            line["lr"] = 1.0
    assert row(page.table(Experiment(inner.data), say_english), "sgd")[1] == "1†"


def test_old_results_are_called_stale() -> None:
    assert 'warning "Stale"' in page.made(experiment(), say_english)


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ([94.0, 94.4, 95.1, 94.2], "holds"),
        ([99.0, 99.4, 99.9, 99.5], "fails"),
        ([96.0, 97.9, 96.1, 97.3], "open"),
    ],
)
def test_a_claim_is_decided_by_the_interval(theirs: list[float], expected: str) -> None:
    (claim,) = (claim for claim in CLAIMS if claim.name == "right")
    found = {"digits": experiment(sgd=theirs), "digits-hard": experiment(sgd=theirs)}
    verdicts = {finding.rival: finding.verdict for finding in findings(claim, found)}
    assert verdicts["sgd"] == expected


def test_a_smaller_loss_is_faster_also_where_higher_is_better() -> None:
    (claim,) = (claim for claim in CLAIMS if claim.name == "speed")
    slow = experiment()
    for i, line in enumerate(slow.data["rows"]):
        if line["optimizer"] == "sgd" and line["stage"] == "report":
            line["record"]["loss"] = [3.0, 2.0, 1.0 + 0.01 * i]
    found = list(findings(claim, {"digits": slow, "digits-hard": slow}))
    assert {finding.verdict for finding in found} == {"holds"}


def test_each_comparison_is_a_bar_on_the_side_that_the_claim_says() -> None:
    tasks = {task for claim in CLAIMS for task in claim.tasks}
    tree = ET.fromstring(
        forest({task: experiment(task, radam=OURS) for task in tasks}, say_english)
    )
    assert [part.get("id") for part in tree.iter("tbody")] == [claim.name for claim in CLAIMS]
    sides = []
    for comparison in tree.iter("tr"):
        paths = {path.get("class"): path.get("d", "") for path in comparison.iter("path")}
        if "reach" not in paths:
            continue
        low, high = map(float, re.fullmatch(r"M(\S+) 7H(\S+)", paths["reach"]).groups())
        sides.append("holds" if low > 0 else "fails" if high < 0 else "open")
        assert comparison.get("class") == sides[-1]
        assert comparison[3].text == WORDS[sides[-1]]
    assert {"holds", "open"} <= {*sides}
    assert len(sides) == sum(len(claim.tasks) * len(claim.rivals) for claim in CLAIMS)


def test_a_figure_has_a_title_a_description_and_a_line_for_each_series() -> None:
    text = page.figures(experiment(), say_english)
    tree = ET.fromstring(f"<main>{text}</main>")
    for svg in tree.iter("svg"):
        if svg.get("aria-hidden") == "true":
            continue
        ids = {part.get("id") for part in svg.iter()}
        assert set((svg.get("aria-labelledby") or "").split()) <= ids
        assert svg.get("role") == "img"
        lines = [part for part in svg.iter("path") if "line" in (part.get("class") or "").split()]
        assert len(lines) == len(page.DRAWN)
        words = svg.findtext("desc") or ""
        assert all(name in words for name in page.DRAWN)


def test_the_names_of_lines_stand_apart_and_within_the_drawing() -> None:
    ends = {name: (300.0, 229.0 - 0.1 * i) for i, name in enumerate(page.DRAWN)}
    places = {series: height for series, _, _, height in charts.apart(ends)}
    order = sorted(places, key=lambda series: places[series])
    assert order == sorted(ends, key=lambda series: ends[series][1])
    heights = sorted(places.values())
    assert heights[0] >= charts.TOP
    assert heights[-1] <= charts.HEIGHT - charts.BOTTOM
    assert all(high - low >= charts.APART - 1e-9 for low, high in pairwise(heights))


@pytest.mark.parametrize(
    ("value", "text"),
    [(97.456, "97.5"), (-0.25, "−0.250"), (1234.5, "1234"), (1e-9, "1e-9"), (None, "–")],
)
def test_numbers_are_written_as_a_person_would(value: float | None, text: str) -> None:
    assert page.number(value).replace("−9", "-9") == text


def test_an_interval_decides_how_many_digits_are_shown() -> None:
    assert spaced(page.between(Interval(0.00025, -1.14, 1.13))) == "0.0 [−1.1, 1.1]"
    assert spaced(page.between(Interval(-0.001, -7.24, 6.2))) == "0.0 [−7.2, 6.2]"


def test_an_interval_beside_zero_is_never_shown_to_reach_it() -> None:
    assert spaced(page.between(Interval(-9.39, -18.74, -0.04))) == "−9.39 [−18.74, −0.04]"
    assert spaced(page.between(Interval(0.2449, 0.0042, 0.4856))) == "0.245 [0.004, 0.486]"
    assert spaced(page.between(Interval(0.0, -0.004, 0.004))) == "0.0000 [−0.0040, 0.0040]"
    assert spaced(page.between(Interval(0.24, -0.001, 0.481))) == "0.24 [0.00, 0.48]"


def test_a_line_ends_before_an_interval_and_not_within_it() -> None:
    assert page.between(Interval(0.5, 0.1, 0.9)).split(" ")[1:] == ["[0.10,\xa00.90]"]
    assert " " not in page.plus_minus([1.0, 2.0, 4.0], say_english)


def test_an_accuracy_that_differs_is_not_called_untold() -> None:
    alike = {key: [96.0, 97.9, 96.1, 97.3] for key in ("sgd", "adam", "torch_adamw", "radam")}
    untold = experiment(**alike)
    told = experiment(**{**alike, "sgd": [94.0, 94.4, 95.1, 94.2]})
    text = page.accuracy({"digits": told, "digits-hard": untold}, say_english)
    assert text.startswith("**In 1 of 8 comparisons on images, the accuracies differ")
    text = page.accuracy({"digits": untold, "digits-hard": untold}, say_english)
    assert text.startswith("**Whether AdaBelief generalizes as well as others, or better, cannot")


ROOT = Path(__file__).parents[2]
PAGE = SimpleNamespace(file=SimpleNamespace(src_uri="results.md"))


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    path = ROOT / "docs" / "hooks" / "results.py"
    spec = importlib.util.spec_from_file_location("results_hook", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def config(project: Path) -> MkDocsConfig:
    config = MkDocsConfig()
    config.config_file_path = str(project / "mkdocs.yml")
    config.plugins = {"sidebyside": Original()}  # type: ignore[assignment]
    return config


@pytest.mark.parametrize("place", ["table nothing", "nothing digits", "nothing", "figures none"])
def test_a_place_without_results_stops_the_build_with_the_remedy(
    hook: ModuleType, place: str
) -> None:
    with pytest.raises(PluginError, match=r"results\.md: no results .* run `make experiments`"):
        hook.on_page_markdown(f"<!-- results: {place} -->", config=config(ROOT), page=PAGE)


def test_a_damaged_record_stops_the_build_with_the_remedy(hook: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "experiments" / "results"
    folder.mkdir(parents=True)
    (folder / "digits.json").write_text('{"task": "dig')
    with pytest.raises(PluginError, match=r"digits\.json is damaged"):
        hook.on_page_markdown("<!-- results: claims -->", config=config(tmp_path), page=PAGE)


def test_all_that_was_recorded_is_on_the_page_with_its_data(hook: ModuleType) -> None:
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    filled = hook.on_page_markdown(text, config=config(ROOT), page=PAGE)
    for name in hook.recorded(config(ROOT)):
        for what in ("figures", "table", "tuning", "made"):
            assert f"<!-- results: {what} {name} -->" in text
        assert f"(results/{name}.json)" in filled
    assert "<!-- results" not in filled
    assert "Stale" not in filled
    page = hook.on_post_page(f"<head></head>{filled}", config=config(ROOT))
    assert page.count("<figcaption>") == page.count('role="img"') > 10
