"""The results page: tables and figures, from recorded results alone."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from experiments import charts
from experiments.charts import MINUS
from experiments.claims import CLAIMS, OURS, VERDICTS, findings
from experiments.statistics import Interval
from experiments.summary import Experiment
from experiments.wording import between, markdown, number, plus_minus, setting

# Adam of torch is in the tables. Its line would lie on that of Adam. Variants are in tables only.
DRAWN = {
    "sgd": "SGD",
    "adam": "Adam",
    "torch-adamw": "AdamW",
    "amsgrad": "AMSGrad",
    "radam": "RAdam",
    "adabelief-rectified": "rectified",
    "adabelief": "AdaBelief",
}
WALKERS = ("sgd", "adam", "adabelief")
# Top-1 accuracy of a ResNet18 on ImageNet: the AdaBelief paper, Table 2.
PAPER = {"sgd": 70.23, "adam": 63.79, "torch-adamw": 67.93, "radam": 67.62, "adabelief": 70.08}


def table(experiment: Experiment) -> str:
    """How each optimizer did, and how AdaBelief and Adam differ from it."""
    rows = []
    for name, title in experiment.titles.items():
        chosen = experiment.chosen(name)
        cells = [title, setting(chosen.lr) + ("†" if experiment.at_edge(name) else "")]
        cells += [setting(chosen.weight_decay), plus_minus(experiment.finals(name))]
        for champion in (OURS, "adam"):
            cells += beside(experiment, champion, name)
        rows.append(cells)
    columns = ["optimizer", "step size", "decay", experiment.data["metric"]]
    columns += ["AdaBelief minus this one", "AdaBelief", "Adam minus this one", "Adam"]
    note = "" if not any("†" in row[1] for row in rows) else EDGE
    title = f"In numbers: {len(rows)} optimizers, each at its best"
    return folded(title, markdown(columns, rows) + note)


def beside(experiment: Experiment, champion: str, name: str) -> list[str]:
    """By how much one optimizer differs from another, and what that says; nothing of itself."""
    if champion == name:
        return ["", ""]
    rivals = len(experiment.titles) - 1
    found = experiment.compare(experiment.finals(champion), experiment.finals(name), rivals)
    return [between(found), verdict(found, experiment.higher)]


def folded(title: str, inner: str) -> str:
    """What a reader may open."""
    lines = (f"    {line}".rstrip() for line in inner.splitlines())
    return "\n".join([f'??? note "{title}"', "", *lines])


EDGE = "\n\n† the smallest or the largest step size that was tried; the best may lie beyond."


def verdict(found: Interval | None, higher: bool) -> str:
    if found is None or found.sign == 0:
        return "cannot tell"
    return "**is better**" if (found.sign > 0) == higher else "**is worse**"


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
    return folded(f"Tuning: the {len(rows)} settings that were tried", inner)


def accuracy(experiments: dict[str, Experiment]) -> str:
    """Whether the paper's better accuracy can be seen, in a sentence."""
    (claim,) = (claim for claim in CLAIMS if claim.name == "right")
    found = list(findings(claim, experiments))
    decided = [finding for finding in found if finding.verdict != VERDICTS[0]]
    head = f"In {len(decided)} of {len(found)} comparisons on images"
    if decided:
        return f"**{head}, the accuracies differ by more than chance.** [They are below](#right)."
    ends = [end for one in found if (i := one.interval) for end in (i.low, i.high)]
    low, high = (f"{end:.1f}".replace("-", MINUS) for end in (min(ends), max(ends)))
    return (
        "**Whether AdaBelief generalizes better cannot be told at this scale.** In none of "
        f"[{len(found)} comparisons on images](#right) do the accuracies differ by more than "
        f"chance. Nor are they shown to be equal: the intervals reach from {low} to {high} points."
    )


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
    names = WALKERS if "picture" in experiment.data else tuple(DRAWN)
    keys = "".join(
        f"<li>{charts.sample(name)} {escape(experiment.titles[name])}</li>" for name in names
    )
    return f'<div class="charts among">{"".join(drawings)}</div><ul class="key">{keys}</ul>'


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
    log = experiment.task == "gan"
    drawing = charts.lines(name, title, text, label, curves, log=log, names=DRAWN)
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
    """How many runs there were, where their numbers are, and folded, by what they were made."""
    makers = experiment.data["made"]
    versions = [f"{name} {' and '.join(values)}" for name, values in makers.items()]
    versions = [text for text in versions if text.split()[0] not in NOT_VERSIONS]
    lines = [*(f"    * `{command}`" for command in makers["command"]), ""]
    lines += [f"    At commit {' and '.join(makers['commit'])}, on "]
    lines[-1] += f"{' and '.join(makers['machine'])}, with {', '.join(versions)}."
    betas = ", ".join(f"{beta:g}" for beta in experiment.data["betas"])
    text = f"{len(experiment.data['rows'])} runs of {experiment.data['steps']} steps, "
    text += f"with betas ({betas}). "
    text += f"[All numbers](results/{experiment.task}.json).\n\n"
    text += "\n".join(['??? note "What made them"', "", *lines])
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
