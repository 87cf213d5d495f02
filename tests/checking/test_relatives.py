"""A name that a docstring took over from another class, and a file that is gone, are found."""

from pathlib import Path

import pytest

from sidebyside.source.sections import parse_source
from sidebyside.words.relatives import stale_names
from tests.checking.tiny import STEP, check, of_class

BASE = '''"""
# Base

{module}
"""

class Base:
    """
    This is the first. {base}
    """
'''
OWN = '''
class Other:
    """
    This is another one.
    """


class Own(Base):
    """
    This is the second. {own}
    """

    def go(self):
        # {comment}
        pass
'''


def found(
    folder: Path = Path(), *, module: str = "", base: str = "", own: str = "", comment: str = "Go."
) -> list[str]:
    text = OWN.format(own=own, comment=comment)
    modules = [
        parse_source(Path("base.py"), BASE.format(module=module, base=base)),
        parse_source(Path("own.py"), text),
    ]
    return [each for module in modules for each in stale_names(module, modules, folder)]


COPIED = "It helps to extend the class `{}`."


def test_a_sentence_that_still_names_the_class_it_was_written_for_is_found() -> None:
    [problem] = found(base=COPIED.format("Base"), own=COPIED.format("Base"))
    assert problem.startswith("own.py:10: says of `Own` what stands at `Base`, and names `Base`")
    [problem] = found(base=COPIED.format("Base"), comment=COPIED.format("Base"))
    assert problem.startswith("own.py:")


@pytest.mark.parametrize(
    ("base", "own"),
    [
        (COPIED.format("Base"), COPIED.format("Own")),  # adapted
        (COPIED.format("Base"), "It helps, too, to extend the class `Base`."),
        (COPIED.format("Other"), COPIED.format("Other")),  # both speak of a third
        ("`Base` and `Own` are alike.", "`Base` and `Own` are alike."),
    ],
)
def test_a_sentence_may_name_other_classes(base: str, own: str) -> None:
    assert found(base=base, own=own) == []


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ("This class extends `Base`.", ""),
        ("This class extends from Base, and from nothing else.", ""),
        ("This class extends the class `Other`.", "`Other`; it extends `Base`"),
        ("This class inherits from Other.", "`Other`; it extends `Base`"),
        ("This class derives from `Gone`.", "`Gone`; it extends `Base`"),
        ("This class extends what we know of it.", ""),
    ],
)
def test_what_a_class_extends_stands_in_its_head(own: str, problem: str) -> None:
    expected = [f"own.py:10: says that `Own` extends {problem}"] if problem else []
    assert found(own=own) == expected


def test_a_file_that_is_linked_by_its_name_exists(tmp_path: Path) -> None:
    (tmp_path / "base.py").touch()
    assert found(tmp_path, module="See [`base.py`](base.html).") == []
    gone = "base.py:4: links `gone.py`, and there is no such file"
    assert found(tmp_path, module="See [`gone.py`](gone.html).") == [gone]
    assert found(tmp_path, module="See [`gone.py`](https://example.org/gone.py).") == []


@pytest.mark.parametrize("text", ["Own", "`Own`", "Own class"])
def test_a_class_that_is_linked_stands_in_the_file_that_is_linked(text: str) -> None:
    assert found(own=f"See [{text}](own.py).", comment=f"See [{text}](own.html#Own).") == []
    wrong = f"base.py:4: links `{text.strip('`')}` to `base.html`, and `Own` is not in it"
    assert found(module=f"See [{text}](base.html).") == [wrong]
    assert found(module=f"See [{text} with more words](base.html), [{text}](../base.html).") == []


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("[it](own.py#Own.go)", ""),
        ("[Own](own.py#Own.go)", ""),
        ("[below](own.py#a-heading), [it](own.py#go)", ""),
        ("[Own](own.py#Other)", "links `Own` to `Other`"),
        ("[it](own.py#Own.gone)", "links `Own.gone` in `own.py`, and there is none"),
        ("[it](own.py#Gone)", "links `Gone` in `own.py`, and there is none"),
    ],
)
def test_a_definition_that_is_linked_is_there(link: str, problem: str) -> None:
    assert found(own=f"See {link}.") == ([f"own.py:10: {problem}"] if problem else [])


def test_a_stale_name_stops_the_check(tmp_path: Path) -> None:
    text = of_class(STEP).replace("## X", "## X\n\n    It is in [`gone.py`](gone.html).")
    assert text != of_class(STEP)
    [problem] = check(tmp_path, text).problems
    assert problem.endswith("links `gone.py`, and there is no such file")
