"""Notation lists are a symbol table."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Symbol
from sidebyside.source.notation import Notation, Scope, python_of, steps_back
from sidebyside.source.notation_reading import read_notation, read_notation_file
from sidebyside.source.sections import Module, SourceError, parse_source
from tests.checking.toy import check, failed

BASE = '''"""
* $x$ is `module_x`, of the module
"""

class A:
    """
    * $x$ is `class_x`, of the class
    * $y$ is `a_y`
    """

    def f(self):
        """
        * $x$ is `method_x`, of the method,
          with more to say
        """
'''
CHILD = '''
from base import A

class B(A):
    """
    * $y$ is `b_y`
    """
'''


def modules(**texts: str) -> list[Module]:
    return [parse_source(Path(f"{name}.py"), text) for name, text in texts.items()]


def notation(**texts: str) -> Notation:
    return read_notation(modules(**texts))


def codes(table: Notation, symbol: str, scope: Scope, *running: Scope) -> list[str]:
    parsed = parse_formula(symbol)
    assert isinstance(parsed, Symbol)
    return [meaning.code for meaning in table.find(parsed, table.scopes(scope, running))]


def test_the_inner_scope_wins() -> None:
    table = notation(base=BASE)
    assert codes(table, "x", Scope("base.py", "A.f")) == ["method_x", "class_x", "module_x"]
    assert codes(table, "x", Scope("base.py", "A.g"))[0] == "class_x"
    assert codes(table, "x", Scope("base.py", "Other"))[0] == "module_x"


def test_a_class_inherits_symbols_across_files() -> None:
    table = notation(base=BASE, child=CHILD)
    assert codes(table, "x", Scope("child.py", "B"))[0] == "class_x"
    assert codes(table, "y", Scope("child.py", "B")) == ["b_y", "a_y"]


def test_a_running_subclass_renames_what_is_inherited() -> None:
    table = notation(base=BASE, child=CHILD)
    running = Scope("child.py", "B"), Scope("base.py", "A")
    assert codes(table, "y", Scope("base.py", "A.f"), *running)[0] == "b_y"
    assert codes(table, "y", Scope("base.py", "A.f"))[0] == "a_y"


def test_the_time_is_no_part_of_the_symbol_but_the_past_may_have_a_line_of_its_own() -> None:
    items = "* $θₜ$ is `param`\n* $θₜ₋₁$ is `param` at entry, old\n* $ρ$ is any\n* $ρₜ$ is `rho`"
    table = notation(module=f'"""\n{items}\n"""\n')
    found = {m.line: m for m in table.meanings}
    assert found[3].at_entry
    assert codes(table, "θₜ", Scope("module.py")) == ["param"]
    assert [m.line for m in table.find(Symbol("θ"), [Scope("module.py")])] == [2]
    assert codes(table, "ρ", Scope("module.py")) == ["", "rho"]


def test_an_item_may_span_lines_and_its_text_is_kept() -> None:
    table = notation(base=BASE)
    texts = [meaning.text for meaning in table.meanings if meaning.code == "method_x"]
    assert texts == ["of the method, with more to say"]


def test_latex_is_a_spelling_of_the_same_symbol() -> None:
    table = notation(module='"""\n* $\\\\hat{m}_t$ is `m_hat`\n"""\n'.replace("\\\\", "\\"))
    assert codes(table, "m̂ₜ", Scope("module.py")) == ["m_hat"]


def test_items_in_fences_and_other_items_are_no_notation() -> None:
    text = '"""\n```\n* $x$ is `x`\n```\n\n* `lr`: step size $α$\n* $y$ and so on\n"""\n'
    assert notation(module=text).meanings == ()


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("* $x +$ is `x`", "m.py:2: `$x +$` is no formula"),
        ("* $x·y$ is `x`", "m.py:2: `$x·y$` is not one symbol; explain one in each item"),
        ("* $x$ is `x +`", "m.py:2: `x +` is not a Python expression"),
        ("* $x$ is `x` when `y +`", "m.py:2: `y +` is not a Python expression"),
        ("* $x$ is `x` before all", "m.py:2: cannot read what `$x$` is; after the code may follow"),
        ("* $x²$ is `x`", "m.py:2: `$x²$` is more than a symbol"),
        ("* $x$ is `x`\n* $x$ is `y`", "m.py:3: this symbol is explained in line 2 already"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error_with_its_line(item: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        notation(m=f'"""\n{item}\n"""\n')
    assert str(caught.value).startswith(message)


def test_two_lines_for_one_symbol_need_guards() -> None:
    text = '"""\n* $x$ is `a` when `big`\n* $x$ is `b` when `not big`\n"""\n'
    assert codes(notation(m=text), "x", Scope("m.py")) == ["a", "b"]


def test_sources_that_stay_untouched_have_their_notation_in_a_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "notation.md").write_text(
        "# Title\n\nWords.\n\n## base.py\n\n* $z$ is `z`\n\n### `A.f`\n\n* $z$ is `inner`\n"
    )
    sources = modules(base=BASE)
    table = read_notation(sources, read_notation_file(tmp_path, "notation.md", sources))
    assert codes(table, "z", Scope("base.py", "A.f")) == ["inner", "z"]
    (tmp_path / "notation.md").write_text("## base.py\n\n### Nobody\n\n* $z$ is `z`\n")
    with pytest.raises(SourceError, match=r"notation.md:3: `Nobody` is neither a source file nor"):
        list(read_notation_file(tmp_path, "notation.md", sources))


def test_steps_back_of_an_index() -> None:
    texts = {"m": None, "mₜ": 0, "mₜ₋₁": 1, "m_{t−2}": 2, "β₁": None, "mᵢ": None}
    for text, back in texts.items():
        symbol = parse_formula(text)
        assert isinstance(symbol, Symbol)
        assert steps_back(symbol) == back, text


def test_conditions_may_be_written_as_arguments() -> None:
    assert eval(python_of("a, b=False"), {"a": True, "b": False}) is True
    assert eval(python_of("a, b=False"), {"a": True, "b": True}) is False


def test_an_unknown_symbol_is_an_error_that_names_the_list(tmp_path: Path) -> None:
    report = check(tmp_path, ("# √vₜ + ε", "# √wₜ + ε"))
    remedy = "add it to the notation list of Toy or of a class it extends"
    slip = "the likely cause: `wₜ` in place of `vₜ`"
    assert failed(report)[0].detail == f'no symbol "wₜ"; {remedy}; {slip}'


def test_an_unknown_symbol_in_a_sentence_is_an_error_too(tmp_path: Path) -> None:
    report = check(tmp_path, ("# The whole of it:", "# The whole of $qₜ$:"))
    assert failed(report)[0].text == "qₜ"


def test_a_symbol_that_no_formula_uses_is_reported(tmp_path: Path) -> None:
    line = '    * $λ$ is `group["decay"]`, the decay'
    report = check(tmp_path, (line, f'{line}\n    * $κ$ is `group["lr"]`, idle'))
    assert report.problems == (
        "momentum.py:49: `κ`: no formula uses this symbol; remove the line, or use it",
    )


def test_code_that_names_nothing_is_reported(tmp_path: Path) -> None:
    line = ("# The whole of it:", "# The whole of it, $κ$ aside:")
    notation = ("`, the decay\n", '`, the decay\n    * $κ$ is `group["kappa"]`, lost\n')
    report = check(tmp_path, line, notation)
    assert report.problems == (
        'momentum.py:49: `κ`: `group["kappa"]` names nothing in any run; correct the code',
    )


DIAMOND = '''"""# Diamond"""


class A:
    """
    * $x$ is `self.a`, that of A
    """


class B(A):
    """B"""


class C(A):
    """
    * $x$ is `self.c`, that of C
    """


class D(B, C):
    """$x$"""


class E(D, A):
    """$x$"""
'''


@pytest.mark.parametrize(("name", "order"), [("D", "DBCA"), ("E", "EDBCA"), ("B", "BA")])
def test_classes_are_looked_through_in_pythons_order(name: str, order: str) -> None:
    notation = read_notation([parse_source(Path("d.py"), DIAMOND)])
    assert "".join(each.name for each in notation.lineage(Scope("d.py", name))) == order
    found = next(notation.find(Symbol("x"), notation.scopes(Scope("d.py", name))))
    assert found.code == ("self.a" if name == "B" else "self.c")
