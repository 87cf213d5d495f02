"""A notebook that was opened alone, as in Colab, installs the package and runs to its end."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest

from docs.hooks.notebooks import installing

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "why_rectify.ipynb"
RUN = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
patient = {"timeout": 180, "startup_timeout": 180}
NotebookClient(notebook, extra_arguments=["--log-level=ERROR"], **patient).execute()
nbformat.write(notebook, sys.argv[1])
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    The Python of an environment that has torch and Jupyter, as Colab has, but not the package.

    It sees what is installed here, except for what is installed as a link, as the package is.
    """
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "here.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin" / "python"


def python(fresh: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run it, with nothing of ours in its path, and offline: pip finds all it needs here."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("PY")}
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_ROOT_USER_ACTION": "ignore"}
    quiet = {"OMP_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return subprocess.run(
        [str(fresh), *arguments],
        cwd=folder,
        env={**outside, **offline, **quiet},
        capture_output=True,
        text=True,
    )


def opened_alone(
    fresh: Path, folder: Path, address: str
) -> tuple[nbformat.NotebookNode, "subprocess.CompletedProcess[str]"]:
    """Run a notebook that lies in an otherwise empty folder, two levels below anything of ours."""
    folder = folder / "above" / "alone"
    folder.mkdir(parents=True)
    notebook = installing(json.loads(NOTEBOOK.read_text(encoding="utf-8")), address)
    path = folder / NOTEBOOK.name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    done = python(fresh, folder, "-c", RUN, path.name)
    return nbformat.read(path, as_version=4), done


def test_without_an_address_and_a_copy_the_first_cell_says_what_to_do(
    fresh: Path, tmp_path: Path
) -> None:
    _, done = opened_alone(fresh, tmp_path, "")
    assert done.returncode == 1
    assert "the folder above this notebook is no copy of its repository" in done.stderr


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this copy is no repository")
def test_a_notebook_opened_alone_installs_the_package_from_its_address(
    fresh: Path, tmp_path: Path
) -> None:
    address = f"git+file://localhost{ROOT}"
    notebook, done = opened_alone(fresh, tmp_path, address)
    assert done.returncode == 0, done.stderr
    first, *others = (cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.outputs[0].text.startswith(f"Installing labml_nn_optim @ {address}")
    assert any("image/svg+xml" in out.get("data", {}) for cell in others for out in cell.outputs)
    found = python(fresh, tmp_path, "-c", "import labml_nn_optim as it; print(it.__file__)")
    assert found.stdout.startswith(str(fresh.parents[1]))
