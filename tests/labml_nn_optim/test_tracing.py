"""A traced step is what the rule asks of torch, line by line, or is refused with the reason."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from labml_nn_optim import Adam, GenericAdaptiveOptimizer
from labml_nn_optim.engine import operations, printing_c, printing_triton, programs
from labml_nn_optim.engine.tracing import NotElementwiseError, trace
from labml_nn_optim.rule import Group, State

FLOAT = torch.float32


def traced(rule: Callable[[Any, Any, Tensor, Tensor], None]) -> Any:
    return trace(rule, 1, {"param": FLOAT, "grad": FLOAT, "mean": FLOAT})


def test_a_step_is_the_lines_that_it_asks_for() -> None:
    def rule(numbers: Any, state: Any, grad: Tensor, param: Tensor) -> None:
        state["mean"].mul_(numbers[0])
        torch.rand(2)  # asks nothing of its arguments, but is no elementwise operation
        param.sub_(grad)

    with pytest.raises(NotElementwiseError, match=r"because of aten\.rand"):
        traced(rule)

    def without(numbers: Any, state: Any, grad: Tensor, param: Tensor) -> None:
        _ = grad.exp()  # of no use
        state["mean"].mul_(numbers[0])
        param.addcmul_(grad, grad, value=-numbers[0])

    found = traced(without)
    assert [line.name for line in found.lines] == ["convert", "mul", "neg", "convert", "mul", "fma"]
    assert {*found.outputs} == {"param", "mean"}
    assert all(line.source[0] == __file__ for line in found.lines)


CALLS = itertools.count(1)
REFUSED: dict[str, tuple[str, Callable[[Any, Any, Tensor, Tensor], Any]]] = {
    "a norm": (r"aten\.linalg_vector_norm", lambda n, s, g, p: p.sub_(g / g.norm())),
    "a sum": (r"aten\.sum", lambda n, s, g, p: p.sub_(g.sum())),
    "a part": (r"aten\.select|shape", lambda n, s, g, p: p.sub_(g[0])),
    "another order": (r"aten\.", lambda n, s, g, p: p.sub_(g.flip(0))),
    "a number": ("looks at the value", lambda n, s, g, p: p.sub_(g, alpha=float(n[0]))),
    "a shape": ("asks for the shape", lambda n, s, g, p: p.sub_(g, alpha=1 / p.shape[0])),
    "a size": ("asks for the size", lambda n, s, g, p: p.sub_(g, alpha=1 / p.size(0))),
    "how many": (
        "asks for the numel",
        lambda n, s, g, p: p.sub_(g) if p.numel() < 9 else p.add_(g),
    ),
    "just as many": ("asks for the numel", lambda n, s, g, p: p.sub_(g, alpha=p.numel() != 50257)),
    "how many rows": ("asks for the __len__", lambda n, s, g, p: p.sub_(g) if len(p) else None),
    "dimensions": ("asks for the ndim", lambda n, s, g, p: p.sub_(g) if p.ndim > 1 else None),
    "bytes": ("asks for the nbytes", lambda n, s, g, p: p.sub_(g) if p.nbytes else None),
    "another each time": (
        r"of shape \[6, 16\] and",
        lambda n, s, g, p: p.sub_(g, alpha=next(CALLS)),
    ),
    "a rounded quotient": (
        r"aten\.div with rounding_mode",
        lambda n, s, g, p: p.sub_(torch.div(g, 3, rounding_mode="floor")),
    ),
    "the gradient": ("changes the gradient", lambda n, s, g, p: g.mul_(2)),
    "new state": (r"replaces state\['more'\]", lambda n, s, g, p: s.update(more=g)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_elementwise_is_refused_with_the_reason(what: str) -> None:
    reason, rule = REFUSED[what]
    with pytest.raises(NotElementwiseError, match=reason):
        traced(rule)


def test_tracing_takes_no_random_numbers_from_a_training() -> None:
    before = torch.get_rng_state()
    with pytest.raises(NotElementwiseError):
        traced(lambda n, s, g, p: p.sub_(torch.randn_like(g)))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("asks", "reason"), [(Tensor.sum, r"aten\.sum"), (Tensor.numel, "numel")])
def test_a_refusal_that_the_rule_catches_is_not_forgotten(
    asks: Callable[[Tensor], Any], reason: str
) -> None:
    def rule(numbers: Any, state: Any, grad: Tensor, param: Tensor) -> None:
        try:
            param.sub_(asks(grad))
        except RuntimeError:
            param.sub_(grad)

    with pytest.raises(NotElementwiseError, match=reason):
        traced(rule)


def test_a_rule_may_ask_for_the_type_and_the_device_of_a_tensor() -> None:
    def rule(numbers: Any, state: Any, grad: Tensor, param: Tensor) -> None:
        assert not param.is_complex()
        assert param.is_floating_point()
        param.sub_(grad.to(param.dtype).to(param.device), alpha=numbers[0])

    assert {*traced(rule).outputs} == {"param"}


def test_a_tensor_from_elsewhere_is_refused() -> None:
    elsewhere = torch.ones(96)
    with pytest.raises((NotElementwiseError, RuntimeError)):
        traced(lambda n, s, g, p: p.view(-1).sub_(elsewhere))


# Rules of many kinds, each of which must do compiled what it does plainly.
RULES: dict[str, Callable[[Tensor, Tensor, Tensor], Any]] = {
    "clamp": lambda p, g, m: p.sub_(g.clamp(-0.1, 0.2)).clamp_(min=-1).clamp_max_(2),
    "sign": lambda p, g, m: p.sub_(g.sign(), alpha=0.01),
    "where": lambda p, g, m: p.copy_(torch.where(g > m, p * 0.9, p - 0.1)),
    "masks": lambda p, g, m: p.mul_(~((g > 0) & (p >= 0) | (g == p))),
    "powers": lambda p, g, m: p.sub_((g.abs() + 0.1).pow(1.5)).add_(g.square()).sub_(g**2),
    "functions": lambda p, g, m: p.sub_(g.tanh()).add_((g.abs() + 1).log()).sub_(g.neg().exp()),
    "roots": lambda p, g, m: p.sub_((g.abs() + 1).rsqrt()).add_((g.abs() + 1).reciprocal()),
    "rounded": lambda p, g, m: p.sub_(g.floor()).add_(g.ceil(), alpha=0.5),
    "constants": lambda p, g, m: p.add_(torch.ones_like(g)).sub_(torch.full_like(g, 0.5)),
    "extremes": lambda p, g, m: p.copy_(torch.maximum(torch.minimum(p, g), m)),
    "aliases": lambda p, g, m: p.detach().sub_(g.clone().mul_(2)),
    "reversed": lambda p, g, m: p.copy_(1 - p).sub_(3 / (g.abs() + 1)),
    "lerps": lambda p, g, m: p.lerp_(g, 0.7).lerp_(m, 0.3),
    "zeros": lambda p, g, m: m.zero_(),
    "bits": lambda p, g, m: p.copy_((p.view(torch.int32) & -65536).view(torch.float32)),
    "bits in place": lambda p, g, m: p.view(torch.int32).bitwise_and_(-65536),
    "bits there and back": lambda p, g, m: p.sub_(g.view(torch.int32).view(torch.float32)),
    "doubles": lambda p, g, m: p.copy_((p.double() - g.double() / 3).float()),
    "nothing": lambda p, g, m: None,
}


def rule_that(what: str) -> type[GenericAdaptiveOptimizer]:
    class Rule(GenericAdaptiveOptimizer):
        def init_state(self, state: State, group: Group, param: Tensor) -> None:
            super().init_state(state, group, param)
            state.setdefault("mean", torch.zeros_like(param))

        def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
            RULES[what](param, grad, state["mean"])
            state["mean"].add_(grad)

    return Rule


@pytest.mark.parametrize("what", RULES)
def test_every_operation_does_compiled_what_it_does_plainly(what: str) -> None:
    results = []
    for fused in (False, True):
        params = [torch.linspace(-2, 2, 1001).requires_grad_() for _ in range(2)]
        with torch.no_grad():
            params[0][3], params[1][5] = torch.nan, torch.inf
        optimizer = rule_that(what)(params, fused=fused)
        for t in range(3):
            for param in params:
                param.grad = torch.sin(torch.arange(1001.0) + t)
            optimizer.step()
        assert ("compiled" in repr(optimizer)) is fused
        results.append(params)
    for plain, ours in zip(*results, strict=True):
        torch.testing.assert_close(ours, plain, rtol=2e-6, atol=2e-6, equal_nan=True)


def test_a_compiled_step_that_would_do_something_else_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "_programs", {})
    monkeypatch.setitem(printing_c.SPELLED, "div", "{} * {}")
    param = torch.ones(50, requires_grad=True)
    param.grad = torch.ones(50)
    with pytest.raises(RuntimeError, match="does not do what the plain step does: param differs"):
        Adam([param], fused=True).step()
    assert torch.equal(param, torch.ones(50))


def test_both_languages_know_each_operation_of_the_table() -> None:
    emitted: set[str] = set()

    def emit(name: str, *_: Any) -> float:
        emitted.add(name)
        return 2.0

    for operation in operations.OPERATIONS.values():
        for count in range(1, 5):
            try:
                operation(emit, *[3.5] * count)
            except TypeError:
                continue
    in_c = {*printing_c.SPELLED, *printing_c.FUNCTIONS, "fma"}
    assert emitted <= in_c
    in_triton = {*printing_triton.SPELLED, *printing_triton.EXACT}
    assert emitted <= in_triton
