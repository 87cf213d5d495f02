"""
# A step that a graph can replay

A CUDA graph records what a step does, once, and replays it without Python. A number that Python had
computed would be replayed as it was: step 1000 would get the bias corrections of step 10. With
`capturable=True` the count of steps lies beside the parameter, and all that depends on it is
computed from there, by operations that the graph records with the rest. Python never waits for the
device.

**Branches.** RAdam asks whether a number that depends on the count is above 5. To learn the answer,
Python would have to wait. So each such question is answered both ways. The step is taken in each
case, and the device keeps the results of the one that is true. On the page, the rule stays as it is
written.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from labml_nn_optim.engine.as_numbers import AsNumbers

if TYPE_CHECKING:
    from labml_nn_optim.generic import GenericAdaptiveOptimizer, Work

Group = dict[str, Any]
State = dict[str, Any]

# In more cases than this, a step is refused. Each question about t may double their number.
MOST_CASES = 8


class Case(NamedTuple):
    """
    ## One of the ways that a step may go

    * `chosen` is a tensor of one bool: whether this is the case; `None` for the only case
    * `group` is what `at_step` returns then
    """

    chosen: Tensor | None
    group: Group


def check_recording(optimizer: "GenericAdaptiveOptimizer", work: "Work") -> None:
    """
    ## Refuse to be recorded into a graph whose replay would be wrong

    Raises `RuntimeError` while a CUDA graph is being recorded, unless every group is `capturable`
    and every parameter has its memory. Otherwise the graph would make that memory anew at each
    replay.
    """
    started: bool = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    if not (started and torch.cuda.is_current_stream_capturing()):
        return
    for group, params, _ in work:
        if not group["capturable"]:
            raise RuntimeError(
                "a CUDA graph is being recorded, and would repeat the numbers of this step at each "
                "replay; make the optimizer with capturable=True"
            )
        if not all(map(optimizer.state.get, params)):
            raise RuntimeError(
                "a CUDA graph is being recorded, and a parameter has no running means yet; take a "
                "step before the recording"
            )


def step_as_recorded(
    optimizer: "GenericAdaptiveOptimizer", state: State, group: Group, grad: Tensor, param: Tensor
) -> None:
    """## The plain step of one parameter, without a look at its numbers"""
    # The next t. It is counted only when there is nothing left to refuse.
    cases = cases_of(optimizer, group, state["step"] + 1)
    state["step"] += 1
    step_in_each_case(optimizer, cases, state, grad, param)


def cases_of(optimizer: "GenericAdaptiveOptimizer", group: Group, t: Tensor) -> list[Case]:
    """
    ## What `at_step` returns, for each way to answer its questions about t

    Raises `RuntimeError` when it asks for a number rather than for a yes or no, or too many
    questions.
    """
    found: list[Case] = []
    pending: list[list[bool]] = [[]]
    while pending:
        given = pending.pop()
        with _Answering([*given]) as questions:
            at_step = optimizer.at_step(group, t.double())
        # What was asked beyond the given answers was answered with yes. It might be no.
        answers = questions.answers
        pending += [[*answers[:i], False] for i in range(len(given), len(answers))]
        found.append(Case(questions.chosen(), at_step))
        if len(found) + len(pending) > MOST_CASES:
            raise RuntimeError(
                f"capturable=True, but {type(optimizer).__name__}.at_step may go more than "
                f"{MOST_CASES} ways, depending on t. Use torch.where, or capturable=False"
            )
    return found


class _Answering(TorchFunctionMode):
    """
    ## Answer each question about a tensor, without looking

    * `answers` are those given so far; beyond them, the answer is yes
    * `asked` are the tensors
    """

    def __init__(self, answers: list[bool]) -> None:
        super().__init__()
        self.answers = answers
        self.asked: list[Tensor] = []

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is Tensor.__bool__:
            self.asked.append(args[0])
            if len(self.asked) > len(self.answers):
                self.answers.append(True)
            return self.answers[len(self.asked) - 1]
        if func in _LOOKS:
            raise RuntimeError(
                f"capturable=True, but at_step calls {func.__name__} on a tensor, which waits for "
                "the device. Compute with the tensor itself, or use capturable=False"
            )
        return func(*args, **(kwargs or {}))

    def chosen(self) -> Tensor | None:
        """### Whether all answers are true"""
        if not self.asked:
            return None
        answered = zip(self.asked, self.answers, strict=True)
        return torch.stack([q.bool() if yes else ~q.bool() for q, yes in answered]).all()


_LOOKS = (Tensor.__float__, Tensor.__int__, Tensor.__index__, Tensor.item, Tensor.tolist)


def step_in_each_case(
    optimizer: "GenericAdaptiveOptimizer",
    cases: list[Case],
    state: State,
    grad: Tensor,
    param: Tensor,
) -> None:
    """## Take the step in each case, and keep the results of the one that is chosen"""
    if len(cases) == 1:
        with AsNumbers():
            optimizer._step_real(state, cases[0].group, grad, param)
        return
    kept = {key: value for key, value in state.items() if key != "step"}
    trials = [_trial(optimizer, case.group, state, kept, grad, param) for case in cases]
    for case, results in zip(cases, trials, strict=True):
        assert case.chosen is not None
        for tensor, result in zip((param, *kept.values()), results, strict=True):
            tensor.copy_(torch.where(case.chosen, result, tensor))


def _trial(
    optimizer: "GenericAdaptiveOptimizer",
    group: Group,
    state: State,
    kept: State,
    grad: Tensor,
    param: Tensor,
) -> list[Tensor]:
    """## The parameter and its running means after a step, on copies"""
    own = {**state, **{key: value.clone() for key, value in kept.items()}}
    moved = param.clone()
    with AsNumbers():
        optimizer._step_real(own, group, grad, moved)
    return [moved, *(own[key] for key in kept)]


def stacked(numbers: Iterable[float | Tensor], like: Tensor) -> Tensor:
    """## Numbers and tensors in one tensor beside `like`, in double precision"""
    options: dict[str, Any] = {"dtype": torch.float64, "device": like.device}
    return torch.stack(
        [
            number.to(**options).reshape(())
            if isinstance(number, Tensor)
            # Filled in by the device; a copy from the host would not be recorded.
            else torch.full((), float(number), **options)
            for number in numbers
        ]
    )
