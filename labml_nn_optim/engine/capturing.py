"""
# Tensors in the place of numbers

An update rule is written with Python numbers: `value=-step_size`. A step that is
[traced](tracing.py), or one that a graph replays, has them in tensors, since they are other numbers
at each step. The rule stays as it is written; [what it asks of torch](#AsNumbers) is translated on
the way.

## A step that a graph can replay

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

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from labml_nn_optim.rule import Group, Rule, State, Work, settled

# In more cases than this, a step is refused. Each question about t may double their number.
MOST_CASES = 8
# One of the ways that a step may go: whether this is the case, a bool for each count, or `None` for
# the only case; and what `at_step` returns then.
Case = tuple[Tensor | None, Group]


def check_recording(rule: Rule, work: Work) -> None:
    """
    ## Refuse to be recorded into a graph whose replay would be wrong

    Raises `RuntimeError` while a CUDA graph is being recorded, unless every group is `capturable`
    and every parameter has its memory. Otherwise the graph would make that memory anew at each
    replay.
    """
    if not is_recording():
        return
    for group, params, _ in work:
        if not group["capturable"]:
            raise RuntimeError(
                "a CUDA graph is being recorded, and would repeat the numbers of this step at each "
                "replay; make the optimizer with capturable=True"
            )
        if not all(map(rule.state.get, params)):
            raise RuntimeError(
                "a CUDA graph is being recorded, and a parameter has no running means yet; take a "
                "step before the recording"
            )


def is_recording() -> bool:
    """## Whether a CUDA graph is being recorded"""
    started: bool = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return started and torch.cuda.is_current_stream_capturing()


def step_as_recorded(rule: Rule, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
    """## The plain step of one parameter, without a look at its numbers"""
    # The next t. It is counted only when there is nothing left to refuse.
    cases = cases_of(rule, settled(group, param.device), state["step"] + 1)
    state["step"] += 1
    with AsNumbers():
        step_in_each_case(rule, cases, state, grad, param)


def cases_of(rule: Rule, group: Group, t: Tensor) -> list[Case]:
    """
    ## What `at_step` returns, for each way to answer its questions about t

    `t` may hold the counts of several parameters; so do the numbers, then.

    Raises `RuntimeError` when it asks for a number rather than for a yes or no, or too many
    questions.
    """
    found: list[Case] = []
    pending: list[list[bool]] = [[]]
    while pending:
        given = pending.pop()
        with _Answering([*given], t.device) as questions:
            at_step = rule.at_step(group, t.double())
        # What was asked beyond the given answers was answered with yes. It might be no.
        answers = questions.answers
        pending += [[*answers[:i], False] for i in range(len(given), len(answers))]
        found.append((questions.chosen(), at_step))
        if len(found) + len(pending) > MOST_CASES:
            raise RuntimeError(
                f"capturable=True, but {type(rule).__name__}.at_step may go more than "
                f"{MOST_CASES} ways, depending on t. Use torch.where, or capturable=False"
            )
    return found


class _Answering(TorchFunctionMode):
    """
    ## Answer each question about a tensor, without looking

    * `answers` are those given so far; beyond them, the answer is yes
    * `asked` are the tensors
    """

    def __init__(self, answers: list[bool], device: torch.device) -> None:
        super().__init__()
        self.answers = answers
        self.asked: list[Tensor] = []
        self.device = device

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is Tensor.__bool__:
            self.asked.append(args[0])
            if len(self.asked) > len(self.answers):
                self.answers.append(True)
            return self.answers[len(self.asked) - 1]
        if func in _LOOKS and args[0].device == self.device:
            raise RuntimeError(
                f"capturable=True, but at_step calls {func.__name__} on a tensor, which waits for "
                "the device. Compute with the tensor itself, or use capturable=False"
            )
        return func(*args, **(kwargs or {}))

    def chosen(self) -> Tensor | None:
        """### Whether all answers are true"""
        answered = zip(self.asked, self.answers, strict=True)
        right = [question.bool() == yes for question, yes in answered]
        return reduce(torch.logical_and, right) if right else None


_LOOKS = (Tensor.__float__, Tensor.__int__, Tensor.__index__, Tensor.item, Tensor.tolist)


def step_in_each_case(
    rule: Rule, cases: list[Case], state: State, grad: Tensor, param: Tensor
) -> None:
    """## Take the step in each case, and keep the results of the one that is chosen"""
    if len(cases) == 1:
        rule._step_real(state, cases[0][1], grad, param)
        return
    kept = {key: value for key, value in state.items() if key != "step"}
    trials = []
    for _, group in cases:
        # On copies: the parameter and its running means after a step.
        own = {**state, **{key: value.clone() for key, value in kept.items()}}
        moved = param.clone()
        rule._step_real(own, group, grad, moved)
        trials.append([moved, *(own[key] for key in kept)])
    for (chosen, _), results in zip(cases, trials, strict=True):
        assert chosen is not None
        for tensor, result in zip((param, *kept.values()), results, strict=True):
            tensor.copy_(torch.where(chosen, result, tensor))


class AsNumbers(TorchFunctionMode):
    """
    ## Let tensors stand for numbers

    Some operations take a factor as a Python number only. With a tensor they are written in another
    way, which torch computes in the same order.

    A comparison with zero is answered without a look: no tensor here counts as zero. A Python
    number that is zero is a constant of the traced code, and is not among them. A tensor that
    happens to be zero is computed with like any other.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (Tensor.__eq__, Tensor.eq, Tensor.__ne__, Tensor.ne) and _asks_for_zero(*args):
            return func in (Tensor.__ne__, Tensor.ne)
        name, factor = func.__name__, kwargs.get("value", kwargs.get("alpha"))
        if isinstance(factor, Tensor):
            known = (*args, factor.to(args[0].dtype))
            if name in _IN_PLACE:
                return args[0].copy_(_IN_PLACE[name](*known))
            return _WRITTEN[name](*known)
        if name in ("lerp", "lerp_") and isinstance(args[2], Tensor):
            args = (*args[:2], args[2].to(args[0].dtype))
        return func(*args, **kwargs)


def _asks_for_zero(number: Any, other: Any) -> bool:
    """## Whether a tensor that stands for a number is compared with zero"""
    alone = isinstance(number, Tensor) and number.dim() == 0
    return alone and not isinstance(other, Tensor) and bool(other == 0)


_WRITTEN: dict[str, Callable[..., Tensor]] = {
    "add": torch.addcmul,
    "sub": lambda x, y, alpha: torch.addcmul(x, y, -alpha),
    "addcmul": lambda x, y, z, value: torch.addcmul(x, value * y, z),
    "addcdiv": lambda x, y, z, value: torch.addcdiv(x, value * y, z),
}
_IN_PLACE = {f"{name}_": written for name, written in _WRITTEN.items()}
