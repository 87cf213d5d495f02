"""Every optimizer is right for tensors of every shape, layout, precision and kind."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.labml_nn_optim.allocations import Allocations
from tests.labml_nn_optim.table import MODES, make, noise, snapshot, train

each_mode = pytest.mark.parametrize("mode", MODES)

STEPS = range(8)

# Six numbers each, arranged in memory in different ways.
LAYOUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "every other element": lambda x: torch.stack([x, x], dim=1).flatten()[::2],
    "transposed": lambda x: x.reshape(2, 3).t().contiguous().t(),
    "a slice": lambda x: torch.cat([x, x, x])[6:12],
    "channels last": lambda x: x.reshape(1, 3, 1, 2).to(memory_format=torch.channels_last),
    "a column": lambda x: torch.stack([x, x], dim=1)[:, 0],
}


@each_mode
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.complex64])
@pytest.mark.parametrize("grad_layout", ["contiguous", "as the parameter"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_memory_layout_makes_no_difference(
    layout: str, grad_layout: str, dtype: torch.dtype, mode: str
) -> None:
    arrange = LAYOUTS[layout]
    param = arrange(noise(6, dtype=dtype)).requires_grad_()
    plain = noise(6, dtype=dtype).requires_grad_()
    optimizers = make(mode, [param]), make(mode, [plain])
    for t in STEPS:
        grad = noise(6, seed=t + 1, dtype=dtype)
        plain.grad = grad.clone()
        param.grad = arrange(grad) if grad_layout != "contiguous" else grad.reshape(param.shape)
        for optimizer in optimizers:
            optimizer.step()
    assert param.stride() == arrange(noise(6)).stride()
    # Vectorized loops may round the last digit otherwise.
    torch.testing.assert_close(param.flatten(), plain)


@each_mode
@pytest.mark.parametrize("layout", ["transposed", "channels last"])
def test_running_means_are_laid_out_as_the_parameter(layout: str, mode: str) -> None:
    # Elementwise work on two tensors is fastest when they run through memory alike.
    param = LAYOUTS[layout](noise(6)).requires_grad_()
    optimizer = make(mode, [param])
    train(optimizer, [param], range(1))
    for key, value in optimizer.state[param].items():
        assert key == "step" or value.stride() == param.stride()


@each_mode
def test_a_step_on_a_slice_leaves_the_rest_of_the_tensor_alone(mode: str) -> None:
    whole = torch.ones(4, 4)
    part = whole[1:3, 1:3].requires_grad_()
    train(make(mode, [part]), [part], STEPS)
    outside = torch.ones(4, 4, dtype=torch.bool)
    outside[1:3, 1:3] = False
    assert (whole[outside] == 1).all()
    assert (part != 1).all()


@each_mode
def test_an_expanded_gradient_is_one_number_for_all(mode: str) -> None:
    expanded, plain = noise(3, 2).requires_grad_(), noise(3, 2).requires_grad_()
    optimizers = make(mode, [expanded]), make(mode, [plain])
    for t in STEPS:
        number = noise(1, seed=t)
        expanded.grad, plain.grad = number.expand(3, 2), number.repeat(3, 2)
        for optimizer in optimizers:
            optimizer.step()
    assert torch.equal(expanded, plain)


@each_mode
def test_a_number_without_dimensions_is_stepped_as_one_with_a_dimension(mode: str) -> None:
    scalar, vector = torch.tensor(0.5, requires_grad=True), torch.tensor([0.5], requires_grad=True)
    optimizers = make(mode, [scalar]), make(mode, [vector])
    for t in STEPS:
        scalar.grad, vector.grad = noise(seed=t), noise(1, seed=t)
        before = scalar.item()
        for optimizer in optimizers:
            optimizer.step()
        assert scalar.item() == vector.item() != before


@each_mode
@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 2, 5)])
def test_an_empty_tensor_is_no_trouble(shape: tuple[int, ...], mode: str) -> None:
    empty, other = torch.empty(shape, requires_grad=True), noise(2).requires_grad_()
    train(make(mode, [empty, other]), [empty, other], STEPS)
    assert empty.shape == shape
    assert other.isfinite().all()


@each_mode
def test_the_gradient_is_never_modified(mode: str) -> None:
    for dtype in (torch.float32, torch.bfloat16, torch.complex64):
        param = noise(4, dtype=dtype).requires_grad_()
        optimizer = make(mode, [param])
        for t in STEPS:
            grad = noise(4, seed=t, dtype=dtype)
            param.grad, before = grad, grad.clone()
            version = grad._version
            optimizer.step()
            assert param.grad is grad
            assert torch.equal(grad, before)
            assert grad._version == version


@each_mode
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.complex64])
def test_parameters_are_updated_in_place_and_autograd_is_told(
    dtype: torch.dtype, mode: str
) -> None:
    param = noise(4, dtype=dtype).requires_grad_()
    optimizer, address = make(mode, [param]), param.data_ptr()
    output = (param * param).abs().sum()
    param.grad = noise(4, seed=1, dtype=dtype)
    version = param._version
    optimizer.step()
    assert param.data_ptr() == address
    assert param._version > version
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.backward()


@each_mode
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single_and_rounded_once(
    dtype: torch.dtype, mode: str
) -> None:
    half = noise(64, dtype=dtype).requires_grad_()
    optimizer = make(mode, [half])
    single = half.detach().float().requires_grad_()
    other = make(mode, [single])
    for t in STEPS:
        half.grad = noise(64, seed=t, dtype=dtype)
        single.grad = half.grad.float()
        optimizer.step()
        other.step()
        assert torch.equal(half, single.to(dtype))
        # The next step begins from the rounded numbers.
        single.data.copy_(half)
    for key, value in optimizer.state[half].items():
        assert value.dtype == torch.float32
        assert torch.equal(value, other.state[single][key])


@each_mode
def test_half_precision_survives_gradients_of_zero(mode: str) -> None:
    param = torch.ones(3, dtype=torch.float16, requires_grad=True)
    optimizer = make(mode, [param])
    for _ in range(20):
        param.grad = torch.zeros(3, dtype=torch.float16)
        optimizer.step()
        assert param.isfinite().all()


def test_torch_does_not_survive_half_precision_gradients_of_zero() -> None:
    param = torch.ones(3, dtype=torch.float16, requires_grad=True)
    param.grad = torch.zeros_like(param)
    torch.optim.Adam([param]).step()
    assert param.isnan().all()


@each_mode
def test_double_precision_stays_double_throughout(mode: str) -> None:
    param = noise(4, dtype=torch.float64).requires_grad_()
    optimizer = make(mode, [param])
    with Allocations() as allocations:
        train(optimizer, [param], STEPS)
    for key, value in optimizer.state[param].items():
        assert value.dtype == (torch.float32 if key == "step" else torch.float64)
    assert allocations.narrow == 0


@each_mode
@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_a_complex_parameter_is_a_pair_of_real_ones(dtype: torch.dtype, mode: str) -> None:
    parts = noise(5, 2, dtype=dtype.to_real())
    complex_param = torch.view_as_complex(parts.clone()).requires_grad_()
    real_param = parts.clone().requires_grad_()
    optimizers = make(mode, [complex_param]), make(mode, [real_param])
    for t in STEPS:
        real_param.grad = noise(5, 2, seed=t, dtype=dtype.to_real())
        complex_param.grad = torch.view_as_complex(real_param.grad.clone())
        for optimizer in optimizers:
            optimizer.step()
    torch.testing.assert_close(torch.view_as_real(complex_param), real_param)
    assert optimizers[0].state[complex_param]["exp_avg"].dtype == dtype


@each_mode
def test_a_lazily_conjugated_gradient_is_right(mode: str) -> None:
    params = [noise(3, dtype=torch.complex64).requires_grad_() for _ in range(2)]
    for param, resolve in zip(params, (False, True), strict=True):
        optimizer = make(mode, [param])
        for t in STEPS:
            grad = (noise(3, seed=t) + 1j * noise(3, seed=t + 50)).conj()
            assert grad.is_conj()
            param.grad = grad.resolve_conj() if resolve else grad
            optimizer.step()
    assert torch.equal(*params)


@each_mode
def test_an_expanded_parameter_is_refused_before_anything_changes(mode: str) -> None:
    fine = noise(3).requires_grad_()
    expanded = torch.ones(1).expand(3).requires_grad_()
    optimizer = make(mode, [fine, expanded])
    fine.grad, expanded.grad = torch.ones(3), torch.ones(3)
    before = snapshot(optimizer)
    with pytest.raises(RuntimeError, match="cannot update an expanded parameter"):
        optimizer.step()
    assert torch.equal(fine, before["params"][0])
    assert not optimizer.state
