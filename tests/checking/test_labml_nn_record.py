"""What the checker finds in `labml_nn.optimizers` is recorded, and is no false alarm."""

import json
from dataclasses import replace
from functools import lru_cache

import pytest

from sidebyside.algebra.domain import Terms
from sidebyside.checking.package import Package
from sidebyside.checking.running import record_all
from sidebyside.claims.remarks import annotated
from sidebyside.formula import parse_formula
from sidebyside.formula.tree import Relation
from sidebyside.judging.checker import Checker
from sidebyside.judging.identities import check_relation
from sidebyside.settings import load_configurations, read_settings
from tests.checking.labml_nn.record import HERE, RECORD, facts

TRUE_BOUND = (
    r"\vert \Delta t \vert \le \alpha \cdot"
    r" \frac{1 - \beta_1}{\sqrt{(1-\beta_2) (1 - \beta_1^2 / \beta_2)}}"
    r" \cdot \frac{1}{1 - \beta_1^t}"
)
# What the wrong formulas should be. AdaBelief's are right, and its code is not; the learning rate
# of AdamWarmupCosineDecay takes two formulas, one for each stage.
CORRECTED = {
    ("adam.py", 29): r"\Delta t = \alpha \cdot \frac{\hat{m}_t}{\sqrt{\hat{v}_t}}",
    ("adam.py", 31): TRUE_BOUND,
    ("adam.py", 34): TRUE_BOUND,
    ("adam.py", 161): r"\hat{\epsilon} = \sqrt{1-\beta_2^t} \epsilon",
    ("radam.py", 106): r"Var\big[\psi^2(.)\big] ="
    r" \frac{2 \rho^2 / \sigma^4}{(\rho-2)^2 (\rho - 4)}",
    ("radam.py", 252): r"\alpha r_t \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}",
    ("radam.py", 254): r"\theta_t \leftarrow \theta_{t-1} - \alpha r_t"
    r" \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t} \cdot \frac{m_t}{\sqrt{v_t} + \hat{\epsilon}}",
    ("radam.py", 261): r"\frac{\alpha r_t}{1-\beta_1^t}",
    ("radam.py", 263): r"\theta_t \leftarrow \theta_{t-1} - \alpha r_t \cdot"
    r" \frac{\hat{m}_t}{\sqrt{v_t} / \sqrt{1-\beta_2^t} + \epsilon}",
    ("adam_warmup.py", 52): r"\min \bigg(\alpha, 10^{-8} + \alpha \frac{t}{w}\bigg)",
}


@lru_cache(maxsize=1)
def checked() -> tuple[Package, Checker]:
    settings = read_settings(HERE / "settings.toml")
    package = Package(settings)
    recordings, _ = record_all(package, *load_configurations(settings))
    return package, Checker(package.meanings, recordings)


def test_the_record_is_what_the_checker_finds_today() -> None:
    assert json.loads(RECORD.read_text(encoding="utf-8")) == facts()


def test_the_record_is_of_the_pinned_version_and_names_no_folder() -> None:
    assert facts()["version"] == "0.5.1"
    assert "/" + "labml_nn" + "/" not in RECORD.read_text(encoding="utf-8")


def test_every_formula_is_accounted_for() -> None:
    totals = facts()["totals"]
    assert totals["agree"] + totals["wrong"] + totals["not checked"] == totals["formulas"]
    assert all(fact["found"] for fact in facts()["not checked"])


@pytest.mark.parametrize(("where", "formula"), CORRECTED.items(), ids=lambda value: str(value))
def test_a_wrong_formula_passes_once_it_is_corrected(where: tuple[str, int], formula: str) -> None:
    package, checker = checked()
    [claim] = [
        each for each in package.claims if (each.path.rpartition("/")[2], each.line) == where
    ]
    assert checker.verdict(claim).status == "failed"
    changed = replace(claim, formula=parse_formula(formula, "latex"))
    [changed] = annotated([changed], [], package.meanings.notation.meanings)
    verdict = checker.verdict(changed)
    assert verdict.status in ("tried", "proved"), verdict.detail


def test_line_98_holds_once_its_bracket_is_closed() -> None:
    package, checker = checked()
    [claim] = [
        c for c in package.claims if c.path.endswith("/radam.py") and c.line == 98 and c.reason
    ]
    closed = claim.text.replace(r"\psi^2(.)}", r"\psi^2(.)]}")
    formula = parse_formula(closed, "latex")
    assert isinstance(formula, Relation)
    [claim] = annotated(
        [replace(claim, formula=formula, kind="row")], [], package.meanings.notation.meanings
    )
    assert isinstance(claim.formula, Relation)
    finding = check_relation(claim.formula, checker.meanings.terms(claim))
    assert finding.status == "tried", finding.detail
    assert check_relation(claim.formula, Terms()).status == "failed"
