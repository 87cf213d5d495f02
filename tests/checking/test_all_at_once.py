"""An author sees all that is wrong with a package, not the first of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from sidebyside.checking.check import check_package
from sidebyside.source.sections import SourceError
from tests.checking.tiny import STEP, of_class, write

WRONG = (
    STEP.replace("# mₜ ← mₜ₋₁ + x", "# mₜ ← mₜ₋₁ + + x")
    + '''
    def other(self):
        """
        ### Other

        Here $b + + 1$.

        * $q$ is `1 +`, a thing
        """
'''
)


def test_the_errors_of_all_sections_and_of_the_list_of_symbols_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        check_package(write(tmp_path, of_class(WRONG)))
    starts = [line.partition(": ")[0] for line in str(caught.value).splitlines()]
    assert starts == ["tiny.py:21", "tiny.py:28", "tiny.py:30"]


def test_the_errors_of_all_files_are_told(tmp_path: Path) -> None:
    settings = replace(write(tmp_path, of_class(WRONG)), sources=("tiny.py", "another.py"))
    (settings.root / "another.py").write_text("def broken(:\n    pass\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        check_package(settings)
    assert "tiny.py:21: " in str(caught.value)
    assert "another.py:1: does not parse" in str(caught.value)
