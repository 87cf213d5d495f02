"""The results page: tables and figures, from recorded results alone."""

from __future__ import annotations

import json
import math
from collections import Counter
from html import escape
from typing import Any

from experiments import charts
from experiments.charts import MINUS
from experiments.claims import CLAIMS, OURS, VERDICTS, findings
from experiments.statistics import Interval, standard_error
from experiments.summary import Experiment, mean, numbers

# Adam of torch is in the tables. Its line would lie on that of Adam.
DRAWN = ("sgd", "adam", "torch-adamw", "amsgrad", "radam", "adabelief-rectified", "adabelief")
WALKERS = ("sgd", "adam", "adabelief")
# Top-1 accuracy of a ResNet18 on ImageNet: the AdaBelief paper, Table 2.
PAPER = {"sgd": 70.23, "adam": 63.79, "torch-adamw": 67.93, "radam": 67.62, "adabelief": 70.08}


def number(value: float | None, digits: int = 3) -> str:
    """A number as a person writes it, with as many digits as mean something."""
    if value is None or not math.isfinite(value):
        return "–"
    if value and not 1e-3 <= abs(value) < 1e5:
        text = f"{value:.{digits}g}".replace("e-0", "e-")
    else:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
        text = f"{value:.{places}f}"
    return text.replace("-", MINUS)


def setting(value: float) -> str:
    return f"{value:g}".replace("e-0", "e-")


def between(found: Interval | None) -> str:
    """A difference with its interval, with two digits of what it may be off by."""
    if found is None:
        return "–"
    reach = (found.high - found.low) / 2
    places = max(0, 1 - math.floor(math.log10(reach))) if reach else 2
    # Adding 0 turns −0 into 0.
    values = (
        f"{round(value, places) + 0:.{places}f}" for value in (found.mean, found.low, found.high)
    )
    middle, low, high = (value.replace("-", MINUS) for value in values)
    return f"{middle} ({low} to {high})"


def markdown(columns: list[str], rows: list[list[str]], right: int = 99) -> str:
    """A table; columns from number `right` on are aligned to the right."""
    rules = ["--:" if i >= right else "---" for i in range(len(columns))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [columns, rules, *rows])


def plus_minus(values: list[float | None]) -> str:
    """Mean ± standard error, and how many runs came to nothing."""
    good = numbers(values)
    if len(good) < len(values):
        return f"{len(values) - len(good)} of {len(values)} runs diverged"
    error = standard_error(good)
    if error == 0:
        return f"{number(mean(values))} ± 0"
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{mean(values):.{places}f} ± {error:.{places}f}".replace("-", MINUS)


def table(experiment: Experiment) -> str:
    """How each optimizer did, and how AdaBelief differs from it."""
    ours = experiment.finals(OURS)
    rivals = len(experiment.titles) - 1
    rows = []
    for name, title in experiment.titles.items():
        chosen, finals = experiment.chosen(name), experiment.finals(name)
        cells = [title, setting(chosen.lr) + ("†" if experiment.at_edge(name) else "")]
        cells += [setting(chosen.weight_decay), plus_minus(finals)]
        if name == OURS:
            cells += ["", ""]
        else:
            found = experiment.compare(ours, finals, rivals)
            cells += [between(found), verdict(found, experiment.higher)]
        rows.append(cells)
    columns = ["optimizer", "step size", "decay", experiment.data["metric"]]
    columns += ["AdaBelief minus this one", "AdaBelief is"]
    note = "" if not any("†" in row[1] for row in rows) else EDGE
    return markdown(columns, rows) + note


EDGE = "\n\n† the smallest or the largest step size that was tried; the best may lie beyond."


def verdict(found: Interval | None, higher: bool) -> str:
    if found is None or found.sign == 0:
        return "cannot tell"
    return "**better**" if (found.sign > 0) == higher else "**worse**"


def tuning(experiment: Experiment) -> str:
    """All that was tried, and its mean on the validation set."""
    rows = []
    for name, title in experiment.titles.items():
        chosen = experiment.chosen(name)
        for tried in experiment.tuning(name):
            same = (tried.lr, tried.weight_decay) == (chosen.lr, chosen.weight_decay)
            score = number(tried.score, 4)
            marked = f"**{score}**, chosen" if same else score
            rows.append([title, setting(tried.lr), setting(tried.weight_decay), marked])
    inner = markdown(["optimizer", "step size", "decay", "validation"], rows)
    head = f'??? note "Tuning: the {len(rows)} settings that were tried"\n\n'
    return head + "\n".join(f"    {line}" for line in inner.splitlines())


def short(experiments: dict[str, Experiment]) -> str:
    """Each claim in a line: how many comparisons speak for it."""
    lines = []
    for claim in CLAIMS:
        found = Counter(finding.verdict for finding in findings(claim, experiments))
        counts = "; ".join(f"{verdict}: {found[verdict]}" for verdict in VERDICTS.values())
        where = f"of {found.total()} comparisons" if found.total() > 1 else "in one comparison"
        lines.append(f"* [{claim.question}](#{claim.name}) {counts}, {where}.")
    return "\n".join(lines)


def claims(experiments: dict[str, Experiment]) -> str:
    """The claims of the paper, decided: a table for each."""
    parts = []
    for claim in CLAIMS:
        rows = []
        for finding in findings(claim, experiments):
            experiment = finding.experiment
            where = f"[{experiment.data['title'].replace('|', '∣')}](#{experiment.task})"
            rival = experiment.titles[finding.rival]
            rows.append([where, rival, between(finding.interval), f"**{finding.verdict}**"])
        parts.append(f"### {claim.question} {{ #{claim.name} }}")
        parts.append(markdown(["where", "against", claim.unit, "the claim"], rows))
    return "\n\n".join(parts)


def figures(experiment: Experiment) -> str:
    """The experiment's figures, with their data."""
    if "picture" in experiment.data:
        drawings = [walk_figure(experiment)]
    else:
        kinds = {"test": experiment.data["metric"], "loss": "training loss"}
        if experiment.task in ("gan", "trap"):
            # A critic's loss says little, and the trap's is the gradient times the place.
            del kinds["loss"]
        drawings = [curve_figure(experiment, what, label) for what, label in kinds.items()]
    names = WALKERS if "picture" in experiment.data else DRAWN
    keys = "".join(
        f"<li>{charts.sample(name)} {escape(experiment.titles[name])}</li>" for name in names
    )
    return f'<div class="charts">{"".join(drawings)}</div><ul class="key">{keys}</ul>'


def curve_figure(experiment: Experiment, what: str, label: str) -> str:
    """Means with bands of one standard error."""
    curves = {name: experiment.curve(name, what) for name in DRAWN}
    ends = ", ".join(
        f"{experiment.titles[name]} {number(curve[-1][1])}"
        for name, curve in curves.items()
        if curve
    )
    count = len(experiment.reports[OURS])
    title = f"{experiment.data['title']}: {label}"
    text = f"Means of {count} seeds, with bands of one standard error, over the steps. "
    text += f"At the end: {ends}."
    name = f"{experiment.task}-{what}"
    drawing = charts.lines(name, title, text, label, curves, log=experiment.task == "gan")
    caption = f"{label[0].upper()}{label[1:]}: means of {count} seeds ± one standard error."
    return f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>"


def walk_figure(experiment: Experiment) -> str:
    """Three walks over the surface."""
    title = f"Walks on {experiment.data['title']}"
    ends = ", ".join(
        f"{experiment.titles[name]} has settled after {number(experiment.finals(name)[0])} steps"
        for name in WALKERS
    )
    text = f"Three walks from the same place towards the lowest point. {ends}."
    picture = experiment.data["picture"]
    drawing = charts.walks(f"{experiment.task}-walk", title, text, picture, list(WALKERS))
    caption = "Seed 0, each at its tuned step size, from the dot towards the cross. "
    caption += "The stronger the shade, the higher."
    return f"<figure>{drawing}<figcaption>{caption}</figcaption></figure>"


def made(experiment: Experiment) -> str:
    """By what the results were made, and where the data is."""
    makers = experiment.data["made"]
    versions = ", ".join(
        f"{name} {' and '.join(makers[name])}" for name in makers if name not in NOT_VERSIONS
    )
    commands = " and ".join(f"`{command}`" for command in makers["command"])
    commits = " and ".join(makers["commit"])
    text = f"{len(experiment.data['rows'])} runs of {experiment.data['steps']} steps, "
    text += f"made by {commands} at commit {commits}, on {' and '.join(makers['machine'])}, "
    text += f"with {versions}. [All numbers](results/{experiment.task}.json)."
    if not experiment.stale:
        return text
    warning = "The code of this experiment has changed since. Run `make experiments`."
    return f'!!! warning "Stale"\n\n    {warning}\n\n{text}'


NOT_VERSIONS = ("commit", "machine", "command")


def paper(experiments: dict[str, Experiment]) -> str:
    """The paper's figures beside ours."""
    hard = experiments["digits-hard"]
    rows = [
        [hard.titles[name], f"{theirs:.2f}", plus_minus(hard.finals(name))]
        for name, theirs in PAPER.items()
    ]
    return markdown(["optimizer", "paper: ImageNet, %", "here: harder digits, %"], rows, 1)


def twins(experiments: dict[str, Experiment]) -> str:
    """How often our Adam and torch's ended with the same number."""
    rows = []
    for experiment in experiments.values():
        pairs = list(zip(experiment.finals("adam"), experiment.finals("torch-adam"), strict=True))
        settings = [experiment.chosen(name) for name in ("adam", "torch-adam")]
        if settings[0] == settings[1]:
            rows.append(sum(ours == theirs for ours, theirs in pairs))
    return (
        f"Our Adam and torch's chose the same step size in {len(rows)} of {len(experiments)} "
        f"experiments. There, {sum(rows)} of {len(rows) * len(pairs)} pairs of runs ended with "
        "the same five digits."
    )


def timing(data: dict[str, Any]) -> str:
    """Time per step."""
    rows = [
        [row["title"], number(row["step"]), number(row["whole"]), between(Interval(*row["ratio"]))]
        for row in data["rows"]
    ]
    columns = ["optimizer", "its step, µs", "whole step, µs", "its step / that of torch's Adam"]
    return f"{markdown(columns, rows, 1)}\n\n{data['how']}"


def parse(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    return data
