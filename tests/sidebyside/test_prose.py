"""Prose is cut into Markdown and math, each formula with its line; what looks wrong is refused."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidebyside.formula import parse_formula
from sidebyside.source.prose import Display, FormulaLine, Text, formulas, read_prose
from sidebyside.source.sections import Line, SourceError

FIRST = 10  # prose starts somewhere in a file


def read(
    text: str, *, comment: bool = False, strict: bool = True, clean: bool = True
) -> tuple[Text | Display, ...]:
    text = inspect.cleandoc(text) if clean else text
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), FIRST)]
    return read_prose(lines, path="m.py", comment=comment, strict=strict)


def shape(blocks: tuple[Text | Display, ...]) -> list[str]:
    """Blocks in a form that a person can check: `10 text`, `12: formula`, `12? opaque`."""
    found = []
    for block in blocks:
        if isinstance(block, Text):
            found.append(f"{block.lines[0].number}-{block.lines[-1].number}")
        else:
            rows = (f"{r.line}{'?' if r.is_opaque else ':'} {r.text}" for r in block.rows)
            found.append(" | ".join(rows))
    return found


def test_indented_relations_of_a_docstring_are_display_math() -> None:
    blocks = read(
        """
        ## AdaBelief

        The mean and the surprise:

            mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
            sₜ ← β₂·sₜ₋₁

            θₜ ← θₜ₋₁ − α

        All of it.
        """
    )
    assert shape(blocks) == [
        "10-12",
        "14: mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ | 15: sₜ ← β₂·sₜ₋₁",
        "17: θₜ ← θₜ₋₁ − α",
        "19-19",
    ]
    rows = [row for block in blocks if isinstance(block, Display) for row in block.rows]
    assert [row.formula for row in rows] == [parse_formula(row.text) for row in rows]


def test_whole_lines_of_a_comment_are_display_math_and_sentences_are_not() -> None:
    blocks = read(
        """
        The paper uses the new mean, so that a step of a = b counts.
        sₜ ← β₂·sₜ₋₁ + ε
        What is left is x.
        x = 5
        y = five
        """,
        comment=True,
    )
    assert shape(blocks) == ["10-10", "11: sₜ ← β₂·sₜ₋₁ + ε", "12-12", "13: x = 5", "14-14"]


@pytest.mark.parametrize("strict", [True, False])
def test_latex_relations_of_a_docstring_are_display_math_without_any_sign(strict: bool) -> None:
    lines = [Line(1, "    v_t \\leftarrow \\mu v_{t-1}")]
    (block,) = read_prose(lines, path="f.py", comment=False, strict=strict)
    assert isinstance(block, Display)
    assert block.rows[0].formula == parse_formula("vₜ ← μ·vₜ₋₁")


def test_unindented_relations_of_a_docstring_are_prose() -> None:
    assert shape(read("x = 5\ny = 6")) == ["10-11"]


def test_an_expression_that_is_a_paragraph_of_a_comment_is_display_math() -> None:
    assert shape(read("Then\n\nα·m̂ₜ\n\nand", comment=True)) == ["10-10", "12: α·m̂ₜ", "14-14"]


@pytest.mark.parametrize("text", ["Then\nα·m̂ₜ", "α·m̂ₜ\nThen", "Then\n\nα·m̂ₜ\n1 − βᵗ", "A\n√v + ε"])
def test_an_expression_among_words_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(SourceError, match="put an empty line before and after it"):
        read(text, comment=True)
    assert list(formulas(read(text, comment=True, strict=False))) == []


@pytest.mark.parametrize(
    "text",
    [
        "Divided by √v.",
        "The mean mₜ fades.",
        "It is 1 − βᵗ then.",
        "A step α / c₁ long.",
        "Here λ ≥ 0.",
    ],
)
def test_signs_that_no_sentence_has_belong_between_dollars(text: str) -> None:
    with pytest.raises(SourceError, match="inside a sentence it belongs between dollars"):
        read(text)
    assert list(formulas(read(text, strict=False))) == []


@pytest.mark.parametrize(
    "text", ["Both (β₁, β₂) count.", "Here α – a number – grows.", "χ² and L₂."]
)
def test_letters_alone_may_stand_in_a_sentence(text: str) -> None:
    assert list(formulas(read(text))) == []


@pytest.mark.parametrize("text", ["α", "2", "a, b", "[a, b]", "Then\nα", "1/2", "−1"])
def test_other_expressions_in_a_comment_are_prose(text: str) -> None:
    assert list(formulas(read(text, comment=True))) == []


def test_an_expression_in_other_peoples_comments_is_prose() -> None:
    assert list(formulas(read("N/A", comment=True, strict=False))) == []


def test_inline_formulas_are_parts_of_their_text() -> None:
    (block,) = read("The bias of $mₜ$ is\n$1 − β₁ᵗ$, not `$x$`; \\$5 is\n$1$ formula.")
    assert isinstance(block, Text)
    assert block.parts == (
        "The bias of ",
        FormulaLine("mₜ", FIRST, parse_formula("mₜ")),
        " is\n",
        FormulaLine("1 − β₁ᵗ", FIRST + 1, parse_formula("1 − β₁ᵗ")),
        ", not `$x$`; \\$5 is\n",
        FormulaLine("1", FIRST + 2, parse_formula("1")),
        " formula.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $6 a month",
        "a single $ sign",
        "``code with ` and $x$ in it``",
        "from $a\n\nto b$",
        "a \\$x$ and $ y$",
    ],
)
def test_dollars_that_are_no_math_stay_text(text: str) -> None:
    assert list(formulas(read(text))) == []


def test_inline_math_may_span_lines_and_counts_from_its_first() -> None:
    (found,) = formulas(read("This is\n$\\theta_t \\leftarrow \\theta_{t-1}\n  - \\alpha$."))
    assert (found.line, found.text) == (11, r"\theta_t \leftarrow \theta_{t-1} - \alpha")


def test_fences_hold_no_math_and_need_no_indentation_rules() -> None:
    blocks = read(
        """
        Example:

        ```python
            x = y
        price = "$x$ ← y"
        ```

        ~~~
        ```
        $x$
        ~~~
        """
    )
    assert shape(blocks) == ["10-20"]
    assert list(formulas(blocks)) == []


def test_latex_blocks_become_rows() -> None:
    blocks = read(
        r"""
        Adam is
        \begin{align}
        m_t &\leftarrow \beta_1 m_{t-1} \\
        \hat{m}_t &\leftarrow
            \frac{m_t}{1-\beta_1^t} \\[2pt]
        \end{align}
        and
        $$v_t = g_t^2$$
        $$
        r_t = \sqrt{\rho_t}
        $$
        """
    )
    assert shape(blocks) == [
        "10-10",
        r"12: m_t \leftarrow \beta_1 m_{t-1} | "
        r"13: \hat{m}_t \leftarrow \frac{m_t}{1-\beta_1^t}",
        "16-16",
        r"17: v_t = g_t^2 | 19: r_t = \sqrt{\rho_t}",
    ]


def test_latex_that_the_grammar_does_not_cover_is_opaque_with_the_reason() -> None:
    blocks = read(
        r"""
        $$
        f(x) &= \begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases} \\
        g &= 1
        $$
        """
    )
    assert isinstance(blocks[0], Display)
    row, second = blocks[0].rows
    assert row.is_opaque
    assert (second.text, second.line, second.is_opaque) == ("g = 1", 12, False)
    assert row.reason == r"column 8: `\begin` is not known here"
    assert row.text.count("&") == 2
    assert row.text.count(r"\\") == 1


def test_double_dollars_inside_a_sentence_are_inline() -> None:
    (block,) = read("$$x$$ is what $$y$$ is")
    assert isinstance(block, Text)
    assert [formula.text for formula in formulas([block])] == ["x", "y"]


def test_formulas_inside_a_list_keep_their_indentation() -> None:
    blocks = read("* first\n\n    x = 1\n* second\n\nNo list.\n\n    y = 2")
    indents = [block.indent for block in blocks if isinstance(block, Display)]
    assert indents == [4, 0]


def test_list_items_are_no_formulas() -> None:
    assert shape(read("- x = y\n+ x = y", comment=True)) == ["10-11"]


@pytest.mark.parametrize(
    ("text", "comment", "message"),
    [
        ("sₜ ← β₂ sₜ₋₁", True,
         "m.py:10: `sₜ ← β₂ sₜ₋₁` is no formula: column 9: no sign before `s`; expected `·`, "
         "another sign or the end; inside a sentence it belongs between dollars"),
        ("Then\n\n    x = y z", False,
         "m.py:12: `x = y z` is no formula: column 7: no sign before `z`; expected `·`, "
         "another sign or the end; put code between ``` fences"),
        ("Then\n    m̂ / 2", False,
         "m.py:11: `m̂ / 2` is no formula: no relation sign such as `←` or `=`; "
         "put code between ``` fences"),
        ("Let $x y$ be", False,
         "m.py:10: `$x y$` is no formula: column 3: no sign before `y`; expected `·`, "
         "another sign or the end"),
        ("Then x ← 5.", False,
         "m.py:10: `Then x ← 5.` is no formula: column 1: `Then` is a word; expected single "
         "letters, numbers and signs; inside a sentence it belongs between dollars"),
        ("a\n```python\nx", False,
         "m.py:11: the fence ```python is never closed; close it with ```"),
        ("a\n$$\nx", True, "m.py:11: `$$` is never closed; close it with `$$`"),
        ("\\begin{align}\nx", True,
         r"m.py:10: `\begin{align}` is never closed; close it with `\end{align}`"),
    ],
)  # fmt: skip
def test_strict_errors_point_at_the_line_and_say_what_to_do(
    text: str, comment: bool, message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(text, comment=comment, clean=False)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "sₜ ← β₂ sₜ₋₁",
        "Then\n\n    x = y z",
        "Then x ← 5.",
        "a\n$$\nx",
        "\\begin{align}\nx",
        "Title\n~~~~~\n\nText",
        "Args:\n    x (int): the x = 5",
    ],
)
def test_other_peoples_sources_may_look_wrong(text: str) -> None:
    assert list(formulas(read(text, strict=False, clean=False))) == []


def test_other_peoples_inline_latex_is_shown_as_it_is() -> None:
    found = list(formulas(read(r"$\beta x$ and $2 t$ and $\unknown{x}$", strict=False)))
    assert [formula.is_opaque for formula in found] == [False, False, True]


def test_a_fence_that_others_never_close_is_text_and_closes_no_later_one() -> None:
    (block,) = read("```\nx", strict=False)
    assert isinstance(block, Text)
    assert block.parts == ("\\`\\`\\`\nx",)


def test_all_that_is_wrong_in_a_piece_of_prose_is_told_at_once() -> None:
    text = "Then x ← 5.\n\n    y ← (2\n    and more\n\n$(z$ and $(w$\n\n```\nopen"
    with pytest.raises(SourceError) as caught:
        read(text, clean=False)
    places = [line.split(": ")[0] for line in str(caught.value).split("\n")]
    assert places == ["m.py:10", "m.py:12", "m.py:15", "m.py:17"]


def test_assignments_in_other_peoples_indented_code_are_code() -> None:
    code = "Example:\n\n    y = f(x)\n    print(y)\n    z = y\n\nEnd"
    assert list(formulas(read(code, strict=False))) == []
    math = "So\n\n    y = f(x)\n    z = y"
    assert shape(read(math, strict=False, clean=False)) == ["10-10", "12: y = f(x) | 13: z = y"]


pieces = st.sampled_from(
    ["Text.", "", "x = y", "    x = y", "* item", "$x$ is", "  more", "`$`", "a $x", "# head", "$"]
)


@settings(deadline=None, derandomize=True)
@given(st.lists(pieces, max_size=8), st.booleans())
def test_no_line_is_lost_or_doubled(texts: list[str], comment: bool) -> None:
    lines = [Line(number, text) for number, text in enumerate(texts, FIRST)]
    blocks = read_prose(lines, path="m.py", comment=comment, strict=False)
    seen = []
    for block in blocks:
        if isinstance(block, Display):
            seen += [row.line for row in block.rows]
            continue
        seen += [line.number for line in block.lines]
        written = [part if isinstance(part, str) else f"${part.text}$" for part in block.parts]
        assert "".join(written) == "\n".join(line.text for line in block.lines)
    blank = {line.number for line in lines if not line.text}
    assert sorted(set(seen) | blank) == [line.number for line in lines]
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
