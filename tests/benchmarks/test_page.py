"""The page on speed says what was recorded, and nothing from a run that does not count."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from sidebyside.translating.editions import Original, said, say_english

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("speed", ROOT / "docs" / "hooks" / "speed.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PART = {"steps": 1000, "counted": 1000.0, "microseconds_per_step": 33.0, "resident_mb": 99.6}


@pytest.fixture
def config(tmp_path: Path) -> MkDocsConfig:
    config = MkDocsConfig()
    config.docs_dir = str(tmp_path)
    config.plugins = {"sidebyside": Original()}  # type: ignore[assignment]
    (tmp_path / "facts").mkdir()
    for way in ("plain", "fused"):
        (tmp_path / "facts" / f"long-run-{way}.json").write_text(json.dumps({"parts": [PART]}))
    return config


def record(config: MkDocsConfig, facts: dict[str, Any]) -> None:
    path = Path(config.docs_dir) / "facts" / "speed.json"
    path.write_text(json.dumps(facts), encoding="utf-8")


def test_the_page_asks_for_everything_once(hook: ModuleType) -> None:
    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    assert sorted(hook.PLACE.findall(page)) == sorted([*hook.TABLES, *hook.chart.CHARTS])


def test_without_a_record_the_page_says_so(hook: ModuleType, config: MkDocsConfig) -> None:
    page = hook.on_page_markdown("<!-- speed: targets -->", config)
    assert page == said("*Not recorded yet; `make bench` does.*")


def test_a_broken_record_stops_the_build_and_names_the_remedy(
    hook: ModuleType, config: MkDocsConfig
) -> None:
    (Path(config.docs_dir) / "facts" / "speed.json").write_text("{", encoding="utf-8")
    with pytest.raises(PluginError, match="run `make bench`"):
        hook.on_page_markdown("<!-- speed: targets -->", config)


def test_a_quick_run_is_no_record(hook: ModuleType, config: MkDocsConfig) -> None:
    record(config, {"quick": True})
    with pytest.raises(PluginError, match="a quick run says nothing about speed"):
        hook.on_page_markdown("<!-- speed: targets -->", config)


def test_an_unknown_table_stops_the_build(hook: ModuleType, config: MkDocsConfig) -> None:
    record(config, {"quick": False})
    with pytest.raises(PluginError, match="no table 'nothing'; there are targets"):
        hook.on_page_markdown("<!-- speed: nothing -->", config)


def test_targets_say_met_not_met_not_measured_and_cannot_tell(hook: ModuleType) -> None:
    rows: list[dict[str, Any]] = [
        {"what": "a", "limit": 1.0, "unit": "×", "value": 0.5, "met": True},
        {"what": "b", "limit": 5.0, "at_least": True, "unit": "×", "value": 4.0, "met": False},
        {"what": "c", "limit": 3, "unit": "", "value": None},
        {"what": "d", "limit": 0.0, "unit": "", "value": -0.001, "met": True},
        {"what": "e", "limit": 1.0, "unit": "×", "value": 0.98, "low": 0.9, "high": 1.1,
         "met": None},
    ]  # fmt: skip
    for row in rows:
        ends = {} if row["value"] is None else {"low": row["value"], "high": row["value"]}
        row |= {"at_least": row.get("at_least", False), **ends, **row}
    table = hook.targets({"summary": {"targets": rows}}, say_english).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert table.splitlines()[2:] == [
        "| a | ≤ 1 × | 0.50 × | met |",
        "| b | ≥ 5 × | 4.00 × | **not met** |",
        "| c | ≤ 3 | not measured | – |",
        "| d | ≤ 0 | 0.00 | met |",
        "| e | ≤ 1 × | 0.98 × <small>(0.90–1.10)</small> | cannot tell |",
    ]


def test_who_is_missing_is_named_with_the_reason(hook: ModuleType) -> None:
    workloads = [
        {"name": "one", "subjects": {"a": {"unavailable": "no such package"}, "b": {}}},
        {"name": "two", "subjects": {"a": {"unavailable": "no such package"}}},
    ]
    assert (
        hook.unavailable({"workloads": workloads}, say_english)
        == "- a, on one, two: no such package"
    )


def test_a_long_run_is_shown_unless_it_has_miscounted(
    hook: ModuleType, config: MkDocsConfig
) -> None:
    record(config, {"quick": False})
    page = hook.on_page_markdown("<!-- speed: million -->", config)
    assert "\n| 1,000 | 33 | 100 | 33 | 100 |\n" in page
    wrong = json.dumps({"parts": [{**PART, "counted": 999.0}]})
    (Path(config.docs_dir) / "facts" / "long-run-fused.json").write_text(wrong)
    with pytest.raises(PluginError, match=r"after 1000 steps, 999\.0 were counted"):
        hook.on_page_markdown("<!-- speed: million -->", config)


@pytest.mark.parametrize("way", ["plain", "fused"])
def test_the_recorded_long_run_has_neither_grown_nor_slowed_down(way: str) -> None:
    recorded = json.loads((ROOT / "docs" / "facts" / f"long-run-{way}.json").read_text())
    parts = recorded["parts"]
    assert parts[-1]["steps"] == 1_000_000
    assert abs(recorded["python_bytes_gained_in_1000_steps"]) < 1000
    settled = [part["resident_mb"] for part in parts[3:]]
    assert max(settled) - min(settled) < 1
    paces = [part["microseconds_per_step"] for part in parts[1:]]
    assert max(paces) < 1.15 * min(paces)
