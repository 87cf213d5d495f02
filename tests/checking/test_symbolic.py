"""A tensor that is a formula: it must compute what torch computes."""

import math
import re

import pytest
import sympy
import torch

from sidebyside.trace.symbolic import (
    Branches,
    ProofError,
    SymbolicNumber,
    SymbolicTensor,
    opposite_of,
)

LETTERS = {"x": 1.7, "y": -0.6, "z": 2.4, "w": 0.3}


def stand_ins(kind=SymbolicTensor):
    branches = Branches()
    return {name: kind(sympy.Symbol(name), branches) for name in LETTERS}


def tensors():
    return {name: torch.tensor([value], dtype=torch.float64) for name, value in LETTERS.items()}


def number(stand_in):
    return float(stand_in.expression.subs({sympy.Symbol(k): v for k, v in LETTERS.items()}))


PROGRAMS = [
    lambda x, y, z, w: x.lerp_(y, 0.25),
    lambda x, y, z, w: x.lerp(y, 0.25),
    lambda x, y, z, w: x.mul_(0.9).addcmul_(y, z, value=0.1),
    lambda x, y, z, w: x.addcdiv_(y, z.sqrt().add_(1e-8), value=-0.1),
    lambda x, y, z, w: x.addcdiv(y, z).addcmul(y, z),
    lambda x, y, z, w: x.add(y, alpha=0.3).sub(z, alpha=2),
    lambda x, y, z, w: x.add_(y).sub_(z).div_(w).neg_(),
    lambda x, y, z, w: (x - y) * z / w + 2 - 1 / x + (-y) ** 2,
    lambda x, y, z, w: 3 - x + 2 * y + +z,
    lambda x, y, z, w: 2**x + abs(y),
    lambda x, y, z, w: x.abs().pow(2).reciprocal().rsqrt().exp().log().square().sign(),
    lambda x, y, z, w: x.maximum(y).minimum(z),
    lambda x, y, z, w: torch.maximum(x, z, out=x),
    lambda x, y, z, w: torch.sqrt(x) + torch.addcdiv(x, y, z, value=3) + torch.lerp(x, y, 0.5),
    lambda x, y, z, w: x.copy_(y).data.add_(1),
    lambda x, y, z, w: x.clone().mul_(2) + x.detach(),
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_stand_in_computes_what_a_tensor_computes(program):
    real, symbolic = tensors(), stand_ins()
    expected, found = program(**real), program(**symbolic)
    assert number(found) == pytest.approx(expected.item(), rel=1e-14)
    for name in LETTERS:
        assert number(symbolic[name]) == pytest.approx(real[name].item(), rel=1e-14)


@pytest.mark.parametrize("operator", ["+=", "-=", "*=", "/="])
def test_augmented_assignment_changes_a_tensor_for_everybody_who_holds_it(operator):
    for values in (tensors(), stand_ins()):
        alias = values["x"]
        exec(f"x {operator} y", {"__builtins__": {}}, values)
        assert values["x"] is alias


def test_augmented_assignment_gives_a_number_another_value():
    value = stand_ins(SymbolicNumber).pop("x")
    value += 1
    assert value.expression == sympy.Symbol("x") + 1


def test_a_number_that_is_held_twice_might_be_an_array_which_changes_in_both_places():
    values = stand_ins(SymbolicNumber)
    alias = values["x"]
    with pytest.raises(ProofError, match=re.escape("values['x'], alias")):
        alias *= 2
    assert values["x"].expression == sympy.Symbol("x")


def test_out_argument_is_what_changes():
    values = stand_ins()
    result = torch.maximum(values["y"], values["z"], out=values["x"])
    assert result is values["x"]
    assert values["x"].expression == sympy.Max(sympy.Symbol("y"), sympy.Symbol("z"))


def test_an_unknown_method_names_itself():
    x = stand_ins()["x"]
    with pytest.raises(ProofError, match=r"^Tensor.cumsum_$"):
        x.cumsum_()
    with pytest.raises(ProofError, match=r"^torch.where$"):
        torch.where(x, x, x)


def test_a_stand_in_is_never_silently_one_number():
    with pytest.raises(ProofError, match="float"):
        float(stand_ins(SymbolicNumber)["x"])
    with pytest.raises((ProofError, TypeError)):
        math.sqrt(stand_ins(SymbolicNumber)["x"])


def test_every_way_through_the_branches_is_taken_once():
    branches = Branches()
    ways = []
    for _ in branches:
        x, y = (SymbolicNumber(sympy.Symbol(name, real=True), branches) for name in "xy")
        if x > 1:
            ways.append("large, " + ("equal" if y == 2 else "unequal"))
        elif x <= 1:  # the opposite of what was answered above, so not asked again
            ways.append("small")
        else:
            ways.append("neither")
    assert sorted(ways) == ["large, equal", "large, unequal", "small"]


def test_what_assumptions_decide_is_not_asked():
    branches = Branches()
    ways = 0
    for _ in branches:
        decay = SymbolicNumber(sympy.Symbol("λ", positive=True), branches)
        ways += 1
        assert decay != 0
        assert decay
    assert ways == 1


def test_branches_are_described_by_the_line_that_asks():
    branches = Branches()
    said = []
    for _ in branches:
        rho = SymbolicNumber(sympy.Symbol("ρ", real=True), branches)
        if rho <= 5:
            pass
        said += branches.words
    assert said == ["`rho <= 5`", "`rho > 5`"]


@pytest.mark.parametrize(
    ("code", "opposite"),
    [
        ("rho <= 5", "rho > 5"),
        ('group["lr"] != 0', 'group["lr"] == 0'),
        ("a < b", "a >= b"),
        ("flag", "not flag"),
        ("a < b < c", "not (a < b < c)"),
        ("a < b and c", "not (a < b and c)"),
        ("not flag", "not (not flag)"),
    ],
)
def test_a_branch_not_taken_is_described_by_what_is_true_then(code, opposite):
    assert opposite_of(code) == opposite


def test_code_that_never_stops_branching_is_given_up():
    def explore():
        for _ in (branches := Branches()):
            for n in range(10):
                bool(SymbolicNumber(sympy.Symbol(f"x{n}", real=True), branches) > 0)

    with pytest.raises(ProofError, match="ways through"):
        explore()
