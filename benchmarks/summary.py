"""
From samples to statements: medians, spreads, ratios, and whether the targets are met.

Needs no torch, and looks at nothing but what was recorded.
"""

from collections.abc import Iterable
from math import comb, inf
from statistics import median, quantiles
from typing import Any

REFERENCE = "torch Adam, fused"
OURS, PLAIN, AUTHORS = "our AdaBelief, fused", "our AdaBelief, plain", "authors' AdaBelief"
ADAM, LOOP = "our Adam, plain", "torch Adam, for-loop"

Spread = dict[str, Any]


def spread(values: Iterable[float]) -> Spread:
    """The median, and the quartiles around it."""
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return {"low": low, "median": middle, "high": high}


def ratios(workload: dict[str, Any], this: str, that: str) -> list[float]:
    """How many times as long `this` takes: two times from one round make one ratio."""
    return [
        a / b
        for heat in workload["heats"]
        if this in heat and that in heat
        for a, b in zip(heat[this], heat[that], strict=True)
    ]


def ratio(workload: dict[str, Any], this: str, that: str) -> Spread | None:
    """The median of the ratios, and their quartiles."""
    found = ratios(workload, this, that)
    return spread(found) if found else None


def certain(values: Iterable[float]) -> Spread:
    """
    The median, and an interval that holds the true one with a probability of 95% or more.

    Whatever the distribution is: each value lies above its median or below it, as a coin falls.
    With five values or fewer the interval has no ends.
    """
    ordered = sorted(values)
    count, tail, outside = len(ordered), 0.0, -1
    while (tail := tail + comb(count, outside + 1) / 2**count) <= 0.025:
        outside += 1
    low, high = (ordered[outside], ordered[-1 - outside]) if outside >= 0 else (-inf, inf)
    return {"low": low, "median": median(ordered), "high": high}


def summarize(results: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of the samples."""
    return {
        "workloads": [summarize_workload(workload) for workload in results["workloads"]],
        "growth": [summarize_workload(workload) for workload in results["growth"]],
        "targets": targets(results),
    }


def summarize_workload(workload: dict[str, Any]) -> dict[str, Any]:
    names = dict.fromkeys(name for heat in workload["heats"] for name in heat)
    rows = {}
    for name in names:
        samples = [ms for heat in workload["heats"] for ms in heat.get(name, [])]
        relative = ratio(workload, name, REFERENCE)
        rows[name] = {"milliseconds": spread(samples), "to_reference": relative}
    return {"name": workload["name"], "parameters": workload["parameters"], "rows": rows}


def exact(value: float) -> Spread:
    """A number that is counted, or measured once."""
    return {"low": value, "median": value, "high": value}


def target(
    what: str, values: list[Spread | None], limit: float, unit: str = "×", at_least: bool = False
) -> dict[str, Any]:
    """
    The worst of the values decides, and is shown: the one that reaches farthest to the wrong side,
    or stays farthest there. With one missing, nothing is decided.

    `where` names its workload. The target is met if all of their intervals are on its side, and not
    met if one is wholly on the other. In between, these samples cannot tell, and `met` is None.
    """
    goal = {"what": what, "limit": limit, "at_least": at_least, "unit": unit}
    known = [value for value in values if value is not None]
    if not values or len(known) < len(values):
        return {**goal, "value": None}
    bad, good = ("low", "high") if at_least else ("high", "low")
    farthest = min if at_least else max
    worst = farthest(known, key=lambda value: value[good])
    met: bool | None = None
    if worst[good] < limit if at_least else worst[good] > limit:
        met = False
    else:
        worst = farthest(known, key=lambda value: value[bad])
        if worst[bad] >= limit if at_least else worst[bad] <= limit:
            met = True
    shown = {each: worst[each] for each in ("low", "high", "where") if each in worst}
    return {**goal, "value": worst["median"], **shown, "met": met}


def targets(results: dict[str, Any]) -> list[dict[str, Any]]:
    """What was promised before anything was measured."""
    workloads = {workload["name"]: workload for workload in results["workloads"]}

    def middle(workload: dict[str, Any], this: str, that: str) -> Spread | None:
        found = ratios(workload, this, that)
        return certain(found) if found else None

    def everywhere(this: str, that: str, growth: bool = False) -> list[Spread | None]:
        chosen = results["workloads"] + results["growth"] * growth
        found = [(workload["name"], middle(workload, this, that)) for workload in chosen]
        return [value and {**value, "where": name} for name, value in found]

    def ours_on(name: str) -> list[Spread | None]:
        return [middle(workloads[name], OURS, REFERENCE)]

    def compiled(state: str, what: str) -> list[Spread | None]:
        found = [fact.get(state, {}).get(what) for fact in results["compiling"]]
        return [None if value is None else exact(value) for value in found]

    def temporaries(name: str) -> list[Spread | None]:
        shares = [
            [workload["subjects"].get(each, {}).get("peak_share") for each in (name, LOOP)]
            for workload in results["workloads"]
        ]
        return [None if None in pair else exact(pair[0] - pair[1]) for pair in shares]

    fused = "AdaBelief, fused, beside torch's fused Adam:"
    beside = "beside torch's for-loop, on the size where it does worst"
    return [
        target(f"{fused} 2 × 4096²", ours_on("2 × 4096²"), 0.97),
        target(f"{fused} ResNet-34", ours_on("ResNet-34"), 0.85),
        target(f"{fused} 600 × 32²", ours_on("600 × 32²"), 0.15),
        target(f"{fused} GPT-2 small", ours_on("GPT-2 small"), 0.95),
        target("the authors' AdaBelief, beside ours, fused, on the workload where it does best",
               everywhere(AUTHORS, OURS), 5.0, at_least=True),
        target(f"Adam, plain, {beside}", everywhere(ADAM, LOOP, growth=True), 1.0),
        target(f"AdaBelief, plain, {beside}", everywhere(PLAIN, LOOP, growth=True), 1.0),
        target("Adam, plain: temporary memory beyond that of torch's for-loop, in copies of the "
               "parameters", temporaries(ADAM), 0.0, ""),
        target("compiling, nothing cached", compiled("cold", "seconds"), 0.5, "s"),
        target("compiling, when it is cached", compiled("warm", "seconds"), 0.05, "s"),
        target("programs compiled", compiled("cold", "programs"), 1, ""),
    ]  # fmt: skip
