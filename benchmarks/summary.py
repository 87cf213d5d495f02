"""
From samples to statements: medians, spreads, ratios, and whether the targets are met.

Needs no torch, and looks at nothing but what was recorded.
"""

from collections.abc import Iterable
from statistics import quantiles
from typing import Any

REFERENCE = "torch Adam, fused"
OURS, PLAIN, AUTHORS = "our AdaBelief, fused", "our AdaBelief, plain", "authors' AdaBelief"
ADAM, LOOP = "our Adam, plain", "torch Adam, for-loop"

Spread = dict[str, float]


def spread(values: Iterable[float]) -> Spread:
    """The median, and the quartiles around it."""
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return {"low": low, "median": middle, "high": high}


def ratio(workload: dict[str, Any], this: str, that: str) -> Spread | None:
    """How many times as long `this` takes: two times from one round make one ratio."""
    pairs = [
        (a, b)
        for heat in workload["heats"]
        if this in heat and that in heat
        for a, b in zip(heat[this], heat[that], strict=True)
    ]
    return spread(a / b for a, b in pairs) if pairs else None


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


def target(
    what: str, values: list[float | None], limit: float, unit: str = "×", at_least: bool = False
) -> dict[str, Any]:
    """The worst of the values decides; with one missing, nothing is decided."""
    if not values or any(value is None for value in values):
        return {"what": what, "limit": limit, "at_least": at_least, "unit": unit, "value": None}
    known = [value for value in values if value is not None]
    worst = min(known) if at_least else max(known)
    met = worst >= limit if at_least else worst <= limit
    return {"what": what, "limit": limit, "at_least": at_least, "unit": unit, "value": worst,
            "met": met}  # fmt: skip


def targets(results: dict[str, Any]) -> list[dict[str, Any]]:
    """What was promised before anything was measured."""
    workloads = {workload["name"]: workload for workload in results["workloads"]}

    def middle(workload: dict[str, Any], this: str, that: str) -> float | None:
        found = ratio(workload, this, that)
        return found["median"] if found else None

    def everywhere(this: str, that: str, growth: bool = False) -> list[float | None]:
        chosen = results["workloads"] + results["growth"] * growth
        return [middle(workload, this, that) for workload in chosen]

    def ours_on(name: str) -> list[float | None]:
        return [middle(workloads[name], OURS, REFERENCE)]

    def compiled(state: str, what: str) -> list[float | None]:
        return [fact.get(state, {}).get(what) for fact in results["compiling"]]

    def temporaries(name: str) -> list[float | None]:
        shares = [
            [workload["subjects"].get(each, {}).get("peak_share") for each in (name, LOOP)]
            for workload in results["workloads"]
        ]
        return [None if None in pair else pair[0] - pair[1] for pair in shares]

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
