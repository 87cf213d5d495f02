"""
The numbers in our prose: each is computed here once more, or its source stands on the page.

A page says many numbers: how long a step is, when a factor reaches what. Prose is not run, so each
number is a row of a table below, with a function that finds it anew. A collector reads the pages,
and a number that is in no row fails. So does a row whose number has left its page.

Not collected are single digits and words ("five steps"), code in backticks, formulas on lines of
their own, which the checker runs, and the names of papers, versions, issues and dates.
"""

import ast
import io
import math
import re
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim import Optimizer

from experiments.claims import SURFACES
from experiments.digits import Digits, HardDigits, easy
from experiments.gan import GAN
from experiments.page import PAPER
from experiments.summary import Experiment
from experiments.toys import Surface, Trap
from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from tests.labml_nn_optim.test_amsgrad import last_round
from tests.labml_nn_optim.test_radam import rho
from tests.labml_nn_optim.walking import moves

ROOT = Path(__file__).parents[1]

# Every number of two digits or more, with a point, an exponent or a percent sign.
NUMBER = re.compile(
    r"(?<![\w.^{])(?:\d+\.\d+(?:e-?\d+)?|\d+e-?\d+|\d{1,3}(?:,\d{3})+|\d{2,})%?|\d%"
)
NAMES = re.compile(
    r"arXiv:\S+|\d{1,2}\s(?:October|November|December)(?:\s20\d\d)?|\b20[12]\d\b"
    r"|(?:[Ii]ssue|pull request|[Ss]ection|version|Algorithm|line)s?\s+\d[\d.]*"
    r"|IWSLT14|CIFAR-10|adabelief-pytorch \S+|since 0\.1\.0"
)


def python_prose(text: str) -> str:
    """The docstrings and comments of a source, without formulas on lines of their own."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, documented)]
    docstrings = [ast.get_docstring(node) or "" for node in nodes]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT]
    return re.sub(r"^ {4}.*$", "", "\n".join([*docstrings, *comments]), flags=re.MULTILINE)


def notebook_prose(text: str) -> str:
    """The Markdown cells of a notebook's paired text."""
    cells = re.findall(r"^# %% \[markdown\]\n((?:#.*\n)+)", text, flags=re.MULTILINE)
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", "\n".join(cells), flags=re.DOTALL)


def prose(path: Path) -> str:
    """What a reader is told in words."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = notebook_prose(text) if path.parent.name == "notebooks" else python_prose(text)
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^```.*?^```$|<!--.*?-->", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where a link leads
    return NAMES.sub(" ", re.sub(r"`[^`]*`", " ", text))


def numbers(path: Path) -> set[str]:
    return set(NUMBER.findall(prose(path)))


@dataclass(frozen=True)
class Source:
    """A number that others have found, and where the page says so."""

    said: str


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


ADVICE = Source("Adabelief-Optimizer")
BETAS = {"0.9", "0.999"}

# What an author chose: settings, and the numbers of an example.
GIVEN: dict[str, set[str]] = {
    "labml_nn_optim/adam.py": {*BETAS, "4999", "0.001"},
    "labml_nn_optim/amsgrad.py": {"0.1"},
    "labml_nn_optim/radam.py": {"0.999", "100"},
    "labml_nn_optim/ada_belief.py": {"0.999", "200", "100", "500", "10"},
    "labml_nn_optim/weight_decay.py": {"0.01"},
    "labml_nn_optim/generic.py": {"32"},  # bits
    "docs/guide.md": {"200", "400", "0.1", "1e-3", "0.999", "0.9"},
    "docs/differences.md": {"0.999", "1e-3", "0.1", "0.02", "1e-7", "0.8397685748659791"},
    "docs/results.md": {"95%", "0.1", "1e-16"},
    "notebooks/start_here.py": {"0.001", "0.1", "150"},
    "notebooks/why_rectify.py": {"100", "0.9"},
    "notebooks/ada_belief_by_hand.py": {"0.01"},
    "notebooks/when_adam_fails.py": {"0.9", "11", "0.01", "0.1", "0.9999"},
}

FOUND: dict[str, dict[str, Finding | Source]] = {
    "labml_nn_optim/adam.py": {
        "3.18": surprise_after_a_jump,
        "7.3": lambda: longest(0.999 / 0.9),
        "3.2": lambda: (1 - 0.9) / math.sqrt(1 - 0.999),
        "32": lambda: 1 / math.sqrt(1 - 0.999),
    },
    "labml_nn_optim/amsgrad.py": {
        "1.05": lambda: -last_round(Adam)[0],
        "0.76": lambda: last_round(Adam)[1],
        "0.97": lambda: last_round(Adam)[2],
    },
    "labml_nn_optim/radam.py": {
        "10": Source("(Section 1 and Figure 1)"),
        "0.23": lambda: steps_of(Adam, 0.0, 1.0, 500),
        "2000": lambda: 2 / (1 - 0.999),
        "1999": lambda: rho(0.999, 100_000),
        "1.09": lambda: variance(3),
        "0.43": lambda: variance(4),
        "0.25": lambda: variance(5),
        "2%": lambda: 100 * (first_order(100) / variance(100) - 1),
        "0.026": lambda: rectification(6),
        "0.65": lambda: rectification(1000),
        "0.038": lambda: exact_rectification(rho(0.999, 6)),
        "1.1%": apart_at_100,
    },
    "labml_nn_optim/ada_belief.py": {
        "1e-6": lambda: undisturbed(1e-16),
        "19": lambda: flipping(Adam),
        "18": lambda: flipping(paper),
        "4.5": lambda: steps_of(AdaBelief, 3.0, 0.3, 100),
        "8.1": lambda: steps_of(AdaBelief, 3.0, 0.3, 500),
        "10.8": in_the_long_run,
        "1e-16": default_eps(AdaBelief),
        "1e-8": default_eps(Adam),
        "1e-5": lambda: inside(1e-8),
    },
    "docs/guide.md": {
        "63": lambda: 2 / math.sqrt(1 - 0.999),
        "1e-8": default_eps(Adam),
        "1e-16": default_eps(AdaBelief),
        "94%": lambda: at_ten_times_adams_best("radam"),
        "95%": lambda: at_ten_times_adams_best("adabelief-rectified"),
        "9%": lambda: at_ten_times_adams_best("adam"),
    },
    "docs/differences.md": {
        "1e-6": lambda: undisturbed(1e-16),
        "1e-16": default_eps(AdaBelief),
        "1e-8": default_eps(Adam),
        "1e-5": lambda: inside(1e-8),
        "1e-12": ADVICE,
        "1e-10": ADVICE,
        "0.005": smallest_kept_by_half,
    },
    "docs/results.md": {
        "1e-8": Source("(differences.md#eps-of-the-paper)"),
        "1e-12": Source("(differences.md#eps-of-the-paper)"),
        "0.9": lambda: Digits.betas[0],
        "0.999": lambda: Digits.betas[1],
        "2000": lambda: 2 / (1 - 0.999),
        "300": lambda: Digits.steps,
        "500": lambda: HardDigits.steps,
        "497": images_to_test_with,
        "0.2": lambda: 100 / images_to_test_with(),
        "66.54": Source("[arXiv:2010.07468](https://arxiv.org/abs/2010.07468), Table 2"),
        "35.60": Source("(https://github.com/juntang-zhuang/transformer-adabelief)"),
        "35.51": Source("(https://github.com/juntang-zhuang/transformer-adabelief)"),
        "35.85": Source("(https://github.com/juntang-zhuang/transformer-adabelief)"),
        "35.02": Source("(https://github.com/juntang-zhuang/fairseq-adabelief)"),
        "35.17": Source("(https://github.com/juntang-zhuang/fairseq-adabelief)"),
        "400": lambda: Surface.steps,
        "10": lambda: 10,  # in the names of two surfaces
    },
    "notebooks/start_here.py": {"1,797": lambda: sum(len(s.labels) for s in easy().values())},
    "notebooks/why_rectify.py": {
        "1999": lambda: rho(0.999, 100_000),
        "0.038": lambda: exact_rectification(rho(0.999, 6)),
        "0.026": lambda: rectification(6),
        "19": lambda: rho(0.9, 100_000),
        "0.8": variance_of_even_squares,
        "0.4": lambda: variance_of_even_squares() / 2,  # the variance of squares of normal numbers
    },
    "notebooks/ada_belief_by_hand.py": {
        "0.8": lambda: 0.9 * 1 + (1 - 0.9) * -1,
        "1e-16": default_eps(AdaBelief),
    },
    "notebooks/when_adam_fails.py": {
        "20": lambda: 2 / math.sqrt(1 - 0.99),
        "63": lambda: 2 / math.sqrt(1 - 0.999),
        "200": lambda: 2 / math.sqrt(1 - 0.9999),
        "1e-8": Source("(../docs/differences.md#eps-of-the-paper)"),
    },
}

FINDINGS = [
    pytest.param(path, text, found, id=f"{path} {text}")
    for path, rows in FOUND.items()
    for text, found in rows.items()
]


@pytest.mark.parametrize("path", GIVEN)
def test_each_number_in_prose_is_given_computed_or_has_its_source(path: str) -> None:
    told = numbers(ROOT / path)
    rows = GIVEN[path] | FOUND.get(path, {}).keys()
    remedy = f"add what {path} says to FOUND in {Path(__file__).name}, with how it is found"
    assert told - rows == set(), remedy
    assert rows - told == set(), f"{path} no longer says these"


@pytest.mark.parametrize(("path", "text", "found"), FINDINGS)
def test_a_number_is_what_it_is_said_to_be(path: str, text: str, found: Finding | Source) -> None:
    if isinstance(found, Source):
        assert found.said in (ROOT / path).read_text(encoding="utf-8")
        return
    plain = text.rstrip("%").replace(",", "")
    if "e" in plain:
        assert found() == pytest.approx(float(plain), rel=1e-4)
        return
    unit = 10.0 ** -len(plain.partition(".")[2])
    # Half of the last digit, or all of it where a number is measured on noise.
    reach = 1.0 if found is smallest_kept_by_half else 0.5
    assert abs(found() - float(plain)) <= unit * reach * (1 + 1e-9)


def test_the_advice_which_one_to_use_is_what_the_experiments_show() -> None:
    for rival in ("torch-adamw", "amsgrad", "adabelief"):
        assert beside_adam(rival) == [0, 0, 0, 0, 0]
    lstm = TRAININGS.index("lstm")
    assert [beside_adam(r)[lstm] for r in ("radam", "adabelief-rectified")] == [1, 1]
    assert beside_adam("sgd") == [0, -1, 0, 1, 1]
    assert sorted(beside_adam("adabelief", SURFACES)) == [-1, 0, 0, 0, 0]


def test_which_step_sizes_that_are_too_large_are_forgiven_is_what_the_guide_says() -> None:
    for task, forgiving in (("lstm", 2), ("transformer", 2), ("gan", 1)):
        names = ("adam", "radam", "adabelief-rectified")
        adam, *others = (at_ten_times_adams_best(name, task) for name in names)
        assert sum(score < adam for score in others) == forgiving
    assert at_ten_times_adams_best("radam", "gan") < at_ten_times_adams_best("adam", "gan")


def test_at_the_beta2_that_the_page_names_rho_is_5_and_nothing_is_rectified() -> None:
    assert rho(0.8397685748659791, 6) == 5.0
    assert RAdam.calc_rectification_term(0.8397685748659791, 6) is None


def test_the_table_of_the_four_says_what_each_remembers_and_its_defaults() -> None:
    letters = {"exp_avg": "mₜ", "exp_avg_sq": "vₜ", "exp_avg_var": "sₜ", "max_exp_avg_sq": "uₜ"}
    page = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    for kind in (Adam, AMSGrad, RAdam, AdaBelief):
        param = torch.zeros(1, requires_grad=True)
        param.grad = torch.ones(1)
        optimizer = kind([param])
        optimizer.step()
        group = optimizer.param_groups[0]
        assert (group["lr"], group["betas"]) == (1e-3, (0.9, 0.999))
        (row,) = re.findall(rf"^\| \[{kind.__name__}\].*$", page, flags=re.MULTILINE)
        _, _, remembered, step, eps, decay, *_ = re.split(r" ?\| ?", row)
        state = optimizer.state[param]
        assert remembered == ", ".join(f"${letters[key]}$" for key in state if key != "step")
        assert float(eps) == group["eps"]
        assert decay == ("decoupled" if group["decoupled_weight_decay"] else "coupled")
        assert ("rₜ" in step) == ("rectification" in optimizer.at_step(group, 9))


def test_the_authors_of_every_number_in_the_papers_table_are_named() -> None:
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert "arXiv:2010.07468" in page.split("The paper's figures beside ours")[1]
    assert set(PAPER) == {"sgd", "adam", "torch-adamw", "radam", "adabelief-1e-8"}


def test_the_betas_that_differ_are_those_the_results_page_names() -> None:
    assert (GAN.betas, Trap.betas) == ((0.5, 0.999), (0.5, 0.8))
    assert Digits.betas == Surface.betas == (0.9, 0.999)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A step of 3.18·α, or 5%.", {"3.18", "5%"}),
        ("Set `eps=1e-8`, not 1e-16.", {"1e-16"}),
        ("In issue 23, of 20 December 2020, version 0.2.1.", set()),
        ("See [arXiv:1412.6980](https://arxiv.org/abs/1412.6980), Section 2.1.", set()),
        ("1,797 images of 8 pixels", {"1,797"}),
    ],
)
def test_the_collector_finds_numbers_and_no_names(
    text: str, told: set[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert numbers(page) == told
