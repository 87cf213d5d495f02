"""The numbers of "What the checker found elsewhere" are made from recorded facts."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from sidebyside.translating.editions import Original, said
from tests.site.browsing import ROOT

RUN = " (Adam(), step 1): formula 0.5, code 0.25"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    path = ROOT / "docs" / "hooks" / "findings.py"
    spec = importlib.util.spec_from_file_location("findings", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def config(tmp_path: Path) -> MkDocsConfig:
    config = MkDocsConfig()
    config.docs_dir = str(tmp_path)
    config.plugins = {"sidebyside": Original()}  # type: ignore[assignment]
    return config


def record(folder: Path, **changed: Any) -> None:
    fact = {"file": "a.py", "line": 7, "formula": "x", "found": f"disagrees with line 8{RUN}"}
    (folder / "facts").mkdir()
    text = json.dumps({"wrong": [fact], "not checked": [], "raised": [], **changed})
    (folder / "facts" / "labml_nn.json").write_text(text, encoding="utf-8")


def test_a_verdict_stands_where_the_page_asks_for_it(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    record(tmp_path)
    page = hook.on_page_markdown("Text\n\n<!-- findings: a.py 7 -->\n", config)
    assert page == f"Text\n\n{said(f'- Line 7 disagrees with line 8{RUN}.')}\n"


def test_a_verdict_that_names_another_line_first_is_set_off(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    found = f"line 9, which uses it, disagrees with what a.py computes{RUN}"
    record(tmp_path, wrong=[{"file": "a.py", "line": 7, "formula": "x", "found": found}])
    page = hook.on_page_markdown("<!-- findings: a.py 7 -->", config)
    assert page == said(f"- Line 7: {found}.")


def test_a_finding_that_asks_ends_with_its_question_mark(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    words = [{"file": "a.py", "line": n, "found": found} for n, found in ((3, "who?"), (5, "no"))]
    record(tmp_path, wrong=[], words=words)
    page = hook.on_page_markdown("<!-- findings: words -->", config)
    assert page == "- `a.py`, line 3: who?\n- `a.py`, line 5: no."


def test_a_verdict_that_no_sentence_says_stops_the_build(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    record(tmp_path, wrong=[{"file": "a.py", "line": 7, "formula": "x", "found": "is odd"}])
    with pytest.raises(PluginError, match=r"no sentence says 'Line 7 is odd\.'; add it to FORMS"):
        hook.on_page_markdown("<!-- findings: a.py 7 -->", config)


def test_a_finding_that_the_page_does_not_tell_stops_the_build(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    record(tmp_path)
    with pytest.raises(PluginError, match=r"a\.py:7 .*not in both"):
        hook.on_page_markdown("<!-- findings: unchecked -->", config)


def test_a_finding_that_no_check_makes_stops_the_build(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    record(tmp_path, wrong=[])
    with pytest.raises(PluginError, match=r"a\.py:7 .*not in both"):
        hook.on_page_markdown("<!-- findings: a.py 7 -->", config)


def test_an_unknown_table_stops_the_build(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    record(tmp_path, wrong=[])
    with pytest.raises(PluginError, match="no table 'nothing'; there are totals"):
        hook.on_page_markdown("<!-- findings: nothing -->", config)


def test_missing_facts_stop_the_build_and_name_the_remedy(
    hook: ModuleType, config: MkDocsConfig
) -> None:
    with pytest.raises(PluginError, match=r"python -m tests\.checking\.labml_nn\.record"):
        hook.on_page_markdown("<!-- findings: totals -->", config)


def test_the_page_shows_every_table(hook: ModuleType) -> None:
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    asked = [match["what"] for match in hook.PLACE.finditer(page)]
    assert set(hook.TABLES) <= set(asked)


def test_formulas_with_one_reason_share_a_row(hook: ModuleType) -> None:
    facts = [{"file": "a.py", "line": n, "formula": "x", "found": "why"} for n in (3, 4)]
    assert hook.unchecked({"not checked": facts}).endswith("| <code>a.py</code> | 3, 4 | why |")


def test_words_are_told_with_their_files_and_lines(
    hook: ModuleType, config: MkDocsConfig, tmp_path: Path
) -> None:
    found = {"file": "b.py", "line": 3, "found": "lists `one`, which is no argument"}
    record(tmp_path, wrong=[], words=[found])
    page = hook.on_page_markdown("<!-- findings: words -->", config)
    assert page == "- `b.py`, line 3: lists `one`, which is no argument."
