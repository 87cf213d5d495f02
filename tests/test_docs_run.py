"""The code on hand-written pages is run as a reader would: top to bottom, one page at a time."""

import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# A fence with a title is a file that readers save; tests/site/ tries those as files.
FENCE = re.compile(r"^```(\w+)(?! title=)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPET = re.compile(r"^--8<--\n(.+)\n--8<--$", re.MULTILINE)  # stands for the text of a file


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, its text, and the line on which the text begins."""

    language: str
    text: str
    line: int


def fences(page: str) -> list[Fence]:
    return [
        Fence(match[1], match[2], page[: match.start(2)].count("\n") + 1)
        for match in FENCE.finditer(page)
    ]


def run(path: Path, **given: Any) -> int:
    """Run the Python of a page; an ``output`` fence after it says what it prints."""
    names: dict[str, Any] = {"__name__": "__main__", **given}
    ran = 0
    blocks = fences(path.read_text(encoding="utf-8"))
    for i, block in enumerate(blocks):
        if block.language != "python":
            continue
        # Empty lines in front make a traceback name the line of the page.
        text = SNIPPET.sub(lambda named: (ROOT / named[1]).read_text(encoding="utf-8"), block.text)
        program = compile("\n" * (block.line - 1) + text, str(path), "exec")
        printed = StringIO()
        with redirect_stdout(printed):
            exec(program, names)
        ran += 1
        if blocks[i + 1 :] and (said := blocks[i + 1]).language == "output":
            assert printed.getvalue() == said.text, f"{path}:{said.line}"
    return ran


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_python_on_a_page_runs_as_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # Small tensors gain nothing from threads, and test workers that share cores lose a lot.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        run(page)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("name", ["adam", "amsgrad", "radam", "ada_belief"])
def test_an_optimizer_is_made_as_its_page_says(name: str) -> None:
    path = ROOT / "labml_nn_optim" / f"{name}.py"
    assert run(path, model=torch.nn.Linear(2, 1)) == 1


def test_the_readme_and_the_guide_have_code_to_run() -> None:
    for name in ("README.md", "docs/guide.md"):
        assert any(f.language == "python" for f in fences((ROOT / name).read_text("utf-8"))), name


def test_a_wrong_output_on_a_page_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```output\n2\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"page\.md:6"):
        run(page)


def test_an_error_names_the_line_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\nx = 1\nx.nothing\n```\n", encoding="utf-8")
    with pytest.raises(AttributeError) as caught:
        run(page)
    assert caught.traceback[-1].lineno + 1 == 5
