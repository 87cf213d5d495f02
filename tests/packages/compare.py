"""
Whole packages of other people, built without an edit and compared with their pages.

`python -m tests.packages.compare` builds what is installed: `labml_nn`, 280 and more modules of the
standard library, `torch.optim`, attrs, and the cases that once went wrong; and reads every page
with a reader of its own. With names, only those packages.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.packages.comparing import Comparison, compare
from tests.packages.reading_pages import Formula, read_page
from tests.packages.seeing import different

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).with_name("cases")
# Data, tests, and programs of which nobody reads the source.
LEFT_OUT = {
    *("test", "tests", "idlelib", "lib2to3", "turtledemo", "ensurepip", "distutils", "encodings"),
    *("site-packages", "dist-packages", "lib-dynload", "__pycache__", "pydoc_data", "__phello__"),
}
CONFIG = """
site_name: Compared
theme: {name: material, font: false, features: [toc.integrate, navigation.prune]}
plugins:
  - search
  - sidebyside:
      sources:
        - path: source
          strict: false
"""


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent


def packages() -> Mapping[str, Sequence[Path]]:
    """The folders of each package, and for the standard library its modules, too."""
    library = Path(sysconfig.get_path("stdlib"))
    modules = [path for path in sorted(library.iterdir()) if path.name not in LEFT_OUT]
    return {
        "labml_nn": [folder_of("labml_nn")],
        "torch.optim": [folder_of("torch") / "optim"],
        "attrs": [folder_of("attr"), folder_of("attrs")],
        "cases": sorted(CASES.iterdir()),
        "standard library": [
            path for path in modules if path.suffix == ".py" or (path / "__init__.py").is_file()
        ],
    }


def fetch(paths: Iterable[Path], folder: Path) -> None:
    """Copy Python files, and the pictures beside them, into the `source` of a project."""
    source = folder / "source"
    source.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "*.so", *LEFT_OUT)
    for path in paths:
        if path.is_dir():
            shutil.copytree(path, source / path.name, ignore=ignored)
        else:
            shutil.copy(path, source / path.name)


def build(folder: Path) -> str:
    """Build a project as authors do; return what was said."""
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text("# All pages\n", encoding="utf-8")
    (folder / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return done.stderr


def compared(paths: Iterable[Path], folder: Path) -> tuple[Comparison, int]:
    """Build some sources, and compare all of their pages; also how many there are."""
    fetch(paths, folder)
    build(folder)
    total = Comparison()
    formulas: list[Formula] = []
    sources = sorted((folder / "source").rglob("*.py"))
    for path in sources:
        name = path.relative_to(folder / "source")
        place = name.parent if name.stem == "__init__" else name.with_suffix("")
        html = (folder / "site" / place / "index.html").read_text(encoding="utf-8")
        page = read_page(html)
        formulas += page.formulas
        total.add(compare(path, name.as_posix(), page))
    total.faults += different(formulas)
    return total, len(sources)


def main(names: Sequence[str]) -> int:
    faults = 0
    for name, paths in packages().items():
        if names and name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found, files = compared(paths, Path(folder) / "project")
        print(*found.faults, sep="\n", end="\n" if found.faults else "")
        print(
            f"{name}: {files} files, {found.lines} lines of code, {found.words} words and signs,"
            f" {found.formulas} formulas; {len(found.faults)} faults;"
            f" markup {json.dumps(found.markup)}",
            flush=True,
        )
        faults += len(found.faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
