"""What "Write your own annotated source" says is true: its example builds, its spellings agree."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sidebyside.formula import parse_formula
from tests.site.browsing import ROOT
from tests.test_docs_run import fences

PAGE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
TITLED = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
SPELLINGS = re.compile(r"^\| `(.+?)` \| `(.+?)` \| `(.+?)` \|$", re.MULTILINE)


def files() -> dict[str, str]:
    """The files that the page shows, by name; a snippet is the file it names."""
    shown = dict(TITLED.findall(PAGE))
    shown["running_mean.py"] = (ROOT / "docs/examples/running_mean.py").read_text("utf-8")
    return shown


def build(project: Path, **sources: str) -> "subprocess.CompletedProcess[str]":
    """Do as the page says, in an empty folder."""
    shown = files()
    (project / "source").mkdir()
    (project / "docs").mkdir()
    (project / "node_modules").symlink_to(ROOT / "node_modules")
    for name in ("mkdocs.yml", "docs/index.md"):
        (project / name).write_text(shown[name], encoding="utf-8")
    for name, text in {"running_mean": shown["running_mean.py"], **sources}.items():
        (project / "source" / f"{name}.py").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=project,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )


def test_the_first_page_builds_as_described(tmp_path: Path) -> None:
    done = build(tmp_path)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "site" / "running_mean" / "index.html").read_text(encoding="utf-8")
    assert 'id="RunningMean.add"' in html
    assert html.count('class="sbs-formula"') == 2
    assert (tmp_path / "site" / "index.html").exists()


def test_the_error_is_the_one_the_page_shows(tmp_path: Path) -> None:
    done = build(tmp_path, broken=files()["broken.py"])
    assert done.returncode != 0
    shown = next(block.text for block in fences(PAGE) if block.language == "output")
    assert shown.startswith("source/broken.py:5: ")
    assert shown.strip() in done.stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("spellings", SPELLINGS.findall(PAGE))
def test_three_spellings_mean_the_same(spellings: tuple[str, str, str]) -> None:
    plain, ascii_only, latex = spellings
    assert parse_formula(plain, "plain") == parse_formula(ascii_only, "plain")
    assert parse_formula(plain, "plain") == parse_formula(latex, "latex")
    assert ascii_only.isascii()


def test_the_table_of_options_names_every_option() -> None:
    from sidebyside.mkdocs.options import LanguageOptions, Options, SourceOptions

    named = set(re.findall(r"^\| `(?:sources: |languages: )?([a-z_]+)` \|", PAGE, re.MULTILINE))
    all_of_them = (Options, SourceOptions, LanguageOptions)
    assert named == {key for options in all_of_them for key, _ in options._schema}
