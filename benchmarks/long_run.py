"""
A million steps on a tiny problem: does the count stay right, the memory flat, the pace the same?

    python -m benchmarks.long_run --to FILE.json

One vector is pulled towards zero by noisy gradients that never vanish. The run is cut into ten
parts. Each says what a step cost, what the process held at its end, and whether the count was
right. The cost is processor time of one thread, so that a busy machine does not look like drift.
"""

import argparse
import gc
import json
import platform
import resource
import time
import tracemalloc
from pathlib import Path
from typing import Any

import torch

import labml_nn_optim

PARTS = 10
LEAK_STEPS = 1000  # within which what Python holds is compared


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_run")
    parser.add_argument("--steps", type=int, default=1_000_000, help="default: a million")
    parser.add_argument("--optimizer", default="AdaBelief", help="a class; default: AdaBelief")
    parser.add_argument("--fused", action="store_true", help="the compiled step")
    parser.add_argument("--to", type=Path, help="file to write the result to")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    result = {
        "machine": f"{platform.machine()}, one thread, torch {torch.__version__}",
        "optimizer": arguments.optimizer,
        "fused": arguments.fused,
        **run(getattr(labml_nn_optim, arguments.optimizer), arguments.fused, arguments.steps),
    }
    print(json.dumps(result, indent=1))
    if arguments.to:
        arguments.to.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def run(kind: Any, fused: bool, steps: int) -> dict[str, Any]:
    torch.manual_seed(0)
    param = torch.randn(16, requires_grad=True)
    param.grad = torch.zeros_like(param)
    optimizer = kind([param], lr=1e-3, fused=fused)
    noise = list(torch.randn(1009, 16))

    def walk(first: int, last: int) -> None:
        for step in range(first, last):
            param.grad.copy_(param.detach()).add_(noise[step % 1009])
            optimizer.step()

    parts = []
    for last in range(steps // PARTS, steps + 1, steps // PARTS):
        begin = time.process_time()
        walk(last - steps // PARTS, last)
        spent = time.process_time() - begin
        gc.collect()
        parts.append(
            {
                "steps": last,
                "counted": optimizer.state[param]["step"].item(),
                "microseconds_per_step": round(1e6 * spent / (steps // PARTS), 1),
                "resident_mb": round(resident(), 1),
                "objects": len(gc.get_objects()),
                "largest_parameter": param.abs().max().item(),
            }
        )
    return {"python_bytes_gained_in_1000_steps": gained(walk, steps), "parts": parts}


def resident() -> float:
    """What the process holds in memory, in MB; where the system does not tell, the most it held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes where there is no /proc


def gained(walk: Any, steps: int) -> int:
    """Bytes that Python holds more of after another thousand steps."""
    tracemalloc.start()
    walk(steps, steps + LEAK_STEPS)  # the first ones fill what is kept once
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    walk(steps + LEAK_STEPS, steps + 2 * LEAK_STEPS)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


if __name__ == "__main__":
    main()
