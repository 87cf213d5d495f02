"""What is a message, and what is locked in it."""

from __future__ import annotations

import pytest

from sidebyside.translating.messages import locked, lost_and_added, says_something


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("add $ε$ to `a['$x$']`, twice $ε$", ["$ε$", "`a['$x$']`", "$ε$"]),
        ("[RAdam](radam.py#RAdam) and ![a (b)](c_(d).svg){ width=3 }",
         ["(radam.py#RAdam)", "(c_(d).svg)", "{ width=3 }"]),
        ("note[^1] of https://a.b/c.", ["[^1]", "https://a.b/c"]),
        ("torch<br>*2.0* {number} formulas", ["<br>", "{number}"]),
        (r"$\beta\,\htmlData{term=new}{g}$ costs 5", [r"$\beta\,\htmlData{term=new}{g}$"]),
        ("(β₁, β₂), each in [0, 1): how", []),
    ],
)  # fmt: skip
def test_formulas_code_and_targets_are_locked(text: str, parts: list[str]) -> None:
    assert locked(text) == parts


def test_locked_parts_may_change_places_but_not_their_number() -> None:
    assert lost_and_added("$a$ and `b`, $a$", "`b` と $a$、$a$") == ([], [])
    assert lost_and_added("$a$ and `b`, $a$", "`b` と $a$、`b`") == (["$a$"], ["`b`"])


@pytest.mark.parametrize(
    "text",
    [
        "1e-8",
        "ε",
        "$mₜ$, 3",
        "torch.optim.Adam<br>*torch 2.13.0*",
        "torch-nn Adam",
        "[a_b.py:2](a.md)",
        "–",
    ],
)
def test_numbers_and_names_need_no_translation(text: str) -> None:
    assert not says_something(text, {"Adam", "torch", "torch-nn", "torch.optim.Adam"})


@pytest.mark.parametrize("text", ["no", "nearest: `a`", "step 3", "AdaBelief, the paper"])
def test_words_need_one(text: str) -> None:
    assert says_something(text, {"AdaBelief"})
