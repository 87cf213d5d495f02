"""
How long one waits for the compiler: in a fresh process, with an empty cache and with a full one.

    python -m benchmarks.compiling "our AdaBelief, fused" "ResNet-34"

prints what one process measured. What counts is the time to trace, print, compile, load and try the
function, or to find it compiled. The time that the first twenty steps take beyond twenty later ones
is recorded beside it; those of RAdam and AdaBelief are plain steps at first. The step size changes
at each step, which must not compile anything anew.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import median
from typing import Any

SUBJECTS = ["our AdaBelief, fused", "our RAdam, fused", "our AMSGrad, fused", "our Adam, fused"]
STEPS = 20


def measure(subjects: list[str], workloads: list[str], quick: bool = False) -> list[dict[str, Any]]:
    """The first subject on each workload, the others on the first workload; cold, then warm."""
    pairs = [(subjects[0], workload) for workload in workloads]
    pairs += [(subject, workloads[0]) for subject in subjects[1:]]
    recorded = []
    for subject, workload in pairs:
        fact: dict[str, Any] = {"subject": subject, "workload": workload}
        with tempfile.TemporaryDirectory() as cache:
            for state in ("cold", "warm"):
                fact[state] = in_fresh_process(subject, workload, cache, quick)
                if "unavailable" in fact[state]:
                    break
        recorded.append(fact)
    return recorded


def in_fresh_process(subject: str, workload: str, cache: str, quick: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.compiling", subject, workload]
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    done = subprocess.run(
        command + ["--quick"] * quick, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        reason = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        return {"unavailable": reason}
    fact: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return fact


def in_this_process(subject: str, workload: str, quick: bool) -> dict[str, Any]:
    import torch

    from benchmarks import timing, workloads
    from benchmarks.subjects import BY_NAME
    from labml_nn_optim.engine import programs

    torch.set_num_threads(2)
    chosen = workloads.QUICK if quick else workloads.FULL
    making: list[float] = []
    make = programs._made

    def timed(recipe: Any) -> Any:
        begin = time.perf_counter()
        program = make(recipe)
        making.append(time.perf_counter() - begin)
        return program

    programs._made = timed
    shapes = next(each.shapes for each in chosen if each.name == workload)
    grads = timing.start(shapes)
    turn = timing.Turn(BY_NAME[subject], shapes, [grad.detach() for grad in grads])
    optimizer = turn.optimizer
    assert isinstance(optimizer, torch.optim.Optimizer)
    seconds = [turn.first]
    for step in range(2 * STEPS - 1):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 / (2 + step)
        seconds.append(turn.step())
    return {
        "seconds": sum(making),
        "first_steps_seconds": sum(seconds[:STEPS]) - STEPS * median(seconds[STEPS:]),
        "first_step_seconds": seconds[0],
        "later_step_seconds": median(seconds[STEPS:]),
        "programs": len(making),
    }


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    print(json.dumps(in_this_process(sys.argv[1], sys.argv[2], quick)))
