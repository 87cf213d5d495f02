"""Proofs: the real methods, run on symbols."""

import importlib.util
import random
import sys
from dataclasses import replace

import pytest
import sympy
import torch

import labml_nn_optim.adam
import labml_nn_optim.generic
from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from sidebyside.algebra.expressions import to_sympy
from sidebyside.checking.proved import prove
from sidebyside.formula import parse_formula
from sidebyside.judging.checker import Checker
from sidebyside.proving.proofs import ProofError, proof, symbolic_leaf, symbolic_runs
from sidebyside.trace.recorder import Function, Recorder
from tests.checking.our_pages import pages
from tests.labml_nn_optim.table import OPTIMIZERS

NAMES = {
    'group["lr"]': parse_formula("α"),
    'group["betas"][0]': parse_formula("β₁"),
    'group["betas"][1]': parse_formula("β₂"),
    'group["eps"]': parse_formula("ε"),
    'group["weight_decay"]': parse_formula("λ"),
}


def runs_of(owner, **arguments):
    recorder = pages().package.recorder(symbolic_leaf)
    return list(symbolic_runs(owner, arguments, recorder, NAMES, owner.__name__))


def numbers(chance, t):
    values = {name: chance.uniform(0.1, 0.9) for name in ("α", "ε", "λ", "β₁")}
    values |= {"t": t, "β₂": 0.95}
    for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"):
        values[f'state["{name}"] at entry'] = chance.uniform(0.1, 2)
    return values | {"grad at entry": -0.7, "param at entry": 1.3}


def torch_step(make, values):
    """One step of torch's own optimizer from the state that the numbers give."""
    param = torch.tensor([values["param at entry"]], dtype=torch.float64, requires_grad=True)
    betas = (values["β₁"], values["β₂"])
    optimizer = make([param], lr=values["α"], betas=betas, eps=values["ε"])
    param.grad = torch.tensor([values["grad at entry"]], dtype=torch.float64)
    state = optimizer.state[param]
    state["step"] = torch.tensor(float(values["t"] - 1))
    for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"):
        state[name] = torch.tensor([values[f'state["{name}"] at entry']], dtype=torch.float64)
    optimizer.step()
    return param.item(), state["exp_avg"].item(), state["exp_avg_sq"].item()


@pytest.mark.parametrize(
    ("ours", "arguments", "theirs", "extra"),
    [
        (Adam, {}, torch.optim.Adam, {}),
        (AMSGrad, {}, torch.optim.Adam, {"amsgrad": True}),
        (Adam, {"weight_decay": 0.1}, torch.optim.Adam, {"weight_decay": "λ"}),
        (
            Adam,
            {"weight_decay": 0.1, "decoupled_weight_decay": True},
            torch.optim.AdamW,
            {"weight_decay": "λ"},
        ),
        (RAdam, {}, torch.optim.RAdam, {}),
    ],
)
@pytest.mark.parametrize("t", [1, 9])
def test_symbolic_step_is_the_step_that_torch_takes(ours, arguments, theirs, extra, t):
    values = numbers(random.Random(t), t)
    extra = {key: values.get(value, value) for key, value in extra.items()}
    expected = torch_step(lambda *args, **kw: theirs(*args, **kw, **extra), values)
    # At β₂ = 0.95 the first way through RAdam, ρ ≤ 5, is that of step 1, the second that of step 9.
    ways = runs_of(ours, **arguments)
    end = ways[min(t, len(ways)) - 1].recording.steps[0].exit.names
    named = {"param": end["param"], **end["state"]}
    found = [named[name] for name in ("param", "exp_avg", "exp_avg_sq")]
    symbols = {symbol: values[symbol.name] for e in found for symbol in e.free_symbols}
    assert [float(e.subs(symbols)) for e in found] == pytest.approx(expected, rel=1e-12)


def test_both_ways_through_the_rectification_are_followed():
    said = {run.branches for run in runs_of(RAdam)}
    assert said == {("`rho <= 5`",), ("`rho > 5`",)}
    assert len(runs_of(Adam)) == 1


def test_hyper_parameters_are_symbols_unless_they_are_zero():
    (run,) = runs_of(Adam)
    assert [str(number) for number in run.numbers] == ["t", "α", "β₁", "β₂", "ε"]
    assert [str(number) for number in run.decays] == ["β₁", "β₂"]
    (run,) = runs_of(Adam, weight_decay=0.1)
    assert "λ" in map(str, run.numbers)


def test_modules_are_left_as_they_were():
    before = {m: dict(vars(m)) for m in (labml_nn_optim.adam, labml_nn_optim.generic)}
    runs_of(AdaBelief, rectify=False)
    for module, names in before.items():
        assert dict(vars(module)) == names


@pytest.fixture(scope="module")
def verdicts():
    checker = Checker(pages().package.meanings, pages().recordings)
    judged = [checker.verdict(claim) for claim in pages().claims]
    found = prove(pages().package, pages().configurations, judged, pages().recordings)
    proofs = found.proved
    assert not found.refused
    return [
        replace(each, status="proved", reasons=(*proofs[place], *each.reasons))
        if place in proofs
        else each
        for place, each in enumerate(judged)
    ]


def test_every_formula_that_an_update_computes_is_proved(verdicts):
    beside_code = [v for v in verdicts if v.claim.kind in ("line", "row")]
    unproved = [v.claim.text for v in beside_code if v.status not in ("proved", "definition")]
    # What comes before the step, in which there are symbols, is compared only.
    assert unproved == ["gₜ ← −dₜ"]
    assert len(beside_code) >= 40


def test_all_optimizers_have_a_proved_last_row(verdicts):
    proved = {v.claim.scope.name for v in verdicts if v.status == "proved" and "θₜ" in v.claim.text}
    assert {*OPTIMIZERS, "WeightDecay.apply"} <= proved


def test_proof_says_for_what(verdicts):
    said = {v.claim.text: v.detail for v in verdicts if v.claim.scope.name == "RAdam.r_adam_update"}
    last = said["θₜ ← θₜ₋₁ − α·rₜ·√c₂ / c₁ · mₜ / (√uₜ + ε)"]
    others = "β₁ ∈ (0, 1), β₂ ∈ (0, 1), λ > 0, on which its symbols depend"
    numbers = f"t ∈ {{1, 2, …}}, α > 0, ε > 0; and all {others}"
    assert f"for all {numbers}; in the steps in which `rho > 5`" in last
    first = said["θₜ ← θₜ₋₁ − α / c₁ · mₜ"]
    numbers = "t ∈ {1, 2, …}, α > 0; and all β₁ ∈ (0, 1), λ > 0, on which its symbols depend"
    assert f"for all {numbers}; in the steps in which `rho <= 5`" in first


def claim_in_adam(text):
    return next(
        c for c in pages().claims if (c.text, c.kind) == (text, "line") and "adam.py" in c.path
    )


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("θₜ ← θₜ₋₁ − α·m̂ₜ / (√v̂ₜ + ε)", "θₜ ← θₜ₋₁ − α·m̂ₜ / √(v̂ₜ + ε)"),
        ("θₜ ← θₜ₋₁ − α·m̂ₜ / (√v̂ₜ + ε)", "θₜ ← θₜ₋₁ − α·mₜ / (√v̂ₜ + ε)"),
        ("mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ", "mₜ ← β₂·mₜ₋₁ + (1 − β₂)·gₜ"),
        ("c₁ = 1 − β₁ᵗ", "c₁ = 1 − β₁^{t−1}"),
    ],
)
def test_wrong_formula_is_not_proved(line, wrong):
    claim = claim_in_adam(line)
    runs = runs_of(Adam)
    checker = Checker(pages().package.meanings, [run.recording for run in runs])
    assert proof(checker.comparisons(claim, to_sympy), runs)
    false = replace(claim, formula=parse_formula(wrong))
    assert not proof(checker.comparisons(false, to_sympy), runs)


def test_nothing_is_proved_if_a_configuration_was_left_out():
    claim = claim_in_adam("c₁ = 1 − β₁ᵗ")
    runs = runs_of(Adam)
    checker = Checker(pages().package.meanings, [run.recording for run in runs])
    assert proof(checker.comparisons(claim, to_sympy), runs, configurations=1)
    assert not proof(checker.comparisons(claim, to_sympy), runs, configurations=2)


OTHER = """
import math
import torch

class Toy(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def init_state(self, state, group, param):
        state["seen"] = torch.zeros_like(param)

    def at_step(self, group, t):
        return group

    def step_param(self, state, group, grad, param):
        BODY
"""


@pytest.fixture
def toy(tmp_path):
    def make(body):
        path = tmp_path / "toy_optimizer.py"
        path.write_text(OTHER.replace("BODY", body))
        spec = importlib.util.spec_from_file_location("toy_optimizer", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["toy_optimizer"] = module
        spec.loader.exec_module(module)
        line = 1 + next(n for n, t in enumerate(path.read_text().split("\n")) if "step_param" in t)
        recorder = Recorder([Function(str(path), "Toy.step_param", line)], leaf=symbolic_leaf)
        return list(symbolic_runs(module.Toy, {}, recorder, {}, "Toy"))

    yield make
    sys.modules.pop("toy_optimizer", None)


def test_functions_of_the_math_module_understand_symbols(toy):
    (run,) = toy("param.mul_(math.sqrt(group['lr']))")
    found = run.recording.steps[0].exit.names["param"]
    lr, param = (
        sympy.Symbol('group["lr"]', positive=True),
        sympy.Symbol("param at entry", real=True),
    )
    assert found == sympy.sqrt(lr) * param


def test_code_that_a_proof_cannot_follow_is_an_error_that_names_it(toy):
    with pytest.raises(ProofError, match=r"^Tensor.cumsum_$"):
        toy("param.cumsum_(0)")


def test_class_that_takes_its_steps_in_another_way_is_an_error():
    recorder = pages().package.recorder(symbolic_leaf)
    with pytest.raises(ProofError, match=r"SGD: .*init_state"):
        list(symbolic_runs(torch.optim.SGD, {"lr": 0.1}, recorder, {}, "SGD"))


def test_states_are_arbitrary_so_nothing_is_known_about_them(toy):
    assert len(toy("param.add_(1) if state['seen'] > 0 else param.sub_(1)")) == 2
