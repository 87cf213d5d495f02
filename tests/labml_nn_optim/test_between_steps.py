"""Whatever is done between two steps, the compiled step goes on as the plain step does."""

import copy
import pickle
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import Parameter

from labml_nn_optim import AdaBelief, Adam, AMSGrad, GenericAdaptiveOptimizer, RAdam
from tests.labml_nn_optim.table import noise, same, snapshot, train

Act = Callable[[GenericAdaptiveOptimizer, list[Tensor]], Any]

SHAPES: list[tuple[int, ...]] = [(200, 200), (7,), (3, 4), (3, 4), (4, 4), (), (5, 0), (181, 199)]
# By their places: two that are updated where they lie, and two that share a bucket.
LARGE, SMALL, TWIN, SQUARE = 0, 2, 3, 4


def model() -> list[Tensor]:
    return [Parameter(noise(*shape, seed=i)) for i, shape in enumerate(SHAPES)]


def give_gradients(params: list[Tensor]) -> None:
    for place, param in enumerate(params):
        param.grad = noise(*param.shape, seed=place, dtype=torch.float64).to(param.dtype)


def assert_as_plain(
    act: Act,
    kind: type[GenericAdaptiveOptimizer] = AMSGrad,
    capturable: bool = False,
    before: int = 3,
) -> None:
    """Some steps, `act` with gradients in place, and steps again; fused and plainly."""
    ours, plain = model(), model()
    fused = kind(ours, lr=0.01, fused=True, capturable=capturable)
    reference = kind(plain, lr=0.01, fused=False)
    for params, optimizer in ((ours, fused), (plain, reference)):
        train(optimizer, params, range(before))
        give_gradients(params)
        act(optimizer, params)
        optimizer.step()
        train(optimizer, params, range(before + 1, before + 4))
    for place, (a, b) in enumerate(zip(ours, plain, strict=True)):
        tolerance = 8 * torch.finfo(a.dtype).eps
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance, msg=f"place {place}")
        states = fused.state[a], reference.state[b]
        torch.testing.assert_close(*states, rtol=1e-5, atol=1e-6, check_dtype=False)


def set_data(tensor: Tensor, data: Tensor) -> None:
    tensor.data = data


COUNTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "filled": lambda state: state["step"].fill_(50),
    "replaced": lambda state: state.update(step=torch.tensor(20.0)),
    "an integer": lambda state: state.update(step=torch.tensor(20)),
}


@pytest.mark.parametrize("place", [LARGE, SMALL])
@pytest.mark.parametrize("capturable", [False, True], ids=["", "capturable"])
@pytest.mark.parametrize("how", COUNTS)
def test_the_count_of_a_parameter_may_be_set(how: str, capturable: bool, place: int) -> None:
    assert_as_plain(lambda o, params: COUNTS[how](o.state[params[place]]), capturable=capturable)


def test_the_count_of_a_parameter_may_be_set_before_the_first_compiled_step() -> None:
    assert_as_plain(lambda o, params: o.state[params[SMALL]]["step"].fill_(50), kind=RAdam)


MEMORY: dict[str, Callable[[dict[str, Any]], Any]] = {
    "zeroed": lambda state: state["exp_avg"].zero_(),
    "replaced": lambda state: state.update(exp_avg=torch.ones_like(state["exp_avg"])),
    "transposed": lambda state: state.update(exp_avg=state["exp_avg"].t()),
    "one dropped": lambda state: state.pop("max_exp_avg_sq"),
    "dropped": lambda state: state.clear(),
}


@pytest.mark.parametrize("place", [LARGE, SQUARE])
@pytest.mark.parametrize("how", MEMORY)
def test_the_memory_of_a_parameter_may_be_changed(how: str, place: int) -> None:
    assert_as_plain(lambda o, params: MEMORY[how](o.state[params[place]]))


DATA: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another count": lambda state: set_data(state["step"], torch.tensor(9.0)),
    "other numbers": lambda state: set_data(state["exp_avg"], torch.ones_like(state["exp_avg"])),
    "moved": lambda state: [set_data(value, value.clone()) for value in state.values()],
}


@pytest.mark.parametrize(("how", "place"), [*product(DATA, [LARGE, TWIN])])
def test_the_data_of_one_memory_may_be_replaced(how: str, place: int) -> None:
    assert_as_plain(lambda o, params: DATA[how](o.state[params[place]]))


@pytest.mark.parametrize("how", DATA)
def test_the_data_of_all_memory_may_be_replaced(how: str) -> None:
    assert_as_plain(lambda o, _: [DATA[how](state) for state in o.state.values()])


def test_all_memory_may_be_dropped_again_and_again() -> None:
    def drop(optimizer: GenericAdaptiveOptimizer, params: list[Tensor]) -> None:
        for _ in range(3):
            optimizer.state.clear()
            optimizer.step()
        optimizer.state.clear()

    assert_as_plain(drop)


@pytest.mark.parametrize("place", [LARGE, SQUARE])
def test_a_square_parameter_may_be_transposed_where_it_lies(place: int) -> None:
    assert_as_plain(lambda _, params: set_data(params[place], params[place].detach().t()))


@pytest.mark.parametrize("before", [0, 3])
@pytest.mark.parametrize("length", [12, 7])
def test_parameters_that_share_memory_see_each_others_steps(length: int, before: int) -> None:
    def tie(_: Any, params: list[Tensor]) -> None:
        other = params[TWIN if length == 12 else 1]
        other.data = params[SMALL].detach().view(-1)[:length].view(other.shape)

    assert_as_plain(tie, before=before)


def test_a_parameter_that_is_named_twice_takes_two_steps() -> None:
    results = []
    for fused in (True, False):
        params = model()
        with pytest.warns(UserWarning, match="duplicate parameters"):
            optimizer = Adam([*params, params[LARGE], params[SMALL]], fused=fused)
        train(optimizer, params, range(3))
        results.append(params)
    for ours, plain in zip(*results, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("places", [[LARGE], [SMALL, TWIN]])
@pytest.mark.parametrize("kind", [Adam, RAdam])
def test_parameters_may_become_more_precise(
    kind: type[GenericAdaptiveOptimizer], places: list[int]
) -> None:
    results = []
    for fused in (True, False):
        params = [Parameter(torch.ones(SHAPES[place], dtype=torch.bfloat16)) for place in places]
        optimizer = kind(params, lr=0.1, fused=fused)
        for t in range(9):
            for param in params:
                param.grad = noise(*param.shape, seed=t, dtype=param.dtype)
            if t == 2:
                for param in params:
                    param.grad = None
                    param.data = param.detach().float()
                train(optimizer, params, [t])
            else:
                optimizer.step()
        results.append(params)
    for ours, plain in zip(*results, strict=True):
        assert ours.dtype == torch.float32
        # As far apart as the steps in half precision have left them.
        torch.testing.assert_close(ours, plain, rtol=0.01, atol=0.01)
        assert not torch.equal(ours, ours.bfloat16())


@pytest.mark.parametrize("place", [LARGE, SMALL])
def test_a_gradient_of_higher_precision_than_its_parameter_is_not_rounded(place: int) -> None:
    assert_as_plain(lambda _, params: set_data(params[place], params[place].detach().bfloat16()))


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("kind", [Adam, RAdam])
@pytest.mark.parametrize("place", [LARGE, SMALL])
def test_running_means_of_another_type_are_refused_before_anything_moves(
    place: int, kind: type[GenericAdaptiveOptimizer], fused: bool
) -> None:
    params = model()
    optimizer = kind(params, fused=fused)
    train(optimizer, params, range(3))
    params[place].grad = None
    params[place].data = params[place].detach().double()
    before = snapshot(optimizer)
    expected = r"float32 for a parameter of type torch\.float64; make a new optimizer"
    with pytest.raises(RuntimeError, match=expected):
        train(optimizer, params, range(1))
    for param, old in zip(params, before["params"], strict=True):
        assert torch.equal(param, old)
    assert [s["step"].item() for s in optimizer.state.values()] == [3.0] * len(params)


@pytest.mark.parametrize(
    ("fused", "fresh"),
    [*product([(True, True), (True, False), (False, False)], [True, False])],
)
def test_a_wrong_shape_is_refused_before_anything_moves(
    fused: tuple[bool, bool], fresh: bool
) -> None:
    params = [Parameter(torch.ones(shape)) for shape in [(200, 200), (7,), (9,), (3, 4)]]
    groups = [{"params": params[:2], "fused": fused[0]}, {"params": params[2:], "fused": fused[1]}]
    optimizer = Adam(groups)
    train(optimizer, params, range(2))
    params[3].data = params[3].detach().t()
    if fresh:
        params[3].grad = None
        give_gradients(params)
    before = snapshot(optimizer)
    with pytest.raises(RuntimeError, match=r"of shape \[.*\] for a parameter of shape"):
        optimizer.step()
    assert same(snapshot(optimizer), before)


def test_steps_may_be_taken_in_inference_mode() -> None:
    def infer(optimizer: GenericAdaptiveOptimizer, _: Any) -> None:
        optimizer.load_state_dict(optimizer.state_dict())
        with torch.inference_mode():
            optimizer.step()

    assert_as_plain(infer)


@pytest.mark.parametrize("fused", [True, False, None])
def test_a_group_may_have_fused_of_its_own_whatever_the_default_is(fused: bool | None) -> None:
    for own in (True, False, None):
        optimizer = Adam([{"params": model(), "fused": own}], fused=fused)
        assert optimizer.param_groups[0]["fused"] is own


def test_a_copy_and_the_original_go_on_apart() -> None:
    for copied in (copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))):
        params = model()
        optimizer = AdaBelief(params, fused=True)
        train(optimizer, params, range(7))
        twins, twin = copied((params, optimizer))
        train(twin, twins, range(20, 23))
        before = snapshot(twin)
        train(optimizer, params, range(7, 9))
        assert same(snapshot(twin), before)
        plain = model()
        train(AdaBelief(plain, fused=False), plain, range(9))
        for ours, theirs in zip(params, plain, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


def test_any_order_of_switches_and_of_missing_gradients_will_do() -> None:
    results = []
    for fused in (True, False):
        params = model()
        optimizer = AMSGrad(params, lr=0.01, fused=fused)
        for t in range(12):
            group = optimizer.param_groups[0]
            group["fused"] = fused and t not in (4, 5)
            group["capturable"] = fused and t % 4 == 3
            group["amsgrad"], group["maximize"] = t % 3 != 1, t % 5 == 2
            group["lr"] = 0.0 if t == 6 else 0.01 / (t + 1)
            if t == 8:
                optimizer.add_param_group({"params": [group["params"].pop(SMALL)]})
            give_gradients(params)
            params[t % len(params)].grad = None
            optimizer.step()
        results.append(params)
    for ours, plain in zip(*results, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-5, atol=1e-6)


def spread(tensor: Tensor) -> Tensor:
    """The same numbers, with gaps between them."""
    return torch.stack([tensor, torch.zeros_like(tensor)], -1)[..., 0]


@pytest.mark.parametrize("place", [LARGE, SMALL])
@pytest.mark.parametrize("change", [spread, torch._neg_view])
def test_a_parameter_may_come_to_lie_in_an_unusual_way(
    change: Callable[[Tensor], Tensor], place: int
) -> None:
    def act(_: Any, params: list[Tensor]) -> None:
        params[place].data = change(params[place].detach().clone())

    assert_as_plain(act)


def test_memory_between_the_elements_of_a_parameter_that_has_moved_is_left_alone() -> None:
    (param,) = params = [Parameter(torch.ones(200, 200))]
    optimizer = Adam(params, fused=True)
    train(optimizer, params, range(2))
    base = torch.ones(200, 400)
    param.data = base[:, ::2]
    train(optimizer, params, range(2, 4))
    assert torch.equal(base[:, 1::2], torch.ones(200, 200))


@pytest.mark.parametrize("change", [spread, torch._neg_view])
def test_a_running_mean_may_come_to_lie_in_an_unusual_way(
    change: Callable[[Tensor], Tensor],
) -> None:
    for place in (LARGE, SMALL):

        def act(optimizer: GenericAdaptiveOptimizer, params: list[Tensor], at: int = place) -> None:
            state = optimizer.state[params[at]]
            state["exp_avg"] = change(state["exp_avg"].clone())

        assert_as_plain(act)


@pytest.mark.parametrize("fused", [True, False])
def test_a_first_step_that_is_refused_leaves_no_memory_behind(fused: bool) -> None:
    params = model()
    optimizer = Adam(params, fused=fused)
    give_gradients(params)
    params[SMALL].data = torch.ones(5)
    with pytest.raises(RuntimeError, match="gradient of shape"):
        optimizer.step()
    assert optimizer.state_dict()["state"] == {}
    train(optimizer, params, range(2))
    assert optimizer.state[params[SMALL]]["step"] == 2
