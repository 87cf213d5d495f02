"""
Make the notebooks: `python -m notebooks.make [NAME …]`.

The paired text, `notebooks/NAME.py`, is the source. Each is run from top to bottom as a reader
would, and written with its outputs to `notebooks/NAME.ipynb`. A cell that fails, warns, or says
anything on the error stream stops the making; what was there before stays.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from time import perf_counter

import jupytext
import nbformat
from mkdocs.utils.yaml import yaml_load
from nbclient import NotebookClient
from nbformat import NotebookNode

from docs.hooks.notebooks import NEEDED, github, needing

HERE = Path(__file__).parent
NAMES = ("start_here", "ada_belief_by_hand", "why_rectify", "when_adam_fails", "write_your_own")

# The first cell of each notebook. What it installs beside the package is the notebook's own list.
SETUP = """\
# Installs what is missing, which in Colab is a minute's work. Then colors for figures, which suit
# light and dark pages.
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

NEEDED = [".."]
if not find_spec("labml_nn_optim"):
    if NEEDED[0].startswith("..") and not Path("../pyproject.toml").is_file():
        raise FileNotFoundError(
            "labml_nn_optim is not installed, and the folder above this notebook is no copy of "
            'its repository. Either put one there, or replace ".." in NEEDED by the address of '
            'one, such as "labml_nn_optim @ git+https://github.com/OWNER/NAME".'
        )
    print("Installing", *NEEDED, flush=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *NEEDED], check=True)
    invalidate_caches()

import matplotlib.pyplot as plt
from matplotlib_inline.backend_inline import set_matplotlib_formats

HUES = {"Adam": "#d0701b", "AdaBelief": "#3b82c4", "RAdam": "#2f9550", "AMSGrad": "#8f6ccf"}
set_matplotlib_formats("svg", metadata={"Date": None})
plt.style.use(
    {
        "figure.figsize": (5.2, 3.0),
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": plt.cycler(color=["#808080"]),
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), "#808080"),
        **dict.fromkeys(("xtick.color", "ytick.color"), "#808080"),
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "the same picture each time",
    }
)"""
# Runs before the first cell. The kernel itself, when it ends, warns of a method of its own.
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")
"""


def setup(first: str, source_url: str) -> str:
    """The first cell as it is everywhere, for a repository at `source_url`."""
    found = NEEDED.search(first)
    if not found:
        raise SystemExit('the first cell has no line `NEEDED = ["..", …]`')
    place = github(source_url)
    cell = SETUP.replace('NEEDED = [".."]', found[0])
    return needing(cell, place.package if place else "")


def configured_source_url() -> str:
    """What mkdocs.yml says, which is the one place that knows where the repository is."""
    with (HERE.parent / "mkdocs.yml").open(encoding="utf-8") as file:
        plugins = yaml_load(file)["plugins"]
    options = next(plugin["sidebyside"] for plugin in plugins if "sidebyside" in plugin)
    return str(options["source_url"])


def read(name: str) -> NotebookNode:
    """The cells of a paired text, without outputs, and the same each time."""
    return tidy(jupytext.read(HERE / f"{name}.py"))


def run(notebook: NotebookNode) -> tuple[NotebookNode, float]:
    """
    Run a copy of the notebook in a fresh kernel, in the notebooks' folder. Return it with outputs,
    and the seconds that its slowest cell took.

    Raises `RuntimeError` naming the cell that warned or said something on the error stream, and
    nbclient's `CellExecutionError` for one that failed.
    """
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    # One thread: sums are added in one order, and tests that run side by side share the cores.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    resources = {"metadata": {"path": str(HERE)}}
    quiet = ["--log-level=ERROR"]  # the kernel's remarks about its own connection
    patient = {"timeout": 180, "startup_timeout": 180}  # where much else is done at the time
    client = NotebookClient(notebook, resources=resources, extra_arguments=quiet, **patient)
    client.execute(env=environment)
    del notebook.cells[0]
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                raise RuntimeError(f"cell {number} warned:\n{cell.source}\n\n{output.text}")
    slow = slowest(notebook)
    return tidy(notebook), slow


def tidy(notebook: NotebookNode) -> NotebookNode:
    """The notebook without what changes from run to run, or from machine to machine."""
    code = 0
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            code += 1
            cell.execution_count = code if cell.execution_count else None
            cell.outputs = [*joined(cell.outputs)]
        for output in cell.get("outputs", ()):
            if "execution_count" in output:
                output.execution_count = code
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    language = {"name": "python"}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": language})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def joined(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    """The outputs of a cell, with all that it printed in one go: a kernel sends it in pieces."""
    for kind, some in groupby(outputs, lambda output: output.get("name", "")):
        if not kind:
            yield from some
            continue
        first, *others = some
        first.text = "".join([first.text, *(other.text for other in others)])
        yield first


def slowest(notebook: NotebookNode) -> float:
    """The seconds that its slowest cell took. One above five needs a progress bar."""
    took = []
    for cell in notebook.cells:
        if times := cell.metadata.get("execution"):
            start, end = (times[f"iopub.{what}"] for what in ("execute_input", "status.idle"))
            took.append(datetime.fromisoformat(end[:26]) - datetime.fromisoformat(start[:26]))
    return max(took).total_seconds()


def write_setup(name: str, source_url: str) -> None:
    """Write the first cell into the paired text."""
    path = HERE / f"{name}.py"
    first = next(cell for cell in read(name).cells if cell.cell_type == "code").source
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(first, setup(first, source_url), 1), encoding="utf-8")


def make(name: str, folder: Path) -> None:
    """Write one notebook, with its outputs, into a folder."""
    started = perf_counter()
    notebook, slow = run(read(name))
    nbformat.validate(notebook)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    remark = ", so it needs a progress bar" if slow > 5 else ""
    print(f"{name}: {perf_counter() - started:.0f} s, its slowest cell {slow:.1f} s{remark}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m notebooks.make", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--to", type=Path, default=HERE, metavar="FOLDER")
    options = parser.parse_args()
    for name in options.names:
        if name not in NAMES:
            parser.error(f"there is no notebook {name!r}; there are {', '.join(NAMES)}")
    for name in options.names or NAMES:
        if options.to == HERE:
            write_setup(name, configured_source_url())
        make(name, options.to)


if __name__ == "__main__":
    sys.exit(main())
