"""The compiled code is called directly when its arguments are understood, and only then."""

from typing import Any

import pytest
import torch

from labml_nn_optim import Adam
from labml_nn_optim.engine import compiling
from labml_nn_optim.engine.shortcut import Shortcut


@pytest.fixture(autouse=True)
def _no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_kernels", {})


def after_three_steps(fused: bool) -> list[torch.Tensor]:
    torch.manual_seed(1)
    params = [torch.randn(size).requires_grad_() for size in (2**15, 2**15 + 1, 17)]
    for param in params:
        param.grad = torch.randn_like(param)
    optimizer = Adam(params, fused=fused)
    for _ in range(3):
        optimizer.step()
    return params


def assert_same_steps() -> None:
    for ours, plain in zip(after_three_steps(True), after_three_steps(False), strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-6, atol=1e-6)


def test_on_a_cpu_the_compiled_code_is_called_directly() -> None:
    assert_same_steps()
    kernels = list(compiling._kernels.values())
    # One program for rows in lines of sixteen, and one for the odd length.
    assert len(kernels) == 2
    assert all(isinstance(kernel, Shortcut) for kernel in kernels)


def test_where_the_arguments_are_not_understood_the_long_way_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Shortcut, "learn", lambda *_: None)
    assert_same_steps()
    assert not any(isinstance(kernel, Shortcut) for kernel in compiling._kernels.values())


def test_an_argument_of_unknown_meaning_is_not_guessed() -> None:
    numbers, mean, grad, param = (torch.zeros(4, 16) for _ in range(4))
    shortcut = Shortcut()
    for seen in (
        [numbers, 4, mean, grad, torch.zeros(4, 16)],  # a tensor that is none of ours
        [numbers, 5, mean, grad, param],  # a number that is not the number of lines
        [numbers, 4, mean, param],  # no gradient
    ):
        shortcut.seen = list(seen)
        shortcut.learn(numbers, [mean], grad, param)
        assert not shortcut.is_known
    shortcut.seen = [param, grad, 4, numbers, mean]
    shortcut.learn(numbers, [mean], grad, param)
    assert shortcut.is_known
    passed: list[Any] = []
    shortcut.code = passed.extend
    shortcut(numbers, [mean], grad, param)
    expected = [param, grad, 4, numbers, mean]
    assert all(a is b for a, b in zip(passed, expected, strict=True))
    assert (param._version, mean._version, grad._version) == (1, 1, 0)


def test_other_programs_that_compile_choose_their_instructions_themselves() -> None:
    from torch._inductor import config, cpu_vec_isa

    check = cpu_vec_isa.VecISA.check_build
    before = config.cpp.vec_isa_ok
    assert_same_steps()
    assert config.cpp.vec_isa_ok is before
    assert cpu_vec_isa.VecISA.check_build is check
    assert cpu_vec_isa.valid_vec_isa_list.cache_info().currsize == 0
    for kind in (cpu_vec_isa.VecAVX512, cpu_vec_isa.VecAVX512VNNI, cpu_vec_isa.VecAMX):
        assert kind.__bool__.cache_info().currsize == 0  # type: ignore[attr-defined]


def test_what_does_not_compile_in_a_hurry_is_compiled_with_all_precautions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []
    compile_once = compiling._compile

    def watched(recipe: Any, care: Any) -> Any:
        tried.append(care.__name__)
        if care is compiling.trusting_the_processor:
            raise OSError("illegal instruction")
        return compile_once(recipe, care)

    monkeypatch.setattr(compiling, "_compile", watched)
    assert_same_steps()
    assert tried == ["trusting_the_processor", "nullcontext"] * 2


def test_torch_calls_its_own_code_as_before_afterwards() -> None:
    from torch._inductor.output_code import CompiledFxGraph

    call = CompiledFxGraph.__call__
    assert_same_steps()
    assert CompiledFxGraph.__call__ is call
