"""What the AdaBelief paper claims, put to the test.

A claim names a measure, the experiments it is looked for in, and the rivals. It is decided by the
interval of the paired differences: wholly on one side of zero it holds, wholly on the other it does
not, and otherwise nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.statistics import Interval
from experiments.summary import Experiment, scatter
from sidebyside.translating.editions import label

OURS = "adabelief"
DEFAULT = "adabelief-rectified"
# The paper's algorithm with the ε that its authors used for such a task (their README's table),
# where it is not the default of their package.
AS_PUBLISHED = {
    "digits": "adabelief-1e-8",
    "digits-hard": "adabelief-1e-8",
    "gan": "adabelief-1e-12",
}
VERDICTS = {1: "holds", -1: "fails", 0: "open"}


@dataclass(frozen=True)
class Claim:
    """
    * `name`: its anchor on the page
    * `question`: the claim, as a question
    * `unit`: of what the comparison measures
    * `measure`: `test`, `loss` (the mean training loss over the run) or `scatter` (how far the test
      results of single seeds lie from their median)
    * `tasks`, `rivals`: where, and against whom
    """

    name: str
    question: str
    unit: str
    measure: str
    tasks: tuple[str, ...]
    rivals: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """
    One comparison, and what it says of the claim, one of `VERDICTS`; no interval where a run came
    to nothing.
    """

    experiment: Experiment
    rival: str
    interval: Interval | None
    verdict: str


IMAGES = ("digits", "digits-hard")
SURFACES = ("absolute", "valley", "bowl", "beale", "rosenbrock")
RIVALS = ("sgd", "adam", "torch-adamw", "radam")

CLAIMS = (
    Claim(
        "speed",
        label("Does AdaBelief train faster than SGD?"),
        label("training loss"),
        "loss",
        IMAGES,
        ("sgd",),
    ),
    Claim(
        "right",
        label("Does it generalize as well as SGD, and better than the others, to new images?"),
        label("accuracy, %"),
        "test",
        IMAGES,
        RIVALS,
    ),
    Claim(
        "words",
        label("Does it guess text better, with an LSTM?"),
        label("bits"),
        "test",
        ("lstm",),
        RIVALS,
    ),
    Claim(
        "fakes",
        label("Does it make better digits, as a GAN?"),
        label("Fréchet distance"),
        "test",
        ("gan",),
        RIVALS,
    ),
    Claim(
        "stable",
        label("Does it train GANs more reliably?"),
        label("scatter"),
        "scatter",
        ("gan",),
        RIVALS[:2],
    ),
    Claim(
        "first",
        label("Does it reach the lowest point first?"),
        label("steps"),
        "test",
        SURFACES,
        RIVALS[:2],
    ),
)


def values(experiment: Experiment, name: str, measure: str) -> list[float | None]:
    """What an optimizer's runs are compared by."""
    if measure == "loss":
        return experiment.areas(name)
    finals = experiment.finals(name)
    return scatter(finals) if measure == "scatter" else finals


def findings(
    claim: Claim, experiments: dict[str, Experiment], champion: str | None = None
) -> Iterator[Finding]:
    """
    The comparisons of a claim, by default for the algorithm as it was published.

    All their intervals together are right with at least 95 %, as far as differences are normal.
    """
    count = len(claim.tasks) * len(claim.rivals)
    for task in claim.tasks:
        experiment = experiments[task]
        higher = experiment.higher and claim.measure == "test"
        name = champion or AS_PUBLISHED.get(task, OURS)
        ours = values(experiment, name, claim.measure)
        for rival in claim.rivals:
            theirs = values(experiment, rival, claim.measure)
            found = experiment.compare(ours, theirs, count)
            side = 0 if found is None else found.sign * (1 if higher else -1)
            yield Finding(experiment, rival, found, VERDICTS[side])
