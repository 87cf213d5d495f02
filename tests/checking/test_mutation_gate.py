"""
The gate: the checker must notice a wrong formula beside right code, and wrong code beside a right
formula. Each mutant that it lets pass is listed here with the reason why it is not wrong.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from types import FunctionType

import pytest

from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam, WeightDecay
from sidebyside.algebra.agreement import compare
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import NotFinite, evaluate
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import Expression, Formula, Number, Relation, Symbol
from sidebyside.judging.checker import Checker
from sidebyside.settings import Configuration
from sidebyside.trace.recorder import Recording
from sidebyside.trace.trace import compact
from tests.checking.code_mutants import CodeMutant, code_mutants
from tests.checking.mutants import formula_mutants, same_value
from tests.checking.our_pages import Pages, pages

TRUE_FORMULAS = {
    ("ρₜ > 5", "ρₜ > 4"): "follows from the formula",
    ("ρₜ > 5", "ρₜ > −5"): "follows from the formula",
    (
        "ρₜ > 5",
        "t > 5",
    ): "also true: ρₜ < t + 1, since ρₜ is the number of gradients so far or less",
    ("ρ_∞ ≤ 5", "ρ_∞ ≤ 6"): "follows from the formula",
    ("ρ_∞ ≤ 5", "−ρ_∞ ≤ 5"): "also true: ρ_∞ is positive",
    ("ρ_∞ ≤ 5", "√ρ_∞ ≤ 5"): "follows from the formula, as ρ_∞ is at least 1",
    (
        "|m̂ₜ| ≤ (1 − β₁)·√v̂ₜ / √((1 − β₂)·(1 − β₁²/β₂))",
        "|mₜ| ≤ (1 − β₁)·√v̂ₜ / √((1 − β₂)·(1 − β₁²/β₂))",
    ): "also true: mₜ is smaller than m̂ₜ",
    ("gₜ + λ·θₜ₋₁", "gₜ + λ·θₜ"): "the parameter has not moved yet at this line",
}
RIGHT_CODE = {
    "radam.py rho <= 5 → rho < 5": "no ρ is exactly 5",
    "weight_decay.py weight_decay == 0: 0 → 1": "to decay by 0 changes nothing",
    "weight_decay.py weight_decay == 0: 0 → -1": "to decay by 0 changes nothing",
}
FUNCTIONS: list[FunctionType] = [
    Adam.at_step,
    Adam.step_param,
    Adam.get_mv,
    Adam.adam_update,
    AMSGrad.get_mv,
    AMSGrad.get_max,
    RAdam.at_step,
    RAdam.calc_rectification_term,
    RAdam.step_param,
    RAdam.r_adam_update,
    AdaBelief.step_param,
    AdaBelief.get_ms,
    WeightDecay.apply,
]


@lru_cache(maxsize=1)
def checker() -> Checker:
    return Checker(pages().package.meanings, pages().recordings)


def claims_of(path: str) -> list[Claim]:
    return [claim for claim in pages().claims if claim.path.endswith(f"/{path}")]


@pytest.mark.parametrize(
    "path", ["adam.py", "amsgrad.py", "radam.py", "ada_belief.py", "weight_decay.py"]
)
def test_every_wrong_formula_is_noticed(path):
    made, passed = 0, []
    for claim in claims_of(path):
        assert claim.formula is not None
        for what, mutant in formula_mutants(claim.formula):
            made += 1
            known = (claim.text, to_text(mutant)) in TRUE_FORMULAS
            verdict = checker().verdict(replace(claim, formula=mutant))
            if verdict.status == "failed" or known or same_value(claim.formula, mutant):
                continue
            if follows(claim.formula, mutant):
                continue
            passed.append(f"{claim} — {what}: {to_text(mutant)} ({verdict.status})")
    assert made > 80
    assert not passed


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__qualname__)
def test_every_wrong_line_of_code_is_noticed(function):
    mutants = list(code_mutants(function))
    assert len(mutants) >= 2
    unlisted = [each for each in mutants if each.name not in RIGHT_CODE]
    assert [str(each) for each in unlisted if not notice(each)] == []


def test_gate_is_as_high_as_promised():
    formulas = [
        (claim.text, to_text(mutant))
        for claim in pages().claims
        for _, mutant in formula_mutants(claim.formula)
    ]
    programs = [each.name for function in FUNCTIONS for each in code_mutants(function)]
    # An exception for what is no longer on the pages or in the code leaves the lists.
    assert set(TRUE_FORMULAS) <= set(formulas)
    assert set(RIGHT_CODE) <= set(programs)
    assert len(formulas) > 3000
    assert len(programs) > 300


def follows(formula: Formula, mutant: Formula) -> bool:
    """Whether a bound that was changed follows from the one on the page: it says no more."""
    if not isinstance(formula, Relation) or not isinstance(mutant, Relation):
        return False
    if [sign for sign, _ in (*formula.rest, *mutant.rest)] != ["≤", "≤"]:
        return False
    chance = random.Random(1)
    for _ in range(200):
        values: dict[Symbol, float] = {}

        def lookup(symbol: Symbol, values: dict[Symbol, float] = values) -> float:
            if symbol not in values:
                between = symbol.name in "βv"
                values[symbol] = chance.uniform(0, 1) if between else chance.gauss(0, 1)
            return values[symbol]

        beta1, beta2 = (Symbol("β", "", (Number(n),)) for n in "12")
        lookup(beta2)
        values[beta1] = chance.uniform(0, values[beta2] ** 0.5)
        try:
            old, new = ([evaluate(e, lookup) for e in sides(each)] for each in (formula, mutant))
        except NotFinite:
            continue  # it says nothing here
        if new[0] > old[0] + 1e-12 or new[1] < old[1] - 1e-12:
            return False
    return True


def sides(relation: Relation) -> list[Expression]:
    assert relation.first is not None
    return [relation.first, relation.rest[0][1]]


def notice(mutant: CodeMutant) -> str:
    """Return what the checker finds wrong while a mutant runs; empty if it finds nothing."""
    name = mutant.function.__qualname__
    own = sorted(pages().claims, key=lambda c: (c.scope.name != name, c.kind != "line"))
    compared: set[Claim] = set()
    with mutant.in_place():
        for configuration, right in likely(mutant):
            if name not in {each.name for each in right.reached}:
                compared |= compared_in(right)
                continue
            try:
                recording = record(configuration)
            except Exception as error:  # whatever a mutant raises is noticed
                return f"{configuration.label} raises {type(error).__name__}"
            if compact(recording) == compacted(right):
                compared |= compared_in(right)
                continue
            found, these = disagreement(recording, own)
            if found:
                return found
            compared |= these
    never = set.union(*map(compared_in, pages().usual)) - compared
    return f"never compared: {never.pop()}" if never else ""


def likely(mutant: CodeMutant) -> Iterator[tuple[Configuration, Recording]]:
    """Yield all configurations, those that run the mutated line first."""

    def far(pair: tuple[Configuration, Recording]) -> tuple[bool, bool]:
        visits = [visit for step in pair[1].steps for visit in step.visits]
        name = mutant.function.__qualname__
        return (
            not any(mutant.line in visit.lines for visit in visits),
            not any(visit.call.function.name == name for visit in visits),
        )

    yield from sorted(zip(pages().configurations, pages().usual, strict=True), key=far)


def record(configuration: Configuration) -> Recording:
    here: Pages = pages()
    return recorder().record(
        lambda count: here.run(configuration.cls, configuration.arguments, count),
        configuration.cls,
        configuration.label,
        configuration.arguments,
    )


@lru_cache(maxsize=1)
def recorder():
    return pages().package.recorder()


@cache
def compacted(recording: Recording) -> object:
    return compact(recording)


@cache
def compared_in(recording: Recording) -> set[Claim]:
    """Return the claims that are compared with something in a recording of right code."""
    found, compared = disagreement(recording, pages().claims)
    assert not found
    return compared


def disagreement(recording: Recording, claims: list[Claim]) -> tuple[str, set[Claim]]:
    """
    Return the first claim that does not agree with a recording, and how; empty if all do.

    Also return all claims that were compared with anything.
    """
    judge = Checker(pages().package.meanings, [recording])
    compared: set[Claim] = set()
    for claim in claims:
        if pages().package.meanings.free(claim):
            continue
        for _, found in judge.comparisons(claim):
            compared.add(claim)
            if isinstance(found, NoValue):
                return f"{claim}: {found.reason}", compared
            try:
                if not compare(found).agrees:
                    return f"{claim} disagrees", compared  # all that was found is long to print
            except NoValue as problem:
                return f"{claim}: {problem.reason}", compared
    return "", compared
