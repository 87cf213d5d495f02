"""Fill "How fast is a step?" with what `make bench` recorded.

A line `<!-- speed: NAME -->` becomes a table or a chart made from docs/facts/speed.json. Whether a
target is met was computed from the samples; nobody types it. All words are said in the language of
the edition.
"""

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks are no installed package

from benchmarks import chart
from sidebyside.mkdocs.failing import read_recorded
from sidebyside.translating.editions import Say, label, listed, said

FACTS = Path("facts")
PLACE = re.compile(r"^<!-- speed: (\w+) -->$", re.MULTILINE)
WAYS = (label("plain"), label("fused"))  # also in the names of files


def on_page_markdown(markdown: str, config: MkDocsConfig, **_: Any) -> str:
    if not PLACE.search(markdown):
        return markdown
    folder = Path(config.docs_dir) / FACTS
    plugin: Any = config.plugins["sidebyside"]
    say: Say = plugin.say
    if not (folder / "speed.json").exists():
        nothing = say("*Not recorded yet; `make bench` does.*")
        return PLACE.sub(lambda _: said(nothing), markdown)
    facts = read_recorded(folder / "speed.json", "make bench")
    if facts["quick"]:
        raise PluginError(f"{folder}: a quick run says nothing about speed; run `make bench`")
    facts["long_runs"] = {
        way: read_recorded(folder / f"long-run-{way}.json", "make long-run") for way in WAYS
    }
    return PLACE.sub(lambda place: said(filled(place[1], facts, say)), markdown)


def filled(name: str, facts: dict[str, Any], say: Say) -> str:
    if name in chart.CHARTS:
        drawing = chart.CHARTS[name](facts["summary"], say)
        return f'<figure class="speed">\n{drawing}</figure>'
    if name not in TABLES:
        raise PluginError(
            f"speed: no table {name!r}; there are {', '.join([*TABLES, *chart.CHARTS])}"
        )
    return TABLES[name](facts, say)


def targets(facts: dict[str, Any], say: Say) -> str:
    """What was promised, what was measured, and whether the promise was kept."""
    rows = [target_row(target, say) for target in facts["summary"]["targets"]]
    return to_markdown([say("what"), say("target"), say("measured"), say("verdict")], rows)


def target_row(target: dict[str, Any], say: Say) -> list[str]:
    unit, sign = target["unit"], "≥" if target["at_least"] else "≤"
    space = "\N{NO-BREAK SPACE}"
    unit = space + unit if unit else ""
    what = say(target["what"])
    if "where" in target:
        what = say("{what} ({where})", what=what, where=say(target["where"]))
    goal = f"{sign}{space}{target['limit']:g}{unit}"
    if target["value"] is None:
        return [what, goal, say("not measured"), "–"]
    verdicts = {True: say("met"), False: say("**not met**"), None: say("cannot tell")}
    counted = isinstance(target["limit"], int)
    value = f"{target['value']:.0f}" if counted else number(target["value"])
    if target["low"] != target["high"]:
        unit += f" <small>({number(target['low'])}–{number(target['high'])})</small>"
    return [what, goal, f"{value}{unit}", verdicts[target["met"]].replace(" ", space)]


def numbers(facts: dict[str, Any], say: Say) -> str:
    """Everyone on every workload, as multiples of the reference."""
    workloads = facts["summary"]["workloads"]
    names = dict.fromkeys(name for each in facts["workloads"] for name in each["subjects"])
    rows = []
    for name in names:
        cells = [times(each["rows"].get(name, {}).get("to_reference")) for each in workloads]
        rows.append([say(name), *cells])
    return to_markdown([say("optimizer"), *(say(each["name"]) for each in workloads)], rows)


def absolute(facts: dict[str, Any], say: Say) -> str:
    """Milliseconds of the reference, so that every ratio can be turned into a time."""
    rows = []
    for measured, each in zip(facts["workloads"], facts["summary"]["workloads"], strict=True):
        if "torch Adam, fused" not in each["rows"]:
            continue
        time = each["rows"]["torch Adam, fused"]["milliseconds"]
        size = f"{measured['tensors']:,}", f"{measured['parameters']:,}"
        rounds = str(sum(len(heat["torch Adam, fused"]) for heat in measured["heats"]))
        spread = f"{number(time['median'])} ({number(time['low'])}–{number(time['high'])})"
        rows.append([say(each["name"]), *size, spread, rounds])
    columns = [say("workload"), say("tensors"), say("parameters"), say("torch's fused Adam, ms")]
    return to_markdown([*columns, say("samples")], rows)


def compiling(facts: dict[str, Any], say: Say) -> str:
    """Seconds, and programs."""
    rows = []
    for fact in facts["compiling"]:
        cells = [say(fact["subject"]), say(fact["workload"])]
        for state in ("cold", "warm"):
            value = fact.get(state, {}).get("seconds")
            cells.append(say("not measured") if value is None else f"{value:.3f} s")
        rows.append([*cells, str(fact["cold"].get("programs", "–"))])
    columns = [say("optimizer"), say("on"), say("nothing cached"), say("cached"), say("programs")]
    return to_markdown(columns, rows)


def memory(facts: dict[str, Any], say: Say) -> str:
    """What is kept from step to step, and the peak of one step, as shares of the parameters."""
    names = dict.fromkeys(name for each in facts["workloads"] for name in each["subjects"])
    rows = []
    for name in names:
        all_of_it = [each["subjects"].get(name, {}) for each in facts["workloads"]]
        if name != "memory floor" and any("peak_share" in fact for fact in all_of_it):
            rows.append([say(name), *map(kept_and_peak, all_of_it)])
    workloads = [say(each["name"]) for each in facts["workloads"]]
    return to_markdown([say("kept + peak"), *workloads], rows)


def kept_and_peak(fact: dict[str, Any]) -> str:
    if "peak_share" not in fact:
        return "–"
    return f"{fact['kept_share']:.2f} + {fact['peak_share']:.2f}"


def profiles(facts: dict[str, Any], say: Say) -> str:
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
                say(each["workload"]),
                str(each["tensors"]),
                *map(number, cells),
                pace,
                *map(number, others),
            ]
        )
    beside = [say("{name}, ms", name=say(name)) for name in facts["profiles"][0]["beside"]]
    columns = [say("workload"), say("tensors"), say("step, ms"), say("compiled function, ms")]
    return to_markdown([*columns, say("everything else, ms"), "GB/s", *beside], rows)


def control(facts: dict[str, Any], say: Say) -> str:
    """How far from 1 a ratio may be that should be 1."""
    rows = {each["name"]: each["rows"] for each in facts["summary"]["workloads"]}
    found = [
        (name, row["torch AdamW, fused"]["to_reference"]["median"])
        for name, row in rows.items()
        if row.get("torch AdamW, fused", {}).get("to_reference")
    ]
    cells = [say("{ratio} on {name}", ratio=number(ratio), name=say(name)) for name, ratio in found]
    return say("It was {ratios}.", ratios=listed(cells, say))


def small(facts: dict[str, Any], say: Say) -> str:
    """Our compiled step on single tensors, beside torch's."""
    cells = [
        say(
            "{ratio} at {size}",
            ratio=number(each["rows"]["our AdaBelief, fused"]["to_reference"]["median"]),
            size=each["name"],
        )
        for each in facts["summary"]["growth"]
    ]
    return say("Multiples of torch's fused Adam: {ratios}.", ratios=listed(cells, say))


def a_million(facts: dict[str, Any], say: Say) -> str:
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
    columns = [f"{say(way)}, {unit}" for way in WAYS for unit in ("µs", "MB")]
    return to_markdown([say("up to step"), *columns], rows)


def unavailable(facts: dict[str, Any], say: Say) -> str:
    """Who is missing where, and why."""
    missing: dict[tuple[str, str], list[str]] = {}
    for workload in facts["workloads"]:
        for name, fact in workload["subjects"].items():
            if "unavailable" in fact:
                missing.setdefault((name, fact["unavailable"]), []).append(say(workload["name"]))
    lines = [
        say(
            "{name}, on {workloads}: {why}", name=say(name), workloads=listed(on, say), why=say(why)
        )
        for (name, why), on in missing.items()
    ]
    return "\n".join(f"- {line}" for line in lines or [say("Nobody is missing.")])


def machine(facts: dict[str, Any], say: Say) -> str:
    """On what, with what, and when."""
    about = facts["machine"]
    known = [f"`{name} {version}`" for name, version in about["packages"].items() if version]
    lines = [
        say("{cpu}, {cores} cores, {memory_gib} GiB, {system}; {threads} threads", **about),
        *[say("freed memory is kept")] * about["freed_memory_is_kept"],
        listed([f"`Python {about['python']}`", *known], say),
        say("`{command}` at commit {commit}, {date}", **about),
        say("load of the machine before it began: {load}", **about),
    ]
    return "\n".join(f"- {line}" for line in lines)


TABLES = {"targets": targets, "numbers": numbers, "absolute": absolute, "compiling": compiling,
          "memory": memory, "profiles": profiles, "unavailable": unavailable,
          "machine": machine, "million": a_million, "control": control, "small": small}  # fmt: skip


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
