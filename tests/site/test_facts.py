"""The tables of "How implementations differ" are made from recorded facts."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from tests.site.browsing import ROOT


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("facts", ROOT / "docs" / "hooks" / "facts.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def config(tmp_path: Path) -> MkDocsConfig:
    config = MkDocsConfig()
    config.docs_dir = str(tmp_path)
    return config


def record(folder: Path, text: str) -> None:
    (folder / "facts").mkdir()
    (folder / "facts" / "implementations.json").write_text(text, encoding="utf-8")


def test_each_implementation_is_a_row(hook: ModuleType) -> None:
    facts = json.loads((ROOT / "docs" / hook.FACTS).read_text(encoding="utf-8"))
    lines = hook.implementations(facts).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + len(facts["implementations"])
    assert all(line.count("|") == 8 for line in table)


def test_the_page_asks_for_every_table(hook: ModuleType) -> None:
    page = (ROOT / "docs" / "differences.md").read_text(encoding="utf-8")
    assert hook.PLACE.findall(page) == list(hook.TABLES)


def test_missing_facts_stop_the_build_and_name_the_remedy(
    hook: ModuleType, config: MkDocsConfig
) -> None:
    with pytest.raises(
        PluginError, match=r"implementations\.json.*python -m tests\.parity\.record"
    ):
        hook.on_page_markdown("<!-- facts: distances -->", config)


def test_an_unknown_table_stops_the_build(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    record(tmp_path, "{}")
    with pytest.raises(PluginError, match="no table 'nothing'; there are implementations"):
        hook.on_page_markdown("<!-- facts: nothing -->", config)


def test_a_page_without_tables_is_left_alone(hook: ModuleType, config: MkDocsConfig) -> None:
    assert hook.on_page_markdown("# Title\n", config) == "# Title\n"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "equal"), (1e-16, "1e-16"), (0.021, "0.021"), (2.2e-7, "2.2e-7")]
)
def test_numbers_are_written_as_people_do(hook: ModuleType, value: float, text: str) -> None:
    assert hook.number(value) == text
