"""Nothing false gets a sign: it stops the build, or is only tried."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sidebyside.source.reading import SourceError
from tests.checking.falsehoods import (
    bounds,
    conditions,
    definitions,
    helpers,
    identities,
    inputs,
    language,
    loops,
    memory,
    others,
    rounding,
    sentences,
    settings,
)
from tests.checking.falsehoods.table import SIGNS, Case, entry_of
from tests.checking.falsehoods.tensors import CHANGES, entry_of_change
from tests.checking.proved_elsewhere import CALLS, EXTENDED, EXTENDS, Numbers
from tests.checking.tiny import CONFIGURATIONS, check, entry
from tests.checking.written_down import Case as Program
from tests.checking.written_down import in_module, read_cases

KINDS = (
    settings,
    helpers,
    loops,
    language,
    conditions,
    rounding,
    inputs,
    bounds,
    identities,
    memory,
    definitions,
    sentences,
    others,
)
CASES = [case for kind in KINDS for case in kind.CASES]
# What is no falsehood after all: its runs show little, but a proof knows that |p| is p > 0.
TRUE_AFTER_ALL = {
    "function-abs",
    "helper-abs",
    "imported-abs",
    "relu-hidden",
    "abs-by-sqrt",
    "or in a helper",
    "one function or another",
}
HERE = Path(__file__).parent / "falsehoods"
PROGRAMS = list(read_cases(HERE / "programs.md"))
# Written by whoever had closed the holes that those had found.
THIRTY = list(read_cases(HERE / "thirty.md"))
# Written after that by somebody who knew the documentation only.
BLIND = list(read_cases(HERE / "blind.md"))
# In which a sign, a letter or a word means one thing to readers, and another to the checker.
MEANINGS = list(read_cases(HERE / "meanings.md"))
# Of forty with torch by somebody who knew the documentation only, and more of their kinds.
TORCH = list(read_cases(HERE / "torch_forty.md"))

# Of the kinds that a second one found, and true ones that look like them.
MORE = list(read_cases(HERE / "forty_more.md"))
# Of those two attacks, and more of their kinds: other types and shapes, and between two steps.
TYPES = list(read_cases(HERE / "kinds.md"))
MEANWHILE = list(read_cases(HERE / "meanwhile.md"))
# By whoever had closed those, of other kinds.
FIFTEEN = list(read_cases(HERE / "fifteen.md"))
# Of a third attack: what users get, and what becomes of an object.
USERS = list(read_cases(HERE / "users.md"))
# Of forty more by somebody who knew the documentation only: settings and inputs that none chooses.
ORDINARY = list(read_cases(HERE / "ordinary.md"))
# Of forty-six more: whole numbers that no run has, and numbers beside those that it has.
WHOLE = list(read_cases(HERE / "whole.md"))
NEAR = list(read_cases(HERE / "near.md"))
# Of a fifth attack: what a class, or a run, calls with some numbers only.
ALONE = list(read_cases(HERE / "alone.md"))
# Of a sixth attack: equal by chance, in texts, right where a formula turns.
CHANCE = list(read_cases(HERE / "chance.md"))
# True ones that were refused once, and false ones that look like them.
TRUE = list(read_cases(HERE / "true.md"))
# Of those attacks, what still agrees wherever it is tried, and has no sign.
STILL = list(read_cases(HERE / "still.md"))
# Of a blind attack on proofs: false for what users do besides the steps of a run.
PROVED = list(read_cases(HERE / "proved.md"))
# Of a second one, after that was mended.
SECOND = list(read_cases(HERE / "second.md"))
# Of both, what is proved still.
STILL_PROVED = list(read_cases(HERE / "still_proved.md"))
# What is false outside of what a sign speaks of: the domain, real numbers, arrays of them.
SCOPE = list(read_cases(HERE / "scope.md"))


WHOLE_PROGRAMS = (
    PROGRAMS,
    THIRTY,
    BLIND,
    MEANINGS,
    TORCH,
    MORE,
    TYPES,
    MEANWHILE,
    FIFTEEN,
    USERS,
    ORDINARY,
    ALONE,
    WHOLE,
    NEAR,
    CHANCE,
    TRUE,
    STILL,
    PROVED,
    SECOND,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_falsehood_gets_no_sign(case: Case, tmp_path: Path) -> None:
    found = entry_of(case, tmp_path)
    assert (found.status in SIGNS) is (case.name in TRUE_AFTER_ALL), found.detail


@pytest.mark.parametrize("name", CHANGES)
def test_a_falsehood_about_tensors_gets_no_sign(name: str, tmp_path: Path) -> None:
    assert entry_of_change(CHANGES[name], tmp_path).status not in SIGNS


@pytest.mark.parametrize(
    "program",
    [each for kind in WHOLE_PROGRAMS for each in kind],
    ids=lambda program: program.name,
)
def test_a_program_that_says_something_false_has_no_sign_for_it(
    program: Program, tmp_path: Path
) -> None:
    [(formula, sign, _)] = program.signs
    module, runs = in_module(program.program), program.configurations
    try:
        report = check(tmp_path, module, runs, **program.settings)
    except SourceError:
        assert sign == "stops"
        return
    assert (sign == "stops") is not report.ok
    if sign != "stops":
        found = [each.status for each in report.entries["tiny.py"] if each.text == formula]
        # Of two, the row is what is false; that beside the code speaks of one call.
        assert sign == found[0] or (sign == "proved" and sign in found)


@pytest.mark.parametrize("program", [*STILL_PROVED, *SCOPE], ids=lambda program: program.name)
def test_what_is_false_and_still_proved_is_counted_as_long_as_it_is(
    program: Program, tmp_path: Path
) -> None:
    [(formula, sign, _)] = program.signs
    report = check(tmp_path, program.program, program.configurations, **program.settings)
    assert {each.status for each in report.entries["tiny.py"] if each.text == formula} == {sign}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_gradient_that_shares_memory_refutes_what_is_proved(call: Callable[[], Numbers]) -> None:
    said, found = call()
    assert found != pytest.approx(said, rel=1e-4)


def test_a_class_outside_of_the_sources_refutes_what_is_proved(tmp_path: Path) -> None:
    runs = CONFIGURATIONS.replace("it.step(", "it.add(")
    report = check(tmp_path, EXTENDED, runs, entry="add", memory=("self.m",))
    assert entry(report, "mₜ ← mₜ₋₁ + 2·xₜ").status == "proved"
    names: dict[str, Any] = {}
    exec(EXTENDED, names)
    exec(EXTENDS, names)
    other = names["Other"]()
    other.add(1.0)
    assert other.m == 3.0


def test_what_is_listed_is_in_the_tables() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert set(names) >= TRUE_AFTER_ALL


def counts() -> tuple[int, int]:
    """How many false programs and formulas are kept."""
    signs = [each.signs[0][1] for kind in WHOLE_PROGRAMS for each in kind]
    # The others look like them, and are true.
    false = [sign for sign in signs if sign in ("stops", "tried")]
    return len(false), len(CASES) + len(CHANGES) - len(TRUE_AFTER_ALL)


def test_the_page_says_how_many_are_kept() -> None:
    page = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")
    told = " ".join(page.split())
    programs, formulas = counts()
    assert f"{programs} programs and {formulas} formulas" in told
    assert f"and {len(SCOPE)} programs more that are proved" in told
    proved = len(STILL_PROVED) + len(CALLS) + 1  # and a class outside of the sources
    assert f"Of all these, {proved} are proved today." in told
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"{proved} still are" in readme
    assert f"{programs} programs and {formulas} formulas that had deceived" in readme
