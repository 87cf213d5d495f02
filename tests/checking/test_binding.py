"""What a symbol is, is decided once, where its formula stands."""

import pytest

from sidebyside.claims.binding import Code, Definition, Free, Random, Row, Symbols, Time
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Expression, Relation, Symbol
from sidebyside.source.notation import Notation, Scope
from sidebyside.source.notation_reading import read_list
from sidebyside.source.sections import Line
from tests.checking import tiny
from tests.checking.toy import check, failed

SCOPES = (Scope("a.py", "A.step"), Scope("a.py", "A"))
LISTS = {
    "A.step": ["* $uₜ$ is `u`, the largest"],
    "A": [
        '* $mₜ$ is `state["m"]`, the mean',
        '* $uₜ$ is `state["u"]`, the largest',
        '* $ε̂$ is `group["eps"]` when `small`, in the root',
        '* $ε̂$ is `group["large"]` when `not small`, beside it',
        "* $ρ > 4$ is any number",
        "* $ψ$ is distributed as `scaled_inverse_chi2(ρ, 1)`",
    ],
}


def symbol(text: str) -> Symbol:
    found = parse_formula(text)
    assert isinstance(found, Symbol)
    return found


def symbols(*rows: str) -> Symbols:
    lines = []
    for name, items in LISTS.items():
        numbered = [Line(n, text) for n, text in enumerate(items, 1)]
        lines += read_list(numbered, Scope("a.py", name), "a.py")
    definitions = []
    for row in rows:
        formula = parse_formula(row)
        assert isinstance(formula, Relation)
        assert isinstance(formula.first, Symbol)
        right: Expression = formula.rest[0][1]
        definitions.append(Definition(formula.first, right, Scope("a.py", "A")))
    return Symbols(Notation(tuple(lines)), definitions)


@pytest.mark.parametrize(
    ("text", "code", "back", "at"),
    [
        ("mₜ", 'state["m"]', 0, None),
        ("mₜ₋₁", 'state["m"]', 1, None),
        ("mₜ₋₃", 'state["m"]', 3, None),
        ("m₃", 'state["m"]', 0, 3),
        ("uₜ", "u", 0, None),  # the inner list wins
    ],
)
def test_a_symbol_of_the_code_is_so_many_steps_back(text, code, back, at):
    ((guard, binding), *_) = symbols().resolve(symbol(text), SCOPES)
    assert isinstance(binding, Code)
    assert (guard, binding.line.code, binding.back, binding.at) == ("", code, back, at)


def test_conditions_choose_among_bindings():
    found = symbols().resolve(symbol("ε̂"), SCOPES)
    assert [(guard, binding.line.code) for guard, binding in found] == [
        ("small", 'group["eps"]'),
        ("not small", 'group["large"]'),
    ]


def test_time_free_numbers_and_random_numbers_are_no_code():
    found = symbols()
    assert found.resolve(symbol("t"), SCOPES) == (("", Time()),)
    assert isinstance(found.resolve(symbol("ρ"), SCOPES)[0][1], Free)
    assert isinstance(found.resolve(symbol("ψ"), SCOPES)[0][1], Random)
    assert found.resolve(symbol("x"), SCOPES) == ()


@pytest.mark.parametrize(("text", "back"), [("m̂ₜ", 0), ("m̂ₜ₋₁", 1)])
def test_a_row_of_the_page_is_as_many_steps_back(text, back):
    ((_, binding),) = symbols("m̂ₜ ← mₜ / 2").resolve(symbol(text), SCOPES)
    assert isinstance(binding, Row)
    assert (binding.back, binding.at) == (back, None)


def test_a_number_in_the_index_of_what_a_row_defines_is_part_of_its_name():
    ((_, binding),) = symbols("c₁ ← 1 − β").resolve(symbol("c₁"), SCOPES)
    assert isinstance(binding, Row)
    assert (binding.back, binding.at) == (0, None)


def test_a_line_may_speak_of_a_numbered_symbol_that_a_row_of_the_class_defines(tmp_path):
    rows = (
        "        vₜ ← β·vₜ₋₁ + gₜ²\n        m̂ₜ",
        "        vₜ ← β·vₜ₋₁ + gₜ²\n        c₁ ← 1 − βᵗ\n        m̂ₜ",
    )
    used = ("# θₜ ← θₜ₋₁ − α / c · mₜ", "# θₜ ← θₜ₋₁ − α / c₁ · mₜ")
    assert failed(check(tmp_path, rows, used)) == []


NAMED = """
    def step(self, x):
        # {formula}
        {code}
        # mₜ ← mₜ₋₁ + y
        self.m = self.m + y
"""


@pytest.mark.parametrize(
    ("formula", "code", "is_misnamed"),
    [
        ("y = 2·x", "y = 2 * x", False),  # a name for what has none
        ("u = mₜ₋₁ + x", "y = self.m + x", False),
        ("uₜ ← mₜ₋₁ + x", "self.m = self.m + x", True),
        ("u = mₜ₋₁ + x", "self.m = self.m + x", True),
        ("mₜ ← mₜ₋₁ + x", "self.m = self.m + x", False),
    ],
)
def test_what_the_list_names_gets_no_other_name(formula, code, is_misnamed, tmp_path):
    if "self.m =" in code:
        step = NAMED.partition("        # mₜ")[0]
    else:
        step = NAMED
    found = tiny.entry(tiny.check(tmp_path, tiny.of_class(step.format_map(locals()))), formula)
    assert ("calls `self.m` `mₜ`, and nothing explains `u" in found.detail) is is_misnamed
    assert (found.status == "failed") is is_misnamed
