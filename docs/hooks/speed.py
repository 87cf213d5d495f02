"""Fill "How fast is a step?" with what `make bench` recorded.

A line `<!-- speed: NAME -->` becomes a table made from docs/facts/speed.json, or a chart that was
drawn beside it. Whether a target is met was computed from the samples; nobody types it.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from sidebyside.failing import read_recorded

FACTS = Path("facts")
PLACE = re.compile(r"^<!-- speed: (\w+) -->$", re.MULTILINE)
CHARTS = ("ratios", "growth")
WAYS = ("plain", "fused")


def on_page_markdown(markdown: str, config: MkDocsConfig, **_: Any) -> str:
    if not PLACE.search(markdown):
        return markdown
    folder = Path(config.docs_dir) / FACTS
    if not (folder / "speed.json").exists():
        return PLACE.sub("*Not recorded yet; `make bench` does.*", markdown)
    facts = read_recorded(folder / "speed.json", "make bench")
    try:
        charts = {name: (folder / f"speed-{name}.svg").read_text("utf-8") for name in CHARTS}
    except (OSError, ValueError) as error:
        raise PluginError(f"{folder}: {error}; run `make bench`") from error
    if facts["quick"]:
        raise PluginError(f"{folder}: a quick run says nothing about speed; run `make bench`")
    facts["long_runs"] = {
        way: read_recorded(folder / f"long-run-{way}.json", "make long-run") for way in WAYS
    }
    return PLACE.sub(lambda place: filled(place[1], facts, charts), markdown)


def filled(name: str, facts: dict[str, Any], charts: dict[str, str]) -> str:
    if name in charts:
        style = "width: 100%; max-width: 26rem; margin: 1em 0"
        return f'<figure style="{style}">\n{charts[name]}</figure>'
    if name not in TABLES:
        raise PluginError(f"speed: no table {name!r}; there are {', '.join([*TABLES, *charts])}")
    return TABLES[name](facts)


def targets(facts: dict[str, Any]) -> str:
    """What was promised, what was measured, and whether the promise was kept."""
    rows = []
    for target in facts["summary"]["targets"]:
        unit, sign = target["unit"], "≥" if target["at_least"] else "≤"
        space = "\N{NO-BREAK SPACE}"
        unit = space + unit if unit else ""
        goal = f"{sign}{space}{target['limit']:g}{unit}"
        if target["value"] is None:
            rows.append([target["what"], goal, "not measured", "–"])
        else:
            verdict = "met" if target["met"] else f"**not{space}met**"
            counted = isinstance(target["limit"], int)
            value = f"{target['value']:.0f}" if counted else number(target["value"])
            rows.append([target["what"], goal, f"{value}{unit}", verdict])
    return to_markdown(["what", "target", "measured", "verdict"], rows)


def numbers(facts: dict[str, Any]) -> str:
    """Everyone on every workload, as multiples of the reference."""
    workloads = facts["summary"]["workloads"]
    names = dict.fromkeys(name for each in facts["workloads"] for name in each["subjects"])
    rows = []
    for name in names:
        cells = [times(each["rows"].get(name, {}).get("to_reference")) for each in workloads]
        rows.append([name, *cells])
    return to_markdown(["optimizer", *(each["name"] for each in workloads)], rows)


def absolute(facts: dict[str, Any]) -> str:
    """Milliseconds of the reference, so that every ratio can be turned into a time."""
    rows = []
    for measured, each in zip(facts["workloads"], facts["summary"]["workloads"], strict=True):
        if "torch Adam, fused" not in each["rows"]:
            continue
        time = each["rows"]["torch Adam, fused"]["milliseconds"]
        size = f"{measured['tensors']:,}", f"{measured['parameters']:,}"
        rounds = str(sum(len(heat["torch Adam, fused"]) for heat in measured["heats"]))
        spread = f"{number(time['median'])} ({number(time['low'])}–{number(time['high'])})"
        rows.append([each["name"], *size, spread, rounds])
    columns = ["workload", "tensors", "parameters", "torch's fused Adam, ms", "samples"]
    return to_markdown(columns, rows)


def compiling(facts: dict[str, Any]) -> str:
    """Seconds, and programs."""
    rows = []
    for fact in facts["compiling"]:
        cells = [fact["subject"], fact["workload"]]
        for state in ("cold", "warm"):
            value = fact.get(state, {}).get("seconds")
            cells.append("not measured" if value is None else f"{value:.3f} s")
        rows.append([*cells, str(fact["cold"].get("programs", "–"))])
    return to_markdown(["optimizer", "on", "nothing cached", "cached", "programs"], rows)


def memory(facts: dict[str, Any]) -> str:
    """What is kept from step to step, and the peak of one step, as shares of the parameters."""
    names = dict.fromkeys(name for each in facts["workloads"] for name in each["subjects"])
    rows = []
    for name in names:
        all_of_it = [each["subjects"].get(name, {}) for each in facts["workloads"]]
        if name != "memory floor" and any("peak_share" in fact for fact in all_of_it):
            rows.append([name, *map(kept_and_peak, all_of_it)])
    return to_markdown(["kept + peak", *(each["name"] for each in facts["workloads"])], rows)


def kept_and_peak(fact: dict[str, Any]) -> str:
    if "peak_share" not in fact:
        return "–"
    return f"{fact['kept_share']:.2f} + {fact['peak_share']:.2f}"


def profiles(facts: dict[str, Any]) -> str:
    """Where the time of one step goes, on one workload after the other."""
    rows = []
    for each in facts["profiles"]:
        cells = [
            each[what] / 1000
            for what in ("microseconds", "compiled_microseconds", "rest_microseconds")
        ]
        others = [value / 1000 for value in each["beside"].values()]
        pace = f"{each['gigabytes_per_second']:.0f}"
        rows.append(
            [
                each["workload"],
                str(each["tensors"]),
                *map(number, cells),
                pace,
                *map(number, others),
            ]
        )
    beside = [f"{name}, ms" for name in facts["profiles"][0]["beside"]]
    columns = [
        "workload",
        "tensors",
        "step, ms",
        "compiled function, ms",
        "everything else, ms",
        "GB/s",
    ]
    return to_markdown([*columns, *beside], rows)


def a_million(facts: dict[str, Any]) -> str:
    """What a step costs and what the process holds, in each tenth of a long run."""
    rows = []
    runs = [facts["long_runs"][way] for way in WAYS]
    for parts in zip(*(run["parts"] for run in runs), strict=True):
        cells = [f"{parts[0]['steps']:,}"]
        for part in parts:
            if part["counted"] != part["steps"]:
                raise PluginError(f"after {part['steps']} steps, {part['counted']} were counted")
            cells += [number(part["microseconds_per_step"]), f"{part['resident_mb']:.0f}"]
        rows.append(cells)
    columns = ["up to step", *(f"{way}, {unit}" for way in WAYS for unit in ("µs", "MB"))]
    return to_markdown(columns, rows)


def unavailable(facts: dict[str, Any]) -> str:
    """Who is missing where, and why."""
    missing: dict[tuple[str, str], list[str]] = {}
    for workload in facts["workloads"]:
        for name, fact in workload["subjects"].items():
            if "unavailable" in fact:
                missing.setdefault((name, fact["unavailable"]), []).append(workload["name"])
    lines = [f"- {name}, on {', '.join(on)}: {why}" for (name, why), on in missing.items()]
    return "\n".join(lines) or "- Nobody is missing."


def machine(facts: dict[str, Any]) -> str:
    """On what, with what, and when."""
    about = facts["machine"]
    known = [f"{name} {version}" for name, version in about["packages"].items() if version]
    lines = [
        f"{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, {about['system']}; "
        f"{about['threads']} threads" + "; freed memory is kept" * about["freed_memory_is_kept"],
        f"Python {about['python']}; {', '.join(known)}",
        f"`{about['command']}` at commit {about['commit']}, {about['date']}; "
        f"load of the machine before it began: {about['load']}",
    ]
    return "\n".join(f"- {line}" for line in lines)


TABLES = {"targets": targets, "numbers": numbers, "absolute": absolute, "compiling": compiling,
          "memory": memory, "profiles": profiles, "unavailable": unavailable,
          "machine": machine, "million": a_million}  # fmt: skip


def times(spread: dict[str, float] | None) -> str:
    """A ratio, with the quartiles of its spread."""
    if spread is None:
        return "–"
    low, middle, high = (number(spread[end]) for end in ("low", "median", "high"))
    return middle if low == high else f"{middle} <small>({low}–{high})</small>"


def number(value: float) -> str:
    """Two digits after the point where the first counts, fewer where it does not."""
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def to_markdown(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---", *["--:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
