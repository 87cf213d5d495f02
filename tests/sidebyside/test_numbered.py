"""Items of lists have the numbers that were written."""

from __future__ import annotations

import re

import pytest

from tests.sidebyside.test_page import render

LISTS = {
    "counted": ("1. a\n2. b", ["", ""]),
    "all alike": ("1. a\n1. b", ["", ""]),
    "begun elsewhere": ("4. a\n5. b", ["4", ""]),
    "with a gap": ("1. a\n3. b\n4. c", ["", "3", ""]),
    "from zero": ("0. a\n1. b", ["0", ""]),
    "with paragraphs": ("2. a\n\n    more\n\n3. b\n\n5. c", ["2", "", "5"]),
    "after some code": ("1. a\n\nx = 1\n\n2. b", ["", "2"]),
    "in another": ("3. a\n\n    - x\n\n    2. y\n\n4. b", ["3", "", "2", ""]),
    "of bullets": ("- a\n- b", ["", ""]),
    "a year": ("1986. It began.", ["1986"]),
}


@pytest.mark.parametrize("case", LISTS)
def test_an_item_keeps_a_number_that_is_not_the_next(case: str) -> None:
    written, numbers = LISTS[case]
    html = render(f'"""\n# T\n\n{written}\n"""\nx = 1\n', strict=False)
    assert re.findall(r'<li(?: value="(\d+)")?>', html) == numbers
