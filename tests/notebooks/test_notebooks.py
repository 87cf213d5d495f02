"""Each notebook is made from its paired text, and does what it shows when it is run again."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from docs.hooks.notebooks import github
from notebooks.make import NAMES, SETUP, configured_source_url, setup

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
ADDRESS = "https://github.com/somebody/their-fork/blob/main/{path}#L{line}"
HUES = re.findall(r"\"(#[0-9a-f]{6})\"[,}]", SETUP.split("HUES = ")[1].split("\n")[0])
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]\d+)?")


def recorded(name: str, folder: Path = FOLDER) -> Any:
    return nbformat.read(folder / f"{name}.ipynb", as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: Any) -> list[str]:
    """The kinds of output of a cell, in order."""
    return [output.get("name", "/".join(sorted(output.get("data", {})))) for output in cell.outputs]


def printed(cell: Any) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the repository, with no address configured from outside."""
    environment = {key: value for key, value in os.environ.items() if key != "SOURCE_URL"}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module", autouse=True)
def _fonts() -> None:
    """matplotlib says on the error stream that it lists fonts, once on each machine."""
    assert run("-c", "import matplotlib.font_manager").returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_hue_in_a_figure_stands_for_an_optimizer(name: str) -> None:
    """All else is gray, and what a figure draws without choosing a color is gray, too."""
    for cell in code_cells(recorded(name))[1:]:  # the first one has the hues
        assert set(re.findall("#[0-9a-f]{6}", cell.source)) <= {"#808080"}
        drawings = [
            output.data.get("image/svg+xml", "") for output in cell.outputs if "data" in output
        ]
        hues = {hue for drawing in drawings for hue in HUES if hue in drawing}
        assert not hues or "HUES[" in cell.source, (cell.source, hues)


def test_the_notebooks_are_those_that_are_made() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)
    assert {path.stem for path in FOLDER.glob("*.py")} == {*NAMES, "make"}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_the_cells_of_its_paired_text(name: str) -> None:
    source = jupytext.read(FOLDER / f"{name}.py")
    pairs = [
        [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells]
        for notebook in (source, recorded(name))
    ]
    assert pairs[0] == pairs[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_was_run_once_from_top_to_bottom(name: str) -> None:
    cells = code_cells(recorded(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {kind for cell in cells for kind in shown(cell)}
    assert kinds <= {"stdout", "image/svg+xml/text/plain", "text/html/text/plain"}
    assert len(kinds) > 1, "prints, and shows something"
    # What changes from run to run, or says on which machine it was made, is left out.
    assert not re.search(r"0x[0-9a-f]{6}|/tmp|/home|<dc:date>", json.dumps(recorded(name)))


@pytest.mark.parametrize("name", NAMES)
def test_running_a_notebook_again_shows_the_same(name: str, tmp_path: Path) -> None:
    done = run("-m", "notebooks.make", name, "--to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    again, before = (code_cells(recorded(name, folder)) for folder in (tmp_path, FOLDER))
    assert [shown(cell) for cell in again] == [shown(cell) for cell in before]
    for new, old in zip(again, before, strict=True):
        assert NUMBER.sub("#", printed(new)) == NUMBER.sub("#", printed(old))
        numbers = [list(map(float, NUMBER.findall(printed(cell)))) for cell in (new, old)]
        # Another processor adds in another order, and training amplifies the difference.
        assert numbers[0] == pytest.approx(numbers[1], rel=0.1)


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings; warnings.warn('old')", "UserWarning: old"),
        ("import sys; print('beware', file=sys.stderr)", "beware"),
    ],
)
def test_a_cell_that_fails_or_warns_stops_the_making(cell: str, complaint: str) -> None:
    code = (
        "import nbformat; from notebooks.make import run; v4 = nbformat.v4\n"
        f"run(v4.new_notebook(cells=[v4.new_code_cell({cell!r})]))"
    )
    done = run("-c", code)
    assert done.returncode == 1
    assert complaint in re.sub(r"\x1b\[[\d;]*m", "", done.stderr)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_cell_is_the_same_everywhere(name: str) -> None:
    first = code_cells(recorded(name))[0].source
    assert first == setup(first, configured_source_url())
    assert 'if not find_spec("labml_nn_optim"):' in first


@pytest.mark.parametrize(
    ("package", "installed"),
    [
        ("..", "labml_nn_optim @ git+https://github.com/somebody/their-fork@main"),
        (
            "..[site,check]",
            "labml_nn_optim[site,check] @ git+https://github.com/somebody/their-fork@main",
        ),
    ],
)
def test_a_configured_address_is_what_the_first_cell_installs_from(
    package: str, installed: str
) -> None:
    here = setup(f'NEEDED = ["{package}", "matplotlib"]', "")
    there = setup(here, ADDRESS)
    assert f'NEEDED = ["{package}", "matplotlib"]\n' in here
    assert f'NEEDED = ["{installed}", "matplotlib"]\n' in there
    assert setup(there, "") == here


@pytest.mark.parametrize("missing", [True, False])
def test_the_first_cell_installs_what_is_missing_and_nothing_else(
    missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if missing else name)
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append(command))
    cell = setup('NEEDED = ["..", "matplotlib"]', ADDRESS)
    exec(cell[: cell.index("import matplotlib")], {})
    package = "labml_nn_optim @ git+https://github.com/somebody/their-fork@main"
    install = [sys.executable, "-m", "pip", "install", "--quiet", package, "matplotlib"]
    assert commands == ([install] if missing else [])


@pytest.mark.parametrize(
    "url", ["", "https://example.org/o/n/blob/main/{path}", "https://github.com/o/n/{path}"]
)
def test_an_address_elsewhere_is_not_taken_for_github(url: str) -> None:
    assert github(url) is None


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    done = run("-m", "notebooks.make", "start_hear")
    assert done.returncode == 2
    assert "there is no notebook 'start_hear'; there are start_here, " in done.stderr
