"""What "How the formulas are checked" shows is what an author sees who does as it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sidebyside.__main__ import main
from tests.copied import copied
from tests.site.browsing import ROOT

PAGE = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")
TITLED = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
SHOWN = dict(TITLED.findall(PAGE))
SOURCE = "source/running_mean.py"
ARGUMENTS = "state: dict, group: dict, grad: Tensor, param: Tensor"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files that the page shows; a snippet is the file it names."""
    files = {name: text for name, text in SHOWN.items() if "." in name}
    files[SOURCE] = (ROOT / "docs/examples/running_mean.py").read_text(encoding="utf-8")
    files["mkdocs.yml"] = f"site_name: Test\n{SHOWN['mkdocs.yml']}"
    files["docs/index.md"] = "# Test\n"
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def python(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )


def check(project: Path) -> tuple[int, str]:
    status, printed = copied(project, lambda: main(["check", "--record"]))
    return status, re.sub(r" \(\d+ s\)", "", printed)


@pytest.fixture
def optimizer(tmp_path: Path) -> Path:
    """The optimizer that the page shows."""
    (tmp_path / "source").mkdir()
    shown = {"source/momentum.py": "momentum.py", "configurations.py": "momentum_runs.py"}
    for name, example in shown.items():
        text = (ROOT / "docs/examples" / example).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(SHOWN["Its settings"], encoding="utf-8")
    return tmp_path


def test_the_formulas_of_the_optimizer_are_checked(optimizer: Path) -> None:
    assert check(optimizer) == (0, "9 formulas: 4 proved, 5 mention\nRecorded in checks.json.\n")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("mul_(group", "div_(group"),
        ('group["lr"] *', '-group["lr"] *'),
        ('"velocity" not in state', "True"),
        ("self.update(group, state, param, param.grad)", "self.update(group, state, param, param)"),
    ],
)
def test_an_optimizer_that_does_something_else_is_told(
    optimizer: Path, right: str, wrong: str
) -> None:
    source = optimizer / "source/momentum.py"
    text = source.read_text(encoding="utf-8")
    assert text.count(right) == 1
    source.write_text(text.replace(right, wrong), encoding="utf-8")
    assert check(optimizer)[0] == 1


def test_an_optimizer_may_extend_our_base_class(optimizer: Path) -> None:
    source = optimizer / "source/momentum.py"
    text = source.read_text(encoding="utf-8")
    step = text.index("    @torch.no_grad()")
    update = text.index("    def update(")
    memory = '''
    def init_state(self, state: dict, group: dict, param: Tensor) -> None:
        """### Memory"""
        super().init_state(state, group, param)
        if "velocity" not in state:
            state["velocity"] = torch.zeros_like(param)

'''
    text = text[:step] + memory.lstrip("\n") + text[update:]
    for right, ours in (
        (
            "from torch.optim import Optimizer",
            "from labml_nn_optim import GenericAdaptiveOptimizer",
        ),
        ("(Optimizer)", "(GenericAdaptiveOptimizer)"),
        (
            'params, {"lr": lr, "momentum": momentum}',
            'params, lr, defaults={"momentum": momentum}',
        ),
        (
            "group: dict[str, float], state: dict[str, Tensor], param: Tensor, grad: Tensor",
            ARGUMENTS,
        ),
        ("def update(", "def step_param("),
    ):
        assert text.count(right) == 1
        text = text.replace(right, ours)
    source.write_text(text, encoding="utf-8")
    settings = SHOWN["Its settings"].replace("update", "step_param")
    (optimizer / "pyproject.toml").write_text(settings, encoding="utf-8")
    assert check(optimizer)[1].startswith("9 formulas: 4 proved, 5 mention")


def seed_the_error(project: Path) -> None:
    removed, added = (
        next(line[1:] for line in SHOWN["The error"].splitlines() if line.startswith(sign))
        for sign in "-+"
    )
    source = project / SOURCE
    text = source.read_text(encoding="utf-8")
    assert text.count(removed) == 1
    source.write_text(text.replace(removed, added), encoding="utf-8")


def test_the_example_passes_and_its_page_shows_the_verdicts(project: Path) -> None:
    assert check(project) == (0, SHOWN["All is well"])
    built = python(project, "-m", "mkdocs", "build", "--strict", "--quiet")
    assert built.returncode == 0, built.stderr
    html = (project / "site" / "running_mean" / "index.html").read_text(encoding="utf-8")
    assert html.count('class="sbs-mark sbs-sign sbs-proved"') == 2
    assert "2 formulas: " in html


def test_the_seeded_error_is_answered_as_shown(project: Path) -> None:
    seed_the_error(project)
    code, said = check(project)
    assert code == 1
    assert said.startswith(SHOWN["The answer"])


def test_a_wrong_name_in_the_settings_is_answered_as_shown(project: Path) -> None:
    settings = project / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"self.mean"', '"self.meen"'), encoding="utf-8")
    done = python(project, "-m", "sidebyside", "check")
    assert done.returncode == 2
    assert done.stderr.replace(f"{project.resolve()}/", "") == SHOWN["A wrong name"]


def test_what_the_page_says_of_sentences_is_so(project: Path) -> None:
    source = project / SOURCE
    right = source.read_text(encoding="utf-8")
    for sentence, status in (
        ("After one number $m₁ = (1 − β)·x₁$.", "2 proved, 1 tried"),
        ("After one number $m₁ = β·x₁$.", "1 failed"),
        ("Nothing moves when $mₜ = 7$.", "2 proved, 5 mention"),
        ("Nearly $mₜ ≈ xₜ$.", "1 not checked"),
    ):
        told = right.replace("    ## The mean, and", f"    {sentence}\n\n    ## The mean, and")
        source.write_text(told, encoding="utf-8")
        assert status in check(project)[1]
    source.write_text(right.replace("# The weights of all", "# m / (1 − β)\n        # The weights"))
    done = python(project, "-m", "sidebyside", "check")
    assert "`m / (1 − β)` is a formula, and words stand beside it" in done.stderr


def test_a_miscount_is_found_once_a_formula_uses_the_count(project: Path) -> None:
    source = project / SOURCE
    miscounting = source.read_text(encoding="utf-8").replace("self.t = 0", "self.t = 1")
    source.write_text(miscounting, encoding="utf-8")
    assert check(project)[0] == 0
    added, below = SHOWN["The formula that was missing"].splitlines()
    assert miscounting.count(f"{below[1:]}\n") == 1
    claiming = miscounting.replace(below[1:], f"{added[1:]}\n{below[1:]}")
    source.write_text(claiming, encoding="utf-8")
    code, said = check(project)
    assert code == 1
    assert "m̂ₜ ← mₜ / (1 − βᵗ)\n    disagrees with line 38" in said


def test_a_site_is_not_built_from_verdicts_on_another_source(project: Path) -> None:
    check(project)
    seed_the_error(project)
    built = python(project, "-m", "mkdocs", "build", "--strict", "--quiet")
    assert built.returncode == 1
    assert f"{SOURCE} has changed since it was checked" in built.stderr
    assert "sidebyside check --record" in built.stderr
    assert not (project / "site").exists()


def test_each_formula_of_the_example_is_a_test(project: Path) -> None:
    done = python(project, "-m", "pytest", "-v", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0, done.stdout
    assert ":33 mₜ ← β·mₜ₋₁ + (1 − β)·xₜ PASSED" in done.stdout
