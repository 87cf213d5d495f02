"""What our code computes of the numbers that pages say, and where others say theirs."""

import json
import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count, cycle, islice
from typing import Any

import torch
from torch.optim import Optimizer
from torch.utils._python_dispatch import TorchDispatchMode

from experiments.digits import Digits, easy, hard
from experiments.runs import Run
from experiments.summary import Experiment
from labml_nn_optim import AdaBelief, Adam, RAdam
from labml_nn_optim.engine.reading import Reader
from tests.checking.test_falsehoods import counts
from tests.labml_nn_optim.walking import moves
from tests.numbers.collecting import ROOT


@dataclass(frozen=True)
class Source:
    """A number that others have found, and where the page says so."""

    said: str


@dataclass(frozen=True)
class Held:
    """A number that another test compares with the page: its file, and its name."""

    file: str
    test: str


Finding = Callable[[], float]


def longest(growing: float) -> float:
    """A late step of Adam under gradients that grow by a factor each time, in units of α."""
    grads = [1e-150 * growing**t for t in range(5800)]
    return -moves(lambda params: Adam(params, lr=1.0, eps=0), grads)[-1]


def surprise_after_a_jump() -> float:
    return -moves(lambda params: Adam(params, lr=1.0), [0.001] * 4999 + [1.0])[-1]


@cache
def steps_of(kind: type[Optimizer], mean: float, spread: float, steps: int) -> float:
    """How long the last step of many numbers is on average, in units of α."""
    random = torch.Generator().manual_seed(0)
    param = torch.zeros(1000, dtype=torch.float64, requires_grad=True)
    settings: dict[str, Any] = {"rectify": False} if kind is AdaBelief else {}
    optimizer = kind([param], lr=1.0, fused=False, **settings)  # type: ignore[call-arg]
    before = param.detach().clone()
    for _ in range(steps):
        before = param.detach().clone()
        noise = torch.randn(1000, dtype=torch.float64, generator=random)
        param.grad = mean + spread * noise
        optimizer.step()
    moved = before - param.detach()
    return (moved.mean() if mean else moved.square().mean().sqrt()).item()


def in_the_long_run() -> float:
    """Ten over the root of the mean squared surprise of noise of size 1, for β₁ = 0.9."""
    # The surprise is 0.9·(gₜ − mₜ₋₁), and the mean varies by (1 − β₁)/(1 + β₁).
    return 10 / math.sqrt(0.9**2 * (1 + 0.1 / 1.9))


def flipping(kind: Callable[..., Optimizer]) -> float:
    """One over the length of a late step when every gradient flips its sign, in units of α."""
    walk = moves(lambda params: kind(params, lr=1.0), islice(cycle([3.0, -3.0]), 3000))
    return 1 / abs(walk[-1])


def paper(params: Any, **settings: Any) -> AdaBelief:
    return AdaBelief(params, rectify=False, **settings)


def variance(gradients: float) -> float:
    """Var[1/√v̂] for a plain average of so many squared normal numbers."""
    gammas = math.exp(2 * (math.lgamma((gradients - 1) / 2) - math.lgamma(gradients / 2)))
    return gradients * (1 / (gradients - 2) - gammas / 2)


def first_order(gradients: float) -> float:
    return gradients / (2 * (gradients - 2) * (gradients - 4))


def exact_rectification(gradients: float) -> float:
    return math.sqrt(variance(1999) / variance(gradients))


def rectification(t: int) -> float:
    found = RAdam.calc_rectification_term(0.999, t)
    assert isinstance(found, float)
    return found


def apart_at_100() -> float:
    """By how many percent the two rectifications differ for ρ = 100, and less above it."""
    rho_inf = 1999.0
    apart = [
        exact_rectification(n) / math.sqrt(first_order(rho_inf) / first_order(n)) - 1
        for n in (100, 200, 1000)
    ]
    assert apart[0] > apart[1] > apart[2] > 0
    return 100 * apart[0]


def inside(eps: float) -> float:
    """What the running mean of gradients that never surprise holds in the long run."""
    param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = AdaBelief([param], eps=eps)
    for _ in range(12_000):
        param.grad = torch.zeros_like(param)
        optimizer.step()
    value: float = optimizer.state[param]["exp_avg_var"].item()
    return value


def smallest_kept_by_half() -> float:
    """The smallest gradient of which a thousandth of the square is not 0 in float16."""
    grads = torch.linspace(0.001, 0.02, 20_000, dtype=torch.float64)
    kept = (0.001 * grads.square()).to(torch.float16) > 0
    return grads[kept].min().item()


def default_eps(kind: Any) -> Finding:
    return lambda: kind([torch.zeros(1)]).param_groups[0]["eps"]


def images_to_test_with() -> int:
    return len(easy()["test"].labels)


TRAININGS = ("digits", "digits-hard", "lstm", "transformer", "gan")


@cache
def experiment(task: str) -> Experiment:
    return Experiment.read(ROOT / "experiments" / "results" / f"{task}.json")


def at_ten_times_adams_best(name: str, task: str = "digits") -> float:
    """The score on the validation set; for digits, how many were right, in percent."""
    tried = experiment(task)
    size = 10 * tried.chosen("adam").lr
    scores = [each.score for each in tried.tuning(name) if math.isclose(each.lr, size)]
    (found,) = scores
    assert found is not None
    return found


def at_the_default(name: str, task: str = "digits") -> float:
    """The same at a step size of 1e-3."""
    (found,) = (each.score for each in experiment(task).tuning(name) if each.lr == 1e-3)
    assert found is not None
    return found


def rarest_that_adam_gets_right(beta1: float = 0.9, beta2: float = 0.999) -> int:
    """The largest n for which Adam goes the right way: a gradient of n, then n − 1 times −1."""
    return next(n for n in count(50) if last_round_of_adam(n, beta1, beta2) > 0) - 1


def last_round_of_adam(n: int, beta1: float, beta2: float, large: float = 0) -> float:
    """Where Adam goes in the last n steps of many, in α: the gradient is n once, and else −1."""
    m = v = theta = before = 0.0
    for t in range(1, 150 * n + 1):
        if t == 149 * n + 1:
            before = theta
        grad = float(large or n) if t % n == 1 else -1.0
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        theta -= m / (1 - beta1**t) / math.sqrt(v / (1 - beta2**t))
    return theta - before


def beside_adam(rival: str, tasks: tuple[str, ...] = TRAININGS) -> list[int]:
    """In each task, 1 where Adam is better, −1 where the rival is, 0 where nobody can tell."""
    found = []
    for each in map(experiment, tasks):
        interval = each.compare(each.finals("adam"), each.finals(rival), len(tasks))
        assert interval is not None
        found.append(interval.sign * (1 if each.higher else -1))
    return found


def undisturbed(eps: float) -> float:
    """The power of ten from which on surprises keep 95 % of their step, whatever ε piles up."""
    powers = [10.0**n for n in range(-12, 0)]
    return next(g for g in powers if g / math.sqrt(g**2 + eps / (1 - 0.999)) > 0.95)


def variance_of_even_squares() -> float:
    """Of g², where g is drawn evenly between −√3 and √3: E[g⁴] − E[g²]²."""
    return 3**2 / 5 - 1


def seven_fold() -> float:
    """How many times as long as Adam's a step is after two hundred equal gradients."""
    ours, adams = (moves(lambda p, k=k: k(p, lr=1.0), [1.0] * 200)[-1] for k in (paper, Adam))
    return ours / adams


def undivided(beta2: float = 0.999) -> int:
    """How many steps RAdam takes before it rectifies."""
    return next(t for t in range(100) if RAdam.calc_rectification_term(beta2, t + 1) is not None)


def after_a_surprise(kind: Callable[..., Optimizer]) -> tuple[float, int]:
    """The share that a step loses by one −1 after many 1, and when the steps are back."""
    stream = [1.0] * 200 + [-1.0] + [1.0] * 300
    lengths = [abs(move) for move in moves(lambda params: kind(params, lr=1.0), stream)]
    back = next(i for i, length in enumerate(lengths[200:]) if length >= 0.99 * lengths[199])
    return 1 - lengths[200] / lengths[199], back


@cache
def early_factors(steps: int) -> torch.Tensor:
    """What ten thousand parameters multiply noise by, as the notebook draws it."""
    random = torch.Generator().manual_seed(0)
    v = torch.zeros(10_000, dtype=torch.float64)
    for _ in range(steps):
        noise = torch.randn(10_000, generator=random, dtype=torch.float64)
        v = 0.999 * v + 0.001 * noise.square()
    return math.sqrt(1 - 0.999**steps) / v.sqrt()


def quantile(steps: int, share: float) -> float:
    return early_factors(steps).quantile(share).item()


class Walks(TorchDispatchMode):
    """Counts the operations that walk through all numbers of a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += isinstance(args[0], torch.Tensor) and args[0].numel() == 1000
        return func(*args, **(kwargs or {}))


def walks(kind: Any, **settings: Any) -> int:
    """How often a late step walks through memory."""
    param = torch.zeros(1000, requires_grad=True)
    optimizer = kind([param], **settings)
    for _ in range(10):
        param.grad = torch.ones(1000)
        with Walks() as counter:
            optimizer.step()
    return counter.count


def bytes_moved(**settings: Any) -> int:
    """For each number: all is read, and all but the gradient is written."""
    param = torch.zeros(1000, requires_grad=True)
    optimizer = Adam([param], **settings)
    param.grad = torch.ones(1000)
    optimizer.step()
    means = [each for key, each in optimizer.state[param].items() if key != "step"]
    return param.grad.element_size() + 2 * sum(each.element_size() for each in (param, *means))


def bytes_of_a_table() -> float:
    """For each tensor, of Adam or AdaBelief, to ten bytes."""
    reader = Reader(100, ["exp_avg", "exp_avg_var"])
    kept = [each for each in vars(reader).values() if hasattr(each, "itemsize")]
    return round(sum(len(each) * each.itemsize for each in kept) / 100, -1)


def bfloats_between_one_and_two() -> int:
    bits = torch.tensor([1.0, 2.0], dtype=torch.bfloat16).view(torch.int16).tolist()
    return int(bits[1] - bits[0])


def stuck() -> Iterator[float]:
    """The share of steady squares at which their running mean stops in bfloat16."""
    for square in (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 3.9):
        grad = torch.tensor([math.sqrt(square)]).bfloat16()
        mean, before = torch.zeros(1).bfloat16(), -1.0
        while mean.item() != before:
            before = mean.item()
            mean.mul_(0.999).addcmul_(grad, grad, value=0.001)
        yield mean.item() / grad.item() ** 2


def steps_to_the_goal(row: str) -> list[float]:
    """What the notebook printed for three other starts."""
    text = (ROOT / "notebooks" / "when_adam_fails.ipynb").read_text(encoding="utf-8")
    *_, line = (line for line in text.splitlines() if f'"{row:20}    0.01 ' in line)
    return [float(word) for word in line.split() if word.isdigit()]


def wrong_labels() -> float:
    """The share of the harder set's training labels that are not those of the easy one."""
    return (easy()["train"].labels != hard()["train"].labels).double().mean().item()


def late_rate() -> tuple[float, float]:
    """After which share of a training the step size drops, and to which share of itself."""
    task = Digits(Run("digits", "adam", lr=1.0, weight_decay=0.0, seed=0, steps=100))
    rates = []
    for done in range(100):
        task.set_rate(done)
        rates.append(task.optimizer.param_groups[0]["lr"])
    return rates.index(min(rates)) / 100, min(rates)


def recorded(name: str) -> Any:
    return json.loads((ROOT / "docs" / "facts" / f"{name}.json").read_text(encoding="utf-8"))


def compiling() -> float:
    """In seconds, to one digit, when nothing is cached: the median of what was measured."""
    times = [each["cold"]["seconds"] for each in recorded("speed")["compiling"]]
    return round(statistics.median(times), 1)


def recorded_steps() -> int:
    """Of the table of how much it matters."""
    return int(recorded("implementations")["how"]["steps"])


def lines_of_a_trace() -> int:
    """Of AdaBelief's step, as it was recorded."""
    rows = recorded("kernel")["rows"]
    return sum(len(row[part]["c"]) for row in rows for part in ("once", "each"))


def falsehoods() -> tuple[str, ...]:
    """How many there are, programs and formulas, that have no sign."""
    return tuple(map(str, counts()))
