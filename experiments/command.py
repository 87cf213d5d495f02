"""The command line of a single experiment, the same for all."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from experiments.optimizers import COMPETITORS, find
from experiments.runs import Run

LOGS = Path("logs")


def main(description: str | None, variants: dict[str, str], flag: str) -> None:
    """
    Read the command line and train once.

    `variants` are the values of the option named `flag`, and the tasks they stand for.
    """
    # Not at the top: the experiments import this module.
    from experiments import results, tasks
    from experiments.training import train

    options = read(description, variants, flag)
    torch.set_num_threads(1)  # results do not depend on the number of cores
    decay = options.weight_decay
    task = variants[options.variant]
    try:
        run = Run(
            task=task,
            optimizer=options.optimizer,
            lr=options.lr,
            weight_decay=find(options.optimizer).weight_decay if decay is None else decay,
            seed=options.seed,
            steps=tasks.find(task).steps if options.steps is None else options.steps,
        )
        folder = options.logs.resolve() / run.task / run.name
        record = train(tasks.make(run), folder, resume=options.resume)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    path = results.write(run, record, folder, results.command())
    print(f"test {record['test'][-1]:.4g}; all that was recorded is in {path}")


def read(description: str | None, variants: dict[str, str], flag: str) -> argparse.Namespace:
    """Understand the command line, or explain it."""
    parser = argparse.ArgumentParser(
        prog=f"python -m experiments.{Path(sys.argv[0]).stem}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ", ".join(COMPETITORS)
    add = parser.add_argument
    first = next(iter(variants))
    if len(variants) > 1:
        add(flag, dest="variant", choices=variants, default=first, help=f"(default: {first})")
    else:
        parser.set_defaults(variant=first)
    add("--optimizer", default="adabelief", metavar="NAME", help=f"one of {names}")
    add("--lr", type=float, default=1e-3, help="step size (default: 1e-3)")
    add("--weight-decay", type=float, help="(default: 0; for torch-adamw 0.01, as in torch)")
    add("--seed", type=int, default=0, help="of initialization and batches (default: 0)")
    add("--steps", type=int, help="how long to train (default: as on the results page)")
    add("--resume", action="store_true", help="go on where an interrupted run stopped")
    add("--logs", type=Path, default=LOGS, help="where runs are recorded (default: logs)")
    return parser.parse_args()
