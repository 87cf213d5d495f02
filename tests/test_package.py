"""What `pip install` gives: the optimizers with torch alone, the renderer without torch."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.labml_nn_optim.table import OPTIMIZERS

ROOT = Path(__file__).parents[1]

# Refuses imports by name, as if those packages were not installed.
REFUSE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
"""

# What the renderer needs and the optimizers must not.
RENDERER = (
    "jinja2",
    "lark",
    "markdown",
    "material",
    "mkdocs",
    "pygments",
    "pymdownx",
    "sidebyside",
)


def run(code: str, refused: tuple[str, ...] = (), path: Path = ROOT) -> str:
    """What `code` prints in a fresh Python that finds `path` first and not what is refused."""
    start = f"REFUSED = {refused!r}\n{REFUSE}sys.path.insert(0, {str(path)!r})\n"
    result = subprocess.run(
        [sys.executable, "-I", "-c", start + code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `pip` would build."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_gives_working_optimizers_with_torch_alone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        f"names = {[*OPTIMIZERS]}"
        + """
import labml_nn_optim, torch
for name in names:
    param = torch.ones(2, requires_grad=True)
    optimizer = getattr(labml_nn_optim, name)([param], lr=0.1)
    param.square().sum().backward()
    optimizer.step()
    assert (param < 1).all(), name
print(labml_nn_optim.__version__, labml_nn_optim.__file__)
"""
    )
    version, file = run(code, refused=RENDERER, path=tmp_path).split(maxsplit=1)
    assert Path(file).is_relative_to(tmp_path)
    assert wheel.name.split("-")[1] == version


def test_the_wheel_holds_every_file_of_both_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {
        str(file.relative_to(ROOT))
        for package in ("labml_nn_optim", "sidebyside")
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert names == files
    assert {"labml_nn_optim/py.typed", "sidebyside/py.typed"} <= names


def test_importing_the_optimizers_loads_nothing_of_the_renderer() -> None:
    code = """
import json, torch
torch.optim.Adam([torch.ones(1)])
before = set(sys.modules)
import labml_nn_optim
print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""
    assert json.loads(run(code)) == ["labml_nn_optim"]


def test_importing_the_optimizers_does_not_load_the_compiler() -> None:
    code = "import torch, sys; known = set(sys.modules); import labml_nn_optim; "
    new = run(code + "print(*sorted(set(sys.modules) - known))").split()
    assert not [name for name in new if name.startswith(("torch._dynamo", "torch._inductor"))]


def test_the_renderer_imports_without_torch_and_without_the_optimizers() -> None:
    code = """
import importlib, pkgutil, sidebyside
names = [module.name for module in pkgutil.walk_packages(sidebyside.__path__, "sidebyside.")]
for name in names:
    importlib.import_module(name)
assert "torch" not in sys.modules
print(len(names))
"""
    modules = run(code, refused=("torch", "labml_nn_optim"))
    assert int(modules) == len([*(ROOT / "sidebyside").rglob("*.py")]) - 1
