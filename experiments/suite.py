"""Run all experiments, or go on where they were stopped, and record the results."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import torch

from experiments import report, results, tasks
from experiments.command import LOGS
from experiments.plan import DESIGNS, Plan
from experiments.results import Result
from experiments.runs import Run
from experiments.training import train

QUICK_STEPS = 6
GUESS = 4.0  # seconds for a run, until the first of its kind is done


class Store:
    """Results on disk, each read once."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.known: dict[Run, Result] = {}
        self.refused: dict[Run, str] = {}

    def find(self, run: Run) -> Result | None:
        """A run's result, or none when it has to be done."""
        if run not in self.known:
            result, state = results.read(run, self.logs)
            if result is None:
                if state != "absent":
                    self.refused[run] = state
                return None
            self.known[run] = result
        return self.known[run]


def work(run: Run, logs: Path, command: str) -> tuple[Run, float]:
    """Do one run, in a process of its own; returns how long it took."""
    start = time.perf_counter()
    folder = logs / run.task / run.name
    record = train(tasks.make(run), folder, alone=False)
    results.write(run, record, folder, command)
    return run, time.perf_counter() - start


def prepare() -> None:
    """A worker uses one core, and leaves Ctrl-C to the program that started it."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Progress:
    """A line with what was done last, how many are done, and about how long the rest takes."""

    def __init__(self, plans: list[Plan], workers: int) -> None:
        self.total = {plan.task: plan.count() for plan in plans}
        self.done = Counter[str]()
        self.times: dict[str, list[float]] = {}
        self.workers = workers

    def left(self) -> float:
        """Seconds, from the mean time of each kind of run."""
        seconds = 0.0
        for task, total in self.total.items():
            times = self.times.get(task)
            each = sum(times) / len(times) if times else GUESS
            seconds += (total - self.done[task]) * each
        return seconds / self.workers

    def show(self, text: str) -> None:
        minutes, seconds = divmod(round(self.left()), 60)
        line = f"{sum(self.done.values())} of {sum(self.total.values())} runs, {text}, "
        line += f"about {minutes} min {seconds:02d} s left"
        terminal = sys.stderr.isatty()
        start, end = ("\r\033[K", "") if terminal else ("", "\n")
        print(start + line, end=end, file=sys.stderr, flush=True)


def run_all(plans: list[Plan], store: Store, workers: int) -> None:
    """Do what is missing, stage after stage, until nothing is."""
    progress = Progress(plans, workers)
    # "spawn": a copy of a process in which torch has started threads may hang.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=prepare)
    try:
        for plan in plans:
            while missing := plan.missing(store.find):
                progress.done[plan.task] = known(plan, store)
                tell_refused(store)
                futures = [pool.submit(work, run, store.logs, results.command()) for run in missing]
                for future in as_completed(futures):
                    run, seconds = future.result()
                    progress.done[plan.task] += 1
                    progress.times.setdefault(plan.task, []).append(seconds)
                    progress.show(f"{run.task} {run.name}")
            progress.done[plan.task] = progress.total[plan.task]
    except BaseException:
        # Ctrl-C among others: runs under way end in seconds, and are kept; the rest is not begun.
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def known(plan: Plan, store: Store) -> int:
    """How many runs of a plan are done."""
    return sum(run.task == plan.task for run in store.known)


def tell_refused(store: Store) -> None:
    """Say which results were not taken."""
    for state, count in Counter(store.refused.values()).items():
        files = "file is" if count == 1 else "files are"
        print(f"{count} result {files} {state}; done again", file=sys.stderr)
    store.refused.clear()


def record(plan: Plan, store: Store, folder: Path) -> Path:
    """Collect an experiment's results into one file."""
    rows = report.rows(plan, store.find)
    found = [result for run, result in store.known.items() if run.task == plan.task]
    return results.collect(
        report.about(plan, store.find), rows, found, folder / f"{plan.task}.json"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    add = parser.add_argument
    add("--only", nargs="+", metavar="TASK", help=f"some of {', '.join(DESIGNS)}")
    add("--quick", action="store_true", help="a rehearsal: few, short runs; nothing is recorded")
    add("--workers", type=int, default=2, help="processes, each on one core (default: 2)")
    add("--logs", type=Path, default=LOGS, help="where single runs are kept (default: logs)")
    options = parser.parse_args()
    try:
        names = [name for name in options.only or DESIGNS if tasks.find(name)]
    except ValueError as error:
        sys.exit(f"error: {error}")
    if options.workers < 1:
        sys.exit(f"error: --workers must be at least 1, got {options.workers}")
    logs = options.logs.resolve() / ("quick" if options.quick else "")
    steps = {name: QUICK_STEPS if options.quick else tasks.find(name).steps for name in names}
    plans = [Plan(name, steps[name], options.quick) for name in names]
    store = Store(logs)
    try:
        run_all(plans, store, options.workers)
    except KeyboardInterrupt:
        sys.exit("\ninterrupted; what is done is kept, the same command goes on from there")
    folder = logs / "results" if options.quick else results.RECORDED
    for plan in plans:
        print(f"recorded {record(plan, store, folder)}")
