"""The compiled step computes what the plain step does, for every kind of tensor."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from labml_nn_optim import (
    AdaBelief,
    Adam,
    AMSGrad,
    GenericAdaptiveOptimizer,
    RAdam,
    WeightDecay,
)
from labml_nn_optim.engine import compiler, programs

Optimizer = type[GenericAdaptiveOptimizer]


def leaf(tensor: Tensor) -> Tensor:
    return tensor.requires_grad_()


LAYOUTS: dict[str, Callable[[torch.dtype], Tensor]] = {
    "long": lambda dtype: torch.randn(200, 180, dtype=dtype),
    "small": lambda dtype: torch.randn(7, dtype=dtype),
    "small too": lambda dtype: torch.randn(3, 4, dtype=dtype),
    "0-dim": lambda dtype: torch.randn((), dtype=dtype),
    "empty": lambda dtype: torch.randn(5, 0, dtype=dtype),
    "transposed": lambda dtype: torch.randn(200, 180, dtype=dtype).t(),
    "channels last": lambda dtype: torch.randn(4, 8, 16, 70, dtype=dtype).to(
        memory_format=torch.channels_last
    ),
    "sliced": lambda dtype: torch.randn(10, 10, dtype=dtype)[:, 1::2],
    "long and sliced": lambda dtype: torch.randn(400, 200, dtype=dtype)[:, ::2],
    "long and odd": lambda dtype: torch.randn(181, 199, dtype=dtype),
}


def model(dtype: torch.dtype = torch.float32) -> list[Tensor]:
    torch.manual_seed(5)
    return [leaf(make(dtype)) for make in LAYOUTS.values()]


def gradients(params: list[Tensor], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for param in params:
        noise = torch.randn(param.shape, dtype=torch.complex64, generator=generator)
        # As autograd does, in the order of the parameter.
        param.grad = torch.empty_like(param).copy_(noise if param.is_complex() else noise.real)


def run(optimizer: GenericAdaptiveOptimizer, steps: range) -> None:
    params = [param for group in optimizer.param_groups for param in group["params"]]
    for t in steps:
        gradients(params, t)
        optimizer.step()


def assert_equal_but_for_rounding(ours: list[Tensor], plain: list[Tensor], ulps: float) -> None:
    for a, b in zip(ours, plain, strict=True):
        tolerance = ulps * torch.finfo(a.dtype).eps
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


CASES: list[tuple[Optimizer, dict[str, Any]]] = [
    (Adam, {"weight_decay": 0.1}),
    (Adam, {"optimized_update": True, "maximize": True, "weight_decay": WeightDecay(0.1)}),
    (AMSGrad, {}),
    (RAdam, {"amsgrad": True}),
    (AdaBelief, {}),
    (AdaBelief, {"rectify": False, "eps": 1e-8, "eps_in_state": False}),
    (AdaBelief, {"weight_decay": WeightDecay(0.01, absolute=True)}),
]


@pytest.mark.parametrize(("kind", "arguments"), CASES)
def test_every_class_and_layout_agrees_with_the_plain_step(
    kind: Optimizer, arguments: dict[str, Any]
) -> None:
    ours, plain = model(), model()
    fused = kind(ours, lr=0.01, fused=True, **arguments)
    run(fused, range(9))
    run(kind(plain, lr=0.01, fused=False, **arguments), range(9))
    assert "compiled" in repr(fused)
    assert_equal_but_for_rounding(ours, plain, ulps=8)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16, torch.complex64])
def test_every_type_of_number_agrees_with_the_plain_step(dtype: torch.dtype) -> None:
    ours, plain = model(dtype), model(dtype)
    run(AdaBelief(ours, lr=0.01, fused=True), range(9))
    run(AdaBelief(plain, lr=0.01, fused=False), range(9))
    assert_equal_but_for_rounding(ours, plain, ulps=8)


def test_adam_agrees_with_torch() -> None:
    ours, theirs = model(), model()
    run(Adam(ours, fused=True), range(9))
    reference = torch.optim.Adam(theirs, foreach=False)
    for t in range(9):
        gradients(theirs, t)
        reference.step()
    assert_equal_but_for_rounding(ours, theirs, ulps=8)


def test_memory_between_the_elements_of_a_parameter_is_left_alone() -> None:
    for size in (10, 400):
        base = torch.randn(size, size)
        before = base.clone()
        param = leaf(base[:, ::2])
        run(AdaBelief([param, leaf(torch.randn(3))], fused=True), range(7))
        assert torch.equal(base[:, 1::2], before[:, 1::2])
        assert not torch.equal(base[:, ::2], before[:, ::2])


@pytest.mark.parametrize("fused", [True, False])
def test_autograd_is_told_that_a_parameter_has_changed(fused: bool) -> None:
    for param in (leaf(torch.randn(3)), leaf(torch.randn(200, 200))):
        optimizer = Adam([param], fused=fused)
        kept = (param * param).sum()
        run(optimizer, range(1))
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            kept.backward()  # type: ignore[no-untyped-call]


def test_the_gradient_is_left_alone() -> None:
    ours = model()
    optimizer = Adam(ours, weight_decay=0.1, fused=True, maximize=False)
    gradients(ours, 0)
    before = [param.grad.clone() for param in ours if param.grad is not None]
    optimizer.step()
    assert all(
        torch.equal(p.grad, g) for p, g in zip(ours, before, strict=True) if p.grad is not None
    )


def test_one_program_serves_any_number_of_tensors_steps_and_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "_programs", {})
    ours = [leaf(torch.randn(n, 3)) for n in range(1, 60)]
    ours += [leaf(torch.randn(n, 400)) for n in range(100, 120)]
    optimizer = AdaBelief(ours, fused=True)
    run(optimizer, range(6))
    for t in range(6, 20):
        group = optimizer.param_groups[0]
        group["epoch"] = t
        group["lr"] = torch.tensor(0.01 * t) if t % 2 else 0.01 / t
        group["betas"], group["eps"] = (0.8 + 0.01 * t, 0.999 - 0.001 * t), 1e-16 * t
        run(optimizer, range(t, t + 1))
    run(AdaBelief([leaf(torch.randn(123, 321))], fused=True), range(8))
    # One without the count of epochs in its group.
    assert len(programs._programs) == 2


def twins(**arguments: Any) -> tuple[list[Tensor], AdaBelief, list[Tensor], AdaBelief]:
    ours, plain = model(), model()
    return ours, AdaBelief(ours, fused=True, **arguments), plain, AdaBelief(plain, fused=False)


def test_parameters_may_join_late_or_miss_a_step() -> None:
    ours, fused, plain, reference = twins()
    for t in range(20):
        for params, optimizer in ((ours, fused), (plain, reference)):
            gradients(params, t)
            for i, param in enumerate(params):
                if t < i or t == 15 + i % 3:
                    param.grad = None
            optimizer.step()
    assert_equal_but_for_rounding(ours, plain, ulps=8)
    for a, b in zip(ours, plain, strict=True):
        assert fused.state[a]["step"] == reference.state[b]["step"]


def test_state_that_is_replaced_between_two_steps_is_respected() -> None:
    ours, fused, plain, reference = twins()
    for params, optimizer in ((ours, fused), (plain, reference)):
        run(optimizer, range(8))
        optimizer.state[params[1]]["exp_avg"] = torch.ones_like(params[1])
        optimizer.state[params[2]].clear()
        optimizer.state[params[0]]["exp_avg_var"].fill_(2.0)
        run(optimizer, range(8, 20))
    assert_equal_but_for_rounding(ours, plain, ulps=8)


def test_a_switch_may_be_turned_on_half_way() -> None:
    ours, fused, plain, reference = twins()
    for optimizer in (fused, reference):
        run(optimizer, range(8))
        optimizer.param_groups[0]["amsgrad"] = True
        run(optimizer, range(8, 12))
    assert_equal_but_for_rounding(ours, plain, ulps=8)


@pytest.mark.parametrize("way", ["state_dict", "deepcopy", "pickle"])
def test_a_run_stopped_at_any_step_goes_on_bit_for_bit(way: str) -> None:
    unbroken = model()
    run(AdaBelief(unbroken, fused=True), range(12))
    for stop in range(1, 12, 2):
        first = model()
        optimizer = AdaBelief(first, fused=True)
        run(optimizer, range(stop))
        if way == "state_dict":
            second = AdaBelief(first, fused=True)
            second.load_state_dict(optimizer.state_dict())
        elif way == "deepcopy":
            second = copy.deepcopy(optimizer)
        else:
            second = pickle.loads(pickle.dumps(optimizer))
        run(second, range(stop, 12))
        for a, b in zip(second.param_groups[0]["params"], unbroken, strict=True):
            assert torch.equal(a, b)


def test_checkpoints_move_between_plain_fused_and_torch() -> None:
    ours, theirs = model(), model()
    optimizer: torch.optim.Optimizer = Adam(ours, fused=True)
    reference = torch.optim.Adam(theirs, foreach=False)
    for t, kind in enumerate(["fused", "torch", "fused", "plain", "torch", "plain", "fused"] * 2):
        saved = optimizer.state_dict()
        if kind == "torch":
            optimizer = torch.optim.Adam(ours, foreach=False)
        else:
            optimizer = Adam(ours, fused=kind == "fused")
        optimizer.load_state_dict(saved)
        if kind == "torch":
            # Torch takes `fused` from the checkpoint; its fused step garbles transposed tensors.
            optimizer.param_groups[0]["fused"] = False
        for params, one in ((ours, optimizer), (theirs, reference)):
            gradients(params, t)
            one.step()
    assert_equal_but_for_rounding(ours, theirs, ulps=8)


def test_a_step_of_size_zero_moves_nothing_but_the_memory() -> None:
    ours, fused, plain, reference = twins(weight_decay=WeightDecay(0.1, absolute=True))
    before = [param.detach().clone() for param in ours]
    for optimizer in (fused, reference):
        optimizer.param_groups[0]["lr"] = 0.0
        run(optimizer, range(8))
    assert all(torch.equal(a, b) for a, b in zip(ours, before, strict=True))
    assert torch.equal(fused.state[ours[0]]["exp_avg"], reference.state[plain[0]]["exp_avg"])


def test_a_gradient_of_nan_spreads_as_in_torch_and_no_further() -> None:
    ours, fused, _, _ = twins()
    run(fused, range(8))
    gradients(ours, 8)
    assert ours[1].grad is not None
    ours[1].grad[2] = torch.nan
    fused.step()
    assert ours[1].isnan().sum() == 1
    assert not any(param.isnan().any() for i, param in enumerate(ours) if i != 1)


def test_a_gradient_scaler_unscales_and_skips() -> None:
    ours, plain = model(), model()
    results = []
    for params, fused in ((ours, True), (plain, False)):
        optimizer = Adam(params, fused=fused)
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
        for t in range(8):
            gradients(params, t)
            loss = torch.zeros(())
            scaler.scale(loss)
            for param in params:
                assert param.grad is not None
                param.grad *= 1024 if t != 3 else torch.inf
            scaler.step(optimizer)
            scaler.update(1024.0)
        results.append(optimizer.state[params[0]]["step"].item())
    assert results == [7, 7]
    assert_equal_but_for_rounding(ours, plain, ulps=8)


@pytest.mark.parametrize("size", [2**15, 2**15 + 1, 10])
@pytest.mark.parametrize("factor", [2, 1, -2])
def test_a_parameter_that_has_changed_its_size_is_refused_before_anything_moves(
    size: int, factor: int
) -> None:
    first, changed = leaf(torch.ones(2**16)), leaf(torch.ones(size))
    optimizer = Adam([first, changed], fused=True)
    for t in range(2):
        gradients([first, changed], t)
        optimizer.step()
    length = size * factor if factor > 1 else size // abs(factor) + (factor == 1)
    changed.data = changed.data[:length] if factor == -2 else torch.ones(length)
    gradients([first, changed], 2)
    before = [first.detach().clone(), changed.detach().clone()]
    with pytest.raises(RuntimeError, match=r"of shape .* for a parameter of shape"):
        optimizer.step()
    assert torch.equal(first, before[0])
    assert torch.equal(changed, before[1])
    assert optimizer.state[first]["step"] == 2


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise compiler.CompilerError("no C compiler here")

    monkeypatch.setattr(compiler, "find_compiler", nowhere)
    monkeypatch.setattr(programs, "_programs", {})


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler_true_raises_and_nothing_has_changed() -> None:
    ours = model()
    before = [param.detach().clone() for param in ours]
    optimizer = Adam(ours, fused=True)
    with pytest.raises(RuntimeError, match=r"fused=True.*Adam.*no C compiler here.*fused=False"):
        run(optimizer, range(1))
    assert all(torch.equal(a, b) for a, b in zip(ours, before, strict=True))
    assert optimizer.state_dict()["state"] == {}


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler_none_goes_on_plainly_and_says_so() -> None:
    ours, plain = (leaf(torch.ones(1100, 1000)) for _ in range(2))
    optimizer = Adam([ours])
    run(optimizer, range(3))
    run(Adam([plain], fused=False), range(3))
    assert torch.equal(ours, plain)
    assert "plain: cannot be compiled: no C compiler here" in repr(optimizer)


def test_what_cannot_be_compiled_is_counted_beside_what_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = programs.program_for

    def not_for_bfloat16(recipe: programs.Recipe) -> Any:
        wide = dict(recipe.dtypes)["param"] == torch.float32
        return made(recipe) if wide else RuntimeError("no such numbers here")

    monkeypatch.setattr("labml_nn_optim.engine.fused.program_for", not_for_bfloat16)
    params = [leaf(torch.ones(200, 200)), *(leaf(torch.ones(9).bfloat16()) for _ in range(2))]
    optimizer = Adam(params, lr=0.1)
    run(optimizer, range(2))
    assert repr(optimizer).endswith(
        "compiled, but for 2 of 3 parameters: cannot be compiled: no such numbers here"
    )
    assert not any((param == 1).any() for param in params)


def test_none_compiles_for_large_groups_only_and_says_so() -> None:
    small, large = Adam([leaf(torch.ones(10))]), Adam([leaf(torch.ones(1100, 1000))])
    assert "to be chosen at the first step" in repr(small)
    for optimizer in (small, large):
        run(optimizer, range(2))
    assert "plain: 10 numbers are too few" in repr(small)
    assert "Step of parameter group 0: compiled" in repr(large)
    assert "plain, as asked" in repr(Adam([leaf(torch.ones(10))], fused=False))


class Forgetful(Adam):
    """An update that keeps a setting on the instance, where the compiler cannot find it."""

    def __init__(self, params: Any, **arguments: Any) -> None:
        super().__init__(params, **arguments)
        self.twist = 2.0

    def adam_update(self, group: Any, param: Tensor, m: Tensor, v: Tensor) -> None:
        param.sub_(m, alpha=group["lr"] * self.twist)


def test_an_update_that_reads_the_instance_is_refused_with_the_reason() -> None:
    with pytest.raises(RuntimeError, match="twist"):
        run(Forgetful([leaf(torch.ones(5))], fused=True), range(1))


class Sized(Adam):
    """Treats very large tensors in another way."""

    def adam_update(self, group: Any, param: Tensor, m: Tensor, v: Tensor) -> None:
        param.sub_(m, alpha=group["lr"] * (2 if param.numel() > 100_000 else 1))


@pytest.mark.parametrize("size", [10, 2**17])
def test_an_update_that_asks_how_large_a_tensor_is_takes_the_plain_step(size: int) -> None:
    def step(fused: bool | None) -> tuple[Tensor, str]:
        param = leaf(torch.ones(size))
        optimizer = Sized([param, leaf(torch.ones(2**16))], lr=0.1, fused=fused)
        run(optimizer, range(2))
        return param, repr(optimizer)

    with pytest.raises(RuntimeError, match="asks for the numel of a tensor"):
        step(True)
    ours, said = step(None)
    assert "plain: cannot be compiled: step_param is not elementwise" in said
    assert torch.equal(ours, step(False)[0])


class Signs(Adam):
    """A rule of one's own, with a number of its own in the group."""

    def adam_update(self, group: Any, param: Tensor, m: Tensor, v: Tensor) -> None:
        param.sub_(m.sign(), alpha=group["lr"] * group["twist"])


def test_a_rule_of_ones_own_is_compiled_too() -> None:
    ours, plain = leaf(torch.ones(5)), leaf(torch.ones(5))
    run(Signs([ours], defaults={"twist": 2.0}, fused=True), range(3))
    run(Signs([plain], defaults={"twist": 2.0}, fused=False), range(3))
    assert_equal_but_for_rounding([ours], [plain], ulps=2)


def test_data_loaders_may_fork_after_a_compiled_step() -> None:
    run(Adam([leaf(torch.ones(40))], fused=True), range(2))
    data = torch.utils.data.TensorDataset(torch.arange(8.0))
    loader = torch.utils.data.DataLoader(
        data, batch_size=2, num_workers=1, multiprocessing_context="fork"
    )
    assert [batch[0].sum().item() for batch in loader] == [1, 5, 9, 13]


@pytest.mark.parametrize("size", [2**15, 40], ids=["long", "small"])
def test_a_gradient_that_is_negated_when_read_is_negated(size: int) -> None:
    ours, plain = leaf(torch.zeros(size)), leaf(torch.zeros(size))
    noise = torch.randn(size)
    for param, fused in ((ours, True), (plain, False)):
        optimizer = Adam([param], fused=fused)
        for _ in range(2):
            param.grad = torch._neg_view(noise)  # as the imaginary part of a conjugate is
            assert param.grad.is_neg()
            optimizer.step()
    torch.testing.assert_close(ours, plain)


@pytest.mark.parametrize("size", [2**15, 40], ids=["long", "small"])
def test_a_parameter_that_has_moved_or_changed_its_type_is_found_again(size: int) -> None:
    ours, plain = [leaf(torch.ones(size)) for _ in range(2)]
    optimizers = [Adam([ours], lr=0.1, fused=True), Adam([plain], lr=0.1, fused=False)]
    for t, dtype in enumerate([torch.float32, torch.float32, torch.bfloat16, torch.bfloat16]):
        for param, optimizer in zip((ours, plain), optimizers, strict=True):
            param.data = param.data.to(dtype, copy=True)
            gradients([param], t)
            optimizer.step()
            assert param.dtype == dtype
    torch.testing.assert_close(ours, plain)
    assert ours.sub(1).abs().max() > 0.1
