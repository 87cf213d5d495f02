"""What other people wrote stands on its page: each line, each word and sign, each formula."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.packages.compare import CASES, build, compared, folder_of
from tests.packages.comparing import compare
from tests.packages.reading_pages import read_page
from tests.packages.seeing import different

# `make compare` takes all there is.
SOME = {
    "labml_nn": ["activations/fta/__init__.py", "optimizers/adam.py", "cfr/__init__.py"],
    "torch": ["optim/lr_scheduler.py", "optim/swa_utils.py", "optim/_stateless.py"],
    "attr": ["_next_gen.py", "_cmp.py"],
    "html": ["__init__.py"],
    "asyncio": ["futures.py", "staggered.py"],
    "xml": ["sax/saxutils.py"],
}


def test_the_pages_of_others_say_what_was_written(tmp_path: Path) -> None:
    chosen = [*CASES.iterdir()]
    for package, names in SOME.items():
        for name in names:
            copy = tmp_path / "some" / package / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder_of(package) / name, copy)
    chosen += (tmp_path / "some").iterdir()
    found, files = compared(chosen, tmp_path / "project")
    assert found.faults == []
    assert files == 46
    assert found.formulas > 300
    assert found.words > 20_000


SOURCE = '''"""
# A title

Some words, a[2*k], and more words.
"""
# A comment with $x_t + y$ in it
x = 1
y = 2
'''


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "source").mkdir()
    source = folder / "source" / "m.py"
    source.write_text(SOURCE, encoding="utf-8")
    build(folder)
    return source, (folder / "site" / "m" / "index.html").read_text(encoding="utf-8")


DAMAGE = {
    "nothing": ("", "", None),
    "a word lost": (" and more words", " and words", "missing"),
    "a word added": ("Some words", "Some other words", "other"),
    "words in another order": ("Some words", "words Some", "missing"),
    "a star lost": ("a[2*k]", "a[2k]", "missing"),
    "a line of code lost": (r'<span class="sbs-line[^>]*id="L8".*?\n</span>', "", "not on the"),
    "a line of code changed": ("<span class=\"mi\">2", '<span class="mi">3', "differs"),
    "a formula changed": ('data-tex="x_t', 'data-tex="x_s', "missing"),
    "a sign of a formula lost": (r'<span class="mbin">\+</span>', "", "is seen as"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_page_is_found_out(page: tuple[Path, str], damage: str) -> None:
    source, html = page
    pattern, instead, said = DAMAGE[damage]
    is_pattern = damage in ("a line of code lost", "a sign of a formula lost")
    pattern = pattern if is_pattern else re.escape(pattern)
    damaged = re.sub(pattern, lambda _: instead, html, flags=re.DOTALL) if pattern else html
    assert (damaged == html) == (said is None)
    read = read_page(damaged)
    faults = [*compare(source, "m.py", read).faults, *different(read.formulas)]
    assert bool(faults) == (said is not None)
    assert said is None or any(said in fault for fault in faults), faults
