"""The results page: tables and figures, from recorded results alone."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from experiments import charts
from experiments.charts import MINUS
from experiments.claims import CLAIMS, OURS, findings
from experiments.statistics import Interval
from experiments.summary import Experiment
from experiments.wording import between, markdown, number, plus_minus, setting
from sidebyside.translating.editions import Say, label, listed

# Adam of torch is in the tables. Its line would lie on that of Adam. Variants are in tables only.
DRAWN = {
    "sgd": "SGD",
    "adam": "Adam",
    "torch-adamw": "AdamW",
    "amsgrad": "AMSGrad",
    "radam": "RAdam",
    "adabelief-rectified": label("rectified"),
    "adabelief": "AdaBelief",
}
WALKERS = ("sgd", "adam", "adabelief")
# Top-1 accuracy of a ResNet18 on ImageNet: the AdaBelief paper, Table 2.
PAPER = {
    "sgd": 70.23, "adam": 63.79, "torch-adamw": 67.93, "radam": 67.62, "adabelief-1e-8": 70.08,
}  # fmt: skip


def table(experiment: Experiment, say: Say) -> str:
    """How each optimizer did, and how AdaBelief and Adam differ from it."""
    rows = []
    for name, title in experiment.titles.items():
        chosen = experiment.chosen(name)
        cells = [say(title), setting(chosen.lr) + ("†" if experiment.at_edge(name) else "")]
        cells += [setting(chosen.weight_decay), plus_minus(experiment.finals(name), say)]
        for champion in (OURS, "adam"):
            cells += beside(experiment, champion, name, say)
        rows.append(cells)
    columns = [say("optimizer"), say("step size"), say("decay"), say(experiment.data["metric"])]
    columns += [say("AdaBelief minus this one"), "AdaBelief", say("Adam minus this one"), "Adam"]
    inner = markdown(columns, rows)
    if any("†" in row[1] for row in rows):
        edge = say(
            "† the smallest or the largest step size that was tried; the best may lie beyond."
        )
        inner += f"\n\n{edge}"
    return folded(say("In numbers: {count} optimizers, each at its best", count=len(rows)), inner)


def beside(experiment: Experiment, champion: str, name: str, say: Say) -> list[str]:
    """By how much one optimizer differs from another, and what that says; nothing of itself."""
    if champion == name:
        return ["", ""]
    rivals = len(experiment.titles) - 1
    found = experiment.compare(experiment.finals(champion), experiment.finals(name), rivals)
    name = "Adam" if champion == "adam" else "AdaBelief"
    return [between(found), verdict(name, found, experiment.higher, say)]


def folded(title: str, inner: str, kind: str = "note") -> str:
    """What a reader may open."""
    lines = (f"    {line}".rstrip() for line in inner.splitlines())
    return "\n".join([f'??? {kind} "{title}"', "", *lines])


def verdict(it: str, found: Interval | None, higher: bool, say: Say) -> str:
    """Who is better, in words that need no head of a column."""
    if found is None or found.sign == 0:
        same = found is not None and found.low == found.high
        return say("equal") if same else say("cannot tell")
    better = (found.sign > 0) == higher
    return say("**{optimizer} is better**" if better else "**{optimizer} is worse**", optimizer=it)


def tuning(experiment: Experiment, say: Say) -> str:
    """All that was tried, and its mean on the validation set."""
    rows = []
    for name, title in experiment.titles.items():
        chosen = experiment.chosen(name)
        for tried in experiment.tuning(name):
            same = (tried.lr, tried.weight_decay) == (chosen.lr, chosen.weight_decay)
            score = number(tried.score, 4)
            marked = say("**{score}**, chosen", score=score) if same else score
            rows.append([say(title), setting(tried.lr), setting(tried.weight_decay), marked])
    columns = [say("optimizer"), say("step size"), say("decay"), say("validation")]
    inner = markdown(columns, rows)
    if any(row[3] == "–" for row in rows):
        diverged = say("– a run with this setting diverged.")
        inner += f"\n\n{diverged}"
    title = say("Tuning: the {count} settings that were tried", count=len(rows))
    return folded(title, inner, "note on-screen")  # sheets of it, on paper


def accuracy(experiments: dict[str, Experiment], say: Say) -> str:
    """Whether the paper's better accuracy can be seen, in a sentence."""
    (claim,) = (claim for claim in CLAIMS if claim.name == "right")
    found = list(findings(claim, experiments))
    if decided := [finding for finding in found if finding.verdict != "open"]:
        return say(
            "**In {decided} of {all} comparisons on images, the accuracies differ by more than"
            " chance.** [They are below](#right).",
            decided=len(decided),
            all=len(found),
        )
    ends = [end for one in found if (i := one.interval) for end in (i.low, i.high)]
    low, high = (f"{end:.1f}".replace("-", MINUS) for end in (min(ends), max(ends)))
    return say(
        "**Whether AdaBelief generalizes as well as others, or better, cannot be told at this"
        " scale.** In none of [{all} comparisons on images](#right) do the accuracies differ by"
        " more than chance. Nor are they shown to be equal: the intervals reach from {low} to"
        " {high} points.",
        all=len(found),
        low=low,
        high=high,
    )


def figures(experiment: Experiment, say: Say) -> str:
    """The experiment's figures, with their data."""
    if "picture" in experiment.data:
        drawings = [walk_figure(experiment, say)]
    else:
        kinds = {"test": say(experiment.data["metric"]), "loss": say("training loss")}
        if experiment.task in ("gan", "trap"):
            # A critic's loss says little, and the trap's is the gradient times the place.
            del kinds["loss"]
        drawings = [curve_figure(experiment, *kind, say) for kind in kinds.items()]
    names = WALKERS if "picture" in experiment.data else tuple(DRAWN)
    keys = "".join(
        f"<li>{charts.sample(name)} {escape(say(experiment.titles[name]))}</li>" for name in names
    )
    return f'<div class="charts among">{"".join(drawings)}</div><ul class="key">{keys}</ul>'


def curve_figure(experiment: Experiment, what: str, metric: str, say: Say) -> str:
    """Means with bands of one standard error."""
    curves = {name: experiment.curve(name, what) for name in DRAWN}
    ends = [
        f"{say(experiment.titles[name])} {number(curve[-1][1])}"
        for name, curve in curves.items()
        if curve
    ]
    count = len(experiment.reports[OURS])
    title = f"{say(experiment.data['title'])}: {metric}"
    text = say(
        "Means of {count} seeds, with bands of one standard error, over the steps. At the end:"
        " {ends}.",
        count=count,
        ends=listed(ends, say),
    )
    name = f"{experiment.task}-{what}"
    log = experiment.task == "gan" or (what == "loss" and experiment.task == "digits")
    names = {series: say(short) for series, short in DRAWN.items()}
    steps = experiment.data["steps"]
    drawing = charts.lines(
        name, title, text, metric, curves, say("step"), log=log, steps=steps, names=names
    )
    metric = metric[0].upper() + metric[1:]
    caption = say(
        "{metric}: means of {count} seeds ± one standard error.", metric=metric, count=count
    )
    return f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>"


def walk_figure(experiment: Experiment, say: Say) -> str:
    """Three walks over the surface."""
    title = say("Walks on {surface}", surface=say(experiment.data["title"]))
    ends = []
    for name in WALKERS:
        record = experiment.reports[name][0]["record"]
        settled, last = experiment.finals(name)[0], record["step"][-1]
        so = "{optimizer} has settled after {steps} steps"
        if settled == last:
            so = "{optimizer} has not settled after {steps} steps"
        ends.append(say(so, optimizer=say(experiment.titles[name]), steps=number(settled)))
    text = say(
        "Three walks from the same place towards the lowest point. {ends}.", ends=listed(ends, say)
    )
    picture = experiment.data["picture"]
    drawing = charts.walks(f"{experiment.task}-walk", title, text, picture, list(WALKERS))
    caption = say(
        "Seed 0, each at its tuned step size, from the dot towards the cross. The stronger the"
        " shade, the higher."
    )
    return f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>"


def made(experiment: Experiment, say: Say) -> str:
    """How many runs there were, where their numbers are, and folded, by what they were made."""
    data, makers = experiment.data, experiment.data["made"]
    versions = [
        f"`{name} {', '.join(values)}`"
        for name, values in makers.items()
        if name not in NOT_VERSIONS
    ]
    told = say(
        "At commit {commits}, on {machines}, with {versions}.",
        commits=listed(makers["commit"], say),
        machines=listed(map(say, makers["machine"]), say),
        versions=listed(versions, say),
    )
    text = say(
        "{runs} runs of {steps} steps, with betas ({betas}). [All numbers]({file}).",
        runs=len(data["rows"]),
        steps=data["steps"],
        betas=", ".join(f"{beta:g}" for beta in data["betas"]),
        file=f"results/{experiment.task}.json",
    )
    commands = [f"* `{command}`" for command in makers["command"]]
    text += "\n\n" + folded(say("What made them"), "\n".join([*commands, "", told]))
    if not experiment.stale:
        return text
    warning = say("The code of this experiment has changed since. Run `make experiments`.")
    return f'!!! warning "{say("Stale")}"\n\n    {warning}\n\n{text}'


NOT_VERSIONS = ("commit", "machine", "command")


def paper(experiments: dict[str, Experiment], say: Say) -> str:
    """The paper's figures beside ours."""
    hard = experiments["digits-hard"]
    rows = [
        [say(hard.titles[name]), f"{theirs:.2f}", plus_minus(hard.finals(name), say)]
        for name, theirs in PAPER.items()
    ]
    columns = [say("optimizer"), say("paper: ImageNet, %"), say("here: harder digits, %")]
    return markdown(columns, rows, 1)


def twins(experiments: dict[str, Experiment], say: Say) -> str:
    """How often our Adam and torch's ended with the same number."""
    rows = []
    for experiment in experiments.values():
        pairs = list(zip(experiment.finals("adam"), experiment.finals("torch-adam"), strict=True))
        settings = [experiment.chosen(name) for name in ("adam", "torch-adam")]
        if settings[0] == settings[1]:
            rows.append(sum(ours == theirs for ours, theirs in pairs))
    return say(
        "Our Adam and torch's chose the same step size in {chosen} of {all} experiments. There,"
        " {alike} of {pairs} pairs of runs ended with the same five digits.",
        chosen=len(rows),
        all=len(experiments),
        alike=sum(rows),
        pairs=len(rows) * len(pairs),
    )


def timing(data: dict[str, Any], say: Say) -> str:
    """Time per step."""
    rows = [
        [
            say(row["title"]),
            number(row["step"]),
            number(row["whole"]),
            between(Interval(*row["ratio"])),
        ]
        for row in data["rows"]
    ]
    columns = [say("optimizer"), say("its step, µs"), say("whole step, µs")]
    columns.append(say("its step / that of torch's Adam"))
    how = say(
        "Medians of {rounds} rounds in turn, {steps} steps each, on the network for digits"
        " ({tensors} small tensors), one thread. The last column is the geometric mean of the"
        " ratios within a round, with an interval; all of them together are right with 95 %. The"
        " machine's load average was {load}.",
        **data["how"],
    )
    return f"{markdown(columns, rows, 1)}\n\n{how}"


def parse(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    return data
