"""Every optimizer is a drop-in `torch.optim.Optimizer`."""

import warnings
from typing import Any

import pytest
import torch
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)

from labml_nn_optim import Adam, GenericAdaptiveOptimizer
from tests.labml_nn_optim.table import (
    DEFAULTS,
    MODES,
    OPTIMIZERS,
    make,
    noise,
    same,
    snapshot,
    train,
)

each_mode = pytest.mark.parametrize("mode", MODES)
each_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)


def a_parameter(*shape: int, seed: int = 99) -> torch.Tensor:
    return noise(*shape or (3,), seed=seed).requires_grad_()


@each_mode
def test_step_hooks_run_before_and_after(mode: str) -> None:
    param, seen = a_parameter(), []
    optimizer = make(mode, [param])
    optimizer.register_step_pre_hook(lambda *_: seen.append(param.detach().clone()))
    optimizer.register_step_post_hook(lambda *_: seen.append(param.detach().clone()))
    start = param.detach().clone()
    train(optimizer, [param], range(1))
    assert torch.equal(seen[0], start)
    assert torch.equal(seen[1], param)
    assert not torch.equal(start, param)


@each_optimizer
def test_checkpoint_hooks_run_and_are_respected(name: str) -> None:
    param = a_parameter()
    optimizer = OPTIMIZERS[name]([param])
    train(optimizer, [param], range(2))
    saved = optimizer.state_dict()
    m = saved["state"][0]["exp_avg"].clone()
    changed = {
        "state": {0: {**saved["state"][0], "exp_avg": 3 * m}},
        "param_groups": [{**group, "lr": 2 * group["lr"]} for group in saved["param_groups"]],
    }
    after: list[float] = []
    optimizer.register_load_state_dict_pre_hook(lambda *_: changed)
    optimizer.register_load_state_dict_post_hook(
        lambda o: after.append(o.state[param]["step"].item())
    )
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["lr"] == 2 * saved["param_groups"][0]["lr"]
    assert torch.equal(optimizer.state[param]["exp_avg"], 3 * m)
    assert after == [2.0]


@each_optimizer
def test_named_parameters_keep_their_names(name: str) -> None:
    model = nn.Linear(2, 2)
    optimizer = OPTIMIZERS[name](model.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    train(optimizer, model.parameters(), range(2))


@each_optimizer
def test_the_closure_runs_once_with_gradients_and_its_loss_is_returned(name: str) -> None:
    param, calls = a_parameter(), []
    optimizer = OPTIMIZERS[name]([param])

    def closure() -> torch.Tensor:
        calls.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        loss = param.square().sum()
        loss.backward()
        return loss

    expected = param.detach().square().sum()
    with torch.no_grad():
        loss = optimizer.step(closure)
        assert not torch.is_grad_enabled()
    assert torch.equal(loss.detach(), expected)
    assert calls == [True]
    assert optimizer.step() is None


@each_mode
def test_a_group_that_joins_late_counts_its_own_steps(mode: str) -> None:
    early, late = a_parameter(), a_parameter()
    optimizer = make(mode, [early])
    train(optimizer, [early], range(10))
    optimizer.add_param_group({"params": [late], "lr": 0.02})
    train(optimizer, [late], range(3))
    alone = a_parameter()
    train(make(mode, [alone], lr=0.02), [alone], range(3))
    assert torch.equal(late, alone)
    assert optimizer.state[late]["step"] == 3


@each_mode
def test_a_parameter_whose_first_gradient_comes_late_counts_its_own_steps(mode: str) -> None:
    early, late = a_parameter(), a_parameter()
    optimizer = make(mode, [early, late])
    train(optimizer, [early], range(10))
    assert late not in optimizer.state
    early.grad = None
    train(optimizer, [late], range(3))
    alone = a_parameter()
    train(make(mode, [alone]), [alone], range(3))
    assert torch.equal(late, alone)
    assert optimizer.state[early]["step"] == 10


@each_optimizer
def test_adding_a_group_does_not_change_what_was_passed(name: str) -> None:
    group: dict[str, Any] = {"params": [a_parameter()], "lr": 0.5}
    optimizer = OPTIMIZERS[name]([a_parameter()])
    optimizer.add_param_group(group)
    assert group.keys() == {"params", "lr"}


@each_optimizer
def test_groups_may_differ_in_every_switch(name: str) -> None:
    optimizer = OPTIMIZERS[name]([a_parameter()])
    switches = {k: not v for k, v in optimizer.defaults.items() if isinstance(v, bool)}
    its_own = {k for k, v in DEFAULTS[OPTIMIZERS[name]].items() if isinstance(v, bool)}
    assert switches.keys() >= {"maximize", "decoupled_weight_decay", *its_own}
    del switches["absolute_weight_decay"]
    del switches["differentiable"]  # torch's, and always off
    plain, switched = a_parameter(), a_parameter()
    common = {"lr": 0.01, "weight_decay": 0.1}
    both = OPTIMIZERS[name]([{"params": [plain]}, {"params": [switched], **switches}], **common)
    train(both, [plain, switched], range(8))
    for param, options, place in ((plain, {}, 0), (switched, switches, 1)):
        alone = a_parameter()
        # The gradients depend on the place among the parameters.
        others = [a_parameter() for _ in range(place)]
        train(OPTIMIZERS[name]([alone], **options, **common), [*others, alone], range(8))
        assert torch.equal(param, alone)


@each_optimizer
def test_a_gradient_scaler_unscales_and_skips_overflow(name: str) -> None:
    param, plain = a_parameter(), a_parameter()
    optimizer, other = OPTIMIZERS[name]([param]), OPTIMIZERS[name]([plain])
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    for _ in range(3):
        for p, o, scale in ((param, optimizer, scaler.scale), (plain, other, lambda x: x)):
            o.zero_grad()
            scale(p.pow(3).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        other.step()
    assert torch.equal(param, plain)
    before = snapshot(optimizer)
    param.grad = torch.full_like(param, torch.inf)
    scaler.step(optimizer)
    scaler.update()
    assert scaler.get_scale() == 512.0
    assert same(snapshot(optimizer)["params"], before["params"])
    assert same(snapshot(optimizer)["state"], before["state"])


@each_optimizer
def test_it_may_step_inside_the_backward_pass(name: str) -> None:
    models = [nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    inside, after = models
    optimizers = {p: OPTIMIZERS[name]([p], lr=0.01) for p in inside.parameters()}

    def step_now(param: torch.Tensor) -> None:
        optimizers[param].step()
        optimizers[param].zero_grad()

    for param in inside.parameters():
        param.register_post_accumulate_grad_hook(step_now)
    optimizer = OPTIMIZERS[name](after.parameters(), lr=0.01)
    for t in range(5):
        x = noise(8, 3, seed=t)
        inside(x).square().sum().backward()
        optimizer.zero_grad()
        after(x).square().sum().backward()
        optimizer.step()
    assert same(list(inside.state_dict().values()), list(after.state_dict().values()))


@each_optimizer
def test_a_compiled_step_is_compiled_once_and_steps_alike(name: str) -> None:
    from torch._dynamo.utils import counters

    compiled, plain = [[a_parameter(3, seed=s) for s in range(20)] for _ in range(2)]
    optimizer = OPTIMIZERS[name](compiled, lr=0.01)
    torch.compiler.reset()
    with warnings.catch_warnings():
        # torch's own, at the first compilation: torch.jit is deprecated, and its compiler uses it.
        warnings.filterwarnings("ignore", message=".*torch.jit.*", category=DeprecationWarning)
        step = torch.compile(optimizer.step, backend="eager")
        counters.clear()
        train(optimizer, compiled, range(1), take=step)
        frames = counters["frames"]["total"]
        train(optimizer, compiled, range(1, 12), take=step)
    train(OPTIMIZERS[name](plain, lr=0.01), plain, range(12))
    assert same(compiled, plain)
    assert counters["frames"]["total"] == frames <= 10
    assert counters["stats"]["unique_graphs"] <= 2


@each_mode
def test_distributed_checkpoint_functions_carry_the_state_over(mode: str) -> None:
    models = [nn.Linear(3, 2) for _ in range(2)]
    first, second = models
    optimizer = make(mode, first.parameters())
    train(optimizer, first.parameters(), range(6))
    saved = get_optimizer_state_dict(first, optimizer)
    assert set(saved["state"]) == {"weight", "bias"}

    other = make(mode, second.parameters())
    set_optimizer_state_dict(second, other, saved)
    second.load_state_dict(first.state_dict())
    train(optimizer, first.parameters(), range(6, 10))
    train(other, second.parameters(), range(6, 10))
    assert same(list(first.state_dict().values()), list(second.state_dict().values()))


def test_the_base_class_says_what_is_missing() -> None:
    param = a_parameter()
    param.grad = torch.ones_like(param)
    with pytest.raises(TypeError, match="GenericAdaptiveOptimizer must override step_param"):
        GenericAdaptiveOptimizer([param]).step()


def test_what_a_rule_writes_into_its_group_is_not_seen_by_the_next_parameter() -> None:
    class Writing(Adam):
        def step_param(self, state: Any, group: Any, grad: Any, param: Any) -> None:
            group["lr"] *= 10
            super().step_param(state, group, grad, param)

    params = [torch.zeros(2, requires_grad=True) for _ in range(2)]
    for param in params:
        param.grad = torch.ones(2)
    Writing(params, fused=False).step()
    assert torch.equal(*params)


@each_mode
def test_memory_serves_for_more_than_inference(mode: str) -> None:
    param = a_parameter()
    optimizer = make(mode, [param])
    train(optimizer, [param], range(2))
    for value in optimizer.state[param].values():
        assert not value.is_inference()
        value.mul_(1)
