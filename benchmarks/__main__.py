"""Measure, summarize, draw, write. `python -m benchmarks --help` lists the options."""

import argparse
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parents[1] / "docs" / "facts"
THREADS = 2  # fixed, so that results of larger machines compare


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny tensors: does everything work?")
    parser.add_argument("--seconds", type=float, default=30, help="for the rounds of one workload")
    parser.add_argument("--to", type=Path, help="folder to write to; default: docs/facts, or none")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        # What an earlier run compiled must not make this one look better.
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = os.environ["XDG_CACHE_HOME"] = cache
        os.environ["KINETO_LOG_LEVEL"] = "99"  # the profiler is talkative
        results = run(arguments.quick, arguments.seconds)
    folder = arguments.to or (None if arguments.quick else FACTS)
    report(results)
    if folder:
        write(results, folder)


def run(quick: bool, seconds: float) -> dict[str, Any]:
    """Everything that is measured, and the summary of it."""
    import torch

    from benchmarks import compiling, machine, profile, timing, workloads
    from benchmarks.subjects import GROWING, OURS, SUBJECTS
    from benchmarks.summary import summarize

    torch.set_num_threads(THREADS)
    command = "python -m benchmarks" + (" --quick" if quick else f" --seconds {seconds:g}")
    kept = machine.keep_freed_memory()
    about = {**machine.describe(THREADS, command), "freed_memory_is_kept": kept}
    results: dict[str, Any] = {"quick": quick, "machine": about}
    names = [workload.name for workload in workloads.FULL]
    if quick:
        plan = timing.Plan(rounds=(3, 3), turn=0, most_in_one=2)
        chosen, growing = workloads.QUICK, workloads.growing(range(3, 5))
        compiled = compiling.measure(compiling.SUBJECTS[:1], names[:1], quick)
    else:
        plan = timing.Plan(seconds=seconds)
        chosen, growing = workloads.FULL, workloads.growing(range(3, 9))
        compiled = compiling.measure(compiling.SUBJECTS, names[:3])
    results["compiling"] = compiled
    results["workloads"] = [told(timing.measure(each, SUBJECTS, plan)) for each in chosen]
    results["profiles"] = [profile.measure(OURS, each) for each in chosen[:3]]
    results["growth"] = [told(timing.measure(each, GROWING, plan)) for each in growing]
    # Summarized as it is written, so that whoever reads the file gets the same summary.
    results = rounded(results)
    return {**results, "summary": rounded(summarize(results))}


def told(recorded: dict[str, Any]) -> dict[str, Any]:
    print(f"measured {recorded['name']}", flush=True)
    return recorded


VERDICTS = {True: "met", False: "NOT MET", None: "?"}


def report(results: dict[str, Any]) -> None:
    """In short, on the terminal; the page has the rest."""
    for target in results["summary"]["targets"]:
        value = "not measured" if target["value"] is None else f"{target['value']:.2f}"
        sign = "≥" if target["at_least"] else "≤"
        verdict = VERDICTS[target["met"]] if "met" in target else ""
        print(f"{value:>12} {sign} {target['limit']:<5}{verdict:8} {target['what']}")
    missing = {
        f"{name}: {fact['unavailable']}"
        for workload in results["workloads"]
        for name, fact in workload["subjects"].items()
        if "unavailable" in fact
    }
    print(*sorted(missing), sep="\n")


def write(results: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1, ensure_ascii=False)
    text = re.sub(r"\[[^][{}\"]*\]", lambda numbers: " ".join(numbers[0].split()), text)
    (folder / "speed.json").write_text(text + "\n", encoding="utf-8")
    print(f"wrote {folder / 'speed.json'}")


def rounded(value: Any) -> Any:
    """Four digits are more than the clock can tell."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
