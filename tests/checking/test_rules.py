"""The rules by which a formula is compared with code: right ones pass, wrong ones are caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.toy import check, failed


def test_right_formulas_pass(tmp_path: Path) -> None:
    report = check(tmp_path)
    assert report.ok
    assert report.totals()["tried"] == 13
    assert report.totals()["definition"] == 0


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        # Rule 1: the chunk and its value: target, receiver, return value.
        ("# c = 1 − βᵗ", "# c = 1 + βᵗ", "line 87"),
        ("# √vₜ + ε", "# √vₜ − ε", "lines 89–90"),
        ("# uₜ = max(v₁, …, vₜ)", "# uₜ = vₜ", "lines 77–78"),
        # Rule 2: t − 1 is step entry.
        ("        # vₜ ← β·vₜ₋₁ + gₜ²", "        # vₜ ← β·vₜ + gₜ²", "by means of"),
        ("# θₜ ← (1 − λ)·θₜ₋₁", "# θₜ ← (1 + λ)·θₜ₋₁", "line 54"),
        # Rule 3: t is counted, not read.
        ('state["t"] = state.get("t", 0) + 1', 'state["t"] = state.get("t", 1) + 1', "Toy"),
        # Rule 6: an algorithm block, and a row of it that only defines.
        ("        m̂ₜ ← mₜ / (1 − βᵗ)", "        m̂ₜ ← mₜ / (1 + βᵗ)", "what Toy computes"),
        ("        vₜ ← β·vₜ₋₁ + gₜ²\n", "        vₜ ← β·vₜ₋₁ + 2·gₜ²\n", "what Toy computes"),
        # Rule 9: ε is large enough to be seen.
        ("        # θₜ ← θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)", "        # θₜ ← θₜ₋₁ − α·m̂ₜ / √vₜ", "line 101"),
        # Rule 10: history.
        ("# uₜ = max(v₁, …, vₜ)", "# uₜ = max(v₂, …, vₜ)", "cannot be compared"),
        # Both branches.
        ("# θₜ ← θₜ₋₁ − α·mₜ / |mₜ|", "# θₜ ← θₜ₋₁ + α·mₜ / |mₜ|", "lines 92–96"),
    ],
)  # fmt: skip
def test_a_wrong_formula_is_caught(tmp_path: Path, old: str, new: str, where: str) -> None:
    report = check(tmp_path, (old, new))
    assert failed(report), "nothing failed"
    assert where in failed(report)[0].detail


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("m += (1 - group", "m -= (1 - group"),
        ("v += grad**2", "v += grad"),
        ("param *= 1 - ", "param *= 1 + "),
        ("correction = 1 - ", "correction = 2 - "),
        ("v**0.5 + group", "v + group"),
        ("correction * m / denominator", "correction * m * denominator"),
        ('param -= group["lr"] * (\n', 'param += group["lr"] * (\n'),
        ("u[:] = [max(", "u[:] = [min("),
    ],
)
def test_a_wrong_line_of_code_is_caught(tmp_path: Path, old: str, new: str) -> None:
    assert failed(check(tmp_path, (old, new)))


def test_the_message_says_where_when_and_what(tmp_path: Path) -> None:
    (entry,) = failed(
        check(
            tmp_path, ("# c = 1 − βᵗ", "# c = 1 − β"), ("# θₜ ← θₜ₋₁ − α / c · mₜ / (√vₜ + ε)", "#")
        )
    )
    assert entry.detail == "disagrees with line 87 (Toy(), step 2): formula 0.2, code 0.36"


def test_the_simplest_configuration_is_reported(tmp_path: Path) -> None:
    (entry,) = failed(check(tmp_path, ("# √vₜ + ε", "# √vₜ + 2·ε")))
    assert "(Toy(), step 1)" in entry.detail


def test_a_formula_that_holds_only_without_an_argument_says_so(tmp_path: Path) -> None:
    wrong = ("        * $θₜ₋₁$ is `param` at entry, already decayed\n", "")
    entries = failed(check(tmp_path, wrong))
    assert all("it holds when `decay` has its default" in entry.detail for entry in entries)
    assert len(entries) == 3


def test_a_guard_restricts_a_formula(tmp_path: Path) -> None:
    wrong = ("        * $θₜ₋₁$ is `param` at entry, already decayed\n", "")
    guard = ("# The whole of it:", "# The whole of it, when `decay=0`:")
    lines = [entry.line for entry in failed(check(tmp_path, wrong, guard))]
    assert lines == [90]  # the signed branch, which has no guard


def test_a_guard_that_is_never_true_fails(tmp_path: Path) -> None:
    guard = ("# The whole of it:", "# The whole of it, when `decay > 1`:")
    details = {entry.detail for entry in failed(check(tmp_path, guard))}
    assert details == {
        "never compared: `decay > 1` is true in no configuration; correct the condition, or add a "
        "configuration"
    }


def test_a_guard_with_an_unknown_name_fails(tmp_path: Path) -> None:
    guard = ("# The whole of it:", "# The whole of it, when `nesterov`:")
    assert all("`nesterov` does not exist here" in e.detail for e in failed(check(tmp_path, guard)))


def test_two_meanings_are_told_apart_by_their_guards(tmp_path: Path) -> None:
    lines = (
        '    * $ε$ is `group["eps"]`, small',
        '    * $ε$ is `group["eps"]` when `not signed`, small\n'
        '    * $ε$ is `group["eps"] + 0` when `signed`, the same here',
    )
    assert check(tmp_path, lines).ok
    wrong = (lines[0], lines[1].replace("+ 0`", "+ 1`"))
    assert "signed=True" in failed(check(tmp_path, wrong))[0].detail


def test_a_line_that_never_runs_fails(tmp_path: Path) -> None:
    report = check(
        tmp_path,
        ('    yield Toy, {"decay": 0.1}\n    yield Toy, {"decay": 0.1, "signed": True}\n', ""),
    )
    (entry,) = failed(report)
    assert entry.detail == (
        "never executed: no configuration reaches line 54; correct the condition above it, or add "
        "a configuration"
    )


def test_a_formula_beside_no_code_fails(tmp_path: Path) -> None:
    report = check(tmp_path, ("        return u\n", "        return u\n        # uₜ = vₜ\n"))
    assert "stands beside no code" in failed(report)[0].detail


def test_a_value_that_is_not_finite_fails(tmp_path: Path) -> None:
    report = check(tmp_path, ("# c = 1 − βᵗ", "# c = 1 / (α − α)"))
    assert "a division by zero" in failed(report)[0].detail


def test_a_configuration_that_raises_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    report = check(
        tmp_path,
        ("        m, v = state", '        assert not group["signed"], "no"\n        m, v = state'),
    )
    assert not report.ok
    raised = "raised AssertionError in momentum.py:60: no"
    assert report.problems == (
        f"configurations.py: Toy(signed=True) {raised}",
        f"configurations.py: Toy(decay=0.1, signed=True) {raised}",
    )


def test_the_sides_of_an_assignment_may_not_refer_to_each_other(tmp_path: Path) -> None:
    report = check(tmp_path, ("        # vₜ ← β·vₜ₋₁ + gₜ²", "        # vₜ ← vₜ"))
    assert failed(report)[0].detail == (
        "says what `vₜ` is by means of `vₜ`; what it was before the step is `vₜ₋₁`"
    )


def test_the_past_cannot_be_computed(tmp_path: Path) -> None:
    report = check(tmp_path, ("        # vₜ ← β·vₜ₋₁ + gₜ²", "        # vₜ₋₁ ← gₜ²"))
    assert "`vₜ₋₁` is past" in failed(report)[0].detail


def test_a_chain_is_compared_link_by_link(tmp_path: Path) -> None:
    right = ("# c = 1 − βᵗ", "# c = 1 − βᵗ = (1 − β)·Σ_{i=1}^{t} β^{i−1}")
    assert check(tmp_path, right).ok
    wrong = ("# c = 1 − βᵗ", "# c = 1 − βᵗ = (1 − β)·Σ_{i=1}^{t} βⁱ")
    assert failed(check(tmp_path, wrong))


def test_rows_that_go_on_are_part_of_the_chain(tmp_path: Path) -> None:
    right = ("        # c = 1 − βᵗ", "        # c = 1 − βᵗ\n        #   = 1 − β·β^{t−1}")
    assert check(tmp_path, right).ok
    wrong = ("        # c = 1 − βᵗ", "        # c = 1 − βᵗ\n        #   = 1 − β·β^{t+1}")
    assert failed(check(tmp_path, wrong))


def test_a_method_docstring_is_compared_with_the_whole_call(tmp_path: Path) -> None:
    lines = "        ### Move\n", "        ### Move\n\n            θₜ ← θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)\n"
    report = check(tmp_path, lines)
    assert "what Toy.update does" in failed(report)[0].detail
    assert "signed=True" in failed(report)[0].detail
    guarded = lines[1].replace("### Move\n", "### Move\n\n        When `not signed`:\n")
    assert check(tmp_path, (lines[0], guarded)).ok


def test_a_return_value_has_a_name(tmp_path: Path) -> None:
    right = (
        "        * $uₜ$ is `u`, the largest so far",
        "        * $uₜ$ is `return`, the largest so far",
    )
    assert check(tmp_path, right).ok
    wrong = ("        return u\n", "        return v\n")
    assert failed(check(tmp_path, right, wrong))


def test_bounds_are_compared(tmp_path: Path) -> None:
    right = ("# c = 1 − βᵗ", "# c ≤ 1\n        # c = 1 − βᵗ")
    assert check(tmp_path, right).ok
    wrong = ("# c = 1 − βᵗ", "# c ≤ 1/2\n        # c = 1 − βᵗ")
    detail = failed(check(tmp_path, wrong))[0].detail
    assert detail == "is not true after line 88 (Toy(), step 4): 0.5904 ≤ 0.5 is false"


def test_bounds_are_attacked(tmp_path: Path) -> None:
    row = "        θₜ ← θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)\n\n"
    right = check(
        tmp_path, (row, f"{row}    No step is longer than\n\n        |θₜ − θₜ₋₁| ≤ 3·α\n\n")
    )
    assert right.ok
    (entry,) = [e for e in right.entries["momentum.py"] if "≤" in e.text]
    assert "families of gradients made to break it" in entry.detail
    wrong = check(
        tmp_path, (row, f"{row}    No step is longer than\n\n        |θₜ − θₜ₋₁| ≤ α/2\n\n")
    )
    (entry,) = failed(wrong)
    assert entry.detail.endswith("(Toy(), step 1): 0.296737 ≤ 0.15 is false")


def test_a_bound_that_only_an_attack_breaks_is_caught(tmp_path: Path) -> None:
    report = check(tmp_path, ("# √vₜ + ε", "# |mₜ| ≤ 100\n        #\n        # √vₜ + ε"))
    (entry,) = failed(report)
    assert entry.detail.endswith('for the gradients "huge and constant"')


def test_a_block_describes_the_class_as_it_is_made_by_default(tmp_path: Path) -> None:
    only_signed = (
        '    yield Toy, {}\n    yield Toy, {"signed": True}\n    yield Toy, {"decay": 0.1}\n',
        "",
    )
    entries = failed(check(tmp_path, only_signed))
    told = [e for e in entries if "as it is made by default" in e.detail]
    assert told
    assert all("every configuration sets `" in e.detail for e in told)


def test_a_block_is_about_the_arguments_it_names(tmp_path: Path) -> None:
    decayed = "        θₜ ← (1 − λ)·θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)\n"
    report = check(tmp_path, ("        θₜ ← θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)\n\n", decayed + "\n"))
    assert report.ok
    entry = next(e for e in report.entries["momentum.py"] if "(1 − λ)·θₜ₋₁ −" in e.text)
    assert entry.runs == 2


def test_code_without_a_formula_or_a_reason_is_listed(tmp_path: Path) -> None:
    report = check(tmp_path, ("        # vₜ ← β·vₜ₋₁ + gₜ²\n        v *= ", "\n        v *= "))
    assert "v += grad**2" in [gap.text for gap in report.gaps["momentum.py"]]
    reason = ("        # vₜ ← β·vₜ₋₁ + gₜ²\n        v *= ", "        # Fades.\n        v *= ")
    report = check(tmp_path, reason)
    assert "v += grad**2" not in [gap.text for gap in report.gaps["momentum.py"]]


def test_a_line_below_a_formula_that_has_another_result_is_listed(tmp_path: Path) -> None:
    report = check(tmp_path, ("        return m, v\n", "        return m - 3 * m, v\n"))
    gaps = [gap.text for gap in report.gaps["momentum.py"]]
    assert "return m - 3 * m, v" in gaps
    assert "v += grad**2" not in gaps


def test_a_formula_in_a_docstring_is_about_what_goes_into_its_value_only(tmp_path: Path) -> None:
    stated = "        * $uₜ$ is `u`, the largest so far\n"
    formula = f"{stated}\n            uₜ = max(v₁, …, vₜ)\n"
    comment = "        # uₜ = max(v₁, …, vₜ)\n"
    line = "        u[:] = [max(a, b) for a, b in zip(u, v)]\n"
    worked = "        larger = v * 1.0\n        u[:] = [max(a, b) for a, b in zip(u, larger)]\n"
    besides = f"        cube = v[0] ** 3\n{worked}"
    report = check(tmp_path, (stated, formula), (comment, ""), (line, besides))
    gaps = [gap.text for gap in report.gaps["momentum.py"]]
    assert "cube = v[0] ** 3" in gaps
    assert "larger = v * 1.0" not in gaps


def test_a_definition_may_not_refer_to_itself(tmp_path: Path) -> None:
    report = check(tmp_path, ("        m̂ₜ ← mₜ / (1 − βᵗ)\n", "        m̂ₜ ← m̂ₜ / (1 − βᵗ)\n"))
    (detail,) = [e.detail for e in failed(report) if e.detail.startswith("says")]
    assert "says what `m̂ₜ` is by means of `m̂ₜ`" in detail


def test_definitions_may_not_refer_to_each_other(tmp_path: Path) -> None:
    rows = "        m̂ₜ ← m̄ₜ / (1 − βᵗ)\n        m̄ₜ ← m̂ₜ·(1 − βᵗ)\n"
    assert failed(check(tmp_path, ("        m̂ₜ ← mₜ / (1 − βᵗ)\n", rows)))


def test_a_definition_that_goes_back_for_ever_has_no_value(tmp_path: Path) -> None:
    line = "        # θₜ ← θₜ₋₁ − α·m̂ₜ / (√vₜ + ε)\n        # θₜ ←"
    wrong = line.replace("m̂ₜ", "nₜ")
    rows = "        ### Move\n\n            nₜ ← nₜ₋₁ + 1\n"
    entries = failed(check(tmp_path, (line, wrong), ("        ### Move\n", rows)))
    assert any("`nₜ₋₁` is defined from step 1 on" in entry.detail for entry in entries)


def test_two_rows_may_not_compute_one_symbol(tmp_path: Path) -> None:
    row = "        m̂ₜ ← mₜ / (1 − βᵗ)\n"
    details = [entry.detail for entry in failed(check(tmp_path, (row, row + row)))]
    assert "line 40 says what this symbol is already" in details


def test_a_symbol_without_a_time_means_before_and_after(tmp_path: Path) -> None:
    line = "            # θₜ ← (1 − λ)·θₜ₋₁"
    assert check(tmp_path, (line, "            # θ ← (1 − λ)·θ")).ok
    assert failed(check(tmp_path, (line, "            # θ ← (1 − 2·λ)·θ")))


def test_a_row_that_only_defines_is_wrong_through_the_row_that_uses_it(tmp_path: Path) -> None:
    wrong = ("        m̂ₜ ← mₜ / (1 − βᵗ)\n", "        m̂ₜ ← mₜ / (1 + βᵗ)\n")
    row = next(e for e in failed(check(tmp_path, wrong)) if e.text.startswith("m̂ₜ"))
    assert row.detail.startswith("line 41, which uses it, disagrees with what Toy computes (Toy(),")
