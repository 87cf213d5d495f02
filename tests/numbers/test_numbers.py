"""
The numbers in our prose: each is computed here once more, or its source stands on the page.

A page says many numbers: how long a step is, when a factor reaches what. Prose is not run, so each
number is a row of a table in `said.py`, with a function that finds it anew. A collector reads all
pages, and a number that is in no row fails. So does a row whose number has left its page.
"""

from pathlib import Path

import pytest

from tests.numbers.collecting import ROOT, numbers, pages, value
from tests.numbers.computing import (
    Finding,
    Held,
    Source,
    smallest_kept_by_half,
)
from tests.numbers.said import FOUND, GIVEN

FINDINGS = [
    pytest.param(path, text, found, id=f"{path} {text}")
    for path, rows in FOUND.items()
    for text, found in rows.items()
]
# How far a number in words may be from what is found: "about thirty" is 31.6.
IN_WORDS = 0.15


@pytest.mark.parametrize("path", pages())
def test_each_number_in_prose_is_given_computed_or_has_its_source(path: str) -> None:
    told = numbers(ROOT / path)
    rows = GIVEN.get(path, set()) | FOUND.get(path, {}).keys()
    remedy = f"add what {path} says to FOUND in said.py, with how it is found"
    assert told - rows == set(), remedy
    assert rows - told == set(), f"{path} no longer says these"


def test_the_tables_are_about_pages() -> None:
    assert {*GIVEN, *FOUND} <= {*pages()}
    assert all(not GIVEN.get(path, set()) & rows.keys() for path, rows in FOUND.items())


@pytest.mark.parametrize(("path", "text", "found"), FINDINGS)
def test_a_number_is_what_it_is_said_to_be(
    path: str, text: str, found: Finding | Source | Held
) -> None:
    if isinstance(found, Source):
        assert found.said in (ROOT / path).read_text(encoding="utf-8")
    elif isinstance(found, Held):
        assert f"def test_{found.test}(" in (ROOT / found.file).read_text(encoding="utf-8")
    elif not text[0].isdigit():
        assert found() == pytest.approx(value(text), rel=IN_WORDS)
    elif "e" in text:
        assert found() == pytest.approx(value(text), rel=1e-4)
    else:
        unit = 10.0 ** -len(text.rstrip("%").partition(".")[2])
        # Half of the last digit, or all of it where a number is measured on noise.
        reach = 1.0 if found is smallest_kept_by_half else 0.5
        assert abs(found() - value(text)) <= unit * reach * (1 + 1e-9)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A step of 3.18·α, or 5%.", {"3.18", "5%"}),
        ("Set `eps=1e-8`, not 1e-16.", {"1e-16"}),
        ("In issue 23, of 20 December 2020, version 0.2.1.", set()),
        ("See [arXiv:1412.6980](https://arxiv.org/abs/1412.6980), Section 2.1.", set()),
        ("1,797 images of 8 pixels, within 3 % of it", {"1,797", "3%"}),
        ("Two of them, in the sixth step, seven times as long", {"sixth", "seven"}),
        ("A third reader saw a third of it, or three quarters", {"a third", "three quarters"}),
        (
            "The second one sixty-seven times, almost eighteen\nthousand",
            {"sixty-seven", "eighteen thousand"},
        ),
    ],
)
def test_the_collector_finds_numbers_and_no_names(
    text: str, told: set[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert numbers(page) == told


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3.18", 3.18),
        ("16,384", 16384),
        ("95%", 95),
        ("a tenth", 0.1),
        ("three quarters", 0.75),
        ("sixth", 6),
        ("sixty-seven", 67),
        ("two hundred", 200),
        ("a thousand", 1000),
        ("eighteen thousand", 18000),
        ("twice", 2),
        ("half as long again", 1.5),
    ],
)
def test_numbers_in_words_are_numbers(text: str, number: float) -> None:
    assert value(text) == pytest.approx(number)


@pytest.mark.parametrize(
    ("path", "said", "instead"),
    [
        ("labml_nn_optim/radam.py", "begins at 0.026", "begins at 0.036"),
        ("labml_nn_optim/ada_belief.py", "seven times as long", "nine times as long"),
        ("docs/speed.md", "through it eight times", "through it twelve times"),
        ("docs/checking.md", "wrote 422", "wrote 423"),
        ("docs/recipes.md", "not 28.", "not 24."),
        ("docs/index.md", "two hundred steps", "three hundred steps"),
        ("notebooks/start_here.py", "to a fortieth", "to a tenth"),
        ("notebooks/why_rectify.py", "eighteen thousand", "twenty thousand"),
        ("experiments/digits.py", "497 to report", "479 to report"),
    ],
)
def test_a_changed_number_is_noticed_on_every_kind_of_page(
    path: str, said: str, instead: str, tmp_path: Path
) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert said in text
    changed = tmp_path / Path(path).parent.name / Path(path).name
    changed.parent.mkdir()
    changed.write_text(text.replace(said, instead), encoding="utf-8")
    rows = GIVEN.get(path, set()) | FOUND.get(path, {}).keys()
    assert numbers(changed) != rows
